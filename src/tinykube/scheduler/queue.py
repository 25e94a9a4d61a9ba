"""Pods waiting to be scheduled: now, after a back-off, or when something has changed that may help.

Law: the most important Pod first, then the one that waits longest. A Pod that fitted nowhere is not tried again until
the cluster changes (or five minutes have passed), and then not sooner than its back-off allows.

Models k8s.io/kubernetes pkg/scheduler/backend/queue/scheduling_queue.go.
"""

from __future__ import annotations

import asyncio
import heapq
from dataclasses import dataclass, field
from itertools import count

from tinykube import objects
from tinykube.clock import Clock, Timer
from tinykube.objects import Obj

FIRST_BACKOFF, LONGEST_BACKOFF = 1.0, 10.0
FLUSH_AFTER = 300.0
"""Seconds after which an unschedulable Pod is tried again even if nothing has changed."""


@dataclass
class Waiting:
    """A Pod in the queue, by key, with how often it was tried."""

    key: str
    priority: int
    since: float
    order: int
    attempts: int = 0
    failed_at: float = 0.0
    plugins: frozenset[str] = field(default_factory=frozenset)

    def __lt__(self, other: Waiting) -> bool:
        return (-self.priority, self.since, self.order) < (-other.priority, other.since, other.order)


class SchedulingQueue:
    """The active queue, the Pods in back-off, and the unschedulable ones."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._order = count()
        self._known: dict[str, Waiting] = {}
        self._active: list[Waiting] = []
        self._in_active: set[str] = set()
        self._backing_off: dict[str, Timer] = {}
        self._unschedulable: dict[str, Timer] = {}
        self._in_flight = ""
        self._changed_in_flight = False
        self._getter: asyncio.Future[None] | None = None

    def add(self, pod: Obj) -> None:
        """Queue a Pod that has no node yet, if it is not waiting already."""
        key = objects.key(pod)
        if key not in self._known:
            priority = pod["spec"].get("priority") or 0
            self._known[key] = Waiting(key, priority, self._clock.now(), next(self._order))
            self._activate(key)

    def forget(self, key: str) -> None:
        """The Pod has a node or is gone."""
        self._known.pop(key, None)
        self._in_active.discard(key)
        for timers in (self._backing_off, self._unschedulable):
            if timer := timers.pop(key, None):
                timer.cancel()

    async def get(self) -> Waiting:
        """The next Pod to try."""
        while True:
            while self._active:
                waiting = heapq.heappop(self._active)
                if waiting.key in self._in_active and self._known.get(waiting.key) is waiting:
                    self._in_active.discard(waiting.key)
                    self._in_flight, self._changed_in_flight = waiting.key, False
                    waiting.attempts += 1
                    return waiting
            self._getter = asyncio.get_running_loop().create_future()
            await self._getter

    def failed(self, waiting: Waiting, plugins: frozenset[str]) -> None:
        """The Pod fitted nowhere: park it until something changes for one of the `plugins` that refused it."""
        self._park(waiting, plugins, self._clock.now())

    def park(self, waiting: Waiting, plugins: frozenset[str]) -> None:
        """The Pod has its place and waits for one of the `plugins`: nothing failed, so there is no back-off."""
        self._park(waiting, plugins, 0.0)

    def _park(self, waiting: Waiting, plugins: frozenset[str], failed_at: float) -> None:
        if self._known.get(waiting.key) is not waiting:
            return
        waiting.failed_at, waiting.plugins = failed_at, plugins
        key = waiting.key
        self._unschedulable[key] = self._clock.call_later(FLUSH_AFTER, lambda: self._wake(key))
        if self._changed_in_flight and self._in_flight == key:
            self._wake(key)

    def changed(self, plugins: frozenset[str] | None = None) -> None:
        """Something changed that may make room for Pods refused by these plugins (None: by any)."""
        self._changed_in_flight = True
        for key in list(self._unschedulable):
            refused_by = self._known[key].plugins
            if plugins is None or not refused_by or refused_by & plugins:
                self._wake(key)

    def retry(self, pod: Obj) -> None:
        """The Pod itself has changed: try it again at once."""
        key = objects.key(pod)
        if key in self._unschedulable:
            self._wake(key)
        else:
            self.add(pod)

    def _wake(self, key: str) -> None:
        """Move an unschedulable Pod on: to the active queue, or to the back-off until it is over."""
        if timer := self._unschedulable.pop(key, None):
            timer.cancel()
        waiting = self._known[key]
        backoff = min(FIRST_BACKOFF * 2.0 ** min(waiting.attempts - 1, 9), LONGEST_BACKOFF)
        left = waiting.failed_at + backoff - self._clock.now()
        if left <= 0:
            self._activate(key)
        else:
            self._backing_off[key] = self._clock.call_later(left, lambda: self._over(key))

    def _over(self, key: str) -> None:
        self._backing_off.pop(key, None)
        self._activate(key)

    def _activate(self, key: str) -> None:
        if key not in self._known or key in self._in_active:
            return
        self._in_active.add(key)
        heapq.heappush(self._active, self._known[key])
        if self._getter is not None and not self._getter.done():
            self._getter.set_result(None)
