"""Pod statuses on their way to the API.

Law: the only writer of Pod statuses on the node. It keeps the latest status of every Pod, writes it a moment later
(so that quick changes are written once), and deletes a Pod's object when its termination is complete.

Models pkg/kubelet/status/status_manager.go.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock, Timer
from tinykube.errors import ApiError
from tinykube.node.conditions import (
    CONTAINERS_READY,
    OWNED,
    READY,
    READY_TO_START,
    containers_ready,
    pod_ready,
)
from tinykube.node.phase import FAILED, SUCCEEDED, terminal
from tinykube.objects import Obj, dig

WRITE_DELAY = 0.004
"""Seconds from a change of status to its arrival at the API, at the least."""
LOST = {
    "exitCode": 137,
    "reason": "ContainerStatusUnknown",
    "message": "The container could not be located when the pod was terminated",
}


@dataclass
class Cached:
    """The latest status of a Pod, and whether nothing more will come."""

    pod: Obj
    status: Obj
    finished: bool = False
    timer: Timer | None = None


class StatusManager:
    """Statuses by Pod UID. `could_run(uid)` says whether containers of the Pod could still be running."""

    def __init__(self, client: Client, clock: Clock, rng: random.Random, could_run: Callable[[str], bool]) -> None:
        self._client, self._clock, self._rng, self._could_run = client, clock, rng, could_run
        self._cached: dict[str, Cached] = {}

    def get(self, uid: str) -> Obj | None:
        """The Pod's status as last set."""
        found = self._cached.get(uid)
        return found.status if found else None

    def set(self, pod: Obj, status: Obj) -> None:
        """The Pod's status is now this (SetPodStatus)."""
        self._store(pod, status, finished=False)

    def sandbox_ready(self, pod: Obj) -> None:
        """The Pod's sandbox and network are up: its condition says so before any container starts."""
        status = self.get(objects.uid(pod))
        if status is not None:
            conditions = [c | {"status": "True"} if c["type"] == READY_TO_START else c for c in status["conditions"]]
            self.set(pod, status | {"conditions": conditions})

    def set_ready(self, pod: Obj, container_id: str, ready: bool) -> None:
        """A readiness probe changed its mind about a container (SetContainerReadiness)."""
        self._set_container(pod, container_id, {"ready": ready})

    def set_started(self, pod: Obj, container_id: str) -> None:
        """A container's startup probe has passed (SetContainerStartup)."""
        self._set_container(pod, container_id, {"started": True})

    def terminate(self, pod: Obj) -> None:
        """Nothing of the Pod runs any more and nothing will (TerminatePod): settle what is still open in its status."""
        status = dict(self.get(objects.uid(pod)) or pod.get("status") or {})
        initial = objects.dig(status, "initContainerStatuses", default=[])
        if _was_initialized(pod, status):
            status["containerStatuses"] = [_settled(s) for s in status.get("containerStatuses", ())]
        if initial:
            reached = max((i for i, s in enumerate(initial) if _was_started(s)), default=0)
            status["initContainerStatuses"] = [_settled(s) if i <= reached else s for i, s in enumerate(initial)]
        if not terminal(status.get("phase")):
            status["phase"] = FAILED
        self._store(pod, status, finished=True)

    def forget(self, uid: str) -> None:
        """The Pod is gone."""
        found = self._cached.pop(uid, None)
        if found is not None and found.timer is not None:
            found.timer.cancel()

    def stop(self) -> None:
        """Write nothing any more."""
        for uid in list(self._cached):
            self.forget(uid)

    # -- the cache

    def _set_container(self, pod: Obj, container_id: str, change: Obj) -> None:
        status = self.get(objects.uid(pod))
        if status is None:
            return
        changed = dict(status)
        for part in ("initContainerStatuses", "containerStatuses"):
            if part in status:
                changed[part] = [s | change if s.get("containerID") == container_id else s for s in status[part]]
        statuses = [*changed.get("initContainerStatuses", ()), *changed.get("containerStatuses", ())]
        ready = containers_ready(pod, statuses, changed["phase"])
        others = [c for c in changed["conditions"] if c["type"] not in OWNED]
        fresh = {READY: pod_ready(pod, others, ready), CONTAINERS_READY: ready} if "ready" in change else {}
        changed["conditions"] = [fresh.get(c["type"], c) for c in status["conditions"]]
        self.set(pod, changed)

    def _store(self, pod: Obj, status: Obj, *, finished: bool) -> None:
        uid = objects.uid(pod)
        found = self._cached.get(uid)
        before = found.status if found else pod.get("status") or {}
        status = status | {"conditions": self._dated(pod, status.get("conditions", []), before)}
        if found is None:
            found = self._cached[uid] = Cached(pod, {})
        elif found.status == status and not objects.deleting(pod) and finished == found.finished:
            return
        found.pod, found.status, found.finished = pod, status, found.finished or finished
        if found.timer is None:
            delay = WRITE_DELAY * (1 + self._rng.random())
            found.timer = self._clock.call_later(delay, lambda: self._write(uid))

    def _dated(self, pod: Obj, conditions: list[Obj], before: Obj) -> list[Obj]:
        old = {c["type"]: c for c in before.get("conditions") or ()}
        generation = dig(pod, "metadata", "generation")
        now = objects.rfc3339(self._clock.now())
        dated = []
        for condition in conditions:
            known = old.get(condition["type"], {})
            since = known.get("lastTransitionTime") if known.get("status") == condition["status"] else None
            entry = condition | {"lastProbeTime": None, "lastTransitionTime": since or now}
            dated.append(({"observedGeneration": generation} if generation else {}) | entry)
        return dated

    # -- the API

    def _write(self, uid: str) -> None:
        cached = self._cached.get(uid)
        if cached is None:
            return
        cached.timer = None
        name, namespace = objects.name(cached.pod), objects.namespace(cached.pod)
        try:
            current = self._client.get("pods", namespace, name)
        except ApiError:
            self.forget(uid)
            return
        if objects.uid(current) != uid:
            self.forget(uid)
            return
        merged = merge(current.get("status") or {}, cached.status, could_run=self._could_run(uid))
        if merged != current.get("status"):
            try:
                current = self._client.update_status("pods", current | {"status": merged})
            except ApiError as refused:
                if refused.reason not in ("NotFound", "Conflict"):  # what the API finds wrong with it is our mistake
                    raise
        self._delete_if_finished(current, cached)

    def _delete_if_finished(self, current: Obj, cached: Cached) -> None:
        if objects.deleting(current) and cached.finished and terminal(dig(current, "status", "phase")):
            with contextlib.suppress(ApiError):
                self._client.delete(
                    "pods", objects.namespace(current), objects.name(current), uid=objects.uid(current), grace_period=0
                )

    def reconcile(self, pod: Obj) -> None:
        """The Pod's object changed: delete it if that is all that is left to do."""
        cached = self._cached.get(objects.uid(pod))
        if cached is not None and cached.finished and objects.deleting(pod) and cached.timer is None:
            cached.timer = self._clock.call_later(WRITE_DELAY, lambda: self._write(objects.uid(pod)))


def merge(old: Obj, new: Obj, *, could_run: bool) -> Obj:
    """The status to write: others' conditions stay, and the phase ends only when no container could run any more."""
    foreign = [c for c in old.get("conditions") or () if c["type"] not in OWNED]
    merged = new | {"conditions": [*foreign, *(c for c in new["conditions"] if c["type"] in OWNED)]}
    for field in (
        "resourceClaimStatuses",
        "extendedResourceClaimStatus",
        "nominatedNodeName",
        "ephemeralContainerStatuses",
    ):
        if field in old and field not in merged:
            merged[field] = old[field]
    if terminal(merged.get("phase")) and not terminal(old.get("phase")) and could_run:
        for field in ("phase", "reason", "message"):
            merged.pop(field, None)
            if field in old:
                merged[field] = old[field]
    if terminal(merged.get("phase")):
        reason = "PodCompleted" if merged["phase"] == SUCCEEDED else "PodFailed"
        merged["conditions"] = [_never_ready(c, reason) for c in merged["conditions"]]
    return merged


def _never_ready(condition: Obj, reason: str) -> Obj:
    if condition["type"] not in (READY, CONTAINERS_READY) or condition["status"] != "True":
        return condition
    return condition | {"status": "False", "reason": reason}


def _was_started(status: Obj) -> bool:
    return "waiting" not in status["state"] or bool(dig(status, "lastState", "terminated"))


def _was_initialized(pod: Obj, status: Obj) -> bool:
    """Whether the Pod ever got past its init containers (hasPodInitialized)."""
    inits = pod["spec"].get("initContainers") or ()
    if not inits or any(_was_started(s) for s in status.get("containerStatuses", ())):
        return True
    last = (status.get("initContainerStatuses") or [{}])[-1]
    if inits[-1].get("restartPolicy") == "Always":
        return bool(last.get("started"))
    return 0 in (dig(last, part, "terminated", "exitCode") for part in ("state", "lastState"))


def _settled(status: Obj) -> Obj:
    if "terminated" in status["state"]:
        return status
    return status | {
        "state": {"terminated": {**LOST, "startedAt": None, "finishedAt": None}},
        "ready": False,
        "started": False,
    }
