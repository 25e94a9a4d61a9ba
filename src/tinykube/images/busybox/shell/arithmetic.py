"""Arithmetic of `$((...))`: C's operators on 64-bit integers.

Law: an expression is parsed once into a closure over the variables' getter and setter, and cached by its text.

Models busybox's shell/math.c.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple


class ExpressionError(Exception):
    """The expression cannot be computed."""


class Variables(NamedTuple):
    """How an expression sees the shell's variables."""

    get: Callable[[str], str | None]
    set: Callable[[str, str], None]


Value = Callable[[Variables], int]
_TOKEN = re.compile(
    r"\s*(?:(0[xX][0-9a-fA-F]+|\d+#\w+|\d+)|([A-Za-z_]\w*)|"
    r"(<<=|>>=|\*\*|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[-+*/%&|^!~<>=?:(),]))"
)
_ASSIGNING = {"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="}
_LEVELS = [
    ("||",), ("&&",), ("|",), ("^",), ("&",), ("==", "!="), ("<", "<=", ">", ">="), ("<<", ">>"), ("+", "-"),
    ("*", "/", "%"),
]  # fmt: skip


def wrap(number: int) -> int:
    """As a signed 64-bit integer."""
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)


def _divide(a: int, b: int) -> int:
    if b == 0:
        raise ExpressionError("divide by zero")
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


_BINARY: dict[str, Callable[[int, int], int]] = {
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
    "&": lambda a, b: a & b,
    "==": lambda a, b: int(a == b),
    "!=": lambda a, b: int(a != b),
    "<": lambda a, b: int(a < b),
    "<=": lambda a, b: int(a <= b),
    ">": lambda a, b: int(a > b),
    ">=": lambda a, b: int(a >= b),
    "<<": lambda a, b: wrap(a << (b & 63)),
    ">>": lambda a, b: a >> (b & 63),
    "+": lambda a, b: wrap(a + b),
    "-": lambda a, b: wrap(a - b),
    "*": lambda a, b: wrap(a * b),
    "/": _divide,
    "%": lambda a, b: a - b * _divide(a, b),
    "**": lambda a, b: wrap(a**b) if b >= 0 else 0,
}


def number(text: str) -> int:
    """A decimal, octal (0…), hexadecimal (0x…) or base#digits literal."""
    try:
        if "#" in text:
            base, _, digits = text.partition("#")
            return wrap(int(digits, int(base)))
        if text[:2] in ("0x", "0X"):
            return wrap(int(text, 16))
        return wrap(int(text, 8) if len(text) > 1 and text[0] == "0" else int(text))
    except ValueError:
        raise ExpressionError("arithmetic syntax error") from None


def _variable(name: str) -> Value:
    def get(variables: Variables) -> int:
        text = (variables.get(name) or "").strip()
        if text.isdigit() and text[0] != "0":
            return int(text)
        return evaluate(text, variables) if text else 0

    return get


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        position = 0
        text = text.rstrip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                raise ExpressionError("arithmetic syntax error")
            position = match.end()
            kind = "number" if match.group(1) else "name" if match.group(2) else "op"
            self.tokens.append((kind, match.group(1) or match.group(2) or match.group(3)))
        self.i = 0

    def peek(self) -> str:
        return self.tokens[self.i][1] if self.i < len(self.tokens) and self.tokens[self.i][0] == "op" else ""

    def take(self, *operators: str) -> str:
        operator = self.peek()
        if operator and operator in operators:
            self.i += 1
            return operator
        return ""

    def expect(self, operator: str) -> None:
        if not self.take(operator):
            raise ExpressionError("arithmetic syntax error")

    def comma(self) -> Value:
        left = self.assignment()
        while self.take(","):
            left = _then(left, self.assignment())
        return left

    def assignment(self) -> Value:
        if self.i + 1 < len(self.tokens) and self.tokens[self.i][0] == "name":
            operator = self.tokens[self.i + 1][1]
            if operator in _ASSIGNING and self.tokens[self.i + 1][0] == "op":
                name = self.tokens[self.i][1]
                self.i += 2
                return _assign(name, operator[:-1], self.assignment())
        return self.ternary()

    def ternary(self) -> Value:
        test = self.binary(0)
        if not self.take("?"):
            return test
        yes = self.comma()
        self.expect(":")
        no = self.assignment()
        return lambda v: yes(v) if test(v) else no(v)

    def binary(self, level: int) -> Value:
        if level == len(_LEVELS):
            return self.power()
        left = self.binary(level + 1)
        while operator := self.take(*_LEVELS[level]):
            left = _combine(operator, left, self.binary(level + 1))
        return left

    def power(self) -> Value:
        left = self.unary()
        return _combine("**", left, self.power()) if self.take("**") else left

    def unary(self) -> Value:
        operator = self.take("+", "-", "!", "~", "++", "--")
        if operator in ("++", "--"):
            if self.i < len(self.tokens) and self.tokens[self.i][0] == "name":
                name = self.tokens[self.i][1]
                self.i += 1
                return _assign(name, operator[0], lambda v: 1)
            return self.unary()  # ++5 and --5 are signs
        if not operator:
            return self.primary()
        operand = self.unary()
        if operator == "-":
            return lambda v: wrap(-operand(v))
        if operator == "!":
            return lambda v: int(not operand(v))
        return (lambda v: ~operand(v)) if operator == "~" else operand

    def primary(self) -> Value:
        if self.take("("):
            value = self.comma()
            self.expect(")")
            return value
        if self.i >= len(self.tokens) or self.tokens[self.i][0] == "op":
            raise ExpressionError("arithmetic syntax error")
        kind, text = self.tokens[self.i]
        self.i += 1
        if kind == "number":
            constant = number(text)
            return lambda v: constant
        operator = self.take("++", "--")
        if operator:
            step = 1 if operator == "++" else -1
            changed = _assign(text, "+", lambda v: step)
            return lambda v: changed(v) - step
        return _variable(text)


def _then(first: Value, second: Value) -> Value:
    def both(variables: Variables) -> int:
        first(variables)
        return second(variables)

    return both


def _combine(operator: str, left: Value, right: Value) -> Value:
    if operator == "&&":
        return lambda v: int(bool(left(v)) and bool(right(v)))
    if operator == "||":
        return lambda v: int(bool(left(v)) or bool(right(v)))
    compute = _BINARY[operator]
    return lambda v: compute(left(v), right(v))


def _assign(name: str, operator: str, value: Value) -> Value:
    old = _variable(name)

    def assign(variables: Variables) -> int:
        result = value(variables) if not operator else _BINARY[operator](old(variables), value(variables))
        variables.set(name, str(result))
        return result

    return assign


@lru_cache(maxsize=1024)
def parse(text: str) -> Value:
    """The closure that computes an expression. Raises ExpressionError."""
    parser = _Parser(text)
    if not parser.tokens:
        return lambda v: 0
    value = parser.comma()
    if parser.i < len(parser.tokens):
        raise ExpressionError("arithmetic syntax error")
    return value


def evaluate(text: str, variables: Variables) -> int:
    """The value of an expression.

    Raises:
        ExpressionError: it cannot be computed.
    """
    try:
        return parse(text)(variables)
    except RecursionError:
        raise ExpressionError("expression recursion loop detected") from None
