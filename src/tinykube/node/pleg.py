"""Pod lifecycle events: noticing that a container started or died.

Law: containers say that something changed (`touched`); what the node *believes* changes only at a relist, once a
second, or right after a sync that did something. Nobody relists while nothing has changed and nobody waits.

Models pkg/kubelet/pleg/generic.go and pkg/kubelet/container/cache.go.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from tinykube.clock import Clock, Timer
from tinykube.node.observed import PodView

PERIOD = 1.0
"""Seconds between two relists."""
ON_DEMAND = 0.004
"""Seconds that relisting a single Pod takes."""


class Pleg:
    """The cache of what was last observed of each Pod, by UID, and its only writer."""

    def __init__(
        self, clock: Clock, look: Callable[[str], PodView], changed: Callable[[str], None], phase: float
    ) -> None:
        self._clock, self._look, self._changed = clock, look, changed
        self._base = clock.now() - PERIOD + phase % PERIOD
        self._views: dict[str, PodView] = {}
        self._observed: dict[str, float] = {}
        self._dirty: dict[str, None] = {}
        self._waiters: list[asyncio.Future[None]] = []
        self._timer: Timer | None = None

    def view(self, uid: str) -> PodView:
        """The Pod as last observed."""
        return self._views.get(uid, PodView())

    def touched(self, uid: str) -> None:
        """Something of the Pod changed; the next relist will see it."""
        self._dirty[uid] = None
        self._schedule()

    def request_relist(self, uid: str) -> None:
        """Look at one Pod now: a sync has just done something (RequestRelist)."""
        self._clock.call_later(ON_DEMAND, lambda: self._relist(uid))

    async def newer_than(self, uid: str, when: float) -> PodView:
        """The Pod as observed later than `when`, waiting for the next relist if need be (GetNewerThan)."""
        while max(self._observed.get(uid, 0.0), self._last_tick()) <= when:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            self._schedule()
            await waiter
        return self.view(uid)

    def next_tick(self, after: float = 0.0) -> float:
        """When the node looks next, but not before `after`: relists, and work that became due (the sync loop's
        ticker)."""
        tick = self._last_tick() + PERIOD
        return tick + math.ceil(max(after - tick, 0.0) / PERIOD) * PERIOD

    def forget(self, uid: str) -> None:
        """The Pod is gone."""
        self._views.pop(uid, None)
        self._observed.pop(uid, None)
        self._dirty.pop(uid, None)

    def stop(self) -> None:
        """Relist no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for waiter in self._waiters:
            waiter.cancel()
        self._waiters.clear()

    def _last_tick(self) -> float:
        return self._base + math.floor((self._clock.now() - self._base) / PERIOD + 1e-9) * PERIOD

    def _schedule(self) -> None:
        if self._timer is None:
            self._timer = self._clock.call_at(self.next_tick(), self._tick)

    def _tick(self) -> None:
        self._timer = None
        dirty, self._dirty = self._dirty, {}
        for uid in dirty:
            self._relist(uid)
        self._wake()

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _relist(self, uid: str) -> None:
        old, new = self.view(uid), self._look(uid)
        self._observed[uid] = self._clock.now()
        self._views[uid] = new
        if worth_a_sync(old, new):
            self._changed(uid)
        self._wake()


def worth_a_sync(old: PodView, new: PodView) -> bool:
    """Whether anything started, died or was resized; that a dead container was removed is no news."""
    if old.sandbox != new.sandbox or old.attempt != new.attempt:
        return True
    before = {c.id: (c.state, c.resources) for c in old.containers}
    gone = before.keys() - {c.id for c in new.containers}
    changed = any(before.get(c.id) != (c.state, c.resources) for c in new.containers)
    return changed or any(before[i][0] == "running" for i in gone)
