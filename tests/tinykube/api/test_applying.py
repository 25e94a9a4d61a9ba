"""Server-side apply: ownership, conflicts in the real words, force, and taking back what is no longer applied."""

import json

import pytest
from tests.tinykube.api.examples import deployment

from tinykube.client import APPLY_PATCH, MERGE_PATCH, Options
from tinykube.objects import copy

DEPLOYMENTS = "deployments.apps"


@pytest.fixture
def apply(api):
    def apply(config, manager="ann", force=False, name="web", resource=DEPLOYMENTS, **options):
        user = Options(field_manager=manager, force=force, **options)
        return api.patch(resource, "default", name, config, APPLY_PATCH, options=user)

    return apply


def managers(obj):
    return [(e["manager"], e["operation"]) for e in obj["metadata"]["managedFields"]]


def test_applying_creates_what_is_not_there(apply):
    made = apply(deployment())
    assert made["spec"]["replicas"] == 2
    assert made["spec"]["strategy"]["type"] == "RollingUpdate"
    (entry,) = made["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"], entry["apiVersion"]) == ("ann", "Apply", "apps/v1")
    assert entry["fieldsV1"]["f:metadata"] == {"f:labels": {"f:app": {}}}


def test_applying_again_changes_nothing(api, apply):
    first = apply(deployment())
    revision = api.store.revision
    assert apply(deployment()) is first
    assert api.store.revision == revision


def test_a_field_of_another_manager_is_a_conflict(api, apply, refusal):
    creator = Options(field_manager="kubectl-client-side-apply")
    api.create(DEPLOYMENTS, "default", deployment(replicas=2), options=creator)
    status = refusal(apply, deployment(replicas=3))
    assert (status["code"], status["reason"]) == (409, "Conflict")
    assert status["message"] == (
        'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas'
    )
    assert status["details"]["causes"] == [
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "kubectl-client-side-apply" using apps/v1',
            "field": ".spec.replicas",
        }
    ]


def test_several_conflicts_are_listed_by_manager(apply, refusal):
    apply(deployment(replicas=2))
    status = refusal(apply, deployment(replicas=3, image="other"), manager="bob")
    assert status["message"] == (
        'Apply failed with 2 conflicts: conflicts with "ann":\n'
        "- .spec.replicas\n"
        '- .spec.template.spec.containers[name="web"].image'
    )


def test_force_takes_the_fields_over(apply):
    apply(deployment(replicas=2))
    made = apply(deployment(replicas=3), manager="bob", force=True)
    assert made["spec"]["replicas"] == 3
    fields = {e["manager"]: e["fieldsV1"]["f:spec"] for e in made["metadata"]["managedFields"]}
    assert "f:replicas" in fields["bob"]
    assert "f:replicas" not in fields["ann"]
    assert "f:template" in fields["ann"]


def test_agreeing_is_owning_together(apply):
    apply(deployment(replicas=2))
    made = apply(deployment(replicas=2), manager="bob")
    assert managers(made) == [("ann", "Apply"), ("bob", "Apply")]


def test_what_is_no_longer_applied_goes(apply):
    config = deployment()
    config["metadata"]["annotations"] = {"note": "x"}
    config["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "A", "value": "b"}]
    apply(config)
    made = apply(deployment())
    assert "annotations" not in made["metadata"]
    assert "env" not in made["spec"]["template"]["spec"]["containers"][0]


def test_a_struct_that_is_no_longer_applied_goes_with_its_defaults(apply):
    probe = {"httpGet": {"path": "/", "port": 80}}
    with_probe = deployment()
    with_probe["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] = probe
    made = apply(with_probe)
    assert made["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]["timeoutSeconds"] == 1
    assert "readinessProbe" not in apply(deployment())["spec"]["template"]["spec"]["containers"][0]


def test_what_somebody_else_applies_too_stays(apply):
    apply(deployment(replicas=2))
    apply(deployment(replicas=2), manager="bob")
    without = deployment()
    del without["spec"]["replicas"]
    assert apply(without)["spec"]["replicas"] == 2
    assert apply(without, manager="bob")["spec"]["replicas"] == 1  # nobody wants a number now: the default


def test_a_changed_field_belongs_to_whoever_changed_it(api, apply, refusal):
    apply(deployment(replicas=2))
    patch = {"spec": {"replicas": 5}}
    api.patch(DEPLOYMENTS, "default", "web", patch, MERGE_PATCH, options=Options(field_manager="hpa"))
    status = refusal(apply, deployment(replicas=2))
    assert status["message"].endswith('conflict with "hpa" using apps/v1: .spec.replicas')


def test_scale_is_noted_with_its_subresource(api, apply, refusal):
    apply(deployment(replicas=2))
    patch = {"spec": {"replicas": 5}}
    scaler = Options(field_manager="kubectl")
    api.patch(DEPLOYMENTS, "default", "web", patch, MERGE_PATCH, subresource="scale", options=scaler)
    status = refusal(apply, deployment(replicas=2))
    assert 'conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas' in status["message"]


def test_kubectl_takes_over_what_it_applied_on_the_clients_side(api, apply):
    config = deployment(replicas=2)
    sent = copy(config)
    annotation = "kubectl.kubernetes.io/last-applied-configuration"
    sent["metadata"]["annotations"] = {annotation: json.dumps(config)}
    api.create(DEPLOYMENTS, "default", sent, options=Options(field_manager="kubectl-client-side-apply"))
    made = apply(deployment(replicas=3), manager="kubectl")
    assert made["spec"]["replicas"] == 3
    assert json.loads(made["metadata"]["annotations"][annotation])["spec"]["replicas"] == 3


def test_an_object_without_managers_gets_one_for_what_was_before(api, apply):
    api.create(DEPLOYMENTS, "default", deployment())
    sent = {"metadata": {"managedFields": [{}]}}
    api.patch(DEPLOYMENTS, "default", "web", sent, MERGE_PATCH)
    assert "managedFields" not in api.get(DEPLOYMENTS, "default", "web")["metadata"]
    assert managers(apply(deployment())) == [("ann", "Apply"), ("before-first-apply", "Update")]


def test_status_is_applied_apart(api, apply):
    api.create(DEPLOYMENTS, "default", deployment())
    config = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "status": {"replicas": 4},
    }
    user = Options(field_manager="ann")
    made = api.patch(DEPLOYMENTS, "default", "web", config, APPLY_PATCH, subresource="status", options=user)
    assert made["status"]["replicas"] == 4
    assert made["spec"]["replicas"] == 2


@pytest.mark.parametrize(
    ("change", "options", "code", "words"),
    [
        ({}, {"manager": ""}, 422, 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value'),
        ({"apiVersion": "v1"}, {}, 400, "Incorrect version specified in apply patch."),
        (
            {"spec": {"foo": 1}},
            {},
            400,
            "failed to create typed patch object (default/web; apps/v1, Kind=Deployment): .spec.foo: field not",
        ),
        (
            {"metadata": {"name": "web", "managedFields": [{"manager": "x"}]}},
            {},
            400,
            "metadata.managedFields must be nil",
        ),
        ({"metadata": {"name": "web", "uid": "x"}}, {}, 409, "uid mismatch"),
        ({"spec": {"replicas": -1}}, {}, 422, "spec.replicas: Invalid value: -1"),
    ],
)
def test_what_cannot_be_applied_is_refused(apply, refusal, change, options, code, words):
    status = refusal(apply, {**deployment(), **change}, **options)
    assert status["code"] == code
    assert words in status["message"]


@pytest.mark.parametrize("config", [None, [], "x", 5])
def test_what_is_no_object_is_refused(apply, refusal, config):
    assert refusal(apply, config)["code"] == 400


@pytest.mark.parametrize("there", [False, True])
def test_what_cannot_be_read_as_its_kind_is_refused(api, apply, refusal, there):
    config = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a", "image": "nginx"}]}}
    if there:
        apply(config, resource="pods")
    config = copy(config)
    config["spec"]["containers"][0]["resources"] = {"limits": {"cpu": "lots"}}

    status = refusal(apply, config, resource="pods")

    assert status["code"] == 400
    assert status["message"].startswith(
        "failed to convert new object (default/web; /v1, Kind=Pod) to proper version: quantities must match"
    )
