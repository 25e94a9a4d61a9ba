"""printf.

Models busybox's coreutils/printf.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tinykube.images.busybox.tools.escapes import unescape
from tinykube.runtime.process import Process

_DIRECTIVE = re.compile(r"%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?([hlLjzt]*)(.?)", re.DOTALL)


class _Printer:
    """One run over the arguments."""

    def __init__(self, process: Process, name: str, words: list[str]) -> None:
        self.process, self.name, self.words = process, name, words
        self.used = 0
        self.status = 0
        self.stopped = False

    def complain(self, message: str) -> None:
        self.process.err(f"{self.name}: {message}\n")
        self.status = 1

    def next_word(self) -> str:
        self.used += 1
        return self.words[self.used - 1] if self.used <= len(self.words) else ""

    def integer(self, word: str) -> int:
        if word[:1] in ("'", '"') and len(word) > 1:
            return ord(word[1])
        try:
            return int(word, 8 if re.fullmatch(r"[-+]?0[0-7]+", word) else 0)
        except ValueError:
            self.complain(f"invalid number '{word}'")
            return 0

    def floating(self, word: str) -> float:
        if word == "":
            return 0.0
        try:
            return float(word)
        except ValueError:
            self.complain(f"invalid number '{word}'")
            return 0.0

    def done(self) -> bool:
        """Whether `\\c` or a bad format has ended everything."""
        return self.stopped

    def once(self, template: str) -> Iterator[str]:
        """The pieces that one pass over the format gives."""
        position = 0
        for match in _DIRECTIVE.finditer(template):
            literal, self.stopped = unescape(template[position : match.start()])
            yield literal
            if self.done():
                return
            position = match.end()
            yield self.directive(match)
            if self.done():
                return
        literal, self.stopped = unescape(template[position:])
        yield literal

    def directive(self, match: re.Match[str]) -> str:
        flags, width, precision, _, kind = match.groups()
        if match.group(0) == "%%":
            return "%"
        if kind == "" or kind not in "diouxXcsbeEfgGaA":
            rest = match.string[match.start() :]
            shown = re.sub(r"^(%[-+ #0]*[0-9.*]*)[hlLjzt]*", r"\1", rest)
            self.complain(f"{shown}: invalid format")
            self.stopped = True
            return ""
        width = str(self.integer(self.next_word())) if width == "*" else (width or "")
        if width.startswith("-"):
            flags, width = flags + "-", width[1:]
        has_precision = "." in match.group(0)
        precision = str(self.integer(self.next_word())) if precision == "*" else precision or "0"
        shape = f"%{flags}{width}" + (f".{precision}" if has_precision else "")
        return self.converted(kind, shape, self.next_word())

    def converted(self, kind: str, shape: str, word: str) -> str:
        if kind in "di":
            return (shape + "d") % self.integer(word)
        if kind in "ouxX":
            return (shape + kind.replace("u", "d")) % (self.integer(word) & 0xFFFFFFFFFFFFFFFF)
        if kind == "c":
            return (shape + "s") % word[:1]
        if kind == "b":
            word, self.stopped = unescape(word, octal_zero=True)
            return (shape + "s") % word
        if kind == "s":
            return (shape + "s") % word
        return (shape + kind.replace("a", "f").replace("A", "F")) % self.floating(word)


def print_formatted(process: Process, words: list[str], name: str) -> int:
    """`printf WORDS`; the exit status."""
    if words and words[0] == "--":
        words = words[1:]
    if not words:
        process.err(f"{name}: usage: printf FORMAT [ARGUMENT...]\n")
        return 2
    printer = _Printer(process, name, words[1:])
    while True:
        before = printer.used
        output = "".join(printer.once(words[0]))
        process.out(output)
        if printer.stopped or printer.used == before or printer.used >= len(printer.words):
            return printer.status


async def main(process: Process) -> int:
    """The program."""
    return print_formatted(process, process.argv[1:], process.name)
