"""Pipes: a bounded buffer of bytes with a reading and a writing end.

Law: a writer may fill the buffer beyond its bound once (`write` never waits) and is then asked to drain; the end of
the file is seen when the last writing descriptor is released; writing without a reader raises BrokenPipeError, which
`process.Process` turns into death by SIGPIPE.

Models Linux's pipe(7) (fs/pipe.c).
"""

from __future__ import annotations

import asyncio
import errno

from tinykube.runtime.oserror import oserror
from tinykube.runtime.streams import CHUNK, Stream

CAPACITY = 65536


class Pipe:
    """The buffer between a writing and a reading end."""

    __slots__ = ("buffer", "capacity", "eof", "readers", "waiting")

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.buffer = bytearray()
        self.capacity = capacity
        self.eof = False  # no writer is left
        self.readers = True  # somebody still reads
        self.waiting: list[asyncio.Future[None]] = []

    def wake(self) -> None:
        """Let everybody who waits for bytes, room or an end look again."""
        waiting, self.waiting = self.waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def changed(self) -> None:
        """Wait until something happens to the pipe."""
        future = asyncio.get_running_loop().create_future()
        self.waiting.append(future)
        await future

    def take(self, count: int) -> bytes:
        """Remove and return the first `count` bytes."""
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        if self.waiting:
            self.wake()
        return data


class PipeReader(Stream):
    """The reading end."""

    __slots__ = ("pipe",)

    def __init__(self, pipe: Pipe) -> None:
        super().__init__()
        self.pipe = pipe

    async def read(self, limit: int = CHUNK) -> bytes:
        while not self.pipe.buffer and not self.pipe.eof:
            await self.pipe.changed()
        return self.pipe.take(limit)

    async def readline(self) -> bytes:
        seen = 0
        while True:
            end = self.pipe.buffer.find(b"\n", seen) + 1
            if end or self.pipe.eof:
                return self.pipe.take(end or len(self.pipe.buffer))
            seen = len(self.pipe.buffer)
            if seen >= self.pipe.capacity:  # a line longer than the pipe: make room, or the writer waits for ever
                return self.pipe.take(seen) + await self.readline()
            await self.pipe.changed()

    def closed(self) -> None:
        self.pipe.readers = False
        self.pipe.wake()


class PipeWriter(Stream):
    """The writing end."""

    __slots__ = ("pipe",)

    def __init__(self, pipe: Pipe) -> None:
        super().__init__()
        self.pipe = pipe

    def write(self, data: bytes) -> bool:
        pipe = self.pipe
        if not pipe.readers:
            raise oserror(errno.EPIPE)
        pipe.buffer += data
        if pipe.waiting:
            pipe.wake()
        return len(pipe.buffer) < pipe.capacity

    async def drain(self) -> None:
        while len(self.pipe.buffer) >= self.pipe.capacity and self.pipe.readers:
            await self.pipe.changed()
        if not self.pipe.readers:
            raise oserror(errno.EPIPE)

    def closed(self) -> None:
        self.pipe.eof = True
        self.pipe.wake()


class Capture(Stream):
    """A writing end that keeps everything: what `$(...)` reads once the last writer is gone."""

    __slots__ = ("data", "pipe")

    def __init__(self) -> None:
        super().__init__()
        self.data = bytearray()
        self.pipe = Pipe()

    def write(self, data: bytes) -> bool:
        self.data += data
        return True

    def closed(self) -> None:
        self.pipe.eof = True
        self.pipe.wake()

    async def finished(self) -> bytes:
        """All that was written, once every writer has closed its end."""
        while not self.pipe.eof:
            await self.pipe.changed()
        return bytes(self.data)


def pipe() -> tuple[PipeReader, PipeWriter]:
    """A new pipe's two ends, each with one reference held by the caller."""
    buffer = Pipe()
    return PipeReader(buffer), PipeWriter(buffer)
