"""What the scheduler says when a Pod fits nowhere.

Law: pure text; the words and their order are the real ones, because people search for them.

Models k8s.io/kubernetes pkg/scheduler/framework/types.go (FitError).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

NO_NODES = "no nodes available to schedule pods"
NO_CLAIMS = "no new claims to deallocate"


def summary(nodes: int, reasons: Iterable[tuple[str, ...]]) -> str:
    """`0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.`"""
    counted = Counter(reason for of_node in reasons for reason in of_node)
    listed = ", ".join(sorted(f"{n} {reason}" for reason, n in counted.items()))
    return f"0/{nodes} nodes are available: {listed}."


def unschedulable(nodes: int, reasons: Iterable[tuple[str, ...]], preemption: str) -> str:
    """The message of the FailedScheduling event; `preemption` says why making room would not help, if it would not."""
    text = summary(nodes, reasons)
    return f"{text} {NO_CLAIMS}, preemption: {preemption}" if preemption else text


def refused_everywhere(nodes: int, why: str) -> str:
    """The message when something about the Pod itself rules every node out."""
    not_helpful = summary(nodes, [("Preemption is not helpful for scheduling",)] * nodes)
    return f"0/{nodes} nodes are available: {why}. {NO_CLAIMS}, preemption: {not_helpful}"
