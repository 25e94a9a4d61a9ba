"""The Node object and the heartbeats that keep it Ready."""

from tinykube.node.node_status import Identity, node_labels
from tinykube.objects import parse_time


def node(machine):
    return machine.client.get("nodes", "", "node-1")


def renewed(machine):
    lease = machine.client.get("leases.coordination.k8s.io", "kube-node-lease", "node-1")
    return parse_time(lease["spec"]["renewTime"])


def ready(machine):
    return next(c for c in node(machine)["status"]["conditions"] if c["type"] == "Ready")


async def test_the_node_registers_itself(machine):
    found = node(machine)
    assert found["spec"]["podCIDR"] == "10.244.0.0/24"
    status = found["status"]
    assert status["nodeInfo"]["kubeletVersion"] == "v1.36.2"
    assert status["allocatable"]["pods"] == "110"
    assert {"type": "InternalIP", "address": "172.18.0.2"} in status["addresses"]
    assert (ready(machine)["status"], ready(machine)["reason"]) == ("True", "KubeletReady")
    assert "docker.io/library/busybox:1.36" in status["images"][0]["names"]


async def test_the_lease_is_renewed_every_ten_seconds_and_the_status_every_five_minutes(machine):
    start, beat = machine.clock.now(), ready(machine)["lastHeartbeatTime"]
    await machine.clock.advance(35)
    assert renewed(machine) == start + 30
    assert ready(machine)["lastHeartbeatTime"] == beat
    await machine.clock.advance(300)
    assert parse_time(ready(machine)["lastHeartbeatTime"]) == start + 300
    assert ready(machine)["lastTransitionTime"] == beat


async def test_a_node_that_was_given_up_reports_again(machine):
    found = node(machine)
    gone = [c | {"status": "Unknown"} for c in found["status"]["conditions"]]
    machine.client.update_status("nodes", found | {"status": found["status"] | {"conditions": gone}})
    await machine.clock.advance(11)
    assert ready(machine)["status"] == "True"


async def test_a_cordon_is_told_once_and_so_is_its_end(machine):
    for cordoned in (True, False):
        machine.client.patch("nodes", "", "node-1", {"spec": {"unschedulable": cordoned}})
        await machine.clock.advance(25)
    said = [e for e in machine.client.list("events", "default") if e["involvedObject"]["kind"] == "Node"]
    assert [(e["reason"], e["message"], e["count"]) for e in said if "Schedulable" in e["reason"]] == [
        ("NodeNotSchedulable", "Node node-1 status is now: NodeNotSchedulable", 1),
        ("NodeSchedulable", "Node node-1 status is now: NodeSchedulable", 1),
    ]
    assert {e["involvedObject"]["uid"] for e in said if e["source"]["component"] == "kubelet"} == {"node-1"}


def test_only_the_control_plane_has_a_role():
    role = "node-role.kubernetes.io/control-plane"
    assert role in node_labels(Identity("practice-control-plane", 0, "u"))
    assert role not in node_labels(Identity("practice-worker", 1, "u"))
