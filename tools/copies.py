"""A learner's own copies of the labs, in `my-labs/`: `make labs` opens these, so that the originals stay as they are.

Law: what a learner has changed is never touched. A file is (re)written only if it is not there yet, or is still exactly
what was given out before. Notebooks are given out without outputs: predict first, then run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

RECORD = ".given-out.json"
LEFT_OUT = {"images", "__pycache__", ".ipynb_checkpoints"}


def sources(labs: Path) -> Iterator[Path]:
    """Every file of the labs that a learner gets."""
    for path in sorted(labs.rglob("*")):
        if path.is_file() and not LEFT_OUT & set(path.relative_to(labs).parts):
            yield path


def given(path: Path) -> bytes:
    """The file as it is given out; a notebook without outputs."""
    if path.suffix != ".ipynb":
        return path.read_bytes()
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()


def refresh(labs: Path, mine: Path) -> list[Path]:
    """Bring `mine` up to date with `labs`; returns what was left alone although there is a newer original."""
    record = mine / RECORD
    before = _record(record)
    now, kept = dict(before), []
    for source in sources(labs):
        name = source.relative_to(labs).as_posix()
        content, target = given(source), mine / name
        digest = hashlib.sha256(content).hexdigest()
        if not target.exists() or _digest(target) in (digest, before.get(name)):
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists() or _digest(target) != digest:
                _write(target, content)
            now[name] = digest
        elif before.get(name) != digest:
            kept.append(target)
    mine.mkdir(parents=True, exist_ok=True)
    _write(record, (json.dumps(now, indent=1) + "\n").encode())
    return kept


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: half a file would be taken for what a learner has made of it."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)


def _record(path: Path) -> dict[str, str]:
    """What was given out before; nothing if the record cannot be read: then every copy counts as the learner's own."""
    try:
        found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
