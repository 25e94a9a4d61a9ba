"""Builtins about signals and jobs: trap, kill, wait, jobs.

Models busybox's shell/ash.c (trapcmd, killcmd, waitcmd, jobscmd).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinykube.images.busybox.shell import jobs
from tinykube.images.busybox.shell.builtins.base import Builtin, BuiltinError, single_quoted
from tinykube.images.busybox.tools.kill import send
from tinykube.runtime import signals

if TYPE_CHECKING:
    from tinykube.images.busybox.shell.shell import Shell


def _trap(shell: Shell, argv: list[str]) -> int:
    words = argv[2:] if argv[1:2] == ["--"] else argv[1:]
    if not words:
        for number, action in sorted(shell.traps.items()):
            name = "EXIT" if number == 0 else signals.NAMES[number]
            shell.process.out(f"trap -- {single_quoted(action)} {name}\n")
        return 0
    if words == ["-l"]:
        return 0
    chosen: str | None = words[0]
    if len(words) == 1 or chosen == "-" or (chosen or "").isdigit():
        names, chosen = (words[1:] if chosen == "-" else words), None
    else:
        names = words[1:]
    status = 0
    for name in names:
        signal = signals.parse(name)
        if signal is None:
            shell.complain(f"{name}: invalid signal specification", "trap")
            status = 1
        else:
            shell.trap(signal, chosen)
    return status


def _kill(shell: Shell, argv: list[str]) -> int:
    words = []
    for word in argv[1:]:
        if word.startswith("%"):
            job = jobs.find(shell, word)
            if job is None:
                raise BuiltinError(f"{word}: no such job")
            word = str(job.process.pid)
        words.append(word)
    status = send(shell.process, words, shell.name)
    shell.process.check()
    return status


async def _wait(shell: Shell, argv: list[str]) -> int:
    words = argv[1:]
    if not words:
        for job in list(shell.jobs):
            if job.process.status is None:
                await jobs.wait_for(shell, job.process)
                if shell.pending:
                    return 128 + shell.pending[0]
        return 0
    status = 0
    for word in words:
        wanted = jobs.find(shell, word)
        if wanted is None and not word.lstrip("%").isdigit():
            raise BuiltinError(f"Illegal number: {word}")
        status = 127 if wanted is None else await jobs.wait_for(shell, wanted.process)
        if shell.pending:
            break
    return status


def _jobs(shell: Shell, argv: list[str]) -> int:
    for job in list(shell.jobs):
        mark = "+" if job is shell.jobs[-1] else "-" if job is shell.jobs[-2] else " "
        if "-p" in argv:
            shell.process.out(f"{job.process.pid}\n")
        else:
            shell.process.out(f"[{job.number}]{mark}  {job.state:<27}\n")
        if job.process.status is not None:
            shell.jobs.remove(job)
    return 0


TABLE: dict[str, Builtin] = {"trap": _trap, "kill": _kill, "wait": _wait, "jobs": _jobs}
