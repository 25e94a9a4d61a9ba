"""What text programs share: inputs by name, streaming by line, and running other commands.

Models busybox's libbb (fopen_or_warn_stdin, xfuncs, vfork_daemon_rexec).
"""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator

from tinykube.runtime.process import Process
from tinykube.runtime.streams import Stream

__all__ = ["Stream", "command", "each_line", "open_input", "run_command", "text"]


def text(data: bytes) -> str:
    """Bytes as programs here handle them: any byte survives."""
    return data.decode("utf-8", "surrogateescape")


def open_input(process: Process, name: str) -> Stream:
    """The file called `name`; `-` is standard input. The caller releases it."""
    return process.stdin.retain() if name == "-" else process.open(name)


async def each_line(process: Process, names: list[str], problems: list[str] | None = None) -> AsyncIterator[str]:
    """The lines, newlines included, of all inputs in turn; standard input without names.

    An input that cannot be opened is reported and noted in `problems`.
    """
    for name in names or ["-"]:
        try:
            stream = open_input(process, name)
        except OSError as error:
            process.err(f"{process.name}: {name}: {error.strerror}\n")
            if problems is not None:
                problems.append(name)
            continue
        try:
            while line := await stream.readline():
                yield line.decode("utf-8", "surrogateescape")
        except IsADirectoryError as error:
            process.err(f"{process.name}: {name}: {error.strerror}\n")
            if problems is not None:
                problems.append(name)
        finally:
            stream.release()


def command(process: Process, words: list[str], env: dict[str, str] | None = None) -> Process | None:
    """A child that will run `words`; None after an error message if it cannot be found."""
    try:
        path = words[0] if "/" in words[0] else process.which(words[0])
        if path is None:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        program, argv = process.load(path, words)
    except OSError as error:
        process.err(f"{process.name}: can't execute '{words[0]}': {error.strerror}\n")
        return None
    return process.fork(program, argv, env=env)


async def run_command(process: Process, words: list[str], env: dict[str, str] | None = None) -> int:
    """Run `words` and wait; 127 (or 126) if they cannot be run."""
    child = command(process, words, env)
    return 127 if child is None else await process.call(child)
