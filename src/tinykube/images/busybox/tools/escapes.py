"""Backslash escapes as echo, printf, tr and others read them.

Models busybox's libbb/process_escape_sequence.c.
"""

from __future__ import annotations

import re

_SIMPLE = {"a": "\a", "b": "\b", "e": "\033", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_ESCAPE_ZERO = re.compile(r"\\(x[0-9A-Fa-f]{1,2}|0[0-7]{0,3}|[1-7][0-7]{0,2}|.)", re.DOTALL)


def byte(code: int) -> str:
    """The string that is written as one byte."""
    return bytes([code & 0xFF]).decode("utf-8", "surrogateescape")


def unescape(text: str, octal_zero: bool = False) -> tuple[str, bool]:
    """The text without escapes, and whether `\\c` stopped it. `octal_zero`: `\\0ooo` has three digits after the 0."""
    stop = re.search(r"(?<!\\)(?:\\\\)*\\c", text)
    if stop is not None:
        text = text[: stop.end() - 2]
    return (_ESCAPE_ZERO if octal_zero else _ESCAPE).sub(_replace, text), stop is not None


def _replace(match: re.Match[str]) -> str:
    body = match.group(1)
    if body[0] == "x" and len(body) > 1:
        return byte(int(body[1:], 16))
    if body[0] in "01234567":
        return byte(int(body, 8))
    return _SIMPLE.get(body, "\\" + body)
