"""A learner's copies: given out once, kept up to date while untouched, never overwritten."""

import importlib.util
import json
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "tools/copies.py"


@pytest.fixture(scope="module")
def copies():
    spec = importlib.util.spec_from_file_location("copies", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def notebook(text, output=()):
    cell = {"cell_type": "code", "source": text, "outputs": list(output), "execution_count": 3, "metadata": {}}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def labs(tmp_path):
    (tmp_path / "labs/01-a/manifests").mkdir(parents=True)
    (tmp_path / "labs/images/app").mkdir(parents=True)
    (tmp_path / "labs/images/app/app.py").write_text("pass")
    (tmp_path / "labs/01-a/manifests/pod.yaml").write_text("kind: Pod")
    (tmp_path / "labs/01-a/lab.ipynb").write_text(notebook("1 + 1", [{"output_type": "stream"}]))
    return tmp_path / "labs"


def test_everything_but_image_sources_is_given_out_without_outputs(copies, labs, tmp_path):
    assert copies.refresh(labs, tmp_path / "mine") == []
    cell = json.loads((tmp_path / "mine/01-a/lab.ipynb").read_text())["cells"][0]
    assert (cell["source"], cell["outputs"], cell["execution_count"]) == ("1 + 1", [], None)
    assert (tmp_path / "mine/01-a/manifests/pod.yaml").read_text() == "kind: Pod"
    assert not (tmp_path / "mine/images").exists()


def test_untouched_copies_follow_the_original(copies, labs, tmp_path):
    copies.refresh(labs, tmp_path / "mine")
    (labs / "01-a/manifests/pod.yaml").write_text("kind: Pod # newer")
    assert copies.refresh(labs, tmp_path / "mine") == []
    assert (tmp_path / "mine/01-a/manifests/pod.yaml").read_text() == "kind: Pod # newer"


def test_what_a_learner_changed_is_kept_and_reported_once_there_is_a_newer_original(copies, labs, tmp_path):
    copies.refresh(labs, tmp_path / "mine")
    mine = tmp_path / "mine/01-a/lab.ipynb"
    mine.write_text("my own work")
    assert copies.refresh(labs, tmp_path / "mine") == []
    (labs / "01-a/lab.ipynb").write_text(notebook("2 + 2"))
    assert copies.refresh(labs, tmp_path / "mine") == [mine]
    assert mine.read_text() == "my own work"


def test_a_file_the_learner_made_is_left_alone(copies, labs, tmp_path):
    own = tmp_path / "mine/01-a/manifests/pod.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("kind: Secret")
    copies.refresh(labs, tmp_path / "mine")
    assert own.read_text() == "kind: Secret"


def test_outputs_alone_make_no_difference(copies, labs, tmp_path):
    copies.refresh(labs, tmp_path / "mine")
    before = (tmp_path / "mine/01-a/lab.ipynb").read_bytes()
    (labs / "01-a/lab.ipynb").write_text(notebook("1 + 1", [{"output_type": "error"}]))
    copies.refresh(labs, tmp_path / "mine")
    assert (tmp_path / "mine/01-a/lab.ipynb").read_bytes() == before


def test_with_a_record_that_cannot_be_read_every_copy_counts_as_the_learners(copies, labs, tmp_path):
    copies.refresh(labs, tmp_path / "mine")
    (tmp_path / "mine/.given-out.json").write_text("{")
    (labs / "01-a/lab.ipynb").write_text(notebook("2 + 2"))

    assert copies.refresh(labs, tmp_path / "mine") == [tmp_path / "mine/01-a/lab.ipynb"]


def test_a_copy_that_was_interrupted_is_no_learners_work(copies, labs, tmp_path, monkeypatch):
    write = Path.write_bytes

    def full(path, content):
        write(path, content[: len(content) // 2])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match="No space left"):
            copies.refresh(labs, tmp_path / "mine")
    assert copies.refresh(labs, tmp_path / "mine") == []
    assert json.loads((tmp_path / "mine/01-a/lab.ipynb").read_text())["cells"][0]["source"] == "1 + 1"
    assert (tmp_path / "mine/01-a/manifests/pod.yaml").read_text() == "kind: Pod"
