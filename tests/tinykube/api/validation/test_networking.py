"""Ingresses and network policies that are refused, in upstream's words."""

import pytest
from tests.tinykube.api.validation.pipeline import created

BACKEND = {"service": {"name": "s", "port": {"number": 80}}}
SUBDOMAIN = "a lowercase RFC 1123 subdomain must consist of"


def ingress(**spec):
    return {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "i"}, "spec": spec}


def rule(host=None, **path):
    found = {"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": BACKEND, **path}]}}
    return ingress(rules=[{"host": host, **found} if host else found])


def policy(**spec):
    kind = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "x"}}
    return {**kind, "spec": {"podSelector": {}, **spec}}


def allowing(*peers, ports=()):
    return policy(ingress=[{"from": list(peers), "ports": list(ports)}])


def to(**port):
    return {"service": {"name": "s", "port": port}}


PATH = "spec.rules[0].http.paths[0]"
PEER = "spec.ingress[0].from[0]"
PORT = "spec.ingress[0].ports[0]"
CASES = [
    (ingress(), ["spec: Invalid value: null: either `defaultBackend` or `rules` must be specified"]),
    (rule("1.2.3.4"), ['spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address']),
    (rule("A_b"), [f'spec.rules[0].host: Invalid value: "A_b": {SUBDOMAIN}']),
    (rule("*.a_b"), ['spec.rules[0].host: Invalid value: "*.a_b": a wildcard DNS-1123 subdomain must start with']),
    (rule(pathType=None), [f"{PATH}.pathType: Required value: pathType must be specified"]),
    (rule(path="/a/../b/.."), [
        f"""{PATH}.path: Invalid value: "/a/../b/..": must not contain '/../'""",
        f"""{PATH}.path: Invalid value: "/a/../b/..": cannot end with '/..'""",
    ]),
    (rule(path="a", pathType="ImplementationSpecific"), [
        f'{PATH}.path: Invalid value: "a": must be an absolute path',
    ]),
    (rule(path="", pathType="ImplementationSpecific"), []),
    (rule(backend={**BACKEND, "resource": {"kind": "a", "name": "b"}}), [
        f'{PATH}.backend: Invalid value: "": cannot set both resource and service backends',
    ]),
    (rule(backend=to(name="a", number=1)), [
        f'{PATH}.backend: Invalid value: "": cannot set both port name & port number',
    ]),
    (rule(backend=to(number=70000)), [
        f"{PATH}.backend.service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive",
    ]),
    (rule(backend=to(name="web_1")), [
        f'{PATH}.backend.service.port.name: Invalid value: "web_1": must contain only alpha-numeric characters',
    ]),
    (ingress(defaultBackend=BACKEND, tls=[{"hosts": ["a_b"], "secretName": "S_"}], ingressClassName="C_"), [
        f'spec.tls[0].hosts[0]: Invalid value: "a_b": {SUBDOMAIN}',
        f'spec.tls[0].secretName: Invalid value: "S_": {SUBDOMAIN}',
        f'spec.ingressClassName: Invalid value: "C_": {SUBDOMAIN}',
    ]),
    (policy(policyTypes=["ingress"]), [
        'spec.policyTypes[0]: Unsupported value: "ingress": supported values: "Ingress", "Egress"',
    ]),
    (policy(policyTypes=["Ingress"] * 3), [
        'spec.policyTypes: Invalid value: ["Ingress","Ingress","Ingress"]: may not specify more than two policyTypes',
    ]),
    (allowing({}), [f"{PEER}: Required value: must specify a peer"]),
    (allowing({"ipBlock": {"cidr": "10.0.0.0/8"}, "podSelector": {}}), [
        f"{PEER}: Forbidden: may not specify both ipBlock and another peer",
    ]),
    (allowing({"ipBlock": {"cidr": "1.2.3.4"}}), [
        f'{PEER}.ipBlock.cidr: Invalid value: "1.2.3.4": must be a valid CIDR value, (e.g. 10.9.8.0/24',
    ]),
    (allowing({"ipBlock": {"cidr": "10.0.0.0/8", "except": ["11.0.0.0/9"]}}), [
        f'{PEER}.ipBlock.except[0]: Invalid value: "11.0.0.0/9": must be a strict subset of `cidr`',
    ]),
    (allowing(ports=[{"protocol": "HTTP", "port": 80, "endPort": 70}]), [
        f'{PORT}.protocol: Unsupported value: "HTTP": supported values: "TCP", "UDP", "SCTP"',
        f"{PORT}.endPort: Invalid value: 70: must be greater than or equal to `port`",
    ]),
    (allowing(ports=[{"endPort": 70}]), [
        f"{PORT}.endPort: Invalid value: 70: may not be specified when `port` is not specified",
    ]),
    (allowing(ports=[{"port": "web", "endPort": 70}]), [
        f"{PORT}.endPort: Invalid value: 70: may not be specified when `port` is non-numeric",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("manifest", "expected"), CASES)
def test_every_reason_is_given(manifest, expected):
    said = created(manifest)
    assert [text[: len(start)] for text, start in zip(said, expected, strict=True)] == expected
