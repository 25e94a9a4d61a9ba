"""test, `[` and `[[`.

Models busybox's coreutils/test.c.
"""

from __future__ import annotations

from collections.abc import Callable

from tinykube.images.busybox.shell import pattern
from tinykube.runtime.filesystem import EXECUTE, READ
from tinykube.runtime.nodes import Device, Directory, Fifo, File, Node, Symlink
from tinykube.runtime.process import Process


class _TestError(Exception):
    """The expression makes no sense."""


_STRINGS: dict[str, Callable[[str, str], bool]] = {
    "=": lambda a, b: a == b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
}
_NUMBERS: dict[str, Callable[[int, int], bool]] = {
    "-eq": lambda a, b: a == b,
    "-ne": lambda a, b: a != b,
    "-lt": lambda a, b: a < b,
    "-le": lambda a, b: a <= b,
    "-gt": lambda a, b: a > b,
    "-ge": lambda a, b: a >= b,
}
_FILES = ("-nt", "-ot", "-ef")
_UNARY = frozenset("-" + letter for letter in "bcdefghkLnOGprsStuwxz")


def _number(word: str) -> int:
    try:
        return int(word.strip())
    except ValueError:
        raise _TestError(f"{word}: bad number") from None


class _Expression:
    """A recursive-descent evaluation of the words."""

    def __init__(self, process: Process, words: list[str], patterns: bool) -> None:
        self.process, self.words, self.patterns = process, words, patterns
        self.i = 0

    def peek(self, ahead: int = 0) -> str | None:
        index = self.i + ahead
        return self.words[index] if index < len(self.words) else None

    def either(self) -> bool:
        value = self.both()
        while self.peek() in ("-o", "||"):
            self.i += 1
            value = self.both() or value
        return value

    def both(self) -> bool:
        value = self.inverted()
        while self.peek() in ("-a", "&&"):
            self.i += 1
            value = self.inverted() and value
        return value

    def inverted(self) -> bool:
        if self.peek() == "!" and self.peek(1) is not None and not self._binary_follows():
            self.i += 1
            return not self.inverted()
        return self.primary()

    def _binary_follows(self) -> bool:
        return self.peek(1) in (*_STRINGS, *_NUMBERS, *_FILES) and self.peek(2) is not None

    def primary(self) -> bool:
        word = self.peek()
        if word is None:
            raise _TestError("argument expected")
        if self._binary_follows():
            operator, right = self.words[self.i + 1], self.words[self.i + 2]
            self.i += 3
            return self.binary(word, operator, right)
        if word == "(" and self.peek(1) is not None:
            self.i += 1
            value = self.either()
            if self.peek() != ")":
                raise _TestError("closing paren expected")
            self.i += 1
            return value
        following = self.peek(1)
        if word in _UNARY and following is not None:
            self.i += 2
            return self.unary(word, following)
        if following is not None and following in (*_STRINGS, *_NUMBERS, *_FILES):
            raise _TestError(f"{following}: argument expected")
        self.i += 1
        return word != ""

    def binary(self, left: str, operator: str, right: str) -> bool:
        if operator in _NUMBERS:
            return _NUMBERS[operator](_number(left), _number(right))
        if operator in _STRINGS:
            if self.patterns and operator in ("=", "==", "!="):
                return pattern.matches(right, left) == (operator != "!=")
            return _STRINGS[operator](left, right)
        a, b = self.process.find(left), self.process.find(right)
        if operator == "-ef":
            return a is not None and a is b
        newer = (0.0 if a is None else a.mtime) - (0.0 if b is None else b.mtime)
        return newer > 0 if operator == "-nt" else newer < 0

    def unary(self, operator: str, word: str) -> bool:
        if operator in ("-n", "-z"):
            return (word == "") == (operator == "-z")
        if operator == "-t":
            stream = self.process.fds.get(_number(word))
            return stream is not None and stream.isatty
        node = self.process.find(word, follow=operator not in ("-h", "-L"))
        return node is not None and self._about(operator, word, node)

    def _about(self, operator: str, word: str, node: Node) -> bool:
        kinds = {"-d": Directory, "-f": File, "-h": Symlink, "-L": Symlink, "-p": Fifo, "-c": Device}
        if operator in kinds:
            return isinstance(node, kinds[operator]) or (operator == "-f" and node.kind == "-")
        if operator in ("-b", "-S"):
            return False
        if operator == "-s":
            return node.size > 0
        if operator in ("-u", "-g", "-k"):
            return bool(node.mode & {"-u": 0o4000, "-g": 0o2000, "-k": 0o1000}[operator])
        fs = self.process.fs
        if operator == "-w":
            return fs.writable(self.process.path(word))
        if operator in ("-O", "-G"):
            return node.uid == fs.uid if operator == "-O" else node.gid == fs.gid
        return operator == "-e" or fs.allows(node, READ if operator == "-r" else EXECUTE)


def evaluate(process: Process, argv: list[str], name: str) -> int:
    """The exit status of `test`, `[` or `[[` with its arguments."""
    words = argv[1:]
    closing = {"[": "]", "[[": "]]"}.get(argv[0].rpartition("/")[2])
    if closing is not None:
        if not words or words[-1] != closing:
            process.err(f"{name}: missing {closing}\n")
            return 2
        words = words[:-1]
    if not words:
        return 1
    expression = _Expression(process, words, closing == "]]")
    try:
        if len(words) == 1:
            return int(not words[0])
        value = expression.either()
        rest = expression.peek()
        if rest is not None:
            raise _TestError(f"{rest}: unknown operand")
    except _TestError as error:
        process.err(f"{name}: {error}\n")
        return 2
    return int(not value)


async def main(process: Process) -> int:
    """The program."""
    return evaluate(process, process.argv, process.name)
