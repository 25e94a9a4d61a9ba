import pytest
from tests.tinykube.api.validation.pipeline import stored

from tinykube.api.validation import warnings

HOSTNAME = (
    "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is "
    "recommended: [a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
    "start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')]"
)
CASES = [
    ("name: a.b", "containers: [{name: a, image: b}]", [HOSTNAME]),
    (
        "name: p",
        "containers: [{name: a, image: b, env: [{name: A, value: x}, {name: A, value: y}]}]",
        ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
    ),
    ("name: p", "containers: [{name: a, image: b, env: [{name: A, value: x}, {name: A, value: $(A)y}]}]", []),
    (
        "name: p",
        "nodeSelector: {beta.kubernetes.io/os: linux}, containers: [{name: a, image: b}]",
        ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
    ),
    (
        "name: p",
        "containers: [{name: a, image: b, resources: {requests: {memory: 500m}}}]",
        [
            'spec.containers[0].resources.requests[memory]: fractional byte value "500m" is invalid, must be an '
            "integer",
        ],
    ),
    (
        "name: p",
        "terminationGracePeriodSeconds: -1, containers: [{name: a, image: b}]",
        ["spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"],
    ),
]


@pytest.mark.parametrize(("meta", "spec", "expected"), CASES)
def test_pods(meta, spec, expected):
    kind_key, obj = stored(f"apiVersion: v1\nkind: Pod\nmetadata: {{{meta}}}\nspec: {{{spec}}}\n")
    assert warnings(kind_key, obj) == expected


def test_templates_are_looked_at_when_they_change():
    kind_key, obj = stored(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {selector: {matchLabels: {a: b}}, template: "
        "{spec: {nodeSelector: {beta.kubernetes.io/arch: x}, containers: [{name: a, image: b}]}}}\n"
    )
    expected = (
        'spec.template.spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use "kubernetes.io/arch"'
    )
    assert warnings(kind_key, obj) == [f"{expected} instead"]
    assert warnings(kind_key, obj, obj) == []


def test_endpoints_are_on_their_way_out():
    assert warnings("v1/Endpoints", {"metadata": {}}) == [
        "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"
    ]
