"""awk's tokens.

Models busybox's editors/awk.c (next_token).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tinykube.images.busybox.tools.escapes import byte

KEYWORDS = frozenset(
    ("BEGIN", "END", "function", "func", "if", "else", "while", "for", "do", "break", "continue", "next", "nextfile",
     "exit", "return", "delete", "in", "getline", "print", "printf")
)  # fmt: skip
BUILTINS = frozenset(
    ("length", "substr", "index", "split", "sub", "gsub", "match", "sprintf", "sin", "cos", "atan2", "exp", "log",
     "sqrt", "int", "rand", "srand", "tolower", "toupper", "system", "close", "fflush", "systime", "strftime",
     "gensub", "and", "or", "xor", "lshift", "rshift", "compl", "mktime")
)  # fmt: skip
_TOKEN = re.compile(
    r"(?P<space>[ \t\r]+|\\\r?\n|\#[^\n]*)|(?P<newline>\n)"
    r"|(?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r'|(?P<string>"(?:[^"\\\n]|\\.|\\\n)*")'
    r"|(?P<op>\*\*=|\+\+|--|\+=|-=|\*=|/=|%=|\^=|\*\*|==|<=|>=|!=|!~|&&|\|\||>>|[{}()\[\];,+\-*/%^!<>|?:~$=])"
)
_ESCAPE = re.compile(r"\\(\n|[0-7]{1,3}|x[0-9A-Fa-f]{1,2}|.)", re.DOTALL)
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\\": "\\", '"': '"', "/": "/"}


class AwkSyntaxError(Exception):
    """The program is no awk program."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class Token(NamedTuple):
    """kind is number, string, regex, name, call (a name directly before a parenthesis), builtin, keyword, op, newline,
    end."""

    kind: str
    text: str
    line: int


def unescaped(text: str) -> str:
    """A string literal's value."""

    def one(match: re.Match[str]) -> str:
        body = match.group(1)
        if body == "\n":
            return ""
        if body[0] in "01234567":
            return byte(int(body, 8))
        if body[0] == "x" and len(body) > 1:
            return byte(int(body[1:], 16))
        return _SIMPLE.get(body, "\\" + body)

    return _ESCAPE.sub(one, text)


def tokens(source: str) -> list[Token]:
    """The tokens of a program. Raises AwkSyntaxError."""
    found: list[Token] = []
    position, line = 0, 1
    while position < len(source):
        if source[position] == "/" and _regex_may_follow(found):
            end = _regex_end(source, position, line)
            found.append(Token("regex", source[position + 1 : end].replace("\\/", "/"), line))
            position = end + 1
            continue
        match = _TOKEN.match(source, position)
        if match is None:
            raise AwkSyntaxError("Unexpected token", line)
        kind, text = match.lastgroup or "", match.group()
        position = match.end()
        if kind == "string":
            found.append(Token("string", unescaped(text[1:-1]), line))
        elif kind == "name":
            found.append(_name(text, source[position : position + 1], line))
        elif kind != "space":
            found.append(Token(kind, text, line))
        line += text.count("\n")
    found.append(Token("end", "", line))
    return found


def _name(text: str, following: str, line: int) -> Token:
    if text in KEYWORDS:
        return Token("keyword", "function" if text == "func" else text, line)
    if text in BUILTINS:
        return Token("builtin", text, line)
    return Token("call" if following == "(" else "name", text, line)


def _regex_may_follow(found: list[Token]) -> bool:
    """Whether a slash here begins a regular expression rather than divides."""
    if not found:
        return True
    last = found[-1]
    if last.kind in ("number", "string", "name", "builtin", "regex"):
        return False
    return not (last.kind == "op" and last.text in (")", "]", "$", "++", "--"))


def _regex_end(source: str, start: int, line: int) -> int:
    i, bracket = start + 1, False
    while i < len(source) and source[i] != "\n":
        c = source[i]
        if c == "\\":
            i += 1
        elif c == "[":
            bracket = True
            i += source.startswith("^", i + 1)
            i += source.startswith("]", i + 1)
        elif c == "]":
            bracket = False
        elif c == "/" and not bracket:
            return i
        i += 1
    raise AwkSyntaxError("Unexpected end of string", line)
