"""Background jobs of a shell: what `&` starts, `wait` waits for and `jobs` lists.

Models busybox's shell/ash.c (struct job, waitcmd, showjobs), without job control.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tinykube.runtime import eager

if TYPE_CHECKING:
    from tinykube.images.busybox.shell.shell import Shell
    from tinykube.runtime.process import Process


class Job:
    """A background command."""

    __slots__ = ("number", "process")

    def __init__(self, number: int, process: Process) -> None:
        self.number, self.process = number, process

    @property
    def state(self) -> str:
        """As `jobs` prints it."""
        if self.process.status is None:
            return "Running"
        return "Done" if self.process.status == 0 else f"Done({self.process.status})"


def add(shell: Shell, process: Process) -> None:
    """Remember a background command; forget the ones long ended."""
    if len(shell.jobs) > 64:
        shell.jobs = [job for job in shell.jobs if job.process.status is None]
    number = max((job.number for job in shell.jobs), default=0) + 1
    shell.jobs.append(Job(number, process))
    shell.background_pid = str(process.pid)


def find(shell: Shell, word: str) -> Job | None:
    """The job that `%1`, `%%` or a process id means."""
    if word.startswith("%"):
        if word in ("%%", "%+", "%"):
            return shell.jobs[-1] if shell.jobs else None
        return next((job for job in shell.jobs if word == f"%{job.number}"), None)
    return next((job for job in shell.jobs if str(job.process.pid) == word), None)


async def interruptible(
    shell: Shell, ready: Callable[[], bool], subscribe: Callable[[Callable[[], None]], None]
) -> bool:
    """Wait until `ready()`, woken through `subscribe`; False when a trapped signal came first."""
    while not ready():
        if shell.pending:
            return False
        future = asyncio.get_running_loop().create_future()
        subscribe(partial(eager.resolve, future))
        if not await listening(shell, future):
            return False
    return True


async def listening(shell: Shell, awaitable: asyncio.Future[None]) -> bool:
    """Await something that a trapped signal may interrupt; False if one did."""
    shell.waits_for_signals = True
    try:
        await awaitable
    except asyncio.CancelledError:
        if shell.waits_for_signals or shell.process.killed_by or shell.process.task is None:
            raise
        shell.process.task.uncancel()
        return False
    finally:
        shell.waits_for_signals = False
    return True


async def wait_for(shell: Shell, process: Process) -> int:
    """Wait for a child; its status, or 128 + n when signal n interrupts the wait."""
    if not await interruptible(shell, lambda: process.status is not None, process.when_finished):
        return 128 + shell.pending[0]
    shell.death_notice(process.killed_by)
    return process.status or 0
