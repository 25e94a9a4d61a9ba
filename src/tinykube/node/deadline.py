"""A Pod's own deadline: activeDeadlineSeconds after its start, the node ends it.

Law: `passed` decides, a timer only makes sure that somebody asks in time.

Models pkg/kubelet/active_deadline.go.
"""

from __future__ import annotations

from collections.abc import Callable

from tinykube import objects
from tinykube.clock import Clock, Timer
from tinykube.objects import Obj

REASON = "DeadlineExceeded"
MESSAGE = "Pod was active on the node longer than the specified deadline"


class Deadlines:
    """The deadlines of the node's Pods. `poke(uid)` has the Pod synced; `tell(pod)` says that its time was up."""

    def __init__(self, clock: Clock, poke: Callable[[str], None], tell: Callable[[Obj], None]) -> None:
        self._clock, self._poke, self._tell = clock, poke, tell
        self._timers: dict[str, Timer] = {}
        self._due: dict[str, float] = {}
        self._told: set[str] = set()

    def watch(self, pod: Obj, status: Obj) -> None:
        """Have the Pod synced when its deadline, which may have been brought forward, passes."""
        when, uid = _deadline(pod, status), objects.uid(pod)
        if when is not None and self._due.get(uid) != when:
            self.forget(uid)
            self._due[uid] = when
            self._timers[uid] = self._clock.call_at(when, lambda: self._poke(uid))

    def passed(self, pod: Obj, status: Obj) -> tuple[str, str] | None:
        """(reason, message) once the deadline has passed."""
        when = _deadline(pod, status)
        if when is None or self._clock.now() < when:
            return None
        if objects.uid(pod) not in self._told:
            self._told.add(objects.uid(pod))
            self._tell(pod)
        return REASON, MESSAGE

    def forget(self, uid: str) -> None:
        """The Pod has ended."""
        self._due.pop(uid, None)
        timer = self._timers.pop(uid, None)
        if timer is not None:
            timer.cancel()

    def stop(self) -> None:
        """Drop every timer."""
        for uid in list(self._timers):
            self.forget(uid)


def _deadline(pod: Obj, status: Obj) -> float | None:
    seconds, start = pod["spec"].get("activeDeadlineSeconds"), status.get("startTime")
    if seconds is None or not start:
        return None
    return objects.parse_time(start) + float(seconds)
