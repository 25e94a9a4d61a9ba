"""What can be waited for."""

import pytest

from kubelab import waiting
from kubelab.resources import Resource, Resources


def pod(phase="Running", ready="True", waiting_for="", **metadata):
    state = {"waiting": {"reason": waiting_for}} if waiting_for else {"running": {}}
    return Resource(
        kind="Pod",
        metadata={"name": "web", **metadata},
        spec={"containers": [{"name": "c"}]},
        status={
            "phase": phase,
            "conditions": [{"type": "Ready", "status": ready}],
            "containerStatuses": [{"name": "c", "ready": ready == "True", "state": state}],
        },
    )


DEPLOYMENT = {
    "kind": "Deployment",
    "spec": {},
    "status": {"observedGeneration": 1, "conditions": [{"type": "Available", "status": "True"}]},
}


def rolling(kind, generation=1, strategy=None, **status):
    spec = {"replicas": 3, "updateStrategy": strategy}
    status = {"observedGeneration": 1, **status}
    return Resource(kind=kind, metadata={"name": "web", "generation": generation}, spec=spec, status=status)


def deployed(replicas=3, updated=3, available=3, generation=1):
    counts = {"replicas": replicas, "updatedReplicas": updated, "availableReplicas": available}
    return rolling("Deployment", generation, **counts)


def on_nodes(updated=2, available=2):
    counts = {"desiredNumberScheduled": 2, "updatedNumberScheduled": updated, "numberAvailable": available}
    return rolling("DaemonSet", **counts)


def in_order(ready=3, updated=3, strategy=None):
    return rolling("StatefulSet", strategy=strategy, readyReplicas=ready, updatedReplicas=updated)


FIRST_KEPT = {"rollingUpdate": {"partition": 1}}
HOLDS = [
    ("Ready", pod()),
    ("ready", pod()),
    ("condition=Ready", pod()),
    ("Ready=False", pod(ready="False")),
    ("condition=ready=false", pod(ready="False")),
    ("Running", pod()),
    ("CrashLoopBackOff", pod(ready="False", waiting_for="CrashLoopBackOff")),
    ("Terminating", pod(deletionTimestamp="2026-01-01T00:00:00Z")),
    ("{.status.phase}=Running", pod()),
    ("jsonpath={.status.phase}=Running", pod()),
    ("{.status.phase}", pod()),
    ("exists", pod()),
    ("delete", None),
    ("Available", Resource(DEPLOYMENT, metadata={"name": "d", "generation": 1})),
    (lambda one: one.name == "web", pod()),
    ("rolled out", deployed()),
    ("rolled out", on_nodes()),
    ("rolled out", in_order()),
    ("rolled out", in_order(updated=2, strategy=FIRST_KEPT)),
]
FAILS = [
    ("Ready", pod(ready="False")),
    ("Ready", None),
    ("delete", pod()),
    ("exists", None),
    ("condition=Running", pod()),
    ("{.status.phase}=Running", pod(phase="Pending")),
    ("{.status.podIP}", pod()),
    ("{.status.phase}", None),
    ("Available", Resource(DEPLOYMENT, metadata={"name": "d", "generation": 2})),
    (lambda one: True, None),
    ("rolled out", None),
    ("rolled out", pod()),
    ("rolled out", deployed(generation=2)),
    ("rolled out", deployed(updated=2)),
    ("rolled out", deployed(replicas=4)),
    ("rolled out", deployed(available=2)),
    ("rolled out", on_nodes(updated=1)),
    ("rolled out", on_nodes(available=1)),
    ("rolled out", in_order(ready=2)),
    ("rolled out", in_order(updated=2)),
    ("rolled out", in_order(updated=1, strategy=FIRST_KEPT)),
    (lambda one: one["status"]["hostIP"], pod()),
    (lambda one: one["status"]["containerStatuses"][1]["ready"], pod()),
]


@pytest.mark.parametrize(("spec", "seen"), HOLDS)
def test_holds(spec, seen):
    assert waiting.goal(spec).holds(seen)


@pytest.mark.parametrize(("spec", "seen"), FAILS)
def test_does_not_hold(spec, seen):
    assert not waiting.goal(spec).holds(seen)


def test_several_objects_need_every_one_and_at_least_one():
    ready = waiting.goal("Ready")
    assert ready.all_hold(Resources([pod(), pod()]))
    assert not ready.all_hold(Resources([pod(), pod(ready="False")]))
    assert not ready.all_hold(Resources())


def test_a_deletion_of_several_needs_none_left():
    gone = waiting.goal("deleted")
    assert gone.all_hold(Resources())
    assert not gone.all_hold(Resources([pod()]))


def has_two_replicas(one):
    return one["spec"]["replicas"] == 2


@pytest.mark.parametrize(
    ("spec", "text"),
    [(has_two_replicas, "has two replicas"), (lambda one: one, "as wanted"), ("condition=Ready=False", "Ready=False")],
)
def test_what_did_not_happen_is_called_what_it_was_asked_for_as(spec, text):
    assert waiting.goal(spec).text == text


def test_objects_are_looked_at_again_only_if_some_have_changed():
    looks = []
    last = waiting.Last(lambda: looks.append("look") or len(looks))
    assert [last.at(revision) for revision in (7, 7, 8, None, None)] == [1, 1, 2, 3, 4]
