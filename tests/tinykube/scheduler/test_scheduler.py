"""The scheduler in a small control plane."""

from collections import Counter

import pytest
from tests.tinykube.world import node, pod_spec, workload

from tinykube import objects


def pod(name, cpu=None, labels=None, **spec):
    made = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels or {}},
        "spec": pod_spec(**spec),
    }
    if cpu:
        made["spec"]["containers"][0]["resources"] = {"requests": {"cpu": cpu}}
    return made


def where(world):
    return {objects.name(p): p["spec"].get("nodeName") for p in world.all("Pod")}


@pytest.fixture
async def small(worlds):
    return await worlds(nodes=[node("node-1", cpu="2"), node("node-2", cpu="2")])


async def test_a_pod_gets_a_node_and_an_event(small):
    small.create(pod("a"))
    await small.run(1)
    found = small.get("Pod", "a")
    assert small.events("a", "Scheduled") == [f"Successfully assigned default/a to {found['spec']['nodeName']}"]
    assert objects.condition_true(found, "PodScheduled")


async def test_a_pod_that_fits_nowhere_says_why(small):
    small.create(pod("huge", cpu="100"))
    await small.run(2)
    message = (
        "0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: "
        "0/2 nodes are available: 2 Preemption is not helpful for scheduling."
    )
    condition = objects.condition(small.get("Pod", "huge"), "PodScheduled")
    assert (condition["status"], condition["reason"], condition["message"]) == ("False", "Unschedulable", message)
    assert small.events("huge") == [message]


async def test_it_is_placed_when_room_is_made(small):
    small.create(pod("first", cpu="2"))
    small.create(pod("second", cpu="2"))
    await small.run(2)
    small.create(pod("third", cpu="2"))
    await small.run(5)
    assert where(small)["third"] is None
    small.delete("Pod", "first")
    await small.run(5)
    assert where(small)["third"] is not None


async def test_it_is_placed_when_a_node_changes(small):
    small.create(pod("picky", nodeSelector={"disk": "ssd"}))
    await small.run(2)
    assert where(small)["picky"] is None
    small.change("Node", "node-2", {"metadata": {"labels": {"disk": "ssd"}}})
    await small.run(2)
    assert where(small)["picky"] == "node-2"


async def test_pods_of_a_workload_are_spread_over_the_nodes(worlds):
    world = await worlds(nodes=[node(f"node-{i}") for i in range(3)])
    world.create(workload("Deployment", "web", 9))
    await world.run(3)
    assert sorted(Counter(where(world).values()).values()) == [3, 3, 3]


async def test_nothing_is_overcommitted_though_the_cache_lags(small):
    for i in range(6):
        small.create(pod(f"p{i}", cpu="1"))
    await small.run(3)
    assert sorted(Counter(where(small).values()).items(), key=str) == [("node-1", 2), ("node-2", 2), (None, 2)]


async def test_a_more_important_pod_takes_the_place_of_others(small):
    name = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": "vip"}, "value": 1000}
    small.client.create("priorityclasses.scheduling.k8s.io", name)
    for i in range(4):
        small.create(pod(f"p{i}", cpu="1"))
    await small.run(3)
    marked = []
    small.watch_pods().on_change(updated=lambda _, new: marked.append(objects.condition(new, "DisruptionTarget")))
    small.create(pod("vip", cpu="1", priorityClassName="vip"))
    await small.run(5)
    assert {(c["reason"], c["observedGeneration"]) for c in marked if c} == {("PreemptionByScheduler", 1)}
    assert where(small)["vip"] is not None
    assert "nominatedNodeName" not in small.get("Pod", "vip")["status"]
    assert len(where(small)) == 4
    assert len([m for m in small.events() if m.startswith("Preempted by pod ")]) == 1


async def test_a_gated_pod_waits_until_its_gates_are_open(small):
    small.create(pod("gated", schedulingGates=[{"name": "example.com/wait"}]))
    await small.run(2)
    assert where(small)["gated"] is None
    small.change("Pod", "gated", {"spec": {"schedulingGates": None}})
    await small.run(2)
    assert where(small)["gated"] is not None


async def test_a_pod_whose_gates_are_open_says_why_it_fits_nowhere(small):
    gated = pod("gated", schedulingGates=[{"name": "example.com/wait"}], nodeSelector={"disk": "ssd"})
    small.create(gated)
    await small.run(2)
    small.change("Pod", "gated", {"spec": {"schedulingGates": None}})
    await small.run(2)
    assert objects.condition(small.get("Pod", "gated"), "PodScheduled")["reason"] == "Unschedulable"


async def test_pods_of_another_scheduler_are_left_alone(small):
    small.create(pod("other", schedulerName="mine"))
    await small.run(2)
    assert where(small)["other"] is None


async def test_without_nodes_the_message_is_short(worlds):
    world = await worlds(nodes=[node("gone")])
    world.delete("Node", "gone")
    world.create(pod("a"))
    await world.run(1)
    assert world.events("a") == ["no nodes available to schedule pods"]


async def test_the_same_seed_gives_the_same_placement(worlds):
    found = []
    for _ in range(2):
        world = await worlds(nodes=[node(f"node-{i}") for i in range(4)], seed=7)
        world.create(workload("Deployment", "web", 6))
        await world.run(3)
        found.append(where(world))
    assert found[0] == found[1]
