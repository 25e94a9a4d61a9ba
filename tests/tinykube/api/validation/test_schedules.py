import pytest

from tinykube.api.validation.schedules import check, known_zone

FINE = ["* * * * *", "*/5 0-23/2 1,15 JAN-mar MON-FRI", "@hourly", "@every 1h30m", "0 0 ? * 0", "CRON_TZ=UTC 0 0 * * *"]
BAD = [
    ("", "empty spec string"),
    ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
    ("0 0 * * * *", "expected exactly 5 fields, found 6: [0 0 * * * *]"),
    ("60 * * * *", "end of range (60) above maximum (59): 60"),
    ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
    ("* * * * 7", "end of range (7) above maximum (6): 7"),
    ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
    ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
    ("1/2/3 * * * *", "too many slashes: 1/2/3"),
    ("*/0 * * * *", "step of range should be a positive number: */0"),
    ("x * * * *", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'),
    ("@often", "unrecognized descriptor: @often"),
    ("TZ=Nowhere/X 0 0 * * *", "provided bad location Nowhere/X: unknown time zone Nowhere/X"),
]


@pytest.mark.parametrize("schedule", FINE)
def test_readable(schedule):
    assert check(schedule) == ""


@pytest.mark.parametrize(("schedule", "complaint"), BAD)
def test_unreadable(schedule, complaint):
    assert check(schedule) == complaint


def test_time_zones():
    assert known_zone("Europe/Berlin")
    assert not known_zone("Europe/Nowhere")
