"""Schedules of CronJobs: whether the five fields can be read, and what to say if not.

Law: pure. When a schedule fires is the CronJob controller's business.

Models github.com/robfig/cron/v3 (parser.go, ParseStandard).
"""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

_MONTHS = {"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10,
           "nov": 11, "dec": 12}  # fmt: skip
_DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_FIELDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, _MONTHS),
    (0, 6, _DAYS),
)
_DESCRIPTORS = {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}
_DURATION = re.compile(r"[-+]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+|0")


class BadSchedule(ValueError):
    """The schedule cannot be read; the message is the parser's."""


def check(schedule: str) -> str:
    """The parser's complaint about a schedule, or an empty string."""
    try:
        _parse(schedule)
    except BadSchedule as error:
        return str(error)
    return ""


def _parse(schedule: str) -> None:
    if not schedule:
        raise BadSchedule("empty spec string")
    text = _without_zone(schedule)
    if text.startswith("@"):
        _descriptor(text)
        return
    fields = text.split()
    if len(fields) != len(_FIELDS):
        raise BadSchedule(f"expected exactly {len(_FIELDS)} fields, found {len(fields)}: [{' '.join(fields)}]")
    for found, (low, high, words) in zip(fields, _FIELDS, strict=True):
        for part in found.split(","):
            if part:
                _range(part, low, high, words)


def _without_zone(schedule: str) -> str:
    if not schedule.startswith(("TZ=", "CRON_TZ=")):
        return schedule
    head, _, rest = schedule.partition(" ")
    zone = head.partition("=")[2]
    if not known_zone(zone):
        raise BadSchedule(f"provided bad location {zone}: unknown time zone {zone}")
    return rest.strip()


def known_zone(zone: str) -> bool:
    """Whether the name is a time zone of the tz database."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return zone in ("", "UTC", "Local")
    return True


def _descriptor(text: str) -> None:
    if text in _DESCRIPTORS:
        return
    if text.startswith("@every "):
        duration = text.removeprefix("@every ")
        if not _DURATION.fullmatch(duration):
            raise BadSchedule(f'failed to parse duration {text}: time: invalid duration "{duration}"')
        return
    raise BadSchedule(f"unrecognized descriptor: {text}")


def _range(expression: str, low: int, high: int, words: dict[str, int]) -> None:
    """One range: number | number-number | *, optionally /step."""
    span, *steps = expression.split("/")
    ends = span.split("-")
    single = len(ends) == 1
    if ends[0] in ("*", "?"):
        start, end = low, high
    else:
        start = _number(ends[0], words)
        if len(ends) > 2:
            raise BadSchedule(f"too many hyphens: {expression}")
        end = start if single else _number(ends[1], words)
    step = 1
    if len(steps) > 1:
        raise BadSchedule(f"too many slashes: {expression}")
    if steps:
        step = _number(steps[0], {})
        end = high if single else end
    _bounds(expression, start, end, low, high)
    if step == 0:
        raise BadSchedule(f"step of range should be a positive number: {expression}")


def _bounds(expression: str, start: int, end: int, low: int, high: int) -> None:
    if start < low:
        raise BadSchedule(f"beginning of range ({start}) below minimum ({low}): {expression}")
    if end > high:
        raise BadSchedule(f"end of range ({end}) above maximum ({high}): {expression}")
    if start > end:
        raise BadSchedule(f"beginning of range ({start}) beyond end of range ({end}): {expression}")


def _number(text: str, words: dict[str, int]) -> int:
    if text.lower() in words:
        return words[text.lower()]
    if not re.fullmatch(r"[-+]?\d+", text):
        raise BadSchedule(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    number = int(text)
    if number < 0:
        raise BadSchedule(f"negative number ({number}) not allowed: {text}")
    return number
