"""sed as a program.

Models busybox's editors/sed.c (sed_main).
"""

from __future__ import annotations

import re

from tinykube.images.busybox.tools import lines
from tinykube.images.busybox.tools.options import Options, UsageError, parse_words
from tinykube.images.busybox.tools.regex import RegexError
from tinykube.images.busybox.tools.sed.machine import Machine
from tinykube.images.busybox.tools.sed.script import Command, Parser, SedError
from tinykube.runtime.process import Process


async def main(process: Process) -> int:
    """The program."""
    words, in_place = _without_in_place(process.argv[1:])
    options, names = parse_words(words, "nrEse:f:z{quiet}{regexp-extended}")
    script = _script(process, options, names)
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
    status = await Machine(process, commands, source, lambda text: _print(process, text), quiet=quiet).run()
    return status or int(bool(problems))


def _without_in_place(words: list[str]) -> tuple[list[str], str | None]:
    """The words but for -i, and the suffix that it gives the old file, or None; other letters may stand before it."""
    kept, suffix = [], None
    for word in words:
        match = re.fullmatch(r"-([nErs]*)i(\..+)?", word)
        if match is None:
            kept.append(word)
            continue
        suffix = match.group(2) or ""
        kept += [f"-{match.group(1)}"] if match.group(1) else []
    return kept, suffix


def _script(process: Process, options: Options, names: list[str]) -> str:
    """The commands of -e, then those of -f; without either, the first word, which is taken from `names`."""
    sources = options.all.get("e", [])
    for name in options.all.get("f", []):
        sources = [*sources, process.fs.read(process.path(name)).decode("utf-8", "surrogateescape").rstrip("\n")]
    if sources:
        return "\n".join(sources)
    if not names:
        raise UsageError("")
    return names.pop(0)


def _print(process: Process, text: str) -> None:
    process.out(text)


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
