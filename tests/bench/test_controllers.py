"""Controllers and scheduler at size: a big Deployment, many small ones, and a CronJob's long day.

The first measures the control plane alone, with a kubelet that pretends; the CronJob runs in a whole cluster. Each
runs in a process of its own, so that its CPU time and its peak memory are its own. How they grow is told as an
exponent: 1 is in proportion to the number of Pods, 2 with its square.
"""

import asyncio
import math
import multiprocessing
import re
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.tinykube.world import World, node, workload
from tinykube import objects
from tinykube.cluster import Cluster

PROBE = {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 10}
DAY = 24 * 3600


def image(name):
    """A change of the Pod template."""
    return {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": name}]}}}}


class Cost(NamedTuple):
    """What a run took: seconds of CPU, and MiB at most beyond what was there before it."""

    seconds: float
    mebibytes: float


def _measured(work, args):
    """Run `work` in this process, which is new."""
    before, began = _peak(), time.process_time()
    asyncio.run(work(*args))
    return Cost(time.process_time() - began, _peak() - before)


def _peak():
    """The most memory this process has had, in MiB. (What getrusage says is inherited from the parent on Linux.)"""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 1024
    from resource import RUSAGE_SELF, getrusage

    return getrusage(RUSAGE_SELF).ru_maxrss / 2**20


def cost(benchmark, work, *args):
    """Run `work` in a process of its own, and note what it cost."""
    found = []

    def run():
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            found.append(pool.submit(_measured, work, args).result())

    benchmark.pedantic(run, rounds=1)
    benchmark.extra_info |= {"CPU seconds": round(found[0].seconds, 2), "MiB at most": round(found[0].mebibytes, 1)}
    return found[0]


def growth(costs):
    """The exponents with which time and memory grew from the last size but one to the last; `costs` by size."""
    (small, before), (large, after) = list(costs.items())[-2:]
    times = math.log(large / small)
    return {
        "time grows as n to the": round(math.log(after.seconds / before.seconds) / times, 2),
        "memory grows as n to the": round(math.log(after.mebibytes / before.mebibytes) / times, 2),
    }


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


async def one_deployment(replicas):
    """One Deployment, created and then rolled to another image."""
    await in_a_world(lambda world: create_and_roll(world, replicas))


async def create_and_roll(world, replicas):
    world.create(workload("Deployment", "web", replicas))
    await until(world, lambda: rolled_out(world, "web", replicas))
    world.change("Deployment", "web", image("nginx:1.28"))
    await until(world, lambda: rolled_out(world, "web", replicas))


async def many_deployments(deployments, replicas):
    """Many Deployments at once."""
    await in_a_world(lambda world: many(world, deployments, replicas))


async def many(world, deployments, replicas):
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


costs: dict[int, Cost] = {}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("replicas", [100, 1000, 5000])
def test_a_deployment_created_and_rolled(benchmark, replicas):
    """Time and memory should grow in proportion to the number of Pods."""
    costs[replicas] = cost(benchmark, one_deployment, replicas)
    if len(costs) > 1:
        benchmark.extra_info |= growth(costs)
    print(f"\n{replicas} replicas: {benchmark.extra_info}")


@pytest.mark.timeout(300)
def test_a_hundred_deployments_of_ten(benchmark):
    cost(benchmark, many_deployments, 100, 10)
    print(f"\n100 Deployments of 10: {benchmark.extra_info}")


@pytest.mark.timeout(900)
def test_a_day_of_a_cron_job_beside_ten_probed_pods(benchmark):
    cost(benchmark, a_day_of_a_cron_job)
    print(f"\n24 hours: {benchmark.extra_info}")
