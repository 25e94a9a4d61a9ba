"""However a process with a lab ends, its practice cluster ends with it, and no key is left."""

import os
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

SCRIPT = """
import sys
from kubelab import Lab
lab = Lab("end")
print("ready", flush=True)
sys.stdin.readline()
"""


def is_gone(process):
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        threading.Event().wait(0.02)
    return condition()


@pytest.mark.parametrize(
    "how", ["exit", pytest.param("kill", marks=pytest.mark.skipif(os.name != "posix", reason="POSIX"))]
)
def test_the_cluster_of_a_process_that_ends_is_gone(home, how):
    owner = subprocess.Popen([sys.executable, "-c", SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with owner:
        assert owner.stdout.readline() == "ready\n"
        clusters = [one for one in psutil.Process(owner.pid).children() if "tinykube" in " ".join(one.cmdline())]
        assert len(clusters) == 1
        assert list(home.rglob("kubeconfig"))
        owner.send_signal(signal.SIGKILL) if how == "kill" else owner.stdin.write("\n")
    assert wait_for(lambda: is_gone(clusters[0]))
    assert wait_for(lambda: not list(home.rglob("kubeconfig")))
