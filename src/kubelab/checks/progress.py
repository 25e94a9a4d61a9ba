"""How far the learner is: a record that survives kernel restarts and crashes.

Law: one JSON file in the state directory, replaced whole and atomically, by one process at a time; a damaged one is
set aside, never fatal.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from kubelab import locks, paths
from kubelab.errors import KubelabError

_PATIENCE = 5.0
"""Wall seconds for which a check waits for another to write the record."""


@dataclass
class Entry:
    """What is known of one exercise; `passed` is when it was first solved (ISO 8601, UTC), "" if it is not."""

    attempts: int = 0
    hints: int = 0
    passed: str = ""
    solution_seen: bool = False


def load() -> dict[str, Entry]:
    """Every exercise ever tried, by "chapter/name".

    Raises:
        OSError: the record is there and cannot be read, at least just now; so nobody may write another in its place.
    """
    try:
        raw = json.loads(_file().read_text(encoding="utf-8"))
        return {key: Entry(**value) for key, value in raw.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError):
        _set_aside()
        return {}


def note(exercise: str, *, passed: bool | None = None, hints: int = 0, solution: bool = False) -> None:
    """Record an attempt (`passed` True or False), a hint taken (the number seen), or a look at the solution."""
    try:
        paths.home().mkdir(parents=True, exist_ok=True)
        with locks.held(paths.home() / "progress.lock", _PATIENCE):  # two notebooks, two checks at once
            _change(exercise, passed, hints, solution)
    except (KubelabError, OSError):
        return  # a full or read-only disk costs the record, not the lesson


def _change(exercise: str, passed: bool | None, hints: int, solution: bool) -> None:
    record = load()
    entry = record.setdefault(exercise, Entry())
    entry.attempts += passed is not None
    entry.hints = max(entry.hints, hints)
    entry.solution_seen = entry.solution_seen or solution
    if passed and not entry.passed:
        entry.passed = datetime.now(UTC).isoformat(timespec="seconds")
    paths.write_atomically(_file(), json.dumps({key: asdict(value) for key, value in record.items()}, indent=1))


def summary() -> str:
    """The record as text: a line for each chapter with exercises, known from the labs and from the record."""
    record = load()
    chapters: dict[str, list[str]] = {}
    for key in [*_known(), *record]:
        chapter, _, name = key.partition("/")
        if name not in chapters.setdefault(chapter, []):
            chapters[chapter].append(name)
    if not chapters:
        return "No exercise tried yet. Each lab has its own: labs/NN-topic/exercises.ipynb."
    return "\n".join(_line(chapter, names, record) for chapter, names in sorted(chapters.items()))


def _line(chapter: str, names: list[str], record: dict[str, Entry]) -> str:
    entries = [record.get(f"{chapter}/{name}", Entry()) for name in names]
    marks = "  ".join(f"{_mark(entry)} {name}" for name, entry in zip(names, entries, strict=True))
    solved = sum(bool(entry.passed) for entry in entries)
    return f"{chapter:24} {solved}/{len(names)}   {marks}"


def _mark(entry: Entry) -> str:
    return "✔" if entry.passed else "✘" if entry.attempts else "○"


def _known() -> list[str]:
    """Every exercise that the labs have, in their order."""
    from kubelab.checks.exercise import load_file

    root = paths.repository()
    files = sorted((root / "labs").glob("*/checks.py")) if root else []
    return [exercise.key for file in files for exercise in load_file(file)]


def _file() -> Path:
    return paths.home() / "progress.json"


def _set_aside() -> None:
    try:
        _file().replace(_file().with_suffix(".damaged.json"))
    except OSError:
        return
