"""The API server over HTTPS: requests and events per second, and what they cost in memory.

Client and server share one process, so half of the time is the client's.
"""

import asyncio
import base64
import random
import ssl
import tempfile
import time
import tracemalloc
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pytest
import yaml

from tinykube.api import ApiServer
from tinykube.clock import Clock
from tinykube.server import Server
from tinykube.store import Store

PODS, WATCHERS, CHANGES = 1000, 100, 100
MIB = 1024 * 1024


def pod(name):
    """A small Pod."""
    return {"metadata": {"name": name, "labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}


@asynccontextmanager
async def serving(pods=0):
    """A served API with so many Pods: `.api`, `.url` of the Pods, `.session`."""
    clock = Clock()
    api = ApiServer(Store(), clock, random.Random(1))
    api.bootstrap()
    api.create("serviceaccounts", "default", {"metadata": {"name": "default"}})
    for n in range(pods):
        api.create("pods", "default", pod(f"p{n}"))
    with tempfile.TemporaryDirectory() as directory:
        server = Server(api, clock, Path(directory))
        await server.start()
        connector = aiohttp.TCPConnector(ssl=credentials(server, Path(directory)), limit=2 * WATCHERS)
        try:
            async with aiohttp.ClientSession(connector=connector) as session:
                yield SimpleNamespace(api=api, url=f"{server.url}/api/v1/namespaces/default/pods", session=session)
        finally:
            await server.stop()


def credentials(server, directory):
    """A TLS context of the administrator."""
    user = yaml.safe_load(server.kubeconfig.read_text())["users"][0]["user"]
    held = directory / "client.pem"
    parts = [user["client-key-data"], user["client-certificate-data"]]
    held.write_bytes(b"".join(base64.b64decode(part) for part in parts))
    context = ssl.create_default_context(cadata=server.ca_certificate)
    context.load_cert_chain(held)
    return context


async def create(at):
    for n in range(PODS):
        async with at.session.post(at.url, json=pod(f"p{n}")) as response:
            await response.read()


async def get(at):
    for n in range(PODS):
        async with at.session.get(f"{at.url}/p{n}") as response:
            await response.read()


async def list_all(at):
    async with at.session.get(at.url) as response:
        await response.read()


async def fan_out(at):
    """Change Pods until every watcher has seen every change; only that is timed."""
    ready, finished, left = asyncio.Semaphore(0), asyncio.Event(), [WATCHERS * CHANGES]

    async def watch():
        query = {"watch": "1", "resourceVersion": str(at.api.store.revision)}
        async with at.session.get(at.url, params=query) as response:
            ready.release()
            async for chunk in response.content.iter_any():
                left[0] -= chunk.count(b"\n")
                if left[0] <= 0:
                    finished.set()

    watchers = [asyncio.create_task(watch()) for _ in range(WATCHERS)]
    for _ in watchers:
        await ready.acquire()
    began = time.perf_counter()
    for n in range(CHANGES):
        patch = {"metadata": {"labels": {"n": str(n)}}}
        at.api.patch("pods", "default", f"p{n}", patch, "application/merge-patch+json")
        await asyncio.sleep(0)
    await finished.wait()
    took = time.perf_counter() - began
    for watcher in watchers:
        watcher.cancel()
    await asyncio.gather(*watchers, return_exceptions=True)
    return took


@pytest.mark.parametrize(
    ("work", "pods", "count"),
    [
        pytest.param(create, 0, PODS, id="create"),
        pytest.param(get, PODS, PODS, id="get"),
        pytest.param(list_all, PODS, 1, id="list-of-1000"),
        pytest.param(fan_out, PODS, WATCHERS * CHANGES, id="watch-fan-out-to-100"),
    ],
)
def test_api(benchmark, work, pods, count):
    async def run():
        async with serving(pods) as at:
            began = time.perf_counter()
            return await work(at) or time.perf_counter() - began

    took = []
    benchmark.pedantic(lambda: took.append(asyncio.run(run())), rounds=1)
    tracemalloc.start()
    asyncio.run(run())
    benchmark.extra_info |= {
        "per second": round(count / min(took)),
        "MiB at most": round(tracemalloc.get_traced_memory()[1] / MIB, 1),
    }
    tracemalloc.stop()
    print(f"\n{work.__name__}: {benchmark.extra_info}")
