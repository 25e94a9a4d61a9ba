"""The DaemonSet controller in a small control plane."""

import pytest
from tests.tinykube.world import node, workload

from tinykube import objects


def daemons(world):
    return {p["spec"]["nodeName"]: p for p in world.pods(app="agent")}


@pytest.fixture
async def three(worlds):
    labeled = node("node-3")
    labeled["metadata"]["labels"]["disk"] = "ssd"
    return await worlds(nodes=[node("node-1"), node("node-2"), labeled])


NEXT = {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "nginx:1.28"}]}}}}
"""A change of the Pod template."""


async def test_one_pod_on_each_node(three):
    three.create(workload("DaemonSet", "agent", None))
    await three.run(5)
    assert set(daemons(three)) == {"node-1", "node-2", "node-3"}
    status = three.get("DaemonSet", "agent")["status"]
    assert (status["desiredNumberScheduled"], status["numberAvailable"], status["numberMisscheduled"]) == (3, 3, 0)


async def test_only_nodes_that_the_selector_allows(three):
    made = workload("DaemonSet", "agent", None)
    made["spec"]["template"]["spec"]["nodeSelector"] = {"disk": "ssd"}
    three.create(made)
    await three.run(5)
    assert set(daemons(three)) == {"node-3"}
    three.change("Node", "node-1", {"metadata": {"labels": {"disk": "ssd"}}})
    await three.run(5)
    assert set(daemons(three)) == {"node-1", "node-3"}
    three.change("Node", "node-3", {"metadata": {"labels": {"disk": None}}})
    await three.run(5)
    assert set(daemons(three)) == {"node-1"}


async def test_a_new_node_gets_its_pod(three):
    three.create(workload("DaemonSet", "agent", None))
    await three.run(5)
    late = node("node-4")
    created = three.create({**late, "status": {}})
    three.client.update_status("nodes", {**created, "status": late["status"]})
    await three.run(5)
    assert "node-4" in daemons(three)


async def test_a_tainted_node_keeps_out_pods_that_do_not_tolerate_it(worlds):
    tainted = node("node-2", taints=[{"key": "dedicated", "value": "db", "effect": "NoSchedule"}])
    world = await worlds(nodes=[node("node-1"), tainted])
    world.create(workload("DaemonSet", "agent", None))
    await world.run(5)
    assert set(daemons(world)) == {"node-1"}


async def test_a_cordoned_node_still_gets_its_daemon(three):
    three.change("Node", "node-2", {"spec": {"unschedulable": True}})
    await three.run(2)
    three.create(workload("DaemonSet", "agent", None))
    await three.run(5)
    assert "node-2" in daemons(three)


async def test_an_update_replaces_one_pod_at_a_time(three):
    three.create(workload("DaemonSet", "agent", None))
    await three.run(5)
    least = []
    three.informers("daemonsets.apps").on_change(
        updated=lambda _, new: least.append(new["status"].get("numberAvailable", 0))
    )
    three.change("DaemonSet", "agent", NEXT)
    await three.run(30)
    assert {p["spec"]["containers"][0]["image"] for p in daemons(three).values()} == {"nginx:1.28"}
    assert min(least) >= 2
    assert len(three.client.list("controllerrevisions.apps", "default")) == 2


async def test_a_surging_update_starts_a_pod_beside_the_old_one_on_one_node_at_a_time(three):
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    three.create(workload("DaemonSet", "agent", None, updateStrategy=strategy))
    await three.run(5)
    seen, available = [], []
    three.informers("pods").on_change(added=lambda _: seen.append(len(three.pods(app="agent"))))
    three.informers("daemonsets.apps").on_change(
        updated=lambda _, new: available.append(new["status"].get("numberAvailable", 0))
    )
    three.change("DaemonSet", "agent", NEXT)
    await three.run(30)
    assert {p["spec"]["containers"][0]["image"] for p in daemons(three).values()} == {"nginx:1.28"}
    assert len(three.pods(app="agent")) == 3
    assert max(seen) == 4
    assert min(available) == 3


async def test_a_pod_that_does_not_work_is_replaced_beyond_the_limits(three):
    three.kubelet.broken_images.add("nginx:1.27")
    three.create(workload("DaemonSet", "agent", None))
    await three.run(5)
    three.change("DaemonSet", "agent", NEXT)
    await three.run(5)
    assert [p["spec"]["containers"][0]["image"] for p in daemons(three).values()] == ["nginx:1.28"] * 3


async def test_on_delete_replaces_only_what_is_deleted(three):
    three.create(workload("DaemonSet", "agent", None, updateStrategy={"type": "OnDelete"}))
    await three.run(5)
    three.change("DaemonSet", "agent", NEXT)
    await three.run(10)
    assert {p["spec"]["containers"][0]["image"] for p in daemons(three).values()} == {"nginx:1.27"}
    three.delete("Pod", objects.name(daemons(three)["node-2"]))
    await three.run(10)
    assert daemons(three)["node-2"]["spec"]["containers"][0]["image"] == "nginx:1.28"
    assert three.get("DaemonSet", "agent")["status"]["updatedNumberScheduled"] == 1


async def test_a_failed_daemon_is_replaced(three):
    three.create(workload("DaemonSet", "agent", None))
    await three.run(5)
    pod = daemons(three)["node-1"]
    three.client.update_status("pods", {**pod, "status": {**pod["status"], "phase": "Failed"}})
    await three.run(5)
    assert objects.uid(daemons(three)["node-1"]) != objects.uid(pod)
    assert len(three.events("agent", "FailedDaemonPod")) == 1


async def test_the_pod_names_its_node_in_its_affinity_and_tolerates_a_sick_one(three):
    three.create(workload("DaemonSet", "agent", None))
    await three.run(5)
    pod = daemons(three)["node-2"]
    terms = pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert terms == {
        "nodeSelectorTerms": [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["node-2"]}]}]
    }
    tolerated = {(t["key"], t["effect"]) for t in pod["spec"]["tolerations"]}
    assert ("node.kubernetes.io/not-ready", "NoExecute") in tolerated
    assert ("node.kubernetes.io/unschedulable", "NoSchedule") in tolerated
