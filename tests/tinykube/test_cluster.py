"""The whole cluster: it boots, runs a Pod, and leaves nothing behind; the same seed gives the same names."""

import asyncio

import pytest

from tinykube.client import Client
from tinykube.cluster import Cluster, node_names


def pod(name, **spec):
    container = {"name": "main", "image": "busybox:1.36", "command": ["sh", "-c", "echo hello; sleep 1000"]}
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container], **spec}}


async def started(**options):
    cluster = Cluster(**options)
    await cluster.start()
    await cluster.clock.advance(3)
    return cluster


@pytest.mark.parametrize(
    ("count", "names"),
    [
        (1, ["practice-control-plane"]),
        (3, ["practice-control-plane", "practice-worker", "practice-worker2"]),
    ],
)
def test_nodes_are_named_as_kind_names_them(count, names):
    assert node_names("practice", count) == names


async def test_a_pod_runs_and_the_end_leaves_no_task():
    before = asyncio.all_tasks()
    cluster = await started()
    client = Client(cluster.api)
    client.create("pods", pod("a"))
    assert await cluster.clock.run_until(lambda: client.get("pods", "default", "a")["status"]["phase"] == "Running", 30)
    await cluster.stop()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_pods_go_to_workers_where_there_are_any():
    cluster = await started(nodes=3)
    client = Client(cluster.api)
    for name in "abcd":
        client.create("pods", pod(name))
    await cluster.clock.advance(10)
    nodes = {client.get("pods", "default", name)["spec"]["nodeName"] for name in "abcd"}
    assert nodes == {"practice-worker", "practice-worker2"}
    await cluster.stop()


async def test_a_single_node_takes_pods_itself():
    cluster = await started()
    client = Client(cluster.api)
    client.create("pods", pod("a"))
    await cluster.clock.advance(10)
    assert client.get("pods", "default", "a")["spec"]["nodeName"] == "practice-control-plane"
    await cluster.stop()


async def test_the_same_seed_gives_the_same_uids_and_addresses():
    seen = []
    for _ in range(2):
        cluster = await started(seed=5)
        client = Client(cluster.api)
        client.create("pods", pod("a"))
        await cluster.clock.advance(10)
        made = client.get("pods", "default", "a")
        seen.append((made["metadata"]["uid"], made["status"]["podIP"], made["spec"]["volumes"][0]["name"]))
        await cluster.stop()
    assert seen[0] == seen[1]
