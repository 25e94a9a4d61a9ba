"""EndpointSlices and Endpoints in a small control plane."""

import pytest
from tests.tinykube.world import workload

from tinykube import objects


def service(name="web", **spec):
    body = {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}], **spec}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": body}


def slices(world, name="web"):
    found = world.all("EndpointSlice")
    return [s for s in found if objects.labels(s).get("kubernetes.io/service-name") == name]


def states(world):
    (found,) = slices(world)
    return sorted(tuple(e["conditions"].values()) for e in found["endpoints"] or ())


@pytest.fixture
async def web(world):
    world.create(workload("Deployment", "web", 2))
    world.create(service())
    await world.run(5)
    return world


async def test_a_service_without_pods_has_one_empty_slice(world):
    owner = world.create(service())
    await world.run(1)
    (found,) = slices(world)
    assert (found["endpoints"], found["ports"], found["addressType"]) == (None, None, "IPv4")
    assert objects.controlled_by(found, owner)
    assert objects.labels(found) == {
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    }


async def test_ready_pods_are_listed_with_node_and_reference(web):
    (found,) = slices(web)
    assert found["ports"] == [{"name": "", "port": 8080, "protocol": "TCP"}]
    assert states(web) == [(True, True, False)] * 2
    pods = {objects.uid(p): p for p in web.pods(app="web")}
    for endpoint in found["endpoints"]:
        pod = pods[endpoint["targetRef"]["uid"]]
        assert endpoint["addresses"] == [pod["status"]["podIP"]]
        assert endpoint["nodeName"] == "node-1"


async def test_a_pod_being_deleted_is_terminating_until_it_is_gone(web):
    web.kubelet.stop_seconds = 10
    web.change("Deployment", "web", {"spec": {"replicas": 1}})
    await web.run(3)
    assert states(web) == [(False, True, True), (True, True, False)]
    await web.run(10)
    assert states(web) == [(True, True, False)]


async def test_a_pod_that_is_not_ready_is_listed_as_such_unless_the_service_does_not_care(web):
    pod = web.pods(app="web")[0]
    conditions = [{"type": "Ready", "status": "False"}]
    web.client.update_status("pods", {**pod, "status": {**pod["status"], "conditions": conditions}})
    await web.run(1)
    assert states(web) == [(False, False, False), (True, True, False)]
    web.change("Service", "web", {"spec": {"publishNotReadyAddresses": True}})
    await web.run(1)
    assert states(web) == [(True, False, False), (True, True, False)]


async def test_endpoints_say_who_should_prefer_them(web):
    web.change("Service", "web", {"spec": {"trafficDistribution": "PreferSameNode"}})
    await web.run(1)
    (found,) = slices(web)
    assert [e["hints"] for e in found["endpoints"]] == [{"forNodes": [{"name": "node-1"}]}] * 2
    web.change("Service", "web", {"spec": {"trafficDistribution": "PreferSameZone"}})  # the nodes are in no zone
    await web.run(1)
    (found,) = slices(web)
    assert not any("hints" in e for e in found["endpoints"])


async def test_an_emptied_slice_is_kept_under_its_name(web):
    (before,) = slices(web)
    web.change("Deployment", "web", {"spec": {"replicas": 0}})
    await web.run(5)
    (after,) = slices(web)
    assert objects.name(after) == objects.name(before)
    assert (after["endpoints"], after["ports"]) == (None, None)


async def test_a_named_port_means_what_each_pod_says(world):
    made = workload("Deployment", "web", 1)
    made["spec"]["template"]["spec"]["containers"][0]["ports"] = [{"name": "http", "containerPort": 8081}]
    world.create(made)
    world.create(service(ports=[{"name": "main", "port": 80, "targetPort": "http"}]))
    await world.run(5)
    (found,) = slices(world)
    assert found["ports"] == [{"name": "main", "port": 8081, "protocol": "TCP"}]


async def test_a_pod_without_the_named_port_is_listed_without_ports_and_not_among_the_older_endpoints(world):
    world.create(workload("Deployment", "web", 1))
    world.create(service(ports=[{"name": "main", "port": 80, "targetPort": "nope"}]))
    await world.run(5)
    (found,) = slices(world)
    assert (len(found["endpoints"]), found["ports"]) == (1, None)
    assert "subsets" not in world.get("Endpoints", "web")


async def test_a_slice_holds_a_hundred_endpoints(world):
    world.create(workload("Deployment", "web", 250))
    world.create(service())
    await world.run(30)
    assert sorted(len(s["endpoints"]) for s in slices(world)) == [50, 100, 100]


async def test_stateful_pods_have_host_names_under_their_headless_service(world):
    world.create(workload("StatefulSet", "db", 2))
    world.create(service("db", clusterIP="None", selector={"app": "db"}))
    await world.run(10)
    (found,) = slices(world, "db")
    assert sorted(e["hostname"] for e in found["endpoints"]) == ["db-0", "db-1"]
    assert objects.labels(found)["service.kubernetes.io/headless"] == ""


@pytest.mark.parametrize("spec", [{"selector": None}, {"type": "ExternalName", "externalName": "example.com"}])
async def test_services_without_a_selector_are_left_alone(world, spec):
    world.create(service(**spec))
    await world.run(2)
    assert slices(world) == []


async def test_a_slice_that_somebody_deletes_or_changes_is_put_right(web):
    (found,) = slices(web)
    web.client.update("endpointslices.discovery.k8s.io", {**found, "endpoints": []})
    await web.run(1)
    assert len(states(web)) == 2
    web.delete("EndpointSlice", objects.name(found))
    await web.run(1)
    assert len(states(web)) == 2


async def test_slices_go_with_their_service(web):
    web.delete("Service", "web")
    await web.run(2)
    assert slices(web) == []
    assert [e for e in web.all("Endpoints") if objects.name(e) == "web"] == []


async def test_endpoints_list_ready_and_unready_addresses_apart(web):
    pod = web.pods(app="web")[0]
    web.client.update_status(
        "pods", {**pod, "status": {**pod["status"], "conditions": [{"type": "Ready", "status": "False"}]}}
    )
    await web.run(1)
    (subset,) = web.get("Endpoints", "web")["subsets"]
    assert len(subset["addresses"]) == 1
    assert [a["ip"] for a in subset["notReadyAddresses"]] == [pod["status"]["podIP"]]
    assert subset["ports"] == [{"port": 8080, "protocol": "TCP"}]
    assert objects.labels(web.get("Endpoints", "web")) == {"endpoints.kubernetes.io/managed-by": "endpoint-controller"}


async def test_endpoints_without_pods_have_no_subsets(web):
    web.change("Deployment", "web", {"spec": {"replicas": 0}})
    await web.run(5)
    assert not web.get("Endpoints", "web").get("subsets")


async def test_ports_are_listed_by_their_hashes(world):
    """In the orders that any cluster shows for the Service of its DNS."""
    numbers = {"dns": (53, "UDP"), "dns-tcp": (53, "TCP"), "metrics": (9153, "TCP")}
    ports = [{"name": name, "port": number, "protocol": protocol} for name, (number, protocol) in numbers.items()]
    world.create(workload("Deployment", "web", 1))
    world.create(service(ports=ports))
    await world.run(5)
    (found,) = slices(world)
    assert [p["name"] for p in found["ports"]] == ["metrics", "dns", "dns-tcp"]
    (subset,) = world.get("Endpoints", "web")["subsets"]
    assert [p["name"] for p in subset["ports"]] == ["dns-tcp", "dns", "metrics"]


async def test_the_slices_of_a_service_that_selects_no_longer_are_left_as_they_are(web):
    before = slices(web)
    web.change("Service", "web", {"spec": {"type": "ExternalName", "externalName": "shop.example"}})
    web.change("Deployment", "web", {"spec": {"replicas": 0}})
    await web.run(5)
    assert slices(web) == before


# -- Endpoints written by hand


def by_hand(**metadata):
    subset = {
        "addresses": [{"ip": "192.0.2.42"}],
        "notReadyAddresses": [{"ip": "192.0.2.43"}],
        "ports": [{"port": 9376}],
    }
    return {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "web", **metadata}, "subsets": [subset]}


async def test_endpoints_of_a_service_without_a_selector_are_mirrored(world):
    world.create(service(selector=None))
    endpoints = world.create(by_hand(labels={"tier": "old"}))
    await world.run(1)
    (found,) = slices(world)
    assert [(e["addresses"], e["conditions"]) for e in found["endpoints"]] == [
        (["192.0.2.42"], {"ready": True}),
        (["192.0.2.43"], {"ready": False}),
    ]
    assert found["ports"] == [{"name": "", "port": 9376, "protocol": "TCP"}]
    assert objects.controlled_by(found, endpoints)
    assert objects.labels(found) == {
        "tier": "old",
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
    }


async def test_a_mirror_follows_its_endpoints(world):
    world.create(service(selector=None))
    world.create(by_hand())
    await world.run(1)
    (before,) = slices(world)
    subset = {"addresses": [{"ip": "192.0.2.44"}], "ports": [{"port": 9376, "protocol": "TCP"}]}
    world.change("Endpoints", "web", {"subsets": [subset]})
    await world.run(1)
    (after,) = slices(world)
    assert objects.uid(after) == objects.uid(before)
    assert [e["addresses"] for e in after["endpoints"]] == [["192.0.2.44"]]
    world.change("Endpoints", "web", {"subsets": None})
    await world.run(1)
    assert slices(world) == []


async def test_nothing_else_is_mirrored(world):
    world.create(by_hand())
    await world.run(1)
    assert slices(world) == []
    world.create(service(selector=None))
    await world.run(1)
    assert len(slices(world)) == 1
    world.change("Endpoints", "web", {"metadata": {"labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}}})
    await world.run(1)
    assert slices(world) == []


async def test_endpoints_go_with_their_service_whoever_wrote_them(world):
    world.create(service(selector=None))
    world.create(by_hand())
    await world.run(1)
    world.delete("Service", "web")
    await world.run(2)
    assert world.all("Endpoints") == []
    assert slices(world) == []
