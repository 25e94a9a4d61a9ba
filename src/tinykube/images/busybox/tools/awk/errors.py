"""How awk's statements end other than by running on.

Models busybox's editors/awk.c (syntax_error, the jumps of evaluate).
"""

from __future__ import annotations

from tinykube.images.busybox.tools.awk.values import Value


class AwkError(Exception):
    """The program cannot go on."""


class Jump(Exception):
    """break, continue, next, nextfile, exit and return."""

    def __init__(self, kind: str, value: Value = None) -> None:
        super().__init__(kind)
        self.kind, self.value = kind, value
