"""What the labs need from this machine: what is there, what is missing, how to get it.

Law: looks, and starts one practice cluster for a moment; leaves everything as it was.
"""

from __future__ import annotations

import platform
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kubelab import clusters, paths
from kubelab.clusters import Options, Progress, commands
from kubelab.errors import KubelabError

OLDEST_PYTHON = (3, 11)
_ROOM = 1 << 20
"""Bytes that a cluster and its labs may want to write."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `needed` things that are not `good` keep the labs from running."""

    what: str
    good: bool
    detail: str
    needed: bool = True

    @property
    def blocks(self) -> bool:
        """Whether the labs cannot run because of this."""
        return self.needed and not self.good

    def line(self) -> str:
        """For the terminal."""
        mark = "ok      " if self.good else "MISSING " if self.needed else "optional"
        return f"{mark}  {self.what:18} {self.detail}"


def examine(progress: Progress) -> list[Finding]:
    """Look at everything, one after another."""
    looks: list[tuple[str, Callable[[], Finding]]] = [
        ("Python", _python),
        ("kubectl", _kubectl),
        ("state directory", _state),
        ("practice cluster", _practice),
        ("JupyterLab", _jupyter),
        ("Docker or Podman", _engine),
        ("kind", _kind),
        ("cluster in use", _selected),
    ]
    findings = []
    for what, look in looks:
        progress(f"Looking at: {what}")
        findings.append(look())
    return findings


def _python() -> Finding:
    good = sys.version_info[:2] >= OLDEST_PYTHON
    detail = f"{platform.python_version()} at {sys.executable}"
    return Finding(
        "Python", good, detail if good else f"{detail}; {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer is needed"
    )


def _kubectl() -> Finding:
    try:
        said = commands.run(["kubectl", "version", "--client"], timeout=20)
    except KubelabError as error:
        return Finding("kubectl", False, str(error))
    except commands.Failed as failure:
        return Finding("kubectl", False, f"{paths.program('kubectl')} does not run: {failure.last_line}")
    return Finding("kubectl", True, f"{_first_line(said)} at {paths.program('kubectl')}")


def _state() -> Finding:
    home = paths.home()
    try:
        paths.write_atomically(home / ".doctor", " " * _ROOM)
        (home / ".doctor").unlink(missing_ok=True)  # two doctors at once
    except OSError as error:
        return Finding("state directory", False, f"{home} cannot be written: {error}. Set KUBELAB_HOME to another one.")
    return Finding("state directory", True, str(home))


def _practice() -> Finding:
    from kubelab.clusters.practice import Practice

    try:
        with tempfile.TemporaryDirectory() as directory:
            cluster, begun = Practice("doctor", directory=Path(directory) / "cluster", lasting=False), time.monotonic()
            try:
                cluster.up(Options(clock="stepped"))
                took = time.monotonic() - begun
            finally:
                cluster.down()
    except (KubelabError, OSError) as error:
        return Finding("practice cluster", False, str(error))
    return Finding("practice cluster", True, f"starts in {took:.1f} s")


def _jupyter() -> Finding:
    import importlib.util

    found = importlib.util.find_spec("jupyterlab") is not None
    return Finding("JupyterLab", found, "installed" if found else "`make setup` installs it")


def _engine() -> Finding:
    from kubelab.clusters import engine

    try:
        found = engine.find()
        engine.check_room(found)
        return Finding("Docker or Podman", True, f"{found.program} works", needed=False)
    except KubelabError as error:
        return Finding("Docker or Podman", False, f"only for kind: {error}", needed=False)


def _kind() -> Finding:
    try:
        said = commands.run(["kind", "version"], timeout=20)
    except KubelabError as error:
        return Finding("kind", False, f"only for --cluster kind: {error}", needed=False)
    except commands.Failed as failure:
        return Finding("kind", False, f"does not run: {failure.last_line}", needed=False)
    return Finding("kind", True, _first_line(said), needed=False)


def _selected() -> Finding:
    selection = clusters.selected()
    if selection is None:
        return Finding(
            "cluster in use", True, "none is up; each lab starts a practice cluster of its own", needed=False
        )
    try:
        status = clusters.make(selection).status()
    except KubelabError as error:
        return Finding("cluster in use", False, str(error), needed=False)
    return Finding("cluster in use", status.state == "running", status.detail, needed=False)


def _first_line(said: str) -> str:
    return next(iter(said.strip().splitlines()), "a program that says nothing")
