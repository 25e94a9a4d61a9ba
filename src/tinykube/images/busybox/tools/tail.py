"""tail, with -f and -F.

Law: following is what busybox does: it looks every second (`-s`), says when a file was truncated, and with -F opens
the name again when it leads to another file.

Models busybox's coreutils/tail.c.
"""

from __future__ import annotations

import re
from collections import deque

from tinykube.images.busybox.tools import lines
from tinykube.images.busybox.tools.options import BadNumber, Options, parse_words
from tinykube.images.busybox.tools.text import old_style
from tinykube.runtime.nodes import File, Node
from tinykube.runtime.process import Process
from tinykube.runtime.streams import FileStream, Stream

_UNITS = {"": 1, "b": 512, "k": 1024, "m": 1024**2, "K": 1024, "M": 1024**2}


class _Followed:
    """One of the files."""

    def __init__(self, name: str, stream: Stream | None) -> None:
        self.name, self.stream = name, stream

    @property
    def node(self) -> Node | None:
        return self.stream.file if isinstance(self.stream, FileStream) else None


class _Tail:
    """One run."""

    def __init__(self, process: Process, options: Options, names: list[str]) -> None:
        self.process, self.options = process, options
        self.by_bytes = "c" in options
        wanted = options.values.get("c") or options.values.get("n") or "10"
        self.from_start = wanted.startswith("+")
        match = re.fullmatch(r"[-+]?(\d+)([bkmKM]?)", wanted)
        if match is None:
            raise BadNumber(wanted)
        self.count = int(match.group(1)) * _UNITS[match.group(2)]
        self.again = "F" in options
        self.follow = self.again or "f" in options
        self.headings = "v" in options or (len(names) > 1 and "q" not in options)
        self.last_heading = ""
        self.status = 0
        self.files = [self._opened(name) for name in names or ["-"]]

    def _opened(self, name: str) -> _Followed:
        try:
            return _Followed(name, lines.open_input(self.process, name))
        except OSError as error:
            self.process.err(f"{self.process.name}: can't open '{name}': {error.strerror}\n")
            self.status = 1
            return _Followed(name, None)

    def _heading(self, file: _Followed) -> None:
        if self.headings and self.last_heading != file.name:
            label = "standard input" if file.name == "-" else file.name
            self.process.out(("\n" if self.last_heading else "") + f"==> {label} <==\n")
        self.last_heading = file.name

    async def run(self) -> int:
        """Print the ends of all files, then follow them if asked."""
        if not any(file.stream for file in self.files) and not self.again:
            self.process.err(f"{self.process.name}: no files\n")
            return 1
        for file in self.files:
            if file.stream is not None:
                self._heading(file)
                await self._end_of(file.stream)
                await self.process.drain()
        interval = float(self.options.values.get("s", "1"))
        while self.follow:
            await self.process.sleep(interval)
            for file in self.files:
                await self._more(file)
        return self.status

    async def _end_of(self, stream: Stream) -> None:
        read = stream.read if self.by_bytes else stream.readline
        if self.from_start:
            skip = max(0, self.count - 1)
            while skip and (piece := await (stream.read(skip) if self.by_bytes else stream.readline())):
                skip -= len(piece) if self.by_bytes else 1
            while piece := await read():
                self.process.out(piece)
                await self.process.drain()
            return
        if self.by_bytes:
            data = b""
            while piece := await stream.read():
                data = (data + piece)[-self.count :] if self.count else b""
            self.process.out(data)
            return
        kept: deque[bytes] = deque(maxlen=self.count)
        while piece := await stream.readline():
            kept.append(piece)
        self.process.out(b"".join(kept))

    async def _more(self, file: _Followed) -> None:
        if self.again and file.name != "-":
            self._reopened(file)
        stream = file.stream
        if stream is None:
            return
        if isinstance(stream, FileStream) and len(stream.file.data) < stream.position:
            stream.position = len(stream.file.data) if not self.again else 0
        if not isinstance(stream, FileStream) and self.process.fds.get(0) is not stream:
            return
        while data := await stream.read():
            self._heading(file)
            self.process.out(data)
            await self.process.drain()
            if not isinstance(stream, FileStream):
                return

    def _reopened(self, file: _Followed) -> None:
        """With -F: what the name leads to now."""
        node = self.process.find(file.name)
        if node is file.node and node is not None:
            return
        if node is None:
            if file.stream is not None:
                self.process.err(f"{self.process.name}: {file.name} has been renamed or deleted\n")
                file.stream.release()
                file.stream = None
            return
        if isinstance(node, File):
            what = "has appeared" if file.stream is None else "has been replaced"
            self.process.err(f"{self.process.name}: {file.name} {what}; following end of new file\n")
            if file.stream is not None:
                file.stream.release()
            file.stream = self.process.open(file.name)


async def main(process: Process) -> int:
    """The program."""
    words = old_style(process.argv[1:])
    if words and re.fullmatch(r"\+\d+", words[0]):
        words = [f"-n{words[0]}", *words[1:]]
    options, names = parse_words(words, "n:c:fFqvs:{follow}{lines}")
    return await _Tail(process, options, names).run()
