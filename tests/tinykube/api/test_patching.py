"""Patches on stored objects: the four media types, and the words for what cannot be applied."""

import pytest
from tests.tinykube.api.examples import deployment

from tinykube.client import JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH, Options

DEPLOYMENTS = "deployments.apps"


@pytest.fixture
def patch(api):
    api.create(DEPLOYMENTS, "default", deployment())

    def patch(body, media_type=STRATEGIC_MERGE_PATCH, **options):
        return api.patch(DEPLOYMENTS, "default", "web", body, media_type, options=Options(**options))

    return patch


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        ({"spec": {"replicas": 5}}, STRATEGIC_MERGE_PATCH),
        ({"spec": {"replicas": 5}}, MERGE_PATCH),
        ([{"op": "replace", "path": "/spec/replicas", "value": 5}], JSON_PATCH),
    ],
)
def test_each_media_type_patches(patch, body, media_type):
    assert patch(body, media_type)["spec"]["replicas"] == 5


def test_only_the_strategic_patch_knows_that_containers_have_names(patch):
    body = {"spec": {"template": {"spec": {"containers": [{"name": "web", "env": [{"name": "A", "value": "b"}]}]}}}}
    (container,) = patch(body)["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "nginx:1.27"
    assert container["env"] == [{"name": "A", "value": "b"}]


def test_a_merge_patch_replaces_the_list(patch, refusal):
    body = {"spec": {"template": {"spec": {"containers": [{"name": "web"}]}}}}
    assert "containers[0].image: Required value" in refusal(patch, body, MERGE_PATCH)["message"]


@pytest.mark.parametrize(
    ("body", "media_type", "code", "words"),
    [
        (
            {"spec": {"replicas": "six"}},
            STRATEGIC_MERGE_PATCH,
            422,
            ' "" is invalid: patch: Invalid value: "map[spec:map[replicas:six]]": unrecognized type: int32',
        ),
        ([{"op": "test", "path": "/spec/replicas", "value": 9}], JSON_PATCH, 422, "the server rejected our request"),
        ([{"op": "replace", "path": "/metadata/name", "value": "x"}], JSON_PATCH, 400, "does not match the name"),
        ([{"op": "replace", "path": "", "value": "x"}], JSON_PATCH, 422, "patch: Invalid value"),
        ([{"op": "replace", "path": "/kind", "value": "Pod"}], JSON_PATCH, 400, "does not match"),
        ([{"op": "remove", "path": "/metadata"}], JSON_PATCH, 200, ""),
        ("text", MERGE_PATCH, 400, "cannot unmarshal string into Go value of type map[string]interface {}"),
        ([], STRATEGIC_MERGE_PATCH, 400, "cannot unmarshal array into Go value"),
        ({"spec": {"selector": None}}, MERGE_PATCH, 422, "spec.selector: Required value"),
        ({"metadata": {"resourceVersion": "1"}}, MERGE_PATCH, 409, "the object has been modified"),
        (
            {"spec": {"template": {"spec": {"containers": [{"image": "x"}]}}}},
            STRATEGIC_MERGE_PATCH,
            500,
            "map: map[image:x] does not contain declared merge key: name",
        ),
        ({}, "text/plain", 415, "the body of the request was in an unknown format"),
    ],
)
def test_patches_that_do_not_fit(patch, refusal, body, media_type, code, words):
    if code == 200:
        patch(body, media_type)
        return
    status = refusal(patch, body, media_type)
    assert status["code"] == code
    assert words in status["message"]


def test_unknown_fields_are_warned_about_refused_or_ignored_as_asked(api, patch, refusal):
    body = {"spec": {"foo": 1}}
    assert "foo" not in patch(body)["spec"]
    warned = Options(field_validation="Warn")
    api.patch(DEPLOYMENTS, "default", "web", body, MERGE_PATCH, options=warned)
    assert warned.warnings == ['unknown field "spec.foo"']
    status = refusal(patch, body, MERGE_PATCH, field_validation="Strict")
    assert status["message"].endswith('strict decoding error: unknown field "spec.foo"')


def test_scale_is_patched_as_a_scale(api, patch):
    body = {"spec": {"replicas": 7}}
    scale = api.patch(DEPLOYMENTS, "default", "web", body, MERGE_PATCH, subresource="scale")
    assert (scale["kind"], scale["spec"]["replicas"]) == ("Scale", 7)


def test_the_stored_object_is_never_changed_in_place(api, patch):
    before = api.get(DEPLOYMENTS, "default", "web")
    labels = dict(before["spec"]["template"]["metadata"]["labels"])
    patch({"spec": {"template": {"metadata": {"labels": {"x": "y"}}}}})
    patch([{"op": "add", "path": "/spec/template/metadata/labels/z", "value": "1"}], JSON_PATCH)
    assert before["spec"]["template"]["metadata"]["labels"] == labels
