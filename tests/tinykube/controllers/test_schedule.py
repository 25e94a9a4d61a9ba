"""Cron schedules."""

from datetime import UTC, datetime

import pytest

from tinykube.controllers.schedule import BadSchedule, BadTimeZone, Due, Schedule


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "zone", "since", "expected"),
    [
        ("*/5 * * * *", None, "2026-01-01T00:01:30", "2026-01-01T00:05:00"),
        ("*/5 * * * *", None, "2026-01-01T00:05:00", "2026-01-01T00:10:00"),
        ("0 9 * * 1-5", None, "2026-01-02T10:00:00", "2026-01-05T09:00:00"),
        ("@hourly", None, "2026-01-01T00:30:00", "2026-01-01T01:00:00"),
        ("@every 90s", None, "2026-01-01T00:00:00", "2026-01-01T00:01:30"),
        ("30 8 * * *", "Europe/Berlin", "2026-01-01T00:00:00", "2026-01-01T07:30:00"),
        ("30 8 * * *", "Europe/Berlin", "2026-07-01T00:00:00", "2026-07-01T06:30:00"),
    ],
)
def test_the_next_start_time(text, zone, since, expected):
    assert Schedule(text, zone).after(at(since)) == at(expected)


@pytest.mark.parametrize(
    ("since", "now", "expected"),
    [
        ("2026-01-01T00:00:00", "2026-01-01T00:04:59", Due(None)),
        ("2026-01-01T00:00:00", "2026-01-01T00:05:00", Due(at("2026-01-01T00:05:00"))),
        ("2026-01-01T00:00:00", "2026-01-01T00:09:59", Due(at("2026-01-01T00:05:00"))),
        ("2026-01-01T00:00:00", "2026-01-01T00:12:00", Due(at("2026-01-01T00:10:00"), 2)),
        ("2026-01-01T00:00:00", "2026-01-02T00:02:00", Due(at("2026-01-02T00:00:00"), 288)),
    ],
)
def test_the_most_recent_missed_time_is_due_and_the_missed_ones_are_counted(since, now, expected):
    assert Schedule("*/5 * * * *").due(at(since), at(now)) == expected


def test_what_cannot_be_read_is_said():
    with pytest.raises(BadSchedule, match="unparseable"):
        Schedule("every now and then")
    with pytest.raises(BadTimeZone, match='invalid timeZone: "Mars/Olympus"'):
        Schedule("@daily", "Mars/Olympus")


def test_the_scheduled_time_is_written_in_its_zone():
    assert Schedule("@daily").local(0) == "1970-01-01T00:00:00Z"
    assert Schedule("@daily", "Asia/Tokyo").local(0) == "1970-01-01T09:00:00+09:00"
