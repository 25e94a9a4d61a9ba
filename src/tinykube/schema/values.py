"""Reading single values as Go does: quantities, times, base64, and what Go calls a JSON value.

Law: pure functions on one value. A `ValueError` carries Go's own words, because the API server passes them on.

Models k8s.io/apimachinery/pkg/api/resource/quantity.go, Go's time.Parse and encoding/base64.
"""

from __future__ import annotations

import base64
import re
import string
from datetime import UTC, datetime, timedelta
from typing import Any

QUANTITY_WRONG = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
SUFFIX_WRONG = "unable to parse quantity's suffix"
RFC3339 = "2006-01-02T15:04:05Z07:00"
RFC3339_MICRO = "2006-01-02T15:04:05.000000Z07:00"

_QUANTITY = re.compile(r"[+-]?[0-9]*(?:\.[0-9]*)?([eEinumkKMGTP]*(?:[-+]?[0-9]+)?[-+]?)")
_SUFFIX = re.compile(r"|[KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]+")
_BASE64 = frozenset(string.ascii_letters + string.digits + "+/")


class Number(float):
    """A JSON number that is no plain integer; `text` is how the request spelled it."""

    text: str

    def __new__(cls, text: str) -> Number:
        made = super().__new__(cls, text)
        made.text = text
        return made


def kind_of(value: Any) -> str:
    """Go's name for a JSON value: null, bool, number, string, array or object."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def number_text(value: int | float) -> str:
    """A number as the request spelled it, as far as it is known."""
    return value.text if isinstance(value, Number) else repr(value)


def quantity(text: str) -> str:
    """Check a resource quantity such as `100m` or `1.5Gi`; its spelling is kept.

    Raises:
        ValueError: it is none.
    """
    text = text.strip()
    found = _QUANTITY.fullmatch(text)
    if not text or not found:
        raise ValueError(QUANTITY_WRONG)
    if not _SUFFIX.fullmatch(found[1]):
        raise ValueError(SUFFIX_WRONG)
    return text


def decode_base64(text: str) -> bytes:
    """The bytes of standard base64; line ends are skipped.

    Raises:
        ValueError: `illegal base64 data at input byte N`, with N as Go counts.
    """
    kept = [(i, c) for i, c in enumerate(text) if c not in "\r\n"]
    body = [c for _, c in kept]
    for at, (i, c) in enumerate(kept):
        if c not in _BASE64:
            _check_padding(text, kept, at, i, c)
            break
    else:
        if len(kept) % 4:
            raise ValueError(f"illegal base64 data at input byte {len(text) - len(kept) % 4}")
    return base64.b64decode("".join(body))


def encode_base64(raw: bytes) -> str:
    """Standard base64, as []byte is written in JSON."""
    return base64.b64encode(raw).decode("ascii")


def _check_padding(text: str, kept: list[tuple[int, str]], at: int, index: int, char: str) -> None:
    """Padding must close the last group of four and nothing may follow."""
    place = at % 4
    if char != "=" or place < 2:
        raise ValueError(f"illegal base64 data at input byte {_byte(text, index)}")
    end = at + 1
    if place == 2:
        if end >= len(kept):
            raise ValueError(f"illegal base64 data at input byte {_byte(text, len(text))}")
        if kept[end][1] != "=":
            raise ValueError(f"illegal base64 data at input byte {_byte(text, kept[end][0])}")
        end += 1
    if end < len(kept):
        raise ValueError(f"illegal base64 data at input byte {_byte(text, kept[end][0])}")


def _byte(text: str, index: int) -> int:
    return len(text[:index].encode("utf-8", "surrogatepass"))


# -- times ---------------------------------------------------------------------------------------------------

_ELEMENTS = re.compile(r"2006|01|02|15|04|05|\.000000|Z07:00|.")
_RANGES = {
    "01": ("month", 1, 12),
    "02": ("day", 1, 31),
    "15": ("hour", 0, 23),
    "04": ("minute", 0, 59),
    "05": ("second", 0, 59),
}


def time(text: str, layout: str = RFC3339) -> datetime:
    """A time as Go's time.Parse reads it in this layout, in UTC.

    Raises:
        ValueError: `parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"`, and the like.
    """
    rest, found, offset = text, {"01": 1, "02": 1}, timedelta()
    for element in _ELEMENTS.findall(layout):
        if element == "Z07:00":
            rest, offset = _zone(text, layout, rest)
        elif element == ".000000":
            rest = _fraction(text, layout, rest, found)
        elif element.isdigit():
            rest = _digits(text, layout, rest, element, found)
        elif rest[:1] == element:
            rest = rest[1:]
        else:
            raise _unparsed(text, layout, rest, element)
    if rest:
        raise ValueError(f"parsing time {quote(text)}: extra text: {quote(rest)}")
    return _moment(text, found, offset)


def _digits(text: str, layout: str, rest: str, element: str, found: dict[str, int]) -> str:
    width = len(element)
    digits = rest[:width]
    if len(digits) < width or not (digits.isascii() and digits.isdigit()):
        raise _unparsed(text, layout, rest, element)
    found[element] = int(digits)
    if element in _RANGES:
        name, low, high = _RANGES[element]
        if not low <= found[element] <= high:
            raise ValueError(f"parsing time {quote(text)}: {name} out of range")
    rest = rest[width:]
    if element == "05" and "." not in layout and (fraction := re.match(r"[.,]([0-9]+)", rest)):
        found["micro"] = int(fraction[1][:6].ljust(6, "0"))
        rest = rest[fraction.end() :]
    return rest


def _fraction(text: str, layout: str, rest: str, found: dict[str, int]) -> str:
    if not re.match(r"\.[0-9]{6}", rest):
        raise _unparsed(text, layout, rest, ".000000")
    found["micro"] = int(rest[1:7])
    return rest[7:]


def _zone(text: str, layout: str, rest: str) -> tuple[str, timedelta]:
    if rest[:1] == "Z":
        return rest[1:], timedelta()
    found = re.match(r"([+-])([0-9]{2}):([0-9]{2})", rest)
    if not found:
        raise _unparsed(text, layout, rest, "Z07:00")
    if int(found[2]) > 24 or int(found[3]) > 60:
        raise ValueError(f"parsing time {quote(text)}: time zone offset out of range")
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return rest[found.end() :], offset if found[1] == "+" else -offset


def _moment(text: str, found: dict[str, int], offset: timedelta) -> datetime:
    micro = found.get("micro", 0)
    try:
        made = datetime(found["2006"], found["01"], found["02"], found["15"], found["04"], found["05"], micro, UTC)
        return (made - offset).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"parsing time {quote(text)}: day out of range") from error


def _unparsed(text: str, layout: str, rest: str, element: str) -> ValueError:
    parts = f"cannot parse {quote(rest)} as {quote(element)}"
    return ValueError(f"parsing time {quote(text)} as {quote(layout)}: {parts}")


def quote(text: str) -> str:
    """A string as Go's %q prints it."""
    return '"' + "".join(_ESCAPES.get(c, c) if c.isprintable() or c in _ESCAPES else _hex(c) for c in text) + '"'


_ESCAPES = {
    "\\": "\\\\",
    '"': '\\"',
    "\n": "\\n",
    "\t": "\\t",
    "\r": "\\r",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\v": "\\v",
}


def _hex(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
