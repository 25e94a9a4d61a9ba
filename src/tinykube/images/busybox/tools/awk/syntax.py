"""awk's syntax tree: pure data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Expr:
    """An expression: `op` says what, `args` holds sub-expressions and constants."""

    op: str
    args: tuple[Any, ...] = ()


@dataclass(slots=True)
class Statement:
    """A statement: `kind` says what."""

    kind: str
    args: tuple[Any, ...] = ()


@dataclass(slots=True)
class Rule:
    """`pattern { action }`: no pattern matches every line, no action prints it."""

    pattern: Expr | None
    until: Expr | None
    action: Statement | None
    active: bool = False


@dataclass(slots=True)
class Function:
    """A user's function."""

    parameters: list[str]
    body: Statement


@dataclass(slots=True)
class Program:
    """All of it."""

    begin: list[Statement] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    end: list[Statement] = field(default_factory=list)
    functions: dict[str, Function] = field(default_factory=dict)
