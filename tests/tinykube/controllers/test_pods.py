"""Questions about Pods."""

import pytest

from tinykube import objects
from tinykube.controllers import pods

NOW = 1000.0


def pod(name="p", phase="Running", ready_for=None, node="n", restarts=0, age=100, cost=None, **meta):
    conditions = []
    if ready_for is not None:
        since = objects.rfc3339(NOW - ready_for)
        conditions = [{"type": "Ready", "status": "True", "lastTransitionTime": since}]
    annotations = {pods.DELETION_COST: cost} if cost else {}
    return {
        "metadata": {
            "name": name,
            "uid": name,
            "annotations": annotations,
            "creationTimestamp": objects.rfc3339(NOW - age),
            **meta,
        },
        "spec": {"nodeName": node},
        "status": {"phase": phase, "conditions": conditions, "containerStatuses": [{"restartCount": restarts}]},
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (pod("a", node=""), pod("b")),
        (pod("a", "Pending"), pod("b", "Running")),
        (pod("a"), pod("b", ready_for=5)),
        (pod("a", ready_for=5, cost="-1"), pod("b", ready_for=5)),
        (pod("a", ready_for=5), pod("b", ready_for=90)),
        (pod("a", ready_for=5, restarts=2), pod("b", ready_for=5)),
        (pod("a", ready_for=5, age=10), pod("b", ready_for=5, age=100)),
        (pod("a", ready_for=100), pod("b", ready_for=90, restarts=9)),
        (pod("a", ready_for=5, age=100), pod("b", ready_for=5, age=90)),
    ],
    ids=[
        "unassigned",
        "pending",
        "not ready",
        "cheaper",
        "ready for less",
        "more restarts",
        "younger",
        "ready for about as long",
        "about as old",
    ],
)
def test_the_pod_that_is_missed_least_is_deleted_first(first, second):
    for both in ([first, second], [second, first]):
        assert [p["metadata"]["name"] for p in pods.deletion_order(both, both, NOW)] == ["a", "b"]


def test_pods_on_a_crowded_node_go_first():
    crowd = [pod(f"c{i}", node="crowded", ready_for=5) for i in range(3)]
    alone = pod("alone", node="empty", ready_for=5)
    assert pods.deletion_order([alone, crowd[0]], [*crowd, alone], NOW)[0] is crowd[0]


@pytest.mark.parametrize(
    ("found", "minimum", "expected"),
    [
        (pod(), 0, False),
        (pod(ready_for=0), 0, True),
        (pod(ready_for=4), 5, False),
        (pod(ready_for=5), 5, True),
    ],
)
def test_a_pod_is_available_after_min_ready_seconds(found, minimum, expected):
    assert pods.available(found, minimum, NOW) is expected


def test_the_wait_is_for_the_next_pod_to_become_available():
    found = [pod(ready_for=4), pod(ready_for=1), pod(), pod(ready_for=9)]
    assert pods.seconds_until_available(found, 5, NOW) == 1
    assert pods.seconds_until_available([pod(ready_for=9)], 5, NOW) is None


@pytest.mark.parametrize(
    ("found", "active", "terminating"),
    [
        (pod(), True, False),
        (pod(phase="Succeeded"), False, False),
        (pod(deletionTimestamp="x"), False, True),
        (pod(phase="Failed", deletionTimestamp="x"), False, False),
    ],
)
def test_active_and_terminating(found, active, terminating):
    assert (pods.active(found), pods.terminating(found)) == (active, terminating)


def test_a_pod_from_a_template_belongs_to_its_owner_and_has_its_own_copy():
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "web", "namespace": "ns", "uid": "u"}}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c"}]}}
    made = pods.from_template(template, owner)
    made["spec"]["containers"][0]["name"] = "changed"
    assert template["spec"]["containers"][0]["name"] == "c"
    assert made["metadata"]["generateName"] == "web-"
    assert objects.controlled_by(made, owner)
