"""The practice cluster, in this process and stepped: what a learner would wait for."""

import asyncio
import subprocess
import sys

import pytest

from tinykube.cluster import Cluster

LABELS = {"app": "web"}
CONTAINER = {"name": "web", "image": "nginx:1.28"}


def deployment(replicas):
    """A Deployment of nginx."""
    template = {"metadata": {"labels": LABELS}, "spec": {"containers": [CONTAINER]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": LABELS}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec}


async def ready_pods(cluster):
    """How many Pods are ready now."""
    found = cluster.api.get("deployments.apps", "default", "web")
    return found["status"].get("readyReplicas", 0)


async def grow_to(replicas):
    """A cluster, and in it a Deployment until all its Pods are ready; cluster seconds that it took."""
    cluster = Cluster(nodes=3)
    await cluster.start()
    try:
        cluster.api.create("deployments.apps", "default", deployment(replicas))
        began = cluster.clock.now()
        while await ready_pods(cluster) < replicas:
            await cluster.clock.advance(1)
            assert cluster.clock.now() - began < 300
    finally:
        await cluster.stop()


async def idle(seconds):
    """A cluster with one Pod in which nothing happens for a long time."""
    cluster = Cluster()
    await cluster.start()
    try:
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [CONTAINER]}}
        cluster.api.create("pods", "default", pod)
        await cluster.clock.advance(seconds)
    finally:
        await cluster.stop()


async def start_and_stop():
    cluster = Cluster()
    await cluster.start()
    await cluster.stop()


def test_start(benchmark):
    benchmark.pedantic(lambda: asyncio.run(start_and_stop()), rounds=5, warmup_rounds=1)


@pytest.mark.parametrize("replicas", [10, 100])
def test_a_deployment_until_all_its_pods_are_ready(benchmark, replicas):
    benchmark.pedantic(lambda: asyncio.run(grow_to(replicas)), rounds=3, warmup_rounds=1)


def test_an_hour_with_one_pod(benchmark):
    benchmark.pedantic(lambda: asyncio.run(idle(3600)), rounds=3, warmup_rounds=1)


def test_kubelab_up(benchmark, tmp_path, monkeypatch):
    """The command a learner types, from the prompt to a cluster that answers; under a second is the promise."""
    monkeypatch.setenv("KUBELAB_HOME", str(tmp_path))
    run = "import sys; from kubelab.cli import main; sys.exit(main(sys.argv[1:]))"

    def down():
        subprocess.run([sys.executable, "-c", run, "down"], check=False, capture_output=True)

    def up():
        subprocess.run([sys.executable, "-c", run, "up"], check=True, capture_output=True)

    benchmark.pedantic(up, setup=down, rounds=5)
    down()
