"""Controllers and scheduler at size: a big Deployment, many small ones, and a CronJob's long day.

The first measures the control plane alone, with a kubelet that pretends; the CronJob runs in a whole cluster.
"""

import asyncio

import pytest

from tests.tinykube.world import World, node, workload
from tinykube import objects
from tinykube.cluster import Cluster

PROBE = {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 10}
DAY = 24 * 3600


def image(name):
    """A change of the Pod template."""
    return {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": name}]}}}}


async def in_a_world(work):
    """Run `work` on a control plane of four nodes."""
    world = await World(nodes=[node(f"node-{i}") for i in range(4)]).start()
    try:
        await work(world)
    finally:
        await world.stop()


async def until(world, condition, seconds=600):
    """Let time pass until `condition()` holds."""
    assert await world.clock.run_until(condition, seconds)


def rolled_out(world, name, replicas):
    """Whether every Pod of the Deployment is updated and available, and no other is left."""
    found = world.get("Deployment", name)
    status = found.get("status", {})
    fields = ("replicas", "updatedReplicas", "availableReplicas")
    seen = status.get("observedGeneration") == objects.meta(found)["generation"]
    return seen and all(status.get(f) == replicas for f in fields)


async def create_and_roll(world, replicas):
    """One Deployment, created and then rolled to another image."""
    world.create(workload("Deployment", "web", replicas))
    await until(world, lambda: rolled_out(world, "web", replicas))
    world.change("Deployment", "web", image("nginx:1.28"))
    await until(world, lambda: rolled_out(world, "web", replicas))


async def many(world, deployments, replicas):
    """Many Deployments at once."""
    for number in range(deployments):
        world.create(workload("Deployment", f"web-{number}", replicas))
    await until(world, lambda: all(rolled_out(world, f"web-{n}", replicas) for n in range(deployments)))


async def a_day_of_a_cron_job():
    """A CronJob every five minutes beside ten probed Pods, for 24 hours of the cluster's clock."""
    cluster = Cluster()
    await cluster.start()
    try:
        web = workload("Deployment", "web", 10, image="nginx:1.28")
        web["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] = PROBE
        cluster.api.create("deployments.apps", "default", web)
        container = {"name": "main", "image": "busybox:1.36", "command": ["sh", "-c", "sleep 1"]}
        job = {"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [container]}}}}
        spec = {"schedule": "*/5 * * * *", "jobTemplate": job}
        cron = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "tick"}, "spec": spec}
        cluster.api.create("cronjobs.batch", "default", cron)
        await cluster.clock.advance(DAY)
        last = cluster.api.get("cronjobs.batch", "default", "tick")["status"]["lastSuccessfulTime"]
        assert cluster.clock.now() - objects.parse_time(last) < 600
    finally:
        await cluster.stop()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("replicas", [100, 1000, 5000])
def test_a_deployment_created_and_rolled(benchmark, replicas):
    """Time and memory should grow in proportion to the number of Pods."""
    benchmark.pedantic(lambda: asyncio.run(in_a_world(lambda world: create_and_roll(world, replicas))), rounds=1)


@pytest.mark.timeout(300)
def test_a_hundred_deployments_of_ten(benchmark):
    benchmark.pedantic(lambda: asyncio.run(in_a_world(lambda world: many(world, 100, 10))), rounds=1)


@pytest.mark.timeout(900)
def test_a_day_of_a_cron_job_beside_ten_probed_pods(benchmark):
    benchmark.pedantic(lambda: asyncio.run(a_day_of_a_cron_job()), rounds=1)
