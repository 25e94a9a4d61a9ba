"""Durations, read and written as Go does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubelab import durations
from kubelab.errors import KubelabError

CASES = [("5m", 300), ("90s", 90), ("1h30m", 5400), ("250ms", 0.25), ("1.5h", 5400), ("10", 10), (7, 7), (0, 0)]


@pytest.mark.parametrize(("text", "seconds"), CASES)
def test_parse(text, seconds):
    assert durations.parse(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "5 minutes", "-5m", "5m30", "m", -1, float("nan")])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(KubelabError, match="not a duration"):
        durations.parse(text)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (0.25, "250ms"), (90, "1m30s"), (3600, "1h"), (5400, "1h30m"), (1.5, "1.5s")]
)
def test_show(seconds, text):
    assert durations.show(seconds) == text


@given(st.integers(0, 10**7))
def test_what_is_shown_can_be_read(seconds):
    assert durations.parse(durations.show(seconds)) == seconds
