"""Processes in the background, and other people's programs: what is recorded whole, what cannot be started."""

import os

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
