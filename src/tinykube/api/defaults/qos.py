"""A Pod's quality-of-service class, from its requests and limits.

Law: pure. The class is fixed when the Pod is created; it decides who is killed first when a node runs short.

Models pkg/apis/core/v1/helper/qos/qos.go.
"""

from __future__ import annotations

from tinykube.errors import Obj
from tinykube.objects import quantity

_COMPUTE = ("cpu", "memory")


def qos_class(spec: Obj) -> str:
    """Guaranteed, Burstable or BestEffort for a Pod spec (init containers count too)."""
    if spec.get("resources"):
        return _classify([spec])
    return _classify([*(spec.get("containers") or ()), *(spec.get("initContainers") or ())])


def _classify(holders: list[Obj]) -> str:
    requests = [_amounts(h, "requests") for h in holders]
    limits = [_amounts(h, "limits") for h in holders]
    if not any(requests) and not any(limits):
        return "BestEffort"
    complete = all(len(amounts) == len(_COMPUTE) for amounts in (*requests, *limits))
    return "Guaranteed" if complete and requests == limits else "Burstable"


def _amounts(holder: Obj, kind: str) -> dict[str, object]:
    """CPU and memory amounts that are set and not zero."""
    found = (holder.get("resources") or {}).get(kind) or {}
    return {name: quantity(found[name]) for name in _COMPUTE if found.get(name) and quantity(found[name]) > 0}
