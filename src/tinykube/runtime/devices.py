"""/dev, /proc and /sys/fs/cgroup of a container.

Law: /dev is the same for all containers; /proc is made when it is looked at, from the container's process table.
/proc/self and /proc/PID/fd lead to the real open files, so `echo hi > /proc/1/fd/1` writes to the container's log.

Models Linux's devtmpfs as runc fills it, procfs (fs/proc) and cgroup2, as little as programs in labs read.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from tinykube.runtime.cgroup import MOST_PROCESSES, Cgroup
from tinykube.runtime.nodes import Device, Directory, Generated, Node, Symlink
from tinykube.runtime.streams import CHUNK, FullStream, NullStream, Stream

if TYPE_CHECKING:
    from tinykube.runtime.process import Process, ProcessTable

KERNEL = "6.12.0"
NODE_CORES = 4
NODE_MEMORY = 8 * 1024**3
DISK = "/dev/vda1"
CPU_PERIOD = 100_000
"""Microseconds in which a container may use its share of processor time (cpu.cfs_period_us)."""


READ_RATE = 2e9
"""Bytes a second that an endless device yields: reading it is work, and takes processor time."""


class EndlessStream(NullStream):
    """/dev/zero. Reading costs its reader processor time, so that a loop over it cannot hold up the cluster."""

    __slots__ = ("reader",)

    def __init__(self) -> None:
        super().__init__()
        self.reader: Process | None = None

    def make(self, count: int) -> bytes:
        """The next bytes."""
        return bytes(count)

    async def read(self, limit: int = CHUNK) -> bytes:
        if self.reader is not None:
            await self.reader.spend(limit / READ_RATE)
        return self.make(limit)

    async def readline(self) -> bytes:
        """A line that never ends fills its reader's memory until that is used up."""
        line = self.make(CHUNK)
        while b"\n" not in line:
            if self.reader is None:
                return line
            self.reader.charge(CHUNK)
            await self.reader.spend(CHUNK / READ_RATE)
            line = self.make(CHUNK)
        return line[: line.index(b"\n") + 1]


class RandomStream(EndlessStream):
    """/dev/urandom: the same bytes on every run, as everything else."""

    __slots__ = ("_random",)

    def __init__(self) -> None:
        super().__init__()
        self._random = random.Random(0)

    def make(self, count: int) -> bytes:
        return self._random.randbytes(count)


def _dev() -> Directory:
    entries: dict[str, Node] = {
        "null": Device(NullStream),
        "zero": Device(EndlessStream),
        "full": Device(FullStream),
        "random": Device(RandomStream),
        "urandom": Device(RandomStream),
        "tty": Device(NullStream),
        "fd": Symlink("/proc/self/fd"),
        "stdin": Symlink("/proc/self/fd/0"),
        "stdout": Symlink("/proc/self/fd/1"),
        "stderr": Symlink("/proc/self/fd/2"),
        "shm": Directory(mode=0o1777),
    }
    dev = Directory(entries)
    dev.freeze()
    return dev


DEV = _dev()


class Proc(Directory):
    """The root of /proc."""

    __slots__ = ("_table",)

    def __init__(self, table: ProcessTable) -> None:
        super().__init__(mode=0o555)
        self._table = table
        self.entries = {
            "uptime": Generated(self._uptime),
            "loadavg": Generated(lambda: f"0.00 0.00 0.00 1/{len(table.processes)} {table.last_pid}\n".encode()),
            "meminfo": Generated(self._meminfo),
            "cpuinfo": Generated(_cpuinfo),
            "version": Generated(lambda: f"Linux version {KERNEL} (practice cluster)\n".encode()),
            "mounts": Generated(self._mounts),
        }

    def lookup(self, name: str, pid: int) -> Node | None:
        if name == "self":
            return Symlink(f"/proc/{pid}")
        process = self._table.processes.get(int(name)) if name.isdigit() else None
        return ProcessDirectory(process, self._table) if process is not None else self.entries.get(name)

    def names(self) -> list[str]:
        return [*self.entries, "self", *map(str, self._table.processes)]

    def _uptime(self) -> bytes:
        up = self._table.clock.now() - self._table.booted
        return f"{up:.2f} {up * NODE_CORES:.2f}\n".encode()

    def _meminfo(self) -> bytes:
        free = NODE_MEMORY - self._table.cgroup.memory
        rows = (("MemTotal", NODE_MEMORY), ("MemFree", free), ("MemAvailable", free), ("SwapTotal", 0))
        return "".join(f"{name + ':':<16}{count // 1024:>8} kB\n" for name, count in rows).encode()

    def _mounts(self) -> bytes:
        rows = []
        for mount in self._table.fs.mounts():
            device = DISK if mount.kind == "ext4" else mount.kind
            rows.append(f"{device} {mount.path} {mount.kind} {'ro' if mount.read_only else 'rw'},relatime 0 0\n")
        return "".join(rows).encode()


def control_group(cgroup: Cgroup) -> Directory:
    """/sys/fs/cgroup: what the container may use, and what it uses."""

    def most(count: int | None) -> str:
        return "max" if count is None else str(count)

    def cpu() -> str:
        quota = None if cgroup.cpu_limit is None else round(cgroup.cpu_limit * CPU_PERIOD)
        return f"{most(quota)} {CPU_PERIOD}"

    files: dict[str, Callable[[], str]] = {
        "cpu.max": cpu,
        "memory.current": lambda: str(cgroup.memory),
        "memory.max": lambda: most(cgroup.memory_limit),
        "memory.peak": lambda: str(cgroup.peak),
        "pids.max": lambda: str(MOST_PROCESSES),
    }
    return Directory({name: Generated(_line(content)) for name, content in files.items()}, mode=0o555)


def _line(content: Callable[[], str]) -> Callable[[], bytes]:
    return lambda: f"{content()}\n".encode()


class ProcessDirectory(Directory):
    """/proc/PID."""

    __slots__ = ("_process",)

    def __init__(self, process: Process, seen_from: ProcessTable) -> None:
        super().__init__(mode=0o555)
        self._process = process
        of_another = process.table is not seen_from
        self.entries = {
            "cmdline": Generated(lambda: "".join(word + "\0" for word in process.argv).encode()),
            "comm": Generated(lambda: f"{process.name}\n".encode()),
            "environ": Generated(lambda: "".join(f"{k}={v}\0" for k, v in process.env.items()).encode()),
            "status": Generated(self._status),
            "cwd": Symlink(process.cwd),
            "root": process.fs.root if of_another else Symlink("/"),
            "fd": Descriptors(process),
        }

    def _status(self) -> bytes:
        process = self._process
        rows = [
            ("Name", process.name),
            ("State", "S (sleeping)"),
            ("Pid", str(process.pid)),
            ("PPid", str(process.parent.pid if process.parent is not None else 0)),
            ("Uid", "\t".join([str(process.fs.uid)] * 4)),
            ("Gid", "\t".join([str(process.fs.gid)] * 4)),
            ("VmRSS", f"{process.memory // 1024:>8} kB"),
            *((f"Cap{kind}", f"{held:016x}") for kind, held in _capabilities(process)),
        ]
        return "".join(f"{name}:\t{value}\n" for name, value in rows).encode()


def _capabilities(process: Process) -> list[tuple[str, int]]:
    """Inheritable, permitted, effective, bounding and ambient ones."""
    held = process.fs.effective
    return [("Inh", 0), ("Prm", held), ("Eff", held), ("Bnd", process.fs.capabilities), ("Amb", 0)]


class Descriptors(Directory):
    """/proc/PID/fd."""

    __slots__ = ("_process",)

    def __init__(self, process: Process) -> None:
        super().__init__(mode=0o500)
        self._process = process

    def lookup(self, name: str, pid: int) -> Node | None:
        stream = self._process.fds.get(int(name)) if name.isdigit() else None

        def opened(stream: Stream) -> Device:
            return Device(stream.retain)

        return None if stream is None else opened(stream)

    def names(self) -> list[str]:
        return list(map(str, self._process.fds))


def _cpuinfo() -> bytes:
    return "".join(f"processor\t: {n}\nmodel name\t: practice cluster CPU\n\n" for n in range(NODE_CORES)).encode()
