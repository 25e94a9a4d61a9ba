"""Exercises come from solutions: what a notebook of solutions holds.

Law: reads notebooks, as the JSON they are, and runs nothing. In solutions.ipynb a cell tagged `exercise:NAME` belongs
to that exercise; tagged `solution` as well, it is the answer, and its metadata `starter` is what the learner finds
instead (a blank one otherwise). One tagged `setup` prepares the ground, one tagged `solution-only` is left out of the
exercises.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kubelab.errors import KubelabError

_TAG = "exercise:"


@dataclass(frozen=True)
class Cell:
    """One code cell of an exercise, as far as it matters here."""

    exercise: str
    role: str
    source: str
    starter: str


class Solutions:
    """A solutions notebook, read."""

    def __init__(self, cells: list[Cell]) -> None:
        self._cells = cells

    @classmethod
    def beside(cls, directory: Path) -> Solutions:
        """The one in `directory`.

        Raises:
            KubelabError: there is none.
        """
        file = directory / "solutions.ipynb"
        if not file.exists():
            raise KubelabError(f"There is no {file}.", "The book's repository has it.")
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        return cls([cell for one in cells if (cell := cell_of(one)) is not None])

    @property
    def names(self) -> list[str]:
        """The exercises that have a solution, in order."""
        return list(dict.fromkeys(cell.exercise for cell in self._cells if cell.role == "solution"))

    def setup(self, exercise: str) -> list[str]:
        """The cells to run before an attempt."""
        return [cell.source for cell in self._of(exercise) if cell.role == "setup"]

    def solution(self, exercise: str) -> list[str]:
        """The cells that solve it.

        Raises:
            KubelabError: no cell is tagged as its solution.
        """
        found = [cell.source for cell in self._of(exercise) if cell.role == "solution"]
        if not found:
            raise KubelabError(
                f"No cell is tagged as the solution of {exercise!r}.", f"Tag one: exercise:{exercise}, solution."
            )
        return found

    def starter(self, exercise: str) -> list[str]:
        """The cells that the learner finds."""
        return [cell.starter for cell in self._of(exercise) if cell.role == "solution"]

    def starters(self) -> list[str]:
        """All cells that the learner finds, of every exercise."""
        return [cell.starter for cell in self._cells if cell.role == "solution"]

    def _of(self, exercise: str) -> list[Cell]:
        return [cell for cell in self._cells if cell.exercise == exercise]


def cell_of(raw: dict[str, Any]) -> Cell | None:
    """What a notebook's cell is to an exercise; None if it is no part of one."""
    tags = raw["metadata"].get("tags") or []
    exercise = next((tag.removeprefix(_TAG) for tag in tags if tag.startswith(_TAG)), "")
    if raw["cell_type"] != "code" or not exercise:
        return None
    role = next((tag for tag in ("solution", "setup") if tag in tags), "other")
    source = "".join(raw["source"])
    return Cell(exercise, role, source, raw["metadata"].get("starter") or _blank(source))


def _blank(solution: str) -> str:
    """What stands in a starter cell if the author did not say: the kind of answer, without the answer."""
    first = solution.lstrip().splitlines()[0] if solution.strip() else ""
    if first.startswith("%%"):
        return f"{first}\n# Write your manifest here, then run this cell."
    if first.startswith("%"):
        return "# Write your commands here, such as: %kubectl get pods"
    name = first.partition("=")[0].strip()
    return f"{name} = ..." if name.isidentifier() else "# Write your answer here."
