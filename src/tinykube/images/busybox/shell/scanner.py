"""The shell's scanner: from characters to words, operators and here-documents.

Law: it knows quoting and expansions but no grammar. `ShellSyntaxError` carries ash's words.

Models the lexical half of busybox's shell/ash.c (readtoken1, parsesub, parsebackq).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tinykube.images.busybox.shell.syntax import (
    Arithmetic,
    Literal,
    Node,
    Parameter,
    Part,
    Redirect,
    Substitution,
    Word,
)

if TYPE_CHECKING:
    from tinykube.images.busybox.shell.parser import Parser

OPERATORS = ("<<-", "&&", "||", ";;", "<<", ">>", "<&", ">&", "<>", ">|", "&>", "&", "|", ";", "<", ">", "(", ")")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SPECIAL = "@*#?$!-0123456789"
_PLAIN = re.compile(r"[^\s'\"\\$`&|;<>()]+")
_IN_QUOTES = re.compile(r'[^"\\$`]+')
_DIGITS = re.compile(r"\d+(?=[<>])")
_OPERATION = re.compile(r":?[-=?+]|##?|%%?|//?|:")


class ShellSyntaxError(Exception):
    """The script is no shell script. `line` counts from 1."""

    def __init__(self, message: str, line: int, incomplete: bool) -> None:
        super().__init__(message)
        self.line = line
        self.incomplete = incomplete  # more lines could still make it a script


class Scanner:
    """A position in a script."""

    def __init__(self, text: str, make_parser: type[Parser], line: int = 1) -> None:
        self.text, self.position, self.line = text, 0, line
        self._make_parser = make_parser
        self.open_document = False  # a here-document was not closed
        self.documents: list[tuple[Redirect, str, bool, bool]] = []  # redirect, delimiter, strip tabs, expand

    def fail(self, message: str) -> ShellSyntaxError:
        """The error to raise."""
        incomplete = self.at_end() or message.startswith(("unterminated", "EOF"))
        return ShellSyntaxError(f"syntax error: {message}", self.line, incomplete)

    # -- between words ---------------------------------------------------------------------------------------

    def skip_blanks(self) -> None:
        """Pass over spaces, joined lines and a comment."""
        text, i = self.text, self.position
        while i < len(text):
            c = text[i]
            if c in " \t\r":
                i += 1
            elif c == "\\" and text.startswith("\n", i + 1):
                i += 2
                self.line += 1
            elif c == "#":
                end = text.find("\n", i)
                i = len(text) if end < 0 else end
            else:
                break
        self.position = i

    def operator(self) -> str | None:
        """The operator here, or None; not consumed."""
        for operator in OPERATORS:
            if self.text.startswith(operator, self.position):
                return operator
        return None

    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self.position >= len(self.text)

    def peek(self) -> str:
        """The character here, or an empty string."""
        return self.text[self.position : self.position + 1]

    def newline(self) -> None:
        """Consume a newline, and the here-documents that begin after it."""
        self.position += 1
        self.line += 1
        documents, self.documents = self.documents, []
        for redirect, delimiter, strip, expand in documents:
            redirect.target = self._document(delimiter, strip, expand)

    def _document(self, delimiter: str, strip: bool, expand: bool) -> Word:
        lines: list[str] = []
        while not self.at_end():
            end = self.text.find("\n", self.position)
            end = len(self.text) if end < 0 else end
            line = self.text[self.position : end]
            self.position = min(end + 1, len(self.text))
            self.line += 1
            if strip:
                line = line.lstrip("\t")
            if line == delimiter:
                break
            lines.append(line + ("\n" if end < len(self.text) else ""))
        else:
            self.open_document = True
        body = "".join(lines)
        if not expand:
            return Word((Literal(body, True),))
        return Scanner(body, self._make_parser, self.line).quoted_text()

    def io_number(self) -> int | None:
        """The digits directly before a redirection, consumed; None if there are none."""
        match = _DIGITS.match(self.text, self.position)
        if match is None:
            return None
        self.position = match.end()
        return int(match.group())

    # -- words -----------------------------------------------------------------------------------------------

    def word(self, stop: str = "") -> Word:
        """The word here. `stop`: further characters that end it when not quoted (`}`, `/`, `:`)."""
        parts: list[Part] = []
        while not self.at_end():
            c = self.text[self.position]
            if c in stop or (not stop and c in " \t\r\n&|;<>()"):
                break
            self._piece(c, parts, stop)
        return Word(_merged(parts))

    def _piece(self, c: str, parts: list[Part], stop: str) -> None:
        if c == "'":
            end = self.text.find("'", self.position + 1)
            if end < 0:
                raise self.fail("unterminated quoted string")
            parts.append(Literal(self._passed(end)[1:], True))
            self.position += 1
        elif c == '"':
            self.position += 1
            self._quoted_into(parts, '"')
        elif c == "\\":
            self._escape(parts)
        elif c == "$" or c == "`":
            self._dollar(parts, quoted=False)
        else:
            match = _PLAIN.match(self.text, self.position)
            end = match.end() if match and not stop else self.position + 1
            parts.append(Literal(self._passed(end), False))

    def _passed(self, end: int) -> str:
        text = self.text[self.position : end]
        self.line += text.count("\n")
        self.position = end
        return text

    def _escape(self, parts: list[Part]) -> None:
        following = self.text[self.position + 1 : self.position + 2]
        self.position += 2
        if following == "\n":
            self.line += 1
        elif following == "":
            parts.append(Literal("\\", True))
        else:
            parts.append(Literal(following, True))

    def quoted_text(self) -> Word:
        """All that is left, as if between double quotes in which a double quote is nothing special."""
        parts: list[Part] = []
        self._quoted_into(parts, "")
        return Word(_merged(parts))

    def _quoted_into(self, parts: list[Part], end: str) -> None:
        """Up to the closing `end`, with `$`, backquotes and backslashes."""
        start = len(parts)
        while not self.at_end():
            c = self.text[self.position]
            if c == end:
                self.position += 1
                if len(parts) == start:
                    parts.append(Literal("", True))
                return
            if c in "$`":
                self._dollar(parts, quoted=True)
            elif c == "\\":
                self._quoted_escape(parts, end)
            else:
                match = _IN_QUOTES.match(self.text, self.position)
                stop = match.end() if match else self.position + 1
                if end == "}":
                    stop = self.position + 1
                parts.append(Literal(self._passed(stop), True))
        if end:
            raise self.fail("unterminated quoted string" if end == '"' else "missing '}'")

    def _quoted_escape(self, parts: list[Part], end: str) -> None:
        following = self.text[self.position + 1 : self.position + 2]
        if following == "\n":
            self._passed(self.position + 2)
        elif following and following in '$`\\"}' and (following in "$`\\" or following == end or end == "}"):
            self.position += 2
            parts.append(Literal(following, True))
        else:
            self.position += 1
            parts.append(Literal("\\", True))

    # -- expansions ------------------------------------------------------------------------------------------

    def _dollar(self, parts: list[Part], quoted: bool) -> None:
        text, i = self.text, self.position
        if text[i] == "`":
            parts.append(Substitution(self._backquoted(quoted), quoted))
        elif text.startswith("$((", i) and (part := self._arithmetic(quoted)) is not None:
            parts.append(part)
        elif text.startswith("$(", i):
            self.position += 2
            parts.append(Substitution(self._nested(), quoted))
        elif text.startswith("${", i):
            self.position += 2
            parts.append(self._braces(quoted))
        elif match := NAME.match(text, i + 1):
            self.position = match.end()
            parts.append(Parameter(match.group(), "", None, quoted))
        elif i + 1 < len(text) and text[i + 1] in SPECIAL:
            self.position += 2
            parts.append(Parameter(text[i + 1], "", None, quoted))
        else:
            self.position += 1
            parts.append(Literal("$", True))

    def _nested(self) -> Node | None:
        parser = self._make_parser(self.text, scanner=self)
        body = parser.compound_list(")")
        if self.peek() != ")":
            raise self.fail('unexpected end of file (expecting ")")')
        self.position += 1
        return body

    def _backquoted(self, quoted: bool) -> Node | None:
        self.position += 1
        source = []
        while (c := self.peek()) != "`":
            if not c:
                raise self.fail("EOF in backquote substitution")
            following = self.text[self.position + 1 : self.position + 2]
            if c == "\\" and following and following in ('$`\\"' if quoted else "$`\\"):
                source.append(following)
                self.position += 2
            else:
                source.append(self._passed(self.position + 1))
        self.position += 1
        inner = self._make_parser("".join(source), line=self.line)
        return inner.whole()

    def _arithmetic(self, quoted: bool) -> Arithmetic | None:
        """`$((...))`, or None if it is a command substitution that begins with a subshell."""
        depth, i = 0, self.position + 3
        while i < len(self.text):
            c = self.text[i]
            if c == "(":
                depth += 1
            elif c == ")":
                if depth == 0:
                    break
                depth -= 1
            i += 1
        if not self.text.startswith("))", i):
            return None
        source = self.text[self.position + 3 : i]
        self.line += source.count("\n")
        self.position = i + 2
        return Arithmetic(Scanner(source, self._make_parser, self.line).quoted_text(), quoted)

    def _braces(self, quoted: bool) -> Parameter:
        text = self.text
        length = text.startswith("#", self.position) and text[self.position + 1 : self.position + 2] not in ("}", "")
        if length and text[self.position + 1] in "-=?+:%#" and text[self.position + 2 : self.position + 3] != "}":
            length = False
        self.position += length
        match = NAME.match(text, self.position) or re.compile(r"\d+|[@*#?$!-]").match(text, self.position)
        if match is None:
            raise self.fail("bad substitution")
        self.position = match.end()
        part = Parameter(match.group(), "length" if length else "", None, quoted)
        if not length and self.peek() != "}":
            self._operation(part)
        if self.peek() != "}":
            raise self.fail("missing '}'" if self.at_end() else "bad substitution")
        self.position += 1
        return part

    def _operation(self, part: Parameter) -> None:
        match = _OPERATION.match(self.text, self.position)
        if match is None:
            raise self.fail("missing '}'" if self.at_end() else "bad substitution")
        part.op = match.group()
        self.position = match.end()
        if part.op in ("/", "//"):
            part.word = self.word("/}")
            if self.peek() == "/":
                self.position += 1
                part.extra = self._operand(part.quoted)
        elif part.op == ":":
            part.word = self.word(":}")
            if self.peek() == ":":
                self.position += 1
                part.extra = self.word("}")
        else:
            part.word = self._operand(part.quoted and part.op not in ("#", "##", "%", "%%"))

    def _operand(self, quoted: bool) -> Word:
        if not quoted:
            return self.word("}")
        parts: list[Part] = []
        while not self.at_end() and self.peek() != "}":
            c = self.peek()
            if c == '"':
                self.position += 1
                self._quoted_into(parts, '"')
            elif c in "$`":
                self._dollar(parts, quoted=True)
            elif c == "\\":
                self._quoted_escape(parts, "}")
            else:
                parts.append(Literal(self._passed(self.position + 1), True))
        return Word(_merged(parts))


def _merged(parts: list[Part]) -> tuple[Part, ...]:
    """The parts with neighbors of one kind joined; empty quotes stay if they are all there is of a word."""
    merged: list[Part] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, Literal) and isinstance(last, Literal) and part.quoted == last.quoted:
            merged[-1] = Literal(last.text + part.text, part.quoted)
        else:
            merged.append(part)
    return tuple(merged)
