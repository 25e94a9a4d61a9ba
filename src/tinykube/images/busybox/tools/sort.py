"""sort.

Models busybox's coreutils/sort.c.
"""

from __future__ import annotations

import random
import re
from functools import cmp_to_key
from itertools import pairwise
from typing import NamedTuple

from tinykube.images.busybox.tools import lines
from tinykube.images.busybox.tools.options import Options, UsageError, parse
from tinykube.runtime.process import Process

_NUMBER = re.compile(r"\s*(-?\d*\.?\d*)")
_HUMAN = re.compile(r"\s*(-?\d*\.?\d*)([kKMGTPE]?)")
_MONTHS = {
    m: i for i, m in enumerate(["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1)
}
_KEY = re.compile(r"(\d+)(?:\.(\d+))?([a-zA-Z]*)(?:,(\d+)(?:\.(\d+))?([a-zA-Z]*))?")


class Key(NamedTuple):
    """One `-k`."""

    start: int
    start_offset: int
    end: int
    end_offset: int
    flags: frozenset[str]


def _keys(options: Options) -> list[Key]:
    plain = frozenset(options & set("nrfbdihMgV"))
    keys = []
    for text in options.all.get("k", []):
        match = _KEY.fullmatch(text)
        if match is None or match.group(1) == "0":
            raise UsageError("bad field specification" if match else f"bad -k '{text}'")
        start, offset, first, end, end_offset, second = match.groups()
        flags = frozenset((first or "") + (second or "")) or plain
        keys.append(Key(int(start), int(offset or 1), int(end or 0), int(end_offset or 0), flags))
    return keys or [Key(1, 1, 0, 0, plain)]


def _field(line: str, key: Key, separator: str | None) -> str:
    if key.start == 1 and key.start_offset == 1 and not key.end:
        return line
    fields = line.split(separator) if separator is not None else re.findall(r"\s*\S+|\s+$", line)
    joiner = separator or ""
    chosen = fields[key.start - 1 : key.end or None]
    if not chosen:
        return ""
    if key.end and key.end_offset and len(fields) >= key.end:
        chosen = [*chosen[:-1], chosen[-1][: key.end_offset]]
    text = joiner.join(chosen)
    if "b" in key.flags:
        text = text.lstrip()
    return text[key.start_offset - 1 :]


def _value(text: str, flags: frozenset[str]) -> object:
    if flags & {"n", "g"}:
        match = _NUMBER.match(text)
        digits = match.group(1) if match else ""
        return float(digits) if digits not in ("", "-", ".", "-.") else 0.0
    if "h" in flags:
        match = _HUMAN.match(text)
        digits, unit = match.groups() if match else ("", "")
        number = float(digits) if digits not in ("", "-", ".", "-.") else 0.0
        return (" KMGTPE".find(unit.upper()) if unit and number else 0, number)
    if "M" in flags:
        return _MONTHS.get(text.strip()[:3].upper(), 0)
    if "V" in flags:
        return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text) if part]
    if "d" in flags:
        text = "".join(c for c in text if c.isalnum() or c.isspace())
    if "f" in flags:
        text = text.upper()
    return text.encode("utf-8", "surrogateescape")


def _compare(a: tuple[list, str], b: tuple[list, str], keys: list[Key], options: Options) -> int:
    for key, x, y in zip(keys, a[0], b[0], strict=True):
        if x != y:
            return (-1 if x < y else 1) * (-1 if "r" in key.flags else 1)
    if options & {"s", "u"}:
        return 0
    left, right = (text.encode("utf-8", "surrogateescape") for text in (a[1], b[1]))
    order = (left > right) - (left < right)
    return -order if "r" in options else order


async def main(process: Process) -> int:
    """The program."""
    options, names = parse(process, "nrufbdihMgVsczo:k:t:T:S:")
    keys = _keys(options)
    separator = options.values.get("t")
    problems: list[str] = []
    rows = []
    async for line in lines.each_line(process, names, problems):
        text = line.rstrip("\n")
        rows.append(([_value(_field(text, key, separator), key.flags) for key in keys], text))
    if problems:
        return 2

    def order(a: tuple[list, str], b: tuple[list, str]) -> int:
        return _compare(a, b, keys, options)

    if "c" in options:
        bad = next((number for number, (a, b) in enumerate(pairwise(rows), 2) if order(a, b) > 0), None)
        if bad is not None:
            process.err(f"Check line {bad - 1}\n")
        return int(bad is not None)
    rows.sort(key=cmp_to_key(order))
    if "u" in options:
        rows = [row for index, row in enumerate(rows) if not index or order(rows[index - 1], row)]
    text = "".join(row[1] + "\n" for row in rows)
    if "o" in options:
        process.fs.write(process.path(options.values["o"]), text.encode("utf-8", "surrogateescape"))
    else:
        process.out(text)
        await process.drain()
    return 0


async def shuf(process: Process) -> int:
    """shuf, with -i, -n, -e: in an order that is the same on every run."""
    options, names = parse(process, "ei:n:o:z")
    if "i" in options:
        low, _, high = options.values["i"].partition("-")
        rows = [str(number) for number in range(int(low), int(high) + 1)]
    elif "e" in options:
        rows = names
    else:
        rows = [line.rstrip("\n") async for line in lines.each_line(process, names)]
    random.Random(process.table.host.ip).shuffle(rows)
    process.out("".join(f"{row}\n" for row in rows[: options.number("n", len(rows))]))
    return 0
