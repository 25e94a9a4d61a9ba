"""Probing on a schedule: a worker for each probe of each container, and what their results mean.

Law: a worker asks once a period, and once more when somebody generates a status that lacks its verdict. Only a change
of verdict, after enough answers in a row, has consequences.

Models pkg/kubelet/prober/{prober_manager.go,worker.go} and results/results_manager.go.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tinykube import objects
from tinykube.clock import Clock, Timer
from tinykube.node.actions import LIVENESS, STARTUP
from tinykube.node.instance import Instance
from tinykube.node.observed import ContainerView
from tinykube.node.phase import terminal
from tinykube.node.probe import Answer, Prober
from tinykube.objects import Obj
from tinykube.runtime import eager

READINESS = "readinessProbe"
_NAMES = {LIVENESS: "Liveness", READINESS: "Readiness", STARTUP: "Startup"}
_INITIAL: dict[str, bool | None] = {LIVENESS: True, READINESS: False, STARTUP: None}
AT_ONCE = 0.02
"""Seconds from being asked for a verdict to probing out of turn."""


@dataclass
class Surroundings:
    """What the workers need from the node."""

    clock: Clock
    rng: random.Random
    prober: Prober
    status: Callable[[str], Obj | None]
    """Pod UID -> status as last set."""
    instance: Callable[[str, str], tuple[Instance | None, str]]
    """(Pod UID, container ID) -> the running container and the Pod's address."""
    tell: Callable[[Obj, Obj, str, str, str], None]
    """(pod, container, type, reason, message) of an event."""
    verdict: Callable[[str, Obj, str, bool], None]
    """(probe kind, pod, container id, passed): a verdict changed."""


class Worker:
    """One probe of one container."""

    def __init__(
        self, around: Surroundings, results: dict[tuple[str, str], bool | None], pod: Obj, container: Obj, kind: str
    ) -> None:
        self._around, self._results = around, results
        self.pod, self._container, self._kind = pod, container, kind
        self._uid, self._name, self._probe = objects.uid(pod), container["name"], container[kind]
        self._period = float(self._probe.get("periodSeconds") or 10)
        self._id = ""
        self._on_hold = False
        self._last: bool | None = None
        self._run = 0
        self._timer: Timer | None = None
        self._extra: Timer | None = None
        self._task: asyncio.Task[Any] | None = None

    def start(self) -> None:
        """Ask now and then once a period."""
        self._tick()

    def stop(self) -> None:
        """Ask no more."""
        for timer in (self._timer, self._extra):
            if timer is not None:
                timer.cancel()
        self._timer = self._extra = None
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._results.pop((self._kind, self._id), None)

    def trigger(self) -> None:
        """Ask out of turn."""
        if self._extra is None and self._timer is not None:
            self._extra = self._around.clock.call_later(AT_ONCE, self._out_of_turn)

    def _out_of_turn(self) -> None:
        self._extra = None
        self._ask()

    def _tick(self) -> None:
        self._timer = self._around.clock.call_later(self._period, self._tick)
        self._ask()

    def _ask(self) -> None:
        if self._task is not None or not self._due():
            return
        instance, ip = self._around.instance(self._uid, self._id)
        if instance is None or not instance.running:
            return
        running = eager.begin(self._around.prober.ask(self._probe, instance, ip))
        if isinstance(running, eager.Done):
            self._answered(running.result)
        else:
            self._task = running
            running.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Answer]) -> None:
        if self._task is task:
            self._task = None
            if not task.cancelled():
                self._answered(task.result())

    def _due(self) -> bool:
        """Whether the container can and should be asked now."""
        status = self._around.status(self._uid)
        if status is None or terminal(status.get("phase")):
            return False
        found = _container_status(status, self._name)
        if found is None or not found.get("containerID"):
            return False
        if found["containerID"] != self._id:
            self._new_container(found["containerID"])
        running = found["state"].get("running")
        if self._on_hold or running is None:
            if running is None and self._results.get((self._kind, self._id)) is not False:
                self._results[self._kind, self._id] = False
            return False
        delay = self._probe.get("initialDelaySeconds") or 0
        if delay and self._around.clock.now() - objects.parse_time(running["startedAt"]) < delay:
            return False
        return bool(found.get("started")) != (self._kind == STARTUP)

    def _new_container(self, id_: str) -> None:
        self._results.pop((self._kind, self._id), None)
        self._id, self._on_hold, self._run, self._last = id_, False, 0, None
        self._results[self._kind, id_] = _INITIAL[self._kind]

    def _answered(self, answer: Answer) -> None:
        if answer.passed is not True:
            how = "failed" if answer.passed is False else "errored and resulted in unknown state"
            message = f"{_NAMES[self._kind]} probe {how}: {answer.words}"
            self._around.tell(self.pod, self._container, "Warning", "Unhealthy", message)
        if answer.passed is None:
            return
        self._run = self._run + 1 if answer.passed == self._last else 1
        self._last = answer.passed
        needed = self._probe.get("successThreshold") or 1 if answer.passed else self._probe.get("failureThreshold") or 3
        if self._run < needed:
            return
        if (self._kind == LIVENESS and not answer.passed) or self._kind == STARTUP:
            self._on_hold, self._run = True, 0
        key = (self._kind, self._id)
        if self._results.get(key) is not answer.passed:
            self._results[key] = answer.passed
            self._around.verdict(self._kind, self.pod, self._id, answer.passed)


class ProbeManager:
    """The workers of all Pods, and their verdicts by container ID."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._workers: dict[str, dict[tuple[str, str], Worker]] = {}
        self._results: dict[tuple[str, str], bool | None] = {}

    def add(self, pod: Obj) -> None:
        """Start the workers that the Pod's probes need."""
        workers = self._workers.setdefault(objects.uid(pod), {})
        sidecars = [c for c in pod["spec"].get("initContainers") or () if c.get("restartPolicy") == "Always"]
        for container in [*pod["spec"]["containers"], *sidecars]:
            for kind in (STARTUP, READINESS, LIVENESS):
                key = (kind, container["name"])
                if container.get(kind) and key not in workers:
                    workers[key] = Worker(self._around, self._results, pod, container, kind)
                    workers[key].start()

    def stop_liveness_and_startup(self, uid: str) -> None:
        """The Pod is being terminated: nobody may restart its containers any more."""
        workers = self._workers.get(uid, {})
        for key in [k for k in workers if k[0] != READINESS]:
            workers.pop(key).stop()

    def remove(self, uid: str) -> None:
        """The Pod's containers have stopped."""
        for worker in self._workers.pop(uid, {}).values():
            worker.stop()

    def stop(self) -> None:
        """Probe nothing any more."""
        for uid in list(self._workers):
            self.remove(uid)

    def verdict(self, kind: str, container_id: str) -> bool | None:
        """What the probe says of the container: passed, failed, or None: nothing yet."""
        return self._results.get((kind, container_id))

    def started(self, uid: str, container: Obj, seen: ContainerView) -> bool:
        """Whether a running container has started, by its startup probe if it has one."""
        result = self._results.get((STARTUP, seen.id), False)
        if (STARTUP, seen.id) in self._results:
            return bool(result)
        return (STARTUP, container["name"]) not in self._workers.get(uid, {}) and not container.get(STARTUP)

    def ready(self, uid: str, container: Obj, seen: ContainerView) -> bool:
        """Whether a started container is ready, by its readiness probe if it has one."""
        if self._results.get((READINESS, seen.id)):
            return True
        worker = self._workers.get(uid, {}).get((READINESS, container["name"]))
        if worker is not None:
            worker.trigger()
        return not container.get(READINESS)


def _container_status(status: Obj, name: str) -> Obj | None:
    for part in ("containerStatuses", "initContainerStatuses"):
        for found in status.get(part) or ():
            if found["name"] == name:
                return found
    return None
