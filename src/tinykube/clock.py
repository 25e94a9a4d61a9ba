"""The one source of time.

Law: nothing in tinykube reads the wall clock or sleeps by other means. A `Clock` holds a heap of timers; time moves
only in `advance`, which fires the timers in order and lets all work that is ready drain before it moves on. A
`follow_wall` turns the same clock into one that flows with the wall's, times a speed.

Models k8s.io/utils/clock (Clock, and FakeClock from clock/testing).
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import logging
import time
from collections.abc import Callable
from itertools import count
from typing import Any

log = logging.getLogger(__name__)

EPOCH = 1_767_225_600.0  # 2026-01-01T00:00:00Z: where a stepped clock starts unless told otherwise


class Timer:
    """A callback waiting for its instant; `cancel` forgets it."""

    __slots__ = ("callback", "when")

    def __init__(self, when: float, callback: Callable[[], Any]) -> None:
        self.when = when
        self.callback: Callable[[], Any] | None = callback

    def cancel(self) -> None:
        """Never fire. Cancelling twice, or after firing, does nothing."""
        self.callback = None


class Clock:
    """Virtual time in seconds since the epoch. It stands still until someone advances it."""

    def __init__(self, start: float = EPOCH) -> None:
        self._now = start
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = count()
        self._settling = 0
        self._moving = asyncio.Lock()
        self._flow: Callable[[], float] | None = None
        self.speed: float | None = None
        """Seconds per second of the wall while time flows with it; None while it stands still."""

    def now(self) -> float:
        """Seconds since the epoch."""
        if self._flow is not None and not self._moving.locked():
            self._now = max(self._now, min(self._flow(), self.next_timer() or float("inf")))
        return self._now

    def call_at(self, when: float, callback: Callable[[], Any]) -> Timer:
        """Call `callback` once time reaches `when` (seconds since the epoch)."""
        timer = Timer(max(when, self._now), callback)
        heapq.heappush(self._heap, (timer.when, next(self._order), timer))
        if self._flow is not None and self._heap[0][2] is timer:
            self._wake.set()
        return timer

    def call_later(self, delay: float, callback: Callable[[], Any]) -> Timer:
        """Call `callback` after `delay` seconds."""
        return self.call_at(self.now() + max(0.0, delay), callback)

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of this clock's time; zero or less only yields to other tasks."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        done = asyncio.get_running_loop().create_future()
        timer = self.call_later(seconds, lambda: None if done.done() else done.set_result(None))
        try:
            await done
        finally:
            timer.cancel()

    async def wait_for(self, awaitable: Any, seconds: float) -> Any:
        """Like `asyncio.wait_for`, on this clock.

        Raises:
            TimeoutError: `seconds` passed first; the awaitable is cancelled.
        """
        task = asyncio.ensure_future(awaitable)
        timer = self.call_later(seconds, task.cancel)
        try:
            return await task
        except asyncio.CancelledError:
            if timer.callback is None and task.cancelled():
                raise TimeoutError from None
            task.cancel()
            raise
        finally:
            timer.cancel()

    def next_timer(self) -> float | None:
        """When the earliest pending timer fires, or None if nothing is pending."""
        while self._heap and self._heap[0][2].callback is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    async def settle(self) -> None:
        """Return once everything that can run at this instant has run."""
        ready = _ready_queue()
        self._settling += 1
        try:
            while True:
                await asyncio.sleep(0)
                if len(ready) < self._settling:  # the other settlers are always in the queue themselves
                    return
        finally:
            self._settling -= 1

    async def advance(self, seconds: float) -> None:
        """Move time on by `seconds`, firing every timer on the way in order."""
        async with self._moving:
            await self._advance_to(self._now + seconds)

    async def advance_to(self, when: float) -> None:
        """Move time on to `when` (seconds since the epoch); never back."""
        async with self._moving:
            await self._advance_to(when)

    async def step(self, longest: float) -> float:
        """Move to the next timer, at most `longest` seconds away; return the seconds moved."""
        async with self._moving:
            await self.settle()
            start, upcoming = self._now, self.next_timer()
            limit = start + longest
            await self._advance_to(limit if upcoming is None else min(upcoming, limit))
            return self._now - start

    async def run_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Advance, instant by instant, until `condition()` holds or `seconds` have passed; say whether it holds."""
        end = self._now + seconds
        await self.settle()
        while not condition():
            if self._now >= end:
                return False
            await self.step(end - self._now)
        return True

    async def _advance_to(self, when: float) -> None:
        await self.settle()
        while (upcoming := self.next_timer()) is not None and upcoming <= when:
            self._now = max(self._now, upcoming)
            self._fire_due()
            await self.settle()
        self._now = max(self._now, when)

    def _fire_due(self) -> None:
        while (upcoming := self.next_timer()) is not None and upcoming <= self._now:
            callback = heapq.heappop(self._heap)[2]
            fire, callback.callback = callback.callback, None
            if fire is not None:
                _fire(fire)

    # -- real time -------------------------------------------------------------------------------------------

    async def follow_wall(self, speed: float = 1.0) -> None:
        """Let time flow with the wall's, `speed` times as fast, until cancelled. A jump ahead is kept."""
        self._wake = asyncio.Event()
        base_wall, base_now = time.monotonic(), self._now

        def flow() -> float:
            nonlocal base_wall, base_now
            elapsed = time.monotonic() - base_wall
            expected = base_now + elapsed * speed
            if self._now > expected:  # somebody fast-forwarded: flow on from there
                base_wall, base_now = time.monotonic(), self._now
                return self._now
            return expected

        self._flow, self.speed = flow, speed
        try:
            while True:
                await self._until_next_timer(flow, speed)
                await self.advance_to(flow())
        finally:
            self._flow = self.speed = None

    async def _until_next_timer(self, flow: Callable[[], float], speed: float) -> None:
        upcoming = self.next_timer()
        self._wake.clear()
        delay = None if upcoming is None else max(0.0, (upcoming - flow()) / speed)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), delay)


def _fire(callback: Callable[[], Any]) -> None:
    """Call back. What goes wrong is one caller's misfortune and goes into the log: time moves on for all others."""
    try:
        callback()
    except Exception:
        log.exception("what was to happen at this time went wrong")


def _ready_queue() -> Any:
    """The running loop's queue of callbacks that are due now.

    asyncio has no public way to ask whether anything is ready; every event loop of the standard library keeps this
    queue, and a test pins that it is still there.
    """
    return asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
