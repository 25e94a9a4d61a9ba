"""Resizing Pods in place: what each Pod has been granted, and what of its wishes has to wait.

Law: the node runs a Pod with what it has granted it, whatever its spec says meanwhile. A wish is granted at once if it
fits, put off while other Pods are in the way, and turned down if the node could never hold it.

Models pkg/kubelet/allocation/allocation_manager.go, pkg/kubelet/events/resize_events.go and
pkg/kubelet/status/status_manager.go (SetPodResizePendingCondition, SetPodResizeInProgressCondition).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import NamedTuple

from tinykube import objects
from tinykube.node.admission import fits
from tinykube.objects import Obj, dig, millicores, whole
from tinykube.podresources import asked

RESIZE_PENDING, RESIZE_IN_PROGRESS = "PodResizePending", "PodResizeInProgress"
_KINDS = ("containers", "initContainers")
Granted = dict[str, Obj]
"""Container name -> its resources."""


class Pending(NamedTuple):
    """Why a wish is not granted: Deferred or Infeasible."""

    reason: str
    message: str
    generation: int


class Resizes:
    """What the node's Pods have been granted, by UID. `tell(pod, type, reason, message)` records an event."""

    def __init__(self, allocatable: Obj, tell: Callable[[Obj, str, str, str], None]) -> None:
        self._allocatable, self._tell = allocatable, tell
        self._granted: dict[str, Granted] = {}
        self._pending: dict[str, Pending] = {}
        self._in_progress: dict[str, int] = {}

    def admitted(self, pod: Obj) -> None:
        """The node takes the Pod, with what it asks for."""
        self._granted.setdefault(objects.uid(pod), _resources(pod))

    def forget(self, uid: str) -> None:
        """The Pod is gone."""
        for known in (self._granted, self._pending, self._in_progress):
            known.pop(uid, None)

    def granted(self, pod: Obj) -> Obj:
        """The Pod with the resources that it has been granted."""
        held = self._granted.get(objects.uid(pod))
        if held is None or held == _resources(pod):
            return pod
        spec = dict(pod["spec"])
        for kind in _KINDS:
            if kind in spec:
                spec[kind] = [c | {"resources": held.get(c["name"], {})} for c in spec[kind]]
        return pod | {"spec": spec}

    def waiting(self) -> list[str]:
        """The UIDs of the Pods whose wishes are put off until there is room."""
        return [uid for uid, pending in self._pending.items() if pending.reason == "Deferred"]

    def consider(self, pod: Obj, others: Iterable[Obj]) -> None:
        """Grant what the Pod asks for now, beside the `others`, or note why not."""
        uid, generation = objects.uid(pod), dig(pod, "metadata", "generation", default=1)
        if self.granted(pod) is pod:
            self._pending.pop(uid, None)
            return
        refused = self._why_not(pod, [self.granted(other) for other in others if objects.uid(other) != uid])
        if refused is None:
            self._pending.pop(uid, None)
            self._granted[uid], self._in_progress[uid] = _resources(pod), generation
            self._tell(pod, "Normal", "ResizeStarted", _summary("Pod resize started", pod, generation))
            return
        known, self._pending[uid] = self._pending.get(uid), Pending(*refused, generation)
        if known is None or known[:2] != refused:
            words = _summary(f"Pod resize {refused[0]}", pod, generation, refused[1])
            self._tell(pod, "Warning", f"Resize{refused[0]}", words)

    def _why_not(self, pod: Obj, others: list[Obj]) -> tuple[str, str] | None:
        wanted = asked(pod["spec"], "requests")
        for name, count in (("memory", whole), ("cpu", millicores)):
            there = count(self._allocatable[name])
            if name in wanted and count(wanted[name]) > there:
                words = f"{name}, requested: {count(wanted[name])}, capacity: {there}"
                return "Infeasible", f"Node didn't have enough capacity: {words}"
        refusal = fits(pod, others, self._allocatable)
        return ("Deferred", refusal.message) if refusal else None

    def done(self, pod: Obj) -> None:
        """The Pod's containers run with what they have been granted."""
        generation = self._in_progress.pop(objects.uid(pod), None)
        if generation is not None:
            self._tell(pod, "Normal", "ResizeCompleted", _summary("Pod resize completed", pod, generation))

    def conditions(self, uid: str) -> list[Obj]:
        """What the Pod's status says of its wishes."""
        found: list[Obj] = []
        if pending := self._pending.get(uid):
            found.append(_condition(RESIZE_PENDING, pending.generation) | {"reason": pending[0], "message": pending[1]})
        if uid in self._in_progress:
            found.append(_condition(RESIZE_IN_PROGRESS, self._in_progress[uid]))
        return found


def _condition(kind: str, generation: int) -> Obj:
    return {"type": kind, "status": "True", "observedGeneration": generation}


def _resources(pod: Obj) -> Granted:
    return {c["name"]: c.get("resources") or {} for kind in _KINDS for c in pod["spec"].get(kind) or ()}


def _summary(prefix: str, pod: Obj, generation: int, error: str = "") -> str:
    sidecars = [c for c in pod["spec"].get("initContainers") or () if c.get("restartPolicy") == "Always"]
    parts = {"initContainers": sidecars, "containers": pod["spec"]["containers"]}
    said: Obj = {kind: [_amounts(c) for c in found] for kind, found in parts.items() if found}
    said |= {"generation": generation} | ({"error": error} if error else {})
    return f"{prefix}: {json.dumps(said, separators=(',', ':'))}"


def _amounts(container: Obj) -> Obj:
    resources = container.get("resources") or {}
    known = {part: dict(sorted(resources[part].items())) for part in ("limits", "requests") if resources.get(part)}
    return {"name": container["name"], "resources": known}


# -- running containers --------------------------------------------------------------------------------------


def differs(running: Obj, granted: Obj) -> set[str]:
    """Which of CPU and memory a container has been granted another amount of than it runs with."""
    return {
        name
        for name in ("cpu", "memory")
        for part in ("limits", "requests")
        if dig(running, part, name) != dig(granted, part, name)
    }


def needs_restart(container: Obj, changed: set[str]) -> bool:
    """Whether the container's resizePolicy wants it restarted for a change of these resources."""
    return any(
        policy["resourceName"] in changed and policy["restartPolicy"] == "RestartContainer"
        for policy in container.get("resizePolicy") or ()
    )
