"""A terminal between a person and a process: echo, line editing, control characters.

Law: what the person types arrives through `feed`; what they see comes out of `screen`, with newlines as CR LF. Lines
reach the process when Enter is pressed; Ctrl-C signals the foreground, Ctrl-D on an empty line ends the input.

Models Linux's n_tty line discipline (drivers/tty/n_tty.c) behind a pseudoterminal.
"""

from __future__ import annotations

from collections.abc import Callable

from tinykube.runtime.pipe import Pipe, PipeReader
from tinykube.runtime.signals import SIGINT, SIGQUIT
from tinykube.runtime.streams import CHUNK, Stream

INTERRUPT, QUIT, END, ERASE, KILL_LINE = 3, 28, 4, (8, 127), 21


class Terminal(Stream):
    """The process' side: standard input, output and error at once."""

    __slots__ = ("_end", "_input", "_line", "_reader", "columns", "interrupt", "rows", "screen")

    def __init__(self, screen: Callable[[bytes], object]) -> None:
        super().__init__()
        self.screen = screen
        self.interrupt: Callable[[int], None] = lambda number: None
        self.rows, self.columns = 24, 80
        self._input = Pipe()
        self._reader = PipeReader(self._input)
        self._line = bytearray()

    @property
    def isatty(self) -> bool:
        return True

    def write(self, data: bytes) -> bool:
        self.screen(data.replace(b"\n", b"\r\n"))
        return True

    async def read(self, limit: int = CHUNK) -> bytes:
        line = await self.readline()
        if len(line) > limit:
            self._input.buffer[:0] = line[limit:]
        return line[:limit]

    async def readline(self) -> bytes:
        line = await self._reader.readline()
        if line.endswith(b"\x04\n"):  # Ctrl-D ended it
            return line[:-2]
        return line

    def feed(self, data: bytes) -> None:
        """The person types `data`."""
        for code in data:
            self._key(code)

    def hang_up(self) -> None:
        """The person has gone: the input ends."""
        self._submit(b"")
        self._input.eof = True
        self._input.wake()

    def _key(self, code: int) -> None:
        if code in (10, 13):
            self.screen(b"\r\n")
            self._submit(b"\n")
        elif code in (INTERRUPT, QUIT):
            self._line.clear()
            self.screen(b"^C\r\n" if code == INTERRUPT else b"^\\\r\n")
            self.interrupt(SIGINT if code == INTERRUPT else SIGQUIT)
        elif code == END:
            self._submit(b"\x04\n")
        elif code in ERASE:
            if self._line:
                del self._line[-1:]
                self.screen(b"\b \b")
        elif code == KILL_LINE:
            self.screen(b"\b \b" * len(self._line))
            self._line.clear()
        else:
            self._line.append(code)
            self.screen(bytes([code]))

    def _submit(self, end: bytes) -> None:
        self._input.buffer += bytes(self._line) + end
        self._line.clear()
        self._input.wake()
