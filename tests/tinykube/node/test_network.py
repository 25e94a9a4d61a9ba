"""Services and names, as Pods' connections meet them."""

import random

import pytest

from tinykube.informer import Informers
from tinykube.node.dns import Dns
from tinykube.node.proxy import Proxy
from tinykube.runtime.network import Host

ENDPOINTS = [("10.244.0.5", True, ""), ("10.244.0.6", True, "db-0"), ("10.244.0.7", False, "")]


def slice_of(service, endpoints=ENDPOINTS, port=8080):
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": f"{service}-x", "namespace": "default", "labels": {"kubernetes.io/service-name": service}},
        "addressType": "IPv4",
        "ports": [{"name": "", "port": port, "protocol": "TCP"}],
        "endpoints": [
            {"addresses": [ip], "conditions": {"ready": ready}, **({"hostname": host} if host else {})}
            for ip, ready, host in endpoints
        ],
    }


def service(name, **spec):
    return {
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80}], **spec},
    }


@pytest.fixture
async def world(machine):
    informers = Informers(machine.client)
    proxy, dns = Proxy(informers, machine.network, random.Random(1)), Dns(informers, machine.network)
    proxy.start()
    dns.start()
    informers.start()
    for made in (
        service("web"),
        service("sticky", sessionAffinity="ClientIP"),
        service("empty"),
        service("np", type="NodePort"),
        service("headless", clusterIP="None"),
        {
            "kind": "Service",
            "metadata": {"name": "ext"},
            "spec": {"type": "ExternalName", "externalName": "web.default.svc.cluster.local"},
        },
    ):
        machine.create(made)
    for name in ("web", "sticky", "np", "headless"):
        machine.client.create("endpointslices.discovery.k8s.io", slice_of(name))
    await machine.clock.settle()
    yield machine
    await informers.stop()


def spec_of(world, name):
    return world.client.get("services", "default", name)["spec"]


def reach(world, name, port=80, ip=None):
    source = Host(world.network, "10.244.0.9")
    return [world.network.rewrite(source, ip or spec_of(world, name)["clusterIP"], port) for _ in range(30)]


async def test_a_cluster_ip_leads_to_every_ready_endpoint(world):
    assert set(reach(world, "web")) == {("10.244.0.5", 8080), ("10.244.0.6", 8080)}


async def test_client_affinity_sticks_to_one_endpoint_for_its_time(world):
    assert len(set(reach(world, "sticky"))) == 1


async def test_a_node_port_on_the_nodes_address(world):
    assert set(reach(world, "np", spec_of(world, "np")["ports"][0]["nodePort"], "172.18.0.2")) == {
        ("10.244.0.5", 8080),
        ("10.244.0.6", 8080),
    }


async def test_no_endpoint_refuses_and_another_port_leads_nowhere(world):
    with pytest.raises(OSError, match="Connection refused"):
        reach(world, "empty")
    assert set(reach(world, "web", 81)) == {None}
    assert set(reach(world, "web", 80, "10.244.0.5")) == {None}


def spread(world, name, **spec):
    """A Service with an endpoint on each of two nodes; a Pod on the second node, where no kubelet runs it."""
    world.create(service(name, **spec))
    found = slice_of(name)
    for number, endpoint in enumerate(found["endpoints"][:2], 1):
        endpoint |= {"nodeName": f"node-{number}", "hints": {"forNodes": [{"name": f"node-{number}"}]}}
    del found["endpoints"][2:]
    world.client.create("endpointslices.discovery.k8s.io", found)
    containers = [{"name": "c", "image": "busybox:1.36"}]
    for node in ("node-2", "node-3"):
        pod = {"kind": "Pod", "metadata": {"name": node}, "spec": {"nodeName": node, "containers": containers}}
        made = world.create(pod)
        world.client.update_status("pods", {**made, "status": {"podIP": f"10.244.{node[-1]}.9"}})


def reach_from(world, ip, name):
    source = Host(world.network, ip)
    return {world.network.rewrite(source, spec_of(world, name)["clusterIP"], 80) for _ in range(30)}


async def test_a_service_may_keep_to_the_clients_node(world):
    spread(world, "local", internalTrafficPolicy="Local")
    await world.clock.settle()
    assert reach_from(world, "10.244.2.9", "local") == {("10.244.0.6", 8080)}
    assert reach_from(world, "10.244.3.9", "local") == {None}


async def test_hints_are_followed_where_they_lead_to_an_endpoint(world):
    spread(world, "near")
    await world.clock.settle()
    assert reach_from(world, "10.244.2.9", "near") == {("10.244.0.6", 8080)}
    assert reach_from(world, "10.244.3.9", "near") == {("10.244.0.5", 8080), ("10.244.0.6", 8080)}


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("web.default.svc.cluster.local", "A", "cluster-ip"),
        ("web.default.svc.cluster.local.", "A", "cluster-ip"),
        ("WEB.default.svc.cluster.local", "A", "cluster-ip"),
        ("web.default.svc.cluster.local", "AAAA", []),
        ("empty.default.svc.cluster.local", "A", "cluster-ip"),
        ("headless.default.svc.cluster.local", "A", ["10.244.0.5", "10.244.0.6"]),
        ("db-0.headless.default.svc.cluster.local", "A", ["10.244.0.6"]),
        ("10-244-0-5.headless.default.svc.cluster.local", "A", ["10.244.0.5"]),
        ("db-1.headless.default.svc.cluster.local", "A", None),
        ("10-244-0-5.default.pod.cluster.local", "A", ["10.244.0.5"]),
        ("ext.default.svc.cluster.local", "CNAME", ["web.default.svc.cluster.local."]),
        ("nope.default.svc.cluster.local", "A", None),
        ("web.other.svc.cluster.local", "A", None),
        ("web", "A", None),
        ("example.com", "A", None),
    ],
)
async def test_names(world, name, kind, expected):
    if expected == "cluster-ip":
        expected = [spec_of(world, name.lower().partition(".")[0])["clusterIP"]]
    assert world.network.dns("10.96.0.10", name, kind) == expected


async def test_an_external_name_is_followed(world):
    assert world.network.dns("10.96.0.10", "ext.default.svc.cluster.local", "A") == [spec_of(world, "web")["clusterIP"]]


async def test_addresses_back_to_names(world):
    ip = spec_of(world, "web")["clusterIP"]
    backwards = ".".join(reversed(ip.split("."))) + ".in-addr.arpa"
    assert world.network.dns("10.96.0.10", backwards, "PTR") == ["web.default.svc.cluster.local."]
    assert world.network.dns("10.96.0.10", "6.0.244.10.in-addr.arpa", "PTR") in (
        [f"db-0.{name}.default.svc.cluster.local."] for name in ("web", "sticky", "np", "headless")
    )


async def test_nobody_answers_at_another_address(world):
    with pytest.raises(OSError, match="timed out"):
        world.network.dns("9.9.9.9", "web.default.svc.cluster.local", "A")
