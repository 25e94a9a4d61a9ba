"""awk's values: numbers, strings, and input that looks like a number.

Models busybox's editors/awk.c (getvar_i, getvar_s, fmt_num).
"""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_LOOKS = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*\Z")


class Input(str):
    """A string that came from outside: it compares as a number if it looks like one."""

    __slots__ = ()


Value = float | str | None  # None is a variable that was never set: zero and empty at once


def number(value: Value) -> float:
    """As a number."""
    if isinstance(value, float):
        return value
    if value is None:
        return 0.0
    match = _NUMBER.match(value)
    return float(match.group(1)) if match else 0.0


def string(value: Value, form: str = "%.6g") -> str:
    """As a string; whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, float):
        if value == value and abs(value) < 1e16 and value == int(value):
            return str(int(value))
        if value != value or value in (float("inf"), float("-inf")):
            return str(value)
        return form % value
    return str(value)


def truth(value: Value) -> bool:
    """As a condition."""
    if isinstance(value, float):
        return value != 0.0
    if isinstance(value, Input) and _LOOKS.match(value):
        return number(value) != 0.0
    return bool(value)


def numeric(value: Value) -> bool:
    """Whether it takes part in a comparison as a number."""
    return value is None or isinstance(value, float) or (isinstance(value, Input) and _LOOKS.match(value) is not None)


def compare(left: Value, right: Value) -> int:
    """Negative, zero or positive."""
    if numeric(left) and numeric(right):
        a, b = number(left), number(right)
        return (a > b) - (a < b)
    x, y = string(left), string(right)
    return (x > y) - (x < y)
