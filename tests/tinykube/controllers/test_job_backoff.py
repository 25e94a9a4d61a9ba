"""Back-off after failures."""

import pytest

from tinykube import objects
from tinykube.controllers.job_backoff import Record, finished_at


def ended(at):
    state = {"terminated": {"finishedAt": objects.rfc3339(at)}}
    return {"metadata": {}, "status": {"containerStatuses": [{"state": state}]}}


@pytest.mark.parametrize(("failures", "expected"), [(0, 0), (1, 10), (2, 20), (3, 40), (6, 320), (7, 600), (20, 600)])
def test_the_wait_doubles_up_to_ten_minutes(failures, expected):
    assert Record(failures, last=100.0).wait(100.0) == expected


def test_the_wait_runs_from_the_end_of_the_last_failure():
    assert Record().after([], [ended(100), ended(90)]) == Record(2, 100.0)
    assert Record(2, 100.0).wait(115.0) == 5.0


def test_a_success_starts_the_count_anew():
    assert Record(3, 50.0).after([ended(60)], [ended(55), ended(70)]) == Record(1, 70.0)
    assert Record(3, 50.0).after([ended(60)], []) == Record(0, 0.0)


def test_a_pod_without_container_states_ended_when_it_stopped_being_ready():
    ready = {"type": "Ready", "status": "False", "lastTransitionTime": objects.rfc3339(42)}
    assert finished_at({"metadata": {}, "status": {"conditions": [ready]}}) == 42
    assert finished_at({"metadata": {"creationTimestamp": objects.rfc3339(7)}, "status": {}}) == 7


def test_a_running_pod_ends_when_its_deletion_is_asked_for():
    ready = {"type": "Ready", "status": "True", "lastTransitionTime": objects.rfc3339(42)}
    metadata = {"deletionTimestamp": objects.rfc3339(130), "deletionGracePeriodSeconds": 30}
    assert finished_at({"metadata": metadata, "status": {"conditions": [ready]}}) == 100
