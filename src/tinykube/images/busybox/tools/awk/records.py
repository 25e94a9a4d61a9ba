"""awk's current record and its fields, each made from the other when asked for.

Models busybox's editors/awk.c (awk_split, fsrealloc).
"""

from __future__ import annotations

import re

from tinykube.images.busybox.tools.regex import compile_regex


def split_fields(text: str, separator: str) -> list[str]:
    """A text cut at FS: runs of blanks, one character, or a regular expression."""
    if separator == " ":
        return text.split()
    if not text:
        return []
    if separator == "\t" or (len(separator) == 1 and separator not in "\\^$.[]|()*+?{}"):
        return text.split(separator)
    if separator == "":
        return list(text)
    if len(separator) == 1:
        return text.split(separator)
    return re.split(compile_regex(separator, True).pattern.replace("(", "(?:").replace("(?:?", "(?"), text)


class Records:
    """$0, $1, … and NF."""

    def __init__(self) -> None:
        self._text = ""
        self._separator = " "
        self._fields: list[str] | None = []

    def set(self, text: str, separator: str) -> None:
        """A new $0, cut at `separator` when its fields are needed."""
        self._text, self._separator, self._fields = text, separator, None

    def text(self) -> str:
        """$0."""
        return self._text

    def fields(self) -> list[str]:
        """$1 and on."""
        if self._fields is None:
            self._fields = split_fields(self._text, self._separator)
        return self._fields

    def count(self) -> int:
        """NF."""
        return len(self.fields())

    def field(self, index: int) -> str:
        """$index."""
        if index == 0:
            return self._text
        fields = self.fields()
        return fields[index - 1] if index <= len(fields) else ""

    def assign(self, index: int, value: str, joiner: str) -> None:
        """Set $index; $0 is made anew with OFS."""
        fields = self.fields()
        fields += [""] * (index - len(fields))
        fields[index - 1] = value
        self._text = joiner.join(fields)

    def resize(self, count: int, joiner: str) -> None:
        """Set NF."""
        fields = self.fields()
        fields += [""] * (count - len(fields))
        del fields[count:]
        self._text = joiner.join(fields)
