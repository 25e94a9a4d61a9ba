"""Questions that every workload controller asks about Pods, and how a Pod is made from a template.

Law: pure functions over Pod objects; the current time is a parameter (seconds since the epoch).

Models k8s.io/kubernetes pkg/controller/controller_utils.go and pkg/api/v1/pod/util.go.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from functools import cmp_to_key
from typing import Any

from tinykube import objects
from tinykube.objects import Obj

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"


def phase(pod: Obj) -> str:
    """status.phase, or an empty string."""
    return objects.dig(pod, "status", "phase", default="")


def finished(pod: Obj) -> bool:
    """Whether the Pod has run to its end, well or badly."""
    return phase(pod) in ("Succeeded", "Failed")


def active(pod: Obj) -> bool:
    """Neither finished nor being deleted (IsPodActive)."""
    return not finished(pod) and not objects.deleting(pod)


def terminating(pod: Obj) -> bool:
    """Being deleted, and not finished yet (IsPodTerminating)."""
    return not finished(pod) and objects.deleting(pod)


def ready(pod: Obj) -> bool:
    """Whether the Ready condition holds."""
    return objects.condition_true(pod, "Ready")


def ready_since(pod: Obj) -> float | None:
    """When the Pod became Ready (seconds since the epoch), or None while it is not."""
    found = objects.condition(pod, "Ready")
    if found is None or found.get("status") != "True":
        return None
    return objects.parse_time(found.get("lastTransitionTime"))


def available(pod: Obj, min_ready_seconds: int, now: float) -> bool:
    """Ready, and has been for at least `min_ready_seconds` (IsPodAvailable)."""
    since = ready_since(pod)
    return since is not None and (min_ready_seconds == 0 or since + min_ready_seconds <= now)


def seconds_until_available(pods: Iterable[Obj], min_ready_seconds: int, now: float) -> float | None:
    """How long until the next of the Ready `pods` has been so for `min_ready_seconds`; None when none will."""
    waits = [
        since + min_ready_seconds - now
        for since in map(ready_since, pods)
        if since is not None and since + min_ready_seconds > now
    ]
    return min(waits, default=None)


def restarts(pod: Obj) -> int:
    """The highest restart count among the Pod's containers, sidecars included."""
    statuses = objects.dig(pod, "status", "containerStatuses", default=[])
    return max((s.get("restartCount", 0) for s in statuses), default=0)


def deletion_cost(pod: Obj) -> int:
    """The pod-deletion-cost annotation; a cheaper Pod is deleted first."""
    try:
        return int(objects.annotations(pod).get(DELETION_COST, "0"))
    except ValueError:
        return 0


_PHASE_ORDER = {"Pending": 0, "Unknown": 1, "Running": 2}


def deletion_order(pods: list[Obj], related: list[Obj], now: float) -> list[Obj]:
    """`pods`, the best to delete first (ActivePodsWithRanks).

    Unassigned before assigned, pending before running, not ready before ready, cheaper by annotation first, then
    those whose node holds more `related` Pods; for the rest see `_younger`.
    """
    on_node = Counter(pod["spec"].get("nodeName", "") for pod in related if active(pod))

    def rank(pod: Obj) -> tuple[Any, ...]:
        node = pod["spec"].get("nodeName", "")
        return (
            bool(node),
            _PHASE_ORDER.get(phase(pod), 1),
            ready(pod),
            deletion_cost(pod),
            -on_node[node],
        )

    def compare(left: Obj, right: Obj) -> int:
        ranks = rank(left), rank(right)
        return (ranks[0] > ranks[1]) - (ranks[0] < ranks[1]) or _younger(left, right, now)

    return sorted(pods, key=cmp_to_key(compare))


def _younger(left: Obj, right: Obj, now: float) -> int:
    """Negative if `left` goes first: ready for a shorter time, restarted more often, or created later.

    Times count in powers of two, and about the same is left to the UIDs: which one goes should depend on chance.
    """
    since = ready_since(left), ready_since(right)
    if since[0] is not None and since[1] is not None and since[0] != since[1]:
        return _by_age(now - since[0], now - since[1]) or _by_uid(left, right)
    if restarts(left) != restarts(right):
        return restarts(right) - restarts(left)
    made = tuple(objects.parse_time(objects.meta(p).get("creationTimestamp")) for p in (left, right))
    return (_by_age(now - made[0], now - made[1]) if made[0] != made[1] else 0) or _by_uid(left, right)


def _by_age(left: float, right: float) -> int:
    """The difference of two ages (seconds) in powers of two of nanoseconds."""
    first, second = (int(math.log2(age * 1e9)) if age > 0 else -1 for age in (left, right))
    return first - second


def _by_uid(left: Obj, right: Obj) -> int:
    return -1 if objects.uid(left) < objects.uid(right) else 1


def from_template(template: Obj, owner: Obj) -> Obj:
    """A Pod to create for `owner` from its Pod template (GetPodFromTemplate); the name is the server's to choose."""
    given = template.get("metadata") or {}
    metadata: Obj = {
        "generateName": name_prefix(objects.name(owner)),
        "namespace": objects.namespace(owner),
        "labels": dict(given.get("labels") or {}),
        "annotations": dict(given.get("annotations") or {}),
        "finalizers": list(given.get("finalizers") or []),
        "ownerReferences": [objects.owner_reference(owner)],
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {field: value for field, value in metadata.items() if value},
        "spec": objects.copy(template["spec"]),
    }


def name_prefix(owner: str) -> str:
    """What generated Pod names start with: the owner's name and a dash, if that is still a valid name prefix."""
    return f"{owner}-" if len(owner) < 63 else owner
