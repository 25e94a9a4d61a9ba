"""Pod failure policy and success policy."""

import pytest

from tinykube.controllers import job_policy
from tinykube.controllers.job_policy import Verdict


def job(**spec):
    return {"metadata": {"name": "j"}, "spec": {"completions": 5, "template": {"spec": {}}, **spec}}


def pod(code=1, phase="Failed", conditions=(), **meta):
    terminated = {"name": "main", "state": {"terminated": {"exitCode": code}}}
    return {
        "metadata": {"name": "p", "namespace": "ns", **meta},
        "status": {"phase": phase, "containerStatuses": [terminated], "conditions": list(conditions)},
    }


def exit_codes(action, operator, *values, container=None):
    rule = {"action": action, "onExitCodes": {"operator": operator, "values": list(values)}}
    if container:
        rule["onExitCodes"]["containerName"] = container
    return rule


DISRUPTED = {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}


@pytest.mark.parametrize(
    ("rules", "found", "expected"),
    [
        ([], pod(), Verdict()),
        ([exit_codes("Ignore", "In", 42)], pod(42), Verdict(counts=False)),
        ([exit_codes("Ignore", "In", 42)], pod(1), Verdict()),
        ([exit_codes("Count", "NotIn", 42)], pod(1), Verdict()),
        ([exit_codes("FailIndex", "In", 3)], pod(3), Verdict(fails_index=True)),
        ([exit_codes("Ignore", "In", 42, container="other")], pod(42), Verdict()),
        ([DISRUPTED], pod(conditions=[{"type": "DisruptionTarget", "status": "True"}]), Verdict(counts=False)),
        (
            [DISRUPTED, exit_codes("FailJob", "In", 42)],
            pod(42),
            Verdict(fails_job="Container main for pod ns/p failed with exit code 42 matching FailJob rule at index 1"),
        ),
    ],
)
def test_the_first_matching_rule_decides(rules, found, expected):
    assert job_policy.judge(job(podFailurePolicy={"rules": rules}), found) == expected


@pytest.mark.parametrize(
    ("spec", "found", "expected"),
    [
        ({}, pod(phase="Failed"), True),
        ({}, pod(phase="Running"), False),
        ({}, pod(phase="Running", deletionTimestamp="x"), True),
        ({"podReplacementPolicy": "Failed"}, pod(phase="Running", deletionTimestamp="x"), False),
        ({}, pod(phase="Succeeded", deletionTimestamp="x"), False),
    ],
)
def test_a_deleted_pod_counts_as_failed_unless_only_failed_ones_are_replaced(spec, found, expected):
    assert job_policy.has_failed(found, job(**spec)) is expected


@pytest.mark.parametrize(
    ("rules", "succeeded", "expected"),
    [
        ([{"succeededIndexes": "0-1"}], {0}, ""),
        ([{"succeededIndexes": "0-1"}], {0, 1}, "Matched rules at index 0"),
        ([{"succeededCount": 2}], {3, 4}, "Matched rules at index 0"),
        (
            [{"succeededIndexes": "0"}, {"succeededIndexes": "1-4", "succeededCount": 1}],
            {4},
            "Matched rules at index 1",
        ),
    ],
)
def test_success_is_declared_when_a_rule_is_met(rules, succeeded, expected):
    assert job_policy.success(job(successPolicy={"rules": rules}), succeeded) == expected


@pytest.mark.parametrize(("limit", "restarts", "expected"), [(3, 2, False), (3, 3, True), (0, 0, False), (0, 1, True)])
def test_restarts_in_place_are_the_failures_of_on_failure(limit, restarts, expected):
    owner = job(backoffLimit=limit)
    owner["spec"]["template"]["spec"]["restartPolicy"] = "OnFailure"
    running = {"status": {"phase": "Running", "containerStatuses": [{"restartCount": restarts}]}}
    assert job_policy.restarted_too_often(owner, [running]) is expected
