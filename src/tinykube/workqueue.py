"""The queue between an informer's handlers and a controller's reconcile loop.

Law: a key is never worked on twice at the same time, and a key added while it is being worked on is worked on again.
Failed keys come back later and later: 5 ms doubling to 1000 s.

Models k8s.io/client-go/util/workqueue (queue.go, delaying_queue.go, default_rate_limiters.go).
"""

from __future__ import annotations

import asyncio
from collections import deque

from tinykube.clock import Clock, Timer

BASE_DELAY = 0.005
MAX_DELAY = 1000.0


class WorkQueue:
    """Keys waiting to be reconciled, each at most once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queue: deque[str] = deque()
        self._dirty: set[str] = set()
        self._processing: set[str] = set()
        self._waiting: dict[str, Timer] = {}
        self._failures: dict[str, int] = {}
        self._getter: asyncio.Future[None] | None = None

    def __len__(self) -> int:
        return len(self._queue)

    def add(self, key: str) -> None:
        """Queue a key, unless it is queued already."""
        if key in self._dirty:
            return
        self._dirty.add(key)
        if key not in self._processing:
            self._queue.append(key)
            self._wake()

    def add_after(self, key: str, seconds: float) -> None:
        """Queue a key once `seconds` have passed; an earlier appointment for the same key stands."""
        if seconds <= 0:
            self.add(key)
            return
        when = self._clock.now() + seconds
        earlier = self._waiting.get(key)
        if earlier is not None and earlier.when <= when:
            return
        if earlier is not None:
            earlier.cancel()
        self._waiting[key] = self._clock.call_at(when, lambda: self._due(key))

    def _due(self, key: str) -> None:
        self._waiting.pop(key, None)
        self.add(key)

    def add_rate_limited(self, key: str) -> None:
        """Queue a key that failed, later each time."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        self.add_after(key, min(BASE_DELAY * 2.0 ** min(failures, 30), MAX_DELAY))

    def forget(self, key: str) -> None:
        """The key succeeded: its next failure starts from the shortest delay."""
        self._failures.pop(key, None)

    def failures(self, key: str) -> int:
        """How often the key failed in a row (NumRequeues)."""
        return self._failures.get(key, 0)

    async def get(self) -> str:
        """The next key; call `done` with it afterwards. One reader at a time."""
        while not self._queue:
            self._getter = asyncio.get_running_loop().create_future()
            await self._getter
        key = self._queue.popleft()
        self._processing.add(key)
        self._dirty.discard(key)
        return key

    def done(self, key: str) -> None:
        """Work on the key has ended; queue it again if it was added meanwhile."""
        self._processing.discard(key)
        if key in self._dirty:
            self._queue.append(key)
            self._wake()

    def shut_down(self) -> None:
        """Cancel every appointment."""
        for timer in self._waiting.values():
            timer.cancel()
        self._waiting.clear()

    def _wake(self) -> None:
        if self._getter is not None and not self._getter.done():
            self._getter.set_result(None)
