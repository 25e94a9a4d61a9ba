"""Decoding: what is refused, in which words, and what is dropped."""

import json
from pathlib import Path

import pytest

from tinykube import schema
from tinykube.errors import ApiError
from tinykube.objects import copy
from tinykube.schema import decoder

POD, DEPLOYMENT = "v1/Pod", "apps/v1/Deployment"
RECORDED = json.loads((Path(__file__).parent / "recorded.json").read_text("utf-8"))


def pod(**container):
    return {"spec": {"containers": [{"name": "a", "image": "busybox", **container}]}}


# Measured on a v1.36.2 server.
MEASURED = [
    (
        POD,
        {"spec": {"conatiners": [], "containers": []}},
        'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.conatiners"',
    ),
    (
        POD,
        pod(imagePullpolicy="Always"),
        'Pod in version "v1" cannot be handled as a Pod: strict decoding error: '
        'unknown field "spec.containers[0].imagePullpolicy"',
    ),
    (
        POD,
        pod(ports=[{"containerPort": "eighty"}]),
        'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field '
        "ContainerPort.spec.containers.ports.containerPort of type int32",
    ),
    (
        POD,
        pod(resources={"requests": {"memory": "64 megs"}}),
        'Pod in version "v1" cannot be handled as a Pod: quantities must match the regular expression '
        "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ),
    (
        DEPLOYMENT,
        {"spec": {"replicas": "three"}},
        'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct '
        "field DeploymentSpec.spec.replicas of type int32",
    ),
    (
        "v1/Secret",
        {"data": {"k": "***"}},
        'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0',
    ),
]
# Derived from the decoder's source.
DERIVED = [
    (POD, {"metadata": {"labels": {"v": 1}}}, "number into Go struct field ObjectMeta.metadata.labels of type string"),
    (
        POD,
        {"metadata": {"labels": []}},
        "array into Go struct field ObjectMeta.metadata.labels of type map[string]string",
    ),
    (POD, {"metadata": "x"}, "string into Go struct field Pod.metadata of type v1.ObjectMeta"),
    (
        POD,
        {"spec": {"restartPolicy": 5}},
        "number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy",
    ),
    (POD, {"spec": {"hostNetwork": "yes"}}, "string into Go struct field PodSpec.spec.hostNetwork of type bool"),
    (POD, {"spec": {"containers": {}}}, "object into Go struct field PodSpec.spec.containers of type []v1.Container"),
    (POD, pod(args=[5]), "number into Go struct field Container.spec.containers.args of type string"),
    (POD, pod(args="sh"), "string into Go struct field Container.spec.containers.args of type []string"),
    (
        POD,
        pod(ports=[{"containerPort": 3_000_000_000}]),
        "number 3000000000 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
    ),
    (
        POD,
        pod(ports=[{"containerPort": 80.5}]),
        "number 80.5 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
    ),
    (
        POD,
        pod(livenessProbe={"httpGet": {"port": True}}),
        "bool into Go struct field HTTPGetAction.spec.containers.livenessProbe.httpGet.port of type int32",
    ),
    (
        POD,
        {"metadata": {"creationTimestamp": 5}},
        "number into Go struct field ObjectMeta.metadata.creationTimestamp of type string",
    ),
    ("v1/Secret", {"data": {"a": 5}}, "number into Go struct field Secret.data of type []uint8"),
]


@pytest.mark.parametrize(("kind_key", "obj", "message"), MEASURED)
def test_a_refusal_reads_as_the_real_one(kind_key, obj, message):
    with pytest.raises(ApiError) as caught:
        schema.decode(kind_key, obj)
    assert (caught.value.code, caught.value.reason) == (400, "BadRequest")
    assert caught.value.status["message"] == message


@pytest.mark.parametrize(("kind_key", "obj", "message"), DERIVED)
def test_a_wrong_type_names_struct_path_and_go_type(kind_key, obj, message):
    assert decoder.unmarshal(kind_key, obj).error == f"json: cannot unmarshal {message}"


def test_the_first_type_error_wins_over_unknown_fields():
    obj = {"spec": {"nonsense": 1, "hostNetwork": "a", "nodeName": 7}}
    assert decoder.unmarshal(POD, obj).error.endswith("PodSpec.spec.hostNetwork of type bool")


def test_a_type_that_reads_itself_ends_the_reading():
    obj = pod(args=5, resources={"limits": {"cpu": "much"}})
    assert decoder.unmarshal(POD, obj).error.startswith("quantities must match")


def test_unknown_fields_are_told_together_in_the_order_of_the_document():
    obj = {"spec": {"a": 1, "containers": [{"b": 1}, {"b": 1}], "c": 1}, "d": {}}
    with pytest.raises(ApiError) as caught:
        schema.decode(POD, obj)
    assert caught.value.status["message"].endswith(
        'strict decoding error: unknown field "spec.a", unknown field "spec.containers[0].b", '
        'unknown field "spec.containers[1].b", unknown field "spec.c", unknown field "d"'
    )


def test_no_more_than_a_hundred_unknown_fields_are_told():
    obj = {"spec": {f"field{i}": i for i in range(150)}}
    assert len(decoder.unmarshal(POD, obj).strict) == decoder.MOST_STRICT_ERRORS


def test_warn_returns_warnings_and_drops_the_fields():
    obj = {"spec": {"x": 1, "nodeName": "n"}, "Spec": {}}
    assert schema.decode(POD, obj, "Warn") == ['unknown field "spec.x"', 'unknown field "Spec"']
    assert obj == {"spec": {"nodeName": "n"}}


def test_ignore_drops_without_a_word():
    obj = {"spec": {"x": 1}}
    assert schema.decode(POD, obj, "Ignore") == []
    assert obj == {"spec": {}}


def test_duplicate_fields_are_told_with_their_path():
    labels = decoder.Pairs({"a": "2"})
    labels.pairs = [("a", "1"), ("a", "2")]
    meta = decoder.Pairs({"name": "y", "labels": labels})
    meta.pairs = [("name", "x"), ("labels", labels), ("name", "y")]
    read = decoder.unmarshal(POD, {"metadata": meta})
    assert read.strict == ['duplicate field "metadata.labels.a"', 'duplicate field "metadata.name"']
    assert read.object == {"metadata": {"name": "y", "labels": {"a": "2"}}}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"nodeName": None, "hostname": ""}, {}),
        ({"hostNetwork": False, "hostUsers": False}, {"hostUsers": False}),
        ({"terminationGracePeriodSeconds": 0}, {"terminationGracePeriodSeconds": 0}),
        ({"initContainers": [], "nodeSelector": {}, "containers": []}, {"containers": []}),
        ({"securityContext": {}, "affinity": {}}, {"securityContext": {}, "affinity": {}}),
        ({"containers": [{"args": [None, ""]}]}, {"containers": [{"args": ["", ""]}]}),
        (
            {"containers": [{"resources": {"limits": {"cpu": 1}}}]},
            {"containers": [{"resources": {"limits": {"cpu": "1"}}}]},
        ),
        ({"volumes": [{"name": "v", "emptyDir": {}}]}, {"volumes": [{"name": "v", "emptyDir": {}}]}),
    ],
)
def test_what_go_would_not_write_back_is_dropped(given, kept):
    obj = {"spec": given}
    schema.decode(POD, obj)
    assert obj == {"spec": kept}


def test_times_come_back_in_utc():
    obj = {"metadata": {"creationTimestamp": "2024-03-01T00:00:00.9+02:00"}}
    schema.decode(POD, obj)
    assert obj["metadata"]["creationTimestamp"] == "2024-02-29T22:00:00Z"


def test_any_json_passes_where_the_schema_is_open():
    fields = {"f:spec": {"f:a": {".": {}}}, "n": [1, 2.5, None, "x"]}
    obj = {"metadata": {"managedFields": [{"fieldsV1": fields}]}}
    schema.decode(POD, obj)
    assert obj["metadata"]["managedFields"][0]["fieldsV1"] == fields


@pytest.mark.parametrize("obj", RECORDED, ids=lambda o: f"{o['kind']}-{o['metadata']['name']}")
def test_recorded_objects_pass_unchanged(obj):
    read = copy(obj)
    assert schema.decode(f"{obj['apiVersion']}/{obj['kind']}", read) == []
    for condition in obj.get("status", {}).get("conditions", ()):
        # written as null by the server's own encoder; null and absent are one
        if condition.get("lastProbeTime", "") is None:
            del condition["lastProbeTime"]
    assert read == obj


def test_the_input_of_unmarshal_stays_as_it_was():
    obj = {"spec": {"x": 1, "nodeName": None}}
    before = copy(obj)
    decoder.unmarshal(POD, obj)
    assert obj == before


def test_a_deep_nest_is_refused_not_crashed_on():
    deep = inner = {}
    for _ in range(5000):
        inner["f"] = inner = {}
    read = decoder.unmarshal(POD, {"metadata": {"managedFields": [{"fieldsV1": deep}]}})
    assert read.error == "exceeded max depth"
