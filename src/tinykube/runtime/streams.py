"""Open files: what a process' file descriptors point to.

Law: `write` never waits. It takes everything it is given and returns False when the reader is behind; a program that
writes much then awaits `drain`. `read` and `readline` wait. Several processes share one open file and its position,
as after fork(2); each holds one reference, and the last `release` closes it.

Models Linux's open file descriptions (fs/file_table.c).
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import TYPE_CHECKING

from tinykube.runtime.nodes import File, Limit
from tinykube.runtime.oserror import oserror

if TYPE_CHECKING:
    from tinykube.clock import Clock

CHUNK = 65536
LARGEST_FILE = 1 << 30  # bytes; the contents are in this machine's memory
LONGEST_LOG_LINE = 16 * 1024  # containerd writes longer lines in pieces


class Stream:
    """An open file. The base class can neither be read nor written."""

    __slots__ = ("references",)

    def __init__(self) -> None:
        self.references = 1

    def retain(self) -> Stream:
        """One more descriptor points here."""
        self.references += 1
        return self

    def release(self) -> None:
        """One descriptor fewer; the last one closes the file."""
        self.references -= 1
        if self.references == 0:
            self.closed()

    def closed(self) -> None:
        """Called once, when nobody holds the file any more."""

    def write(self, data: bytes) -> bool:
        """Write all of `data`; False asks the writer to await `drain` before it writes more."""
        raise oserror(errno.EBADF)

    async def drain(self) -> None:
        """Wait until the reader has caught up."""

    async def read(self, limit: int = CHUNK) -> bytes:
        """At least one byte and at most `limit`, or b"" at the end."""
        raise oserror(errno.EBADF)

    async def readline(self) -> bytes:
        """The bytes up to and with the next newline; without one at the end of the file; b"" at the end."""
        raise oserror(errno.EBADF)

    @property
    def isatty(self) -> bool:
        """Whether a terminal is at the other end."""
        return False


class NullStream(Stream):
    """/dev/null."""

    __slots__ = ()

    def write(self, data: bytes) -> bool:
        return True

    async def read(self, limit: int = CHUNK) -> bytes:
        return b""

    async def readline(self) -> bytes:
        return b""


class FullStream(NullStream):
    """/dev/full."""

    __slots__ = ()

    def write(self, data: bytes) -> bool:
        raise oserror(errno.ENOSPC)


class FileStream(Stream):
    """An open regular file with its position in bytes."""

    __slots__ = ("_append", "_clock", "_limit", "_writable", "file", "position")

    def __init__(
        self,
        file: File,
        clock: Clock,
        *,
        writable: bool = False,
        append: bool = False,
        limit: Limit | None = None,
    ) -> None:
        super().__init__()
        self.file, self.position = file, 0
        self._clock, self._writable, self._append, self._limit = clock, writable, append, limit

    def write(self, data: bytes) -> bool:
        if not self._writable:
            raise oserror(errno.EBADF)
        content = self.file.writable()
        start = len(content) if self._append else self.position
        end = start + len(data)
        if end > LARGEST_FILE or (self._limit is not None and not self._limit.allows(len(content), end)):
            raise oserror(errno.ENOSPC)
        if start > len(content):
            content.extend(bytes(start - len(content)))
        content[start : start + len(data)] = data
        self.position = start + len(data)
        self.file.mtime = self._clock.now()
        return True

    async def read(self, limit: int = CHUNK) -> bytes:
        data = bytes(self.file.data[self.position : self.position + limit])
        self.position += len(data)
        return data

    async def readline(self) -> bytes:
        end = self.file.data.find(b"\n", self.position) + 1 or len(self.file.data)
        line = bytes(self.file.data[self.position : end])
        self.position = max(end, self.position)
        return line


class BytesStream(Stream):
    """Reads given bytes: here-documents, generated files."""

    __slots__ = ("_data", "_position")

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data, self._position = data, 0

    async def read(self, limit: int = CHUNK) -> bytes:
        data = self._data[self._position : self._position + limit]
        self._position += len(data)
        return data

    async def readline(self) -> bytes:
        end = self._data.find(b"\n", self._position) + 1 or len(self._data)
        line, self._position = self._data[self._position : end], end
        return line


class LineSink(Stream):
    """Cuts what is written into lines and hands each to `sink(stream, line)`: a container's log.

    A line keeps its newline. One without a newline is a part: 16 KiB of a longer line, or the rest at the end.
    """

    __slots__ = ("_name", "_partial", "_sink")

    def __init__(self, name: str, sink: Callable[[str, bytes], None]) -> None:
        super().__init__()
        self._name, self._sink, self._partial = name, sink, b""

    def write(self, data: bytes) -> bool:
        if self._partial:
            data, self._partial = self._partial + data, b""
        start = 0
        while (end := data.find(b"\n", start) + 1) > 0:
            self._emit(data[start:end])
            start = end
        rest = data[start:]
        while len(rest) >= LONGEST_LOG_LINE:
            self._emit(rest[:LONGEST_LOG_LINE])
            rest = rest[LONGEST_LOG_LINE:]
        self._partial = rest
        return True

    def flush(self) -> None:
        """Hand over the unfinished line, if any: nobody will write the rest of it."""
        if self._partial:
            rest, self._partial = self._partial, b""
            self._emit(rest)

    def closed(self) -> None:
        self.flush()

    def _emit(self, line: bytes) -> None:
        while len(line) > LONGEST_LOG_LINE + 1:
            self._sink(self._name, line[:LONGEST_LOG_LINE])
            line = line[LONGEST_LOG_LINE:]
        self._sink(self._name, line)
