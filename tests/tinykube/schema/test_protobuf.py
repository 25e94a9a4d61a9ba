"""Protobuf bodies, with some that kubectl 1.32 really sent."""

import base64
import json
from pathlib import Path

import pytest

from tinykube.errors import ApiError
from tinykube.schema import protobuf

HERE = Path(__file__).parent
BODIES = json.loads((HERE / "kubectl_bodies.json").read_text("utf-8"))
RECORDED = json.loads((HERE / "recorded.json").read_text("utf-8"))


def sent(command):
    return protobuf.decode(base64.b64decode(BODIES[command]))


def test_create_deployment():
    assert sent("deployment d --image=nginx --replicas=2 --port=80") == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d", "namespace": "d", "labels": {"app": "d"}},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "d"}},
            "template": {
                "metadata": {"labels": {"app": "d"}},
                "spec": {
                    "containers": [
                        {"name": "nginx", "image": "nginx", "ports": [{"containerPort": 80}], "resources": {}}
                    ]
                },
            },
            "strategy": {},
        },
        "status": {},
    }


@pytest.mark.parametrize(
    ("command", "path", "value"),
    [
        ("secret generic s --from-literal=a=b", "data", {"a": "Yg=="}),
        ("configmap c --from-literal=a=b", "data", {"a": "b"}),
        ("job j --image=busybox -- sh -c date", "kind", "Job"),
        ("cronjob c --image=busybox --schedule=*/5 * * * * -- date", "kind", "CronJob"),
        ("quota q --hard=cpu=1", "spec", {"hard": {"cpu": "1"}}),
        ("priorityclass pc --value=5", "value", 5),
        ("namespace n", "metadata", {"name": "n"}),
    ],
)
def test_other_things_that_kubectl_creates(command, path, value):
    assert sent(command)[path] == value


def test_int_or_string_is_what_was_meant():
    ports = sent("service clusterip s --tcp=80:8080")["spec"]["ports"]
    assert ports == [{"name": "80-8080", "protocol": "TCP", "port": 80, "targetPort": 8080}]
    assert sent("poddisruptionbudget pdb --selector=a=b --min-available=1")["spec"]["minAvailable"] == 1


@pytest.mark.parametrize("command", BODIES)
def test_what_kubectl_sent_survives_a_round_trip(command):
    obj = sent(command)
    assert protobuf.decode(protobuf.encode(obj)) == obj


@pytest.mark.parametrize("obj", RECORDED, ids=lambda o: f"{o['kind']}-{o['metadata']['name']}")
def test_recorded_objects_survive_a_round_trip(obj):
    for condition in obj.get("status", {}).get("conditions", ()):
        if condition.get("lastProbeTime", "") is None:
            del condition["lastProbeTime"]
    assert protobuf.decode(protobuf.encode(obj)) == obj


def test_embedded_structs_are_flat_in_json():
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "spec": {
            "containers": [
                {
                    "name": "a",
                    "livenessProbe": {"tcpSocket": {"port": "http"}, "periodSeconds": 3},
                    "env": [{"name": "E", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
                }
            ],
            "ephemeralContainers": [{"name": "e", "image": "i", "targetContainerName": "a"}],
            "volumes": [{"name": "v", "configMap": {"name": "c", "defaultMode": 420}}],
        },
    }
    assert protobuf.decode(protobuf.encode(pod)) == pod


def test_raw_json_inside_objects_survives():
    obj = {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {"name": "r", "managedFields": [{"fieldsV1": {"f:data": {}}}]},
        "data": {"spec": {"template": {"a": [1, None, "x"]}}},
        "revision": 3,
    }
    assert protobuf.decode(protobuf.encode(obj)) == obj


@pytest.mark.parametrize(
    "kind_key",
    [
        "v1/DeleteOptions",
        "apps/v1/DeleteOptions",
        "v1/Status",
        "policy/v1/Eviction",
        "autoscaling/v1/Scale",
        "v1/Binding",
        "v1/PodList",
        "authentication.k8s.io/v1/TokenRequest",
        "events.k8s.io/v1/Event",
        "coordination.k8s.io/v1/Lease",
    ],
)
def test_kinds_that_clients_send_or_ask_for_are_known(kind_key):
    assert protobuf.knows(kind_key)


def test_field_names_that_protobuf_spells_differently():
    obj = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "metadata": {},
        "spec": {"audiences": ["a"], "boundObjectRef": {"kind": "Pod", "uid": "u"}},
        "status": {"token": "t", "expirationTimestamp": "2024-01-01T00:00:00Z"},
    }
    assert protobuf.decode(protobuf.encode(obj)) == obj


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "does not appear to be a protobuf message, expected prefix [107 56 115 0]"),
        (b'{"kind": "Pod"}', "does not appear to be a protobuf message"),
        (b"k8s\x00\xff\xff\xff", "is no protobuf message of the Kubernetes API"),
        (b"k8s\x00", "no protobuf message is known for kind (none)"),
    ],
)
def test_what_is_no_protobuf_is_refused(data, words):
    with pytest.raises(ApiError) as caught:
        protobuf.decode(data)
    assert caught.value.code == 400
    assert words in caught.value.status["message"]


def test_a_kind_without_messages_is_not_acceptable():
    with pytest.raises(ApiError) as caught:
        protobuf.encode({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"})
    assert caught.value.code == 406
