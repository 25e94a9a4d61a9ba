"""Endless devices: reading them takes time and memory, and never holds up the cluster."""

import asyncio

import pytest

from tinykube.client import Client
from tinykube.cluster import Cluster


def pod(script, memory="32Mi"):
    limits = {"resources": {"limits": {"memory": memory}}} if memory else {}
    container = {"name": "main", "image": "busybox:1.36", "command": ["sh", "-c", script], **limits}
    metadata = {"name": "reader", "namespace": "default"}
    spec = {"containers": [container], "restartPolicy": "Never"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


async def run(script, seconds, memory="32Mi"):
    cluster = Cluster()
    await cluster.start()
    client = Client(cluster.api)
    await cluster.clock.advance(3)
    client.create("pods", pod(script, memory))
    await asyncio.wait_for(cluster.clock.advance(seconds), 60)
    state = client.get("pods", "default", "reader")["status"]["containerStatuses"][0]["state"]
    await cluster.stop()
    return state


@pytest.mark.parametrize("script", ["tail /dev/zero", "x=$(tail /dev/zero)", "sort /dev/zero"])
async def test_a_line_without_end_fills_the_memory(script):
    state = await run(script, 60)
    assert (state["terminated"]["reason"], state["terminated"]["exitCode"]) == ("OOMKilled", 137)


@pytest.mark.parametrize(
    "script", ["cat /dev/zero > /dev/null", "cat < /dev/zero > /dev/null", "dd if=/dev/zero of=/dev/null"]
)
async def test_an_endless_copy_spins_and_time_goes_on(script):
    assert "running" in await run(script, 60)


async def test_a_piece_of_an_endless_device_ends():
    state = await run("test $(head -c 1000 /dev/zero | wc -c) = 1000 && test $(head -c 8 /dev/urandom | wc -c) = 8", 10)
    assert state["terminated"]["exitCode"] == 0
