import pytest

from tinykube.node.fields import FieldError, field_value, full_name, resource_value, with_runtime_fields

POD = {
    "metadata": {
        "name": "web",
        "namespace": "shop",
        "uid": "u-1",
        "labels": {"app": "web", "tier": 'a"b'},
        "annotations": {"note": "x\ny"},
    },
    "spec": {
        "nodeName": "node-1",
        "serviceAccountName": "default",
        "containers": [{"name": "c", "resources": {"limits": {"cpu": "1500m", "memory": "64Mi"}}}, {"name": "d"}],
    },
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("metadata.name", "web"),
        ("metadata.namespace", "shop"),
        ("metadata.uid", "u-1"),
        ("metadata.labels['app']", "web"),
        ("metadata.labels['none']", ""),
        ("metadata.labels", 'app="web"\ntier="a\\"b"'),
        ("metadata.annotations", 'note="x\\ny"'),
        ("spec.nodeName", "node-1"),
        ("status.podIP", "10.244.0.9"),
        ("status.podIPs", "10.244.0.9"),
        ("status.hostIP", "172.18.0.2"),
    ],
)
def test_fields_by_path(path, expected):
    assert field_value(with_runtime_fields(POD, "172.18.0.2", ["10.244.0.9"]), path) == expected


def test_an_unknown_path_is_refused():
    with pytest.raises(FieldError, match=r"unsupported fieldPath: spec\.host"):
        field_value(POD, "spec.host")


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({"containerName": "c", "resource": "limits.cpu"}, "2"),
        ({"containerName": "c", "resource": "limits.cpu", "divisor": "1m"}, "1500"),
        ({"containerName": "c", "resource": "limits.memory", "divisor": "1Mi"}, "64"),
        ({"containerName": "c", "resource": "limits.memory", "divisor": "0"}, "67108864"),
        ({"containerName": "d", "resource": "limits.cpu"}, "4"),
        ({"containerName": "d", "resource": "requests.cpu"}, "0"),
        ({"resource": "limits.cpu"}, "4"),
    ],
)
def test_resources_in_units_of_the_divisor(selector, expected):
    assert resource_value(POD, selector, {"name": "self"}, {"cpu": "4"}) == expected


def test_the_name_in_messages():
    assert full_name(POD) == "web_shop(u-1)"
