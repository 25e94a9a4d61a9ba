"""READY, STATUS and RESTARTS of a Pod in all its states."""

import pytest

from tinykube.api.tables import table
from tinykube.api.tables.pods import row
from tinykube.objects import rfc3339

NOW = 1_000_000.0


def waiting(reason, **more):
    return {"name": "c", "state": {"waiting": {"reason": reason}}, "restartCount": 0, **more}


def ended(reason, code=1, **more):
    terminated = {"exitCode": code, **({"reason": reason} if reason else {})}
    return {"name": "c", "state": {"terminated": terminated}, "restartCount": 0, **more}


def running(name="c", *, ready=True, **more):
    return {"name": name, "state": {"running": {}}, "ready": ready, "restartCount": 0, **more}


def last(seconds_ago):
    return {"lastState": {"terminated": {"exitCode": 1, "finishedAt": rfc3339(NOW - seconds_ago)}}}


def pod(phase="Pending", main=(), init=(), *, meta=None, conditions=(), mains=1, sidecar=False, **status):
    inits = [{"name": "i"}, {"name": "j"}][: 2 if init else 0]
    if sidecar:
        inits = [{"name": "s", "restartPolicy": "Always"}, *inits]
    return {
        "metadata": {"name": "p", "creationTimestamp": rfc3339(NOW - 60), **(meta or {})},
        "spec": {"containers": [{"name": "c"}] * mains, "initContainers": inits},
        "status": {
            "phase": phase,
            "containerStatuses": list(main),
            "initContainerStatuses": list(init),
            "conditions": list(conditions),
            **status,
        },
    }


DELETED = {"deletionTimestamp": "2026-01-01T00:00:00Z"}
GATED = {"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}
READY = {"type": "Ready", "status": "True"}
DONE = {"name": "i", "state": {"terminated": {"exitCode": 0}}, "restartCount": 0}
WAITS = {"name": "j", "state": {"waiting": {"reason": "PodInitializing"}}, "restartCount": 0}

CASES = {
    "pending": (pod(), "0/1", "Pending", "0"),
    "gated": (pod(conditions=[GATED]), "0/1", "SchedulingGated", "0"),
    "creating": (pod(main=[waiting("ContainerCreating")]), "0/1", "ContainerCreating", "0"),
    "no image": (pod(main=[waiting("ErrImagePull")]), "0/1", "ErrImagePull", "0"),
    "running": (pod("Running", [running()]), "1/1", "Running", "0"),
    "not ready yet": (pod("Running", [running(ready=False)]), "0/1", "Running", "0"),
    "crash loop": (
        pod("Running", [waiting("CrashLoopBackOff", **{**last(20), "restartCount": 3})]),
        "0/1",
        "CrashLoopBackOff",
        "3 (20s ago)",
    ),
    "failed": (pod("Failed", [ended("Error")]), "0/1", "Error", "0"),
    "signal without a reason": (
        pod("Failed", [{"name": "c", "state": {"terminated": {"signal": 9, "exitCode": 137}}}]),
        "0/1",
        "Signal:9",
        "0",
    ),
    "exit code without a reason": (pod("Failed", [ended("", 7)]), "0/1", "ExitCode:7", "0"),
    "completed": (pod("Succeeded", [ended("Completed", 0)]), "0/1", "Completed", "0"),
    "one done, one runs": (
        pod("Running", [ended("Completed", 0), running("d")], conditions=[READY], mains=2),
        "1/2",
        "Running",
        "0",
    ),
    "one done, one runs, not ready": (
        pod("Running", [ended("Completed", 0), running("d")], mains=2),
        "1/2",
        "NotReady",
        "0",
    ),
    "evicted": (pod("Failed", reason="Evicted"), "0/1", "Evicted", "0"),
    "terminating": (pod("Running", [running()], meta=DELETED), "1/1", "Terminating", "0"),
    "deleted after its end": (pod("Succeeded", [ended("Completed", 0)], meta=DELETED), "0/1", "Completed", "0"),
    "node lost": (pod("Running", [running()], meta=DELETED, reason="NodeLost"), "1/1", "Unknown", "0"),
    "first init": (pod(init=[waiting("PodInitializing", name="i"), WAITS]), "0/1", "Init:0/2", "0"),
    "second init": (pod(init=[DONE, {"name": "j", "state": {"running": {}}}]), "0/1", "Init:1/2", "0"),
    "init error": (pod(init=[ended("Error", name="i"), WAITS]), "0/1", "Init:Error", "0"),
    "init crash loop": (
        pod(init=[waiting("CrashLoopBackOff", name="i", **{**last(5), "restartCount": 2}), WAITS]),
        "0/1",
        "Init:CrashLoopBackOff",
        "2 (5s ago)",
    ),
    "init exit code": (pod(init=[ended("", 3, name="i"), WAITS]), "0/1", "Init:ExitCode:3", "0"),
    "inits done": (
        pod(init=[DONE, {**DONE, "name": "j"}], main=[waiting("PodInitializing")]),
        "0/1",
        "PodInitializing",
        "0",
    ),
    "sidecar counts": (
        pod("Running", [running()], [running("s", started=True)], sidecar=True),
        "2/2",
        "Running",
        "0",
    ),
    "sidecar's restarts count": (
        pod("Running", [running()], [running("s", started=True, **{**last(9), "restartCount": 1})], sidecar=True),
        "2/2",
        "Running",
        "1 (9s ago)",
    ),
    "init restarts are forgotten": (
        pod("Running", [running()], [{**DONE, "restartCount": 4}, {**DONE, "name": "j"}]),
        "1/1",
        "Running",
        "0",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_ready_status_restarts(name):
    obj, ready, status, restarts = CASES[name]
    assert row(obj, NOW)[1:4] == [ready, status, restarts]


def test_wide_columns():
    obj = pod("Running", [running()], podIPs=[{"ip": "10.0.0.1"}], conditions=[{"type": "g", "status": "True"}])
    obj["spec"].update(nodeName="node-1", readinessGates=[{"conditionType": "g"}, {"conditionType": "h"}])
    assert row(obj, NOW)[4:] == ["60s", "10.0.0.1", "node-1", "<none>", "1/2"]


def test_an_ended_pod_is_marked_as_completed():
    rows = table("pods", [CASES["completed"][0], CASES["running"][0]], NOW)["rows"]
    assert rows[0]["conditions"][0]["reason"] == "Succeeded"
    assert "conditions" not in rows[1]
