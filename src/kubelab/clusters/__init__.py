"""The clusters labs run on: practice, kind, and whatever the current context names.

Law: chooses one by name and remembers which one `kubelab up` selected; each lives in its own module, imported only
when it is asked for, and they never import each other.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from kubelab import paths
from kubelab.clusters.base import Access, Clock, Cluster, Options, Progress, Status, Tick, WallClock
from kubelab.errors import KubelabError

__all__ = [
    "KINDS",
    "Access",
    "Clock",
    "Cluster",
    "Options",
    "Progress",
    "Selection",
    "Status",
    "Tick",
    "WallClock",
    "forget",
    "make",
    "remember",
    "selected",
]

KINDS = ("practice", "kind", "current")


@dataclass(frozen=True)
class Selection:
    """Which cluster: its kind, its name ("" is that kind's default), and what `current` needs to find it again."""

    kind: str
    name: str = ""
    kubeconfig: str = ""
    allow: str = ""


def make(selection: Selection) -> Cluster:
    """The cluster that `selection` names; nothing is started or contacted.

    Raises:
        KubelabError: there is no such kind of cluster.
    """
    if selection.kind == "practice":
        from kubelab.clusters.practice import Practice

        return Practice(selection.name or "practice")
    if selection.kind == "kind":
        from kubelab.clusters.kind import Kind

        return Kind(selection.name or "kubelab", kubeconfig=selection.kubeconfig)
    if selection.kind == "current":
        from kubelab.clusters.current import Current

        return Current(selection.kubeconfig, context=selection.name, allow=selection.allow)
    raise KubelabError(f"{selection.kind!r} is no kind of cluster.", f"Choose one of: {', '.join(KINDS)}.")


def remember(selection: Selection) -> None:
    """Let every later command and lab use this cluster."""
    paths.write_atomically(_file(), json.dumps(asdict(selection)))


def selected() -> Selection | None:
    """What `remember` was told last, or None."""
    try:
        return Selection(**json.loads(_file().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def forget() -> None:
    """No cluster is selected any more."""
    _file().unlink(missing_ok=True)


def _file() -> Path:
    return paths.home() / "selected.json"
