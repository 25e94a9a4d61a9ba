"""A warm kernel is a kernel like any other, and so is its practice cluster."""

import json
import os
import signal
import subprocess
import sys

import psutil
import pytest

from kernels import KernelManager
from tests.labs import isolation

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")


@pytest.fixture(scope="module")
def warm():
    before = os.environ.get("JUPYTER_PATH")
    isolation.warm_up()
    yield
    isolation.cool_down()
    os.environ.pop("JUPYTER_PATH")
    if before is not None:
        os.environ["JUPYTER_PATH"] = before


@pytest.fixture
def manager(warm, tmp_path):
    made = KernelManager(kernel_name="python3")
    made.start_kernel(cwd=str(tmp_path), env={**os.environ, "MINE": "yes"}, stderr=subprocess.DEVNULL)
    yield made
    if made.has_kernel:
        made.shutdown_kernel(now=True)


def ask(manager, expression):
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=100)
    reply = client.execute_interactive("", user_expressions={"it": expression}, output_hook=lambda _: None)
    client.stop_channels()
    found = reply["content"]["user_expressions"]["it"]
    return found["data"]["text/plain"] if found["status"] == "ok" else found["evalue"]


def test_it_has_the_directory_and_the_environment_of_whoever_started_it(manager, tmp_path):
    assert ask(manager, "__import__('os').getcwd()") == repr(str(tmp_path))
    assert ask(manager, "__import__('os').environ['MINE']") == "'yes'"


def test_what_labs_need_is_there_already(manager):
    assert ask(manager, "'kubelab.lab' in __import__('sys').modules") == "True"


def test_it_ends_with_what_stands_for_it_even_if_that_is_killed(manager):
    kernel = psutil.Process(int(ask(manager, "__import__('os').getpid()")))
    os.kill(manager.provisioner.pid, signal.SIGKILL)
    psutil.wait_procs([kernel], timeout=60)
    assert not kernel.is_running() or kernel.status() == psutil.STATUS_ZOMBIE


def practice(manager, call, tmp_path):
    """What a call on a practice cluster returns in the kernel."""
    made = f"Practice('warm', directory=__import__('pathlib').Path({str(tmp_path / 'cluster')!r}))"
    return ask(manager, f"__import__('kubelab.clusters.practice').clusters.practice.{made}.{call}")


def test_its_cluster_starts_answers_and_goes(manager, tmp_path):
    assert practice(manager, "up().state", tmp_path) == "'running'"
    assert practice(manager, "clock().tick().now > 0", tmp_path) == "True"
    assert practice(manager, "down().state", tmp_path) == "'stopped'"
    assert practice(manager, "status().state", tmp_path) == "'stopped'"


def test_its_cluster_ends_with_what_stands_for_it_even_if_that_is_killed(manager, tmp_path):
    practice(manager, "up()", tmp_path)
    record = json.loads((tmp_path / "cluster" / "process.json").read_text(encoding="utf-8"))
    port = int(practice(manager, "server()", tmp_path).strip("'").rpartition(":")[2])
    listening = (one for one in psutil.net_connections() if one.status == psutil.CONN_LISTEN)
    cluster = next(psutil.Process(one.pid) for one in listening if one.laddr.port == port)
    os.kill(record["pid"], signal.SIGKILL)
    psutil.wait_procs([cluster], timeout=60)
    assert practice(manager, "status().state", tmp_path) == "'crashed'"
    assert practice(manager, "down().state", tmp_path) == "'stopped'"
