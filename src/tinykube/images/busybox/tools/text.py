"""Text filters that stream: head, tail, wc, cut, tr, rev, tee, nl, tac, seq, uniq, fold, paste.

Law: a filter passes on what it can as soon as it has read it, so that `tail -F log | cut …` shows lines as they come.

Models busybox's coreutils and util-linux programs of the same names.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from tinykube.images.busybox.tools import lines
from tinykube.images.busybox.tools.options import BadNumber, Options, UsageError, parse, parse_words
from tinykube.runtime.process import Process
from tinykube.runtime.streams import Stream

_SUFFIXES = {"": 1, "b": 512, "k": 1024, "m": 1024**2, "K": 1024, "M": 1024**2}


def _count(text: str) -> int:
    match = re.fullmatch(r"(\d+)([bkmKM]?)", text)
    if match is None:
        raise BadNumber(text)
    return int(match.group(1)) * _SUFFIXES[match.group(2)]


def old_style(words: list[str]) -> list[str]:
    """`-5` as `-n 5`, if it comes first."""
    return [f"-n{words[0][1:]}", *words[1:]] if words and re.fullmatch(r"-\d+", words[0]) else words


async def head(process: Process) -> int:
    """head, with -n, -c, -q, -v."""
    options, names = parse_words(old_style(process.argv[1:]), "n:c:qv")
    status = 0
    for index, name in enumerate(names or ["-"]):
        try:
            stream = lines.open_input(process, name)
        except OSError as error:
            process.err(f"{process.name}: {name}: {error.strerror}\n")
            status = 1
            continue
        if (len(names) > 1 and "q" not in options) or "v" in options:
            label = "standard input" if name == "-" else name
            process.out(("\n" if index else "") + f"==> {label} <==\n")
        await _head_of(process, stream, options)
        stream.release()
    return status


async def _head_of(process: Process, stream: Stream, options: Options) -> None:
    if "c" in options:
        left = _count(options.values["c"])
        while left and (data := await stream.read(left)):
            process.out(data)
            left -= len(data)
        return
    wanted = options.values.get("n", "10")
    if wanted.startswith("-"):
        kept: list[bytes] = []
        while line := await stream.readline():
            kept.append(line)
            if len(kept) > _count(wanted[1:]):
                process.out(kept.pop(0))
        return
    left = _count(wanted)
    while left and (line := await stream.readline()):
        process.out(line)
        left -= 1
        await process.drain()


async def wc(process: Process) -> int:
    """wc, with -l, -w, -c, -m, -L."""
    options, names = parse(process, "lwcmL")
    columns = [c for c in "lwmcL" if c in options] or ["l", "w", "c"]
    totals = dict.fromkeys("lwcmL", 0)
    status = 0
    for name in names or ["-"]:
        try:
            stream = lines.open_input(process, name)
            counts = await _counted(stream)
            stream.release()
        except OSError as error:
            process.err(f"{process.name}: {name}: {error.strerror}\n")
            status = 1
            continue
        for key, value in counts.items():
            totals[key] = max(totals[key], value) if key == "L" else totals[key] + value
        _counts(process, counts, columns, name if names else "", len(names) > 1)
    if len(names) > 1:
        _counts(process, totals, columns, "total", True)
    return status


async def _counted(stream: Stream) -> dict[str, int]:
    counts = dict.fromkeys("lwcmL", 0)
    in_word, column = False, 0
    while data := await stream.read():
        counts["l"] += data.count(b"\n")
        counts["c"] += len(data)
        counts["w"] += len(data.split()) - (in_word and not data[:1].isspace())
        in_word = not data[-1:].isspace()
        rows = data.split(b"\n")
        counts["L"] = max(counts["L"], column + len(rows[0]), *map(len, rows[1:]))
        column = len(rows[-1]) + (column if len(rows) == 1 else 0)
    counts["m"] = counts["c"]
    return counts


def _counts(process: Process, counts: dict[str, int], columns: list[str], name: str, several: bool) -> None:
    if len(columns) == 1 and not several:
        row = str(counts[columns[0]])
    else:
        row = " ".join(f"{counts[column]:9}" for column in columns)
    process.out(f"{row} {name}\n" if name else f"{row}\n")


# -- cut -----------------------------------------------------------------------------------------------------


def _ranges(text: str) -> list[tuple[int, float]]:
    ranges: list[tuple[int, float]] = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d*)(-?)(\d*)", part)
        if match is None or not (match.group(1) or match.group(3)):
            raise UsageError(f"invalid range {part}" if part else "")
        start = int(match.group(1) or 1)
        end = float(match.group(3) or "inf") if match.group(2) else float(start)
        if start == 0:
            raise UsageError(f"invalid range {part}")
        ranges.append((start, end))
    return sorted(ranges)


async def cut(process: Process) -> int:
    """cut, with -b, -c, -f, -d, -s."""
    options, names = parse(process, "b:c:f:d:sn")
    kinds = [kind for kind in "bcf" if kind in options]
    if len(kinds) != 1:
        raise UsageError("expected a list of bytes, characters, or fields")
    ranges = _ranges(options.values[kinds[0]])
    delimiter = options.values.get("d", "\t")
    problems: list[str] = []
    async for line in lines.each_line(process, names, problems):
        text = line.rstrip("\n")
        if kinds[0] != "f":
            picked = [text[start - 1 : None if end == float("inf") else int(end)] for start, end in _joined(ranges)]
            process.out("".join(picked) + "\n")
        elif delimiter in text:
            fields = text.split(delimiter)
            chosen = [f for i, f in enumerate(fields, 1) if any(start <= i <= end for start, end in ranges)]
            process.out(delimiter.join(chosen) + "\n")
        elif "s" not in options:
            process.out(text + "\n")
        await process.drain()
    return int(bool(problems))


def _joined(ranges: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """The ranges without overlaps."""
    joined: list[tuple[int, float]] = []
    for start, end in ranges:
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


async def rev(process: Process) -> int:
    """rev."""
    async for line in lines.each_line(process, process.argv[1:]):
        ended = line.endswith("\n")
        process.out(line.rstrip("\n")[::-1] + ("\n" if ended else ""))
        await process.drain()
    return 0


async def tac(process: Process) -> int:
    """tac."""
    process.out("".join(reversed([line async for line in lines.each_line(process, process.argv[1:])])))
    return 0


async def nl(process: Process) -> int:
    """nl, with -b a."""
    options, names = parse(process, "b:w:s:v:i:n:")
    number = options.number("v", 1)
    width, separator = options.number("w", 6), options.values.get("s", "\t")
    async for line in lines.each_line(process, names):
        if line.rstrip("\n") or options.values.get("b") == "a":
            process.out(f"{number:{width}}{separator}{line}")
            number += options.number("i", 1)
        else:
            line = " " * (width + len(separator)) + line
            process.out(line)
        if not line.endswith("\n"):
            process.out("\n")
        await process.drain()
    return 0


async def tee(process: Process) -> int:
    """tee, with -a."""
    options, names = parse(process, "ai")
    targets: list[Stream] = []
    status = 0
    for name in names:
        try:
            targets.append(process.open(name, "a" if "a" in options else "w"))
        except OSError as error:
            process.err(f"{process.name}: {name}: {error.strerror}\n")
            status = 1
    while data := await process.stdin.read():
        process.out(data)
        for target in targets:
            target.write(data)
        await process.drain()
    for target in targets:
        target.release()
    return status


async def seq(process: Process) -> int:
    """seq, with -w, -s."""
    options, words = parse(process, "ws:", stop=True)
    try:
        numbers = [Decimal(word) for word in words]
    except InvalidOperation:
        raise UsageError("") from None
    if not 1 <= len(numbers) <= 3:
        raise UsageError("")
    first = numbers[0] if len(numbers) > 1 else Decimal(1)
    step = numbers[1] if len(numbers) == 3 else Decimal(1)
    last = numbers[-1]
    places = max(0, -int(first.as_tuple().exponent), -int(step.as_tuple().exponent))
    width = max(len(f"{first:.{places}f}"), len(f"{last:.{places}f}")) if "w" in options else 0
    separator = options.values.get("s", "\n")
    value, written = first, False
    while step and (value <= last if step > 0 else value >= last):
        process.out((separator if written else "") + f"{value:.{places}f}".zfill(width))
        written = True
        value += step
        await process.drain()
        await process.spend(0.0000005)
    if written:
        process.out("\n")
    return 0


async def uniq(process: Process) -> int:
    """uniq, with -c, -d, -u, -i, -f, -s."""
    options, names = parse(process, "cduif:s:w:")
    out = process.open(names[1], "w") if len(names) > 1 else None
    previous: str | None = None
    count = 0

    def flush() -> None:
        if previous is None or ("d" in options and count < 2) or ("u" in options and count > 1):
            return
        text = (f"{count:7} " if "c" in options else "") + previous + "\n"
        if out is not None:
            out.write(text.encode("utf-8", "surrogateescape"))
        else:
            process.out(text)

    problems: list[str] = []
    async for line in lines.each_line(process, names[:1], problems):
        text = line.rstrip("\n")
        if previous is not None and _uniq_key(text, options) == _uniq_key(previous, options):
            count += 1
            continue
        flush()
        previous, count = text, 1
        await process.drain()
    flush()
    if out is not None:
        out.release()
    return int(bool(problems))


def _uniq_key(text: str, options: Options) -> str:
    for _ in range(options.number("f", 0)):
        text = re.sub(r"^\s*\S*", "", text)
    text = text[options.number("s", 0) :]
    if "w" in options:
        text = text[: options.number("w", 0)]
    return text.lower() if "i" in options else text


async def fold(process: Process) -> int:
    """fold, with -w and -s."""
    options, names = parse(process, "bsw:")
    width = options.number("w", 80)
    async for line in lines.each_line(process, names):
        text, end = line.rstrip("\n"), "\n" if line.endswith("\n") else ""
        while len(text) > width:
            at = text.rfind(" ", 0, width) + 1 if "s" in options else 0
            at = at or width
            process.out(text[:at] + "\n")
            text = text[at:]
        process.out(text + end)
        await process.drain()
    return 0


async def paste(process: Process) -> int:
    """paste, with -d and -s."""
    options, names = parse(process, "d:s")
    delimiters = options.values.get("d", "\t").replace("\\n", "\n").replace("\\t", "\t") or "\0"
    streams = {name: lines.open_input(process, name) for name in dict.fromkeys(names or ["-"])}
    inputs = [streams[name] for name in names or ["-"]]
    if "s" in options:
        for stream in inputs:
            values = []
            while line := await stream.readline():
                values.append(line)
            if values:
                _pasted(process, values, delimiters)
    else:
        while any(row := [await stream.readline() for stream in inputs]):
            _pasted(process, row, delimiters)
    for stream in streams.values():
        stream.release()
    return 0


def _pasted(process: Process, values: list[bytes], delimiters: str) -> None:
    text = lines.text(values[0]).removesuffix("\n")
    for index, value in enumerate(values[1:]):
        text += delimiters[index % len(delimiters)].replace("\0", "") + lines.text(value).removesuffix("\n")
    process.out(text + "\n")
