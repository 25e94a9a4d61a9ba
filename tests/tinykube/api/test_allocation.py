"""Cluster IPs and node ports: given, kept, refused, and free again."""

import ipaddress

import pytest
from tests.tinykube.api.examples import service

from tinykube.client import MERGE_PATCH, Options

CIDR = ipaddress.ip_network("10.96.0.0/12")


def create(api, name="web", **spec):
    return api.create("services", "default", service(name, **spec))["spec"]


def patch(api, spec, name="web"):
    return api.patch("services", "default", name, {"spec": spec}, MERGE_PATCH)["spec"]


def test_a_service_gets_an_address_of_the_range(api):
    spec = create(api)
    assert ipaddress.ip_address(spec["clusterIP"]) in CIDR
    assert spec["clusterIPs"] == [spec["clusterIP"]]
    assert (spec["ipFamilies"], spec["ipFamilyPolicy"]) == (["IPv4"], "SingleStack")


@pytest.mark.parametrize(
    ("spec", "families", "policy"),
    [
        ({"clusterIP": "None", "selector": None}, ["IPv4", "IPv6"], "RequireDualStack"),
        ({"clusterIP": "None", "selector": None, "ipFamilyPolicy": "SingleStack"}, ["IPv4"], "SingleStack"),
        ({"clusterIP": "None"}, ["IPv4"], "SingleStack"),
        ({"ipFamilyPolicy": "PreferDualStack"}, ["IPv4"], "PreferDualStack"),
    ],
)
def test_a_service_has_the_clusters_family_unless_its_addresses_come_from_elsewhere(api, spec, families, policy):
    made = create(api, **spec)
    assert (made["ipFamilies"], made["ipFamilyPolicy"]) == (families, policy)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"ipFamilies": ["IPv6"]}, 'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster'),
        (
            {"ipFamilyPolicy": "RequireDualStack"},
            'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack '
            "services",
        ),
    ],
)
def test_families_that_the_cluster_has_not_are_refused(api, refusal, spec, said):
    status = refusal(create, api, **spec)
    assert status["message"] == f'Service "web" is invalid: {said}'


def test_addresses_and_ports_are_given_once(api):
    specs = [create(api, f"s{n}", type="NodePort") for n in range(50)]
    assert len({s["clusterIP"] for s in specs}) == 50
    ports = {s["ports"][0]["nodePort"] for s in specs}
    assert len(ports) == 50
    assert all(30000 <= p <= 32767 for p in ports)


def test_headless_and_external_services_get_none(api):
    assert create(api, clusterIP="None")["clusterIPs"] == ["None"]
    external = create(api, "ext", type="ExternalName", externalName="example.com")
    assert "clusterIP" not in external


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (
            {"clusterIP": "10.96.0.1"},
            'spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: '
            "provided IP is already allocated",
        ),
        (
            {"clusterIP": "192.168.0.1"},
            'spec.clusterIPs: Invalid value: ["192.168.0.1"]: failed to allocate IP 192.168.0.1: the '
            "provided network does not match the current range",
        ),
        (
            {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]},
            "spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated",
        ),
        (
            {"type": "NodePort", "ports": [{"port": 80, "nodePort": 80}]},
            "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. "
            "The range of valid ports is 30000-32767",
        ),
    ],
)
def test_what_cannot_be_given_is_refused(api, refusal, spec, words):
    create(api, "first", type="NodePort", ports=[{"port": 80, "nodePort": 30080}])
    status = refusal(create, api, **spec)
    assert status["message"] == f'Service "web" is invalid: {words}'


def test_an_address_asked_for_is_given_and_freed_by_deletion(api):
    assert create(api, clusterIP="10.96.1.2")["clusterIP"] == "10.96.1.2"
    api.delete("services", "default", "web")
    assert create(api, clusterIP="10.96.1.2")["clusterIP"] == "10.96.1.2"


def test_an_update_keeps_what_it_leaves_out(api):
    before = create(api, type="NodePort")
    after = api.update("services", "default", "web", service(type="NodePort"))["spec"]
    assert after["clusterIP"] == before["clusterIP"]
    assert after["ports"][0]["nodePort"] == before["ports"][0]["nodePort"]


def test_a_service_may_change_its_type_and_back(api):
    before = create(api)
    port = patch(api, {"type": "NodePort"})["ports"][0]["nodePort"]
    assert port in range(30000, 32768)
    after = patch(api, {"type": "ClusterIP"})
    assert "nodePort" not in after["ports"][0]
    assert after["clusterIP"] == before["clusterIP"]


def test_a_local_load_balancer_gets_a_health_check_port(api):
    spec = create(api, type="LoadBalancer", externalTrafficPolicy="Local")
    assert spec["healthCheckNodePort"] in range(30000, 32768)
    assert "healthCheckNodePort" not in patch(api, {"externalTrafficPolicy": "Cluster"})


def test_the_address_cannot_be_changed(api, refusal):
    create(api)
    status = refusal(patch, api, {"clusterIP": "10.96.9.9"})
    assert "may not change once set" in status["message"]


def test_a_dry_run_takes_nothing(api):
    dry = Options(dry_run=True)
    api.create("services", "default", service(clusterIP="10.96.1.2"), options=dry)
    assert create(api, clusterIP="10.96.1.2")["clusterIP"] == "10.96.1.2"
