import base64

import pytest

from tinykube.node.env import ConfigError, Sources, environment, expand, service_variables

MAP = {"kind": "ConfigMap", "data": {"LEVEL": "debug"}}
SECRET = {"kind": "Secret", "data": {"password": base64.b64encode(b"s3cret").decode()}}
POD = {"metadata": {"name": "envs", "namespace": "shop", "uid": "u"}, "spec": {"nodeName": "node-1", "containers": []}}


def sources(services=None):
    return Sources(
        pod=POD,
        config_map={"cfg": MAP}.get,
        secret={"db": SECRET}.get,
        allocatable={"cpu": "4"},
        services=services or {},
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello $(POD)", "hello envs"),
        ("$(MISSING)", "$(MISSING)"),
        ("$$(POD)", "$(POD)"),
        ("$$$(POD)", "$envs"),
        ("100% $HOME $", "100% $HOME $"),
        ("$(POD", "$(POD"),
    ],
)
def test_expansion(text, expected):
    assert expand(text, {"POD": "envs"}) == expected


def test_every_source_and_their_order():
    container = {
        "name": "m",
        "envFrom": [{"configMapRef": {"name": "cfg"}}, {"prefix": "DB_", "secretRef": {"name": "db"}}],
        "env": [
            {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
            {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
            {"name": "NOTHING", "valueFrom": {"configMapKeyRef": {"name": "no", "key": "k", "optional": True}}},
            {"name": "GREETING", "value": "hello $(POD) at $(WEB_SERVICE_HOST)"},
            {"name": "LEVEL", "value": "info"},
        ],
    }
    assert environment(container, sources({"WEB_SERVICE_HOST": "10.96.3.4"})) == {
        "WEB_SERVICE_HOST": "10.96.3.4",
        "LEVEL": "info",
        "DB_password": "s3cret",
        "POD": "envs",
        "CPU": "4",
        "PASSWORD": "s3cret",
        "GREETING": "hello envs at 10.96.3.4",
    }


@pytest.mark.parametrize(
    ("container", "message"),
    [
        (
            {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "db-config", "key": "k"}}}]},
            'secret "db-config" not found',
        ),
        (
            {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "no", "key": "k"}}}]},
            'configmap "no" not found',
        ),
        (
            {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "cfg", "key": "no"}}}]},
            "couldn't find key no in ConfigMap shop/cfg",
        ),
        (
            {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "db", "key": "no"}}}]},
            "couldn't find key no in Secret shop/db",
        ),
        ({"envFrom": [{"configMapRef": {"name": "no"}}]}, 'configmap "no" not found'),
        ({"envFrom": [{"secretRef": {"name": "no"}}]}, 'secret "no" not found'),
    ],
)
def test_what_is_missing_is_named(container, message):
    with pytest.raises(ConfigError) as problem:
        environment({"name": "c", **container}, sources())
    assert str(problem.value) == message


def service(name, namespace, ip, *ports):
    return {"metadata": {"name": name, "namespace": namespace}, "spec": {"clusterIP": ip, "ports": list(ports)}}


SERVICES = [
    service("kubernetes", "default", "10.96.0.1", {"name": "https", "port": 443, "protocol": "TCP"}),
    service("my-db", "shop", "10.96.7.7", {"port": 5432, "protocol": "TCP"}),
    service("headless", "shop", "None", {"port": 80}),
    service("other", "elsewhere", "10.96.8.8", {"port": 80}),
]


def test_service_variables_as_recorded():
    assert service_variables(SERVICES, "shop", links=False) == {
        "KUBERNETES_PORT": "tcp://10.96.0.1:443",
        "KUBERNETES_PORT_443_TCP": "tcp://10.96.0.1:443",
        "KUBERNETES_PORT_443_TCP_ADDR": "10.96.0.1",
        "KUBERNETES_PORT_443_TCP_PORT": "443",
        "KUBERNETES_PORT_443_TCP_PROTO": "tcp",
        "KUBERNETES_SERVICE_HOST": "10.96.0.1",
        "KUBERNETES_SERVICE_PORT": "443",
        "KUBERNETES_SERVICE_PORT_HTTPS": "443",
    }


def test_services_of_the_namespace_join_when_links_are_on():
    found = service_variables(SERVICES, "shop", links=True)
    assert found["MY_DB_SERVICE_HOST"] == "10.96.7.7"
    assert not [name for name in found if name.startswith(("HEADLESS", "OTHER"))]
