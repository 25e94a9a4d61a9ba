"""The arithmetic of a rollout: how many Pods each ReplicaSet of a Deployment may have.

Law: pure functions on a Deployment and its ReplicaSets. There are never more than replicas + maxSurge Pods, and never
fewer available than replicas - maxUnavailable by the rollout's own doing.

Models k8s.io/kubernetes pkg/controller/deployment/rolling.go and util/deployment_util.go.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from tinykube import objects
from tinykube.objects import Obj

DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"


def replicas(obj: Obj) -> int:
    """spec.replicas."""
    return obj["spec"]["replicas"]


def is_rolling(deployment: Obj) -> bool:
    """Whether the strategy is RollingUpdate."""
    return deployment["spec"]["strategy"]["type"] == "RollingUpdate"


def limits(deployment: Obj) -> tuple[int, int]:
    """(maxSurge, maxUnavailable) in Pods. Surge rounds up, unavailable down; never both zero (ResolveFenceposts)."""
    rolling = objects.dig(deployment, "spec", "strategy", "rollingUpdate", default={})
    total = replicas(deployment)
    surge = objects.int_or_percent(rolling.get("maxSurge", "25%"), total, round_up=True)
    unavailable = objects.int_or_percent(rolling.get("maxUnavailable", "25%"), total, round_up=False)
    return surge, 1 if surge == 0 and unavailable == 0 else unavailable


def max_surge(deployment: Obj) -> int:
    """Pods allowed beyond spec.replicas; none unless rolling."""
    return limits(deployment)[0] if is_rolling(deployment) else 0


def max_unavailable(deployment: Obj) -> int:
    """Pods that may be missing or not available; none unless rolling."""
    if not is_rolling(deployment) or replicas(deployment) == 0:
        return 0
    return min(limits(deployment)[1], replicas(deployment))


def total(replica_sets: Iterable[Obj | None]) -> int:
    """The Pods that ReplicaSets are told to have (spec)."""
    return sum(replicas(rs) for rs in replica_sets if rs is not None)


def actual(replica_sets: Iterable[Obj | None], field: str = "replicas") -> int:
    """The Pods that ReplicaSets say they have (a count of their status)."""
    return sum(objects.dig(rs, "status", field, default=0) for rs in replica_sets if rs is not None)


def active(replica_sets: Iterable[Obj | None]) -> list[Obj]:
    """The ReplicaSets that should have Pods."""
    return [rs for rs in replica_sets if rs is not None and replicas(rs) > 0]


def age(replica_set: Obj) -> tuple[str, str]:
    """Sort key: oldest first, then by name."""
    return objects.meta(replica_set).get("creationTimestamp", ""), objects.name(replica_set)


def new_size(deployment: Obj, everything: list[Obj], new: Obj) -> int:
    """How many Pods the new ReplicaSet may have now (NewRSNewReplicas)."""
    wanted, current = replicas(deployment), replicas(new)
    if not is_rolling(deployment):
        return wanted
    room = wanted + max_surge(deployment) - total(everything)
    if room <= 0:
        return current
    return current + min(room, wanted - current)


def may_scale_down(deployment: Obj, everything: list[Obj], new: Obj) -> int:
    """How many old Pods can go at all, if the new ones that are not available yet are not counted on."""
    needed = replicas(deployment) - max_unavailable(deployment)
    not_yet = replicas(new) - actual([new], "availableReplicas")
    return total(everything) - needed - not_yet


def drop_unhealthy(old: list[Obj], most: int) -> dict[str, int]:
    """New sizes, by name, of old ReplicaSets with Pods that are not available: those go first, `most` at most."""
    sizes: dict[str, int] = {}
    for rs in sorted(old, key=age):
        unhealthy = replicas(rs) - actual([rs], "availableReplicas")
        dropped = min(most, unhealthy)
        if dropped > 0:
            sizes[objects.name(rs)] = replicas(rs) - dropped
            most -= dropped
    return sizes


def drop_available(deployment: Obj, everything: list[Obj], old: list[Obj]) -> dict[str, int]:
    """New sizes, by name, of old ReplicaSets when as many available Pods go as are not needed, oldest set first."""
    needed = replicas(deployment) - max_unavailable(deployment)
    spare = actual(everything, "availableReplicas") - needed
    sizes: dict[str, int] = {}
    for rs in sorted(old, key=age):
        dropped = min(spare, replicas(rs))
        if dropped > 0:
            sizes[objects.name(rs)] = replicas(rs) - dropped
            spare -= dropped
    return sizes


def proportional(deployment: Obj, replica_sets: list[Obj]) -> dict[str, int]:
    """New sizes, by name, when a Deployment is scaled in mid-rollout: each active set keeps its share."""
    wanted = replicas(deployment)
    allowed = wanted + max_surge(deployment) if wanted > 0 else 0
    to_add = allowed - total(replica_sets)
    ordered = _by_size(replica_sets, newest_first=to_add > 0)
    if to_add == 0:
        return {objects.name(rs): replicas(rs) for rs in ordered}
    sizes: dict[str, int] = {}
    added = 0
    for rs in ordered:
        share = _share(rs, deployment, to_add - added)
        sizes[objects.name(rs)] = replicas(rs) + share
        added += share
    if ordered:  # what rounding left over goes to the largest
        largest = objects.name(ordered[0])
        sizes[largest] = max(0, sizes[largest] + to_add - added)
    return sizes


def _by_size(replica_sets: list[Obj], *, newest_first: bool) -> list[Obj]:
    by_age = sorted(replica_sets, key=age, reverse=newest_first)
    return sorted(by_age, key=replicas, reverse=True)


def _share(rs: Obj, deployment: Obj, left: int) -> int:
    if replicas(rs) == 0 or left == 0:
        return 0
    share = _fraction(rs, deployment)
    return min(share, left) if left > 0 else max(share, left)


def _fraction(rs: Obj, deployment: Obj) -> int:
    if replicas(deployment) == 0:
        return -replicas(rs)
    size = replicas(deployment) + max_surge(deployment)
    before = annotated(rs, MAXIMUM) or objects.dig(deployment, "status", "replicas", default=0)
    if not before:
        return 0
    return _round(replicas(rs) * size / before) - replicas(rs)


def _round(value: float) -> int:
    """Half away from zero, as Go's integer.RoundToInt32; Python's round would go to the even number."""
    return math.floor(value + 0.5) if value >= 0 else math.ceil(value - 0.5)


def annotated(rs: Obj, annotation: str) -> int | None:
    """A number noted on a ReplicaSet, or None."""
    text = objects.annotations(rs).get(annotation, "")
    return int(text) if text.isdigit() else None


def saturated(deployment: Obj, new: Obj | None) -> bool:
    """Whether the new ReplicaSet has all the Pods, available, and knows it."""
    if new is None:
        return False
    wanted = replicas(deployment)
    return replicas(new) == wanted == annotated(new, DESIRED) == actual([new], "availableReplicas")
