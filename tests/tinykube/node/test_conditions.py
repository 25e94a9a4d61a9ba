import pytest

from tinykube.node.conditions import all_conditions, containers_ready, initialized, pod_ready
from tinykube.node.observed import PodView


def pod(init=(), **spec):
    return {"spec": {"containers": [{"name": "a"}, {"name": "b"}], "initContainers": list(init), **spec}}


def status(name, ready, state="running", started=True):
    return {"name": name, "ready": ready, "started": started, "state": {state: {"exitCode": 0}}, "lastState": {}}


def short(condition):
    return condition["status"], condition.get("reason", ""), condition.get("message", "")


@pytest.mark.parametrize(
    ("statuses", "phase", "expected"),
    [
        ([status("a", True), status("b", True)], "Running", ("True", "", "")),
        (
            [status("a", True), status("b", False)],
            "Running",
            ("False", "ContainersNotReady", "containers with unready status: [b]"),
        ),
        (
            [status("a", False), status("b", False)],
            "Pending",
            ("False", "ContainersNotReady", "containers with unready status: [a b]"),
        ),
        ([status("a", True)], "Running", ("False", "ContainersNotReady", "containers with unknown status: [b]")),
        ([], "Succeeded", ("False", "PodCompleted", "")),
        ([], "Failed", ("False", "PodFailed", "")),
    ],
)
def test_containers_ready(statuses, phase, expected):
    assert short(containers_ready(pod(), statuses, phase)) == expected


def test_an_unready_sidecar_counts():
    found = containers_ready(
        pod(init=[{"name": "s", "restartPolicy": "Always"}]), [status(n, n != "s") for n in "sab"], "Running"
    )
    assert short(found) == ("False", "ContainersNotReady", "containers with unready status: [s]")


@pytest.mark.parametrize(
    ("inits", "statuses", "phase", "expected"),
    [
        ([], [], "Pending", ("True", "", "")),
        (
            [{"name": "i"}],
            [status("i", False)],
            "Pending",
            ("False", "ContainersNotInitialized", "containers with incomplete status: [i]"),
        ),
        (
            [{"name": "i"}, {"name": "j"}],
            [status("i", True, "terminated"), status("j", False, "waiting")],
            "Pending",
            ("False", "ContainersNotInitialized", "containers with incomplete status: [j]"),
        ),
        ([{"name": "i"}], [status("i", True, "terminated")], "Pending", ("True", "", "")),
        (
            [{"name": "i", "restartPolicy": "Always"}],
            [status("i", False, started=False)],
            "Pending",
            ("False", "ContainersNotInitialized", "containers with incomplete status: [i]"),
        ),
        ([{"name": "i", "restartPolicy": "Always"}], [status("i", False)], "Pending", ("True", "", "")),
        ([{"name": "i"}], [status("i", False, "terminated"), status("a", True)], "Running", ("True", "", "")),
        ([], [], "Succeeded", ("True", "PodCompleted", "")),
    ],
)
def test_initialized(inits, statuses, phase, expected):
    assert short(initialized(pod(init=inits), statuses, phase)) == expected


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        (
            [],
            ("False", "ReadinessGatesNotReady", 'corresponding condition of pod readiness gate "x/y" does not exist.'),
        ),
        (
            [{"type": "x/y", "status": "False"}],
            ("False", "ReadinessGatesNotReady", 'the status of pod readiness gate "x/y" is not "True", but False'),
        ),
        ([{"type": "x/y", "status": "True"}], ("True", "", "")),
    ],
)
def test_readiness_gates_hold_a_ready_pod_back(others, expected):
    gated = pod(readinessGates=[{"conditionType": "x/y"}])
    assert short(pod_ready(gated, others, {"status": "True"})) == expected


def test_order_and_what_belongs_to_others():
    own = pod() | {"status": {"conditions": [{"type": "x/y", "status": "True"}, {"type": "Ready", "status": "False"}]}}
    found = all_conditions(own, PodView("ready", 0, ("10.244.0.2",)), [status("a", True), status("b", True)], "Running")
    assert [(c["type"], c["status"]) for c in found] == [
        ("x/y", "True"),
        ("PodReadyToStartContainers", "True"),
        ("Initialized", "True"),
        ("Ready", "True"),
        ("ContainersReady", "True"),
        ("PodScheduled", "True"),
    ]
