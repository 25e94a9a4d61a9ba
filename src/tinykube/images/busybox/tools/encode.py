"""od, hexdump, xxd, base64, md5sum and its family, dd, cmp.

Models busybox's coreutils/od.c, util-linux/hexdump_xxd.c, coreutils/uudecode.c, md5_sha1_sum.c, dd.c.
"""

from __future__ import annotations

import base64 as codec
import hashlib
import re

from tinykube.images.busybox.tools import lines
from tinykube.images.busybox.tools.files import complain
from tinykube.images.busybox.tools.options import BadNumber, UsageError, parse, parse_words
from tinykube.runtime.process import Process
from tinykube.runtime.streams import Stream

_NAMES = {0: "\\0", 7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r"}
_UNITS = {"": 1, "c": 1, "w": 2, "b": 512, "k": 1024, "K": 1024, "M": 1024**2, "m": 1024**2, "G": 1024**3}


async def _all(process: Process, names: list[str]) -> bytes | None:
    data = b""
    for name in names or ["-"]:
        try:
            stream = lines.open_input(process, name)
            while piece := await stream.read():
                data += piece
            stream.release()
        except OSError as error:
            complain(process, f"{name}: {error.strerror}")
            return None
    return data


def _words(chunk: bytes, size: int) -> list[int]:
    return [int.from_bytes(chunk[i : i + size], "little") for i in range(0, len(chunk), size)]


def _char(code: int) -> str:
    return _NAMES.get(code) or (chr(code) if 32 <= code < 127 else f"{code:03o}")


_FORMATS = {
    "c": lambda chunk: "".join(f"{_char(code):>4}" for code in chunk),
    "b": lambda chunk: "".join(f" {code:03o}" for code in chunk),
    "o": lambda chunk: "".join(f" {word:06o}" for word in _words(chunk, 2)),
    "x": lambda chunk: "".join(f" {word:04x}" for word in _words(chunk, 2)),
    "d": lambda chunk: "".join(f" {word:5}" for word in _words(chunk, 2)),
    "x1": lambda chunk: "".join(f" {code:02x}" for code in chunk),
    "u1": lambda chunk: "".join(f" {code:3}" for code in chunk),
    "x4": lambda chunk: "".join(f" {word:08x}" for word in _words(chunk, 4)),
}
_FORMATS |= {"o1": _FORMATS["b"], "x2": _FORMATS["x"], "u2": _FORMATS["d"], "a": _FORMATS["c"], "o2": _FORMATS["o"]}


async def od(process: Process) -> int:
    """od, with -c, -b, -x, -o, -d, -t, -A, -j, -N, -v."""
    options, names = parse(process, "abcdoxvt:A:j:N:w:")
    kind = options.values.get("t") or next((c for c in "cbxdoa" if c in options), "o")
    data = await _all(process, names)
    if data is None:
        return 1
    skip = options.number("j", 0)
    data = data[skip : skip + options.number("N", len(data))]
    show = _FORMATS.get(kind.rstrip("z"))
    if show is None:
        raise UsageError(f"invalid character '{kind[:1]}' in type string '{kind}'")
    base = {"o": "07o", "d": "07d", "x": "06x", "n": ""}[options.values.get("A", "o")[:1]]
    previous, starred = None, False
    for offset in range(0, len(data), 16):
        chunk = data[offset : offset + 16]
        if chunk == previous and len(chunk) == 16 and "v" not in options:
            process.out("" if starred else "*\n")
            starred = True
            continue
        previous, starred = chunk, False
        process.out((f"{offset + skip:{base}}" if base else "") + show(chunk) + "\n")
    if base:
        process.out(f"{len(data) + skip:{base}}\n")
    return 0


async def hexdump(process: Process) -> int:
    """hexdump, with -C."""
    options, names = parse(process, "Cbcdoxvn:s:")
    data = await _all(process, names)
    if data is None:
        return 1
    data = data[options.number("s", 0) :][: options.number("n", len(data))]
    for offset in range(0, len(data), 16):
        chunk = data[offset : offset + 16]
        if "C" in options:
            cells = [f"{code:02x}" for code in chunk] + ["  "] * (16 - len(chunk))
            text = "".join(chr(code) if 32 <= code < 127 else "." for code in chunk)
            process.out(f"{offset:08x}  {' '.join(cells[:8])}  {' '.join(cells[8:])}  |{text}|\n")
        else:
            process.out(f"{offset:07x} {' '.join(f'{word:04x}' for word in _words(chunk, 2)):<39}\n")
    process.out(f"{len(data):0{8 if 'C' in options else 7}x}\n")
    return 0


async def xxd(process: Process) -> int:
    """xxd, with -p."""
    options, names = parse(process, "ps:l:c:g:")
    data = await _all(process, names)
    if data is None:
        return 1
    if "p" in options:
        text = data.hex()
        process.out("".join(text[i : i + 60] + "\n" for i in range(0, len(text), 60)))
        return 0
    for offset in range(0, len(data), 16):
        chunk = data[offset : offset + 16]
        pairs = " ".join(chunk[i : i + 2].hex() for i in range(0, len(chunk), 2))
        text = "".join(chr(code) if 32 <= code < 127 else "." for code in chunk)
        process.out(f"{offset:08x}: {pairs:<39}  {text}\n")
    return 0


async def base64(process: Process) -> int:
    """base64, with -d, -w."""
    options, names = parse(process, "dw:i")
    data = await _all(process, names)
    if data is None:
        return 1
    if "d" in options:
        compact = re.sub(rb"\s+", b"", data)
        usable = compact[: len(compact) // 4 * 4]
        try:
            process.out(codec.b64decode(usable, validate=True))
        except ValueError:
            return complain(process, "invalid input")
        return complain(process, "truncated input") if usable != compact else 0
    width = options.number("w", 76)
    text = codec.b64encode(data).decode()
    if width == 0:
        process.out(text)
    else:
        process.out("".join(text[i : i + width] + "\n" for i in range(0, len(text), width)))
    return 0


async def checksum(process: Process) -> int:
    """md5sum, sha1sum, sha256sum, sha512sum, with -c, -s."""
    options, names = parse(process, "csw")
    kind = process.name.removesuffix("sum")
    if "c" in options:
        return await _verify(process, kind, names, "s" in options)
    status = 0
    for name in names or ["-"]:
        digest = await _digest(process, kind, name)
        if digest is None:
            status = 1
        else:
            process.out(f"{digest}  {name}\n")
    return status


async def _digest(process: Process, kind: str, name: str) -> str | None:
    digest = hashlib.new(kind, usedforsecurity=False)
    try:
        stream = lines.open_input(process, name)
        while piece := await stream.read():
            digest.update(piece)
        stream.release()
    except OSError as error:
        complain(process, f"can't open '{name}': {error.strerror}")
        return None
    return digest.hexdigest()


async def _verify(process: Process, kind: str, names: list[str], silent: bool) -> int:
    failed = total = 0
    async for line in lines.each_line(process, names):
        wanted, _, name = line.strip().partition("  ")
        good = await _digest(process, kind, name) == wanted
        total += 1
        failed += not good
        if not silent:
            process.out(f"{name}: {'OK' if good else 'FAILED'}\n")
    if failed and not silent:
        process.err(f"{process.name}: WARNING: {failed} of {total} computed checksums did NOT match\n")
    return int(bool(failed))


# -- dd ------------------------------------------------------------------------------------------------------


def _size(text: str) -> int:
    match = re.fullmatch(r"(\d+)([cwbkKmMG]?)", text)
    if match is None:
        raise BadNumber(text)
    return int(match.group(1)) * _UNITS[match.group(2)]


async def dd(process: Process) -> int:
    """dd, with if, of, bs, count, skip, seek, conv=notrunc, status=none."""
    settings = dict(word.partition("=")[::2] for word in process.argv[1:])
    size = _size(settings.get("bs", "512"))
    count = _size(settings["count"]) if "count" in settings else -1
    try:
        source = process.open(settings["if"]) if "if" in settings else process.stdin.retain()
    except OSError as error:
        return complain(process, f"can't open '{settings['if']}': {error.strerror}")
    try:
        target = process.open(settings["of"], "w") if "of" in settings else process.stdout.retain()
    except OSError as error:
        return complain(process, f"can't open '{settings['of']}': {error.strerror}")
    for _ in range(_size(settings.get("skip", "0"))):
        await source.read(size)
    full = partial = written = 0
    while count != 0 and (block := await _block(source, size)):
        full += len(block) == size
        partial += len(block) < size
        written += len(block)
        target.write(block)
        await target.drain()
        await process.spend(len(block) * 1e-9)
        count -= 1
    source.release()
    target.release()
    if settings.get("status") not in ("none", "noxfer"):
        process.err(f"{full}+{partial} records in\n{full}+{partial} records out\n")
    return 0


async def _block(source: Stream, size: int) -> bytes:
    return await source.read(size)


async def cmp(process: Process) -> int:
    """cmp and a diff that only says whether files differ."""
    options, names = parse_words(process.argv[1:], "slq")
    if len(names) < 2:
        raise UsageError("")
    a, b = await _all(process, names[:1]), await _all(process, names[1:2])
    if a is None or b is None:
        return 2
    if a == b:
        return 0
    at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if "s" not in options:
        if at == min(len(a), len(b)):
            process.err(f"{process.name}: EOF on {names[0] if len(a) < len(b) else names[1]}\n")
        else:
            process.out(f"{names[0]} {names[1]} differ: char {at + 1}, line {a[:at].count(10) + 1}\n")
    return 1
