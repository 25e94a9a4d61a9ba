"""The node's own say: a Pod that was bound here past the scheduler, and does not fit, is refused.

Law: pure; the decision is made once, before the Pod's first sync.

Models pkg/kubelet/lifecycle/predicate.go and pkg/kubelet/kubelet.go (rejectPod).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from tinykube import objects
from tinykube.objects import Obj, dig, millicores, whole
from tinykube.podresources import asked

_COUNT = {"cpu": millicores, "memory": whole, "ephemeral-storage": whole}


class Refusal(NamedTuple):
    """Why a Pod may not run here, such as OutOfcpu."""

    reason: str
    message: str


def admit(pod: Obj, others: Iterable[Obj], allocatable: Obj, labels: Callable[[], dict[str, str]]) -> Refusal | None:
    """Why the Pod does not fit beside `others` on a node with those labels; None if it does."""
    selector = pod["spec"].get("nodeSelector")
    if selector and not objects.matches_labels(selector, labels()):
        words = "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"
        return Refusal("NodeAffinity", words)
    neighbors = list(others)
    capacity = whole(allocatable["pods"])
    if len(neighbors) >= capacity:
        return _out_of("pods", 1, len(neighbors), capacity)
    wanted = _requests(pod)
    for name, count in _COUNT.items():
        if name not in wanted:
            continue
        used = sum(count(amount) for other in neighbors if (amount := _requests(other).get(name)))
        asked, there = count(wanted[name]), count(allocatable[name])
        if asked > there - used:
            return _out_of(name, asked, used, there)
    return None


def _requests(pod: Obj) -> Obj:
    return asked(pod["spec"], "requests")


def _out_of(name: str, asked: int, used: int, capacity: int) -> Refusal:
    words = f"Node didn't have enough resource: {name}, requested: {asked}, used: {used}, capacity: {capacity}"
    return Refusal(f"OutOf{name}", words)


def refused_status(pod: Obj, refusal: Refusal) -> Obj:
    """The status of a Pod that was refused."""
    return {
        "phase": "Failed",
        "reason": refusal.reason,
        "message": f"Pod was rejected: {refusal.message}",
        "qosClass": dig(pod, "status", "qosClass", default="BestEffort"),
        "observedGeneration": dig(pod, "metadata", "generation", default=1),
        "conditions": [c for c in dig(pod, "status", "conditions", default=[]) if c["type"] == "PodScheduled"],
    }
