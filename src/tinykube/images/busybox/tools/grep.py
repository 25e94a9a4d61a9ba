"""grep, egrep, fgrep: streaming, line by line.

Models busybox's findutils/grep.c.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator

from tinykube.images.busybox.tools import lines
from tinykube.images.busybox.tools.options import Options, UsageError, parse
from tinykube.images.busybox.tools.regex import RegexError, compile_regex
from tinykube.runtime.nodes import Directory
from tinykube.runtime.process import Process
from tinykube.runtime.streams import Stream


class _Around:
    """The lines before and after the matches of one input."""

    def __init__(self, grep: _Grep, label: str) -> None:
        self.to_come = 0
        """How many lines after a match are yet to be printed."""
        self._grep, self._label = grep, label
        self._last = 0
        self._before: deque[tuple[int, str]] = deque(maxlen=grep.before or None)

    def match(self, number: int, line: str) -> None:
        """Print a match, after the lines before it."""
        grep = self._grep
        if (grep.before or grep.after) and self._last and number - len(self._before) > self._last + 1:
            grep.process.out("--\n")
        for earlier, text in self._before:
            grep.print(self._label, earlier, text, "-")
        self._before.clear()
        grep.matched(self._label, number, line)
        self._last, self.to_come = number, grep.after

    def other(self, number: int, line: str) -> None:
        """Print a line if it comes after a match; else it may come before one."""
        if self.to_come:
            self.to_come -= 1
            self._grep.print(self._label, number, line, "-")
            self._last = number
        elif self._grep.before:
            self._before.append((number, line))


class _Grep:
    """One run."""

    def __init__(self, process: Process, options: Options, patterns: list[str], names: list[str]) -> None:
        self.process, self.options, self.names = process, options, names
        extended = "E" in options or process.name == "egrep"
        self.expressions = [self._compiled(source, extended) for source in patterns]
        before_after = options.number("C", 0)
        self.before, self.after = options.number("B", before_after), options.number("A", before_after)
        self.most = options.number("m", -1)
        self.with_names = ("H" in options or len(names) > 1 or "r" in options) and "h" not in options
        self.found = self.failed = False

    def _compiled(self, source: str, extended: bool) -> re.Pattern[str]:
        ignore_case = "i" in self.options
        if "F" in self.options or self.process.name == "fgrep":
            source = re.escape(source)
        else:
            source = compile_regex(source, extended).pattern
        if "x" in self.options:
            source = rf"\A(?:{source})\Z"
        elif "w" in self.options:
            source = rf"(?<!\w)(?:{source})(?!\w)"
        return re.compile(source, re.ASCII | re.DOTALL | (re.IGNORECASE if ignore_case else 0))

    def _selected(self, line: str) -> bool:
        return any(expression.search(line) for expression in self.expressions) != ("v" in self.options)

    def print(self, name: str, number: int, text: str, separator: str = ":") -> None:
        """Print a line; `separator` tells those around a match from matches."""
        prefix = f"{name}{separator}" if self.with_names else ""
        if "n" in self.options:
            prefix += f"{number}{separator}"
        self.process.out(f"{prefix}{text}\n")

    async def file(self, name: str, stream: Stream) -> None:
        """Search one input."""
        count = number = 0
        label = "(standard input)" if name == "-" else name
        around = _Around(self, label)
        while count != self.most or around.to_come:
            raw = await stream.readline()
            if not raw:
                break
            number += 1
            line = lines.text(raw[:-1] if raw.endswith(b"\n") else raw)
            if count != self.most and self._selected(line):
                count += 1
                self.found = True
                if self.options & {"q", "l"}:
                    break
                if not self.options & {"c", "L"}:
                    around.match(number, line)
            else:
                around.other(number, line)
            if not self.process.out(""):
                await self.process.drain()
        self._summary(label, count)

    def matched(self, label: str, number: int, line: str) -> None:
        """Print a line that matches, or the matches in it."""
        if "o" not in self.options:
            self.print(label, number, line)
            return
        for expression in self.expressions:
            for match in expression.finditer(line):
                if match.group():
                    self.print(label, number, match.group())

    def _summary(self, label: str, count: int) -> None:
        if "q" in self.options:
            return
        if "c" in self.options:
            self.process.out(f"{label}:{count}\n" if self.with_names else f"{count}\n")
        elif ("l" in self.options and count) or ("L" in self.options and not count):
            self.process.out(f"{label}\n")

    def inputs(self) -> Iterator[str]:
        """The names to search, directories walked if asked."""
        for name in self.names or (["."] if "r" in self.options else ["-"]):
            node = None if name == "-" else self.process.find(name)
            if isinstance(node, Directory) and "r" in self.options:
                yield from self._below(name)
            else:
                yield name

    def _below(self, name: str) -> Iterator[str]:
        for child in self.process.fs.names(self.process.path(name), self.process.pid):
            path = f"{name.rstrip('/')}/{child}"
            if isinstance(self.process.find(path), Directory):
                yield from self._below(path)
            else:
                yield path

    async def run(self) -> int:
        """Search everything; the exit status."""
        for name in self.inputs():
            try:
                stream = lines.open_input(self.process, name)
            except OSError as error:
                self._complain(f"{name}: {error.strerror}")
                continue
            try:
                await self.file(name, stream)
            except IsADirectoryError as error:
                self._complain(f"{name}: {error.strerror}")
            finally:
                stream.release()
            if self.found and "q" in self.options:
                return 0
        if self.failed:
            return 2
        return int(not self.found)

    def _complain(self, message: str) -> None:
        self.failed = True
        if "s" not in self.options:
            self.process.err(f"{self.process.name}: {message}\n")


async def main(process: Process) -> int:
    """The program."""
    options, words = parse(process, "lnqvscFiHhe:f:LorREm:wxA:B:C:z{color}{line-buffered}")
    if "R" in options:
        options.add("r")
    patterns = [line for source in options.all.get("e", []) for line in source.split("\n")]
    for name in options.all.get("f", []):
        text = process.fs.read(process.path(name)).decode("utf-8", "surrogateescape")
        patterns += text.removesuffix("\n").split("\n") if text else []
    if "e" not in options and "f" not in options:
        if not words:
            raise UsageError("")
        patterns = words.pop(0).split("\n")
    try:
        return await _Grep(process, options, patterns, words).run()
    except RegexError as error:
        process.err(f"{process.name}: bad regex '{error.source}'\n")
        return 2
