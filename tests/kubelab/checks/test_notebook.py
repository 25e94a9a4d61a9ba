"""Exercises, derived from solutions."""

import nbformat
import pytest

from kubelab.checks import deriving, notebook
from kubelab.errors import KubelabError


def code(source, *tags, **metadata):
    return nbformat.v4.new_code_cell(source, metadata={"tags": list(tags), **metadata})


@pytest.fixture
def directory(tmp_path):
    cells = [
        nbformat.v4.new_markdown_cell("# Exercises"),
        code("from kubelab import Lab"),
        code("%kubectl run x --image=nginx:1.27", "exercise:pod", "setup"),
        code("%%apply\nkind: Pod", "exercise:pod", "solution"),
        code("%kubectl label pod x a=b", "exercise:label", "solution", starter="%kubectl label ____"),
        code("answer = 3", "exercise:count", "solution"),
        code("lab.get('pod/x')", "exercise:look", "solution"),
        nbformat.v4.new_markdown_cell("Why this works.", metadata={"tags": ["solution-only"]}),
        code("ex.pod.check()", "exercise:pod"),
    ]
    cells[3]["outputs"] = [nbformat.v4.new_output("stream", text="pod/x created\n")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "solutions.ipynb")
    return tmp_path


def test_cells_by_exercise_and_role(directory):
    solutions = notebook.Solutions.beside(directory)
    assert solutions.names == ["pod", "label", "count", "look"]
    assert solutions.setup("pod") == ["%kubectl run x --image=nginx:1.27"]
    assert solutions.solution("pod") == ["%%apply\nkind: Pod"]
    with pytest.raises(KubelabError, match="No cell is tagged"):
        solutions.solution("other")


STARTERS = [
    ("pod", "%%apply\n# Write your manifest here, then run this cell."),
    ("label", "%kubectl label ____"),
    ("count", "answer = ..."),
    ("look", "# Write your answer here."),
]


@pytest.mark.parametrize(("exercise", "starter"), STARTERS)
def test_starters(directory, exercise, starter):
    assert notebook.Solutions.beside(directory).starter(exercise) == [starter]


def test_the_derived_notebook_has_starters_and_no_outputs_or_explanations(directory):
    assert deriving.write_exercises(directory)
    made = nbformat.read(directory / "exercises.ipynb", as_version=4)
    assert [cell.source for cell in made.cells] == [
        "# Exercises",
        "from kubelab import Lab",
        "%kubectl run x --image=nginx:1.27",
        *(starter for _, starter in STARTERS),
        "ex.pod.check()",
    ]
    assert all(not cell.get("outputs") for cell in made.cells)
    assert "starter" in made.cells[3].metadata.tags


def test_deriving_twice_changes_nothing(directory):
    deriving.write_exercises(directory)
    assert not deriving.write_exercises(directory)
    assert deriving.is_derived(directory)
    (directory / "exercises.ipynb").write_text("{}")
    assert not deriving.is_derived(directory)
