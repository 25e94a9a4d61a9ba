"""A container's log: every line with its time and stream, and reading it the way `kubectl logs` asks.

Law: lines are kept compactly, for a cluster writes millions of them in a fast-forwarded day; the oldest half goes when
a log grows beyond `LIMIT`, as rotation does it. A follower is woken by new lines and by the end.

Models pkg/kubelet/kuberuntime/logs/logs.go and containerd's log rotation (containerLogMaxSize 10Mi).
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

from tinykube.clock import Clock

LIMIT = 10 * 1024 * 1024
"""Bytes of one container's log."""
_STREAMS = ("stdout", "stderr")


class ContainerLog:
    """The log of one container instance."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._text = bytearray()
        self._ends: array[int] = array("Q")
        self._times: array[float] = array("d")
        self._from: array[int] = array("B")
        self._dropped = 0  # lines rotated away
        self._waiting: list[asyncio.Future[None]] = []
        self.closed = False

    def __call__(self, stream: str, line: bytes) -> None:
        """Append a line (the runtime's log sink). A line without a newline is a part of a longer one."""
        self._text += line
        self._ends.append(len(self._text))
        self._times.append(self._clock.now())
        self._from.append(stream == "stderr")
        if len(self._text) > LIMIT:
            self._rotate()
        self._wake()

    def close(self) -> None:
        """The container has ended: nothing will be added."""
        self.closed = True
        self._wake()

    def tail(self, limit: int) -> bytes:
        """The last `limit` bytes, as FallbackToLogsOnError wants them."""
        return bytes(self._text[-limit:])

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return len(self._text)

    def __len__(self) -> int:
        """Lines ever written."""
        return self._dropped + len(self._ends)

    def line(self, number: int) -> tuple[float, str, bytes]:
        """Time, stream and bytes of line `number`, which must not have been rotated away."""
        index = number - self._dropped
        start = self._ends[index - 1] if index else 0
        return self._times[index], _STREAMS[self._from[index]], bytes(self._text[start : self._ends[index]])

    def first_after(self, when: float) -> int:
        """The number of the first line at or after `when`."""
        index = next((i for i, t in enumerate(self._times) if t >= when), len(self._times))
        return self._dropped + index

    @property
    def start(self) -> int:
        """The number of the oldest line that is kept."""
        return self._dropped

    async def changed(self) -> None:
        """Wait for a new line or the end."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        await waiter

    def _wake(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for waiter in waiting:
                if not waiter.done():
                    waiter.set_result(None)

    def _rotate(self) -> None:
        half = len(self._ends) // 2
        cut = self._ends[half - 1]
        del self._text[:cut]
        self._ends = array("Q", (end - cut for end in self._ends[half:]))
        self._times, self._from = self._times[half:], self._from[half:]
        self._dropped += half


async def read(log: ContainerLog, options: Mapping[str, Any], now: float) -> AsyncIterator[bytes]:
    """The bytes that `kubectl logs` prints, with the options of `client.KubeletApi.logs`.

    `now`: seconds since the epoch.
    """
    left = options.get("limitBytes")
    position = _first(log, options, now)
    while True:
        chunk, position = _collect(log, position, bool(options.get("timestamps")))
        if left is not None:
            chunk = chunk[:left]
            left -= len(chunk)
        if chunk:
            yield chunk
        if left == 0 or not options.get("follow") or (log.closed and position >= len(log)):
            return
        if position >= len(log):
            await log.changed()


def _first(log: ContainerLog, options: Mapping[str, Any], now: float) -> int:
    since = options.get("sinceTime")
    if options.get("sinceSeconds") is not None:
        since = now - options["sinceSeconds"]
    first = log.start if since is None else log.first_after(since)
    tail = options.get("tailLines")
    if tail is None or tail < 0:
        return first
    number = len(log)
    while tail > 0 and number > log.start:  # a line in parts counts once
        number -= 1
        while number > log.start and not log.line(number - 1)[2].endswith(b"\n"):
            number -= 1
        tail -= 1
    return max(first, number)


def _collect(log: ContainerLog, position: int, timestamps: bool) -> tuple[bytes, int]:
    parts = []
    begins = True
    for number in range(max(position, log.start), len(log)):
        when, _, line = log.line(number)
        if timestamps and begins:
            parts.append(_stamp(when))
        parts.append(line)
        begins = line.endswith(b"\n")
    return b"".join(parts), len(log)


def _stamp(when: float) -> bytes:
    moment = datetime.fromtimestamp(int(when), UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{int(when % 1 * 1e9):09d}Z ".encode()
