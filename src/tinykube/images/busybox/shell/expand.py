"""Expansion: what becomes of a word before the command sees it.

Law: tilde, parameters, command substitution and arithmetic first, then field splitting of what was not quoted, then
file name patterns, then the quotes are gone. A word with nothing to expand costs nothing (`Word.static`).

Models busybox's shell/ash.c (expandarg, argstr, evalvar, ifsbreakup, expandmeta) and POSIX shell section 2.6.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tinykube.images.busybox.shell import arithmetic, pattern
from tinykube.images.busybox.shell.errors import ShellError
from tinykube.images.busybox.shell.syntax import Arithmetic, Literal, Parameter, Part, Substitution, Word
from tinykube.runtime.users import users

if TYPE_CHECKING:
    from tinykube.images.busybox.shell.shell import Shell

WHITE = " \t\n"


class Fields:
    """Fields as they grow: each a list of (text, quoted)."""

    def __init__(self, separators: str) -> None:
        self.separators = separators
        self.done: list[list[tuple[str, bool]]] = []
        self.current: list[tuple[str, bool]] | None = None

    def add(self, text: str, quoted: bool) -> None:
        """More of the current field."""
        if self.current is None:
            self.current = [(text, quoted)]
        else:
            self.current.append((text, quoted))

    def end(self) -> None:
        """The current field is complete."""
        if self.current is not None:
            self.done.append(self.current)
            self.current = None

    def split(self, text: str) -> None:
        """Add an unquoted expansion's result, cut at the separators."""
        if not self.separators:
            if text:
                self.add(text, False)
            return
        if self.separators == WHITE:
            self._split_white(text)
        else:
            self._split_any(text)

    def _split_white(self, text: str) -> None:
        parts = (
            text.split(" ")
            if "\t" not in text and "\n" not in text
            else text.replace("\t", " ").replace("\n", " ").split(" ")
        )
        for index, part in enumerate(parts):
            if index:
                self.end()
            if part:
                self.add(part, False)

    def _split_any(self, text: str) -> None:
        white = [c for c in self.separators if c in WHITE]
        i, length = 0, len(text)
        while i < length and text[i] in white:
            i += 1
        if i:
            self.end()
        start = i
        while i < length:
            if text[i] not in self.separators:
                i += 1
                continue
            self.add(text[start:i], False)
            self.end()
            while i < length and text[i] in white:
                i += 1
            if i < length and text[i] in self.separators:
                i += 1
                while i < length and text[i] in white:
                    i += 1
            start = i
        if start < length:
            self.add(text[start:], False)


class Expander:
    """Expands words for one shell."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.variables = arithmetic.Variables(shell.get, shell.set)

    # -- entry points ----------------------------------------------------------------------------------------

    async def fields(self, words: Sequence[Word]) -> list[str]:
        """The arguments that words become."""
        result: list[str] = []
        for word in words:
            if word.static is not None:
                result.append(word.static)
            else:
                await self._fields_of(word, result)
        return result

    async def _fields_of(self, word: Word, result: list[str]) -> None:
        parts = word.parts
        if len(parts) == 1 and type(part := parts[0]) is Parameter and part.quoted and not part.op and part.name != "@":
            result.append(self._plain(part))
            return
        fields = Fields(self.shell.variables.get("IFS", WHITE))
        await self._expand(parts, fields, True)
        fields.end()
        for field in fields.done:
            if not self.shell.options["f"] and any(not quoted and _wild(text) for text, quoted in field):
                found = pattern.glob(self.shell.process, _as_pattern(field))
                if found:
                    result += found
                    continue
            result.append("".join([text for text, _ in field]))

    async def text(self, word: Word) -> str:
        """One string: assignments, redirection targets, here-documents."""
        if word.static is not None:
            return word.static
        return "".join([text for text, _ in await self._unsplit(word)])

    async def pattern(self, word: Word) -> str:
        """A pattern in which what was quoted is escaped."""
        return _as_pattern(await self._unsplit(word))

    async def _unsplit(self, word: Word) -> list[tuple[str, bool]]:
        fields = Fields("")
        await self._expand(word.parts, fields, False)
        fields.end()
        joined: list[tuple[str, bool]] = []
        for field in fields.done:
            if joined:
                joined.append((" ", True))
            joined += field
        return joined

    # -- parts -----------------------------------------------------------------------------------------------

    async def _expand(self, parts: tuple[Part, ...], fields: Fields, split: bool) -> None:
        for index, part in enumerate(parts):
            if type(part) is Literal:
                text = part.text
                if index == 0 and not part.quoted and text.startswith("~"):
                    text, part = self._tilde(text), Literal(text, True)
                fields.add(text, part.quoted)
            elif type(part) is Parameter:
                await self._parameter(part, fields, split)
            else:
                value = await self._computed(part)
                if part.quoted or not split:
                    fields.add(value, part.quoted)
                else:
                    fields.split(value)

    async def _computed(self, part: Part) -> str:
        if type(part) is Substitution:
            return await self.shell.engine.substitute(self.shell, part.body)
        assert type(part) is Arithmetic
        return str(self.compute(await self.text(part.expression)))

    def compute(self, expression: str) -> int:
        """The value of an arithmetic expression. Raises ShellError."""
        try:
            return arithmetic.evaluate(expression, self.variables)
        except arithmetic.ExpressionError as error:
            raise ShellError(str(error)) from None

    def _tilde(self, text: str) -> str:
        name, slash, rest = text[1:].partition("/")
        if not name:
            home = self.shell.get("HOME")
        else:
            home = next((user.home for user in users(self.shell.process.fs) if user.name == name), None)
        return text if home is None else home + slash + rest

    def _plain(self, part: Parameter) -> str:
        value = self.shell.get(part.name)
        if value is None:
            if self.shell.options["u"] and part.name not in "@*":
                raise ShellError(f"{part.name}: parameter not set")
            return ""
        return value

    async def _parameter(self, part: Parameter, fields: Fields, split: bool) -> None:
        if part.name in "@*" and part.op in ("", "-", ":-", "+", ":+"):
            used = await self._all_positional(part, fields, split)
            if used:
                return
        if part.op in ("-", ":-", "+", ":+", "=", ":=", "?", ":?"):
            await self._default(part, fields, split)
            return
        value = self._plain(part) if not part.op else await self._operated(part)
        self._give(value, part.quoted, fields, split)

    def _give(self, value: str, quoted: bool, fields: Fields, split: bool) -> None:
        if quoted or not split:
            fields.add(value, quoted)
        else:
            fields.split(value)

    async def _all_positional(self, part: Parameter, fields: Fields, split: bool) -> bool:
        values = self.shell.positional
        if part.op and bool(values) == part.op.endswith("+"):
            return False
        if part.op.endswith("+"):
            return True
        if part.quoted and part.name == "*":
            fields.add(self.shell.variables.get("IFS", WHITE)[:1].join(values), True)
            return True
        for index, value in enumerate(values):
            if index:
                fields.end() if split or part.name == "@" else fields.add(" ", True)
            self._give(value, part.quoted, fields, split)
        return True

    async def _default(self, part: Parameter, fields: Fields, split: bool) -> None:
        value = self.shell.get(part.name)
        present = value is not None and not (part.op[0] == ":" and value == "")
        action = part.op[-1]
        assert part.word is not None
        if action == "+":
            if present:
                await self._operand(part, fields, split)
        elif present:
            self._give(value or "", part.quoted, fields, split)
        elif action == "-":
            await self._operand(part, fields, split)
        elif action == "=":
            text = await self.text(part.word)
            self.shell.set(part.name, text)
            self._give(text, part.quoted, fields, split)
        else:
            default = "parameter not set" + (" or null" if part.op[0] == ":" else "")
            raise ShellError(f"{part.name}: {await self.text(part.word) or default}")

    async def _operand(self, part: Parameter, fields: Fields, split: bool) -> None:
        assert part.word is not None
        if part.quoted:
            fields.add(await self.text(part.word), True)
            return
        for piece in part.word.parts:
            if type(piece) is Literal and not piece.quoted and split:
                fields.split(piece.text)
            else:
                await self._expand((piece,), fields, split)

    async def _operated(self, part: Parameter) -> str:
        if part.op == "length" and part.name in "@*":
            return str(len(self.shell.positional))
        value = self._plain(part)
        if part.op == "length":
            return str(len(value))
        assert part.word is not None
        if part.op == ":":
            return await self._substring(value, part)
        wanted = await self.pattern(part.word)
        if part.op[0] == "#":
            return pattern.cut_prefix(value, wanted, part.op == "##")
        if part.op[0] == "%":
            return pattern.cut_suffix(value, wanted, part.op == "%%")
        new = "" if part.extra is None else await self.text(part.extra)
        return pattern.replace(value, wanted, new, part.op == "//")

    async def _substring(self, value: str, part: Parameter) -> str:
        assert part.word is not None
        start = self.compute(await self.text(part.word))
        start = max(0, start + len(value)) if start < 0 else start
        if part.extra is None:
            return value[start:]
        length = self.compute(await self.text(part.extra))
        return value[start : start + length] if length >= 0 else value[start : len(value) + length]


def _wild(text: str) -> bool:
    return "*" in text or "?" in text or "[" in text


def _as_pattern(field: list[tuple[str, bool]]) -> str:
    return "".join([pattern.escape(text) if quoted else text for text, quoted in field])
