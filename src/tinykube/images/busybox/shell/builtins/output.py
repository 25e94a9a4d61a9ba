"""Builtins that the shell shares with programs of the same name: echo, printf, test.

Models busybox's shell/ash.c (echocmd, printfcmd, testcmd).
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from tinykube.images.busybox.shell.builtins.base import Builtin
from tinykube.images.busybox.tools.echo import text_of
from tinykube.images.busybox.tools.printf import print_formatted
from tinykube.images.busybox.tools.test import evaluate

if TYPE_CHECKING:
    from tinykube.images.busybox.shell.shell import Shell


def _echo(shell: Shell, argv: list[str]) -> int | Awaitable[int]:
    if shell.process.out(text_of(argv[1:])):
        return 0
    return _after_drain(shell)


async def _after_drain(shell: Shell) -> int:
    await shell.process.drain()
    return 0


def _printf(shell: Shell, argv: list[str]) -> int:
    return print_formatted(shell.process, argv[1:], shell.name)


def _test(shell: Shell, argv: list[str]) -> int:
    return evaluate(shell.process, argv, shell.name)


TABLE: dict[str, Builtin] = {"echo": _echo, "printf": _printf, "test": _test, "[": _test, "[[": _test}
