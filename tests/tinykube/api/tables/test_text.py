import pytest

from tinykube.api.tables.text import first_of, human_duration, labels, selector, since

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86400, 365 * 86400


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"),
        (-1.5, "0s"),
        (0, "0s"),
        (1.9, "1s"),
        (119, "119s"),
        (120, "2m"),
        (125, "2m5s"),
        (9 * MINUTE + 59, "9m59s"),
        (10 * MINUTE + 30, "10m"),
        (179 * MINUTE, "179m"),
        (3 * HOUR, "3h"),
        (3 * HOUR + 5 * MINUTE, "3h5m"),
        (8 * HOUR + 5 * MINUTE, "8h"),
        (47 * HOUR, "47h"),
        (2 * DAY, "2d"),
        (2 * DAY + 3 * HOUR, "2d3h"),
        (9 * DAY + 3 * HOUR, "9d"),
        (YEAR, "365d"),
        (2 * YEAR, "2y"),
        (2 * YEAR + 3 * DAY, "2y3d"),
        (9 * YEAR, "9y"),
    ],
)
def test_human_duration(seconds, text):
    assert human_duration(seconds) == text


def test_no_time_is_unknown():
    assert since(None, 0.0) == "<unknown>"


def test_labels_and_selectors_are_sorted_texts():
    assert labels({"b": "2", "a": "1"}) == "a=1,b=2"
    assert labels({}) == "<none>"
    expressions = [
        {"key": "tier", "operator": "NotIn", "values": ["y", "x"]},
        {"key": "gpu", "operator": "DoesNotExist"},
        {"key": "disk", "operator": "Exists"},
    ]
    assert selector({"matchLabels": {"app": "web"}, "matchExpressions": expressions}) == (
        "app=web,disk,!gpu,tier notin (x,y)"
    )
    assert selector(None) == "<none>"


def test_long_lists_are_cut_short():
    assert first_of(["a", "b", "c"]) == "a,b,c"
    assert first_of(["a", "b", "c", "d", "e"]) == "a,b,c + 2 more..."
