import asyncio

import pytest

from tinykube.clock import Clock
from tinykube.node.killing import Ordering, grace_period


@pytest.mark.parametrize(
    ("meta", "spec", "probe", "expected"),
    [
        ({}, {}, "", 30),
        ({"deletionTimestamp": "x", "deletionGracePeriodSeconds": 4}, {}, "", 4),
        ({}, {"livenessProbe": {"terminationGracePeriodSeconds": 5}}, "livenessProbe", 5),
        ({}, {"livenessProbe": {"terminationGracePeriodSeconds": 5}}, "", 30),
        ({}, {"livenessProbe": {}}, "livenessProbe", 30),
        (
            {"deletionTimestamp": "x", "deletionGracePeriodSeconds": 4},
            {"livenessProbe": {"terminationGracePeriodSeconds": 5}},
            "livenessProbe",
            4,
        ),
    ],
)
def test_grace_period(meta, spec, probe, expected):
    assert grace_period({"metadata": meta, "spec": {"terminationGracePeriodSeconds": 30}}, spec, probe) == expected


async def test_sidecars_stop_after_the_others_and_the_last_one_first():
    clock = Clock(0)
    names = ["one", "two", "app"]
    pod = {
        "spec": {
            "initContainers": [{"name": n, "restartPolicy": "Always"} for n in ("one", "two")] + [{"name": "setup"}],
            "containers": [{"name": "app"}],
        }
    }
    ordering, stopped = Ordering(pod, names), []

    async def stop(name):
        await ordering.turn(name)
        await clock.sleep(1)
        stopped.append((name, clock.now()))
        ordering.ended(name)

    tasks = [asyncio.create_task(stop(name)) for name in names]
    await clock.advance(5)
    assert stopped == [("app", 1), ("two", 2), ("one", 3)]
    await asyncio.gather(*tasks)
