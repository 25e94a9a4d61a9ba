"""Builtins that steer: break, continue, return, exit, eval, `.`, exec, command, type, cd, pwd, times, getopts.

Models busybox's shell/ash.c (breakcmd, returncmd, exitcmd, evalcmd, dotcmd, execcmd, commandcmd, typecmd, cdcmd).
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from tinykube.images.busybox.shell.builtins.base import Builtin, BuiltinError, count, single_quoted
from tinykube.images.busybox.shell.errors import Exit, Loop, NotRunnable, Return
from tinykube.images.busybox.shell.parser import RESERVED
from tinykube.runtime.filesystem import EXECUTE
from tinykube.runtime.nodes import Directory
from tinykube.runtime.oserror import STRERROR
from tinykube.runtime.paths import join, normal
from tinykube.runtime.process import Exec

if TYPE_CHECKING:
    from tinykube.images.busybox.shell.shell import Shell


def nothing(shell: Shell, argv: list[str]) -> int:
    """`:` and `true`."""
    return 0


def _false(shell: Shell, argv: list[str]) -> int:
    return 1


def _break(shell: Shell, argv: list[str]) -> int:
    levels = count(argv[1:])
    if levels < 1:
        raise BuiltinError(f"Illegal number: {argv[1]}")
    if not shell.loops:
        return 0
    raise Loop(min(levels, shell.loops), argv[0] == "continue")


def _return(shell: Shell, argv: list[str]) -> int:
    raise Return(count(argv[1:], shell.status) & 0xFF)


def _exit(shell: Shell, argv: list[str]) -> int:
    raise Exit(count(argv[1:], shell.status) & 0xFF)


async def _eval(shell: Shell, argv: list[str]) -> int:
    shell.status = 0
    return await shell.engine.evaluate(shell, " ".join(argv[1:]))


async def _dot(shell: Shell, argv: list[str]) -> int:
    if len(argv) < 2:
        return 2
    name = argv[1]
    path = name if "/" in name else _find_script(shell, name)
    try:
        text = shell.process.fs.read(shell.process.path(path)).decode("utf-8", "surrogateescape")
    except OSError as error:
        raise BuiltinError(f"can't open '{name}': {error.strerror}") from None
    saved = shell.positional
    if len(argv) > 2:
        shell.positional = argv[2:]
    try:
        shell.status = 0
        return await shell.engine.evaluate(shell, text)
    except Return as back:
        return back.status
    finally:
        shell.positional = saved


def _find_script(shell: Shell, name: str) -> str:
    for directory in (shell.variables.get("PATH") or "").split(":"):
        path = join(directory or ".", name)
        if shell.process.find(path) is not None:
            return path
    return name


async def _exec(shell: Shell, argv: list[str]) -> int:
    words = argv[2:] if argv[1:2] == ["--"] else argv[1:]
    try:
        program, full = shell.engine.find(shell, words)
    except NotRunnable as error:
        raise BuiltinError(str(error), error.status) from None
    raise Exec(program, full, shell.environment())


async def _command(shell: Shell, argv: list[str]) -> int:
    words = argv[1:]
    while words and words[0].startswith("-") and len(words[0]) > 1:
        option = words.pop(0)
        if option == "--":
            break
        if option in ("-v", "-V"):
            return _describe(shell, words[0], option == "-V") if words else 0
        if option != "-p":
            raise BuiltinError(f"illegal option {option}")
    return await shell.engine.run_words(shell, words) if words else 0


def _type(shell: Shell, argv: list[str]) -> int:
    words = [word for word in argv[1:] if word not in ("-p", "--")]
    return max((_describe(shell, word, True) for word in words), default=0)


def _describe(shell: Shell, word: str, long: bool) -> int:
    """Print what a command name means, as `type` or as `command -v` does."""
    path = shell.process.which(word, shell.variables.get("PATH", "")) if "/" not in word else word
    if word in RESERVED:
        text = f"{word} is a shell keyword" if long else word
    elif word in shell.functions:
        text = f"{word} is a function" if long else word
    elif word in shell.engine.builtins:
        special = "a special shell builtin" if word in shell.engine.special else "a shell builtin"
        text = f"{word} is {special}" if long else word
    elif path and shell.process.find(path) is not None:
        text = f"{word} is {path}" if long else path
    else:
        if long:
            shell.process.out(f"{word}: not found\n")
        return 127
    shell.process.out(text + "\n")
    return 0


def _cd(shell: Shell, argv: list[str]) -> int:
    words = [word for word in argv[1:] if word not in ("-L", "-P", "--")]
    target = words[0] if words else shell.get("HOME") or ""
    show = target == "-"
    if show:
        target = shell.get("OLDPWD") or shell.process.cwd
    if not target:
        return 0
    path = normal(join(shell.process.cwd, target))
    try:
        node = shell.process.fs.lookup(join(shell.process.cwd, target), pid=shell.process.pid)
    except OSError as error:
        raise BuiltinError(f"can't cd to {target}: {error.strerror}") from None
    if not isinstance(node, Directory):
        raise BuiltinError(f"can't cd to {target}: {STRERROR[errno.ENOTDIR]}")
    if not shell.process.fs.allows(node, EXECUTE):
        raise BuiltinError(f"can't cd to {target}: {STRERROR[errno.EACCES]}")
    if "-P" in argv:
        path = shell.process.fs.real_path(path)
    shell.set("OLDPWD", shell.process.cwd)
    shell.process.cwd = path
    shell.set("PWD", path)
    if show:
        shell.process.out(path + "\n")
    return 0


def _pwd(shell: Shell, argv: list[str]) -> int:
    cwd = shell.process.cwd
    shell.process.out((shell.process.fs.real_path(cwd) if "-P" in argv else cwd) + "\n")
    return 0


def _times(shell: Shell, argv: list[str]) -> int:
    used = shell.process.table.cgroup.cpu_seconds
    row = f"{int(used // 60)}m{used % 60:.3f}s"
    shell.process.out(f"{row} 0m0.000s\n0m0.000s 0m0.000s\n")
    return 0


def _hash(shell: Shell, argv: list[str]) -> int:
    if "-r" in argv:
        shell.programs.clear()
    else:
        shell.process.out("".join(f"{entry[2]}\n" for entry in shell.programs.values()))
    return 0


def _getopts(shell: Shell, argv: list[str]) -> int:
    if len(argv) < 3:
        raise BuiltinError("usage: getopts optstring var [arg]")
    wanted, variable, words = argv[1], argv[2], argv[3:] or shell.positional
    index, offset = int(shell.get("OPTIND") or "1"), 1
    if index == shell.option_index and shell.option_offset > 1:
        index, offset = index - 1, shell.option_offset
    word = words[index - 1] if 0 < index <= len(words) else ""
    if not word.startswith("-") or word in ("-", "--"):
        shell.set("OPTIND", str(index + (word == "--")))
        shell.set(variable, "?")
        return 1
    letter, rest = word[offset], word[offset + 1 :]
    index, offset = index + 1, offset + 1 if rest else 1
    found, takes = wanted.lstrip(":").partition(letter)[1:]
    value: str | None = None
    if not found or letter == ":":
        letter, value = _bad_option(shell, wanted, letter, "Illegal option -")
    elif takes.startswith(":"):
        if rest:
            value, offset = rest, 1
        elif index <= len(words):
            value, index = words[index - 1], index + 1
        else:
            letter, value = _bad_option(shell, wanted, letter, "No arg for -")
            letter = ":" if wanted.startswith(":") else "?"
    shell.option_index, shell.option_offset = index, offset
    shell.set("OPTIND", str(index))
    shell.set(variable, letter)
    if value is None:
        shell.unset("OPTARG")
    else:
        shell.set("OPTARG", value)
    return 0


def _bad_option(shell: Shell, wanted: str, letter: str, words: str) -> tuple[str, str | None]:
    if wanted.startswith(":"):
        return "?", letter
    shell.process.err(f"{words}{letter} option\n" if words.startswith("No arg") else f"{words}{letter}\n")
    return "?", None


def _alias(shell: Shell, argv: list[str]) -> int:
    status = 0
    for word in argv[1:]:
        name, equals, value = word.partition("=")
        if equals:
            shell.aliases[name] = value
        elif name in shell.aliases:
            shell.process.out(f"{name}={single_quoted(shell.aliases[name])}\n")
        else:
            shell.process.err(f"alias: {name} not found\n")
            status = 1
    if len(argv) == 1:
        rows = [f"{name}={single_quoted(value)}\n" for name, value in sorted(shell.aliases.items())]
        shell.process.out("".join(rows))
    return status


def _unalias(shell: Shell, argv: list[str]) -> int:
    for word in argv[1:]:
        if word == "-a":
            shell.aliases.clear()
        shell.aliases.pop(word, None)
    return 0


def _let(shell: Shell, argv: list[str]) -> int:
    value = 0
    for word in argv[1:]:
        value = shell.expander.compute(word)
    return int(value == 0)


def _job_control(shell: Shell, argv: list[str]) -> int:
    raise BuiltinError("No current job")


def _help(shell: Shell, argv: list[str]) -> int:
    shell.process.out("Built-in commands:\n------------------\n\t" + " ".join(sorted(shell.engine.builtins)) + "\n")
    return 0


def _history(shell: Shell, argv: list[str]) -> int:
    return 0


def _ulimit(shell: Shell, argv: list[str]) -> int:
    if not any(word.isdigit() for word in argv[1:]):
        shell.process.out("20000\n" if "-n" in argv else "unlimited\n")
    return 0


def _umask(shell: Shell, argv: list[str]) -> int:
    words = [word for word in argv[1:] if word != "-S"]
    if words:
        if not all(c in "01234567" for c in words[0]):
            raise BuiltinError(f"illegal mode: {words[0]}", 2)
        shell.process.umask = int(words[0], 8) & 0o777
    elif "-S" in argv:
        allowed = ~shell.process.umask
        parts = ["".join(c for c, bit in zip("rwx", (4, 2, 1), strict=True) if allowed >> s & bit) for s in (6, 3, 0)]
        shell.process.out("u={},g={},o={}\n".format(*parts))
    else:
        shell.process.out(f"{shell.process.umask:04o}\n")
    return 0


TABLE: dict[str, Builtin] = {
    ":": nothing,
    "true": nothing,
    "false": _false,
    "break": _break,
    "continue": _break,
    "return": _return,
    "exit": _exit,
    "eval": _eval,
    ".": _dot,
    "source": _dot,
    "exec": _exec,
    "command": _command,
    "type": _type,
    "cd": _cd,
    "chdir": _cd,
    "pwd": _pwd,
    "times": _times,
    "hash": _hash,
    "getopts": _getopts,
    "alias": _alias,
    "unalias": _unalias,
    "let": _let,
    "fg": _job_control,
    "bg": _job_control,
    "help": _help,
    "history": _history,
    "ulimit": _ulimit,
    "umask": _umask,
}
