"""A control plane for each test that asks for one."""

import pytest_asyncio
from tests.tinykube.world import World


@pytest_asyncio.fixture
async def world():
    """Controllers, scheduler and a pretended kubelet on one node."""
    started = await World().start()
    await started.run(1)
    yield started
    await started.stop()


@pytest_asyncio.fixture
async def worlds():
    """Start worlds with other settings."""
    started = []

    async def start(**how):
        started.append(await World(**how).start())
        await started[-1].run(1)
        return started[-1]

    yield start
    for each in started:
        await each.stop()
