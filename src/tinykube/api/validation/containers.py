"""Containers: what main, init and ephemeral containers have in common, and what sets them apart.

Law: pure. `volumes` are the Pod's volumes that are in order, by name.

Models pkg/apis/core/validation/validation.go (validateContainerCommon, validateContainers, validateInitContainers).
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tinykube.api.validation import field, names, probes, references, resources, security
from tinykube.api.validation.field import Causes
from tinykube.api.validation.paths import descending, no_backsteps
from tinykube.errors import Obj

PROTOCOLS = ("SCTP", "TCP", "UDP")
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
RESTART_POLICIES = ("Always", "OnFailure", "Never")
_NEEDS_SIDECAR = "may not be set for init containers without restartPolicy=Always"


class Around(NamedTuple):
    """What a container's checks need to know of its Pod."""

    volumes: dict[str, Obj]
    grace: int | None
    restart_policy: str


def main(found: list[Obj], around: Around, path: str) -> Causes:
    """The main containers."""
    if not found:
        return [field.required(path)]
    causes: Causes = []
    seen: set[str] = set()
    for index, container in enumerate(found):
        here, name = f"{path}[{index}]", container.get("name") or ""
        causes += common(container, around, here)
        causes += [field.duplicate(f"{here}.name", name)] if name in seen else []
        seen.add(name)
        if container.get("lifecycle") is not None:
            causes += probes.lifecycle(container["lifecycle"], around.grace, f"{here}.lifecycle")
        causes += probes.probes(container, around.grace, here)
        causes += _restart_policy(container, here)
    return causes + host_ports(found, path)


def init(found: list[Obj], mains: list[Obj], around: Around, path: str) -> Causes:
    """The init containers, sidecars (restartPolicy Always) among them."""
    causes: Causes = []
    seen = {c.get("name") for c in mains}
    for index, container in enumerate(found):
        here, name = f"{path}[{index}]", container.get("name") or ""
        causes += common(container, around, here)
        causes += _restart_policy(container, here)
        if name in seen:
            causes.append(field.duplicate(f"{here}.name", name))
        elif name:
            seen.add(name)
        causes += host_ports([container], path)
        causes += _init_only(container, around, here)
        causes += _init_resize(container, f"{here}.resizePolicy")
    return causes


def _init_only(container: Obj, around: Around, path: str) -> Causes:
    if container.get("restartPolicy") == "Always":
        causes: Causes = []
        if container.get("lifecycle") is not None:
            causes = probes.lifecycle(container["lifecycle"], around.grace, f"{path}.lifecycle")
        return causes + probes.probes(container, around.grace, path)
    return [
        field.forbidden(f"{path}.{name}", _NEEDS_SIDECAR)
        for name in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")
        if container.get(name) is not None
    ]


def _init_resize(container: Obj, path: str) -> Causes:
    """A container that ends before the others begin is not restarted for a new size."""
    if container.get("restartPolicy") == "Always":
        return []
    detail = "must not be set to 'RestartContainer' for non-sidecar initContainers"
    return [
        field.invalid(f"{path}[{index}].restartPolicy", "RestartContainer", detail)
        for index, policy in enumerate(container.get("resizePolicy") or ())
        if policy.get("restartPolicy") == "RestartContainer"
    ]


def _restart_policy(container: Obj, path: str) -> Causes:
    policy, rules = container.get("restartPolicy"), container.get("restartPolicyRules") or []
    if policy is None:
        return (
            [field.required(f"{path}.restartPolicy", "must specify restartPolicy when restart rules are used")]
            if rules
            else []
        )
    known = ("Always", "Never", "OnFailure")
    causes = [] if policy in known else [field.not_supported(f"{path}.restartPolicy", policy, known)]
    causes += [field.too_many(f"{path}.restartPolicyRules", len(rules), 20)] if len(rules) > 20 else []
    return causes + [c for i, rule in enumerate(rules) for c in _restart_rule(rule, f"{path}.restartPolicyRules[{i}]")]


def _restart_rule(rule: Obj, path: str) -> Causes:
    action, codes = rule.get("action") or "", rule.get("exitCodes")
    causes: Causes = []
    if action not in ("Restart", "RestartAllContainers"):
        causes.append(field.not_supported(f"{path}.action", action, ("Restart",)))
    if codes is None:
        return [*causes, field.required(f"{path}.exitCodes", "must be specified")]
    operator, values = codes.get("operator") or "", codes.get("values") or []
    if operator not in ("In", "NotIn"):
        causes.append(field.not_supported(f"{path}.exitCodes.operator", operator, ("In", "NotIn")))
    return causes + ([field.too_many(f"{path}.exitCodes.values", len(values), 255)] if len(values) > 255 else [])


def common(container: Obj, around: Around, path: str) -> Causes:
    """What holds for every container."""
    name = container.get("name") or ""
    causes = (
        field.each_invalid(f"{path}.name", name, names.dns_label(name)) if name else [field.required(f"{path}.name")]
    )
    if not container.get("image"):
        causes.append(field.required(f"{path}.image"))
    policy = container.get("terminationMessagePolicy")
    causes += field.one_of(f"{path}.terminationMessagePolicy", policy, ("File", "FallbackToLogsOnError"))
    causes += _ports(container.get("ports") or [], f"{path}.ports")
    causes += _env(container.get("env") or [], f"{path}.env")
    causes += _env_from(container.get("envFrom") or [], f"{path}.envFrom")
    causes += _mounts(container, around.volumes, path)
    causes += _devices(container, around.volumes, path)
    causes += field.one_of(f"{path}.imagePullPolicy", container.get("imagePullPolicy"), PULL_POLICIES)
    causes += resources.requirements(container.get("resources"), f"{path}.resources")
    causes += _resize_policy(container.get("resizePolicy") or [], around.restart_policy, f"{path}.resizePolicy")
    return causes + security.container(container.get("securityContext"), f"{path}.securityContext")


# -- ports ---------------------------------------------------------------------------------------------------


def _ports(ports: list[Obj], path: str) -> Causes:
    causes: Causes = []
    seen: set[str] = set()
    for index, port in enumerate(ports):
        here, name = f"{path}[{index}]", port.get("name") or ""
        if name:
            messages = names.port_name(name)
            causes += field.each_invalid(f"{here}.name", name, messages)
            causes += [field.duplicate(f"{here}.name", name)] if not messages and name in seen else []
            seen.add(name)
        causes += _port_number(port.get("containerPort"), f"{here}.containerPort")
        if port.get("hostPort"):
            causes += _port_number(port["hostPort"], f"{here}.hostPort")
        causes += field.one_of(f"{here}.protocol", port.get("protocol"), PROTOCOLS)
    return causes


def _port_number(number: int | None, path: str) -> Causes:
    return field.each_invalid(path, number, names.port_number(number)) if number else [field.required(path)]


def host_ports(found: list[Obj], path: str) -> Causes:
    """No two containers of the list take the same port of the host."""
    causes: Causes = []
    seen: set[str] = set()
    for c, container in enumerate(found):
        for p, port in enumerate(container.get("ports") or ()):
            if not port.get("hostPort"):
                continue
            key = f"{port.get('protocol', '')}/{port.get('hostIP') or ''}/{port['hostPort']}"
            causes += [field.duplicate(f"{path}[{c}].ports[{p}].hostPort", key)] if key in seen else []
            seen.add(key)
    return causes


# -- environment ---------------------------------------------------------------------------------------------

_ENV_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")


def _env(found: list[Obj], path: str) -> Causes:
    causes: Causes = []
    for index, env in enumerate(found):
        here, name = f"{path}[{index}]", env.get("name") or ""
        causes += (
            field.each_invalid(f"{here}.name", name, names.env_name(name)) if name else [field.required(f"{here}.name")]
        )
        if env.get("valueFrom") is not None:
            causes += _value_from(env["valueFrom"], env.get("value") or "", f"{here}.valueFrom")
    return causes


def _value_from(source: Obj, value: str, path: str) -> Causes:
    causes: Causes = []
    present = [kind for kind in _ENV_SOURCES if source.get(kind) is not None]
    for kind in present:
        ref, here = source[kind], f"{path}.{kind}"
        if kind == "fieldRef":
            causes += references.field_ref(ref, references.ENV_FIELDS, here)
        elif kind == "resourceFieldRef":
            causes += references.resource_field_ref(ref, here, in_volume=False)
        else:
            causes += (references.file_key_ref if kind == "fileKeyRef" else references.key_ref)(ref, here)
    if not present:
        listed = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        causes.append(field.invalid(path, "", f"must specify one of: {listed}"))
    elif value:
        causes.append(field.invalid(path, "", "may not be specified when `value` is not empty"))
    elif len(present) > 1:
        causes.append(field.invalid(path, "", "may not have more than one field specified at a time"))
    return causes


def _env_from(found: list[Obj], path: str) -> Causes:
    causes: Causes = []
    for index, source in enumerate(found):
        here = f"{path}[{index}]"
        if source.get("prefix"):
            causes += field.each_invalid(f"{here}.prefix", source["prefix"], names.env_name(source["prefix"]))
        present = [kind for kind in ("configMapRef", "secretRef") if source.get(kind) is not None]
        for kind in present:
            causes += references.source_ref(source[kind], f"{here}.{kind}")
        if not present:
            causes.append(field.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"))
        elif len(present) > 1:
            causes.append(field.invalid(path, "", "may not have more than one field specified at a time"))
    return causes


# -- mounts --------------------------------------------------------------------------------------------------


def _mounts(container: Obj, volumes: dict[str, Obj], path: str) -> Causes:
    causes: Causes = []
    mounts, path = container.get("volumeMounts") or [], f"{path}.volumeMounts"
    devices = {d.get("name"): d.get("devicePath") for d in container.get("volumeDevices") or ()}
    taken: set[Any] = set()
    for index, mount in enumerate(mounts):
        here, name, where = f"{path}[{index}]", mount.get("name") or "", mount.get("mountPath") or ""
        causes += [] if name else [field.required(f"{here}.name")]
        causes += [] if name in volumes else [field.not_found(f"{here}.name", name)]
        causes += [] if where else [field.required(f"{here}.mountPath")]
        causes += [field.invalid(f"{here}.mountPath", where, "must be unique")] if where in taken else []
        taken.add(where)
        if name in devices:
            causes.append(field.invalid(f"{here}.name", name, "must not already exist in volumeDevices"))
        if where in devices.values():
            detail = "must not already exist as a path in volumeDevices"
            causes.append(field.invalid(f"{here}.mountPath", where, detail))
        causes += _sub_path(mount, path, here) + _mount_modes(mount, container, path)
    return causes


def _sub_path(mount: Obj, path: str, here: str) -> Causes:
    causes: Causes = []
    if mount.get("subPath"):
        causes += descending(mount["subPath"], f"{path}.subPath")
    if mount.get("subPathExpr"):
        if mount.get("subPath"):
            detail = "subPathExpr and subPath are mutually exclusive"
            causes.append(field.invalid(f"{here}.subPathExpr", mount["subPathExpr"], detail))
        causes += descending(mount["subPathExpr"], f"{path}.subPathExpr")
    return causes


def _mount_modes(mount: Obj, container: Obj, path: str) -> Causes:
    causes: Causes = []
    propagation, recursive = mount.get("mountPropagation"), mount.get("recursiveReadOnly")
    modes = ("Bidirectional", "HostToContainer", "None")
    if propagation is not None:
        causes += [] if propagation in modes else [field.not_supported(f"{path}.mountPropagation", propagation, modes)]
        if propagation == "Bidirectional" and not (container.get("securityContext") or {}).get("privileged"):
            detail = "Bidirectional mount propagation is available only to privileged containers"
            causes.append(field.forbidden(f"{path}.mountPropagation", detail))
    if recursive in ("Enabled", "IfPossible"):
        if not mount.get("readOnly"):
            causes.append(field.forbidden(f"{path}.recursiveReadOnly", "may only be specified when readOnly is true"))
    elif recursive not in (None, "Disabled"):
        supported = ("Disabled", "Enabled", "IfPossible")
        causes.append(field.not_supported(f"{path}.recursiveReadOnly", recursive, supported))
    return causes


def _devices(container: Obj, volumes: dict[str, Obj], path: str) -> Causes:
    causes: Causes = []
    known: set[str] = set()
    paths: set[str] = set()
    for index, device in enumerate(container.get("volumeDevices") or ()):
        here, name, where = f"{path}.volumeDevices[{index}]", device.get("name") or "", device.get("devicePath") or ""
        causes += [] if name else [field.required(f"{here}.name")]
        causes += [field.invalid(f"{here}.name", name, "must be unique")] if name in known else []
        if name not in volumes:
            causes.append(field.not_found(f"{here}.name", name))
        elif not {"persistentVolumeClaim", "ephemeral"} & set(volumes[name]):
            detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
            causes.append(field.invalid(f"{here}.name", name, detail))
        causes += [] if where else [field.required(f"{here}.devicePath")]
        causes += [field.invalid(f"{here}.devicePath", where, "must be unique")] if where in paths else []
        if no_backsteps(where, here):
            causes.append(field.invalid(f"{here}.devicePath", where, "can not contain backsteps ('..')"))
        known.add(name)
        paths.add(where)
    return causes


def _resize_policy(found: list[Obj], restart_policy: str, path: str) -> Causes:
    causes: Causes = []
    seen: set[Any] = set()
    for index, policy in enumerate(found):
        name, action = policy.get("resourceName"), policy.get("restartPolicy")
        causes += [field.duplicate(f"{path}[{index}]", name)] if name in seen else []
        seen.add(name)
        causes += field.one_of(path, name, ("cpu", "memory"))
        causes += field.one_of(path, action, ("NotRequired", "RestartContainer"))
        if restart_policy == "Never" and action != "NotRequired":
            detail = "must be 'NotRequired' when pod `restartPolicy` is 'Never'"
            causes.append(field.invalid(path, action, detail))
    return causes
