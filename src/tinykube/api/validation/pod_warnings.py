"""Warnings about Pods and Pod templates.

Law: pure; the messages, their paths and their order are upstream's.

Models pkg/api/pod/warnings.go and pkg/api/node/util.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tinykube.api.validation.resources import amount
from tinykube.errors import Obj

_OLD_LABELS = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
    "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
}
_OLD_ANNOTATIONS = {
    "scheduler.alpha.kubernetes.io/critical-pod": 'non-functional in v1.16+; use the "priorityClassName" field instead',
    "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
    "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
}
_SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
_NO_SECCOMP = r"non-functional in v1.27+; use the \"seccompProfile\" field instead"  # upstream, too, escapes them
_APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/"
_NO_APP_ARMOR = r"deprecated since v1.30; use the \"appArmorProfile\" field instead"
_OLD_VOLUMES = {
    "photonPersistentDisk": "deprecated in v1.11, non-functional in v1.16+",
    "gitRepo": "deprecated in v1.11, and disabled by default in v1.33+",
    "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
    "flocker": "deprecated in v1.22, non-functional in v1.25+",
    "storageos": "deprecated in v1.22, non-functional in v1.25+",
    "quobyte": "deprecated in v1.22, non-functional in v1.25+",
    "glusterfs": "deprecated in v1.25, non-functional in v1.26+",
    "cephfs": "deprecated in v1.28, non-functional in v1.31+",
    "rbd": "deprecated in v1.28, non-functional in v1.31+",
}
_SHOWN = {"storageos": "storageOS"}
"""Fields that upstream's warnings spell in another way than its objects."""
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_NO_POD = "a null labelSelector results in matching no pod"


def pod_warnings(pod: Obj, path: str = "") -> list[str]:
    """What to warn about in a Pod, or in the template at `path` (which ends in a dot)."""
    spec, here = pod.get("spec") or {}, f"{path}spec"
    annotations = (pod.get("metadata") or {}).get("annotations") or {}
    found = [f"{here}.nodeSelector[{k}]: {_OLD_LABELS[k]}" for k in sorted(spec.get("nodeSelector") or ())
             if k in _OLD_LABELS]  # fmt: skip
    found += _node_affinity(spec, f"{here}.affinity.nodeAffinity")
    found += _spread(spec, f"{here}.topologySpreadConstraints")
    found += [f"{path}metadata.annotations[{k}]: {words}" for k, words in _OLD_ANNOTATIONS.items() if k in annotations]
    found += _volumes(spec.get("volumes") or [], f"{here}.volumes")
    found += _overlaps(spec.get("volumes") or [])
    found += _aliases(spec.get("hostAliases") or [], f"{here}.hostAliases")
    found += _secrets(spec.get("imagePullSecrets") or [], f"{here}.imagePullSecrets")
    found += fractions(spec.get("overhead") or {}, f"{here}.overhead")
    found += _profiles(spec, annotations, path)
    found += _port_conflicts(spec, here)
    return found + _grace(spec, here) + _pod_affinity(spec, f"{here}.affinity")


def selector_term(term: Obj, path: str) -> list[str]:
    """Labels of nodes that are out of use, in a node selector's term."""
    return [
        f"{path}.matchExpressions[{index}].key: {item.get('key')} is {_OLD_LABELS[item['key']]}"
        for index, item in enumerate(term.get("matchExpressions") or ())
        if item.get("key") in _OLD_LABELS
    ]


def fractions(amounts: Obj, path: str, *kinds: str) -> list[str]:
    """Amounts of bytes that are no whole numbers."""
    return [
        f'{path}[{kind}]: fractional byte value "{amounts[kind]}" is invalid, must be an integer'
        for kind in kinds or ("memory", "ephemeral-storage")
        if kind in amounts and amount(amounts[kind]) % 1 != 0
    ]


def claim_spec(spec: Obj, path: str) -> list[str]:
    """A claim for part of a byte."""
    asked = spec.get("resources") or {}
    return [
        words for kind in ("requests", "limits")
        for words in fractions(asked.get(kind) or {}, f"{path}.resources.{kind}", "storage")
    ]  # fmt: skip


def _containers(spec: Obj, path: str) -> Iterator[tuple[Obj, str]]:
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for index, container in enumerate(spec.get(kind) or ()):
            yield container, f"{path}.{kind}[{index}]"


# -- scheduling ----------------------------------------------------------------------------------------------


def _node_affinity(spec: Obj, path: str) -> list[str]:
    wanted = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    found: list[str] = []
    for index, term in enumerate((wanted.get(_REQUIRED) or {}).get("nodeSelectorTerms") or ()):
        found += selector_term(term, f"{path}.{_REQUIRED}.nodeSelectorTerms[{index}]")
    for index, term in enumerate(wanted.get(_PREFERRED) or ()):
        found += selector_term(term.get("preference") or {}, f"{path}.{_PREFERRED}[{index}].preference")
    return found


def _spread(spec: Obj, path: str) -> list[str]:
    found: list[str] = []
    for index, term in enumerate(spec.get("topologySpreadConstraints") or ()):
        key = term.get("topologyKey")
        if key in _OLD_LABELS:
            found.append(f"{path}[{index}].topologyKey: {key} is {_OLD_LABELS[key]}")
        if term.get("labelSelector") is None:
            found.append(f"{path}[{index}].labelSelector: {_NO_POD}")
    return found


def _pod_affinity(spec: Obj, path: str) -> list[str]:
    """Affinity without a selector: it looks as if it meant all Pods, and means none."""
    terms: list[tuple[str, Obj]] = []
    for kind in ("podAffinity", "podAntiAffinity"):
        found, here = (spec.get("affinity") or {}).get(kind) or {}, f"{path}.{kind}"
        terms += [(f"{here}.{_REQUIRED}[{i}]", term) for i, term in enumerate(found.get(_REQUIRED) or ())]
        terms += [
            (f"{here}.{_PREFERRED}[{i}].podAffinityTerm", term.get("podAffinityTerm") or {})
            for i, term in enumerate(found.get(_PREFERRED) or ())
        ]
    return [f"{where}.labelSelector: {_NO_POD}" for where, term in terms if term.get("labelSelector") is None]


def _grace(spec: Obj, path: str) -> list[str]:
    grace = spec.get("terminationGracePeriodSeconds")
    words = "must be >= 0; negative values are invalid and will be treated as 1"
    return [f"{path}.terminationGracePeriodSeconds: {words}"] if grace is not None and grace < 0 else []


# -- volumes -------------------------------------------------------------------------------------------------


def _volumes(volumes: list[Obj], path: str) -> list[str]:
    found: list[str] = []
    for index, volume in enumerate(volumes):
        for kind, words in _OLD_VOLUMES.items():
            if kind == "cephfs":  # a generic ephemeral volume's claim has its place before this kind
                template = (volume.get("ephemeral") or {}).get("volumeClaimTemplate") or {}
                found += claim_spec(template.get("spec") or {}, f"{path}[{index}].ephemeral.volumeClaimTemplate.spec")
            if volume.get(kind) is not None:
                found.append(f"{path}[{index}].{_SHOWN.get(kind, kind)}: {words}")
    return found


def _paths(source: Obj | None) -> list[str]:
    return [item.get("path") or "" for item in (source or {}).get("items") or ()]


def _overlaps(volumes: list[Obj]) -> list[str]:
    """Files of one volume that are to lie in each other's places."""
    found: list[str] = []
    for volume in volumes:
        name, config, secret = volume.get("name"), volume.get("configMap") or {}, volume.get("secret") or {}
        found += _collisions(_paths(config), f'volume "{name}" (ConfigMap "{config.get("name", "")}")')
        found += _collisions(_paths(secret), f'volume "{name}" (Secret "{secret.get("secretName", "")}")')
        found += _collisions(_paths(volume.get("downwardAPI")), f'volume "{name}" (DownwardAPI)')
        earlier: list[str] = []
        for source in (volume.get("projected") or {}).get("sources") or ():
            if not any(part is not None for part in source.values()):
                found.append(f'volume "{name}" (Projected) has no sources provided')
                continue
            paths, words = _projected(source)
            if paths:
                title = f'volume "{name}" (Projected {words})'
                unique = sorted(set(paths))
                found += _collisions(paths, title)
                found += _collisions(sorted([*unique, *earlier]), title)
                earlier += [path for path in unique if path not in earlier]
    return found


def _projected(source: Obj) -> tuple[list[str], str]:
    for kind, title in (("configMap", "ConfigMap"), ("secret", "Secret"), ("downwardAPI", "DownwardAPI")):
        if (part := source.get(kind) or {}).get("items"):
            return _paths(part), title if kind == "downwardAPI" else f'{title} "{part.get("name", "")}"'
    if token := source.get("serviceAccountToken"):
        return [token.get("path") or ""], "ServiceAccountToken"
    if bundle := source.get("clusterTrustBundle"):
        named = bundle.get("name") or bundle.get("signerName") or ""
        return [bundle.get("path") or ""], f'ClusterTrustBundle "{named}"'
    return [], ""


def _collisions(paths: list[str], title: str) -> list[str]:
    found: list[str] = []
    seen: list[str] = []
    for path in (path.rstrip("/") for path in paths):
        other = next(
            (item for item in seen if f"{item}/".startswith(f"{path}/") or f"{path}/".startswith(f"{item}/")), ""
        )
        if path and other:
            found.append(f'{title}: overlapping paths: "{path}" with "{other}"')
        seen.append(path)
    return found


# -- lists that name a thing twice ---------------------------------------------------------------------------


def _aliases(items: list[Obj], path: str) -> list[str]:
    seen: set[Any] = set()
    found: list[str] = []
    for index, item in enumerate(items):
        if item.get("ip") in seen:
            found.append(f'{path}[{index}].ip: duplicate ip "{item.get("ip")}"')
        seen.add(item.get("ip"))
    return found


def _secrets(items: list[Obj], path: str) -> list[str]:
    listed = [item.get("name") or "" for item in items]
    found = [f'{path}[{i}].name: duplicate name "{name}"' for i, name in enumerate(listed) if name in listed[:i]]
    return found + [f'{path}[{i}].name: invalid empty name ""' for i, name in enumerate(listed) if not name]


# -- containers ----------------------------------------------------------------------------------------------


def _profiles(spec: Obj, annotations: Obj, path: str) -> list[str]:
    """Containers, with the annotations that once held their profiles."""
    context, found = spec.get("securityContext") or {}, []
    here = f"{path}metadata.annotations"
    if not context.get("seccompProfile") and _SECCOMP_POD in annotations:
        found.append(f"{here}[{_SECCOMP_POD}]: {_NO_SECCOMP}")
    for container, where in _containers(spec, f"{path}spec"):
        own = container.get("securityContext") or {}
        if not own.get("seccompProfile") and (key := f"{_SECCOMP_CONTAINER}{container.get('name')}") in annotations:
            found.append(f"{here}[{key}]: {_NO_SECCOMP}")
        armored = not path or context.get("appArmorProfile") or own.get("appArmorProfile")
        if not armored and (key := f"{_APP_ARMOR}{container.get('name')}") in annotations:
            found.append(f"{here}[{key}]: {_NO_APP_ARMOR}")
        found += _container(container, where)
    return found


def _container(container: Obj, path: str) -> list[str]:
    resources = container.get("resources") or {}
    found: list[str] = []
    for name in ("memory", "ephemeral-storage"):
        for kind in ("limits", "requests"):
            found += fractions(resources.get(kind) or {}, f"{path}.resources.{kind}", name)
    return found + _env_twice(container.get("env") or [], path)


def _env_twice(env: list[Obj], path: str) -> list[str]:
    """A variable that is set again hides the first, unless it is built from it."""
    found: list[str] = []
    seen: set[str] = set()
    for index, item in enumerate(env):
        name, value = item.get("name") or "", item.get("value") or ""
        built = f"$({name})" in value and value != f"$({name})" and item.get("valueFrom") is None
        if name in seen and not built:
            words = f'hides previous definition of "{name}", which may be dropped when using apply'
            found.append(f"{path}.env[{index}]: {words}")
        seen.add(name)
    return found


def _port_conflicts(spec: Obj, path: str) -> list[str]:
    """Ports that are named twice within the Pod, or contradict each other."""
    seen: dict[tuple[Any, Any], list[tuple[str, Obj]]] = {}
    found: list[str] = []
    for container, where in _containers(spec, path):
        for position, port in enumerate(container.get("ports") or ()):
            here = f"{where}.ports[{position}]"
            if port.get("hostIP") and not port.get("hostPort"):
                found.append(f"{here}: hostIP set without hostPort: {_go_port(port)}")
            others = seen.setdefault((port.get("containerPort"), port.get("protocol")), [])
            found += [f"{here}: {words} port definition with {place}" for place, other in others
                      if (words := _clash(port, other))]  # fmt: skip
            others.append((here, port))
    return found


def _clash(one: Obj, other: Obj) -> str:
    (number, address), (other_number, other_address) = (
        (port.get("hostPort") or 0, port.get("hostIP") or "") for port in (one, other)
    )
    if (number, address) == (other_number, other_address):
        return "duplicate"
    if not number or not other_number:
        return "overlapping"
    ambiguous = number == other_number and bool(address) != bool(other_address)
    return "dangerously ambiguous" if ambiguous else ""


def _go_port(port: Obj) -> str:
    fields = {"Name": "", "HostPort": 0, "ContainerPort": 0, "Protocol": "", "HostIP": ""}
    return "{" + " ".join(f"{k}:{port.get(k[0].lower() + k[1:]) or empty}" for k, empty in fields.items()) + "}"
