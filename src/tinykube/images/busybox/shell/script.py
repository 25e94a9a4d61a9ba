"""Scripts: text that is read command by command.

Law: a complete command is parsed only when the ones before it have been taken, as ash does, so that a syntax error in
line 10 shows only after line 9 has run. What is parsed is kept, by text.

Models busybox's shell/ash.c (cmdloop, evalstring).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tinykube.images.busybox.shell.parser import Parser
from tinykube.images.busybox.shell.scanner import ShellSyntaxError
from tinykube.images.busybox.shell.syntax import Node


class Script:
    """A script that is read command by command."""

    def __init__(self, text: str, line: int = 1) -> None:
        self._parser = Parser(text, line=line)
        self._read: list[tuple[Node, bool]] = []
        self._error: ShellSyntaxError | None = None

    def commands(self) -> Iterator[tuple[Node, bool]]:
        """Each complete command, and whether nothing follows it, not even a newline. Raises ShellSyntaxError."""
        index = 0
        while True:
            while index < len(self._read):
                yield self._read[index]
                index += 1
            if self._error is not None:
                raise self._error
            if not self._more():
                return

    @property
    def open_document(self) -> bool:
        """Whether the text ends inside a here-document."""
        return self._parser.scanner.open_document

    def _more(self) -> bool:
        scanner = self._parser.scanner
        scanner.skip_blanks()
        if scanner.at_end():
            return False
        try:
            command = self._parser.complete_command()
        except ShellSyntaxError as error:
            self._error = error
            return True
        if command is not None:
            self._read.append((command, scanner.at_end() and not scanner.text.endswith("\n")))
        return True


@lru_cache(maxsize=512)
def parse(text: str) -> Script:
    """The script of a text."""
    return Script(text)
