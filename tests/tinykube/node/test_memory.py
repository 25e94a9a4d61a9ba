"""Limits of memory, a container's own or its Pod's."""

import pytest

SMALL = {"limits": {"memory": "24Mi"}}


@pytest.mark.parametrize("holder", ["container", "pod"])
async def test_out_of_memory(machine, holder):
    main = {"name": "main", "image": "busybox:1.36", "command": ["eat"]}
    spec = {"restartPolicy": "Never", "nodeName": "node-1", "automountServiceAccountToken": False}
    (main if holder == "container" else spec)["resources"] = SMALL
    machine.create({"kind": "Pod", "metadata": {"name": "p"}, "spec": {**spec, "containers": [main]}})
    await machine.clock.advance(6)
    assert machine.life()[-1] == "Failed !sandbox init !ready/PodFailed | main:terminated/OOMKilled/137"
    status = machine.pod()["status"]
    assert (status["qosClass"], status["resources"]["limits"]) == ("Burstable", SMALL["limits"])
