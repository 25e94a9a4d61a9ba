"""Containers: an image's files and default command, with what a Pod adds, as one process table.

Law: `start` runs pid 1; when pid 1 ends, for whatever reason, the container has ended and everything else in it is
killed. What runs inside says what it prints through `log(stream, line)`. A container is started once; kubelet makes a
new one for a restart.

Models containerd's task service and runc (libcontainer): create, start, kill, exec, and the wording of their errors.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tinykube.runtime import programs, signals
from tinykube.runtime.capabilities import DEFAULT
from tinykube.runtime.cgroup import Cgroup
from tinykube.runtime.devices import DEV, Proc, control_group
from tinykube.runtime.filesystem import FileSystem
from tinykube.runtime.nodes import Directory, Limit, Node, Program
from tinykube.runtime.paths import join
from tinykube.runtime.process import PidNamespace, Process, ProcessTable
from tinykube.runtime.session import ExecSession
from tinykube.runtime.streams import LineSink, NullStream, Stream
from tinykube.runtime.terminal import Terminal
from tinykube.runtime.users import find_user, home_of

if TYPE_CHECKING:
    from tinykube.clock import Clock
    from tinykube.runtime.images import Image
    from tinykube.runtime.network import Host

CREATE_FAILED = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: "
    "runc create failed: unable to start container process: "
)
EXEC_FAILED = "OCI runtime exec failed: exec failed: unable to start container process: "
LogSink = Callable[[str, bytes], None]


class StartError(Exception):
    """The program cannot be started. Its text is runc's; kubelet reports exit code 128 and reason StartError."""


@dataclass(frozen=True)
class Mount:
    """A volume in a container: `node` is its root, or what its sub path leads to; `kind` is its file system's, and
    `limit` how much that may hold."""

    path: str
    node: Node
    read_only: bool = False
    kind: str = "ext4"
    limit: Limit | None = None


@dataclass
class ContainerSpec:
    """What kubelet asks the runtime for. `command` and `args` replace the image's entrypoint and cmd, as in a Pod.

    `memory_limit` is in bytes, `cpu_limit` in cores; `user` is a uid, or None for the image's own; `groups` are the
    supplementary ones.
    """

    image: Image
    command: list[str] | None = None
    args: list[str] | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    working_dir: str = ""
    mounts: list[Mount] = field(default_factory=list)
    hostname: str = "localhost"
    memory_limit: int | None = None
    cpu_limit: float | None = None
    user: int | None = None
    group: int | None = None
    groups: tuple[int, ...] = ()
    capabilities: int = DEFAULT
    read_only_root: bool = False
    stdin: bool = False
    tty: bool = False
    pids: PidNamespace | None = None
    """Whose processes it shares; None gives it its own."""

    @property
    def argv(self) -> list[str]:
        """The command line of pid 1, by the rules of `command` and `args`."""
        if self.command:
            return [*self.command, *(self.args or [])]
        return [*self.image.entrypoint, *(self.image.cmd if self.args is None else self.args)]


class Container:
    """One container. `exit_code` is None until it has ended; times are seconds since the epoch."""

    def __init__(self, spec: ContainerSpec, clock: Clock, host: Host, log: LogSink) -> None:
        self.spec, self.clock = spec, clock
        self.exit_code: int | None = None
        self.oom_killed = False
        self.started_at: float | None = None
        self.finished_at: float | None = None
        self.cgroup = Cgroup(spec.memory_limit, spec.cpu_limit)
        self.cgroup.out_of_memory = self._out_of_memory
        self._log = log
        self._sinks: list[LineSink] = []
        self._finished: list[Callable[[], None]] = []
        self._found: dict[str, tuple[int, str]] = {}  # program name -> (version of the files, path)
        self._home: str | None = None
        self.stdin: ExecSession | None = None  # what `kubectl attach -i` types into, if the spec has stdin
        self.fs = FileSystem(spec.image.root, clock)
        self.table = ProcessTable(clock, self.fs, host, self.cgroup, spec.hostname, spec.pids)
        self._main: Process | None = None
        self._prepare_files()

    def _prepare_files(self) -> None:
        user = find_user(self.fs, self.spec.image.user)
        own = (
            Mount("/dev", DEV, kind="tmpfs"),
            Mount("/proc", Proc(self.table), kind="proc"),
            Mount("/sys/fs/cgroup", control_group(self.cgroup), True, kind="cgroup"),
        )
        for mount in (*own, *self.spec.mounts):
            self.fs.mount(mount.path, mount.node, read_only=mount.read_only, kind=mount.kind, limit=mount.limit)
        directory = self.working_dir
        if not self.fs.exists(directory):
            self.fs.make_directories(directory)
        if not any(mount.path == "/etc/hostname" for mount in self.spec.mounts):
            self.fs.make_directories("/etc")  # an image from scratch has none
            self.fs.write("/etc/hostname", f"{self.spec.hostname}\n".encode())
        self.fs.mounts()[0].read_only = self.spec.read_only_root
        self.fs.uid = user.uid if self.spec.user is None else self.spec.user
        self.fs.gid = user.gid if self.spec.group is None else self.spec.group
        self.fs.groups, self.fs.capabilities = self.spec.groups, self.spec.capabilities

    @property
    def working_dir(self) -> str:
        """Where programs start."""
        return self.spec.working_dir or self.spec.image.working_dir or "/"

    @property
    def running(self) -> bool:
        """Whether pid 1 lives."""
        return self.started_at is not None and self.exit_code is None

    @property
    def reason(self) -> str:
        """The reason kubelet reports for an ended container."""
        if self.oom_killed:
            return "OOMKilled"
        return "Completed" if self.exit_code == 0 else "Error"

    def environment(self) -> dict[str, str]:
        """What programs of this container start with."""
        env = {**self.spec.image.full_env, "HOSTNAME": self.spec.hostname, **self.spec.env}
        if "HOME" not in env:
            if self._home is None:
                self._home = home_of(self.fs, self.fs.uid)
            env["HOME"] = self._home
        if self.spec.tty:
            env.setdefault("TERM", "xterm")
        return env

    # -- life ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Run pid 1.

        Raises:
            StartError: the program does not exist or cannot be executed; the container has then ended with 128.
        """
        argv = self.spec.argv
        now = self.clock.now()
        try:
            if not argv:
                raise StartError(CREATE_FAILED + "no command specified")
            if not isinstance(self.fs.find(self.working_dir), Directory):
                raise StartError(
                    f"{CREATE_FAILED}error during container init: mkdir {self.working_dir}: not a directory"
                )
            program, argv = self._load(argv, CREATE_FAILED)
        except StartError:
            self.exit_code, self.started_at, self.finished_at = 128, None, now
            raise
        self.started_at = now
        process = Process(self.table, program, argv, self.environment(), cwd=self.working_dir, fds=self._open_fds())
        self._main = process
        process.when_finished(lambda: self._ended(process))
        process.start()

    def _open_fds(self) -> dict[int, Stream]:
        if self.spec.tty:
            return self._terminal_fds()
        self._sinks = [LineSink("stdout", self._log), LineSink("stderr", self._log)]
        stdin: Stream = NullStream()
        if self.spec.stdin:
            self.stdin = ExecSession()
            stdin = self.stdin.input_end()
        return {0: stdin, 1: self._sinks[0], 2: self._sinks[1]}

    def _terminal_fds(self) -> dict[int, Stream]:
        sink = LineSink("stdout", self._log)
        self._sinks = [sink]
        terminal = Terminal(sink.write)
        terminal.interrupt = self._interrupt
        if self.spec.stdin:
            self.stdin = ExecSession(terminal)
        terminal.references = 3
        return dict.fromkeys((0, 1, 2), terminal)

    def _interrupt(self, number: int) -> None:
        for process in self.table.own():
            process.signal(number)

    def _load(self, argv: list[str], failed: str) -> tuple[Program, list[str]]:
        name, cwd = argv[0], self.working_dir
        path: str | None = name
        if "/" not in name:
            path = self._which(name, cwd)
            if path is None:
                raise StartError(f'{failed}exec: "{name}": executable file not found in $PATH')
        try:
            return programs.load(self.fs, path or name, argv, cwd)
        except OSError as error:
            is_directory = isinstance(self.fs.find(join(cwd, path or name)), Directory)
            words = "is a directory" if is_directory else (error.strerror or "").lower()
            stat = f"stat {path}: " if error.errno in (errno.ENOENT, errno.ENOTDIR) else ""
            raise StartError(f'{failed}exec: "{name}": {stat}{words}') from None

    def _which(self, name: str, cwd: str) -> str | None:
        """Where the program `name` is; probes ask for the same one over and over."""
        known = self._found.get(name)
        if known is not None and known[0] == self.fs.version:
            return known[1]
        path = programs.which(self.fs, name, self.environment()["PATH"], cwd)
        if path is not None:
            self._found[name] = (self.fs.version, path)
        return path

    def _ended(self, process: Process) -> None:
        self.exit_code = process.status
        self.finished_at = self.clock.now()
        if process.pid == 1:
            self.table.pids.kill_all()
        self.table.kill_all()
        for sink in self._sinks:
            sink.flush()
        finished, self._finished = self._finished, []
        for callback in finished:
            callback()

    def when_finished(self, callback: Callable[[], None]) -> None:
        """Call `callback` once the container has ended; at once if it has."""
        if self.exit_code is not None:
            callback()
        else:
            self._finished.append(callback)

    async def wait(self) -> int:
        """Wait for pid 1's end; return the exit code (128 + n after signal n)."""
        if self._main is not None:
            await self._main.wait()
        assert self.exit_code is not None
        return self.exit_code

    def signal(self, number: int = signals.SIGTERM) -> None:
        """Send a signal to pid 1 from the node. Without a handler for it, pid 1 ignores all but SIGKILL."""
        if self._main is not None:
            self._main.signal(number, outside=True)

    def stop(self) -> None:
        """Send the image's stop signal: what kubelet does at the start of the grace period."""
        self.signal(signals.parse(self.spec.image.stop_signal) or signals.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to everything."""
        self.table.kill_all()

    def _out_of_memory(self) -> None:
        self.oom_killed = True
        self.table.kill_all()

    # -- exec ------------------------------------------------------------------------------------------------

    def exec(self, argv: list[str], *, tty: bool = False, stdin: bool = False) -> ExecSession:
        """Run another program in the container, as `kubectl exec` and exec probes do.

        Raises:
            StartError: the container does not run, or the program cannot be started.
        """
        if not self.running:
            raise StartError("cannot exec in a stopped container")
        program, argv = self._load(argv, EXEC_FAILED)
        session = ExecSession(tty=tty)
        env = self.environment()
        if tty:
            env["TERM"] = "xterm"
        process = Process(self.table, program, argv, env, cwd=self.working_dir, fds=session.open_fds(stdin))
        session.attach(process)
        process.start()
        return session
