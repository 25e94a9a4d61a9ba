"""Nodes that fall silent, cordons, evictions and disruption budgets."""

import pytest
from tests.tinykube.world import node, workload

from tinykube import objects
from tinykube.controllers.node_lifecycle import GRACE, STARTUP_GRACE


@pytest.fixture
async def two(worlds):
    world = await worlds(nodes=[node("node-1"), node("node-2")])
    world.create(workload("Deployment", "web", 4))
    await world.run(5)
    return world


def taints(world, name):
    return sorted((t["key"], t["effect"]) for t in world.get("Node", name)["spec"].get("taints", ()))


def on(world, name):
    return [p for p in world.all("Pod") if p["spec"].get("nodeName") == name]


async def test_a_silent_node_becomes_unknown_and_its_pods_not_ready(two):
    two.kubelet.dead_nodes.add("node-2")
    await two.run(GRACE - 15)
    assert taints(two, "node-2") == []
    await two.run(20)
    ready = objects.condition(two.get("Node", "node-2"), "Ready")
    assert (ready["status"], ready["reason"]) == ("Unknown", "NodeStatusUnknown")
    assert taints(two, "node-2") == [
        ("node.kubernetes.io/unreachable", "NoExecute"),
        ("node.kubernetes.io/unreachable", "NoSchedule"),
    ]
    assert not any(objects.condition_true(p, "Ready") for p in on(two, "node-2"))
    assert all(objects.condition_true(p, "Ready") for p in on(two, "node-1"))


async def test_its_pods_are_evicted_after_five_minutes_and_replaced_elsewhere(two):
    two.kubelet.dead_nodes.add("node-2")
    await two.run(GRACE + 280)
    assert not any(map(objects.deleting, on(two, "node-2")))
    await two.run(40)
    assert all(map(objects.deleting, on(two, "node-2")))
    assert len(two.pods(app="web")) == 4
    marks = [objects.condition(p, "DisruptionTarget") for p in on(two, "node-2")]
    assert {mark["observedGeneration"] for mark in marks} == {1}
    reasons = {mark["reason"] for mark in marks}
    assert reasons == {"DeletionByTaintManager"}


async def test_a_node_that_comes_back_in_time_keeps_its_pods(two):
    before = {objects.name(p) for p in on(two, "node-2")}
    two.kubelet.dead_nodes.add("node-2")
    await two.run(GRACE + 60)
    two.kubelet.revive("node-2")
    await two.run(400)
    assert taints(two, "node-2") == []
    assert {objects.name(p) for p in on(two, "node-2")} == before


async def test_nothing_is_evicted_while_no_node_at_all_is_ready(two):
    two.kubelet.dead_nodes |= {"node-1", "node-2"}
    await two.run(GRACE + 400)
    assert taints(two, "node-2") == [("node.kubernetes.io/unreachable", "NoSchedule")]
    assert len(two.pods(app="web")) == 4
    two.kubelet.revive("node-1")
    await two.run(15)
    assert ("node.kubernetes.io/unreachable", "NoExecute") in taints(two, "node-2")


async def test_a_cordoned_node_is_tainted_and_takes_no_new_pods(two):
    two.change("Node", "node-2", {"spec": {"unschedulable": True}})
    await two.run(1)
    assert taints(two, "node-2") == [("node.kubernetes.io/unschedulable", "NoSchedule")]
    before = len(on(two, "node-2"))
    two.change("Deployment", "web", {"spec": {"replicas": 8}})
    await two.run(5)
    assert len(on(two, "node-2")) == before
    two.change("Node", "node-2", {"spec": {"unschedulable": None}})
    await two.run(1)
    assert taints(two, "node-2") == []


async def test_a_taint_that_evicts_does_so_at_once(two):
    taint = {"key": "maintenance", "effect": "NoExecute"}
    two.change("Node", "node-2", {"spec": {"taints": [taint]}})
    await two.run(5)
    assert on(two, "node-2") == []
    assert len(two.pods(app="web")) == 4


# -- disruption budgets


def budget(**spec):
    body = {"selector": {"matchLabels": {"app": "web"}}, **spec}
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "pdb"}, "spec": body}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"minAvailable": 3}, (4, 3, 4, 1)),
        ({"minAvailable": "50%"}, (4, 2, 4, 2)),
        ({"maxUnavailable": 1}, (4, 3, 4, 1)),
        ({"maxUnavailable": "30%"}, (4, 2, 4, 2)),
        ({"minAvailable": 5}, (4, 5, 4, 0)),
    ],
)
async def test_a_budget_counts_what_may_go(two, spec, expected):
    two.create(budget(**spec))
    await two.run(1)
    status = two.get("PodDisruptionBudget", "pdb")["status"]
    fields = ("currentHealthy", "desiredHealthy", "expectedPods", "disruptionsAllowed")
    assert tuple(status[f] for f in fields) == expected
    (condition,) = status["conditions"]
    assert condition["reason"] == ("SufficientPods" if expected[3] else "InsufficientPods")


async def test_a_missing_pod_is_a_disruption(two):
    two.create(budget(maxUnavailable=1))
    await two.run(1)
    two.kubelet.start_seconds = 30
    two.delete("Pod", objects.name(two.pods(app="web")[0]))
    await two.run(5)
    assert two.get("PodDisruptionBudget", "pdb")["status"]["disruptionsAllowed"] == 0
    await two.run(40)
    assert two.get("PodDisruptionBudget", "pdb")["status"]["disruptionsAllowed"] == 1


def loose(name="loose"):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": "web"}},
        "spec": {"containers": [{"name": "c", "image": "nginx:1.27"}]},
    }


async def test_a_pod_without_a_controller_is_not_counted_on_and_the_budget_says_so(two):
    two.create({**loose(), "metadata": {"name": "loose", "labels": {"app": "web", "loose": "yes"}}})
    two.create(budget(maxUnavailable=1, selector={"matchLabels": {"loose": "yes"}}))
    await two.run(3)
    status = two.get("PodDisruptionBudget", "pdb")["status"]
    assert (status["expectedPods"], status["currentHealthy"], status["disruptionsAllowed"]) == (0, 1, 0)
    (said,) = set(two.events("pdb", "UnmanagedPods"))
    assert "(selector: &LabelSelector{MatchLabels:map[string]string{loose: yes,},Match" in said


async def test_nothing_may_go_while_a_controller_without_scale_owns_a_pod(two):
    two.create(workload("DaemonSet", "agent", None))
    two.create(budget(maxUnavailable=1, selector={"matchLabels": {"app": "agent"}}))
    await two.run(3)
    status = two.get("PodDisruptionBudget", "pdb")["status"]
    assert status["disruptionsAllowed"] == 0
    assert status["conditions"][0]["reason"] == "SyncFailed"
    (condition,) = status["conditions"]
    assert condition["message"] == "daemonsets.apps does not implement the scale subresource"
    said = "Failed to calculate the number of expected pods: daemonsets.apps does not implement the scale subresource"
    assert set(two.events("pdb", "CalculateExpectedPodCountFailed")) == {said}


async def test_a_budget_without_pods_says_so(two):
    two.create(budget(minAvailable=1, selector={"matchLabels": {"app": "nobody"}}))
    await two.run(1)
    assert two.events("pdb", "NoPods") == ["No matching pods found"]


# -- autoscaling


def autoscaler(name="web", least=1, most=10):
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    metrics = [
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
    ]
    spec = {"scaleTargetRef": target, "minReplicas": least, "maxReplicas": most, "metrics": metrics}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "hpa"},
        "spec": spec,
    }


def said(world):
    found = world.get("HorizontalPodAutoscaler", "hpa")["status"]["conditions"]
    return {c["type"]: (c["status"], c["reason"]) for c in found}


async def test_an_autoscaler_without_metrics_says_so(two):
    two.create(autoscaler())
    await two.run(20)
    assert said(two) == {
        "AbleToScale": ("True", "SucceededGetScale"),
        "ScalingActive": ("False", "FailedGetResourceMetric"),
    }
    assert "the server could not find the requested resource (get pods.metrics.k8s.io)" in two.events("hpa")[0]
    assert two.get("Deployment", "web")["spec"]["replicas"] == 4
    status = two.get("HorizontalPodAutoscaler", "hpa")["status"]
    assert (status["currentReplicas"], status["desiredReplicas"]) == (4, 0)  # as far as it has got
    assert status["currentMetrics"] == [{"type": ""}]


@pytest.mark.parametrize(("least", "most", "expected"), [(6, 10, 6), (1, 2, 2), (1, 10, 4)])
async def test_an_autoscaler_keeps_the_bounds(two, least, most, expected):
    two.create(autoscaler(least=least, most=most))
    await two.run(14)
    assert two.get("Deployment", "web")["spec"]["replicas"] == 4  # it looks every 15 seconds
    await two.run(2)
    assert two.get("Deployment", "web")["spec"]["replicas"] == expected
    status = two.get("HorizontalPodAutoscaler", "hpa")["status"]
    assert (status["currentReplicas"], status["desiredReplicas"]) == (4, expected if expected != 4 else 0)
    assert ("lastScaleTime" in status) == (expected != 4)


async def test_an_autoscaler_without_its_target_says_so(two):
    two.create(autoscaler("missing"))
    await two.run(16)
    assert said(two) == {"AbleToScale": ("False", "FailedGetScale")}
    assert two.events("hpa", "FailedGetScale") == ['deployments/scale.apps "missing" not found']


async def test_a_node_that_nobody_has_heard_of_is_given_time(two):
    two.kubelet.dead_nodes.add("paper")
    two.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "paper"}})
    await two.run(STARTUP_GRACE - 5)
    assert objects.condition(two.get("Node", "paper"), "Ready") is None
    await two.run(10)
    assert objects.condition(two.get("Node", "paper"), "Ready")["reason"] == "NodeStatusNeverUpdated"
    assert ("node.kubernetes.io/unreachable", "NoSchedule") in taints(two, "paper")
