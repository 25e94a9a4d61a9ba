"""One process in the background, started, recognised again later, and stopped; on any operating system.

Law: knows no Kubernetes. A process is recognised by its id and the instant it was created, so a recycled id is
never mistaken for ours.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from kubelab import paths

_outliving: list[subprocess.Popen[bytes]] = []
"""Processes that are meant to go on when this one ends; kept, so that Python does not complain that they do."""


@dataclass(frozen=True)
class Record:
    """What is needed to recognise a process: its id and its creation time (seconds since the epoch)."""

    pid: int
    created: float

    def save(self, path: Path) -> None:
        """Write it down for the next command."""
        paths.write_atomically(path, json.dumps(asdict(self)))


def load(path: Path) -> Record | None:
    """What `save` wrote, or None if nothing readable is there."""
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def record(pid: int) -> Record:
    """The record of a process that runs now."""
    return Record(pid, psutil.Process(pid).create_time())


def find(wanted: Record | None) -> psutil.Process | None:
    """The recorded process if it still runs, else None."""
    if wanted is None:
        return None
    try:
        process = psutil.Process(wanted.pid)
        same = abs(process.create_time() - wanted.created) < 1.0
        return process if same and _runs(process) else None
    except psutil.Error:
        return None


def start(
    argv: Sequence[str], output: Path, errors: Path, *, lasting: bool, environment: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start `argv` with its output in files.

    A `lasting` process outlives this one and its terminal. Another holds a pipe as its standard input that closes
    when this process ends, however it ends.
    """
    with output.open("wb") as out, errors.open("ab") as err:
        child = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL if lasting else subprocess.PIPE,
            stdout=out,
            stderr=err,
            env=environment,
            close_fds=True,
            start_new_session=os.name == "posix",
            creationflags=_windows_flags(),
        )
    if lasting:
        _outliving.append(child)
    return child


def _windows_flags() -> int:
    if os.name != "nt":
        return 0
    return int(getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0))


def stop(process: psutil.Process, patience: float = 5.0) -> None:
    """End `process` and its children: ask, wait `patience` seconds, then kill."""
    try:
        everyone = [*process.children(recursive=True), process]
    except psutil.NoSuchProcess:
        return
    for one in everyone:
        _quietly(one.terminate)
    for one in _wait(everyone, patience):
        _quietly(one.kill)
    _wait(everyone, patience)
    _outliving[:] = [child for child in _outliving if child.poll() is None]


def _wait(processes: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait until all have ended, at most `seconds`; those that have not. Whose parent has yet to notice has ended."""
    end = time.monotonic() + seconds
    while (alive := [one for one in processes if _runs(one)]) and time.monotonic() < end:
        time.sleep(0.005)
    return alive


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _quietly(action: Callable[[], None]) -> None:
    with contextlib.suppress(psutil.Error):
        action()
