"""Cron schedules: when a CronJob is due.

Law: pure functions; times are seconds since the epoch. A schedule is read in its time zone (UTC unless given).

Models github.com/robfig/cron/v3 as used by k8s.io/kubernetes pkg/controller/cronjob/utils.go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import croniter

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_EVERY = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
MANY = 100
"""Missed start times beyond which the controller warns."""


class BadSchedule(ValueError):
    """The schedule or its time zone cannot be read."""


class BadTimeZone(BadSchedule):
    """There is no such time zone."""


@dataclass(frozen=True)
class Due:
    """The most recent start time that was missed (None: none), and how many were."""

    time: float | None
    missed: int = 0


class Schedule:
    """A five-field cron expression, a macro such as @hourly, or `@every 1h30m`."""

    def __init__(self, text: str, time_zone: str | None = None) -> None:
        self.text = text
        self.zone = zone(time_zone)
        self._every = _every(text)
        if self._every is None and not croniter.is_valid(text):
            raise BadSchedule(f"unparseable schedule: {text!r}")

    def after(self, when: float) -> float:
        """The first start time later than `when`."""
        if self._every is not None:
            return float(int(when)) + self._every
        start = datetime.fromtimestamp(when, self.zone)
        return float(croniter(self.text, start).get_next(float))

    def due(self, since: float, now: float) -> Due:
        """The most recent start time in (since, now]."""
        first = self.after(since)
        if now < first:
            return Due(None)
        second = self.after(first)
        if now < second:
            return Due(first)
        missed = int((now - first) // (second - first)) + 1
        latest = first
        candidate = self.after(first + max(0, missed - 2) * (second - first) - 1)
        while candidate <= now:
            latest = max(latest, candidate)
            candidate = self.after(candidate)
        return Due(latest, missed)

    def local(self, when: float) -> str:
        """The time in the schedule's zone, as RFC 3339."""
        text = datetime.fromtimestamp(when, self.zone).isoformat(timespec="seconds")
        return text.replace("+00:00", "Z") if self.zone is UTC else text


def zone(name: str | None) -> tzinfo:
    """The time zone of that name; UTC for none.

    Raises:
        BadTimeZone: there is no such zone.
    """
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        raise BadTimeZone(f'invalid timeZone: "{name}": unknown time zone {name}') from unknown


def _every(text: str) -> float | None:
    """Seconds of `@every DURATION`, at least one; None for any other schedule."""
    if not text.startswith("@every "):
        return None
    parts = _EVERY.findall(text.removeprefix("@every "))
    if not parts:
        raise BadSchedule(f"unparseable schedule: {text!r}")
    return max(1.0, float(int(sum(float(n) * _UNITS[unit] for n, unit in parts))))
