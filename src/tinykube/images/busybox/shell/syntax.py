"""The shell's syntax tree.

Law: pure data, never changed once parsed, so that all containers that run a script share one tree.

Models busybox's shell/ash.c (union node).
"""

from __future__ import annotations

from dataclasses import dataclass

# -- words: what expansion turns into strings ----------------------------------------------------------------


@dataclass(slots=True)
class Literal:
    """Characters as written; `quoted` ones are neither split nor matched as patterns."""

    text: str
    quoted: bool


@dataclass(slots=True)
class Parameter:
    """`$name` or `${name op word}`. `op` is empty for a plain one; `#name` (length) has op "length"."""

    name: str
    op: str
    word: Word | None
    quoted: bool
    extra: Word | None = None  # the replacement of ${x/pattern/replacement}, the length of ${x:offset:length}


@dataclass(slots=True)
class Substitution:
    """`$(commands)`."""

    body: Node | None
    quoted: bool


@dataclass(slots=True)
class Arithmetic:
    """`$((expression))`; the expression is itself expanded first."""

    expression: Word
    quoted: bool


Part = Literal | Parameter | Substitution | Arithmetic


class Word:
    """One word. `static` is its value if that needs no expansion at all."""

    __slots__ = ("parts", "static")

    def __init__(self, parts: tuple[Part, ...]) -> None:
        self.parts = parts
        self.static: str | None = None
        if all(isinstance(part, Literal) for part in parts):
            literals = [part for part in parts if isinstance(part, Literal)]
            if not any(not part.quoted and any(c in "*?[\\" for c in part.text) for part in literals):
                self.static = "".join(part.text for part in literals)
                if literals and not literals[0].quoted and self.static.startswith("~"):
                    self.static = None

    @property
    def plain(self) -> str | None:
        """The word as written, if no character of it is quoted or expands: how reserved words are recognized."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Literal) and not self.parts[0].quoted:
            return self.parts[0].text
        return None


# -- commands ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Redirect:
    """`fd op target`; for a here-document op is `<<` and the target its text."""

    fd: int
    op: str
    target: Word


@dataclass(slots=True)
class Assignment:
    """`name=value` before a command."""

    name: str
    value: Word


@dataclass(slots=True)
class Simple:
    """A command with its arguments."""

    assignments: list[Assignment]
    words: list[Word]
    redirects: list[Redirect]
    line: int


@dataclass(slots=True)
class Pipeline:
    """`a | b | c`, perhaps with `!` before it."""

    commands: list[Node]
    negated: bool


@dataclass(slots=True)
class AndOr:
    """`left && right` or `left || right`."""

    left: Node
    op: str
    right: Node


@dataclass(slots=True)
class Sequence:
    """`a; b; c`."""

    commands: list[Node]


@dataclass(slots=True)
class Background:
    """`command &`; `text` is what `jobs` shows."""

    command: Node


@dataclass(slots=True)
class Group:
    """`{ commands; }` with redirections; also any other compound command that has some."""

    body: Node
    redirects: list[Redirect]


@dataclass(slots=True)
class Subshell:
    """`( commands )`."""

    body: Node
    redirects: list[Redirect]


@dataclass(slots=True)
class If:
    """`if test; then body; else otherwise; fi`; elif nests."""

    test: Node
    body: Node
    otherwise: Node | None


@dataclass(slots=True)
class While:
    """`while test; do body; done`, or until."""

    test: Node
    body: Node
    until: bool


@dataclass(slots=True)
class For:
    """`for name in words; do body; done`; without `in`, over the positional parameters."""

    name: str
    words: list[Word] | None
    body: Node


@dataclass(slots=True)
class CaseItem:
    """`pattern | pattern) body ;;`."""

    patterns: list[Word]
    body: Node | None


@dataclass(slots=True)
class Case:
    """`case word in items esac`."""

    word: Word
    items: list[CaseItem]


@dataclass(slots=True)
class Function:
    """`name() body`."""

    name: str
    body: Node


Node = Simple | Pipeline | AndOr | Sequence | Background | Group | Subshell | If | While | For | Case | Function
