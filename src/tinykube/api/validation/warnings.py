"""Warnings: what is allowed and still not meant that way. kubectl prints them as `Warning: …`.

Law: pure; the messages are upstream's, but for what the practice cluster itself does not do.

Models pkg/api/pod/warnings.go, pkg/api/job/warnings.go, pkg/api/service/warnings.go.
"""

from __future__ import annotations

from typing import Any

from tinykube.api.validation import names
from tinykube.api.validation.resources import amount
from tinykube.errors import Obj

_TEMPLATES = {
    "apps/v1/Deployment", "apps/v1/ReplicaSet", "apps/v1/DaemonSet", "apps/v1/StatefulSet", "batch/v1/Job",
    "v1/ReplicationController",
}  # fmt: skip
_NAMING = {"apps/v1/Deployment", "apps/v1/ReplicaSet", "v1/ReplicationController", "batch/v1/Job"}
"""Kinds whose names become the beginnings of Pods' names."""
_NO_POLICIES = (
    "network policies have no effect in the practice cluster, where every Pod reaches every other; a kind cluster "
    "enforces them"
)
_POD_SECURITY = "pod-security.kubernetes.io/"
_NO_POD_SECURITY = (
    "Pod Security Standards have no effect in the practice cluster, where Pods that break them run; a kind cluster "
    "enforces them"
)
_INGRESS_CLASS = "kubernetes.io/ingress.class"
_OLD_LABELS = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
    "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
    "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
}


def warnings(kind_key: str, obj: Obj, old: Obj | None = None) -> list[str]:
    """What to warn about when `obj` is created, or `old` changed to it."""
    if kind_key == "v1/Pod":
        return _pod(obj.get("spec") or {}, "spec", obj) if old is None else []
    if kind_key in _TEMPLATES:
        found = _pod_names(obj) if old is None and kind_key in _NAMING else []
        found += _job(obj) if kind_key == "batch/v1/Job" else []
        return found + _template(obj, old) + (_history(obj) if kind_key == "apps/v1/StatefulSet" else [])
    if kind_key == "batch/v1/CronJob":
        return _cron_job(obj, old)
    if kind_key == "networking.k8s.io/v1/Ingress":
        return _ingress(obj) if old is None else []
    if kind_key == "networking.k8s.io/v1/NetworkPolicy":
        return [_NO_POLICIES]
    if kind_key == "v1/Namespace":
        asked = any(label.startswith(_POD_SECURITY) for label in (obj.get("metadata") or {}).get("labels") or ())
        return [_NO_POD_SECURITY] if asked else []
    if kind_key == "v1/Endpoints":
        return ["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"]
    if kind_key == "v1/Service":
        return _service(obj.get("spec") or {})
    return []


def _template(obj: Obj, old: Obj | None) -> list[str]:
    spec = (obj["spec"].get("template") or {}).get("spec") or {}
    if old is not None and obj["metadata"].get("generation") == old["metadata"].get("generation"):
        return []
    return _pod(spec, "spec.template.spec", None)


def _pod_names(obj: Obj) -> list[str]:
    """A name that Pods and hosts are named after had better be a DNS label."""
    name = (obj.get("metadata") or {}).get("name") or ""
    messages = names.dns_label(name) if name else []
    return [f"metadata.name: {_POD_NAMES}[{' '.join(messages)}]"] if messages else []


def _history(obj: Obj) -> list[str]:
    if (obj["spec"].get("revisionHistoryLimit") or 0) >= 0:
        return []
    return ["spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended"]


def _ingress(obj: Obj) -> list[str]:
    if _INGRESS_CLASS not in ((obj.get("metadata") or {}).get("annotations") or {}):
        return []
    return [f"annotation \"{_INGRESS_CLASS}\" is deprecated, please use 'spec.ingressClassName' instead"]


def _job(obj: Obj) -> list[str]:
    spec = obj["spec"]
    high = (spec.get("completions") or 0) > 100_000 and (spec.get("parallelism") or 0) > 10_000
    if spec.get("completionMode") == "Indexed" and high:
        return [
            "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, "
            "Kubernetes might not be able to track completedIndexes when a big number of indexes fail"
        ]
    return []


def _cron_job(obj: Obj, old: Obj | None) -> list[str]:
    found = _pod_names(obj) if old is None else []
    spec = ((obj["spec"].get("jobTemplate") or {}).get("spec") or {}).get("template") or {}
    return found + _pod(spec.get("spec") or {}, "spec.jobTemplate.spec.template.spec", None)


_SURPRISE = "which can result in surprising behavior; a DNS label is recommended: "
_HOSTNAME = f"this is used in the Pod's hostname, {_SURPRISE}"
_POD_NAMES = f"this is used in Pod names and hostnames, {_SURPRISE}"


def _service(spec: Obj) -> list[str]:
    found: list[str] = []
    if spec.get("clusterIP") == "None":
        if spec.get("loadBalancerIP"):
            found.append("spec.loadBalancerIP is ignored when spec.clusterIP is None")
        if spec.get("externalIPs"):
            found.append('spec.externalIPs is ignored when spec.clusterIP is "None"')
        if spec.get("sessionAffinity") not in (None, "None"):
            found.append("spec.SessionAffinity is ignored for headless services")
    return found


# -- Pods ----------------------------------------------------------------------------------------------------


def _pod(spec: Obj, path: str, pod: Obj | None) -> list[str]:
    found: list[str] = []
    name = ((pod or {}).get("metadata") or {}).get("name") or ""
    if pod is not None and name and names.dns_label(name):
        listed = " ".join(names.dns_label(name))
        found.append(f"metadata.name: {_HOSTNAME}[{listed}]")
    for key in sorted(spec.get("nodeSelector") or ()):
        if key in _OLD_LABELS:
            found.append(f"{path}.nodeSelector[{key}]: {_OLD_LABELS[key]}")
    found += _null_selectors(spec, path)
    found += _named_twice(spec.get("imagePullSecrets") or [], f"{path}.imagePullSecrets")
    found += _aliases(spec.get("hostAliases") or [], f"{path}.hostAliases")
    found += _volumes(spec.get("volumes") or [], f"{path}.volumes")
    for kind in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(kind) or ()):
            found += _container(container, f"{path}.{kind}[{index}]")
    found += _port_conflicts(spec, path)
    return found + _grace(spec, path)


_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def _null_selectors(spec: Obj, path: str) -> list[str]:
    """Spread and affinity without a selector: they look as if they meant all Pods, and mean none."""
    terms = [(f"{path}.topologySpreadConstraints[{i}]", term)
             for i, term in enumerate(spec.get("topologySpreadConstraints") or ())]  # fmt: skip
    for kind in ("podAffinity", "podAntiAffinity"):
        found, here = (spec.get("affinity") or {}).get(kind) or {}, f"{path}.affinity.{kind}"
        terms += [(f"{here}.{_REQUIRED}[{i}]", term) for i, term in enumerate(found.get(_REQUIRED) or ())]
        terms += [
            (f"{here}.{_PREFERRED}[{i}].podAffinityTerm", term.get("podAffinityTerm") or {})
            for i, term in enumerate(found.get(_PREFERRED) or ())
        ]
    words = "a null labelSelector results in matching no pod"
    return [f"{where}.labelSelector: {words}" for where, term in terms if term.get("labelSelector") is None]


def _grace(spec: Obj, path: str) -> list[str]:
    grace = spec.get("terminationGracePeriodSeconds")
    if grace is not None and grace < 0:
        return [
            f"{path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"
        ]
    return []


def _named_twice(items: list[Obj], path: str) -> list[str]:
    found: list[str] = []
    seen: set[Any] = set()
    for index, item in enumerate(items):
        name = item.get("name") or ""
        if not name:
            found.append(f'{path}[{index}].name: invalid empty name ""')
        elif name in seen:
            found.append(f'{path}[{index}].name: duplicate name "{name}"')
        seen.add(name)
    return found


def _aliases(items: list[Obj], path: str) -> list[str]:
    seen: set[Any] = set()
    found: list[str] = []
    for index, item in enumerate(items):
        if item.get("ip") in seen:
            found.append(f'{path}[{index}].ip: duplicate ip "{item.get("ip")}"')
        seen.add(item.get("ip"))
    return found


_OLD_VOLUMES = {
    "gitRepo": "deprecated in v1.11, and disabled by default in v1.33+",
    "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
    "flocker": "deprecated in v1.22, non-functional in v1.25+",
    "storageos": "deprecated in v1.22, non-functional in v1.25+",
    "quobyte": "deprecated in v1.22, non-functional in v1.25+",
    "glusterfs": "deprecated in v1.25, non-functional in v1.26+",
    "cephfs": "deprecated in v1.28, non-functional in v1.31+",
    "rbd": "deprecated in v1.28, non-functional in v1.31+",
}


def _volumes(volumes: list[Obj], path: str) -> list[str]:
    return [
        f"{path}[{index}].{kind}: {words}"
        for index, volume in enumerate(volumes)
        for kind, words in _OLD_VOLUMES.items()
        if volume.get(kind) is not None
    ]


def _container(container: Obj, path: str) -> list[str]:
    found: list[str] = []
    for kind in ("limits", "requests"):
        amounts = (container.get("resources") or {}).get(kind) or {}
        for name in ("memory", "ephemeral-storage"):
            text = amounts.get(name)
            if text is not None and amount(text) % 1 != 0:
                found.append(
                    f'{path}.resources.{kind}[{name}]: fractional byte value "{text}" is invalid, must be an integer'
                )
    return found + _env_twice(container.get("env") or [], path)


def _env_twice(env: list[Obj], path: str) -> list[str]:
    """A variable that is set again hides the first, unless it is built from it."""
    found: list[str] = []
    seen: set[str] = set()
    for index, item in enumerate(env):
        name = item.get("name") or ""
        if name in seen and f"$({name})" not in (item.get("value") or ""):
            words = f'hides previous definition of "{name}", which may be dropped when using apply'
            found.append(f"{path}.env[{index}]: {words}")
        seen.add(name)
    return found


def _port_conflicts(spec: Obj, path: str) -> list[str]:
    """The same port number and protocol named twice within the Pod."""
    seen: dict[tuple[Any, Any], str] = {}
    found: list[str] = []
    for index, container in enumerate(spec.get("containers") or ()):
        for position, port in enumerate(container.get("ports") or ()):
            here = f"{path}.containers[{index}].ports[{position}]"
            key = (port.get("containerPort"), port.get("protocol"))
            if key in seen and not port.get("hostPort"):
                found.append(f"{here}: duplicate port definition with {seen[key]}")
            seen.setdefault(key, here)
    return found
