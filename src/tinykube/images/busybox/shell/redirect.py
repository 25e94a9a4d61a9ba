"""Redirections: what `<`, `>`, `2>&1` and their kin do to descriptors.

Law: a redirection that fails raises RedirectError with ash's words and leaves the descriptors as they were.

Models busybox's shell/ash.c (redirect, openredirect, popredir).
"""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tinykube.images.busybox.shell.syntax import Redirect
from tinykube.runtime.nodes import File
from tinykube.runtime.streams import BytesStream, Stream

if TYPE_CHECKING:
    from tinykube.images.busybox.shell.shell import Shell

OPENING = 0.00001  # seconds of processor time that opening a file takes
_MODES = {"<": "r", ">": "w", ">>": "a", "<>": "a+", ">|": "w", "&>": "w"}


class RedirectError(Exception):
    """A redirection cannot be made."""


async def apply(shell: Shell, fds: dict[int, Stream], redirects: list[Redirect]) -> None:
    """Change `fds` as the redirections say; what they replace is released."""
    for redirect in redirects:
        op = redirect.op
        target = await shell.expander.text(redirect.target)
        if op == "<<":
            _put(fds, redirect.fd, BytesStream(target.encode("utf-8", "surrogateescape")))
        elif op in ("<&", ">&"):
            _duplicate(shell, fds, redirect, target)
        else:
            _put(fds, redirect.fd, _open(shell, op, target))
            if op == "&>":
                _put(fds, 2, fds[1].retain())


def _duplicate(shell: Shell, fds: dict[int, Stream], redirect: Redirect, target: str) -> None:
    if target == "-":
        if redirect.fd in fds:
            fds.pop(redirect.fd).release()
    elif target.isdigit():
        stream = fds.get(int(target))
        if stream is None:
            raise RedirectError(f"{target}: Bad file descriptor")
        _put(fds, redirect.fd, stream.retain())
    elif redirect.op == ">&" and redirect.fd == 1:  # >&file
        _put(fds, 1, _open(shell, ">", target))
        _put(fds, 2, fds[1].retain())
    else:
        raise RedirectError("bad fd number")


def _put(fds: dict[int, Stream], number: int, stream: Stream) -> None:
    old = fds.get(number)
    fds[number] = stream
    if old is not None:
        old.release()


def _open(shell: Shell, op: str, target: str) -> Stream:
    process = shell.process
    process.meter.debt += OPENING
    if op == ">" and shell.options["C"] and isinstance(process.find(target), File):
        raise RedirectError(f"can't create {target}: File exists")
    try:
        return process.open(target, _MODES[op])
    except OSError as error:
        if op == "<":
            words = "no such file" if error.errno == errno.ENOENT else error.strerror
            raise RedirectError(f"can't open {target}: {words}") from None
        words = "nonexistent directory" if error.errno == errno.ENOENT else error.strerror
        raise RedirectError(f"can't create {target}: {words}") from None


@asynccontextmanager
async def redirected(shell: Shell, redirects: list[Redirect]) -> AsyncIterator[None]:
    """The shell's own descriptors, changed for as long as the block runs."""
    process = shell.process
    saved = process.fds
    changed = {number: stream.retain() for number, stream in saved.items()}
    try:
        await apply(shell, changed, redirects)
        process.fds = changed
        yield
    finally:
        process.fds = saved
        for stream in changed.values():
            stream.release()
