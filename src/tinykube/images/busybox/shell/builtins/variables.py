"""Builtins about variables: export, readonly, unset, local, set, shift, read.

Models busybox's shell/ash.c (exportcmd, unsetcmd, localcmd, setcmd, shiftcmd) and shell/shell_common.c (read).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tinykube.images.busybox.shell.builtins.base import Builtin, BuiltinError, count, single_quoted
from tinykube.images.busybox.shell.expand import WHITE
from tinykube.images.busybox.shell.scanner import NAME
from tinykube.images.busybox.shell.shell import OPTIONS
from tinykube.runtime.streams import Stream

if TYPE_CHECKING:
    from tinykube.images.busybox.shell.shell import Shell


def _named(word: str) -> tuple[str, str | None]:
    name, equals, value = word.partition("=")
    if not NAME.fullmatch(name):
        raise BuiltinError(f"{name}: bad variable name")
    return name, value if equals else None


def _export(shell: Shell, argv: list[str]) -> int:
    words = [word for word in argv[1:] if word not in ("-p", "--")]
    names = shell.exported if argv[0] == "export" else shell.readonly
    if not words:
        rows = [f"{argv[0]} {name}{_shown(shell, name)}\n" for name in sorted(names)]
        shell.process.out("".join(rows))
        return 0
    for word in words:
        if word == "-n":
            continue
        name, value = _named(word)
        if "-n" in argv:
            shell.exported.discard(name)
            shell.set(name, shell.get(name) or "")
        elif argv[0] == "export":
            shell.export(name, value)
        else:
            if value is not None:
                shell.set(name, value)
            shell.readonly.add(name)
    return 0


def _shown(shell: Shell, name: str) -> str:
    value = shell.variables.get(name)
    return "" if value is None else f"={single_quoted(value)}"


def _unset(shell: Shell, argv: list[str]) -> int:
    words = [word for word in argv[1:] if word not in ("-v", "-f")]
    for word in words:
        if "-f" in argv:
            shell.functions.pop(word, None)
        else:
            name, _ = _named(word)
            if name not in shell.variables and name in shell.functions:
                del shell.functions[name]
            else:
                shell.unset(name)
    return 0


def _local(shell: Shell, argv: list[str]) -> int:
    if not shell.locals:
        raise BuiltinError("not in a function")
    for word in argv[1:]:
        shell.local(*_named(word))
    return 0


def _set(shell: Shell, argv: list[str]) -> int:
    words = argv[1:]
    if not words:
        rows = [f"{name}={single_quoted(value)}\n" for name, value in sorted(shell.variables.items())]
        shell.process.out("".join(rows))
        return 0
    while words and words[0][:1] in ("-", "+") and len(words[0]) > 1:
        word = words.pop(0)
        if word == "--":
            shell.positional = words
            return 0
        words = set_options(shell, word, words)
    if words:
        shell.positional = words[1:] if words[0] == "-" else words
    return 0


def set_options(shell: Shell, word: str, words: list[str]) -> list[str]:
    """Apply `-ex` or `+e`; `-o name` takes its name from `words`. Return the words that are left."""
    on = word[0] == "-"
    for letter in word[1:]:
        if letter == "o":
            words = _long_option(shell, on, words)
        elif letter in OPTIONS and letter.isascii():
            shell.options[letter] = on
        else:
            raise BuiltinError(f"illegal option {word[0]}{letter}")
    return words


def _long_option(shell: Shell, on: bool, words: list[str]) -> list[str]:
    if not words:
        for letter, name in OPTIONS.items():
            state = shell.options[letter]
            text = f"{name:<16}{'on' if state else 'off'}" if on else f"set {'-' if state else '+'}o {name}"
            shell.process.out(text + "\n")
        return words
    known = {name: letter for letter, name in OPTIONS.items()}
    if words[0] not in known:
        raise BuiltinError(f"illegal option {'-' if on else '+'}o {words[0]}", 1, harmless=True)
    shell.options[known[words[0]]] = on
    return words[1:]


def _shift(shell: Shell, argv: list[str]) -> int:
    by = count(argv[1:])
    if by > len(shell.positional):
        return 1
    shell.positional = shell.positional[by:]
    return 0


# -- read ----------------------------------------------------------------------------------------------------


class _Request:
    """What `read` was asked for."""

    def __init__(self, argv: list[str]) -> None:
        self.raw = self.silent = False
        self.prompt, self.delimiter = "", "\n"
        self.timeout: float | None = None
        self.limit: int | None = None
        self.fd = 0
        words = argv[1:]
        while words and words[0].startswith("-") and len(words[0]) > 1:
            word = words.pop(0)
            if word == "--":
                break
            self._options(word, words)
        self.names = words

    def _options(self, word: str, words: list[str]) -> None:
        for index, letter in enumerate(word[1:], 1):
            if letter == "r":
                self.raw = True
            elif letter == "s":
                self.silent = True
            elif letter in "pdntu":
                value = word[index + 1 :] or (words.pop(0) if words else "")
                self._value(letter, value)
                return
            else:
                raise BuiltinError(f"illegal option -{letter}")

    def _value(self, letter: str, value: str) -> None:
        try:
            if letter == "p":
                self.prompt = value
            elif letter == "d":
                self.delimiter = value[:1] or "\0"
            elif letter == "n":
                self.limit = int(value)
            elif letter == "t":
                self.timeout = float(value)
            else:
                self.fd = int(value)
        except ValueError:
            raise BuiltinError(f"invalid number '{value}'") from None


async def _read(shell: Shell, argv: list[str]) -> int:
    request = _Request(argv)
    for name in request.names:
        if not NAME.fullmatch(name):
            shell.complain(f"read: '{name}': bad variable name")
            return 1
    stream = shell.process.fd(request.fd)
    if request.prompt and stream.isatty:
        shell.process.err(request.prompt)
    timer = None
    if request.timeout is not None:
        timer = shell.process.clock.call_later(request.timeout, lambda: _give_up(shell))
    shell.waits_for_signals = True
    try:
        text, complete = await _line(stream, request)
    except asyncio.CancelledError:
        if shell.waits_for_signals or shell.process.killed_by or shell.process.task is None:
            raise
        shell.process.task.uncancel()
        return 128 + shell.pending[0] if shell.pending else 1
    finally:
        shell.waits_for_signals = False
        if timer is not None:
            timer.cancel()
    _assign(shell, text, request)
    return int(not complete)


def _give_up(shell: Shell) -> None:
    if shell.waits_for_signals and shell.process.task is not None:
        shell.waits_for_signals = False
        shell.process.task.cancel()


async def _line(stream: Stream, request: _Request) -> tuple[str, bool]:
    """The characters read, escapes kept, and whether the delimiter was seen."""
    collected = b""
    delimiter = request.delimiter.encode()
    while True:
        if request.limit is None and request.delimiter == "\n":
            piece = await stream.readline()
        else:
            piece = await stream.read(1)
        collected += piece
        ended = collected.endswith(delimiter)
        if ended and not request.raw and _escaped(collected[:-1]):
            collected = collected[:-2]
            continue
        if ended:
            return collected[:-1].decode("utf-8", "surrogateescape"), True
        if not piece or (request.limit is not None and len(collected) >= request.limit):
            return collected.decode("utf-8", "surrogateescape"), bool(piece)


def _escaped(text: bytes) -> bool:
    return (len(text) - len(text.rstrip(b"\\"))) % 2 == 1


def _assign(shell: Shell, text: str, request: _Request) -> None:
    characters = _unescaped(text, request.raw)
    if not request.names:
        shell.set("REPLY", "".join(c for c, _ in characters))
        return
    separators = shell.variables.get("IFS", WHITE)
    position = 0
    for name in request.names[:-1]:
        value, position = _field(characters, position, separators)
        shell.set(name, value)
    shell.set(request.names[-1], _rest(characters, position, separators))


def _unescaped(text: str, raw: bool) -> list[tuple[str, bool]]:
    """Each character, and whether a backslash protects it."""
    if raw or "\\" not in text:
        return [(c, False) for c in text]
    characters, i = [], 0
    while i < len(text):
        protected = text[i] == "\\" and i + 1 < len(text)
        i += protected
        characters.append((text[i], protected))
        i += 1
    return characters


def _skip_white(characters: list[tuple[str, bool]], i: int, separators: str) -> int:
    while i < len(characters) and characters[i][0] in WHITE and characters[i][0] in separators and not characters[i][1]:
        i += 1
    return i


def _field(characters: list[tuple[str, bool]], i: int, separators: str) -> tuple[str, int]:
    i = start = _skip_white(characters, i, separators)
    while i < len(characters) and (characters[i][1] or characters[i][0] not in separators):
        i += 1
    value = "".join(c for c, _ in characters[start:i])
    i = _skip_white(characters, i, separators)
    if i < len(characters) and characters[i][0] in separators and characters[i][0] not in WHITE:
        i += 1
    return value, i


def _rest(characters: list[tuple[str, bool]], i: int, separators: str) -> str:
    i = _skip_white(characters, i, separators)
    value, after = _field(characters, i, separators)
    if _skip_white(characters, after, separators) >= len(characters):
        return value
    end = len(characters)
    while end > i and characters[end - 1][0] in WHITE and characters[end - 1][0] in separators:
        end -= 1
    return "".join(c for c, _ in characters[i:end])


TABLE: dict[str, Builtin] = {
    "export": _export,
    "readonly": _export,
    "unset": _unset,
    "local": _local,
    "set": _set,
    "shift": _shift,
    "read": _read,
}
