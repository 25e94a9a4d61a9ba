"""The bench that every image is tested on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.tinykube.images.bench import Bench


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """An empty network; whatever still runs at the end is killed."""
    bench = Bench()
    yield bench
    for host in list(bench.network.hosts.values()):
        bench.network.remove_host(host)
    for container in bench.containers:
        container.kill()
    await bench.clock.settle()
