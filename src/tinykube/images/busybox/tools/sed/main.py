"""sed as a program.

Models busybox's editors/sed.c (sed_main).
"""

from __future__ import annotations

import re

from tinykube.images.busybox.tools import lines
from tinykube.images.busybox.tools.options import UsageError, parse_words
from tinykube.images.busybox.tools.regex import RegexError
from tinykube.images.busybox.tools.sed.machine import Machine
from tinykube.images.busybox.tools.sed.script import Command, Parser, SedError
from tinykube.runtime.process import Process


async def main(process: Process) -> int:
    """The program."""
    in_place = None
    words = []
    for word in process.argv[1:]:
        match = re.fullmatch(r"-([nErs]*)i(\..+)?", word)
        if match is not None:
            in_place = match.group(2) or ""
            word = "-" + match.group(1)
            if word == "-":
                continue
        words.append(word)
    options, names = parse_words(words, "nrEse:f:z{quiet}{regexp-extended}")
    sources = options.all.get("e", [])
    for name in options.all.get("f", []):
        sources = [*sources, process.fs.read(process.path(name)).decode("utf-8", "surrogateescape").rstrip("\n")]
    if not sources:
        if not names:
            raise UsageError("")
        sources = [names.pop(0)]
    script = "\n".join(sources)
    quiet = bool(options & {"n", "quiet"}) or script.startswith("#n\n")
    extended = bool(options & {"r", "E", "regexp-extended"})
    try:
        commands = Parser(script, extended).parse()
    except SedError as error:
        process.err(f"{process.name}: {error}\n")
        return 1
    except RegexError as error:
        process.err(f"{process.name}: bad regex '{error.source}': {error}\n")
        return 1
    _truncate_written(process, commands)
    if in_place is not None:
        return await _in_place(process, script, extended, names, quiet, in_place)
    problems: list[str] = []
    source = lines.each_line(process, names, problems)

    def write(text: str) -> None:
        process.out(text)

    status = await Machine(process, commands, source, write, quiet=quiet).run()
    return status or int(bool(problems))


def _truncate_written(process: Process, commands: list[Command]) -> None:
    """Files of `w` are emptied before the first line is read."""
    for command in commands:
        if command.name in "ws" and command.text and not command.text.startswith("/dev/std"):
            process.open(command.text, "w").release()


async def _in_place(process: Process, script: str, extended: bool, names: list[str], quiet: bool, suffix: str) -> int:
    status = 0
    for name in names:
        out: list[str] = []
        problems: list[str] = []
        if process.find(name) is None:
            process.err(f"{process.name}: {name}: No such file or directory\n")
            status = 1
            continue
        source = lines.each_line(process, [name], problems)
        commands = Parser(script, extended).parse()
        await Machine(process, commands, source, out.append, quiet=quiet).run()
        path = process.path(name)
        if suffix:
            process.fs.write(path + suffix, process.fs.read(path))
        mode = process.fs.lookup(path).mode
        process.fs.write(path, "".join(out).encode("utf-8", "surrogateescape"), mode)
    return status
