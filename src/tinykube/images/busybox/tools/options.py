"""Options of busybox programs.

Models busybox's libbb/getopt32.c.
"""

from __future__ import annotations

from tinykube.runtime.process import Process


class UsageError(Exception):
    """The command line makes no sense; the program prints the message and how it is used, and ends with 1."""


class BadNumber(Exception):
    """An option's value is no number; the program says so and ends with 1."""

    def __init__(self, text: str) -> None:
        super().__init__(f"invalid number '{text}'")


class Options(set[str]):
    """The letters that were given; those with a value have it in `values` (the last) and `all` (every one)."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.all: dict[str, list[str]] = {}

    def number(self, letter: str, default: int) -> int:
        """The value of an option as a whole number. Raises UsageError."""
        text = self.values.get(letter)
        if text is None:
            return default
        try:
            return int(text)
        except ValueError:
            raise BadNumber(text) from None


def parse(process: Process, spec: str, *, stop: bool = False) -> tuple[Options, list[str]]:
    """Options and arguments of a command line. `spec` is getopt(3)'s: letters, those with a value followed by `:`.

    Long options are `--name`, given as `{name}` or, with a value, `{name:}` in the spec.
    `stop`: options end at the first argument.
    """
    return parse_words(process.argv[1:], spec, stop=stop)


def parse_words(words: list[str], spec: str, *, stop: bool = False) -> tuple[Options, list[str]]:
    """Like `parse`, for a list of words."""
    found = Options()
    rest: list[str] = []
    pending = list(words)
    while pending:
        word = pending.pop(0)
        if word == "--":
            rest += pending
            break
        if not word.startswith("-") or word == "-":
            rest.append(word)
            if stop:
                rest += pending
                break
            continue
        if word.startswith("--"):
            name, _, value = word[2:].partition("=")
            if f"{{{name}:}}" in spec and "=" not in word:
                if not pending:
                    raise UsageError(f"option '--{name}' requires an argument")
                value = pending.pop(0)
            elif f"{{{name}:}}" not in spec and f"{{{name}}}" not in spec:
                raise UsageError(f"unrecognized option '{word}'")
            _note(found, name, value)
            continue
        _letters(word, spec, found, pending)
    return found, rest


def _letters(word: str, spec: str, found: Options, pending: list[str]) -> None:
    short = spec.partition("{")[0]
    for index, letter in enumerate(word[1:], 1):
        at = short.find(letter)
        if at < 0 or letter in ":{}":
            raise UsageError(f"invalid option -- '{letter}'")
        if short[at + 1 : at + 2] != ":":
            found.add(letter)
            continue
        value = word[index + 1 :]
        if not value:
            if not pending:
                raise UsageError(f"option requires an argument -- '{letter}'")
            value = pending.pop(0)
        _note(found, letter, value)
        return


def _note(found: Options, name: str, value: str) -> None:
    found.add(name)
    found.values[name] = value
    found.all.setdefault(name, []).append(value)
