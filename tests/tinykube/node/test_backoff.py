import pytest

from tinykube.node.backoff import Backoff


def test_doubles_from_ten_seconds_to_five_minutes():
    backoff, now, seen = Backoff(), 1000.0, []
    for _ in range(8):
        backoff.raise_for("k", now, now)
        seen.append(backoff.get("k"))
        now += backoff.get("k")
    assert seen == [10, 20, 40, 80, 160, 300, 300, 300]


@pytest.mark.parametrize(("after", "expected"), [(599, 20), (601, 10)])
def test_a_failure_long_after_the_last_one_starts_anew(after, expected):
    backoff = Backoff()
    backoff.raise_for("k", 0.0, 1000.0)
    backoff.raise_for("k", 1000.0 + after, 1000.0 + after)
    assert backoff.get("k") == expected


def test_waits_from_the_failure_on():
    backoff = Backoff()
    assert backoff.until("k", 100.0, 101.0) is None
    backoff.raise_for("k", 100.0, 101.0)
    assert backoff.until("k", 105.0, 106.0) == 115.0
    assert backoff.until("k", 105.0, 115.0) is None


def test_forgets_by_prefix():
    backoff = Backoff()
    backoff.raise_for("a_1", 0, 0)
    backoff.raise_for("b_1", 0, 0)
    backoff.forget("a_")
    assert (backoff.get("a_1"), backoff.get("b_1")) == (0, 10)
