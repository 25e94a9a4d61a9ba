"""The client's end of a program that was started with `exec` (or of a container's standard input).

Law: output is kept until it is read, in the order in which it was written; `async for stream, data in session` ends
when the program has ended and all is read. Closing the input is seen by the program as the end of the file.

Models the streams of a CRI exec (containerd's internal/cri/streaming and io).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from tinykube.runtime import signals
from tinykube.runtime.pipe import Pipe, PipeReader, PipeWriter
from tinykube.runtime.streams import NullStream, Stream
from tinykube.runtime.terminal import Terminal

if TYPE_CHECKING:
    from tinykube.runtime.process import Process


class _Output(Stream):
    """Where the program writes."""

    __slots__ = ("_name", "_session")

    def __init__(self, session: ExecSession, name: str) -> None:
        super().__init__()
        self._session, self._name = session, name

    def write(self, data: bytes) -> bool:
        self._session.received(self._name, data)
        return True


class ExecSession:
    """Input, output and exit code of one program. `exit_code` is None while it runs."""

    def __init__(self, terminal: Terminal | None = None, *, tty: bool = False) -> None:
        self._chunks: deque[tuple[str, bytes]] = deque()
        self._waiting: asyncio.Future[None] | None = None
        self._terminal = terminal or (Terminal(lambda data: self.received("stdout", data)) if tty else None)
        self._stdin = PipeWriter(Pipe())
        self._process: Process | None = None

    # -- for the container -----------------------------------------------------------------------------------

    def input_end(self) -> Stream:
        """What the program reads as standard input."""
        return PipeReader(self._stdin.pipe)

    def open_fds(self, stdin: bool) -> dict[int, Stream]:
        """The program's three descriptors."""
        if self._terminal is not None:
            self._terminal.references = 3
            return dict.fromkeys((0, 1, 2), self._terminal)
        source = self.input_end() if stdin else NullStream()
        return {0: source, 1: _Output(self, "stdout"), 2: _Output(self, "stderr")}

    def attach(self, process: Process) -> None:
        """The program this session belongs to."""
        self._process = process
        process.when_finished(self._wake)
        if self._terminal is not None:
            self._terminal.interrupt = self._interrupt

    def _interrupt(self, number: int) -> None:
        """Ctrl-C: to the program and everything it has started."""
        assert self._process is not None
        family = {self._process.pid}
        for process in list(self._process.table.processes.values()):
            if process.pid in family or (process.parent is not None and process.parent.pid in family):
                family.add(process.pid)
                process.signal(number)

    def received(self, name: str, data: bytes) -> None:
        """The program has written `data`."""
        self._chunks.append((name, data))
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    # -- for the client --------------------------------------------------------------------------------------

    @property
    def exit_code(self) -> int | None:
        """The exit status, once there is one."""
        return None if self._process is None else self._process.status

    def write(self, data: bytes) -> None:
        """Type `data`, or send it to standard input."""
        if self._terminal is not None:
            self._terminal.feed(data)
        elif self._stdin.pipe.readers:
            self._stdin.write(data)

    def close_stdin(self) -> None:
        """Nothing more will be written."""
        if self._terminal is not None:
            self._terminal.hang_up()
        elif not self._stdin.pipe.eof:
            self._stdin.closed()

    def resize(self, rows: int, columns: int) -> None:
        """The client's window has changed."""
        if self._terminal is not None:
            self._terminal.rows, self._terminal.columns = rows, columns

    def kill(self) -> None:
        """End the program: the client has gone or its time is up."""
        if self._process is not None:
            self._process.die(signals.SIGKILL)

    async def __aiter__(self) -> AsyncIterator[tuple[str, bytes]]:
        while True:
            while self._chunks:
                yield self._chunks.popleft()
            if self.exit_code is not None:
                return
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting

    async def wait(self) -> int:
        """Wait for the program's end; return its exit status."""
        assert self._process is not None
        return await self._process.wait()

    async def output(self) -> tuple[int, bytes, bytes]:
        """Run to the end: exit status, all of standard output, all of standard error."""
        status = await self.wait()
        written = {name: b"".join(data for to, data in self._chunks if to == name) for name in ("stdout", "stderr")}
        self._chunks.clear()
        return status, written["stdout"], written["stderr"]
