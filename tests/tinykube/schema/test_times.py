"""Where objects hold times."""

import pytest

from tinykube import schema


def test_a_pods_times():
    fields = schema.time_fields("v1/Pod")
    assert ("metadata", "creationTimestamp") in fields
    assert ("status", "containerStatuses", "state", "running", "startedAt") in fields
    assert ("spec", "nodeName") not in fields


@pytest.mark.parametrize(
    ("kind_key", "path"),
    [
        ("v1/Event", ("lastTimestamp",)),
        ("v1/Event", ("eventTime",)),
        ("batch/v1/Job", ("status", "completionTime")),
        ("batch/v1/CronJob", ("status", "lastScheduleTime")),
        ("coordination.k8s.io/v1/Lease", ("spec", "renewTime")),
        ("v1/PodList", ("items", "metadata", "creationTimestamp")),
    ],
)
def test_times_of_other_kinds(kind_key, path):
    assert path in schema.time_fields(kind_key)


def test_map_times_changes_times_alone_and_shares_the_rest():
    pod = {
        "metadata": {"creationTimestamp": "t", "name": "p", "annotations": {"when": "t"}},
        "spec": {"containers": [{"name": "a"}]},
        "status": {"conditions": [{"lastTransitionTime": "t", "lastProbeTime": None}]},
    }
    shifted = schema.map_times("v1/Pod", pod, lambda text: text + "+1")
    assert shifted["metadata"] == {"creationTimestamp": "t+1", "name": "p", "annotations": {"when": "t"}}
    assert shifted["status"] == {"conditions": [{"lastTransitionTime": "t+1", "lastProbeTime": None}]}
    assert shifted["spec"] is pod["spec"]
    assert pod["metadata"]["creationTimestamp"] == "t"


def test_lists_are_shifted_too_and_unknown_kinds_left_alone():
    pods = {"items": [{"metadata": {"creationTimestamp": "t"}}]}
    assert schema.map_times("v1/PodList", pods, str.upper)["items"][0]["metadata"]["creationTimestamp"] == "T"
    assert schema.map_times("example.com/v1/Gizmo", pods, str.upper) is pods
