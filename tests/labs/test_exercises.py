"""Every exercise of the course: the untouched starter says "not attempted", the solution passes, and each plausible
wrong answer fails with a message of its own."""

import pytest

from kubelab.checks import deriving, testing
from tests.conftest import ROOT

CASES = list(testing.cases(ROOT / "labs"))


@pytest.fixture(autouse=True)
def _on_the_practice_cluster(tmp_path, monkeypatch):
    """Each worker has a stepped cluster of its own, and nobody's progress is touched."""
    monkeypatch.setenv("CLUSTER", "practice")
    monkeypatch.setenv("KUBELAB_HOME", str(tmp_path))


@pytest.mark.kubectl
@pytest.mark.parametrize("case", CASES, ids=str)
def test_starter_solution_and_wrong_answers_are_judged_right(case, kubectl):
    problems = case.problems()

    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("lab", sorted({case.directory for case in CASES}), ids=lambda path: path.name)
def test_every_lab_has_three_exercises(lab):
    assert sum(case.directory == lab for case in CASES) >= 3


@pytest.mark.parametrize("lab", sorted({case.directory for case in CASES}), ids=lambda path: path.name)
def test_exercises_are_what_their_solutions_derive_to(lab):
    assert deriving.is_derived(lab), "run tools/derive_exercises.py"
