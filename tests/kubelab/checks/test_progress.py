"""The progress record: it survives, and a damaged one is not fatal."""

import json
import threading

import pytest

from kubelab.checks import progress


def test_it_survives_a_restart():
    progress.note("02/web", passed=False)
    progress.note("02/web", passed=True, hints=2)
    entry = progress.load()["02/web"]
    assert (entry.attempts, entry.hints, bool(entry.passed)) == (2, 2, True)


def test_a_pass_is_not_taken_back():
    progress.note("02/web", passed=True)
    first = progress.load()["02/web"].passed
    progress.note("02/web", passed=False)
    assert progress.load()["02/web"].passed == first


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}', '{"a": {"unknown": 1}}'])
def test_a_damaged_record_is_set_aside(home, text):
    home.mkdir()
    (home / "progress.json").write_text(text)
    assert progress.load() == {}
    progress.note("02/web", passed=True)
    assert list(progress.load()) == ["02/web"]
    assert (home / "progress.damaged.json").read_text() == text


def test_a_crash_while_writing_leaves_the_old_record(home, monkeypatch):
    progress.note("02/web", passed=True)

    def crash(*_):
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", crash)
    progress.note("02/other", passed=True)
    assert list(json.loads((home / "progress.json").read_text())) == ["02/web"]
    assert [path.name for path in home.iterdir()] == ["progress.json"]


def test_summary_lists_each_chapter(monkeypatch):
    monkeypatch.setattr(progress, "_known", lambda: ["02/a", "02/b", "03/c"])
    progress.note("02/a", passed=True)
    progress.note("02/b", passed=False)
    assert progress.summary().splitlines() == [
        "02                       1/2   ✔ a  ✘ b",
        "03                       0/1   ○ c",
    ]


def test_summary_of_nothing_says_where_to_start(monkeypatch):
    monkeypatch.setattr(progress, "_known", list)
    assert "exercises.ipynb" in progress.summary()


def test_a_record_that_cannot_be_read_just_now_is_neither_set_aside_nor_replaced(home, monkeypatch):
    progress.note("02/web", passed=True)

    def busy(*_, **__):
        raise PermissionError("another program has it open")

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.read_text", busy)
        progress.note("02/other", passed=True)
    assert [path.name for path in home.iterdir()] == ["progress.json"]
    assert list(progress.load()) == ["02/web"]


def test_of_two_notebooks_that_check_at_once_neither_loses_anything():
    def check(notebook):
        for number in range(10):
            progress.note(f"{notebook}/{number}", passed=True)

    notebooks = [threading.Thread(target=check, args=(name,)) for name in ("02", "03")]
    for notebook in notebooks:
        notebook.start()
    for notebook in notebooks:
        notebook.join()
    assert len(progress.load()) == 20
