"""A node full of Pods: what a virtual hour of 200 of them costs, in a process of its own."""

import json
import subprocess
import sys

import pytest

PODS, WITHIN_SECONDS, WITHIN_MIB = 200, 20, 300
HOUR = """
import asyncio, gc, json, psutil, time
from tinykube import objects
from tinykube.cluster import Cluster

LOOP = 'i=0; while true; do i=$((i+1)); echo "tick $i"; sleep 5; done'

def pod(number):
    if number % 2:
        ask = {"exec": {"command": ["cat", "/etc/hostname"]}}
        container = {"image": "busybox:1.36", "command": ["sh", "-c", LOOP], "readinessProbe": ask}
    else:
        ask, alive = {"httpGet": {"path": "/", "port": 80}}, {"tcpSocket": {"port": 80}}
        container = {"image": "nginx:1.28", "readinessProbe": ask, "livenessProbe": alive}
    return {"metadata": {"name": f"pod-{number}"}, "spec": {"containers": [{"name": "main", **container}]}}

async def main():
    cluster = Cluster(nodes=3)
    await cluster.start()
    for number in range(PODS):
        cluster.api.create("pods", "default", pod(number))
    await cluster.clock.advance(60)
    wall, cpu = time.perf_counter(), time.process_time()
    await cluster.clock.advance(3600)
    seconds = {"seconds": time.perf_counter() - wall, "processor seconds": time.process_time() - cpu}
    ready = sum(objects.condition_true(found, "Ready") for found in cluster.store.list("pods", "default"))
    memory = psutil.Process().memory_info().rss / 2**20  # the peak that the system keeps may be that of its parent
    await cluster.stop()
    print(json.dumps({"ready": ready, "MiB": memory, **seconds}))

gc.set_threshold(100_000, 50, 100)  # as the practice cluster's own process does
asyncio.run(main())
"""


@pytest.mark.timeout(300)
def test_a_virtual_hour_of_200_pods_with_loops_and_probes(benchmark):
    """Judged by processor time: a busy machine does not fail it, and on an idle one the wall agrees."""

    def hour():
        script = HOUR.replace("PODS", str(PODS))
        return json.loads(subprocess.run([sys.executable, "-c", script], check=True, capture_output=True).stdout)

    found = benchmark.pedantic(hour, rounds=1)
    benchmark.extra_info |= {name: round(value, 1) for name, value in found.items()}
    print(f"\n{benchmark.extra_info}")
    assert found["ready"] == PODS
    assert found["processor seconds"] < WITHIN_SECONDS
    assert found["MiB"] < WITHIN_MIB
