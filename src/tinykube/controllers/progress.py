"""What a Deployment says about itself: counts, and the conditions Available, Progressing and ReplicaFailure.

Law: pure functions; the time is a parameter (seconds since the epoch).

Models k8s.io/kubernetes pkg/controller/deployment/progress.go and sync.go (calculateStatus).
"""

from __future__ import annotations

from tinykube import objects
from tinykube.controllers import rolling, status
from tinykube.objects import Obj

CREATED = "NewReplicaSetCreated"
FOUND = "FoundNewReplicaSet"
UPDATED = "ReplicaSetUpdated"
COMPLETE = "NewReplicaSetAvailable"
TIMED_OUT = "ProgressDeadlineExceeded"
PAUSED = "DeploymentPaused"
RESUMED = "DeploymentResumed"
NOT_CREATED = "ReplicaSetCreateError"

FOREVER = 2**31 - 1
"""progressDeadlineSeconds with this value means none."""


def has_deadline(deployment: Obj) -> bool:
    """Whether progressDeadlineSeconds is set."""
    return deployment["spec"].get("progressDeadlineSeconds", FOREVER) != FOREVER


def progressing(value: str, reason: str, message: str, now: float) -> Obj:
    """A Progressing condition."""
    return status.simple("Progressing", value, reason, message, now, lastUpdateTime=objects.rfc3339(now))


def put(conditions: list[Obj], new: Obj) -> list[Obj]:
    """The conditions with `new` at their end, unless one with the same status and reason is there already."""
    old = status.find(conditions, new["type"])
    if old is not None and (old["status"], old.get("reason")) == (new["status"], new["reason"]):
        return conditions
    if old is not None and old["status"] == new["status"]:
        new = {**new, "lastTransitionTime": old["lastTransitionTime"]}
    return [*status.without(conditions, new["type"]), new]


def conditions_of(deployment: Obj) -> list[Obj]:
    """status.conditions, never None."""
    return objects.dig(deployment, "status", "conditions", default=[])


def count(deployment: Obj, replica_sets: list[Obj], new: Obj | None, now: float) -> Obj:
    """The status that the ReplicaSets add up to; Progressing stays as it is (calculateStatus)."""
    everything = [*replica_sets, *([new] if new else [])]
    available = rolling.actual(everything, "availableReplicas")
    counted: Obj = {
        "observedGeneration": objects.meta(deployment).get("generation", 0),
        "replicas": rolling.actual(everything),
        "updatedReplicas": rolling.actual([new]),
        "readyReplicas": rolling.actual(everything, "readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(0, rolling.total(everything) - available),
        "terminatingReplicas": rolling.actual(everything, "terminatingReplicas"),
        "collisionCount": objects.dig(deployment, "status", "collisionCount"),
        "conditions": put(conditions_of(deployment), _availability(deployment, available, now)),
    }
    return status.compact(counted, "terminatingReplicas")


def _availability(deployment: Obj, available: int, now: float) -> Obj:
    enough = available >= rolling.replicas(deployment) - rolling.max_unavailable(deployment)
    reason = "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable"
    message = f"Deployment {'has' if enough else 'does not have'} minimum availability."
    return status.simple("Available", enough, reason, message, now, lastUpdateTime=objects.rfc3339(now))


def with_progress(deployment: Obj, counted: Obj, replica_sets: list[Obj], new: Obj | None, now: float) -> Obj:
    """The status of a rollout: `counted`, with Progressing and ReplicaFailure brought up to date."""
    conditions = counted.get("conditions", [])
    if not has_deadline(deployment):
        conditions = status.without(conditions, "Progressing")
    elif not _finished_before(deployment, counted):
        conditions = _judge(deployment, counted, conditions, new, now)
    failure = _failure(replica_sets, new)
    conditions = put(conditions, failure) if failure else status.without(conditions, "ReplicaFailure")
    return status.compact({**counted, "conditions": conditions}, "terminatingReplicas")


def _finished_before(deployment: Obj, counted: Obj) -> bool:
    """No rollout is running: the last one has completed, and its Pods are all there are."""
    current = status.find(conditions_of(deployment), "Progressing")
    all_updated = counted.get("replicas", 0) == counted.get("updatedReplicas", 0)
    return all_updated and current is not None and current.get("reason") == COMPLETE


def _judge(deployment: Obj, counted: Obj, conditions: list[Obj], new: Obj | None, now: float) -> list[Obj]:
    who = f'ReplicaSet "{objects.name(new)}"' if new else f'Deployment "{objects.name(deployment)}"'
    current = status.find(conditions_of(deployment), "Progressing")
    if complete(deployment, counted):
        return put(conditions, progressing("True", COMPLETE, f"{who} has successfully progressed.", now))
    if _moved(deployment, counted):
        found = progressing("True", UPDATED, f"{who} is progressing.", now)
        if current is not None and current["status"] == "True":
            found["lastTransitionTime"] = current["lastTransitionTime"]
        return [*status.without(conditions, "Progressing"), found]
    if timed_out(deployment, conditions, now):
        return put(conditions, progressing("False", TIMED_OUT, f"{who} has timed out progressing.", now))
    return conditions


def complete(deployment: Obj, counted: Obj) -> bool:
    """Whether every wanted Pod is updated and available, and none other is left (DeploymentComplete)."""
    wanted = rolling.replicas(deployment)
    return (
        counted.get("updatedReplicas", 0) == wanted
        and counted.get("replicas", 0) == wanted
        and counted.get("availableReplicas", 0) == wanted
        and counted.get("observedGeneration", 0) >= objects.meta(deployment).get("generation", 0)
    )


def _moved(deployment: Obj, counted: Obj) -> bool:
    """Whether any count has improved since the last status (DeploymentProgressing)."""
    before = deployment.get("status") or {}

    def gained(field: str) -> bool:
        return counted.get(field, 0) > before.get(field, 0)

    def old(of: Obj) -> int:
        return of.get("replicas", 0) - of.get("updatedReplicas", 0)

    fewer_old = old(counted) < old(before)
    return gained("updatedReplicas") or fewer_old or gained("readyReplicas") or gained("availableReplicas")


def timed_out(deployment: Obj, conditions: list[Obj], now: float) -> bool:
    """Whether nothing has improved for progressDeadlineSeconds (DeploymentTimedOut)."""
    current = status.find(conditions, "Progressing")
    if not has_deadline(deployment) or current is None or current.get("reason") == COMPLETE:
        return False
    if current.get("reason") == TIMED_OUT:
        return True
    since = objects.parse_time(current.get("lastUpdateTime"))
    return since + deployment["spec"]["progressDeadlineSeconds"] < now


def seconds_to_deadline(deployment: Obj, counted: Obj, now: float) -> float | None:
    """When to look again whether the rollout is stuck; None when there is nothing to wait for."""
    current = status.find(conditions_of(deployment), "Progressing")
    if not has_deadline(deployment) or current is None:
        return None
    if complete(deployment, counted) or current.get("reason") == TIMED_OUT:
        return None
    since = objects.parse_time(current.get("lastUpdateTime"))
    return max(0.0, since + deployment["spec"]["progressDeadlineSeconds"] - now) + 1


def _failure(replica_sets: list[Obj], new: Obj | None) -> Obj | None:
    """The ReplicaFailure condition of the new ReplicaSet, or else of an old one."""
    for rs in [*([new] if new else []), *replica_sets]:
        found = objects.condition(rs, "ReplicaFailure")
        if found is not None:
            return {**found, "lastUpdateTime": found.get("lastTransitionTime")}
    return None
