"""The book's build: where it says it comes from, and what it is made from."""

from types import SimpleNamespace

import pytest

import book


@pytest.fixture(autouse=True)
def no_ci(monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/me/course.git\n", "https://github.com/me/course"),
        ("git@gitlab.com:me/course\n", "https://gitlab.com/me/course"),
        ("/srv/course\n", ""),
        ("https://token@github.com/me/course.git\n", ""),
        ("", ""),
    ],
)
def test_the_pages_link_to_a_public_repository_only(monkeypatch, remote, address):
    monkeypatch.setattr(book.subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=remote))
    assert book.repository() == address


def test_on_github_it_is_the_one_that_is_built(monkeypatch):
    monkeypatch.setenv("GITHUB_REPOSITORY", "me/course")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example")
    assert book.repository() == "https://github.example/me/course"


def test_without_git_there_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert book.repository() == ""


def test_a_book_is_made_from_a_fresh_copy_that_holds_no_leftovers(monkeypatch, tmp_path):
    for name in (
        "labs/00-a/lab.ipynb",
        "labs/00-a/.ipynb_checkpoints/lab.ipynb",
        "src/x/__pycache__/x.pyc",
        "_toc.yml",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setattr(book, "ROOT", tmp_path)
    monkeypatch.setattr(book, "STAGE", tmp_path / "stage")
    (tmp_path / "stage").mkdir()
    (tmp_path / "stage" / "old.html").touch()

    book.stage()

    files = {str(path.relative_to(tmp_path / "stage")) for path in (tmp_path / "stage").rglob("*") if path.is_file()}
    assert files == {"labs/00-a/lab.ipynb", "_toc.yml"}
