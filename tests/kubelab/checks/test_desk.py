"""The learner's desk and the checks' own test, on a practice cluster."""

import nbformat
import pytest

from kubelab import KubelabError
from kubelab.checks import CouldNotCheck, LearnerError, NotAttempted, exercises, progress, testing
from kubelab.lab import Lab
from tests.kubelab.checks.fake_lab import FakeLab

CHECKS = """
from kubelab.checks import Exercises, inside, not_attempted, stays, until, wrong

exercises = Exercises("77-test")

@exercises.add("server", title="A server", hints=["First.", "Second."], wrong_answers={
    "sleeps": "%kubectl run web --image=busybox:1.36 -- sleep 1000",
    "no image": "%kubectl run web --image=example.invalid/none:1",
})
def server(lab):
    pod = lab.find("pod/web") or not_attempted("There is no Pod web.")
    if until(lab, "pod/web", "Ready", 30) is None:
        wrong(saw="It never got ready.", why="It should run.")
    said = inside(lab, "wget -q -O - http://" + lab.get("pod/web")["status"]["podIP"])
    if said.code or not stays(lab, "pod/web", lambda one: one is not None, 3):
        wrong(saw="It is silent.", why="It should serve.")
    return f"It serves {len(said) > 0}."

@exercises.add("count", title="How many?", hints=[], wrong_answers={"one": "answer = 1", "two": "answer = 2"})
def count(lab, answer):
    if answer != 3:
        wrong(saw=f"{answer}", why="No.")

@exercises.add("broken", title="Broken", hints=[], wrong_answers={"a": "%kubectl run a --image=nginx:1.27"})
def broken(lab):
    return 1 / 0
"""


SOLUTION = """%%apply
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: c, image: "nginx:1.27"}]}
"""


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "checks.py").write_text(CHECKS)
    cells = [(SOLUTION, "server"), ("answer = 3", "count"), ("answer = 3", "broken")]
    made = [
        nbformat.v4.new_code_cell(text, metadata={"tags": [f"exercise:{name}", "solution"]}) for text, name in cells
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=made), tmp_path / "solutions.ipynb")
    return tmp_path


def test_check_hint_solution_progress(lab, directory):
    ex = exercises(lab, directory)
    assert "○ Not attempted: A server\n  There is no Pod web." in repr(ex.server.check())
    assert progress.load() == {}
    assert repr(ex.server.solution()).startswith("There are 2 hints left")
    assert [repr(ex.server.hint()) for _ in range(3)] == [
        "**Hint 1 of 2.** First.",
        "**Hint 2 of 2.** Second.",
        "There are no more hints. `ex.server.solution()` shows a solution.",
    ]
    assert "nginx:1.27" in repr(ex.server.solution())
    lab.apply(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web"},
            "spec": {"containers": [{"name": "c", "image": "nginx:1.27"}]},
        }
    )
    assert ex.server.check()
    entry = progress.load()["77-test/server"]
    assert (bool(entry.passed), entry.hints, entry.solution_seen) == (True, 2, True)
    assert lab.find("pod/kubelab-probe") is None


def test_an_unknown_exercise_is_named(lab, directory):
    ex = exercises(lab, directory)
    assert dir(ex) == ["broken", "count", "server"]
    with pytest.raises(AttributeError, match="there are: server, count, broken"):
        _ = ex.web


def test_a_cluster_that_is_gone_is_not_the_learners_fault(directory):
    lab = Lab("gone")
    ex = exercises(lab, directory)
    lab._connection.server = "https://127.0.0.1:1"
    assert isinstance(ex.server.check().outcome, CouldNotCheck)


def test_without_checks_there_is_a_sentence(lab, tmp_path):
    with pytest.raises(KubelabError, match=r"There is no .*checks\.py"):
        exercises(lab, tmp_path)


@pytest.mark.kubectl
def test_sound_exercises_have_no_problems_and_others_are_told(directory, kubectl):
    found = {
        case.exercise.name: case.problems() for case in testing.cases(directory.parent) if case.directory == directory
    }
    assert found["server"] == []
    assert found["count"] == []
    problems = " ".join(found["broken"])
    assert "1 wrong answers, fewer than 2" in problems
    assert "the starter is not 'not attempted'" in problems
    assert "the solution does not pass: CouldNotCheck" in problems
    assert "the wrong answer 'a' is not 'wrong'" in problems


def test_the_refused_starter_of_another_exercise_is_no_mistake(lab, directory):
    lab.refused, lab.refused_input = "error: no objects", "# Write your manifest here, then run this cell."

    assert "○ Not attempted" in repr(exercises(lab, directory).count.check())


def test_starters_are_not_attempted(directory):
    case = next(case for case in testing.cases(directory.parent) if case.exercise.name == "server")
    assert isinstance(case.attempt(["%%apply\n# Write your manifest here"]), NotAttempted)


def test_exercises_are_checked_without_their_solutions_too(tmp_path):
    (tmp_path / "checks.py").write_text(CHECKS)
    lab, refusal = FakeLab(), "Error from server (BadRequest): no such field"
    lab.refused, lab.refused_input = refusal, "kind: Pod"
    ex = exercises(lab, tmp_path)
    assert ex.server.check().outcome == LearnerError(refusal)
    assert repr(ex.server) == "server: A server"
