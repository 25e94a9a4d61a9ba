"""Making room: which less important Pods would have to go so that a Pod fits, and from which node.

Law: pure. Nothing is evicted here; the scheduler does that with the answer.

Models k8s.io/kubernetes pkg/scheduler/framework/preemption/preemption.go and
plugins/defaultpreemption/default_preemption.go.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinykube import objects
from tinykube.objects import Obj
from tinykube.scheduler.filters import Cycle, Refusal, refusal
from tinykube.scheduler.resources import NodeInfo
from tinykube.scheduler.topology import NamespaceLabels

NOT_HELPFUL = "Preemption is not helpful for scheduling"
NO_VICTIMS = "No preemption victims found for incoming pod"


@dataclass(frozen=True)
class Plan:
    """The Pods to evict from a node, the least important first to be spared."""

    node: str
    victims: tuple[Obj, ...]


def priority(pod: Obj) -> int:
    """spec.priority, 0 when unset."""
    return pod["spec"].get("priority") or 0


def make_room(
    cycle: Cycle, refusals: dict[str, Refusal], namespace_labels: NamespaceLabels
) -> tuple[Plan | None, dict[str, tuple[str, ...]]]:
    """The cheapest plan, or None and for each node the reason why there is none."""
    plans: list[Plan] = []
    why: dict[str, tuple[str, ...]] = {}
    for info in cycle.nodes:
        if refusals[info.name].final:
            why[info.name] = (NOT_HELPFUL,)
            continue
        found = _victims(cycle, info, namespace_labels)
        if isinstance(found, Refusal):
            why[info.name] = found.reasons
        else:
            plans.append(Plan(info.name, tuple(found)))
    return min(plans, key=_cost, default=None), why


def _cost(plan: Plan) -> tuple[int, int, int, str]:
    """Cheapest: the least important highest victim, the smallest sum of priorities, the fewest victims."""
    ranks = [priority(v) for v in plan.victims]
    return max(ranks), sum(ranks), len(ranks), plan.node


def _victims(cycle: Cycle, info: NodeInfo, namespace_labels: NamespaceLabels) -> list[Obj] | Refusal:
    """Take away all less important Pods, then give back as many as possible, the most important first."""
    pod, nodes = cycle.pod, cycle.nodes
    lower = [p for p in info.pods.values() if priority(p) < priority(pod)]
    if not lower:
        return Refusal("DefaultPreemption", (NO_VICTIMS,))

    def fits_without(gone: list[Obj]) -> Refusal | None:
        rest = info.without(gone)
        others = [rest if n.name == info.name else n for n in nodes]
        return refusal(Cycle(pod, others, namespace_labels, cycle.volumes), rest)

    refused = fits_without(lower)
    if refused is not None:
        return refused
    gone = list(lower)
    for candidate in sorted(lower, key=lambda p: (-priority(p), objects.meta(p).get("creationTimestamp", ""))):
        spared = [p for p in gone if p is not candidate]
        if fits_without(spared) is None:
            gone = spared
    return gone
