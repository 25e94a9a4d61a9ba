import base64

import pytest

from tinykube.node.payload import Entry, SetUpError, Sources, payload, references

CFG = {"data": {"LEVEL": "debug", "app.conf": "a=1\n"}, "binaryData": {"raw": base64.b64encode(b"\0\1").decode()}}
SECRET = {"data": {"password": base64.b64encode(b"s3cret").decode()}}
POD = {"metadata": {"name": "p", "namespace": "shop", "labels": {"app": "p"}}, "spec": {"containers": [{"name": "c"}]}}


def files(volume):
    return payload(
        {"name": "v", **volume},
        Sources(
            POD,
            {"cfg": CFG}.get,
            {"sec": SECRET}.get,
            lambda spec: f"token for {spec.get('audience', 'api')}",
            {"cpu": "4"},
            {}.__getitem__,
        ),
    )


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        (
            {"configMap": {"name": "cfg", "defaultMode": 0o600}},
            {"LEVEL": Entry(b"debug", 0o600), "app.conf": Entry(b"a=1\n", 0o600), "raw": Entry(b"\0\1", 0o600)},
        ),
        (
            {"configMap": {"name": "cfg", "items": [{"key": "LEVEL", "path": "deep/level", "mode": 0o400}]}},
            {"deep/level": Entry(b"debug", 0o400)},
        ),
        ({"configMap": {"name": "no", "optional": True}}, {}),
        ({"secret": {"secretName": "sec"}}, {"password": Entry(b"s3cret")}),
        (
            {"downwardAPI": {"items": [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]}},
            {"labels": Entry(b'app="p"')},
        ),
        (
            {
                "downwardAPI": {
                    "items": [{"path": "cpu", "resourceFieldRef": {"containerName": "c", "resource": "limits.cpu"}}]
                }
            },
            {"cpu": Entry(b"4")},
        ),
        (
            {
                "projected": {
                    "defaultMode": 0o440,
                    "sources": [
                        {"serviceAccountToken": {"path": "token"}},
                        {"configMap": {"name": "cfg", "items": [{"key": "LEVEL", "path": "l"}]}},
                        {"secret": {"name": "sec"}},
                    ],
                }
            },
            {"token": Entry(b"token for api", 0o440), "l": Entry(b"debug", 0o440), "password": Entry(b"s3cret", 0o440)},
        ),
    ],
)
def test_files_of_a_volume(volume, expected):
    assert files(volume) == expected


@pytest.mark.parametrize(
    ("volume", "message"),
    [
        ({"configMap": {"name": "nope"}}, 'configmap "nope" not found'),
        ({"secret": {"secretName": "nope"}}, 'secret "nope" not found'),
        ({"configMap": {"name": "cfg", "items": [{"key": "x", "path": "x"}]}}, "references non-existent config key: x"),
        (
            {"secret": {"secretName": "sec", "items": [{"key": "x", "path": "x"}]}},
            "references non-existent secret key: x",
        ),
        ({"projected": {"sources": [{"configMap": {"name": "nope"}}]}}, 'configmap "nope" not found'),
    ],
)
def test_what_is_missing_is_named(volume, message):
    with pytest.raises(SetUpError) as problem:
        files(volume)
    assert str(problem.value) == message


def test_references_of_a_pod():
    volumes = [
        {"name": "a", "configMap": {"name": "cfg"}},
        {"name": "b", "secret": {"secretName": "sec"}},
        {"name": "c", "projected": {"sources": [{"secret": {"name": "other"}}]}},
        {"name": "d", "emptyDir": {}},
    ]
    assert references({"spec": {"volumes": volumes}}) == {("ConfigMap", "cfg"), ("Secret", "sec"), ("Secret", "other")}
