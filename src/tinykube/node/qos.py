"""A Pod's quality of service class, and the sums of what its containers ask for.

Law: pure functions of the Pod's spec.

Models pkg/apis/core/v1/helper/qos/qos.go and k8s.io/component-helpers/resource/helpers.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from tinykube.objects import Obj, dig, quantity

GUARANTEED, BURSTABLE, BEST_EFFORT = "Guaranteed", "Burstable", "BestEffort"
_COMPUTE = ("cpu", "memory")


def qos_class(pod: Obj) -> str:
    """Guaranteed, Burstable or BestEffort, from the CPU and memory of all containers."""
    everything = [*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]]
    resources = [c.get("resources") or {} for c in everything]
    asked = [(_positive(r.get("requests")), _positive(r.get("limits"))) for r in resources]
    if not any(requests or limits for requests, limits in asked):
        return BEST_EFFORT
    fixed = all(set(limits) == set(_COMPUTE) and requests in (limits, {}) for requests, limits in asked)
    return GUARANTEED if fixed else BURSTABLE


def _positive(amounts: Obj | None) -> dict[str, Decimal]:
    found = {name: quantity((amounts or {}).get(name, 0)) for name in _COMPUTE}
    return {name: amount for name, amount in found.items() if amount > 0}


def pod_resources(pod: Obj) -> Obj:
    """The Pod's resources as its status reports them: `requests` and `limits` summed over the containers."""
    return {part: total for part in ("requests", "limits") if (total := _total(pod["spec"], part))}


def _total(spec: Obj, part: str) -> Obj:
    kept_running = [c for c in spec.get("initContainers") or () if c.get("restartPolicy") == "Always"]
    total = _sum([*spec["containers"], *kept_running], part)
    for container in spec.get("initContainers") or ():
        if container.get("restartPolicy") != "Always":
            total = _larger(total, dig(container, "resources", part, default={}))
    return total


def _sum(containers: Iterable[Obj], part: str) -> Obj:
    amounts: dict[str, list[str]] = {}
    for container in containers:
        for name, amount in dig(container, "resources", part, default={}).items():
            amounts.setdefault(name, []).append(str(amount))
    return {name: found[0] if len(found) == 1 else add(name, found) for name, found in amounts.items()}


def _larger(total: Obj, other: Obj) -> Obj:
    return total | {n: a for n, a in other.items() if n not in total or quantity(a) > quantity(total[n])}


def add(name: str, amounts: Iterable[str]) -> str:
    """Sum of quantities, written the way Kubernetes writes them: `150m` of cpu, `48Mi` of memory."""
    total = sum((quantity(a) for a in amounts), Decimal(0))
    if name == "cpu":
        return str(int(total)) if total == int(total) else f"{int(total * 1000)}m"
    return format_bytes(int(total))


def format_bytes(count: int) -> str:
    """Bytes with the largest binary suffix that divides them: 33554432 becomes `32Mi`."""
    for power, suffix in ((4, "Ti"), (3, "Gi"), (2, "Mi"), (1, "Ki")):
        if count and count % 1024**power == 0:
            return f"{count // 1024**power}{suffix}"
    return str(count)
