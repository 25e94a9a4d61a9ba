"""Applied manifests come out as Kubernetes v1.36 stored them (recorded.json: what was applied, what was read back)."""

import json
import random
from pathlib import Path

import pytest

from tinykube.api import allocation
from tinykube.api.defaults import admission, default, strategy
from tinykube.objects import copy

CASES = json.loads(Path(__file__).with_name("recorded.json").read_text())


def stored(kind_key, applied, uid):
    obj = copy(applied)
    obj["metadata"]["uid"] = uid
    default(kind_key, obj)
    if kind_key == "v1/Pod":
        admission.default_tolerations(obj)
        admission.priority(obj, [])
        admission.service_account(obj, {"automountServiceAccountToken": False}, random.Random(1))
    strategy.prepare_for_create(kind_key, obj)
    return obj


@pytest.mark.parametrize("case", CASES, ids=[c["case"] for c in CASES])
def test_spec_reads_back_as_recorded(case):
    obj = stored(case["kind_key"], case["applied"], case["uid"])
    expected = case["spec"]
    if case["kind_key"] == "v1/Service":
        obj["spec"]["clusterIP"] = expected.get("clusterIP")
        for port, wanted in zip(obj["spec"].get("ports", ()), expected.get("ports", ()), strict=True):
            port.update({k: v for k, v in wanted.items() if k == "nodePort"})
        assert allocation.allocate(obj, None, [], random.Random(1)) == []
    found = {k: v for k, v in obj["spec"].items() if k not in later_changed(case)}
    assert found == {k: v for k, v in expected.items() if k not in later_changed(case)}


def later_changed(case):
    """Fields that later steps of the recorded scenarios changed (scale, set image, pause)."""
    if case["kind_key"] == "apps/v1/Deployment":
        return ("template", "replicas", "paused")
    return ("replicas",) if case["kind_key"].startswith("apps/") else ()


@pytest.mark.parametrize("case", CASES, ids=[c["case"] for c in CASES])
def test_defaulting_twice_changes_nothing(case):
    once = stored(case["kind_key"], case["applied"], case["uid"])
    twice = copy(once)
    default(case["kind_key"], twice)
    assert twice == once
