"""The last `kubectl get` of recorded scenarios, printed again from the objects as they were (recorded.json)."""

import json
import re
from pathlib import Path

import pytest

from tinykube.api.tables import table
from tinykube.objects import parse_time

CASES = json.loads(Path(__file__).with_name("recorded.json").read_text(encoding="utf-8"))
AGES = re.compile(r"\b\d+[smhd](\d+[smhd])?\b")


def printed(text):
    """A printed table as rows of cells, ages left out."""
    lines = [re.split(r"\s{2,}", AGES.sub("AGE", line).strip()) for line in text.splitlines()]
    return lines[0], {cells[0]: dict(zip(lines[0], cells, strict=True)) for cells in lines[1:]}


@pytest.mark.parametrize("case", CASES, ids=[f"{c['scenario']}: {c['command']}" for c in CASES])
def test_rows_are_those_that_kubectl_printed(case):
    columns, expected = printed(case["printed"])
    latest = max(parse_time(o["metadata"]["creationTimestamp"]) for o in case["objects"])
    made = table(case["resource"], case["objects"], latest + 100)
    titles = [c["name"].upper() for c in made["columnDefinitions"]]
    for row in made["rows"]:
        cells = dict(zip(titles, (AGES.sub("AGE", str(c)) for c in row["cells"]), strict=True))
        assert {c: cells[c] for c in columns} == expected[cells["NAME"]]
