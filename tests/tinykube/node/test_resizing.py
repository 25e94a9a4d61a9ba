"""A Pod's containers get other resources while they run: at once, after a restart, later, or never."""

import pytest
from tests.tinykube.node.conftest import SHORT as _SHORT_NAMES
from tests.tinykube.node.conftest import container

from tinykube.client import STRATEGIC_MERGE_PATCH

SMALL = {"requests": {"cpu": "100m", "memory": "32Mi"}, "limits": {"cpu": "200m", "memory": "64Mi"}}
RESTART = {"resizePolicy": [{"resourceName": "memory", "restartPolicy": "RestartContainer"}]}
SHORT = {"terminationGracePeriodSeconds": 1}


def resize(machine, **resources):
    patch = {"spec": {"containers": [{"name": "main", "resources": resources}]}}
    machine.client.patch("pods", "default", "p", patch, patch_type=STRATEGIC_MERGE_PATCH, subresource="resize")


def resizing(machine):
    """What the Pod's conditions say about its wishes."""
    conditions = machine.pod()["status"]["conditions"]
    return [
        (c["type"], c.get("reason"), c.get("message"), c["observedGeneration"])
        for c in conditions
        if c["type"].startswith("PodResize")
    ]


def cgroup(machine):
    """What the container's own /sys/fs/cgroup says of its limits."""
    uid = machine.pod()["metadata"]["uid"]
    fs = machine.kubelet.parts.runtime.pods[uid].latest("main").container.fs
    return fs.read("/sys/fs/cgroup/cpu.max"), fs.read("/sys/fs/cgroup/memory.max")


async def running(machine, *command, **spec):
    machine.run(*(command or ("sleep", "10000")), resources=SMALL, **SHORT, **spec)
    await machine.clock.advance(3)


async def test_a_container_is_resized_while_it_runs(machine, monkeypatch):
    monkeypatch.setitem(_SHORT_NAMES, "PodResizeInProgress", "resizing")
    await running(machine)
    resize(machine, requests={"cpu": "150m"}, limits={"cpu": "500m", "memory": "128Mi"})
    await machine.clock.advance(3)
    status = machine.status()
    wanted = {"requests": {"cpu": "150m", "memory": "32Mi"}, "limits": {"cpu": "500m", "memory": "128Mi"}}
    assert (status["resources"], status["allocatedResources"]) == (wanted, wanted["requests"])
    assert (status["restartCount"], cgroup(machine)) == (0, (b"50000 100000\n", b"134217728\n"))
    assert machine.life()[-2:] == [
        "Running resizing sandbox init ready | main:running+",
        "Running sandbox init ready | main:running+",
    ]
    summary = (
        '{"containers":[{"name":"main","resources":{"limits":{"cpu":"500m","memory":"128Mi"},'
        '"requests":{"cpu":"150m","memory":"32Mi"}}}],"generation":2}'
    )
    assert machine.events("ResizeStarted", "ResizeCompleted") == [
        ("ResizeStarted", f"Pod resize started: {summary}"),
        ("ResizeCompleted", f"Pod resize completed: {summary}"),
    ]


@pytest.mark.parametrize(("limits", "restarts"), [({"cpu": "300m"}, 0), ({"memory": "96Mi"}, 1)])
async def test_a_container_restarts_for_what_its_policy_says(machine, limits, restarts):
    await running(machine, **RESTART)
    resize(machine, limits=limits)
    await machine.clock.advance(6)
    assert machine.status()["restartCount"] == restarts
    assert machine.status()["resources"]["limits"] == SMALL["limits"] | limits
    killed = [("Killing", "Container main resize requires restart")]
    assert machine.events("Killing") == killed * restarts
    assert resizing(machine) == []


async def test_a_sidecar_is_resized_too(machine):
    sidecar = container("sleep", "10000", name="side", restartPolicy="Always", resources=SMALL)
    machine.run("sleep", "10000", initContainers=[sidecar], **SHORT)
    await machine.clock.advance(3)
    patch = {"spec": {"initContainers": [{"name": "side", "resources": {"requests": {"cpu": "150m"}}}]}}
    machine.client.patch("pods", "default", "p", patch, patch_type=STRATEGIC_MERGE_PATCH, subresource="resize")
    await machine.clock.advance(3)
    (status,) = machine.pod()["status"]["initContainerStatuses"]
    assert (status["resources"]["requests"]["cpu"], status["restartCount"]) == ("150m", 0)


async def test_a_resize_waits_until_there_is_room(machine):
    big = container("sleep", "10000", resources={"requests": {"cpu": "2"}})
    machine.run(name="other", containers=[big], **SHORT)
    await running(machine)
    resize(machine, requests={"cpu": "3"}, limits={"cpu": "3"})
    await machine.clock.advance(3)
    why = "Node didn't have enough resource: cpu, requested: 3000, used: 2000, capacity: 4000"
    assert resizing(machine) == [("PodResizePending", "Deferred", why, 2)]
    assert machine.status()["resources"] == SMALL
    assert [reason for reason, _ in machine.events("ResizeDeferred")] == ["ResizeDeferred"]
    machine.client.delete("pods", "default", "other")
    await machine.clock.advance(6)
    assert (resizing(machine), machine.status()["resources"]["requests"]["cpu"]) == ([], "3")


async def test_a_node_says_when_it_could_never_hold_a_pod_that_large(machine):
    await running(machine)
    resize(machine, requests={"cpu": "10"}, limits={"cpu": "10"})
    await machine.clock.advance(3)
    why = "Node didn't have enough capacity: cpu, requested: 10000, capacity: 4000"
    assert resizing(machine) == [("PodResizePending", "Infeasible", why, 2)]
    resize(machine, requests={"cpu": "100m"}, limits={"cpu": "200m"})
    await machine.clock.advance(3)
    assert resizing(machine) == []


async def test_a_restarted_container_has_what_was_granted_and_not_what_is_asked_for(machine):
    await running(machine, "sleep", "5", "1")
    resize(machine, requests={"cpu": "10"}, limits={"cpu": "10"})
    await machine.clock.advance(8)
    assert (machine.status()["restartCount"], machine.status()["resources"]) == (1, SMALL)
