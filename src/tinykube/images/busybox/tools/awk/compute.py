"""awk's arithmetic and formats.

Models busybox's editors/awk.c (awk_printf, the binary operators).
"""

from __future__ import annotations

import re

from tinykube.images.busybox.tools.awk.errors import AwkError
from tinykube.images.busybox.tools.awk.values import Value, number, string


def arithmetic(operator: str, left: float, right: float) -> float:
    """+ - * / % ^."""
    if operator in "/%" and right == 0:
        raise AwkError("Division by zero")
    if operator == "/":
        return left / right
    if operator == "%":
        return left - right * float(int(left / right))
    if operator == "^":
        try:
            return float(left**right)
        except (OverflowError, ZeroDivisionError):
            return float("inf")
    return {"+": left + right, "-": left - right}.get(operator, left * right)


_FORMAT = re.compile(r"%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+))?[hlL]*([a-zA-Z%])")


def format_values(template: str, values: list[Value]) -> str:
    """printf and sprintf."""
    pending = list(values)

    def take() -> Value:
        return pending.pop(0) if pending else None

    def one(match: re.Match[str]) -> str:
        flags, width, precision, kind = match.groups()
        if kind == "%":
            return "%"
        width = str(int(number(take()))) if width == "*" else width or ""
        if precision == "*":
            precision = str(int(number(take())))
        shape = f"%{flags}{width}" + (f".{precision}" if precision is not None else "")
        value = take()
        if kind in "di":
            return (shape + "d") % int(number(value))
        if kind in "ouxX":
            return (shape + kind.replace("u", "d")) % (int(number(value)) & 0xFFFFFFFFFFFFFFFF)
        if kind == "c":
            text = chr(int(value)) if isinstance(value, float) else string(value)[:1]
            return (shape + "s") % text
        if kind in "eEfFgG":
            return (shape + kind) % number(value)
        return (shape + "s") % string(value) if kind == "s" else match.group()

    return _FORMAT.sub(one, template)
