"""Refusals read as the API's own."""

import pytest

from tinykube import errors
from tinykube.errors import Cause


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (errors.not_found("pods", "p"), 404, 'pods "p" not found'),
        (errors.not_found("deployments.apps", "d"), 404, 'deployments.apps "d" not found'),
        (errors.already_exists("jobs.batch", "j"), 409, 'jobs.batch "j" already exists'),
        (errors.being_deleted("pods", "p"), 409, 'object is being deleted: pods "p" already exists'),
        (errors.too_large(3145728), 413, "Request entity too large: limit is 3145728"),
    ],
)
def test_messages(error, code, message):
    assert (error.code, str(error)) == (code, message)
    assert error.status["kind"] == "Status"


def test_one_cause_stands_alone_and_several_are_listed():
    one = Cause("FieldValueRequired", "spec.containers", "Required value")
    two = Cause("FieldValueRequired", "spec.ports", "Required value")
    assert str(errors.invalid("Pod", "", "p", [one])) == 'Pod "p" is invalid: spec.containers: Required value'
    both = errors.invalid("Deployment", "apps", "d", [one, two])
    assert str(both) == (
        'Deployment.apps "d" is invalid: [spec.containers: Required value, spec.ports: Required value]'
    )
    assert [c["field"] for c in both.status["details"]["causes"]] == ["spec.containers", "spec.ports"]


def test_details_name_the_group_and_leave_out_what_is_empty():
    details = errors.not_found("deployments.apps", "d").status["details"]
    assert details == {"name": "d", "group": "apps", "kind": "deployments"}
    assert "group" not in errors.not_found("pods", "p").status["details"]
