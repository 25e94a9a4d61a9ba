"""Command-line flags: GNU style as cobra programs have them, and the one-dash style of Go's own flag package.

A flag's type is its default's: bool, int, str, or `Seconds` for a duration. Errors are worded as the real packages do.

Models github.com/spf13/pflag and Go's flag.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tinykube.images.golang import duration


class Seconds(float):
    """A duration."""


class FlagError(Exception):
    """The command line cannot be understood."""


class HelpWanted(Exception):
    """`--help` was given."""


@dataclass(frozen=True)
class Flag:
    """One flag; `short` is its one-letter form."""

    name: str
    default: bool | int | str | Seconds
    usage: str = ""
    short: str = ""

    @property
    def type_name(self) -> str:
        """The word that a usage text shows for the value."""
        names = {bool: "", int: "int", str: "string", Seconds: "duration"}
        return names[type(self.default)]


def _number(text: str) -> int:
    try:
        return int(text, 0)
    except ValueError:
        raise ValueError(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None


def _boolean(text: str) -> bool:
    if text.lower() in ("1", "t", "true"):
        return True
    if text.lower() in ("0", "f", "false"):
        return False
    raise ValueError(f'strconv.ParseBool: parsing "{text}": invalid syntax')


def _convert(flag: Flag, text: str) -> Any:
    readers = {bool: _boolean, int: _number, str: str, Seconds: duration.parse}
    return readers[type(flag.default)](text)  # type: ignore[operator]


def parse_pflags(words: list[str], flags: list[Flag]) -> tuple[dict[str, Any], list[str]]:
    """Values of GNU-style flags by name, and the arguments.

    Raises:
        FlagError: with pflag's words.
        HelpWanted: `-h` or `--help`.
    """
    values = {flag.name: flag.default for flag in flags}
    by_name = {f"--{flag.name}": flag for flag in flags} | {f"-{flag.short}": flag for flag in flags if flag.short}
    pending = list(words)
    arguments: list[str] = []
    while pending:
        word = pending.pop(0)
        if word == "--":
            return values, arguments + pending
        if not word.startswith("-") or word == "-":
            arguments.append(word)
            continue
        name, equals, text = _split(word)
        if name in ("-h", "--help") and name not in by_name:
            raise HelpWanted
        flag = by_name.get(name)
        if flag is None:
            raise FlagError(
                f"unknown flag: {name}" if word.startswith("--") else f"unknown shorthand flag: '{word[1]}' in {word}"
            )
        values[flag.name] = _value(flag, name, equals, text, pending)
    return values, arguments


def _split(word: str) -> tuple[str, str, str]:
    if word.startswith("--"):
        return word.partition("=")
    return (word[:2], "=" if len(word) > 2 else "", word[2:].removeprefix("="))


def _value(flag: Flag, name: str, equals: str, text: str, pending: list[str]) -> Any:
    if not equals:
        if flag.default is True or flag.default is False:
            return True
        if not pending:
            raise FlagError(f"flag needs an argument: {name}")
        text = pending.pop(0)
    try:
        return _convert(flag, text)
    except ValueError as error:
        shown = f"-{flag.short}, --{flag.name}" if flag.short else f"--{flag.name}"
        raise FlagError(f'invalid argument "{text}" for "{shown}" flag: {error}') from None


def parse_flags(words: list[str], flags: list[Flag]) -> tuple[dict[str, Any], list[str]]:
    """Like `parse_pflags`, by the rules of Go's flag package: `-name` and `--name` are one, arguments end the flags."""
    values = {flag.name: flag.default for flag in flags}
    by_name = {flag.name: flag for flag in flags}
    pending = list(words)
    while pending and pending[0].startswith("-") and pending[0] != "-":
        word = pending.pop(0)
        if word == "--":
            break
        name, equals, text = word.lstrip("-").partition("=")
        if name in ("h", "help") and name not in by_name:
            raise HelpWanted
        flag = by_name.get(name)
        if flag is None:
            raise FlagError(f"flag provided but not defined: -{name}")
        if not equals and not pending and not isinstance(flag.default, bool):
            raise FlagError(f"flag needs an argument: -{name}")
        try:
            values[name] = _value(flag, f"-{name}", equals, text, pending)
        except FlagError:
            raise FlagError(f'invalid value "{text}" for flag -{name}: parse error') from None
    return values, pending


def usage_of(flags: list[Flag], program: str) -> str:
    """What Go's flag package prints when the command line makes no sense."""
    lines = [f"Usage of {program}:"]
    for flag in sorted(flags, key=lambda flag: flag.name):
        lines.append(f"  -{flag.name} {flag.type_name}".rstrip())
        shown = f'"{flag.default}"' if isinstance(flag.default, str) else str(flag.default)
        lines.append(f"    \t{flag.usage}" + ("" if flag.default in ("", 0, False) else f" (default {shown})"))
    return "\n".join(lines) + "\n"


def pflag_usages(flags: list[Flag], command: str) -> str:
    """The lines of a cobra command's `Flags:` section."""
    everything = [*flags, Flag("help", False, f"help for {command}", "h")]
    rows = []
    for flag in sorted(everything, key=lambda flag: flag.name):
        short = f"-{flag.short}, " if flag.short else "    "
        rows.append((f"  {short}--{flag.name} {flag.type_name}".rstrip(), flag))
    width = max(len(head) for head, _ in rows)
    return "".join(f"{head:{width}}   {flag.usage}{_default_note(flag)}\n" for head, flag in rows)


def _default_note(flag: Flag) -> str:
    if flag.default in ("", 0, False):
        return ""
    if isinstance(flag.default, Seconds):
        return f" (default {duration.text(flag.default)})"
    return f' (default "{flag.default}")' if isinstance(flag.default, str) else f" (default {flag.default})".lower()
