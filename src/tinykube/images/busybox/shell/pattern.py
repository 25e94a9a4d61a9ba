"""Shell patterns: `*`, `?`, `[...]`, matched against strings and against file names.

Law: a pattern is a string in which a backslash makes the next character plain; what was quoted in the script arrives
escaped by `escape`.

Models fnmatch(3) and glob(3) as busybox's shell/ash.c uses them (expmeta, patmatch).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from tinykube.runtime.nodes import Directory
from tinykube.runtime.paths import join

if TYPE_CHECKING:
    from tinykube.runtime.process import Process

SPECIAL = frozenset("*?[")
_ESCAPED = re.compile(r"([*?\[\]\\!^-])")
CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r\f\v",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}


def escape(text: str) -> str:
    """A pattern that matches exactly `text`."""
    return _ESCAPED.sub(r"\\\1", text)


def unescape(pattern: str) -> str:
    """What an escaped text was before."""
    return re.sub(r"\\(.)", r"\1", pattern, flags=re.DOTALL)


def is_pattern(text: str) -> bool:
    """Whether `text` has characters that could match more than themselves."""
    return any(c in SPECIAL for c in re.sub(r"\\.", "", text, flags=re.DOTALL))


def bracket(text: str, start: int) -> tuple[str, int] | None:
    """The regular expression of the `[...]` at `start` and where it ends; None if it never closes."""
    i = start + 1
    negated = text[i : i + 1] in ("!", "^")
    i += negated
    members = []
    first = True
    while i < len(text) and (text[i] != "]" or first):
        first = False
        if text.startswith("[:", i) and (end := text.find(":]", i)) > 0:
            members.append(CLASSES.get(text[i + 2 : end], ""))
            i = end + 2
            continue
        i += text[i] == "\\" and i + 1 < len(text)
        c = text[i]
        range_follows = text[i + 1 : i + 2] == "-" and text[i + 2 : i + 3] not in ("", "]")
        members.append(re.escape(c) + ("-" if range_follows else ""))
        i += 2 if range_follows else 1
    if i >= len(text):
        return None
    return f"[{'^' if negated else ''}{''.join(members)}]", i + 1


@lru_cache(maxsize=2048)
def regex(pattern: str, greedy: bool = True, within_name: bool = False) -> re.Pattern[str]:
    """The regular expression of a pattern, unanchored. `within_name`: wildcards do not match a slash."""
    some = "[^/]" if within_name else "."
    out = []
    i = 0
    while i < len(pattern):
        c = pattern[i]
        i += 1
        if c == "*":
            out.append(some + ("*" if greedy else "*?"))
        elif c == "?":
            out.append(some)
        elif c == "[" and (found := bracket(pattern, i - 1)) is not None:
            expression, i = found
            out.append(expression)
        elif c == "\\" and i < len(pattern):
            out.append(re.escape(pattern[i]))
            i += 1
        else:
            out.append(re.escape(c))
    try:
        return re.compile("".join(out), re.DOTALL)
    except re.error:  # such as a range that runs backwards: it matches nothing
        return re.compile(r"(?!)")


def matches(pattern: str, text: str) -> bool:
    """Whether the whole of `text` matches."""
    return regex(pattern).fullmatch(text) is not None


def cut_prefix(text: str, pattern: str, longest: bool) -> str:
    """`text` without the longest or shortest prefix that matches."""
    match = regex(pattern, longest).match(text)
    return text if match is None else text[match.end() :]


def cut_suffix(text: str, pattern: str, longest: bool) -> str:
    """`text` without the longest or shortest suffix that matches."""
    expression = regex(pattern)
    starts = range(len(text) + 1) if longest else range(len(text), -1, -1)
    return next((text[:start] for start in starts if expression.fullmatch(text, start)), text)


def replace(text: str, pattern: str, new: str, everywhere: bool) -> str:
    """`text` with the first match, or every match, replaced."""
    if not pattern:
        return text
    return regex(pattern).sub(lambda _: new, text, count=0 if everywhere else 1)


def glob(process: Process, pattern: str) -> list[str]:
    """The paths that match, sorted; [] if there are none."""
    parts = [part for part in re.split(r"/+", pattern) if part]
    paths = ["/" if pattern.startswith("/") else ""]
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        paths = [path for start in paths for path in _step(process, start, part, last and not pattern.endswith("/"))]
    return sorted(path + ("/" if pattern.endswith("/") else "") for path in paths)


def _step(process: Process, start: str, part: str, last: bool) -> list[str]:
    if not is_pattern(part):
        names = [unescape(part)]
    else:
        names = _names(process, start, part)
    paths = [f"{start}{name}" if start in ("", "/") else f"{start}/{name}" for name in names]
    if last:
        return [path for path in paths if process.find(path, follow=False) is not None]
    return [path for path in paths if isinstance(process.find(path), Directory)]


def _names(process: Process, start: str, part: str) -> list[str]:
    try:
        names = process.fs.names(join(process.cwd, start or "."), process.pid)
    except OSError:
        return []
    expression = regex(part, within_name=True)
    return [name for name in names if expression.fullmatch(name) and (name[0] != "." or part.startswith("."))]
