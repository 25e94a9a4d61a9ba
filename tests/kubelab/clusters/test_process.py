"""Processes in the background, and other people's programs: what is recorded whole, what cannot be started."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from kubelab import ToolMissing
from kubelab.clusters import commands, process


def test_a_record_is_replaced_whole(tmp_path, monkeypatch):
    path = tmp_path / "process.json"
    process.Record(1, 2.0).save(path)

    def crash(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", crash)
    with pytest.raises(OSError, match="disk full"):
        process.Record(3, 4.0).save(path)
    assert process.load(path) == process.Record(1, 2.0)


def test_our_own_process_is_found_and_one_of_the_same_id_at_another_time_is_not():
    mine = process.record(os.getpid())
    assert process.find(mine).pid == os.getpid()
    assert process.find(process.Record(mine.pid, mine.created - 5)) is None


@pytest.mark.skipif(os.name != "posix", reason="Windows knows programs by their names")
def test_a_program_for_another_machine_is_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "kind").write_bytes(b"\x7fELF for a processor that this machine has not")
    (tmp_path / "kind").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match=r"kind cannot be started \(Exec format error\). Install kind again"):
        commands.run(["kind", "version"], timeout=20)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no signals to ask with")
@pytest.mark.parametrize(("program", "code"), [("raise SystemExit(7)", 7), ("pass", -signal.SIGKILL)])
def test_a_process_is_asked_to_end_before_it_is_killed(program, code):
    script = f"""
import signal, sys
def asked(*_):
    {program}
signal.signal(signal.SIGTERM, asked)
print("ready", flush=True)
while True:
    signal.pause()
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"ready\n"
        process.stop(psutil.Process(child.pid), patience=60 if code > 0 else 0.1)
        assert child.wait(60) == code


def test_the_children_of_a_process_end_with_it():
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout.readline().strip() == b"1"
        (child,) = psutil.Process(parent.pid).children()
        process.stop(psutil.Process(parent.pid))
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
