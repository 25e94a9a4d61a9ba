"""A lab's time: one way to wait that works on every cluster.

Law: everything in a lab that lets time pass does it here. Where the cluster's time stands still, the lab moves it, from
one change to the next; where it flows, the lab waits for real. Regular work (`every`) happens at its instant either
way.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from kubelab import durations, reporting
from kubelab.clusters.base import Clock, Tick
from kubelab.errors import Interrupted, TimedOut

T = TypeVar("T")
_BAR_AFTER = 2.0
_GLIMPSE = 1.0
"""Cluster seconds between two looks, at most: a learner's predicate may look at more than the cluster's objects."""
_MOMENT = 0.003
"""Wall seconds between two looks at an answer that is on its way."""
_LAST_MOMENT = 5.0
"""Wall seconds for an answer whose cluster time is over to arrive."""


class Ticker:
    """Work that is due every `interval` cluster seconds."""

    def __init__(self, interval: float, start: float, work: Callable[[float], None]) -> None:
        self.interval, self.due, self.work = interval, start, work

    def run_due(self, now: float) -> None:
        """Do the work once for each instant that `now` has reached."""
        while self.due <= now + 1e-6:
            at, self.due = self.due, self.due + self.interval
            self.work(at)


class LabClock:
    """Time as one lab lives it. Not to be shared between threads, except by its own tickers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = Tick(0.0)
        self._tickers: list[Ticker] = []
        self._listeners: list[Callable[[Tick], None]] = []

    @property
    def stepped(self) -> bool:
        """Time stands still between calls."""
        return self._clock.stepped

    @property
    def speed(self) -> float:
        """Cluster seconds per wall second while time flows."""
        return self._clock.speed

    @property
    def patience(self) -> float:
        """What time-outs are multiplied by: machines are slow sometimes, a clock that is moved never is."""
        return 1.0 if self.stepped else 3.0

    def now(self) -> float:
        """The cluster's time, seconds since the epoch."""
        return self._seen(self._clock.tick()).now

    def tick(self) -> Tick:
        """The cluster's time and how busy it is; moves nothing."""
        return self._told(self._clock.tick())

    def step(self, most: float, since: Tick | None = None) -> Tick:
        """Let time pass until something may have happened, at most `most` seconds; not if that is so `since` then."""
        if self.stepped and self._tickers:
            most = min(most, max(0.0, min(ticker.due for ticker in self._tickers) - self._last.now))
        start, tick = self._last, self._clock.step(most, since)
        if tick.before is not None:  # what was written until now belongs to this instant, not to the next
            self._told(replace(start, revision=tick.before))
        self._told(tick)
        if self.stepped:
            self._run_tickers(tick.now)
        return tick

    def wait(self, seconds: float) -> None:
        """Let `seconds` pass: at once where time stands still, else as long as it takes, with a progress bar."""
        if self.stepped:
            self._move(seconds)
            return
        end = self.now() + seconds
        with _interruptible(), _bar(seconds / self.speed) as progress:
            while (left := end - self.now()) > 0:
                self.step(left)
                progress(str((seconds - left) / self.speed))

    def fast_forward(self, seconds: float) -> None:
        """Let `seconds` pass as fast as the cluster can: at once on a practice cluster, else by waiting."""
        if not self._clock.jumps:
            self.wait(seconds)
        else:
            self._move(seconds)

    def unroll(self, seconds: float, pace: float = 0.02) -> None:
        """Where time stands still, let `seconds` pass in steps, `pace` wall seconds apart; elsewhere do nothing."""
        with _interruptible():
            for _ in range(round(seconds * 4) if self.stepped else 0):
                self._move(0.25)
                time.sleep(pace)

    def until(self, found: Callable[[int | None], T | None], seconds: float) -> T | None:
        """Let time pass until `found(revision)` returns something, or `seconds` (times patience) are over: then None.

        As long as the revision is a number and stays the same, no object of the cluster has changed.
        """
        end = self.now() + seconds * self.patience
        with _interruptible():
            while (result := found(self._last.revision)) is None:
                left = end - self._last.now
                if left <= 0:
                    return None
                self.step(min(left, _GLIMPSE))
        return result

    def during(self, call: Callable[[], T], seconds: float = 300.0) -> T:
        """Make a blocking call into the cluster; its answer may itself take cluster time, at most `seconds` of it.

        Raises:
            TimedOut: it takes more, as a command that does not end; where time flows, that is waited for.
        """
        if not self.stepped:
            return call()
        outcome, tick = _in_thread(call), self.tick()
        end = tick.now + seconds
        with _interruptible():
            while not _done(outcome, _MOMENT) and tick.now < end:
                # an answer that comes at this very moment keeps the clock from moving
                tick = self.step(end - tick.now, tick) if tick.busy else self.tick()
            if not _done(outcome, _LAST_MOMENT):
                raise TimedOut(
                    f"There is no answer after {durations.show(seconds)} of the cluster's time.",
                    "What never ends can be started in the background, or ended with `timeout`.",
                )
            return outcome.result()

    def let_answer(self, *unanswered: Future[Any]) -> None:
        """Give requests that take no cluster time the moment they need; return once the rest wait for the clock."""
        while waiting := [one for one in unanswered if not _done(one, _MOMENT)]:
            if not self.stepped or self.tick().busy >= len(waiting):
                return

    def to_whole_second(self) -> None:
        """Move a clock that stands still on to the next whole second, so that what follows is the same on each run."""
        if self.stepped:
            now = self.now()
            if (rest := math.ceil(now - 1e-6) - now) > 1e-6:
                self._move(rest)

    @contextmanager
    def every(self, interval: float, work: Callable[[float], None]) -> Iterator[None]:
        """While the block runs, call `work(instant)` every `interval` cluster seconds, starting now."""
        ticker = Ticker(interval, self.now(), work)
        if not self.stepped:
            with _background(ticker, self.now, self.speed):
                yield
            return
        self._tickers.append(ticker)
        ticker.run_due(ticker.due)
        try:
            yield
        finally:
            self._tickers.remove(ticker)

    @contextmanager
    def listening(self, heard: Callable[[Tick], None]) -> Iterator[None]:
        """While the block runs, call `heard` after every move of the clock."""
        self._listeners.append(heard)
        try:
            yield
        finally:
            self._listeners.remove(heard)

    def close(self) -> None:
        """Nobody will ask any more."""
        self._clock.close()

    def _move(self, seconds: float) -> None:
        """Jump, but stop at every timer if somebody wants to know what happened when."""
        if not (self.stepped and (self._tickers or self._listeners)):
            self._told(self._clock.advance(seconds))
            return
        end = self.now() + seconds
        while (left := end - self._last.now) > 1e-6:
            self.step(left)

    def _run_tickers(self, now: float) -> None:
        for ticker in list(self._tickers):
            ticker.run_due(now)

    def _seen(self, tick: Tick) -> Tick:
        self._last = tick
        return tick

    def _told(self, tick: Tick) -> Tick:
        self._seen(tick)
        for heard in list(self._listeners):
            heard(tick)
        return tick


@contextmanager
def _interruptible() -> Iterator[None]:
    """Stopping a wait is no accident: it ends in a sentence."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted from None


@contextmanager
def _bar(wall_seconds: float) -> Iterator[Callable[[str], None]]:
    if wall_seconds <= _BAR_AFTER:
        yield lambda _: None
        return
    with reporting.waiting(wall_seconds) as progress:
        yield progress


def _in_thread(call: Callable[[], T]) -> Future[T]:
    outcome: Future[T] = Future()

    def work() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return outcome


def _done(outcome: Future[T], seconds: float) -> bool:
    try:
        outcome.exception(timeout=seconds)
    except TimeoutError:
        return False
    return True


@contextmanager
def _background(ticker: Ticker, now: Callable[[], float], speed: float) -> Iterator[None]:
    """A ticker on a clock that flows by itself runs in a thread of its own."""
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            ticker.run_due(now())
            stop.wait(max(0.01, (ticker.due - now()) / speed))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)
