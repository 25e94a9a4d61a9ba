"""stress: workers that use up memory or processors until something stops them.

Law: a worker is a process of its own; when one dies the others are killed and the run has failed. With a memory limit
the kernel kills the whole container, so the run's own words about that are never read.

Models docker.io/polinux/stress (Amos Waterland's stress 1.0.4) and docker.io/progrium/stress.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tinykube.images import alpine
from tinykube.images.hogs import burn
from tinykube.runtime import eager, signals
from tinykube.runtime.images import Image
from tinykube.runtime.nodes import File, Program
from tinykube.runtime.process import Process

SIZES = {"B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
TIMES = {"s": 1, "m": 60, "h": 3600, "d": 86400, "y": 31556925}
CHUNK = 1 << 20
TOUCH = 0.0002  # seconds of processor time to touch a chunk
USAGE = """\
`stress' imposes certain types of compute stress on your system

Usage: stress [OPTION [ARG]] ...
 -t, --timeout N    timeout after N seconds
 -c, --cpu N        spawn N workers spinning on sqrt()
 -i, --io N         spawn N workers spinning on sync()
 -m, --vm N         spawn N workers spinning on malloc()/free()
     --vm-bytes B   malloc B bytes per vm worker (default is 256MB)
     --vm-hang N    sleep N secs before free (default none, 0 is inf)
     --vm-keep      redirty memory instead of freeing and reallocating
 -d, --hdd N        spawn N workers spinning on write()/unlink()

Example: stress --cpu 8 --io 4 --vm 2 --vm-bytes 128M --timeout 10s
"""
LONG = {"t": "timeout", "c": "cpu", "i": "io", "m": "vm", "d": "hdd", "v": "verbose", "q": "quiet"}
SWITCHES = ("vm-keep", "verbose", "quiet", "dry-run")


class Wrong(Exception):
    """The command line makes no sense."""


def _scaled(text: str, suffixes: dict[str, int]) -> int:
    factor = suffixes.get(text[-1:].upper() if suffixes is SIZES else text[-1:].lower())
    number = text[:-1] if factor else text
    if not number.isdigit():
        raise Wrong(f"argument is not a number: {text}")
    return int(number) * (factor or 1)


def parse(words: list[str]) -> dict[str, Any]:
    """The options by long name. Raises Wrong."""
    values: dict[str, Any] = {"cpu": 0, "io": 0, "vm": 0, "hdd": 0, "timeout": 0, "vm-bytes": 256 << 20}
    pending = list(words)
    while pending:
        word = pending.pop(0)
        name, equals, text = word.lstrip("-").partition("=")
        name = LONG.get(name, name)
        if not word.startswith("-") or name not in (*SWITCHES, *values, "vm-hang", "vm-stride", "hdd-bytes", "backoff"):
            raise Wrong(f"unrecognized option: {word}")
        if name in SWITCHES:
            values[name] = True
            continue
        if not equals and not pending:
            raise Wrong(f"missing argument to option '{word}'")
        text = text if equals else pending.pop(0)
        values[name] = _scaled(text, SIZES if name.endswith(("bytes", "stride")) else TIMES)
    return values


def _memory_hog(size: int, hang: int | None, keep: bool) -> Program:
    async def run(process: Process) -> int:
        while True:
            for start in range(0, size, CHUNK):
                process.charge(min(CHUNK, size - start))
                await process.spend(TOUCH)
            if hang is not None:
                await process.sleep(hang or 1e9)
            while keep:
                await process.spend(TOUCH * size / CHUNK)
            process.charge(-size)
            await process.spend(TOUCH)

    return run


def _workers(values: dict[str, Any]) -> list[Program]:
    memory = _memory_hog(values["vm-bytes"], values.get("vm-hang"), "vm-keep" in values)
    return [burn] * (values["cpu"] + values["io"] + values["hdd"]) + [memory] * values["vm"]


class Run:
    """One run: its workers and their end."""

    def __init__(self, process: Process, values: dict[str, Any]) -> None:
        self.process, self.values, self.began = process, values, process.clock.now()
        self.over: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.children: list[Process] = []
        self.failed = False

    def say(self, kind: str, text: str) -> None:
        """A line of stress' log."""
        write: Callable[[str], Any] = self.process.out if kind == "info" else self.process.err
        if kind != "info" or "quiet" not in self.values:
            write(f"stress: {kind}: [{self.process.pid}] {text}\n")

    async def to_the_end(self) -> int:
        """Start the workers; wait for the time-out or for one of them to die."""
        counts = ", ".join(f"{self.values[kind]} {kind}" for kind in ("cpu", "io", "vm", "hdd"))
        self.say("info", f"dispatching hogs: {counts}")
        for program in _workers(self.values):
            child = self.process.fork(program, list(self.process.argv)).start()
            child.when_finished(lambda child=child: self.died(child))  # type: ignore[misc]
            self.children.append(child)
        if self.values["timeout"]:
            self.process.clock.call_later(self.values["timeout"], lambda: eager.resolve(self.over))
        await self.over
        for child in self.children:
            child.die(signals.SIGKILL)
        spent = int(self.process.clock.now() - self.began)
        if self.failed:
            self.say("FAIL", f"failed run completed in {spent}s")
            return 1
        self.say("info", f"successful run completed in {spent}s")
        return 0

    def died(self, child: Process) -> None:
        """A worker has ended, which none should."""
        if self.over.done():
            return
        self.failed = True
        self.say("FAIL", f"<-- worker {child.pid} got signal {child.killed_by}")
        self.say("WARN", "now reaping child worker processes")
        eager.resolve(self.over)


async def main(process: Process) -> int:
    """The program."""
    try:
        values = parse(process.argv[1:])
    except Wrong as wrong:
        process.err(f"stress: FAIL: [{process.pid}] {wrong}\n")
        return 1
    if not _workers(values):
        process.out(USAGE)
        return 0
    return await Run(process, values).to_the_end()


def images() -> list[Image]:
    """stress under the names that tutorials use."""
    file = File(b"\x7fELF stress", 0o755, program=main)
    root = alpine.root({"/usr/local/bin/stress": file, "/usr/bin/stress": file})
    tags = ("latest", "1.0.4")
    return [
        Image("docker.io/polinux/stress", tags, root, cmd=("stress",), size=4_040_000),
        Image("docker.io/progrium/stress", tags, root, entrypoint=("/usr/bin/stress", "--verbose"), size=4_040_000),
    ]
