"""The shell as a program: `sh -c`, `sh script`, a script on standard input, a person at a terminal.

Models busybox's shell/ash.c (ash_main, procargs, cmdloop).
"""

from __future__ import annotations

import errno

from tinykube.images.busybox.shell.builtins.base import BuiltinError
from tinykube.images.busybox.shell.builtins.variables import set_options
from tinykube.images.busybox.shell.errors import Exit, ShellError
from tinykube.images.busybox.shell.interpreter import ENGINE, evaluate, run_body, to_the_end
from tinykube.images.busybox.shell.prompt import prompt
from tinykube.images.busybox.shell.scanner import ShellSyntaxError
from tinykube.images.busybox.shell.script import Script
from tinykube.images.busybox.shell.shell import Shell
from tinykube.images.busybox.shell.syntax import Node
from tinykube.runtime.nodes import Directory
from tinykube.runtime.process import Process
from tinykube.runtime.streams import Stream

SHELL_MEMORY = 256 * 1024


async def main(process: Process) -> int:
    """The program."""
    process.charge(SHELL_MEMORY)
    shell = Shell.started(process, process.argv[0].removeprefix("-"), ENGINE)
    words = process.argv[1:]
    command = from_stdin = False
    try:
        while words and words[0][:1] in ("-", "+") and len(words[0]) > 1:
            word = words.pop(0)
            if word == "--":
                break
            command |= "c" in word
            from_stdin |= "s" in word
            shell.interactive |= "i" in word
            words = set_options(shell, word[0] + "".join(c for c in word[1:] if c not in "csil"), words)
    except BuiltinError as error:
        process.err(f"{process.name}: {error}\n")
        return 2
    if command:
        return await _command(shell, words)
    if words and not from_stdin:
        return await _file(shell, words)
    shell.positional = words
    if process.stdin.isatty:
        shell.interactive = True
    return await to_the_end(shell, lambda: _interact(shell))


async def _command(shell: Shell, words: list[str]) -> int:
    if not words:
        shell.process.err(f"{shell.name}: -c requires an argument\n")
        return 2
    if len(words) > 1:
        shell.name = words[1]
    shell.positional = words[2:]
    shell.first_line = 1
    return await to_the_end(shell, lambda: evaluate(shell, words[0], last=True))


async def _file(shell: Shell, words: list[str]) -> int:
    path = words[0]
    shell.name, shell.positional, shell.script = path, words[1:], True
    process = shell.process
    try:
        node = process.fs.lookup(process.path(path))
        if isinstance(node, Directory):
            raise IsADirectoryError(errno.EISDIR, "Is a directory")
        text = process.fs.read(process.path(path)).decode("utf-8", "surrogateescape")
    except OSError as error:
        process.err(f"{process.name}: can't open '{path}': {error.strerror}\n")
        return 2
    return await to_the_end(shell, lambda: evaluate(shell, text))


async def run_file(process: Process, path: str, argv: list[str]) -> int:
    """Run a script file that has no `#!` line, with `argv` as its arguments."""
    return await _file(Shell.started(process, argv[0], ENGINE), [path, *argv[1:]])


async def _interact(shell: Shell) -> int:
    """Read commands from standard input, as they come, until its end."""
    process = shell.process
    source = _Source(process.stdin, shell.interactive)
    text, first = "", 1
    while True:
        if shell.interactive:
            shell.trap_interrupts()
            process.err(prompt(shell, "PS2" if text else "PS1"))
        line = await source.line()
        text += line.decode("utf-8", "surrogateescape")
        commands = _complete(shell, text, first, final=not line)
        if commands is None:
            continue
        first += text.count("\n")
        text = ""
        for command in commands:
            await (_forgiving(shell, command) if shell.interactive else run_body(shell, command, False))
        if not line:
            if shell.interactive:
                process.err("\n")
            return shell.status


class _Source:
    """Lines of a script on standard input. Without a terminal ash reads 1024 bytes at a time, ahead of `read`."""

    def __init__(self, stream: Stream, interactive: bool) -> None:
        self.stream, self.interactive = stream, interactive
        self.buffer = b""

    async def line(self) -> bytes:
        """The next line, or b"" at the end."""
        if self.interactive:
            return await self.stream.readline()
        while b"\n" not in self.buffer and (data := await self.stream.read(1024)):
            self.buffer += data
        line, newline, self.buffer = self.buffer.partition(b"\n")
        return line + newline


def _complete(shell: Shell, text: str, line: int, final: bool) -> list[Node] | None:
    """The commands of a text; None if it needs more lines. A syntax error ends a shell that is not interactive."""
    script = Script(text, line)
    try:
        commands = [command for command, _ in script.commands()]
    except ShellSyntaxError as error:
        if error.incomplete and not final:
            return None
        if not shell.interactive:
            raise
        shell.process.err(f"{shell.name}: {error}\n")
        shell.status = 2
        return []
    return None if script.open_document and not final else commands


async def _forgiving(shell: Shell, command: Node) -> None:
    """Run a command that a person typed: errors and Ctrl-C lead back to the prompt."""
    try:
        await run_body(shell, command, False)
    except ShellError as error:
        shell.status = error.status
        if str(error):
            shell.complain(str(error))
    except Exit as leave:
        if not shell.interrupted:
            raise
        shell.status, shell.interrupted = leave.status, False
