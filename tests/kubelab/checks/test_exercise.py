"""Running a check: it always ends in an outcome, and never in a pass by accident."""

import pytest

from kubelab.checks import CouldNotCheck, Exercises, LearnerError, NotAttempted, Passed, Wrong, not_attempted, wrong
from kubelab.checks.exercise import load_file
from kubelab.errors import ClusterUnavailable, KubelabError, TimedOut
from tests.kubelab.checks.fake_lab import FakeLab


def outcome(check, lab=None, *arguments, **options):
    exercises = Exercises("00-x")
    exercises.add("it", title="It", hints=(), wrong_answers={})(check)
    return exercises["it"].run(lab or FakeLab(), *arguments, **options)


def raising(error):
    def check(lab):
        raise error

    return check


OUTCOMES = [
    (lambda lab: None, Passed()),
    (lambda lab: "It runs.", Passed("It runs.")),
    (lambda lab: True, Passed()),
    (lambda lab: not_attempted("Nothing there."), NotAttempted("Nothing there.")),
    (lambda lab: wrong(saw="a", why="b"), Wrong("a", "b")),
    (lambda lab: lab.find("pod/web") or not_attempted("No Pod."), NotAttempted("No Pod.")),
]


@pytest.mark.parametrize(("check", "expected"), OUTCOMES)
def test_outcomes(check, expected):
    assert outcome(check) == expected


BREAKS = [
    (KeyError("status"), "The check itself broke (KeyError: 'status')."),
    (ClusterUnavailable("The cluster does not answer.", "Start it."), "The cluster does not answer. Start it."),
    (TimedOut("pod/web was not Ready."), "The check could not finish. pod/web was not Ready."),
    (AssertionError("x"), "The check itself broke (AssertionError: x)."),
    (KeyboardInterrupt(), "The check was interrupted."),
]


@pytest.mark.parametrize(("error", "sentence"), BREAKS)
def test_a_check_that_breaks_says_so(error, sentence):
    assert outcome(raising(error)) == CouldNotCheck(sentence)


def test_a_namespace_that_is_gone_is_not_the_learners_fault():
    lab = FakeLab()
    lab.objects.clear()
    found = outcome(lambda lab: not_attempted("No Pod."), lab)
    assert isinstance(found, CouldNotCheck)
    assert "from the top" in found.why


def test_what_the_api_server_refused_explains_why_nothing_is_there():
    lab = FakeLab()
    lab.refused = "Error from server (BadRequest): unknown field"
    assert outcome(lambda lab: not_attempted("No Pod."), lab) == LearnerError(lab.refused)


def test_a_refusal_does_not_hide_a_wrong_answer_or_a_pass():
    lab = FakeLab()
    lab.refused = "Error"
    assert outcome(lambda lab: wrong(saw="a", why="b"), lab) == Wrong("a", "b")
    assert outcome(lambda lab: None, lab) == Passed()


def test_a_starter_that_is_refused_is_no_mistake():
    lab = FakeLab()
    lab.refused, lab.refused_input = "Error", "kind: Pod\n"
    found = outcome(lambda lab: not_attempted("No Pod."), lab, ..., ["%%apply\nkind: Pod"])
    assert found == NotAttempted("No Pod.")


@pytest.mark.parametrize("answer", [..., None, "", "..."])
def test_no_answer_is_not_attempted(answer):
    assert outcome(lambda lab, answer: None, FakeLab(), answer) == NotAttempted("There is no answer yet.")


@pytest.mark.parametrize("answer", [3, 0, "web", ["a"], {}])
def test_an_answer_is_judged(answer):
    assert outcome(lambda lab, answer: repr(answer), FakeLab(), answer) == Passed(repr(answer))


def test_two_exercises_of_one_name_are_refused():
    exercises = Exercises("00-x")
    exercises.add("it", title="It", hints=(), wrong_answers={})(lambda lab: None)
    with pytest.raises(KubelabError, match="two exercises"):
        exercises.add("it", title="It", hints=(), wrong_answers={})(lambda lab: None)


def test_files_are_loaded_under_names_of_their_own(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "checks.py").write_text(
            f"from kubelab.checks import Exercises\nexercises = Exercises({name!r})\n"
        )
    assert [load_file(tmp_path / name / "checks.py").chapter for name in ("a", "b")] == ["a", "b"]


def test_a_file_without_exercises_is_a_sentence(tmp_path):
    (tmp_path / "checks.py").write_text("x = 1\n")
    with pytest.raises(KubelabError, match="defines no `exercises`"):
        load_file(tmp_path / "checks.py")
