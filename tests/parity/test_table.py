"""The table in the book is what a run gives: the scenarios that are recorded, and their numbers."""

from __future__ import annotations

import datetime
import json
import re
from statistics import mean

import pytest
from tests.parity.test_scenarios import FLOORS, HERE

import parity_table

ROWS = {row.name: row for row in parity_table.written()}
QUICK = ["pod-runs-nginx", "qos-classes", "job-completes"]
TOLERANCE = 0.03


def test_it_has_exactly_the_recorded_scenarios():
    assert list(ROWS) == parity_table.names() == sorted(FLOORS)


@pytest.mark.parametrize("name", FLOORS)
def test_a_row_is_consistent_and_above_its_floor(name):
    *parts, whole = ROWS[name].values
    assert whole == pytest.approx(mean(parts), abs=0.011)  # each of the six is rounded down
    assert FLOORS[name] - 0.01 < whole <= 1


def test_the_last_line_sums_up_the_others():
    found = re.search(r"\*\*all (\d+)\*\* \|(.*)\|", parity_table.TABLE.read_text(encoding="utf-8"))
    values = [float(value) for value in found[2].split("|")]
    assert int(found[1]) == len(ROWS)
    for place, value in enumerate(values):
        assert value == pytest.approx(mean(row.values[place] for row in ROWS.values()), abs=0.011)


def test_it_says_when_and_with_what_it_was_measured():
    text = parity_table.TABLE.read_text(encoding="utf-8")
    found = re.search(r"Measured on (\S+) with kubectl v[\d.]+, against recordings of Kubernetes (\S+): ", text)
    assert datetime.date.fromisoformat(found[1])
    assert {json.loads(path.read_text())["server"] for path in HERE.glob("recordings/*.json")} == {found[2]}


@pytest.mark.kubectl
@pytest.mark.parametrize("name", QUICK)
def test_its_numbers_are_those_of_a_run(name, kubectl):
    row = parity_table.measure(name)
    assert row.values == pytest.approx(ROWS[name].values, abs=TOLERANCE)


def test_nothing_is_rounded_up():
    assert [parity_table.shown(value) for value in (1.0, 0.9999, 0.29, 0.0)] == ["1.00", "0.99", "0.29", "0.00"]
