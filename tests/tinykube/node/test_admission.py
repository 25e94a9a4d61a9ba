import pytest

from tinykube.node.admission import admit

ROOM = {"cpu": "4", "memory": "8Gi", "pods": "3", "ephemeral-storage": "10Gi"}

NODE = {
    "metadata": {"name": "n", "labels": {"disk": "hdd"}},
    "spec": {"taints": [{"key": "soft", "effect": "NoSchedule"}, {"key": "hard", "effect": "NoExecute"}]},
}
HARDY = [{"key": "hard", "operator": "Exists"}]


def pod(selector=None, **requests):
    spec = {
        "containers": [{"name": "c", "resources": {"requests": requests} if requests else {}}],
        "tolerations": HARDY,
    }
    return {"metadata": {"name": "p"}, "spec": spec | ({"nodeSelector": selector} if selector else {})}


@pytest.mark.parametrize(
    ("new", "others", "reason", "message"),
    [
        (pod(), [], None, None),
        (pod(cpu="4"), [], None, None),
        (
            pod(cpu="2"),
            [pod(cpu="2500m")],
            "OutOfcpu",
            "Node didn't have enough resource: cpu, requested: 2000, used: 2500, capacity: 4000",
        ),
        (
            pod(memory="9Gi"),
            [],
            "OutOfmemory",
            "Node didn't have enough resource: memory, requested: 9663676416, used: 0, capacity: 8589934592",
        ),
        (pod(), [pod()] * 3, "OutOfpods", "Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3"),
        (pod({"disk": "hdd"}), [], None, None),
        (
            pod({"disk": "ssd"}),
            [],
            "NodeAffinity",
            "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
        ),
    ],
)
def test_what_fits(new, others, reason, message):
    refusal = admit(new, others, ROOM, lambda: NODE)
    assert (refusal and refusal.reason, refusal and refusal.message) == (reason, message)


AFFINITY = {"nodeSelectorTerms": [{"matchExpressions": [{"key": "disk", "operator": "In", "values": ["ssd"]}]}]}
PORTS = [{"name": "c", "ports": [{"containerPort": 80, "hostPort": 80}]}]


@pytest.mark.parametrize(
    ("own", "reason", "why"),
    [
        (
            {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": AFFINITY}}},
            "NodeAffinity",
            "node(s) didn't match Pod's node affinity/selector",
        ),
        ({"containers": PORTS}, "NodePorts", "node(s) didn't have free ports for the requested pod ports"),
        ({"tolerations": []}, "TaintToleration", "node(s) had taints that the pod didn't tolerate"),
    ],
)
def test_what_a_node_refuses_though_there_is_room(own, reason, why):
    new, other = pod(), pod()
    new["spec"] |= own
    other["spec"]["containers"] = PORTS
    assert admit(new, [other], ROOM, lambda: NODE) == (reason, f"Predicate {reason} failed: {why}")


async def test_a_pod_bound_past_the_scheduler_is_refused(machine):
    machine.run("sleep", "1", resources={"requests": {"cpu": "100"}})
    await machine.clock.advance(3)
    status = machine.pod()["status"]
    message = "Node didn't have enough resource: cpu, requested: 100000, used: 0, capacity: 4000"
    assert (status["phase"], status["reason"], status["message"]) == (
        "Failed",
        "OutOfcpu",
        f"Pod was rejected: {message}",
    )
    assert status["startTime"] == machine.pod()["metadata"]["creationTimestamp"]
    assert machine.events() == [("OutOfcpu", message)]
    machine.client.delete("pods", "default", "p")
    await machine.clock.advance(3)
    assert machine.life()[-1] == "DELETED"


@pytest.mark.parametrize(
    ("setting", "host_network", "why"),
    [
        ("net.ipv4.tcp_syncookies", False, None),
        ("net.core.somaxconn", False, 'forbidden sysctl: "net.core.somaxconn" not allowlisted'),
        ("kernel/msgmax", False, 'forbidden sysctl: "kernel.msgmax" not allowlisted'),
        ("net.ipv4.tcp_rmem", True, 'forbidden sysctl: "net.ipv4.tcp_rmem" not allowed with host net enabled'),
    ],
)
def test_a_pod_may_only_change_what_is_safe_of_the_kernels_settings(setting, host_network, why):
    new = pod()
    new["spec"] |= {"securityContext": {"sysctls": [{"name": setting, "value": "1"}]}, "hostNetwork": host_network}
    refusal = admit(new, [], ROOM, lambda: NODE)
    assert (refusal and refusal.message) == why
