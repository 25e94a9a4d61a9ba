"""Questions that every workload controller asks about Pods, and how a Pod is made from a template.

Law: pure functions over Pod objects; the current time is a parameter (seconds since the epoch).

Models k8s.io/kubernetes pkg/controller/controller_utils.go and pkg/api/v1/pod/util.go.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

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
    those whose node holds more `related` Pods; for the rest see `Standing`.
    """
    on_node = Counter(pod["spec"].get("nodeName", "") for pod in related if active(pod))
    return sorted(pods, key=lambda pod: Standing(pod, on_node[pod["spec"].get("nodeName", "")], now))


class Standing:
    """How much a Pod would be missed, compared with another.

    Of Pods that rank alike the one that has been ready for a shorter time goes first, or was restarted more often, or
    created later. Times count in powers of two, and about the same is left to the UIDs: there, chance should decide.
    """

    __slots__ = ("created", "now", "rank", "restarts", "since", "uid")

    def __init__(self, pod: Obj, neighbors: int, now: float) -> None:
        self.now, self.since, self.uid = now, ready_since(pod), objects.uid(pod)
        is_ready, order = self.since is not None, _PHASE_ORDER.get(phase(pod), 1)
        self.rank = (bool(pod["spec"].get("nodeName")), order, is_ready, deletion_cost(pod), -neighbors)
        self.restarts = restarts(pod)
        self.created = objects.parse_time(objects.meta(pod).get("creationTimestamp"))

    def __lt__(self, other: Standing) -> bool:
        if self.rank != other.rank:
            return self.rank < other.rank
        if self.since is not None and other.since is not None and self.since != other.since:
            return self._sooner(self.since, other.since, other.uid)
        if self.restarts != other.restarts:
            return self.restarts > other.restarts
        return self._sooner(self.created, other.created, other.uid)

    def _sooner(self, mine: float, theirs: float, uid: str) -> bool:
        ages = _log2(self.now - mine), _log2(self.now - theirs)
        return self.uid < uid if ages[0] == ages[1] else ages[0] < ages[1]


def _log2(age: float) -> int:
    """An age (seconds) as a power of two of nanoseconds."""
    return int(math.log2(age * 1e9)) if age > 0 else -1


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
