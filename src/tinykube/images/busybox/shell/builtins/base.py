"""What all builtins share.

Models busybox's shell/ash.c (ash_msg_and_raise_error, single_quote).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tinykube.images.busybox.shell.shell import Shell

Builtin = Callable[["Shell", list[str]], "int | Awaitable[int]"]


class BuiltinError(Exception):
    """What is wrong; printed as `sh: NAME: line N: message`."""

    def __init__(self, message: str, status: int = 2, harmless: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.harmless = harmless  # the shell goes on even after a special builtin


def single_quoted(text: str) -> str:
    """`text` so that the shell reads it back as one word."""
    pieces = text.split("'")
    return '"\'"'.join(f"'{piece}'" for piece in pieces)


def count(words: list[str], default: int = 1) -> int:
    """The number that is the first argument. Raises BuiltinError."""
    if not words:
        return default
    if not words[0].lstrip("+").isdigit():
        raise BuiltinError(f"Illegal number: {words[0]}")
    return int(words[0])
