"""The practice cluster: a tinykube process in the background, started, found again and removed.

Law: the only module of kubelab that knows tinykube. Everything about one cluster lives in one private directory
(kubeconfig, process record, log); removing the directory removes every credential. It implements
`kubelab.clusters.base.Cluster`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from kubelab import locks, paths
from kubelab.clusters import kubeconfig, process
from kubelab.clusters.base import DEFAULTS, Access, Options, Progress, Status, silent
from kubelab.clusters.reach import answers
from kubelab.errors import ClusterUnavailable

if TYPE_CHECKING:
    from kubelab.clusters.control import PracticeClock

START_TIMEOUT = 60.0
"""Seconds of the wall. A start takes one or two, on a machine that has much else to do ten."""
_MODULE = (sys.executable, "-m", "tinykube")


class Practice:
    """A practice cluster named `name`; `lasting` False ties its life to this process."""

    kind = "practice"

    def __init__(
        self,
        name: str = "practice",
        *,
        directory: Path | None = None,
        command: Sequence[str] = _MODULE,
        lasting: bool = True,
    ) -> None:
        self.name = name
        self.directory = directory or paths.of_cluster("practice", name)
        self._command = command
        self._lasting = lasting
        self._child: subprocess.Popen[bytes] | None = None

    # -- what the Protocol asks for ------------------------------------------------------------------------------

    def up(self, options: Options = DEFAULTS, progress: Progress = silent) -> Status:
        """Start it, unless it runs already. A crashed one is cleared away and started again."""
        before = self.status()
        if before.state == "running":
            return replace(before, already=True)
        progress(f"Starting the practice cluster {self.name!r}")
        paths.private_directory(self.directory.parent)
        with self._alone():
            if (other := self.status()).state == "running":  # somebody else was faster
                return replace(other, already=True)
            self._clear()
            self._start(options)
            self._await_ready()
        return self._running()

    def down(self, progress: Progress = silent) -> Status:
        """Stop the process and remove its directory, keys included."""
        if self.status().state != "stopped":
            progress(f"Stopping the practice cluster {self.name!r}")
        if self.directory.exists():
            with self._alone():
                self._clear()
        self._end(None)
        gone = f"The practice cluster {self.name!r} is gone: process, port and keys."
        left = f"The practice cluster {self.name!r} has ended; remove {self.directory} by hand: it may hold a key."
        return Status("stopped", left if self.directory.exists() else gone)

    def status(self) -> Status:
        """running, stopped, crashed (the process is gone but its directory is not) or unreachable."""
        record = process.load(self._record_path)
        if record is None:
            return Status("stopped", f"No practice cluster named {self.name!r} is running.")
        return self._look(process.find(record) is not None)

    def access(self) -> Access:
        """The kubeconfig that the cluster wrote."""
        return Access(str(self.kubeconfig), kubeconfig.load(str(self.kubeconfig)).current)

    def clock(self) -> PracticeClock:
        """Its clock, moved over the control endpoints."""
        from kubelab.clusters.control import PracticeClock  # only once the cluster is on its way

        return PracticeClock(self.access())

    # -- the directory -------------------------------------------------------------------------------------------

    @property
    def kubeconfig(self) -> Path:
        """Where the cluster writes its kubeconfig."""
        return self.directory / "kubeconfig"

    @property
    def log(self) -> Path:
        """What the cluster writes to standard error."""
        return self.directory / "log"

    @property
    def _record_path(self) -> Path:
        return self.directory / "process.json"

    def server(self) -> str:
        """The API server's URL, or "" while there is none: a cluster that ends takes its kubeconfig with it."""
        try:
            config = kubeconfig.load(str(self.kubeconfig))
        except ClusterUnavailable:
            if self.kubeconfig.exists():
                raise
            return ""
        return config.server(config.current)

    def last_words(self) -> str:
        """The last line of the log: usually why a cluster died."""
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            return ""
        return lines[-1][:300] if lines else ""

    def _alone(self) -> AbstractContextManager[None]:
        """Two `kubelab up` at once: the second waits for the first, and so does a `down`."""
        return locks.held(self.directory.with_name(f"{self.directory.name}.lock"), 2 * START_TIMEOUT)

    # -- steps ---------------------------------------------------------------------------------------------------

    def _look(self, alive: bool) -> Status:
        server = self.server()
        if not alive:
            words = self.last_words()
            why = f' Its last words: "{words}".' if words else ""
            said = f"The practice cluster {self.name!r} has crashed.{why} `kubelab up` starts it again."
            return Status("crashed", said, server)
        if not answers(server):
            return Status(
                "unreachable",
                f"The practice cluster {self.name!r} has a process, but nothing answers at "
                f"{server or 'its port'}. `kubelab down`, then `kubelab up`, replaces it.",
                server,
            )
        return self._running()

    def _running(self) -> Status:
        server = self.server()
        return Status("running", f"The practice cluster {self.name!r} is running at {server}.", server)

    def _start(self, options: Options) -> None:
        paths.private_directory(self.directory)
        arguments = ["--state", str(self.directory), "--name", self.name, "--clock", options.clock]
        arguments += ["--speed", f"{options.speed:g}"]
        arguments += ["--nodes", str(options.nodes)] if options.nodes is not None else []
        arguments += ["--seed", str(options.seed)] if options.seed is not None else []
        arguments += [] if self._lasting else ["--while-stdin-open"]
        output = self.directory / "ready"
        self._child = process.start(
            [*self._command, *arguments], output, self.log, lasting=self._lasting, environment=_environment()
        )
        try:
            process.record(self._child.pid).save(self._record_path)
        except BaseException:  # nobody would find it again
            self._clear()
            raise

    def _await_ready(self) -> None:
        ready = self.directory / "ready"
        end = time.monotonic() + START_TIMEOUT
        while not _complete_line(ready):
            if self._child is not None and self._child.poll() is not None:
                raise self._failure(f"The practice cluster ended while starting (exit code {self._child.returncode})")
            if time.monotonic() > end:
                raise self._failure(f"The practice cluster was not ready after {START_TIMEOUT:.0f} seconds")
            time.sleep(0.01)

    def _failure(self, what: str) -> ClusterUnavailable:
        words = self.last_words()
        self._clear()
        said = f': "{words}".' if words else "."
        return ClusterUnavailable(what + said, "`kubelab doctor` looks for the cause.")

    def _clear(self) -> None:
        """End the process, if there is one, and remove the directory."""
        self._end(process.find(process.load(self._record_path)))
        shutil.rmtree(self.directory, ignore_errors=True)

    def _end(self, running: psutil.Process | None) -> None:
        """End the process; our own too if its record is gone, as when somebody has removed the directory."""
        if self._child is not None and running is None and self._child.poll() is None:
            running = psutil.Process(self._child.pid)
        if running is not None:
            self._ask_to_end(running.is_running)
            process.stop(running)
        if self._child is not None:
            if self._child.stdin is not None:
                self._child.stdin.close()
            self._child.wait()
            self._child = None

    def _ask_to_end(self, running: Callable[[], bool]) -> None:
        """A polite end first: open watches are closed, clients see the server go."""
        server = self.server()
        if not answers(server):
            return
        from kubelab.clusters.control import Control

        try:
            with contextlib.closing(Control(self.access(), timeout=2.0)) as control:
                control.shutdown()
        except ClusterUnavailable:
            return
        end = time.monotonic() + 2.0
        while running() and answers(server) and time.monotonic() < end:
            time.sleep(0.02)


def images() -> list[tuple[str, str, str]]:
    """What a practice cluster can run: name, tags and a few words, one entry a repository."""
    from tinykube import images as programs

    return [(row.name, ", ".join(row.tags), row.about) for row in programs.table()]


def _environment() -> dict[str, str]:
    """The cluster trusts its own authority only; to read all that the system trusts takes a tenth of its start."""
    return {**os.environ, "SSL_CERT_FILE": os.devnull}


def _complete_line(path: Path) -> bool:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return False
    try:
        return text.endswith("\n") and isinstance(json.loads(text.splitlines()[0]), dict)
    except ValueError:
        return False
