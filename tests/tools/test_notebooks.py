from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import notebooks


@pytest.fixture
def notebook(tmp_path):
    """Write a notebook of these cells as labs/00-x/lab.ipynb."""

    def write(*sources):
        path = tmp_path / "labs" / "00-x" / "lab.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), path)
        return path

    return write


@pytest.fixture(autouse=True)
def quick(monkeypatch, tmp_path):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))


def test_a_notebook_runs_in_its_own_folder_with_a_state_directory_of_its_own(notebook):
    path = notebook("import os", "assert os.path.basename(os.getcwd()) == '00-x'", "assert os.environ['KUBELAB_HOME']")

    result = notebooks.run(path, "practice")

    assert result.problem == ""
    assert result.cells == 3


def test_a_failing_cell_fails_its_notebook_and_says_where(notebook):
    result = notebooks.run(notebook("x = 1", "assert x == 2, 'x is one'"), "practice")

    assert "assert x == 2" in result.problem
    assert "x is one" in result.problem


def test_a_kernel_that_dies_fails_its_notebook_alone(notebook):
    assert "died" in notebooks.run(notebook("import os; os._exit(1)"), "practice").problem


def test_so_does_one_that_never_came(notebook, monkeypatch):
    def never(*_, **__):
        raise RuntimeError("Kernel didn't respond in 120 seconds")

    monkeypatch.setattr(notebooks.NotebookClient, "execute", never)

    assert notebooks.run(notebook("1 + 1"), "practice").problem == "Kernel didn't respond in 120 seconds"


SAYS = """
class Exercise:
    def check(self):
        return self
    def __repr__(self):
        return {text!r}
Exercise().check()"""


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("solutions.ipynb", "✔ Passed: It runs", ""),
        ("solutions.ipynb", "? Could not check: It runs", "Could not check"),
        ("solutions.ipynb", "✘ Not yet: It runs", "Not yet"),
        ("solutions.ipynb", "Output()\n\n✔ Passed: It runs", ""),
        ("exercises.ipynb", "○ Not attempted: It runs", ""),
        ("exercises.ipynb", "✘ Not yet: It runs", "Not yet"),
        ("lab.ipynb", "✘ Not yet: It runs", ""),
    ],
)
def test_a_check_has_to_say_what_belongs_there(notebook, name, text, problem):
    path = notebook(SAYS.format(text=text))
    path = path.rename(path.with_name(name))

    said = notebooks.run(path, "practice").problem

    assert problem in said
    assert bool(said) == bool(problem)


def test_the_chosen_cluster_reaches_the_notebook(notebook):
    path = notebook("import os; assert os.environ['CLUSTER'] == 'current'")

    assert notebooks.run(path, "current").problem == ""


def test_a_relative_kubeconfig_means_where_the_run_was_started(notebook, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBECONFIG", "mine")
    path = notebook(f"import os; assert os.environ['KUBECONFIG'] == {str(tmp_path / 'mine')!r}")

    assert notebooks.run(path, "current").problem == ""


def test_a_real_cluster_is_looked_over_before_any_notebook_runs(notebook, tmp_path, monkeypatch, capfd):
    path = notebook("print('ran')")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.setenv("KUBELAB_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("sys.argv", ["notebooks.py", "--cluster", "current", str(path)])

    assert notebooks.main() == 1
    assert "There is no kubeconfig at" in capfd.readouterr().err


def test_outputs_are_saved_only_when_asked_for(notebook, tmp_path):
    path = notebook("import sys\nfor word in ('se', 'en\\n'):\n    print(word, end='', flush=True)")
    before = path.read_text()

    notebooks.run(path, "practice")
    assert path.read_text() == before

    notebooks.run(path, "practice", save_to=path)
    assert nbformat.read(path, 4).cells[0].outputs[0].text == "seen\n"


def test_on_a_shared_cluster_chapters_may_run_side_by_side_and_their_notebooks_in_turn(monkeypatch):
    paths = [Path("labs", *parts) for parts in (("00-a", "x"), ("00-a", "y"), ("01-b", "x"))]

    assert notebooks.rows(paths, "kind") == [paths[:2], paths[2:]]
    assert notebooks.rows(paths, "practice") == [[path] for path in paths]
    monkeypatch.delenv("WORKERS", raising=False)
    assert notebooks.workers("kind") == 1
    monkeypatch.setenv("WORKERS", "4")
    assert notebooks.workers("kind") == 4


def test_only_the_labs_notebooks_are_found_in_order(tmp_path):
    for name in ("02-b/lab.ipynb", "00-a/lab.ipynb", "00-a/.ipynb_checkpoints/lab.ipynb", "00-a/checks.py"):
        (tmp_path / "labs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "labs" / name).touch()

    found = [str(path.relative_to(tmp_path / "labs")) for path in notebooks.discover(tmp_path)]

    assert found == ["00-a/lab.ipynb", "02-b/lab.ipynb"]
