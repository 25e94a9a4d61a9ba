"""The learner's side of the exercises: `ex.web_pod.check()`, `.hint()`, `.solution()`.

Law: hints come one after another and the solution last; what is shown never names what the check looks for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kubelab.checks import notebook, progress
from kubelab.checks.exercise import Exercise, load_file
from kubelab.checks.outcomes import CouldNotCheck, NotAttempted, Passed
from kubelab.checks.render import Verdict
from kubelab.errors import KubelabError
from kubelab.lab import Lab
from kubelab.text import Markdown


class Task:
    """One exercise, on the learner's desk."""

    def __init__(self, exercise: Exercise, lab: Lab, directory: Path) -> None:
        self._exercise, self._lab, self._directory = exercise, lab, directory
        self._hints_seen = 0

    def check(self, answer: Any = ...) -> Verdict:
        """Judge what is in the cluster (and `answer`, where the exercise asks for one)."""
        outcome = self._exercise.run(self._lab, answer, self._starters())
        if not isinstance(outcome, NotAttempted | CouldNotCheck):
            progress.note(self._exercise.key, passed=isinstance(outcome, Passed))
        stuck = (
            "" if isinstance(outcome, Passed | CouldNotCheck) else f"Stuck? ex.{attribute(self._exercise.name)}.hint()"
        )
        return Verdict(self._exercise.title, outcome, stuck)

    def hint(self) -> Markdown:
        """The next hint; they get plainer."""
        hints = self._exercise.hints
        if self._hints_seen == len(hints):
            return Markdown(
                f"There are no more hints. `ex.{attribute(self._exercise.name)}.solution()` shows a solution."
            )
        self._hints_seen += 1
        progress.note(self._exercise.key, hints=self._hints_seen)
        return Markdown(f"**Hint {self._hints_seen} of {len(hints)}.** {hints[self._hints_seen - 1]}")

    def solution(self, *, now: bool = False) -> Markdown:
        """One solution, once the hints are used up (or `now=True`)."""
        left, name = len(self._exercise.hints) - self._hints_seen, attribute(self._exercise.name)
        if left and not now:
            some = "is 1 hint" if left == 1 else f"are {left} hints"
            return Markdown(
                f"There {some} left: `ex.{name}.hint()`. To see it all the same: `ex.{name}.solution(now=True)`."
            )
        progress.note(self._exercise.key, solution=True)
        cells = notebook.Solutions.beside(self._directory).solution(self._exercise.name)
        return Markdown("\n\n".join(f"```\n{cell.rstrip()}\n```" for cell in cells))

    def _starters(self) -> list[str]:
        try:
            return notebook.Solutions.beside(self._directory).starters()  # the one refused last may be another's
        except KubelabError:
            return []  # exercises can be checked without their solutions

    def __repr__(self) -> str:
        return f"{self._exercise.name}: {self._exercise.title}"


class Desk:
    """All exercises of a notebook; each is an attribute: "web-pod" is `ex.web_pod`."""

    def __init__(self, lab: Lab, directory: Path) -> None:
        self._tasks = {attribute(one.name): Task(one, lab, directory) for one in load_file(directory / "checks.py")}

    def __getattr__(self, name: str) -> Task:
        tasks = self.__dict__.get("_tasks", {})
        if name in tasks:
            return tasks[name]
        raise AttributeError(f"There is no exercise {name!r}; there are: {', '.join(tasks)}.")

    def __dir__(self) -> list[str]:
        return list(self._tasks)

    def __repr__(self) -> str:
        return "\n".join(f"ex.{name:24} {task._exercise.title}" for name, task in self._tasks.items())


def exercises(lab: Lab, directory: str | Path = ".") -> Desk:
    """The exercises of the notebook in this directory: `ex = exercises(lab)`.

    Raises:
        KubelabError: there is no checks.py.
    """
    return Desk(lab, Path(directory).resolve())


def attribute(name: str) -> str:
    """The Python name of an exercise."""
    made = name.replace("-", "_")
    if not made.isidentifier():
        raise KubelabError(f"{name!r} cannot name an exercise.", "Use letters, digits and dashes, such as web-pod.")
    return made
