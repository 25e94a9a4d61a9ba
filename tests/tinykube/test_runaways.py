"""Containers that take all they can get: their neighbors do not notice, and the cluster goes on."""

import asyncio

import pytest

from tinykube import objects
from tinykube.client import Client
from tinykube.cluster import Cluster
from tinykube.runtime import streams

LIMITS = {"cpu": "500m", "memory": "64Mi"}
MINUTE = 60
PATIENCE = 240  # seconds of the wall: only a freeze takes as long
DISK = 8 << 20
RUNAWAYS = {
    "loop": "while :; do :; done",
    "loop of commands": "while true; do echo x > /dev/null; done",
    "loop of programs": "while true; do /bin/true; done",
    "arithmetic": "i=0; while true; do i=$((i+1)); done",
    "yes": "yes > /dev/null",
    "dd": "dd if=/dev/zero of=/dev/null",
    "checksum": "md5sum /dev/zero",
    "awk": "awk 'BEGIN { while (1) x++ }'",
    "pipeline": "yes | while read line; do :; done",
    "memory": "x=a; while true; do x=$x$x; done",
    "fork bomb": "f() { f | f & }; f; sleep 1000",
    "background jobs": "while true; do sleep 1000 & done",
    "recursion": "f() { f; }; f",
    "full disk": "while true; do cat /bin/* >> /big; done",
    "flood of output": "while true; do echo 'a line that nobody wanted to read'; done",
}


def pod(name, container):
    """A Pod on the only node, which restarts nothing."""
    meta = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": [{"name": "c", **container}]}}


def shell(script, **more):
    return {"image": "busybox:1.36", "command": ["sh", "-c", script], **more}


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("runaway", "limits"),
    [*((name, {}) for name in RUNAWAYS), *((name, LIMITS) for name in ("loop", "memory", "fork bomb"))],
)
async def test_a_runaway_slows_nobody_and_freezes_nothing(runaway, limits, monkeypatch):
    monkeypatch.setattr(streams, "LARGEST_FILE", DISK)
    cluster = Cluster()
    await cluster.start()
    client = Client(cluster.api)
    await cluster.clock.advance(3)
    probe = {"periodSeconds": 1, "failureThreshold": 1}
    ask = {"readinessProbe": {"exec": {"command": ["cat", "/etc/hostname"]}, **probe}}
    client.create("pods", pod("ticks", shell("while true; do echo tick; sleep 1; done", **ask)))
    web = {"image": "nginx:1.28", "readinessProbe": {"httpGet": {"port": 80}, **probe}}
    client.create("pods", pod("web", web))
    client.create("pods", pod("runaway", shell(RUNAWAYS[runaway], resources={"limits": limits})))
    await cluster.clock.advance(5)
    await asyncio.wait_for(cluster.clock.advance(MINUTE), PATIENCE)

    lines = [chunk async for chunk in cluster.kubelets["practice-control-plane"].logs("default", "ticks", "c", {})]
    assert abs(b"".join(lines).count(b"tick") - (MINUTE + 4)) <= 1
    for name in ("ticks", "web"):
        assert objects.condition_true(client.get("pods", "default", name), "Ready"), name
    assert [e["message"] for e in client.list("events", "default") if e["reason"] == "Unhealthy"] == []
    await asyncio.wait_for(cluster.stop(), PATIENCE)
