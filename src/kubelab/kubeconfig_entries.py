"""Entering a cluster in somebody's own kubeconfig, on request, and taking it out again.

Law: touches only the entries of that cluster; everything else in the file stays as it was, the current context too,
unless there was none. Comments do not survive (kubectl does not keep them either).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from kubelab import paths
from kubelab.errors import KubelabError

_LISTS = ("clusters", "users", "contexts")
_EMPTY: dict[str, Any] = {"apiVersion": "v1", "kind": "Config", "preferences": {}, "current-context": ""}


def enter(source: Path, target: Path) -> None:
    """Put the entries of `source` into `target`, creating it if need be.

    Raises:
        KubelabError: `target` is there but is no kubeconfig.
    """
    target = target.resolve()  # what a link leads to is written, as kubectl does
    new, document = _read(source), _read(target) if target.exists() else dict(_EMPTY)
    for kind in _LISTS:
        added = {entry["name"] for entry in new.get(kind) or []}
        kept = [entry for entry in document.get(kind) or [] if entry["name"] not in added]
        document[kind] = kept + list(new.get(kind) or [])
    document["current-context"] = document.get("current-context") or new.get("current-context", "")
    paths.write_atomically(target, yaml.safe_dump(document, sort_keys=False))


def remove(source: Path, target: Path) -> None:
    """Take the entries of `source` out of `target`; a file that holds nothing else is deleted."""
    if not target.exists():
        return
    target = target.resolve()
    gone, document = _read(source), _read(target)
    for kind in _LISTS:
        names = {entry["name"] for entry in gone.get(kind) or []}
        document[kind] = [entry for entry in document.get(kind) or [] if entry["name"] not in names]
    if document.get("current-context") == gone.get("current-context"):
        document["current-context"] = ""
    if any(document[kind] for kind in _LISTS):
        paths.write_atomically(target, yaml.safe_dump(document, sort_keys=False))
    else:
        target.unlink()


def _read(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise KubelabError(f"{path} cannot be read as a kubeconfig: {error}") from error
    if not isinstance(document, dict) or not all(_is_list(document.get(kind) or []) for kind in _LISTS):
        raise KubelabError(f"{path} is not a kubeconfig.", "Name another file with --kubeconfig.")
    return document


def _is_list(entries: object) -> bool:
    return isinstance(entries, list) and all(isinstance(one, dict) and "name" in one for one in entries)
