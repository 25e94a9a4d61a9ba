"""What objects use up of a ResourceQuota: counts, and what Pods and claims ask for.

Law: pure functions on a ResourceQuota and an object. The API refuses by them, and the quota controller counts by them.
Amounts are resource lists as in the API: a name to a quantity.

Models k8s.io/kubernetes pkg/quota/v1/evaluator/core (pods.go, services.go, persistent_volume_claims.go) and
k8s.io/apiserver pkg/quota/v1 (resources.go, generic/evaluator.go).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tinykube import objects, quantities
from tinykube.objects import Obj, dig, quantity
from tinykube.podresources import Amounts, asked

_COUNTED_BY_NAME = frozenset({
    "pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps", "persistentvolumeclaims",
})  # fmt: skip
"""Resources that have a quota name of their own beside `count/…`."""
_PER_CONTAINER = ("cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory")
"""What every container has to state once the namespace has a quota for it."""
_CLASS = ".storageclass.storage.k8s.io/"


# -- amounts -------------------------------------------------------------------------------------------------


def difference(new: Amounts, old: Amounts) -> Amounts:
    """What `new` takes beyond `old`, without what stays the same."""
    names = new.keys() | old.keys()
    rest = {name: quantities.subtract(new.get(name, "0"), old.get(name, "0")) for name in names}
    return {name: text for name, text in rest.items() if quantity(text)}


# -- usage ---------------------------------------------------------------------------------------------------


def usage(resource: str, obj: Obj, now: float) -> Amounts:
    """Everything one object of `resource` counts for; an ended Pod asks for nothing. `now` is in epoch seconds."""
    out = {f"count/{resource}": "1"}
    if resource == "pods":
        return out | (_pod(obj) if _alive(obj, now) else {})
    if resource in _COUNTED_BY_NAME:
        out[resource] = "1"
    if resource == "services":
        return out | _service(obj)
    return out | (_claim(obj) if resource == "persistentvolumeclaims" else {})


def _alive(pod: Obj, now: float) -> bool:
    """Not ended, and not past the end of its grace period (QuotaV1Pod)."""
    if dig(pod, "status", "phase") in ("Failed", "Succeeded"):
        return False
    return not objects.deleting(pod) or objects.parse_time(objects.meta(pod)["deletionTimestamp"]) >= now


def _pod(pod: Obj) -> Amounts:
    out = {"pods": "1"}
    for name, text in asked(pod["spec"], "requests").items():
        if name in ("cpu", "memory", "ephemeral-storage") or name.startswith("hugepages-"):
            out[name] = text
        out[f"requests.{name}"] = text
    return out | {f"limits.{name}": text for name, text in asked(pod["spec"], "limits").items() if "/" not in name}


def _service(service: Obj) -> Amounts:
    spec = service["spec"]
    ports, kind = spec.get("ports") or (), spec.get("type", "ClusterIP")
    public = len(ports) if kind == "NodePort" else sum("nodePort" in p for p in ports) if kind == "LoadBalancer" else 0
    return {"services.nodeports": str(public), "services.loadbalancers": str(int(kind == "LoadBalancer"))}


def _claim(claim: Obj) -> Amounts:
    size, kind = dig(claim, "spec", "resources", "requests", "storage"), claim["spec"].get("storageClassName")
    out = {"requests.storage": size} if size else {}
    if kind:
        out |= {f"{kind}{_CLASS}{name}": text for name, text in {**out, "persistentvolumeclaims": "1"}.items()}
    return out


# -- quotas --------------------------------------------------------------------------------------------------


def counted(resource: str, name: str) -> bool:
    """Whether objects of `resource` can count towards the quota name, such as `pods` or `count/jobs.batch`."""
    if name == f"count/{resource}":
        return True
    if resource == "pods":
        return name in ("pods", *_PER_CONTAINER) or _compute(name)
    if resource == "services":
        return name == "services" or name.startswith("services.")
    if resource == "persistentvolumeclaims":
        return name in ("persistentvolumeclaims", "requests.storage") or _CLASS in name
    return name == resource and name in _COUNTED_BY_NAME


def _compute(name: str) -> bool:
    extended = name.startswith("requests.") and "/" in name
    huge = name.removeprefix("requests.").startswith("hugepages-")
    return extended or huge or name.rpartition(".")[2] == "ephemeral-storage"


def concerns(quota: Obj, resource: str, obj: Obj) -> bool:
    """Whether the object is in the quota's scopes."""
    return all(resource == "pods" and _in_scope(scope, obj) for scope in _scopes(quota))


def _scopes(quota: Obj) -> Iterator[Obj]:
    for name in quota["spec"].get("scopes") or ():
        yield {"scopeName": name, "operator": "Exists"}
    yield from dig(quota, "spec", "scopeSelector", "matchExpressions", default=())


def _in_scope(scope: Obj, pod: Obj) -> bool:
    spec, name = pod["spec"], scope["scopeName"]
    if name == "PriorityClass":
        held = {"class": spec["priorityClassName"]} if spec.get("priorityClassName") else {}
        wanted = {"key": "class", "operator": scope["operator"], "values": scope.get("values") or []}
        return objects.matches({"matchExpressions": [wanted]}, held)
    best_effort, ends = dig(pod, "status", "qosClass") == "BestEffort", spec.get("activeDeadlineSeconds") is not None
    return {
        "BestEffort": best_effort,
        "NotBestEffort": not best_effort,
        "Terminating": ends,
        "NotTerminating": not ends,
        "CrossNamespacePodAffinity": any(map(_looks_abroad, _affinity_terms(spec))),
    }.get(name, False)


def _affinity_terms(spec: Obj) -> Iterator[Obj]:
    for kind in ("podAffinity", "podAntiAffinity"):
        found = dig(spec, "affinity", kind, default={})
        yield from found.get("requiredDuringSchedulingIgnoredDuringExecution") or ()
        for preferred in found.get("preferredDuringSchedulingIgnoredDuringExecution") or ():
            yield preferred["podAffinityTerm"]


def _looks_abroad(term: Obj) -> bool:
    return bool(term.get("namespaces")) or term.get("namespaceSelector") is not None


def unstated(pod: Obj, names: Iterable[str]) -> str:
    """What the Pod's containers have to state for these quota names and do not; empty for nothing."""
    missing: dict[str, list[str]] = {}
    for container in [*pod["spec"]["containers"], *(pod["spec"].get("initContainers") or ())]:
        stated = _pod({"spec": {"containers": [container]}})
        for name in sorted(set(names) & set(_PER_CONTAINER) - stated.keys()):
            missing.setdefault(name, []).append(container["name"])
    return "; ".join(f"{name} for: {','.join(sorted(missing[name]))}" for name in sorted(missing))
