"""date, and dates as other programs read and print them: always UTC.

Models busybox's coreutils/date.c and libbb/time.c.
"""

from __future__ import annotations

import calendar
import datetime
import re
import time

from tinykube.images.busybox.tools.options import parse
from tinykube.runtime.process import Process

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_NAMED = {"F": "%Y-%m-%d", "T": "%H:%M:%S", "D": "%m/%d/%y", "R": "%H:%M", "r": "%I:%M:%S %p"}
_NAMED |= {"c": "%a %b %e %H:%M:%S %Y", "x": "%m/%d/%y", "X": "%H:%M:%S", "h": "%b"}
_SHAPES = (
    (re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?:[ T](\d\d?):(\d\d?)(?::(\d\d?))?)?Z?"), (0, 1, 2, 3, 4, 5)),
    (re.compile(r"(\d{4})\.(\d\d?)\.(\d\d?)-(\d\d?):(\d\d?)(?::(\d\d?))?"), (0, 1, 2, 3, 4, 5)),
    (re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d\d))?"), (0, 1, 2, 3, 4, 5)),
)
_TIME = re.compile(r"(\d\d?):(\d\d)(?::(\d\d))?")


def parse_date(text: str, now: float) -> float | None:
    """Seconds since the epoch of a date that a person wrote; None if it is none."""
    if text.startswith("@"):
        return float(text[1:]) if re.fullmatch(r"-?\d+", text[1:]) else None
    match = _TIME.fullmatch(text)
    if match is not None:
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return now - now % 86400 + hours * 3600 + minutes * 60 + seconds
    for shape, order in _SHAPES:
        match = shape.fullmatch(text)
        if match is not None:
            parts = [int(match.groups()[index] or 0) for index in order]
            if 1 <= parts[1] <= 12 and 1 <= parts[2] <= 31 and parts[3] < 25 and parts[4] < 60 and parts[5] < 61:
                return float(calendar.timegm((*parts, 0, 0, 0)))
    return None


def format_date(template: str, when: float) -> str:
    """strftime(3) in the C locale, for UTC."""
    fields = _fields(time.gmtime(when), when)

    def one(match: re.Match[str]) -> str:
        letter = match.group(1)
        if letter in _NAMED:
            return format_date(_NAMED[letter], when)
        return str(fields.get(letter, f"%{letter}"))

    return re.sub(r"%[-_0^#]?([A-Za-z%])", one, template)


def _fields(t: time.struct_time, when: float) -> dict[str, object]:
    hour12 = t.tm_hour % 12 or 12
    iso = datetime.date(t.tm_year, t.tm_mon, t.tm_mday).isocalendar()
    return {
        "Y": t.tm_year, "m": f"{t.tm_mon:02}", "d": f"{t.tm_mday:02}", "H": f"{t.tm_hour:02}", "M": f"{t.tm_min:02}",
        "S": f"{t.tm_sec:02}", "y": f"{t.tm_year % 100:02}", "C": f"{t.tm_year // 100:02}", "e": f"{t.tm_mday:2}",
        "k": f"{t.tm_hour:2}", "l": f"{hour12:2}", "I": f"{hour12:02}", "j": f"{t.tm_yday:03}", "s": int(when // 1),
        "p": "AM" if t.tm_hour < 12 else "PM", "P": "am" if t.tm_hour < 12 else "pm", "Z": "UTC", "z": "+0000",
        "a": DAYS[t.tm_wday][:3], "A": DAYS[t.tm_wday], "b": MONTHS[t.tm_mon - 1][:3], "B": MONTHS[t.tm_mon - 1],
        "u": t.tm_wday + 1, "w": (t.tm_wday + 1) % 7, "n": "\n", "t": "\t", "%": "%",
        "N": f"{round(when % 1 * 1e9):09}", "U": f"{(t.tm_yday + 6 - (t.tm_wday + 1) % 7) // 7:02}",
        "G": iso[0], "V": f"{iso[1]:02}", "g": f"{iso[0] % 100:02}",
        "W": f"{(t.tm_yday + 6 - t.tm_wday) // 7:02}",
    }  # fmt: skip


_ISO = {"": "%Y-%m-%d", "date": "%Y-%m-%d", "hours": "%Y-%m-%dT%H+00:00", "minutes": "%Y-%m-%dT%H:%M+00:00"}
_ISO |= {"seconds": "%Y-%m-%dT%H:%M:%S+00:00", "ns": "%Y-%m-%dT%H:%M:%S,%N+00:00"}


async def date(process: Process) -> int:
    """date, with -u, -d, -D, -R, -I, -r and a format."""
    words, iso = [], None
    for word in process.argv[1:]:
        if word.startswith("-I") and word[2:] in _ISO:
            iso = word[2:]
        else:
            words.append(word)
    process.argv = [process.argv[0], *words]
    options, rest = parse(process, "us:d:D:Rr:{utc}")
    when: float | None = process.clock.now()
    if "r" in options:
        when = process.fs.lookup(process.path(options.values["r"])).mtime
    if "d" in options:
        text = options.values["d"]
        when = parse_date(text, process.clock.now())
        if when is None and "D" in options:
            when = _by_format(text, options.values["D"])
        if when is None:
            process.err(f"{process.name}: invalid date '{text}'\n")
            return 1
    assert when is not None
    template = "%a %b %e %H:%M:%S %Z %Y"
    if "R" in options:
        template = "%a, %d %b %Y %H:%M:%S +0000"
    elif iso is not None:
        template = _ISO[iso]
    if rest and rest[0].startswith("+"):
        template = rest[0][1:]
    elif rest or "s" in options:
        process.err(f"{process.name}: can't set date: Operation not permitted\n")
        return 1
    process.out(format_date(template, when) + "\n")
    return 0


def _by_format(text: str, template: str) -> float | None:
    try:
        return float(calendar.timegm(time.strptime(text, template)))
    except ValueError:
        return None
