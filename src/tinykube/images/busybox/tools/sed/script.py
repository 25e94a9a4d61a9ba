"""sed's scripts: from text to a list of commands.

Models busybox's editors/sed.c (parse_cmd_args, add_cmd).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tinykube.images.busybox.tools.escapes import unescape
from tinykube.images.busybox.tools.regex import compile_regex


class SedError(Exception):
    """The script is no sed script."""


@dataclass
class Address:
    """A line number, `$` (last), a regular expression, or the `+N` of a range's end."""

    line: int = 0
    last: bool = False
    expression: re.Pattern[str] | None = None
    following: int = -1


@dataclass
class Command:
    """One command with its addresses. `target` is where `}`'s `{`, or a branch's label, leads in the list."""

    name: str
    first: Address | None = None
    second: Address | None = None
    inverted: bool = False
    text: str = ""
    expression: re.Pattern[str] | None = None
    replacement: list[str | int] = field(default_factory=list)
    everywhere: bool = False
    prints: bool = False
    occurrence: int = 1
    target: int = 0
    active: bool = False  # inside the range
    until: int = 0  # the line at which a range that ends by number ends


class Parser:
    """Reads a script."""

    def __init__(self, text: str, extended: bool) -> None:
        self.text, self.extended = text, extended
        self.i = 0
        self.commands: list[Command] = []
        self.blocks: list[int] = []

    def parse(self) -> list[Command]:
        """All commands, branches resolved. Raises SedError, RegexError."""
        while self._skip(" \t\n;"):
            self._command()
        for start in self.blocks:  # never closed: busybox does not mind
            self.commands[start].target = len(self.commands)
        labels = {command.text: index for index, command in enumerate(self.commands) if command.name == ":"}
        for command in self.commands:
            if command.name in ("b", "t", "T"):
                if command.text and command.text not in labels:
                    raise SedError(f"can't find label for jump to '{command.text}'")
                command.target = labels.get(command.text, len(self.commands))
        return self.commands

    def _skip(self, characters: str) -> str:
        """Pass over characters; the next one, or an empty string at the end."""
        while self.i < len(self.text) and self.text[self.i] in characters:
            self.i += 1
        return self.text[self.i : self.i + 1]

    def _command(self) -> None:
        if self._skip(" \t\n;") == "#":
            self._line()
            return
        command = Command("")
        command.first = self._address()
        if command.first is not None and self._skip(" \t") == ",":
            self.i += 1
            self._skip(" \t")
            command.second = self._address(after_comma=True)
            if command.second is None:
                raise SedError("no address after comma")
        while self._skip(" \t") == "!":
            command.inverted = True
            self.i += 1
        command.name = self._skip(" \t")
        if not command.name:
            raise SedError("missing command")
        self.i += 1
        self._arguments(command)
        self.commands.append(command)

    # -- addresses -------------------------------------------------------------------------------------------

    def _number(self) -> int | None:
        match = re.compile(r"\d+").match(self.text, self.i)
        if match is None:
            return None
        self.i = match.end()
        return int(match.group())

    def _address(self, after_comma: bool = False) -> Address | None:
        c = self.text[self.i : self.i + 1]
        if c == "$":
            self.i += 1
            return Address(last=True)
        if c in ("/", "\\"):
            self.i += 1 + (c == "\\")
            delimiter = self.text[self.i - 1]
            source = self._delimited(delimiter)
            flags = ""
            while self.text[self.i : self.i + 1] in ("I", "M"):
                flags += self.text[self.i]
                self.i += 1
            return Address(expression=compile_regex(source, self.extended, "I" in flags))
        if after_comma and c == "+":
            self.i += 1
            return Address(following=self._number() or 0)
        number = self._number()
        if number is None:
            return None
        return Address(line=number)

    def _delimited(self, delimiter: str, keep_escapes: bool = True) -> str:
        """The text up to an unescaped delimiter outside of brackets; an escaped delimiter loses its backslash."""
        out = []
        bracket = False
        while self.i < len(self.text):
            c = self.text[self.i]
            following = self.text[self.i + 1 : self.i + 2]
            if c == "\\" and following:
                if following == delimiter:
                    out.append(delimiter)
                elif following == "n" and keep_escapes:
                    out.append("\n" if not bracket else "\\n")
                else:
                    out.append(c + following)
                self.i += 2
                continue
            if keep_escapes and c == "[" and not bracket:
                bracket = True
                skip = 1 + self.text.startswith("^", self.i + 1)
                skip += self.text.startswith("]", self.i + skip)
                out.append(self.text[self.i : self.i + skip])
                self.i += skip
                continue
            if c == "]":
                bracket = False
            if c == delimiter and not bracket:
                self.i += 1
                return "".join(out)
            out.append(c)
            self.i += 1
        raise SedError("unmatched '" + delimiter + "'")

    # -- arguments -------------------------------------------------------------------------------------------

    def _arguments(self, command: Command) -> None:
        name = command.name
        if name == "{":
            self.blocks.append(len(self.commands))
            return
        if name == "}":
            if not self.blocks:
                raise SedError("unexpected '}'")
            self.commands[self.blocks.pop()].target = len(self.commands)
        elif name == "s":
            self._substitute(command)
        elif name == "y":
            self._transliterate(command)
        elif name in "aic":
            command.text = self._text()
            return
        elif name in "btT:":
            self._skip(" \t")
            match = re.compile(r"[^\n;]*").match(self.text, self.i)
            command.text = match.group().strip() if match else ""
            self.i = match.end() if match else self.i
        elif name in "rw":
            self._skip(" \t")
            command.text = self._line()
            return
        elif name in "qQ":
            self._skip(" \t")
            command.text = str(self._number() or 0)
        elif name not in "pPdDnNgGhHx=lz":
            raise SedError(f"unsupported command {name}")
        self._end()

    def _end(self) -> None:
        following = self._skip(" \t")
        if following and following not in ";\n}#":
            raise SedError("extra characters after command")

    def _line(self) -> str:
        end = self.text.find("\n", self.i)
        end = len(self.text) if end < 0 else end
        line, self.i = self.text[self.i : end], end
        return line

    def _text(self) -> str:
        """The text of a, i and c: one-line or after a backslash and newline."""
        if self._skip(" \t") == "\\":
            self.i += 1
            if self._skip(" \t") == "\n":
                self.i += 1
        rows = []
        while True:
            row = self._line()
            self.i += 1
            if not row.endswith("\\"):
                rows.append(row)
                break
            rows.append(row[:-1])
            if self.i > len(self.text):
                break
        return re.sub(r"\\(.)", r"\1", "\n".join(rows)) + "\n"

    def _substitute(self, command: Command) -> None:
        delimiter = self.text[self.i : self.i + 1]
        self.i += 1
        if not delimiter or delimiter in "\n\\":
            raise SedError("bad option in substitution expression")
        source = self._delimited(delimiter)
        replacement = self._delimited(delimiter, keep_escapes=False)
        ignore_case = False
        while (flag := self.text[self.i : self.i + 1]) and flag not in " \t\n;}#":
            self.i += 1
            if flag == "g":
                command.everywhere = True
            elif flag == "p":
                command.prints = True
            elif flag in "iI":
                ignore_case = True
            elif flag.isdigit():
                self.i -= 1
                command.occurrence = self._number() or 1
            elif flag == "w":
                self._skip(" \t")
                command.text = self._line()
            else:
                raise SedError("bad option in substitution expression")
        command.expression = compile_regex(source, self.extended, ignore_case) if source else None
        command.replacement = _replacement(replacement)

    def _transliterate(self, command: Command) -> None:
        delimiter = self.text[self.i : self.i + 1]
        self.i += 1
        first, second = (unescape(self._delimited(delimiter, keep_escapes=False))[0] for _ in range(2))
        if len(first) != len(second):
            raise SedError("y command strings have different lengths")
        command.replacement = [first, second]


def _replacement(text: str) -> list[str | int]:
    """Literal strings and group numbers in turn."""
    parts: list[str | int] = []
    literal = ""
    i = 0
    while i < len(text):
        c = text[i]
        following = text[i + 1 : i + 2]
        if c == "&":
            parts += [literal, 0]
            literal = ""
        elif c == "\\" and following.isdigit():
            parts += [literal, int(following)]
            literal = ""
            i += 1
        elif c == "\\" and following:
            literal += {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "f": "\f", "v": "\v"}.get(following, following)
            i += 1
        else:
            literal += c
        i += 1
    return [*parts, literal]
