"""Which of the nodes that can take a Pod suits it best.

Law: every score is brought to 0..100 over the candidates and weighted as in the default profile.

Models k8s.io/kubernetes pkg/scheduler/framework/plugins (tainttoleration, nodeaffinity, noderesources
with least_allocated.go and balanced_allocation.go, podtopologyspread, interpodaffinity) and
pkg/scheduler/apis/config/v1/default_plugins.go (the weights).
"""

from __future__ import annotations

import math
from collections import Counter

from tinykube import objects, placement
from tinykube.objects import Obj
from tinykube.scheduler import topology
from tinykube.scheduler.resources import NodeInfo, pod_requests
from tinykube.scheduler.topology import NamespaceLabels

TOP = 100


def totals(
    pod: Obj, candidates: list[NodeInfo], everywhere: list[NodeInfo], labels_of: NamespaceLabels
) -> dict[str, int]:
    """The weighted score of each candidate by name; higher is better."""
    parts = (
        (3, _normalized({n.name: _soft_taints(pod, n) for n in candidates}, reverse=True)),
        (2, _normalized({n.name: placement.preferred_weight(pod, n.node) for n in candidates})),
        (1, _least_allocated(pod, candidates)),
        (1, _balanced(pod, candidates)),
        (2, _spread(pod, candidates, everywhere)),
        (2, _ranged(_near(pod, candidates, everywhere, labels_of))),
    )
    sums: Counter[str] = Counter()
    for weight, scores in parts:
        for name, score in scores.items():
            sums[name] += weight * score
    return {n.name: sums[n.name] for n in candidates}


def _normalized(raw: dict[str, int], *, reverse: bool = False) -> dict[str, int]:
    """Scale so that the highest is 100 (DefaultNormalizeScore); `reverse`: so that zero is 100."""
    highest = max(raw.values(), default=0)
    if highest == 0:
        return dict.fromkeys(raw, TOP if reverse else 0)
    scaled = {name: TOP * value // highest for name, value in raw.items()}
    return {name: TOP - value for name, value in scaled.items()} if reverse else scaled


def _ranged(raw: dict[str, int]) -> dict[str, int]:
    """Scale so that the lowest is 0 and the highest 100."""
    low, high = min(raw.values(), default=0), max(raw.values(), default=0)
    return {name: TOP * (value - low) // (high - low) if high > low else 0 for name, value in raw.items()}


def _soft_taints(pod: Obj, info: NodeInfo) -> int:
    return len(placement.untolerated(pod, info.node, ("PreferNoSchedule",)))


def _least_allocated(pod: Obj, candidates: list[NodeInfo]) -> dict[str, int]:
    """The more of its CPU and memory a node has left, the better."""
    wanted = pod_requests(pod, defaults=True)

    def score(info: NodeInfo) -> int:
        parts = [
            max(0, TOP * (have - info.scored[r] - wanted[r]) // have)
            for r in ("cpu", "memory")
            if (have := info.allocatable[r])
        ]
        return sum(parts) // len(parts) if parts else 0

    return {info.name: score(info) for info in candidates}


def _balanced(pod: Obj, candidates: list[NodeInfo]) -> dict[str, int]:
    """The more evenly CPU and memory are used, the better."""
    wanted = pod_requests(pod)

    def score(info: NodeInfo) -> int:
        shares = [
            min(1.0, (info.requested[r] + wanted[r]) / have) for r in ("cpu", "memory") if (have := info.allocatable[r])
        ]
        deviation = abs(shares[0] - shares[1]) / 2 if len(shares) == 2 else 0.0
        return int((1 - deviation) * TOP)

    return {info.name: score(info) for info in candidates} if wanted else {}


def _near(
    pod: Obj, candidates: list[NodeInfo], everywhere: list[NodeInfo], labels_of: NamespaceLabels
) -> dict[str, int]:
    weights = topology.preference(pod, everywhere, labels_of)
    return {info.name: weights[info.name] for info in candidates}


def _spread(pod: Obj, candidates: list[NodeInfo], everywhere: list[NodeInfo]) -> dict[str, int]:
    """The fewer matching Pods in a node's domains, the better.

    Without constraints of its own a Pod is spread over nodes away from the Pods of its workload.
    """
    soft = topology.spreads(pod, "ScheduleAnyway", everywhere)
    owner = (objects.controller_of(pod) or {}).get("uid", "")
    raw = {info.name: sum(_weighted(s, info) for s in soft) if soft else info.owners[owner] for info in candidates}
    if pod["spec"].get("topologySpreadConstraints") and not soft:
        return {}
    low, high = min(raw.values(), default=0), max(raw.values(), default=0)
    return {name: int(TOP * (high + low - value) / high) if high else TOP for name, value in raw.items()}


def _weighted(spread: topology.Spread, info: NodeInfo) -> float:
    domain = objects.labels(info.node).get(spread.key)
    if domain is None:
        return 0.0
    domains = len(spread.counts)
    return spread.counts[domain] * math.log(domains + 2) + spread.max_skew - 1
