"""A control plane that crashes, its memory lost and the store kept, ends where one that does not crash would."""

from __future__ import annotations

import asyncio
import re

import pytest
from tests.tinykube.world import job, workload

from tinykube import objects

KINDS = ("Deployment", "ReplicaSet", "StatefulSet", "Job", "Pod", "PersistentVolumeClaim", "EndpointSlice")
TURNS = (0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89)
"""Turns of the loop after the change at which the crash comes; one more turn is about one more write."""


def rolled(kind):
    """Create a workload with a Service, and roll it to another image when it runs."""

    async def act(world):
        spec = {"selector": {"app": "web"}, "ports": [{"port": 80}]}
        world.create({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec})
        world.create(workload(kind, "web", 3))
        await world.run(20)
        containers = [{"name": "main", "image": "nginx:1.28"}]
        world.change(kind, "web", {"spec": {"template": {"spec": {"containers": containers}}}})

    return act


async def resized(world):
    """Scale a Deployment up and down."""
    world.create(workload("Deployment", "web", 2))
    await world.run(20)
    world.change("Deployment", "web", {"spec": {"replicas": 7}})
    await world.run(1)
    world.change("Deployment", "web", {"spec": {"replicas": 4}})


async def worked(world):
    """Run a Job of five Pods, two at a time."""
    world.create(job(completions=5, parallelism=2))
    await world.run(3)


async def numbered(world):
    """Run an indexed Job whose Pods fail, each index twice."""
    spec = {"completions": 2, "parallelism": 2, "completionMode": "Indexed", "backoffLimitPerIndex": 1}
    world.create(job(code=1, **spec))
    await world.run(3)


def shape(world):
    """What there is, but for what chance and the hour have made: names' ends, addresses, times, versions, order."""
    found = [_plain(obj) for kind in KINDS for obj in world.all(kind)]
    return sorted(found, key=repr)


_CHANCE = {
    "uid",
    "resourceVersion",
    "generateName",
    "managedFields",
    "podIP",
    "podIPs",
    "addresses",
    "nodeName",
    "volumeName",
}


def _plain(value):
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if k not in _CHANCE and "time" not in k.lower()}
    if isinstance(value, list):
        return sorted(map(_plain, value), key=repr)
    return re.sub(r"-[bcdfghjklmnpqrstvwxz2456789]{5}$", "-*", value) if isinstance(value, str) else value


async def outcome(worlds, act, crash_after=None):
    """Where a world ends after `act`, with or without a crash so many turns later."""
    world = await worlds()
    await act(world)
    if crash_after is not None:
        for _ in range(crash_after):
            await asyncio.sleep(0)
        await world.restart_control_plane()
    await world.run(400)
    return shape(world)


@pytest.mark.slow
@pytest.mark.parametrize(
    "act",
    [rolled("Deployment"), rolled("StatefulSet"), resized, worked, numbered],
    ids=["Deployment rolled", "StatefulSet rolled", "Deployment scaled", "Job", "Job that fails by index"],
)
async def test_a_crash_at_any_moment_changes_nothing_in_the_end(worlds, act):
    expected = await outcome(worlds, act)
    assert any(objects.meta(obj) for obj in expected)
    for turns in TURNS:
        assert await outcome(worlds, act, turns) == expected, f"crashed after {turns} turns"
