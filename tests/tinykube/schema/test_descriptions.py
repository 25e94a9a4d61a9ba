"""Descriptions: from the Python client, completed where it is silent."""

import pytest

from tinykube.schema import descriptions, tables


@pytest.mark.parametrize(
    ("definition", "field", "start"),
    [
        ("core.v1.Container", "name", "Name of the container specified as a DNS_LABEL."),
        ("core.v1.Probe", "exec", "Exec specifies a command to execute in the container."),
        ("core.v1.PodSpec", "affinity", "If specified, the pod's scheduling constraints"),
        ("apps.v1.DeploymentSpec", "replicas", "Number of desired pods."),
        ("core.v1.Event", "involvedObject", "The object that this event is about."),
        ("discovery.v1.EndpointPort", "appProtocol", "The application protocol for this port."),
    ],
)
def test_a_field_is_described(definition, field, start):
    assert descriptions.of_field(definition, field).startswith(start)


def test_a_definition_is_described():
    assert descriptions.of_definition("core.v1.Pod").startswith(
        "Pod is a collection of containers that can run on a host."
    )
    assert descriptions.of_definition("pkg.api.resource.Quantity").startswith(
        "Quantity is a fixed-point representation"
    )


def test_nobody_knows_a_field_that_is_not_there():
    assert descriptions.of_field("core.v1.Pod", "nonsense") == ""
    assert descriptions.of_definition("core.v1.Gizmo") == ""


def test_line_ends_are_kept_where_learners_read():
    assert "\n\n" in descriptions.of_field("core.v1.PodSpec", "os")


def test_nearly_every_field_is_described():
    fields = [(name, field) for name, table in tables.definitions().items() for field in table["f"]]
    silent = [(name, field) for name, field in fields if not descriptions.of_field(name, field)]
    assert len(silent) < len(fields) * 0.05, silent[:20]
