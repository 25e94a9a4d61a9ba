import pytest

from tinykube.node.status_manager import merge


def condition(kind, status="True", reason=""):
    return {"type": kind, "status": status, **({"reason": reason} if reason else {})}


RUNNING = {"phase": "Running", "conditions": [condition("Ready"), condition("x/y")]}
DONE = {
    "phase": "Succeeded",
    "conditions": [condition("Ready"), condition("ContainersReady", "False", "ContainersNotReady")],
}


def test_the_phase_ends_only_when_nothing_could_run_any_more():
    assert merge(RUNNING, DONE, could_run=True)["phase"] == "Running"
    assert merge(RUNNING, DONE, could_run=False)["phase"] == "Succeeded"


def test_conditions_of_others_are_kept():
    assert [c["type"] for c in merge(RUNNING, DONE, could_run=True)["conditions"]] == [
        "x/y",
        "Ready",
        "ContainersReady",
    ]


@pytest.mark.parametrize(("phase", "reason"), [("Succeeded", "PodCompleted"), ("Failed", "PodFailed")])
def test_an_ended_pod_is_not_ready_and_older_reasons_stay(phase, reason):
    found = merge(RUNNING, DONE | {"phase": phase}, could_run=False)["conditions"]
    assert [(c["type"], c["status"], c.get("reason")) for c in found[1:]] == [
        ("Ready", "False", reason),
        ("ContainersReady", "False", "ContainersNotReady"),
    ]
