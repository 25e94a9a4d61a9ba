"""Running other people's programs: docker, kind, kubectl; with a time-out, progress, and no one left running.

Law: knows no particular program. A failure is a `Failed` with everything the program said; turning that into a
sentence is the caller's work.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import psutil

from kubelab import paths
from kubelab.clusters import process
from kubelab.clusters.base import Progress, silent
from kubelab.errors import ToolMissing


class Failed(Exception):
    """A command ended with an exit code other than 0, or not in time (`code` None)."""

    def __init__(self, argv: Sequence[str], code: int | None, output: str) -> None:
        super().__init__(f"{' '.join(argv)}: {'timed out' if code is None else f'exit code {code}'}")
        self.argv, self.code, self.output = list(argv), code, output

    @property
    def last_line(self) -> str:
        """The line that most often says why: the last with an error in it, else the last one."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        telling = [line for line in lines if "error" in line.lower()]
        return (telling or lines or [""])[-1]


@dataclass
class _Reader:
    """Collects what a program prints and passes each line on."""

    progress: Progress
    lines: list[str] = field(default_factory=list)

    def read(self, stream: Iterable[str]) -> None:
        for line in stream:
            self.lines.append(line)
            if line.strip():
                self.progress(line.strip())


def start(argv: Sequence[str], environment: dict[str, str], stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    """Start `argv`; both of its streams are the child's `stdout`.

    Raises:
        ToolMissing: there is no such program, or it is none for this machine.
    """
    program = paths.need_program(argv[0])
    try:
        return subprocess.Popen(
            [program, *argv[1:]],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
        )
    except OSError as error:
        raise ToolMissing(
            f"{program} cannot be started ({error.strerror}).",
            f"Install {argv[0]} again, for this machine's processor.",
        ) from error


def run(
    argv: Sequence[str], *, timeout: float, progress: Progress = silent, environment: dict[str, str] | None = None
) -> str:
    """Run `argv` and return what it printed (both streams, in order). `timeout` is in seconds.

    Raises:
        ToolMissing: there is no such program, or it cannot be started.
        Failed: it did not succeed in time. Interrupting ends the program and its children first.
    """
    child = start(argv, {**os.environ, **(environment or {})})
    reader = _Reader(progress)
    assert child.stdout is not None
    thread = threading.Thread(target=reader.read, args=(child.stdout,), daemon=True)
    thread.start()
    try:
        code: int | None = child.wait(timeout)
    except subprocess.TimeoutExpired:
        code = None
    finally:
        _end(child)
        thread.join(timeout=5)
        child.stdout.close()
    output = "".join(reader.lines)
    if code != 0:
        raise Failed(argv, code, output)
    return output


def _end(child: subprocess.Popen[str]) -> None:
    if child.poll() is None:
        process.stop(psutil.Process(child.pid))
        child.wait()
