"""Running the real kubectl for a lab: against its cluster and namespace, output as in a terminal, and in lab time.

Law: kubectl does everything; this module only lets time pass while kubectl waits. Where time stands still, the clock is
moved from one change to the next, and only while kubectl has nothing to do: so a command ends at the same instant on
each run.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psutil

from kubelab import durations, paths, quiet
from kubelab.clusters import commands, kubeconfig, process
from kubelab.clusters.base import Access, Tick
from kubelab.kubectl_line import Command, giving_up_after
from kubelab.labclock import LabClock

Sink = Callable[[str], None]

JUST_WOKEN = 0.03
"""Wall seconds for which kubectl has to stand still after it was told something, before it counts as waiting."""
JUST_WATCHED = 0.13
"""The same after it has opened a watch: its informers look only ten times a second whether they have begun
(k8s.io/client-go/tools/cache, syncedPollPeriod)."""

_PAUSE, _IDLE = 0.005, 25
"""Wall seconds between two looks whether kubectl has begun to wait, and how many looks are patience enough."""

_WALL_TIMEOUTS = ("200ms", "1s", "5s")
"""Enough for kubectl to look once and give up; the longer ones are for machines under load."""


_WONDERING = re.compile(r"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ reflector\.go:")
"""kubectl's log where it wonders how short its watches are: minutes pass in a moment when time is stepped."""


@dataclass(frozen=True)
class Finished:
    """How a run of kubectl ended. `cut` says that it was ended for having run long enough."""

    code: int
    output: str
    cut: bool = False


class Kubectl:
    """kubectl, aimed at one cluster and namespace."""

    def __init__(self, access: Access, namespace: str, clock: LabClock) -> None:
        self._clock = clock
        self._directory = paths.scratch()
        aimed = self._directory / "config"
        aimed.write_text(json.dumps(_aim(access, namespace)), encoding="utf-8")
        self._kubeconfig = os.pathsep.join([str(aimed), access.kubeconfig])

    def close(self) -> None:
        """Remove what only kubectl needed."""
        shutil.rmtree(self._directory, ignore_errors=True)

    def run(self, command: Command, sink: Sink, stdin: str | None = None) -> Finished:
        """Run it, passing its output on as it comes.

        Raises:
            ToolMissing: kubectl is not installed.
        """
        start = self._clock.tick()
        finished = self._follow(self._start(self._paced(command), stdin), self._limit(command), sink, start)
        if finished.cut and command.timeout is not None and self._clock.stepped:
            finished = self._last_words(command, finished, sink, stdin)
        elif finished.cut and not command.asked:
            sink(f"(ended after {durations.show(command.limit)}; `%kubectl --for 2m …` goes on longer)\n")
        if self._clock.stepped and self._clock.now() > start.now:
            self._clock.to_whole_second()
        return finished

    def _paced(self, command: Command) -> list[str]:
        """Its arguments; kubectl counts its --timeout in wall seconds, of which a fast cluster needs fewer."""
        if command.timeout is None or self._clock.stepped or self._clock.speed == 1:
            return command.arguments
        return giving_up_after(command.arguments, f"{command.timeout / self._clock.speed:.3f}s")

    def _limit(self, command: Command) -> float:
        """Cluster seconds after which we end it; where time flows, kubectl keeps its own --timeout first."""
        return (
            command.limit if command.timeout is None or self._clock.stepped else command.limit + 60 * self._clock.speed
        )

    def _start(self, arguments: Sequence[str], stdin: str | None) -> subprocess.Popen[str]:
        source = subprocess.DEVNULL if stdin is None else subprocess.PIPE
        child = commands.start(["kubectl", *arguments], self._environment(), source)
        if stdin is not None and child.stdin is not None:
            threading.Thread(target=_feed, args=(child, stdin), daemon=True).start()
        return child

    def _environment(self) -> dict[str, str]:
        """kubectl's memory is given up as a whole when it ends; collecting garbage before is a quarter of its work."""
        unhurried = {"GOGC": "off", "GOMEMLIMIT": "256MiB", **os.environ}
        cache = str(self._directory / "cache")  # what it knows of a cluster that may be gone tomorrow goes with the lab
        return {**unhurried, "KUBECONFIG": self._kubeconfig, "KUBECACHEDIR": cache, "KUBE_EDITOR": "false"}

    def _follow(self, child: subprocess.Popen[str], limit: float, sink: Sink, start: Tick) -> Finished:
        lines = _Lines(child, self._clock.stepped)
        cut = False
        try:
            if self._clock.stepped:
                cut = self._move_while_waiting(child, limit, lines, sink, start)
            else:
                cut = _wait_for_real(child, limit / self._clock.speed, lines, sink)
        finally:
            _end(child)
            lines.finish(sink)
        return Finished(child.returncode, lines.text, cut)

    def _move_while_waiting(
        self, child: subprocess.Popen[str], limit: float, lines: _Lines, sink: Sink, tick: Tick
    ) -> bool:
        """Move the clock whenever kubectl waits for the cluster; True if that reached the limit."""
        end = tick.now + limit
        still, idle, waits = 0.0, 0, False
        while child.poll() is None:
            if still or not waits:  # nothing can have woken it otherwise
                quiet.wait_until_quiet(child.pid, still=still)
            lines.pass_on(sink)
            if child.poll() is not None:
                break
            if quiet.is_gone(child.pid):  # but not yet to be waited for: no time passes over that
                time.sleep(0.001)
                continue
            if tick.now >= end - 1e-6:
                return True
            before = tick
            if waits := bool(before.waiting or before.busy):
                tick = self._clock.step(end - before.now, before)
            elif idle > _IDLE:  # it asks again and again by itself, pausing in between: let the pauses pass
                tick = self._clock.step(min(0.1, end - before.now))
            else:
                time.sleep(_PAUSE)
                tick = self._clock.tick()
            still = _thinking_time(before, tick)
            idle = 0 if waits else idle if still else idle + 1
        return False

    def _last_words(self, command: Command, first: Finished, sink: Sink, stdin: str | None) -> Finished:
        """Its --timeout is over in the cluster, but kubectl counts wall seconds: let it say so itself, right now."""
        for patience in _WALL_TIMEOUTS:
            child = self._start(giving_up_after(command.arguments, patience), stdin)
            lines = _Lines(child, self._clock.stepped)
            _wait_for_real(child, 60.0, lines, lambda _: None)
            _end(child)
            lines.finish(lambda _: None)
            if child.returncode == 0 or "timed out" in lines.text:
                break
        said = "".join(line for line in lines.text.splitlines(keepends=True) if line not in first.output)
        sink(said)
        return Finished(child.returncode, first.output + said, cut=True)


def _aim(access: Access, namespace: str) -> dict[str, Any]:
    """A kubeconfig to stand before the cluster's own: the same context, in this namespace; no keys."""
    context = {**kubeconfig.load(access.kubeconfig).contexts[access.context], "namespace": namespace}
    contexts = [{"name": access.context, "context": context}]
    return {"apiVersion": "v1", "kind": "Config", "current-context": access.context, "contexts": contexts}


class _Lines:
    """What a process prints, collected by a thread, passed on by the caller's."""

    def __init__(self, child: subprocess.Popen[str], stepped: bool) -> None:
        self._stepped = stepped
        self._queue: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._parts: list[str] = []
        self._child = child
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def text(self) -> str:
        """Everything passed on so far."""
        return "".join(self._parts)

    def _read(self) -> None:
        assert self._child.stdout is not None
        for line in self._child.stdout:
            if not (self._stepped and _WONDERING.match(line)):
                self._queue.put(line)

    def pass_on(self, sink: Sink) -> None:
        """Hand over what has arrived."""
        while not self._queue.empty():
            line = self._queue.get()
            self._parts.append(line)
            sink(line)

    def finish(self, sink: Sink) -> None:
        """Hand over the rest, once the process has ended."""
        self._thread.join(timeout=5)
        self.pass_on(sink)
        if self._child.stdout is not None and not self._thread.is_alive():
            self._child.stdout.close()


def _thinking_time(before: Tick, now: Tick) -> float:
    """How long kubectl may take over what has passed since the last look, before it waits again."""
    return JUST_WATCHED if now.watched != before.watched else JUST_WOKEN if now.told != before.told else 0.0


def _wait_for_real(child: subprocess.Popen[str], seconds: float, lines: _Lines, sink: Sink) -> bool:
    end = time.monotonic() + seconds
    while child.poll() is None:
        lines.pass_on(sink)
        if time.monotonic() >= end:
            return True
        time.sleep(0.02)
    return False


def _feed(child: subprocess.Popen[str], text: str) -> None:
    assert child.stdin is not None
    try:
        child.stdin.write(text)
        child.stdin.close()
    except OSError:
        return  # it ended without reading everything


def _end(child: subprocess.Popen[str]) -> None:
    if child.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.stop(psutil.Process(child.pid), patience=2.0)
    child.wait()
