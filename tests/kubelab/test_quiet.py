"""Telling from outside whether a program works, waits, or has ended."""

import subprocess
import sys
from contextlib import ExitStack, suppress

import psutil
import pytest

from kubelab import quiet

SPIN = "print('here', flush=True)\nwhile True: pass"


@pytest.fixture
def run():
    """Start a program and return its id once it, or its child, has printed something or has ended."""
    with ExitStack() as ends:

        def start(program):
            process = ends.enter_context(subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE))
            ends.callback(_end, process)
            process.stdout.readline()
            return process.pid

        yield start


def _end(process):
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(process.pid).children():
            child.kill()
    process.kill()


def test_one_that_waits_is_quiet(run):
    pid = run("import time; print('here', flush=True); time.sleep(60)")
    assert quiet.wait_until_quiet(pid, still=0.05)
    assert not quiet.is_gone(pid)


def test_one_that_works_is_not(run):
    assert not quiet.wait_until_quiet(run(SPIN), most=0.2)


def test_one_whose_child_works_is_not(run):
    pid = run(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SPIN!r}])")
    assert not quiet.wait_until_quiet(pid, most=0.2)


def test_one_that_has_ended_is_gone_before_anybody_has_waited_for_it(run):
    pid = run("")
    assert quiet.wait_until_quiet(pid)
    assert quiet.is_gone(pid)
