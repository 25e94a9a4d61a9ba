"""Exercises: a check, hints by degrees, wrong answers to test it with; and running one for a learner.

Law: whatever a check does, running it ends in an outcome: a check that breaks says so.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kubelab.checks.outcomes import CouldNotCheck, Judged, LearnerError, NotAttempted, Outcome, Passed, Wrong
from kubelab.errors import ClusterUnavailable, KubelabError
from kubelab.lab import Lab

Check = Callable[..., Any]
_UNANSWERED = (..., None, "", "...", "____")


@dataclass(frozen=True)
class Exercise:
    """One exercise. `wrong_answers` are notebook cells that must fail the check, each with a message of its own."""

    chapter: str
    name: str
    title: str
    check: Check
    hints: tuple[str, ...]
    wrong_answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Its name in the progress record."""
        return f"{self.chapter}/{self.name}"

    @property
    def wants_answer(self) -> bool:
        """Whether the check looks at an answer given in Python, besides the cluster."""
        return len(inspect.signature(self.check).parameters) > 1

    def run(self, lab: Lab, answer: Any = ..., starters: Sequence[str] = ()) -> Outcome:
        """Judge what the learner has done; never raises. What `starters` hold is nobody's mistake."""
        try:
            outcome = self._judge(lab, answer)
        except KeyboardInterrupt:
            outcome = CouldNotCheck("The check was interrupted.")
        untouched = lab.refused_input.strip() and any(lab.refused_input.strip() in one for one in starters)
        if isinstance(outcome, NotAttempted) and lab.refused and not untouched:
            return LearnerError(lab.refused)
        return outcome

    def _judge(self, lab: Lab, answer: Any) -> Outcome:
        try:
            if gone := _missing_ground(lab):
                return CouldNotCheck(gone)
            if self.wants_answer and isinstance(answer, str | type(None) | type(...)) and answer in _UNANSWERED:
                return NotAttempted("There is no answer yet.")
            found = self.check(lab, answer) if self.wants_answer else self.check(lab)
        except Judged as judged:
            return judged.outcome
        except ClusterUnavailable as error:
            return CouldNotCheck(str(error))
        except KubelabError as error:
            return CouldNotCheck(f"The check could not finish. {error}")
        except Exception as error:
            return CouldNotCheck(f"The check itself broke ({type(error).__name__}: {error}).")
        return (
            found
            if isinstance(found, Passed | Wrong | NotAttempted)
            else Passed(found if isinstance(found, str) else "")
        )


class Exercises:
    """The exercises of one chapter, as its checks.py defines them."""

    def __init__(self, chapter: str) -> None:
        self.chapter = chapter
        self._all: dict[str, Exercise] = {}

    def add(
        self, name: str, *, title: str, hints: Sequence[str], wrong_answers: Mapping[str, str]
    ) -> Callable[[Check], Check]:
        """Make the decorated function the check of exercise `name`.

        The function is called with the lab, and with the learner's answer if it takes a second parameter. It returns
        (a sentence on what it saw, if it likes) when all is well, and calls `not_attempted(…)` or `wrong(saw=…,
        why=…)` when it is not.
        """

        def added(check: Check) -> Check:
            if name in self._all:
                raise KubelabError(f"There are two exercises named {name!r} in {self.chapter}.", "Rename one.")
            self._all[name] = Exercise(self.chapter, name, title, check, tuple(hints), dict(wrong_answers))
            return check

        return added

    def __iter__(self) -> Iterator[Exercise]:
        return iter(self._all.values())

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, name: str) -> Exercise:
        return self._all[name]


def load_file(file: Path) -> Exercises:
    """The exercises that a checks.py defines (its variable `exercises`).

    Raises:
        KubelabError: there is no such file, or it defines none.
    """
    if not file.exists():
        raise KubelabError(f"There is no {file}.", "Exercises are checked in the directory of their notebook.")
    name = "kubelab_checks_" + hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:12]
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = getattr(module, "exercises", None)
    if not isinstance(found, Exercises):
        raise KubelabError(f"{file} defines no `exercises`.", 'It starts with `exercises = Exercises("NN-topic")`.')
    return found


def _missing_ground(lab: Lab) -> str:
    """Why nothing can be judged at all: the namespace is gone. "" if it is there."""
    if lab.find(f"namespace/{lab.namespace}") is None:
        return f"The lab's namespace {lab.namespace!r} is gone. Run the notebook from the top."
    return ""
