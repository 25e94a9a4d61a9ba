"""One at a time, between threads and between processes; nobody waits for the dead, and nothing is left."""

import subprocess
import sys
import threading

import pytest

from kubelab import KubelabError, locks

HOLDER = """
import sys
from pathlib import Path
from kubelab import locks
with locks.held(Path(sys.argv[1]), 10):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "one.lock"


@pytest.fixture
def holder(path):
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_nothing_is_left_of_it(path):
    for _ in range(2):
        with locks.held(path, 0):
            pass
    assert not path.exists()


def test_it_is_given_back_when_the_block_fails(path):
    with pytest.raises(ZeroDivisionError), locks.held(path, 0):
        raise ZeroDivisionError
    with locks.held(path, 0):
        pass


def test_who_waits_for_too_long_is_told_for_what(path, holder):
    with pytest.raises(KubelabError, match=r"has held .*one.lock for 0 seconds"), locks.held(path, 0):
        pass


def test_who_waits_gets_it_from_whoever_gives_it_back(path, holder):
    waiting = threading.Timer(0, holder.stdin.close)
    waiting.start()
    with locks.held(path, 60):
        pass


def test_the_lock_of_a_process_that_was_killed_is_free(path, holder):
    holder.kill()
    with locks.held(path, 60):
        pass


def test_of_many_one_is_inside(path):
    inside, seen = [], []

    def work(number):
        for _ in range(20):
            with locks.held(path, 60):
                inside.append(number)
                seen.append(list(inside))
                inside.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 80
    assert {len(one) for one in seen} == {1}
