"""Where things are kept, and that they survive."""

import os
import stat
import sys

import pytest

from kubelab import ToolMissing, paths


def test_scratch_directories_of_processes_that_ended_are_removed(home):
    mine = paths.scratch()
    left = home / "scratch" / "4194305-dead"
    left.mkdir()
    (left / "config").write_text("x")
    assert paths.scratch() != mine
    assert mine.exists()
    assert not left.exists()


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_scratch_is_private():
    assert stat.S_IMODE(paths.scratch().stat().st_mode) == 0o700


def test_a_program_beside_this_python_comes_before_path(tmp_path, monkeypatch):
    if os.name != "posix":
        return
    for place in ("bin", "path"):
        (tmp_path / place).mkdir()
        program = tmp_path / place / "kubectl"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert paths.program("kubectl") == str(tmp_path / "bin" / "kubectl")
    (tmp_path / "bin" / "kubectl").unlink()
    assert paths.program("kubectl") == str(tmp_path / "path" / "kubectl")


@pytest.mark.parametrize(
    ("name", "step"), [("kubectl", "make setup"), ("kind", "kubelab up"), ("docker", "kubelab up")]
)
def test_a_missing_program_says_how_to_get_it(monkeypatch, name, step):
    monkeypatch.setattr(paths, "program", lambda _: None)
    with pytest.raises(ToolMissing, match=f"{name} is not installed") as caught:
        paths.need_program(name)
    assert step in caught.value.next_step


def test_the_repository_is_this_packages_own_wherever_one_stands(tmp_path, monkeypatch, root):
    (tmp_path / "labs").mkdir()
    (tmp_path / "book").mkdir()
    monkeypatch.chdir(tmp_path)
    assert paths.repository() == root


def test_a_file_that_somebody_reads_is_replaced_as_soon_as_they_have_done(tmp_path, monkeypatch):
    replace, refusals = os.replace, iter([PermissionError, PermissionError])

    def busy(*names):
        for refusal in refusals:
            raise refusal
        replace(*names)

    monkeypatch.setattr(paths, "_TRIES", 3)
    monkeypatch.setattr(os, "replace", busy)
    paths.write_atomically(tmp_path / "file", "new")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("file", "new")]


def test_one_that_cannot_be_replaced_stays_as_it_was(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("old")

    def refused(*_):
        raise PermissionError

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(PermissionError):
        paths.write_atomically(tmp_path / "file", "new")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("file", "old")]
