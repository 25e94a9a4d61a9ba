"""Request bodies: from bytes to objects."""

import pytest

from tinykube.errors import ApiError
from tinykube.schema import body, protobuf

POD = "v1/Pod"


def refused(data, kind_key=POD, **more):
    with pytest.raises(ApiError) as caught:
        body.read(data, kind_key, **more)
    assert caught.value.code == 400
    return caught.value.status["message"]


def test_a_body_may_leave_out_what_its_path_says():
    read = body.read(b'{"metadata": {"name": "p"}}', "apps/v1/Deployment")
    assert read.object == {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "p"}}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "unexpected end of JSON input"),
        (b"{", "unexpected end of JSON input"),
        (b'{"a" 1}', "invalid character '1' after object key"),
        (b'{"a": 1 "b": 2}', "invalid character '\"' after object key:value pair"),
        (b"[1 2]", "invalid character '2' after array element"),
        (b'{"a": tru}', "invalid character 't' looking for beginning of value"),
        (b"{a: 1}", "invalid character 'a' looking for beginning of object key string"),
        (b"{} x", "invalid character 'x' after top-level value"),
        (b'{"a": NaN}', "invalid character 'N' looking for beginning of value"),
        (b'{"a": "\\q"}', "invalid character 'q' in string escape code"),
    ],
)
def test_bad_json_is_told_in_gos_words(data, words):
    assert f"json parse error: {words}" in refused(data)


def test_a_body_that_is_no_object_is_unrecognized():
    message = refused(b'["a list of more than thirty characters"]')
    assert message.startswith("the object provided is unrecognized (must be of type Pod): couldn't get version/kind; ")
    assert "json: cannot unmarshal array into Go value of type struct { APIVersion string" in message
    assert message.endswith(" ...)")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            b'{"apiVersion": "v1", "kind": "Gizmo"}',
            'Gizmo in version "v1" cannot be handled as a Pod: no kind "Gizmo" is registered for version "v1"',
        ),
        (
            b'{"apiVersion": "apps/v1", "kind": "Deployment"}',
            'Deployment in version "v1" cannot be handled as a Pod: converting (v1.Deployment) to (core.Pod): ',
        ),
    ],
)
def test_another_kind_is_refused(data, words):
    assert refused(data).startswith(words)


def test_another_version_of_the_kind_is_refused():
    data = b'{"apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler"}'
    message = refused(data, "autoscaling/v2/HorizontalPodAutoscaler")
    assert message == (
        "the API version in the data (autoscaling/v1) does not match the expected API version (autoscaling/v2)"
    )


def test_duplicate_keys_are_refused_or_warned_of():
    data = b'{"metadata": {"name": "a", "name": "b"}, "spec": {}, "spec": {"nodeName": "n"}}'
    assert refused(data).endswith('strict decoding error: duplicate field "metadata.name", duplicate field "spec"')
    read = body.read(data, POD, field_validation="Warn")
    assert read.warnings == ['duplicate field "metadata.name"', 'duplicate field "spec"']
    assert read.object["metadata"]["name"] == "b"
    assert read.object["spec"] == {"nodeName": "n"}


def test_numbers_keep_their_spelling_in_errors():
    data = b'{"spec": {"containers": [{"ports": [{"containerPort": 8e1}]}]}}'
    assert "cannot unmarshal number 8e1 into Go struct field" in refused(data)


def test_yaml_is_read_as_go_yaml_does():
    text = b"metadata:\n  name: p\n  annotations: {day: 2024-01-01}\nspec:\n  hostUsers: no\n"
    read = body.read(text, POD, "application/yaml").object
    assert read["metadata"] == {"name": "p", "annotations": {"day": "2024-01-01"}}
    assert read["spec"] == {"hostUsers": False}


def test_bad_yaml_names_the_line():
    assert "yaml: line 2: " in refused(b"a: b\n  c: d: e\n", content_type="application/yaml")


def test_a_yaml_key_given_twice_is_refused():
    message = refused(b"metadata:\n  name: a\n  name: b\n", content_type="application/apply-patch+yaml")
    assert message.endswith('strict decoding error: key "name" already set in map')


def test_protobuf_is_read_by_its_content_type():
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "a"}]}}
    assert body.read(protobuf.encode(pod), POD, protobuf.CONTENT_TYPE).object == pod


def test_parse_gives_plain_values_for_patches():
    assert body.parse(b'{"a": [1, 2.5, null]}') == {"a": [1, 2.5, None]}
    assert type(body.parse(b"2.5")) is float
    with pytest.raises(ApiError):
        body.parse(b"{")


def test_half_a_surrogate_pair_becomes_the_replacement_character():
    read = body.read(b'{"metadata": {"name": "a\\ud800b"}}', POD).object
    assert read["metadata"]["name"] == "a\ufffdb"
