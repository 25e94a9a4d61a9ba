"""A served API with a node that pretends, and clients that run beside the event loop."""

import asyncio
import os
import random
from types import SimpleNamespace

import pytest
from kubernetes import client, config
from tests.tinykube.api.examples import bind, pod
from tests.tinykube.server.fakes import FakeKubelet

from tinykube.api import ApiServer
from tinykube.client import MERGE_PATCH
from tinykube.clock import Clock
from tinykube.server import Server
from tinykube.store import Store


@pytest.fixture
async def served(tmp_path):
    """`.api`, `.server`, `.clock`, `.kubelet`; a running Pod `p` with the container `main`."""
    clock = Clock()
    api = ApiServer(Store(), clock, random.Random(5))
    api.bootstrap()
    api.create("serviceaccounts", "default", {"metadata": {"name": "default"}})
    kubelet = api.nodes["node-1"] = FakeKubelet()
    api.create("pods", "default", pod("p"))
    bind(api)
    api.patch("pods", "default", "p", {"status": {"phase": "Running"}}, MERGE_PATCH, subresource="status")
    stopped = asyncio.Event()
    server = Server(api, clock, tmp_path / "state", on_shutdown=stopped.set)
    await server.start()
    yield SimpleNamespace(api=api, clock=clock, server=server, kubelet=kubelet, stopped=stopped)
    await server.stop()


@pytest.fixture
def run_kubectl(served, kubectl, tmp_path):
    """Run the real kubectl: (exit code, output, errors)."""

    async def run(*arguments, stdin=None, editor=None):
        env = {**os.environ, "KUBECONFIG": str(served.server.kubeconfig), "HOME": str(tmp_path)}
        if editor:
            env["KUBE_EDITOR"] = editor
        process = await asyncio.create_subprocess_exec(
            kubectl,
            *arguments,
            env=env,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(stdin.encode() if stdin else None), 60)
        return process.returncode, out.decode(), err.decode()

    return run


@pytest.fixture
def official(served):
    """Call a function of the official client in a thread, with its ApiClient first."""

    async def call(function, *arguments):
        settings = client.Configuration()
        config.load_kube_config(str(served.server.kubeconfig), client_configuration=settings)
        with client.ApiClient(settings) as found:
            try:
                return await asyncio.to_thread(function, found, *arguments)
            finally:
                found.rest_client.pool_manager.clear()

    return call
