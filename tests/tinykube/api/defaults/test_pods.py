import pytest

from tinykube.api.defaults import default
from tinykube.api.defaults.pods import pull_policy


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("nginx:1.27", "IfNotPresent"),
        ("registry:5000/nginx", "Always"),
        ("registry:5000/nginx:1", "IfNotPresent"),
        ("nginx@sha256:0123", "IfNotPresent"),
    ],
)
def test_pull_policy_follows_the_tag(image, policy):
    assert pull_policy(image) == policy


def pod(spec):
    obj = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
    default("v1/Pod", obj)
    return obj["spec"]


def test_requests_default_to_limits():
    found = pod({"containers": [{"name": "a", "image": "b", "resources": {"limits": {"cpu": "1000m"}}}]})
    assert found["containers"][0]["resources"] == {"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}


def test_host_network_ports_are_host_ports():
    found = pod({"hostNetwork": True, "containers": [{"name": "a", "image": "b", "ports": [{"containerPort": 80}]}]})
    assert found["containers"][0]["ports"] == [{"containerPort": 80, "hostPort": 80, "protocol": "TCP"}]


def test_what_the_json_never_shows_is_left_out():
    found = pod({"hostNetwork": False, "containers": [{"name": "a", "image": "b", "command": [], "tty": False}]})
    assert "hostNetwork" not in found
    assert not {"command", "tty"} & set(found["containers"][0])


def test_volumes_and_sources():
    found = pod(
        {
            "volumes": [
                {"name": "e"},
                {"name": "s", "secret": {"secretName": "x"}},
                {"name": "h", "hostPath": {"path": "/"}},
            ],
            "containers": [
                {
                    "name": "a",
                    "image": "b",
                    "env": [{"name": "C", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}}],
                }
            ],
            "serviceAccountName": "robot",
        }
    )
    assert found["volumes"] == [
        {"name": "e", "emptyDir": {}},
        {"name": "s", "secret": {"secretName": "x", "defaultMode": 420}},
        {"name": "h", "hostPath": {"path": "/", "type": ""}},
    ]
    assert found["containers"][0]["env"][0]["valueFrom"]["resourceFieldRef"]["divisor"] == "0"
    assert found["serviceAccount"] == "robot"
