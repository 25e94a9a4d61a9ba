"""Refusals recorded from Kubernetes v1.36 (refused.json), word for word as kubectl shows them."""

import json
from pathlib import Path

import pytest
from tests.tinykube.api.validation.pipeline import stored

from tinykube.api.validation import validate_create
from tinykube.errors import invalid

CASES = json.loads(Path(__file__).with_name("refused.json").read_text(encoding="utf-8"))
ELSEWHERE = {"service-nodeport-range"}  # the node port allocator's words


def kubectl_says(status):
    """How kubectl prints an Invalid status: one cause on the line, several as a list."""
    causes = list(dict.fromkeys(f"{c['field']}: {c['message']}" for c in status["details"]["causes"]))
    text = causes[0] if len(causes) == 1 else "".join(f"\n* {c}" for c in causes)
    return f'The {status["details"]["kind"]} "{status["details"].get("name", "")}" is invalid: {text}\n'


@pytest.mark.parametrize("name", [n for n in CASES if n not in ELSEWHERE])
def test_refused_as_recorded(name):
    kind_key, obj = stored(CASES[name]["manifest"])
    causes = validate_create(kind_key, obj)
    said = ""
    if causes:
        said = kubectl_says(invalid(obj["kind"], "", obj["metadata"].get("name", ""), causes).status)
    assert said == CASES[name]["says"]
