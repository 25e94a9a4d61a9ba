"""sed's machine: pattern space, hold space, and the commands that work on them.

Law: one line is read ahead, to know the last; so, as in busybox, a line shows when the next has come.

Models busybox's editors/sed.c (process_files).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from tinykube.images.busybox.tools.sed.script import Address, Command
from tinykube.runtime.process import Process


class Quit(Exception):
    """`q` or `Q`."""

    def __init__(self, status: int, silent: bool) -> None:
        super().__init__(status)
        self.status, self.silent = status, silent


class Machine:
    """One run over a stream of lines."""

    def __init__(
        self,
        process: Process,
        commands: list[Command],
        source: AsyncIterator[str],
        write: Callable[[str], None],
        *,
        quiet: bool,
    ) -> None:
        self.process, self.commands, self.source, self.quiet = process, commands, source, quiet
        self._write, self._open_line = write, False
        self.space, self.hold = "", ""
        self.newline = "\n"
        self.number = 0
        self.following: str | None = None
        self.appended: list[tuple[str, str]] = []
        self.substituted = False
        self.last_expression: re.Pattern[str] | None = None

    def write(self, text: str) -> None:
        """Put out text; a line that was left open, because the input's last line was, is closed first."""
        if self._open_line and text:
            text = "\n" + text
        self._write(text)
        self._open_line = bool(text) and not text.endswith("\n")

    async def run(self) -> int:
        """Process every line; the exit status."""
        self.following = await anext(self.source, None)
        try:
            while await self._advance():
                await self._cycle()
                self._flush_appended()
                await self.process.spend(0.000001)
        except Quit as end:
            if not end.silent and not self.quiet:
                self.write(self.space + self.newline)
            self._flush_appended()
            return end.status
        return 0

    async def _advance(self) -> bool:
        """The next line into the pattern space."""
        if self.following is None:
            return False
        line = self.following
        self.following = await anext(self.source, None)
        self.newline = "\n" if line.endswith("\n") else ""
        self.space = line.removesuffix("\n")
        self.number += 1
        self.substituted = False
        return True

    async def _cycle(self) -> None:
        index = 0
        while index < len(self.commands):
            command = self.commands[index]
            index += 1
            if command.name in "}:":
                continue
            if self._selected(command) == command.inverted:
                if command.name == "{":
                    index = command.target
                continue
            jump = await self._execute(command)
            if jump == END_WITHOUT_PRINT:
                return
            if jump == RESTART:
                index = 0
            elif jump is not None:
                index = jump
        if not self.quiet:
            self.write(self.space + self.newline)

    # -- addresses -------------------------------------------------------------------------------------------

    def _matches(self, address: Address) -> bool:
        if address.last:
            return self.following is None
        if address.expression is not None:
            self.last_expression = address.expression
            return address.expression.search(self.space) is not None
        return self.number == address.line

    def _selected(self, command: Command) -> bool:
        first, second = command.first, command.second
        if first is None:
            return True
        if second is None:
            return self._matches(first)
        if not command.active:
            if not self._matches(first):
                return False
            command.active = True
            command.until = self.number + second.following if second.following >= 0 else second.line
            if second.following >= 0 or second.line:
                command.active = self.number < command.until
                return True
            command.active = not (second.last and self.following is None)
            return True
        ends = self.number >= command.until if second.line or second.following >= 0 else self._matches(second)
        if second.line and self.number > command.until:
            command.active = False
            return self._matches(first)
        command.active = not ends
        return True

    # -- commands --------------------------------------------------------------------------------------------

    async def _execute(self, command: Command) -> int | None:
        """Run a command; where to go on if not with the next."""
        name = command.name
        simple = _SIMPLE.get(name)
        if simple is not None:
            simple(self, command)
        elif name == "d":
            return END_WITHOUT_PRINT
        elif name == "D":
            return self._delete_first_line()
        elif name in "nN":
            return await self._next(name)
        elif name in "btT":
            return self._branch(command)
        elif name == "c":
            last_of_range = command.second is None or not command.active or command.inverted
            if last_of_range:
                self.write(command.text)
            return END_WITHOUT_PRINT
        elif name in "qQ":
            raise Quit(int(command.text), name == "Q")
        return None

    def _delete_first_line(self) -> int:
        if "\n" not in self.space:
            return END_WITHOUT_PRINT
        self.space = self.space.partition("\n")[2]
        return RESTART

    async def _next(self, name: str) -> int | None:
        if self.following is None:
            if name == "n" or self.quiet:
                raise Quit(0, self.quiet)
            raise Quit(0, False)
        if name == "n":
            if not self.quiet:
                self.write(self.space + self.newline)
            self._flush_appended()
            await self._advance()
        else:
            before = self.space
            await self._advance()
            self.space = before + "\n" + self.space
        return None

    def _branch(self, command: Command) -> int | None:
        if command.name == "b" or self.substituted == (command.name == "t"):
            if command.name != "b":
                self.substituted = False
            return command.target
        self.substituted = False
        return None

    def substitute(self, command: Command) -> None:
        """s///."""
        expression = command.expression or self.last_expression
        if expression is None:
            return
        self.last_expression = expression
        count = 0

        def replace(match: re.Match[str]) -> str:
            nonlocal count
            count += 1
            if count < command.occurrence or (count > command.occurrence and not command.everywhere):
                return match.group()
            return "".join(p if isinstance(p, str) else (match.group(p) or "") for p in command.replacement)

        new = expression.sub(replace, self.space)
        if count >= command.occurrence:
            self.space = new
            self.substituted = True
            if command.prints:
                self.write(self.space + "\n")
            if command.text:
                self._append_to(command.text, self.space + "\n")

    def _append_to(self, path: str, text: str) -> None:
        data = text.encode("utf-8", "surrogateescape")
        if path == "/dev/stdout":
            self.write(text)
        elif path == "/dev/stderr":
            self.process.err(data)
        else:
            stream = self.process.open(path, "a")
            stream.write(data)
            stream.release()

    def transliterate(self, command: Command) -> None:
        """y///."""
        first, second = command.replacement
        self.space = self.space.translate(str.maketrans(str(first), str(second)))

    def write_file(self, command: Command) -> None:
        """w."""
        self._append_to(command.text, self.space + "\n")

    def append_hold(self) -> None:
        """G."""
        self.space += "\n" + self.hold
        self.newline = "\n"

    def _flush_appended(self) -> None:
        for kind, text in self.appended:
            if kind == "text":
                self.write(text)
            else:
                with suppress(OSError):  # a file that cannot be read is as good as empty
                    self.write(self.process.fs.read(self.process.path(text)).decode("utf-8", "surrogateescape"))
        self.appended.clear()

    def set(self, space: str | None = None, hold: str | None = None) -> None:
        """Change the pattern space, the hold space, or both."""
        self.space = self.space if space is None else space
        self.hold = self.hold if hold is None else hold


END_WITHOUT_PRINT, RESTART = -1, -2
_SIMPLE: dict[str, Callable[[Machine, Command], None]] = {
    "{": lambda m, c: None,
    "p": lambda m, c: m.write(m.space + "\n"),
    "P": lambda m, c: m.write(m.space.partition("\n")[0] + "\n"),
    "g": lambda m, c: m.set(space=m.hold),
    "G": lambda m, c: m.append_hold(),
    "h": lambda m, c: m.set(hold=m.space),
    "H": lambda m, c: m.set(hold=m.hold + "\n" + m.space),
    "x": lambda m, c: m.set(space=m.hold, hold=m.space),
    "z": lambda m, c: m.set(space=""),
    "=": lambda m, c: m.write(f"{m.number}\n"),
    "i": lambda m, c: m.write(c.text),
    "a": lambda m, c: m.appended.append(("text", c.text)),
    "r": lambda m, c: m.appended.append(("file", c.text)),
    "s": Machine.substitute,
    "y": Machine.transliterate,
    "l": lambda m, c: None,
    "w": Machine.write_file,
}
