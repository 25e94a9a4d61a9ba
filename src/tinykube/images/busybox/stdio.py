"""Standard output as the C library buffers it.

Law: into a terminal, and for programs that write by themselves, bytes go out at once; else in blocks of 4096 bytes and
at the end. So `tail -F log | grep ERROR` in a container shows nothing for a long time, here as in a real one; awk and
`while read` loops show each line at once.

Models glibc's stdio (setvbuf(3): _IOFBF) as busybox's programs use it.
"""

from __future__ import annotations

from tinykube.runtime.process import Process
from tinykube.runtime.streams import Stream

BLOCK = 4096


class Buffered(Stream):
    """Passes on whole blocks; what is left is lost if the program is killed."""

    __slots__ = ("_data", "_target")

    def __init__(self, target: Stream) -> None:
        super().__init__()
        self._target = target
        self._data = bytearray()

    def write(self, data: bytes) -> bool:
        self._data += data
        if len(self._data) < BLOCK:
            return True
        whole = len(self._data) // BLOCK * BLOCK
        block = bytes(self._data[:whole])
        del self._data[:whole]
        return self._target.write(block)

    async def drain(self) -> None:
        await self._target.drain()

    async def flush(self) -> None:
        """Pass on everything: the program has ended by itself."""
        rest, self._data = bytes(self._data), bytearray()
        if rest:
            self._target.write(rest)
            await self._target.drain()

    def closed(self) -> None:
        self._target.release()


def buffered(process: Process) -> Buffered | None:
    """Buffer a process' standard output, unless that is a terminal or closed."""
    stream = process.fds.get(1)
    if stream is None or stream.isatty:
        return None
    buffer = process.fds[1] = Buffered(stream)
    return buffer
