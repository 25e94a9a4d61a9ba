"""Processes: a program with its arguments, environment, open files and signals, in a container's process table.

Law: a process runs on an asyncio task, its own (`spawn`) or its parent's (`call`, cheaper, for a child that the parent
waits for anyway). It ends by returning an exit status, or by a signal: then the task is cancelled while it waits, and
`run` turns that into 128 + n. A process that is killed while it computes notices at its next `check`, `spend` or wait.
The first process of a table, pid 1, dies of no signal from inside that it does not handle, as in Linux; when it ends,
all others are killed.

Models Linux's task_struct and signal delivery (kernel/signal.c, kernel/exit.c, kernel/pid_namespace.c).
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from tinykube.runtime import eager, programs, signals
from tinykube.runtime.cgroup import BASE_MEMORY, MOST_PROCESSES, QUANTUM, Cgroup, Meter
from tinykube.runtime.devices import EndlessStream
from tinykube.runtime.filesystem import FileSystem
from tinykube.runtime.nodes import Node, Program
from tinykube.runtime.oserror import oserror
from tinykube.runtime.paths import basename, join
from tinykube.runtime.streams import Stream

if TYPE_CHECKING:
    from tinykube.clock import Clock
    from tinykube.runtime.network import Host

log = logging.getLogger(__name__)

FIRST_CHILD = 7  # what runc leaves as the next pid when the first process runs
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SYSTEM_CALL = 0.0005  # seconds of processor time that starting a program takes
Handler = Callable[[int], None]


def ignore(number: int) -> None:
    """The handler that does nothing: SIG_IGN. Children inherit it."""


class Exec(Exception):
    """Raised by a process to become another program, as execve(2)."""

    def __init__(self, program: Program, argv: list[str], env: dict[str, str]) -> None:
        super().__init__(argv)
        self.program, self.argv, self.env = program, argv, env


class PidNamespace:
    """Processes that see each other, by process id: a container's, or a Pod's if it shares them."""

    def __init__(self) -> None:
        self.processes: dict[int, Process] = {}
        self.last = 0

    def next(self) -> int:
        """A process id that has not been used."""
        self.last = max(self.last + 1, FIRST_CHILD) if self.last else 1
        return self.last

    def kill_all(self) -> None:
        """SIGKILL to every process: what the kernel does when pid 1 ends."""
        for process in list(self.processes.values()):
            process.die(signals.SIGKILL)


class ProcessTable:
    """What the processes of one container share. `processes` are those that they see."""

    def __init__(
        self, clock: Clock, fs: FileSystem, host: Host, cgroup: Cgroup, hostname: str, pids: PidNamespace | None = None
    ) -> None:
        self.clock, self.fs, self.host, self.cgroup, self.hostname = clock, fs, host, cgroup, hostname
        self.pids = pids or PidNamespace()
        self.processes = self.pids.processes
        self.booted = clock.now()

    @property
    def last_pid(self) -> int:
        """The process id given out last."""
        return self.pids.last

    def own(self) -> list[Process]:
        """The processes of this container."""
        return [process for process in self.processes.values() if process.table is self]

    def kill_all(self) -> None:
        """SIGKILL to every process of this container."""
        for process in self.own():
            process.die(signals.SIGKILL)


class Process:
    """One process. Programs are `async def main(process) -> int`."""

    def __init__(
        self,
        table: ProcessTable,
        program: Program,
        argv: list[str],
        env: dict[str, str],
        *,
        cwd: str = "/",
        fds: dict[int, Stream] | None = None,
        parent: Process | None = None,
    ) -> None:
        self.table, self.program, self.argv, self.env, self.cwd = table, program, argv, env, cwd
        self.fds: dict[int, Stream] = {} if fds is None else fds
        self.pid = table.pids.next()
        self.parent = parent
        self.umask: int = 0o022 if parent is None else parent.umask
        self.handlers: dict[int, Handler] = {}
        if parent is not None and parent.handlers:
            self.handlers = {n: handler for n, handler in parent.handlers.items() if handler is ignore}
        self.started = table.clock.now()
        self.status: int | None = None  # 0..255 once it has ended
        self.killed_by = 0
        self.memory = 0
        self.meter = Meter(table.cgroup)
        self.task: asyncio.Task[int] | None = None
        self._above: Process | None = None  # whose task this one runs on
        self._waiters: list[Callable[[], None]] = []
        table.processes[self.pid] = self
        self.charge(BASE_MEMORY)

    # -- what programs use -----------------------------------------------------------------------------------

    @property
    def clock(self) -> Clock:
        """The cluster's clock."""
        return self.table.clock

    @property
    def fs(self) -> FileSystem:
        """The container's files; paths must be absolute, see `path`."""
        return self.table.fs

    @property
    def host(self) -> Host:
        """The Pod's network."""
        return self.table.host

    @property
    def name(self) -> str:
        """How the process calls itself in its messages."""
        return basename(self.argv[0]) if self.argv else ""

    def path(self, path: str) -> str:
        """`path` made absolute."""
        return path if path.startswith("/") else join(self.cwd, path)

    def open(self, path: str, mode: str = "r") -> Stream:
        """Open a file; the caller releases it."""
        stream = self.fs.open(self.path(path), mode, pid=self.pid, umask=self.umask)
        if isinstance(stream, EndlessStream):
            stream.reader = self
        return stream

    def find(self, path: str, *, follow: bool = True) -> Node | None:
        """The node at `path`, or None."""
        return self.fs.find(self.path(path), follow=follow, pid=self.pid)

    def fd(self, number: int) -> Stream:
        """The open file behind a descriptor. Raises EBADF."""
        stream = self.fds.get(number)
        if stream is None:
            raise oserror(errno.EBADF)
        return stream

    @property
    def stdin(self) -> Stream:
        """Descriptor 0."""
        return self.fd(0)

    @property
    def stdout(self) -> Stream:
        """Descriptor 1."""
        return self.fd(1)

    def out(self, data: str | bytes) -> bool:
        """Write to standard output; False asks to await `drain`."""
        return self.fd(1).write(data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape"))

    def err(self, data: str | bytes) -> None:
        """Write to standard error; a closed one swallows it."""
        stream = self.fds.get(2)
        if stream is not None:
            stream.write(data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape"))

    async def drain(self) -> None:
        """Wait until standard output's reader has caught up."""
        await self.fd(1).drain()

    async def sleep(self, seconds: float) -> None:
        """Wait on the cluster's clock."""
        if self.killed_by:
            raise asyncio.CancelledError
        self.meter.debt = 0.0
        await self.table.clock.sleep(seconds)

    def check(self) -> None:
        """Let a signal that killed this process take effect. Raises CancelledError."""
        if self.killed_by:
            raise asyncio.CancelledError

    async def spend(self, seconds: float) -> None:
        """Account for `seconds` of processor time; wait on the clock when enough of it has gathered."""
        if self.killed_by:
            raise asyncio.CancelledError
        if self.meter.add(seconds):
            await self.table.clock.sleep(self.meter.pay(self.table.cgroup, self.table.clock.now()))

    def charge(self, count: int) -> None:
        """Take `count` more bytes of memory (fewer if negative). Too many kill the container, at once."""
        self.memory += count
        self.table.cgroup.charge(count)
        if self.killed_by and self.task is not None:
            raise asyncio.CancelledError

    def on_signal(self, number: int, handler: Handler | None) -> None:
        """Call `handler(number)` when the signal arrives; `ignore` to ignore it, None for the default action."""
        if handler is None:
            self.handlers.pop(number, None)
        else:
            self.handlers[number] = handler

    # -- signals and the end ---------------------------------------------------------------------------------

    def signal(self, number: int, *, outside: bool = False) -> None:
        """Deliver a signal. `outside`: from the node, whom pid 1 cannot refuse a SIGKILL."""
        if self.status is not None or number == 0:
            return
        handler = self.handlers.get(number)
        if number == signals.SIGKILL:
            if self.pid != 1 or outside:
                self.die(number)
        elif handler is not None:
            handler(number)
        elif number not in signals.IGNORED_BY_DEFAULT and number not in signals.STOPPING and self.pid != 1:
            self.die(number)

    def die(self, number: int) -> None:
        """End by a signal, whatever handlers there are."""
        if self.status is not None or self.killed_by:
            return
        self.killed_by = number
        if self.task is None:
            return
        if self.task is asyncio.current_task():
            asyncio.get_running_loop().call_soon(self._cancel)  # once it waits, if it does not notice before
        else:
            self.task.cancel()

    def _cancel(self) -> None:
        if self.status is None and self.task is not None:
            self.task.cancel()

    async def run(self) -> int:
        """Run the program to its end on the calling task; return the exit status."""
        task = self.task = asyncio.current_task()
        status = 0
        try:
            status = await self._main()
        except asyncio.CancelledError:
            if not self.killed_by:
                raise
            if task is not None and task.cancelling():
                task.uncancel()
        except BrokenPipeError:
            self.killed_by = signals.SIGPIPE
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            self.err(f"{self.name}: {where}{error.strerror}\n")
            status = 1
        except Exception:
            log.exception("%s failed in the practice cluster", self.argv)
            self.err(f"{self.name}: a fault of the practice cluster's own program, not of yours: please report it\n")
            status = 70
        finally:
            self.finish(status)
        if self._above is not None and self._above.killed_by:
            raise asyncio.CancelledError
        return self.status or 0

    async def _main(self) -> int:
        while True:
            if self.killed_by:
                raise asyncio.CancelledError
            try:
                return await self.program(self)
            except Exec as become:
                self.program, self.argv, self.env = become.program, become.argv, become.env
                self.handlers = {n: handler for n, handler in self.handlers.items() if handler is ignore}
                self.table.cgroup.charge(BASE_MEMORY - self.memory)
                self.memory = BASE_MEMORY

    def finish(self, status: int) -> None:
        """Close the files, leave the table, tell who waits."""
        if self.status is not None:
            return
        self.status = 128 + self.killed_by if self.killed_by else status & 0xFF
        for stream in self.fds.values():
            stream.release()
        self.fds = {}
        self.table.processes.pop(self.pid, None)
        self.table.cgroup.charge(-self.memory)
        self.memory = 0
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            waiter()

    def when_finished(self, callback: Callable[[], None]) -> None:
        """Call `callback` once the process has ended; at once if it has."""
        if self.status is not None:
            callback()
        else:
            self._waiters.append(callback)

    async def wait(self) -> int:
        """Wait for the end; return the exit status."""
        if self.status is None:
            future = asyncio.get_running_loop().create_future()
            self._waiters.append(lambda: eager.resolve(future))
            await future
        assert self.status is not None
        return self.status

    # -- children --------------------------------------------------------------------------------------------

    def fork(
        self,
        program: Program,
        argv: list[str],
        *,
        env: dict[str, str] | None = None,
        fds: dict[int, Stream] | None = None,
    ) -> Process:
        """A child that has not started. `fds` become the child's own; by default it shares all of the parent's.

        Raises:
            OSError: EAGAIN, the container has as many processes as it may.
        """
        if fds is None:
            fds = {number: stream.retain() for number, stream in self.fds.items()}
        if len(self.table.processes) >= MOST_PROCESSES:
            for stream in fds.values():
                stream.release()
            raise oserror(errno.EAGAIN)
        return Process(self.table, program, argv, self.env if env is None else env, cwd=self.cwd, fds=fds, parent=self)

    def start(self) -> Process:
        """Run on a task of its own, as soon as it is this process' turn."""
        wait = 0.0
        if self.parent is not None:
            self.parent.meter.add(SYSTEM_CALL)
            self.meter.inherit(self.parent.meter)
            wait = self.table.cgroup.queue(self.clock.now())
        self.task = asyncio.get_running_loop().create_task(self.run() if wait < QUANTUM else self._run_after(wait))
        self.task.add_done_callback(self._task_done)
        return self

    async def _run_after(self, seconds: float) -> int:
        await self.clock.sleep(seconds)
        return await self.run()

    def _task_done(self, task: asyncio.Task[int]) -> None:
        if self.status is None:  # cancelled before it ran
            self.finish(0)

    async def call(self, child: Process) -> int:
        """Run `child` on this process' task and return its exit status."""
        child._above = self
        child.meter = self.meter
        if self.meter.add(SYSTEM_CALL):
            await self.spend(0)
        return await child.run()

    # -- finding programs ------------------------------------------------------------------------------------

    def which(self, name: str, search: str | None = None) -> str | None:
        """Where in PATH an executable called `name` is."""
        return programs.which(self.fs, name, search or self.env.get("PATH", DEFAULT_PATH), self.cwd)

    def load(self, path: str, argv: list[str]) -> tuple[Program, list[str]]:
        """What executing the file at `path` runs, see `programs.load`."""
        return programs.load(self.fs, path, argv, self.cwd)
