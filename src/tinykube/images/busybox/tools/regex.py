"""POSIX regular expressions, basic and extended, as Python's.

Law: translated once and cached. Alternatives are tried in order, where POSIX would take the longest: the difference
shows only for alternatives of which one is a prefix of another.

Models glibc's regcomp(3) as busybox uses it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tinykube.images.busybox.shell.pattern import CLASSES

_SAME = {"w": r"\w", "W": r"\W", "s": r"\s", "S": r"\S", "b": r"\b", "B": r"\B", "<": r"\b(?=\w)", ">": r"\b(?<=\w)"}
_SAME |= {"`": r"\A", "'": r"\Z", "n": "\n", "t": "\t"}


class RegexError(Exception):
    """The expression is malformed; the text is regcomp's, `source` the expression."""

    source = ""


def _bracket(source: str, start: int) -> tuple[str, int]:
    i = start + 1
    negated = source[i : i + 1] == "^"
    i += negated
    members: list[str] = []
    first = True
    while i < len(source) and (source[i] != "]" or first):
        first = False
        if source.startswith("[:", i) and (end := source.find(":]", i)) > 0:
            name = source[i + 2 : end]
            if name not in CLASSES:
                raise RegexError("Invalid character class name")
            members.append(CLASSES[name])
            i = end + 2
            continue
        c = source[i]
        if source.startswith("\\n", i) or source.startswith("\\t", i):
            members.append(source[i : i + 2])
            i += 2
            continue
        is_range = source[i + 1 : i + 2] == "-" and source[i + 2 : i + 3] not in ("", "]")
        members.append(re.escape(c) + ("-" + re.escape(source[i + 2]) if is_range else ""))
        i += 3 if is_range else 1
    if i >= len(source):
        raise RegexError("Unmatched [, [^, [:, [., or [=")
    return f"[{'^' if negated else ''}{''.join(members)}]", i + 1


class _Translator:
    """One pass over an expression."""

    def __init__(self, source: str, extended: bool, multiline: bool) -> None:
        self.source, self.extended = source, extended
        self.end = "$" if multiline else r"\Z"
        self.out: list[str] = []
        self.i = 0
        self.depth = 0

    def translate(self) -> str:
        while self.i < len(self.source):
            c = self.source[self.i]
            if c == "[":
                piece, self.i = _bracket(self.source, self.i)
                self.out.append(piece)
            elif c == "\\":
                self._backslash()
            else:
                self.i += 1
                self._plain(c)
        if self.depth:
            raise RegexError("Unmatched ( or \\(")
        return "".join(self.out)

    def _at_start(self) -> bool:
        return not self.out or self.out[-1] in ("(", "|", "^")

    def _backslash(self) -> None:
        c = self.source[self.i + 1 : self.i + 2]
        self.i += 2
        if not c:
            raise RegexError("Trailing backslash")
        if not self.extended and c in "(){}|+?":
            self._operator(c)
        elif c in _SAME:
            self.out.append(_SAME[c])
        elif c.isdigit() and c != "0":
            self.out.append(f"(?:\\{c})")
        else:
            self.out.append(re.escape(c))

    def _plain(self, c: str) -> None:
        if c == "*":
            self.out.append(r"\*" if self._at_start() else "*")
        elif c == "^":
            self.out.append("^" if self.extended or self._at_start() else r"\^")
        elif c == "$":
            rest = self.source[self.i :]
            anchored = self.extended or not rest or rest.startswith(("\\)", "\\|"))
            self.out.append(self.end if anchored else r"\$")
        elif c == ".":
            self.out.append(".")
        elif self.extended and c in "(){}|+?":
            self._operator(c)
        else:
            self.out.append(re.escape(c))

    def _operator(self, c: str) -> None:
        if c == "(":
            self.depth += 1
        elif c == ")":
            if not self.depth:
                if self.extended:
                    self.out.append(r"\)")
                    return
                raise RegexError("Unmatched ) or \\)")
            self.depth -= 1
        elif c == "{":
            self._interval()
            return
        elif c in "+?" and self._at_start():
            self.out.append("\\" + c)
            return
        elif c == "}":
            c = r"\}"
        self.out.append(c)

    def _interval(self) -> None:
        close = "}" if self.extended else "\\}"
        end = self.source.find(close, self.i)
        body = self.source[self.i : end] if end >= 0 else ""
        if not re.fullmatch(r"\d+(,\d*)?|,\d+", body):
            if self.extended:
                self.out.append(r"\{")
                return
            raise RegexError("Invalid preceding regular expression" if end < 0 else "Invalid content of \\{\\}")
        self.i = end + len(close)
        self.out.append("{" + ("0" + body if body.startswith(",") else body) + "}")


@lru_cache(maxsize=1024)
def compile_regex(source: str, extended: bool, ignore_case: bool = False, multiline: bool = False) -> re.Pattern[str]:
    """The compiled expression. Raises RegexError."""
    flags = re.ASCII | (re.IGNORECASE if ignore_case else 0) | (re.MULTILINE if multiline else 0) | re.DOTALL
    try:
        return re.compile(_Translator(source, extended, multiline).translate(), flags)
    except (re.error, RegexError) as error:
        words = str(error) if isinstance(error, RegexError) else "Invalid preceding regular expression"
        problem = RegexError(words)
        problem.source = source
        raise problem from None
