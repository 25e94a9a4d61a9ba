"""Exercises come from solutions: one notebook is written, the other derived.

Law: writes notebooks, runs nothing; which cell is what, `kubelab.checks.notebook` says.
"""

from __future__ import annotations

import copy
import hashlib
from pathlib import Path
from typing import Any

import nbformat

from kubelab.checks.notebook import cell_of


def derive(solutions: Any) -> Any:
    """The exercises notebook of a solutions notebook (both as nbformat nodes): starters for answers, no outputs."""
    made = copy.deepcopy(solutions)
    made.cells = [_derived(cell) for cell in made.cells if "solution-only" not in (cell.metadata.get("tags") or [])]
    return made


def _derived(cell: Any) -> Any:
    tags = cell.metadata.get("tags") or []
    if cell.cell_type == "code":
        if "solution" in tags and (found := cell_of(cell)) is not None:
            cell.source = found.starter
            cell.metadata["tags"] = ["starter" if tag == "solution" else tag for tag in tags]
        cell.outputs, cell.execution_count = [], None
    cell.metadata.pop("starter", None)
    cell.metadata.pop("execution", None)
    cell["id"] = hashlib.sha256(f"exercise {cell.get('id', '')}".encode()).hexdigest()[:8]
    return cell


def write_exercises(directory: Path) -> bool:
    """Derive `exercises.ipynb` in `directory` from its solutions; True if that changed it."""
    if is_derived(directory):
        return False
    (directory / "exercises.ipynb").write_text(_text(directory), encoding="utf-8")
    return True


def is_derived(directory: Path) -> bool:
    """Whether `exercises.ipynb` is what its solutions derive to."""
    target = directory / "exercises.ipynb"
    return target.exists() and target.read_text(encoding="utf-8") == _text(directory)


def _text(directory: Path) -> str:
    return nbformat.writes(derive(nbformat.read(directory / "solutions.ipynb", as_version=4))) + "\n"
