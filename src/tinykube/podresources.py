"""What a Pod asks for as a whole: the sums over its containers, and its quality-of-service class.

Law: pure functions of a Pod's spec, for whoever admits, counts, places and runs Pods. The class is fixed when the Pod
is created; it decides who is killed first when a node runs short.

Models k8s.io/component-helpers/resource/helpers.go (PodRequests, PodLimits) and k8s.io/kubernetes
pkg/apis/core/v1/helper/qos/qos.go.
"""

from __future__ import annotations

from tinykube import quantities
from tinykube.errors import Obj
from tinykube.objects import dig, quantity

Amounts = dict[str, str]

_COMPUTE = ("cpu", "memory")


def asked(spec: Obj, part: str) -> Amounts:
    """The `requests` or `limits` of a Pod: its containers together, or the greediest init container if that is more;
    sidecars count beside both. What the Pod states for itself replaces the sum."""
    sidecars: Amounts = {}
    peak: Amounts = {}
    for container in spec.get("initContainers") or ():
        wanted = quantities.total([sidecars, dig(container, "resources", part, default={})])
        peak = quantities.largest(peak, wanted)
        if container.get("restartPolicy") == "Always":
            sidecars = wanted
    mains = (dig(container, "resources", part, default={}) for container in spec.get("containers") or ())
    summed = quantities.largest(quantities.total([sidecars, *mains]), peak) | pod_level(spec, part)
    return quantities.total([summed, spec.get("overhead") or {}])


def pod_level(spec: Obj, part: str) -> Amounts:
    """What the Pod states for itself, of what it can."""
    stated = dig(spec, "resources", part, default={})
    return {name: text for name, text in stated.items() if name in _COMPUTE or name.startswith("hugepages-")}


def qos_class(spec: Obj) -> str:
    """Guaranteed, Burstable or BestEffort for a Pod spec (init containers count too)."""
    if spec.get("resources"):
        return _classify([spec])
    return _classify([*(spec.get("containers") or ()), *(spec.get("initContainers") or ())])


def _classify(holders: list[Obj]) -> str:
    requests = [_amounts(holder, "requests") for holder in holders]
    limits = [_amounts(holder, "limits") for holder in holders]
    if not any(requests) and not any(limits):
        return "BestEffort"
    complete = all(len(amounts) == len(_COMPUTE) for amounts in (*requests, *limits))
    return "Guaranteed" if complete and requests == limits else "Burstable"


def _amounts(holder: Obj, part: str) -> dict[str, object]:
    """CPU and memory amounts that are set and not zero."""
    found = dig(holder, "resources", part, default={})
    return {name: quantity(found[name]) for name in _COMPUTE if found.get(name) and quantity(found[name]) > 0}
