"""The Pod Security Standards `baseline` and `restricted`: what each of them finds wrong with a Pod.

Law: pure. A check takes a Pod's metadata and spec and returns its complaint, "" for none; the reason that goes before
the complaint in brackets belongs to the check. Words and order are upstream's: baseline first, each by its name.

Models k8s.io/pod-security-admission/policy (check_*.go, registry.go, helpers.go).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tinykube.objects import Obj, dig

LATEST = 1 << 30
"""A version later than any."""


@dataclass(frozen=True)
class Complaint:
    """What a check has against a Pod: in a few words, and in full."""

    reason: str
    detail: str

    def __str__(self) -> str:
        return f"{self.reason} ({self.detail})" if self.detail else self.reason


@dataclass(frozen=True)
class Check:
    """One check, and the minor version of the standards that it came with."""

    find: Callable[[Obj, Obj, int], Complaint | None]
    since: int = 0
    replaces: str = ""
    """The baseline check that this one of `restricted` is stricter than."""


def complaints(level: str, version: int, pod: Obj) -> list[Complaint]:
    """Everything that a standard has against a Pod, or against the template of one."""
    metadata, spec = pod.get("metadata") or {}, pod.get("spec") or {}
    chosen = dict(BASELINE) if level in ("baseline", "restricted") else {}
    if level == "restricted":
        stricter = {name: check for name, check in RESTRICTED.items() if check.since <= version}
        chosen = {**{k: v for k, v in chosen.items() if k not in {c.replaces for c in stricter.values()}}, **stricter}
    found = (check.find(metadata, spec, version) for check in chosen.values() if check.since <= version)
    return [complaint for complaint in found if complaint is not None]


# -- words ---------------------------------------------------------------------------------------------------


def _quoted(items: Iterable[str]) -> str:
    return ", ".join(f'"{item}"' for item in items)


def _plural(one: str, many: str, items: Iterable[Any]) -> str:
    return one if len(list(items)) == 1 else many


def _named(names: list[str]) -> str:
    return f"{_plural('container', 'containers', names)} {_quoted(names)}"


def _setters(spec: Obj, bad: Callable[[Obj], bool]) -> str:
    """Who sets in a security context what they should not: the Pod, some containers, or both."""
    found = ["pod"] if bad(spec.get("securityContext") or {}) else []
    names = [str(c.get("name")) for c in _containers(spec) if bad(c.get("securityContext") or {})]
    return " and ".join([*found, *([_named(names)] if names else [])])


def _containers(spec: Obj) -> Iterator[Obj]:
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        yield from spec.get(kind) or ()


def _contexts(spec: Obj) -> Iterator[tuple[str, Obj]]:
    """Each container's name and security context."""
    for container in _containers(spec):
        yield str(container.get("name")), container.get("securityContext") or {}


def _all_contexts(spec: Obj) -> Iterator[Obj]:
    yield spec.get("securityContext") or {}
    yield from (context for _, context in _contexts(spec))


def _windows(spec: Obj, version: int) -> bool:
    return version >= 25 and dig(spec, "os", "name") == "windows"


def _own_users(spec: Obj, version: int) -> bool:
    """In a user namespace, root is nobody in particular on the node."""
    return version >= 35 and spec.get("hostUsers") is False


# -- baseline ------------------------------------------------------------------------------------------------

_APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"


def _app_armor(metadata: Obj, spec: Obj, _version: int) -> Complaint | None:
    def bad(context: Obj) -> bool:
        return dig(context, "appArmorProfile", "type", default="") not in ("", "RuntimeDefault", "Localhost")

    if who := _setters(spec, bad):
        kinds = sorted({str(context["appArmorProfile"]["type"]) for context in _all_contexts(spec) if bad(context)})
        reason = _plural("forbidden AppArmor profile", "forbidden AppArmor profiles", kinds)
        return Complaint(reason, f"{who} must not set AppArmor profile type to {_quoted(kinds)}")
    notes = metadata.get("annotations") or {}
    found = [f'{k}="{v}"' for k, v in sorted(notes.items()) if k.startswith(_APP_ARMOR)
             if v not in ("", "runtime/default") and not str(v).startswith("localhost/")]  # fmt: skip
    reason = _plural("forbidden AppArmor profile", "forbidden AppArmor profiles", found)
    return Complaint(reason, ", ".join(found)) if found else None


_USUAL_CAPABILITIES = (
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
    "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
)  # fmt: skip


def _added(spec: Obj, allowed: tuple[str, ...]) -> str:
    found = {name: [c for c in dig(context, "capabilities", "add", default=None) or () if c not in allowed]
             for name, context in _contexts(spec)}  # fmt: skip
    names = [name for name, bad in found.items() if bad]
    listed = sorted({capability for bad in found.values() for capability in bad})
    return f"{_named(names)} must not include {_quoted(listed)} in securityContext.capabilities.add" if names else ""


def _capabilities(_metadata: Obj, spec: Obj, _version: int) -> Complaint | None:
    detail = _added(spec, _USUAL_CAPABILITIES)
    return Complaint("non-default capabilities", detail) if detail else None


def _host_namespaces(_metadata: Obj, spec: Obj, _version: int) -> Complaint | None:
    found = [f"{field}=true" for field in ("hostNetwork", "hostPID", "hostIPC") if spec.get(field)]
    return Complaint("host namespaces", ", ".join(found)) if found else None


def _host_paths(_metadata: Obj, spec: Obj, _version: int) -> Complaint | None:
    names = [str(v.get("name")) for v in spec.get("volumes") or () if v.get("hostPath") is not None]
    return Complaint("hostPath volumes", f"{_plural('volume', 'volumes', names)} {_quoted(names)}") if names else None


def _used(names: list[str], thing: tuple[str, str], values: list[str], listed: str) -> str:
    return f"{_named(names)} {_plural('uses', 'use', names)} {_plural(*thing, values)} {listed}"


def _host_ports(_metadata: Obj, spec: Obj, _version: int) -> Complaint | None:
    found = {str(c.get("name")): [str(p["hostPort"]) for p in c.get("ports") or () if p.get("hostPort")]
             for c in _containers(spec)}  # fmt: skip
    names, ports = (
        [name for name, ports in found.items() if ports],
        sorted({p for ports in found.values() for p in ports}),
    )
    if not names:
        return None
    return Complaint("hostPort", _used(names, ("hostPort", "hostPorts"), ports, ", ".join(ports)))


def _hosts(container: Obj) -> Iterator[str]:
    lifecycle = container.get("lifecycle") or {}
    handlers = [container.get(probe) for probe in ("livenessProbe", "readinessProbe", "startupProbe")]
    for handler in (*handlers, lifecycle.get("postStart"), lifecycle.get("preStop")):
        for kind in ("httpGet", "tcpSocket"):
            if host := dig(handler or {}, kind, "host", default=""):
                yield str(host)


def _probe_hosts(_metadata: Obj, spec: Obj, _version: int) -> Complaint | None:
    found = {str(c.get("name")): list(_hosts(c)) for c in _containers(spec)}
    names, hosts = sorted(n for n, bad in found.items() if bad), sorted({h for bad in found.values() for h in bad})
    if not names:
        return None
    thing = ("probe or lifecycle host", "probe or lifecycle hosts")
    return Complaint(thing[0], _used(names, thing, hosts, _quoted(hosts)))


def _privileged(_metadata: Obj, spec: Obj, _version: int) -> Complaint | None:
    names = [name for name, context in _contexts(spec) if context.get("privileged")]
    return Complaint("privileged", f"{_named(names)} must not set securityContext.privileged=true") if names else None


def _proc_mount(_metadata: Obj, spec: Obj, version: int) -> Complaint | None:
    found = {name: context.get("procMount") for name, context in _contexts(spec)}
    names = [name for name, mount in found.items() if mount not in (None, "Default")]
    if not names or _own_users(spec, version):
        return None
    kinds = sorted({str(found[name]) for name in names})
    return Complaint("procMount", f"{_named(names)} must not set securityContext.procMount to {_quoted(kinds)}")


def _se_linux(_metadata: Obj, spec: Obj, version: int) -> Complaint | None:
    types = (
        "",
        "container_t",
        "container_init_t",
        "container_kvm_t",
        *(("container_engine_t",) if version >= 31 else ()),
    )

    def options(context: Obj) -> Obj:
        return context.get("seLinuxOptions") or {}

    def bad(context: Obj) -> bool:
        wanted = options(context)
        return wanted.get("type", "") not in types or bool(wanted.get("user")) or bool(wanted.get("role"))

    who = _setters(spec, bad)
    if not who:
        return None
    wrong = sorted({str(options(c).get("type", "")) for c in _all_contexts(spec)} - set(types))
    listed = [f"{_plural('type', 'types', wrong)} {_quoted(wrong)}"] if wrong else []
    for field in ("user", "role"):
        if any(options(context).get(field) for context in _all_contexts(spec)):
            listed.append(f"{field} may not be set")
    return Complaint("seLinuxOptions", f"{who} set forbidden securityContext.seLinuxOptions: {'; '.join(listed)}")


def _bad_seccomp(context: Obj) -> bool:
    profile = context.get("seccompProfile")
    return profile is not None and profile.get("type") not in ("RuntimeDefault", "Localhost")


def _seccomp(_metadata: Obj, spec: Obj, _version: int) -> Complaint | None:
    who = _setters(spec, _bad_seccomp)
    if not who:
        return None
    kinds = sorted(
        {str(context["seccompProfile"].get("type")) for context in _all_contexts(spec) if _bad_seccomp(context)}
    )
    return Complaint("seccompProfile", f"{who} must not set securityContext.seccompProfile.type to {_quoted(kinds)}")


_SYSCTLS = {
    "kernel.shm_rmid_forced": 0, "net.ipv4.ip_local_port_range": 0, "net.ipv4.tcp_syncookies": 0,
    "net.ipv4.ping_group_range": 0, "net.ipv4.ip_unprivileged_port_start": 0, "net.ipv4.ip_local_reserved_ports": 27,
    "net.ipv4.tcp_keepalive_time": 29, "net.ipv4.tcp_fin_timeout": 29, "net.ipv4.tcp_keepalive_intvl": 29,
    "net.ipv4.tcp_keepalive_probes": 29, "net.ipv4.tcp_rmem": 32, "net.ipv4.tcp_wmem": 32,
}  # fmt: skip
"""Kernel settings that concern nobody but the Pod, and the version that came to see it so."""


def _sysctls(_metadata: Obj, spec: Obj, version: int) -> Complaint | None:
    wanted = [str(item.get("name")) for item in dig(spec, "securityContext", "sysctls", default=None) or ()]
    found = [name for name in wanted if _SYSCTLS.get(name, LATEST + 1) > version]
    return Complaint("forbidden sysctls", ", ".join(found)) if found else None


def _windows_host(_metadata: Obj, spec: Obj, _version: int) -> Complaint | None:
    who = _setters(spec, lambda context: dig(context, "windowsOptions", "hostProcess", default=None) is True)
    words = f"{who} must not set securityContext.windowsOptions.hostProcess=true"
    return Complaint("hostProcess", words) if who else None


BASELINE = {
    "appArmorProfile": Check(_app_armor),
    "capabilities_baseline": Check(_capabilities),
    "hostNamespaces": Check(_host_namespaces),
    "hostPathVolumes": Check(_host_paths),
    "hostPorts": Check(_host_ports),
    "hostProbesAndHostLifecycle": Check(_probe_hosts, 34),
    "privileged": Check(_privileged),
    "procMount": Check(_proc_mount),
    "seLinuxOptions": Check(_se_linux),
    "seccompProfile_baseline": Check(_seccomp, 19),
    "sysctls": Check(_sysctls),
    "windowsHostProcess": Check(_windows_host),
}


# -- restricted ----------------------------------------------------------------------------------------------


def _escalation(_metadata: Obj, spec: Obj, version: int) -> Complaint | None:
    names = [name for name, context in _contexts(spec) if context.get("allowPrivilegeEscalation") is not False]
    if not names or _windows(spec, version):
        return None
    words = f"{_named(names)} must set securityContext.allowPrivilegeEscalation=false"
    return Complaint("allowPrivilegeEscalation != false", words)


def _dropped(_metadata: Obj, spec: Obj, version: int) -> Complaint | None:
    if _windows(spec, version):
        return None
    names = [name for name, context in _contexts(spec)
             if "ALL" not in (dig(context, "capabilities", "drop", default=None) or ())]  # fmt: skip
    missing = f'{_named(names)} must set securityContext.capabilities.drop=["ALL"]' if names else ""
    found = [words for words in (missing, _added(spec, ("NET_BIND_SERVICE",))) if words]
    return Complaint("unrestricted capabilities", "; ".join(found)) if found else None


_VOLUMES = ("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret")
_KNOWN_VOLUMES = (
    "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi", "glusterfs", "rbd",
    "flexVolume", "cinder", "cephfs", "flocker", "fc", "azureFile", "vsphereVolume", "quobyte", "azureDisk",
    "portworxVolume", "scaleIO", "storageos",
)  # fmt: skip
"""Those that have names of their own in the complaint."""


def _volume_types(_metadata: Obj, spec: Obj, _version: int) -> Complaint | None:
    found = {str(volume.get("name")): next((k for k in _KNOWN_VOLUMES if volume.get(k) is not None), "unknown")
             for volume in spec.get("volumes") or ()
             if not any(volume.get(kind) is not None for kind in _VOLUMES)}  # fmt: skip
    if not found:
        return None
    names, kinds = list(found), sorted(set(found.values()))
    who = f"{_plural('volume', 'volumes', names)} {_quoted(names)} {_plural('uses', 'use', names)}"
    what = f"{_plural('restricted volume type', 'restricted volume types', kinds)} {_quoted(kinds)}"
    return Complaint("restricted volume types", f"{who} {what}")


def _non_root(_metadata: Obj, spec: Obj, version: int) -> Complaint | None:
    if _own_users(spec, version):
        return None
    reason = "runAsNonRoot != true"
    if who := _setters(spec, lambda context: context.get("runAsNonRoot") is False):
        return Complaint(reason, f"{who} must not set securityContext.runAsNonRoot=false")
    if dig(spec, "securityContext", "runAsNonRoot", default=None):
        return None
    names = [name for name, context in _contexts(spec) if context.get("runAsNonRoot") is None]
    return Complaint(reason, f"pod or {_named(names)} must set securityContext.runAsNonRoot=true") if names else None


def _user(_metadata: Obj, spec: Obj, version: int) -> Complaint | None:
    who = "" if _own_users(spec, version) else _setters(spec, lambda context: context.get("runAsUser") == 0)
    return Complaint("runAsUser=0", f"{who} must not set runAsUser=0") if who else None


def _seccomp_set(metadata: Obj, spec: Obj, version: int) -> Complaint | None:
    if _windows(spec, version):
        return None
    if (complaint := _seccomp(metadata, spec, version)) or dig(spec, "securityContext", "seccompProfile", default=None):
        return complaint
    names = [name for name, context in _contexts(spec) if context.get("seccompProfile") is None]
    if not names:
        return None
    words = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return Complaint("seccompProfile", f"pod or {_named(names)} {words}")


RESTRICTED = {
    "allowPrivilegeEscalation": Check(_escalation, 8),
    "capabilities_restricted": Check(_dropped, 22, "capabilities_baseline"),
    "restrictedVolumes": Check(_volume_types, 0, "hostPathVolumes"),
    "runAsNonRoot": Check(_non_root),
    "runAsUser": Check(_user, 23),
    "seccompProfile_restricted": Check(_seccomp_set, 19, "seccompProfile_baseline"),
}
