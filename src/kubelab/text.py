"""Texts that print in a notebook as they would in a terminal or an editor."""

from __future__ import annotations


class Terminal(str):
    """What a program printed; `code` is its exit code. Shown as in a terminal, not as a Python literal."""

    code: int

    def __new__(cls, text: str, code: int = 0) -> Terminal:
        made = super().__new__(cls, text)
        made.code = code
        return made

    def __repr__(self) -> str:
        return str(self).rstrip("\n")


class Manifest(str):
    """YAML, shown in colors where there are any."""

    def __repr__(self) -> str:
        return str(self).rstrip("\n")

    def _repr_markdown_(self) -> str:
        return f"```yaml\n{str(self).rstrip()}\n```"


class Markdown(str):
    """Markdown, shown as such where it can be."""

    def __repr__(self) -> str:
        return str(self).rstrip("\n")

    def _repr_markdown_(self) -> str:
        return str(self)
