"""awk as a program.

Models busybox's editors/awk.c (awk_main).
"""

from __future__ import annotations

from tinykube.images.busybox.tools.awk.errors import AwkError
from tinykube.images.busybox.tools.awk.functions import BUILTINS
from tinykube.images.busybox.tools.awk.inout import Files, records
from tinykube.images.busybox.tools.awk.interpreter import Awk
from tinykube.images.busybox.tools.awk.lexer import AwkSyntaxError, unescaped
from tinykube.images.busybox.tools.awk.parser import parse
from tinykube.images.busybox.tools.awk.values import Input
from tinykube.images.busybox.tools.options import Options, UsageError, parse_words
from tinykube.images.busybox.tools.regex import RegexError
from tinykube.runtime.process import Process


async def main(process: Process) -> int:
    """The program."""
    options, names = parse_words(process.argv[1:], "F:v:f:e:", stop=True)
    try:
        program = parse(_source(process, options, names))
    except AwkSyntaxError as error:
        process.err(f"{process.name}: cmd. line:{error.line}: {error}\n")
        return 1
    problems: list[str] = []
    awk = Awk(process, program, BUILTINS)
    source = records(process, names, awk.variables, problems)
    awk.files = Files(process, source)
    _set_variables(awk, process, options, names)
    try:
        status = await awk.run(source)
    except AwkError as error:
        process.err(f"{process.name}: cmd. line:1: {error}\n")
        return 1
    except RegexError as error:
        process.err(f"{process.name}: bad regex: {error}\n")
        return 1
    return status or int(bool(problems))


def _source(process: Process, options: Options, names: list[str]) -> str:
    """The program of -f and -e; without either, the first word, which is taken from `names`."""
    sources = [process.fs.read(process.path(name)).decode("utf-8", "replace") for name in options.all.get("f", [])]
    sources += options.all.get("e", [])
    if sources:
        return "\n".join(sources)
    if not names:
        raise UsageError("")
    return names.pop(0)


def _set_variables(awk: Awk, process: Process, options: Options, names: list[str]) -> None:
    """What a program finds before its first line: -F, -v, the environment and the words of the command line."""
    if "F" in options:
        awk.variables["FS"] = {"t": "\t"}.get(options.values["F"], unescaped(options.values["F"]))
    for text in options.all.get("v", []):
        name, _, value = text.partition("=")
        awk.variables[name] = Input(unescaped(value))
    awk.arrays["ENVIRON"] = {name: Input(value) for name, value in process.env.items()}
    awk.arrays["ARGV"] = {str(i): Input(word) for i, word in enumerate(["awk", *names])}
    awk.variables["ARGC"] = float(len(names) + 1)
