"""How a shell's commands end other than by their exit status.

Models busybox's shell/ash.c (EXERROR, EXEXIT, skipcount).
"""

from __future__ import annotations


class ShellError(Exception):
    """An error that ends a shell that is not interactive. `status` is its exit status then."""

    def __init__(self, message: str, status: int = 2) -> None:
        super().__init__(message)
        self.status = status


class NotRunnable(Exception):
    """A command cannot be found or executed. `status` is 127 or 126."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Exit(Exception):
    """`exit`."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Return(Exception):
    """`return`."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Loop(Exception):
    """`break` (again is False) or `continue` through `levels` loops."""

    def __init__(self, levels: int, again: bool) -> None:
        super().__init__(levels)
        self.levels, self.again = levels, again
