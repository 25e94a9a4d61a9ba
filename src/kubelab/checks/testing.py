"""Testing the checks: starter, solution and wrong answers of every exercise, run as a learner's cells would be.

Law: an exercise is sound if its starter is "not attempted", its solution passes, and each of at least two wrong answers
is wrong with a message of its own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from kubelab.checks.desk import Desk
from kubelab.checks.exercise import Exercise, load_file
from kubelab.checks.notebook import Solutions
from kubelab.checks.outcomes import CouldNotCheck, NotAttempted, Outcome, Passed, Wrong
from kubelab.lab import Lab

ENOUGH = 2


@dataclass(frozen=True)
class Case:
    """One exercise and the directory that it lives in."""

    directory: Path
    exercise: Exercise

    def __str__(self) -> str:
        return self.exercise.key

    def problems(self, new_lab: Callable[[str], Lab] = Lab) -> list[str]:
        """Everything that is wrong with this exercise; an empty list is what a test wants."""
        solutions = Solutions.beside(self.directory)
        name = self.exercise.name
        found = [f"it has {len(self.exercise.wrong_answers)} wrong answers, fewer than {ENOUGH}"]
        found = found if len(self.exercise.wrong_answers) < ENOUGH else []
        starter = self.attempt([*solutions.setup(name), *solutions.starter(name)], new_lab)
        if not isinstance(starter, NotAttempted):
            found.append(f"the starter is not 'not attempted' but {starter}")
        solution = self.attempt([*solutions.setup(name), *solutions.solution(name)], new_lab)
        if not isinstance(solution, Passed):
            found.append(f"the solution does not pass: {solution}")
        return found + self._wrong_problems(solutions.setup(name), new_lab)

    def _wrong_problems(self, setup: list[str], new_lab: Callable[[str], Lab]) -> list[str]:
        found, messages = [], dict[str, str]()
        for label, cell in self.exercise.wrong_answers.items():
            outcome = self.attempt([*setup, cell], new_lab)
            if not isinstance(outcome, Wrong):
                found.append(f"the wrong answer {label!r} is not 'wrong' but {outcome}")
                continue
            message = f"{outcome.saw} {outcome.why}"
            if message in messages:
                found.append(f"the wrong answers {messages[message]!r} and {label!r} get the same message: {message}")
            messages[message] = label
        return found

    def attempt(self, cells: list[str], new_lab: Callable[[str], Lab] = Lab) -> Outcome:
        """Run `cells` in a fresh namespace, as the notebook would, and judge."""
        with contextlib.chdir(self.directory), new_lab(f"{self.exercise.chapter}-exercises") as lab:
            shell = notebook_shell(lab, self.directory)
            for cell in cells:
                with capture_output():
                    result = shell.run_cell(cell)
                if not result.success and cell is not cells[-1]:
                    return CouldNotCheck(f"a cell before the last one failed: {result.error_in_exec}\n{cell}")
            starters = Solutions.beside(self.directory).starter(self.exercise.name)
            return self.exercise.run(lab, shell.user_ns.get("answer", ...), starters)


def cases(labs: Path) -> Iterator[Case]:
    """Every exercise of every lab below `labs`."""
    for file in sorted(labs.glob("*/checks.py")):
        for exercise in load_file(file):
            yield Case(file.parent, exercise)


def notebook_shell(lab: Lab, directory: Path) -> InteractiveShell:
    """An IPython with `lab` and `ex` in it, as after a notebook's first cell, and no memory of earlier ones."""
    settings = Config()
    settings.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=settings)
    shell.user_ns.clear()
    shell.init_user_ns()
    from kubelab import magics

    magics.use(lab)
    names: dict[str, Any] = {"lab": lab, "ex": Desk(lab, directory)}
    shell.push(names)
    return shell
