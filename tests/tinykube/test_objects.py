"""Object arithmetic: copies, selectors, quantities, times, names."""

import random
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykube import objects

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_copies_are_equal_and_share_no_container(value):
    duplicate = objects.copy(value)
    assert duplicate == value
    if isinstance(value, dict | list):
        assert duplicate is not value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("250m", "0.25"),
        ("1", "1"),
        ("512Mi", 512 * 1024**2),
        ("1Gi", 1024**3),
        ("1.5k", 1500),
        ("1e3", 1000),
        ("12E", 12 * 10**18),
        ("2E2", 200),
        ("-3", -3),
        (".5", "0.5"),
        ("100n", "0.0000001"),
    ],
)
def test_quantities(text, value):
    assert objects.quantity(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "5 Mi", "1ZZ", "1e"])
def test_what_is_no_quantity_is_refused(text):
    with pytest.raises(ValueError, match="not a quantity"):
        objects.quantity(text)


def test_small_cpu_quantities_round_up():
    assert objects.millicores("0.0001") == 1
    assert objects.whole("1500m") == 2


@pytest.mark.parametrize(
    ("selector", "labels", "selected"),
    [
        (None, {"a": "1"}, False),
        ({}, {"a": "1"}, True),
        ({"matchLabels": {"a": "1"}}, {"a": "1", "b": "2"}, True),
        ({"matchLabels": {"a": "1"}}, {"a": "2"}, False),
        ({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1", "2"]}]}, {"a": "2"}, True),
        ({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]}, {}, True),
        ({"matchExpressions": [{"key": "a", "operator": "Exists"}]}, {}, False),
        ({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}, {}, True),
    ],
)
def test_label_selectors(selector, labels, selected):
    assert objects.matches(selector, labels) is selected


@pytest.mark.parametrize(
    ("value", "total", "up", "result"),
    [("25%", 3, True, 1), ("25%", 3, False, 0), ("25%", 4, False, 1), (2, 10, True, 2), ("100%", 7, False, 7)],
)
def test_percentages_round_as_told(value, total, up, result):
    assert objects.int_or_percent(value, total, round_up=up) == result


def test_times_survive_the_round_trip():
    assert objects.rfc3339(objects.parse_time("2026-11-23T04:35:02Z") + 0.9) == "2026-11-23T04:35:02Z"
    assert objects.rfc3339_micro(1.5) == "1970-01-01T00:00:01.500000Z"


def test_uids_look_like_version_4_and_follow_the_seed():
    first = objects.new_uid(random.Random(7))
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", first)
    assert first == objects.new_uid(random.Random(7))


def test_keys_split_back():
    assert objects.split_key("ns/name") == ("ns", "name")
    assert objects.split_key("node-1") == ("", "node-1")
