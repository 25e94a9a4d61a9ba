"""Notebooks as they are committed: run from top to bottom, by the kernel everybody has, naming nobody's machine."""

import re

import pytest

from tests.book.sources import Notebook, notebooks

EVERY = pytest.mark.parametrize("notebook", notebooks(), ids=lambda notebook: notebook.name)
SHOWN = pytest.mark.parametrize(
    "notebook",
    [notebook for notebook in notebooks() if notebook.path.stem != "exercises"],  # a learner gets these untouched
    ids=lambda notebook: notebook.name,
)
SOMEBODYS_HOME = re.compile(r"/(?:home|Users|root)/[\w.-]+|[A-Z]:\\\\Users")
MARKED = "raises-exception"


@SHOWN
def test_it_was_run_from_top_to_bottom(notebook: Notebook):
    counts = [cell["execution_count"] for cell in notebook.code]
    assert counts == list(range(1, len(counts) + 1)), "run all cells in a fresh kernel, then save"


@EVERY
def test_no_cell_failed(notebook: Notebook):
    failed = [
        cell["id"] for cell in notebook.code
        if MARKED not in cell["metadata"].get("tags", [])
        and any(output["output_type"] == "error" for output in cell["outputs"])
    ]  # fmt: skip
    assert failed == []


@EVERY
def test_cells_have_names_of_their_own(notebook: Notebook):
    ids = [cell["id"] for cell in notebook.cells]
    assert len(set(ids)) == len(ids)


@EVERY
def test_it_asks_for_the_kernel_that_everybody_has(notebook: Notebook):
    assert notebook.content["metadata"]["kernelspec"]["name"] == "python3"


@EVERY
def test_what_a_cell_shows_is_seen(notebook: Notebook):
    unseen = [
        cell["id"] for cell in notebook.code
        for line in "".join(cell["source"]).strip().splitlines()[:-1] if line.startswith(("lab.show(", "widgets."))
    ]  # fmt: skip
    assert unseen == [], "Jupyter displays only what the last line of a cell is worth"


@EVERY
def test_it_names_no_place_on_the_machine_it_was_run_on(notebook: Notebook):
    told = [
        "".join(output.get("text", "")) + str(output.get("data", {}).get("text/plain", ""))
        for cell in notebook.code for output in cell["outputs"]
    ]  # fmt: skip
    assert [found for text in told for found in SOMEBODYS_HOME.findall(text)] == []


@EVERY
def test_it_never_asks_which_cluster_it_is_on(notebook: Notebook):
    source = "\n".join("".join(cell["source"]) for cell in notebook.code)
    assert not re.search(r"\b(if|elif|match)\b[^\n]*(\.kind\b|CLUSTER|[\"']practice[\"'])", source)


@EVERY
def test_a_cell_is_short_enough_to_read_at_once(notebook: Notebook):
    long = {cell["id"]: len("".join(cell["source"]).splitlines()) for cell in notebook.code}
    assert {name: lines for name, lines in long.items() if lines > 60} == {}
