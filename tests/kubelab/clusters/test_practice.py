"""The practice cluster's process: started, found again, noticed when it dies, removed without a trace."""

import os
import shutil
import socket
import stat
from urllib.parse import urlsplit

import psutil
import pytest

from kubelab.clusters import kubeconfig, process
from kubelab.clusters.base import Options
from kubelab.clusters.practice import Practice
from kubelab.errors import ClusterUnavailable
from tests.kubelab.conftest import FAKE_PRACTICE


def pid_of(cluster):
    return process.load(cluster.directory / "process.json").pid


def test_up_starts_a_process_that_answers(practice):
    status = practice.up()
    assert (status.state, status.already) == ("running", False)
    assert psutil.pid_exists(pid_of(practice))


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_the_directory_is_private(practice):
    practice.up()
    assert stat.S_IMODE(practice.directory.stat().st_mode) == 0o700


def test_a_second_up_finds_it_running(practice):
    practice.up()
    before = pid_of(practice)
    assert practice.up().already
    assert pid_of(practice) == before


def test_another_object_finds_it_too(practice):
    practice.up()
    assert Practice("fake").status().state == "running"


def test_down_leaves_no_process_port_or_file(practice):
    practice.up()
    pid, address = pid_of(practice), urlsplit(practice.server())
    practice.down()
    assert not psutil.pid_exists(pid)
    with pytest.raises(OSError):
        socket.create_connection((address.hostname, address.port), timeout=1)
    assert not practice.directory.exists()
    assert practice.status().state == "stopped"


def test_down_when_nothing_runs_is_no_error(practice):
    assert practice.down().state == "stopped"


def test_a_crash_is_noticed_and_up_starts_again(practice):
    practice.up()
    process.stop(psutil.Process(pid_of(practice)))
    practice._child.wait()
    with practice.log.open("a") as log:
        log.write("MemoryError: too many Pods\n")
    status = practice.status()
    assert status.state == "crashed"
    assert "too many Pods" in status.detail
    assert practice.up().state == "running"


def test_a_process_that_is_not_ours_is_not_taken_for_it(practice):
    practice.up()
    process.Record(os.getpid(), 12345.0).save(practice.directory / "process.json.other")
    assert process.find(process.load(practice.directory / "process.json.other")) is None


def test_a_start_that_fails_says_why_and_leaves_nothing(practice, monkeypatch):
    monkeypatch.setenv("FAKE_DIE", "no room for another cluster")
    with pytest.raises(ClusterUnavailable, match="no room for another cluster"):
        practice.up()
    assert not practice.directory.exists()


def test_a_start_that_hangs_is_given_up(practice, monkeypatch):
    monkeypatch.setenv("FAKE_MUTE", "1")
    monkeypatch.setattr("kubelab.clusters.practice.START_TIMEOUT", 0.5)
    with pytest.raises(ClusterUnavailable, match="not ready after"):
        practice.up()
    assert practice.status().state == "stopped"


def test_its_clock_steps_to_timers_and_jumps(practice):
    practice.up(Options(clock="stepped"))
    clock = practice.clock()
    assert clock.stepped
    assert clock.jumps
    assert clock.tick().now == 1000.0
    assert (clock.step(60).now, clock.step(60).now, clock.step(10).now) == (1002.0, 1005.5, 1015.5)
    jumped = clock.advance(300)
    assert (jumped.now, jumped.passed, jumped.revision) == (1315.5, 300.0, 7)


def test_a_real_clock_waits_and_still_jumps(practice):
    practice.up(Options(speed=10))
    clock = practice.clock()
    slept = []
    clock._sleep = slept.append
    assert not clock.stepped
    clock.step(60)
    assert slept == [pytest.approx(0.1)]
    assert clock.advance(60).passed == 60.0


def test_a_cluster_that_has_gone_is_a_sentence(practice):
    practice.up()
    clock = practice.clock()
    practice.down()
    with pytest.raises(ClusterUnavailable, match="no longer answers"):
        clock.tick()


def test_a_kubeconfig_that_goes_while_it_is_looked_for_is_no_error(practice, monkeypatch):
    practice.up()
    load = kubeconfig.load

    def too_late(path):
        practice.kubeconfig.unlink(missing_ok=True)
        return load(path)

    monkeypatch.setattr(kubeconfig, "load", too_late)
    assert practice.down().state == "stopped"


def test_one_that_is_not_lasting_ends_with_its_owner(tmp_path):
    cluster = Practice("own", directory=tmp_path / "own", command=FAKE_PRACTICE, lasting=False)
    cluster.up()
    child = psutil.Process(pid_of(cluster))
    cluster._child.stdin.close()  # what the operating system does when the owner ends
    psutil.wait_procs([child], timeout=60)
    assert cluster.status().state == "crashed"
    cluster._child.stdin = None
    cluster.down()


def test_down_ends_a_cluster_whose_directory_somebody_has_removed(practice):
    practice.up()
    pid = pid_of(practice)
    shutil.rmtree(practice.directory)
    assert practice.down().state == "stopped"
    assert not psutil.pid_exists(pid)


def test_one_that_is_not_lasting_can_be_ended_without_its_directory_too(tmp_path):
    cluster = Practice("own", directory=tmp_path / "own", command=FAKE_PRACTICE, lasting=False)
    cluster.up()
    pid = pid_of(cluster)
    shutil.rmtree(cluster.directory)
    cluster.down()
    assert not psutil.pid_exists(pid)
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_could_not_be_found_again_is_ended_at_once(practice, monkeypatch):
    started = []

    def full(record, path):
        started.append(record.pid)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(process.Record, "save", full)
    with pytest.raises(OSError, match="No space left"):
        practice.up()
    assert not psutil.pid_exists(started[0])
    assert not practice.directory.exists()


def test_what_cannot_be_removed_is_said(practice, monkeypatch):
    practice.up()
    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", lambda *_, **__: None)
        said = practice.down().detail
    assert said.startswith(f"The practice cluster 'fake' has ended; remove {practice.directory} by hand")
