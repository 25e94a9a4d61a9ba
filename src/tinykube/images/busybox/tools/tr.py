"""tr: streaming, byte by byte.

Models busybox's coreutils/tr.c.
"""

from __future__ import annotations

from tinykube.images.busybox.tools.escapes import unescape
from tinykube.images.busybox.tools.options import UsageError, parse
from tinykube.runtime.process import Process

_CLASSES = {
    "alpha": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "digit": "0123456789",
    "lower": "abcdefghijklmnopqrstuvwxyz",
    "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "space": "\t\n\v\f\r ",
    "blank": "\t ",
    "punct": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    "xdigit": "0123456789ABCDEFabcdef",
}
_CLASSES["alnum"] = _CLASSES["digit"] + _CLASSES["alpha"]
_CLASSES["cntrl"] = "".join(map(chr, [*range(32), 127]))
_CLASSES["print"] = "".join(map(chr, range(32, 127)))
_CLASSES["graph"] = "".join(map(chr, range(33, 127)))


def _expand(text: str) -> bytes:
    text, _ = unescape(text)
    out: list[str] = []
    i = 0
    while i < len(text):
        if text.startswith("[:", i) and (end := text.find(":]", i)) > 0 and text[i + 2 : end] in _CLASSES:
            out.append(_CLASSES[text[i + 2 : end]])
            i = end + 2
        elif text.startswith("[=", i) and text[i + 3 : i + 5] == "=]":
            out.append(text[i + 2])
            i += 5
        elif text[i + 1 : i + 2] == "-" and i + 2 < len(text):
            out.append("".join(map(chr, range(ord(text[i]), ord(text[i + 2]) + 1))))
            i += 3
        else:
            out.append(text[i])
            i += 1
    return "".join(out).encode("utf-8", "surrogateescape")


async def main(process: Process) -> int:
    """The program."""
    options, words = parse(process, "cCdst")
    if not words or len(words) > 2:
        raise UsageError("")
    first = _expand(words[0])
    second = _expand(words[1]) if len(words) > 1 else b""
    if options & {"c", "C"}:
        first = bytes(code for code in range(256) if code not in first)
    table, deleted = bytes(range(256)), b""
    if "d" in options:
        deleted = first
    elif second:
        padded = second + second[-1:] * (len(first) - len(second))
        mapping = dict(zip(first, padded, strict=False))
        table = bytes(mapping.get(code, code) for code in range(256))
    squeezed = frozenset((second or first) if "s" in options else b"")
    last = -1
    while data := await process.stdin.read():
        data = data.translate(table, deleted)
        if squeezed:
            kept = bytearray()
            for code in data:
                if code != last or code not in squeezed:
                    kept.append(code)
                last = code
            data = bytes(kept)
        process.out(data)
        await process.drain()
    return 0
