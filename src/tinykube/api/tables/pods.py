"""A Pod's row: READY, STATUS and RESTARTS sum up all its containers.

Law: pure.

Models pkg/printers/internalversion/printers.go (printPod).
"""

from __future__ import annotations

from typing import Any

from tinykube.api.tables.text import NONE, age, condition_is_true, human_duration
from tinykube.errors import Obj
from tinykube.objects import deleting, name, parse_time

_ENDED = {
    "Succeeded": "The pod has completed successfully.",
    "Failed": "The pod failed.",
}


class _Summary:
    """What the containers' statuses add up to."""

    def __init__(self, pod: Obj) -> None:
        status = pod.get("status") or {}
        self.reason: str = status.get("reason") or status.get("phase") or ""
        self.restarts = 0
        self.restarted_at = 0.0
        self.ready = 0

    def count_restarts(self, container: Obj) -> None:
        self.restarts += container.get("restartCount") or 0
        ended = (container.get("lastState") or {}).get("terminated")
        if ended:
            self.restarted_at = max(self.restarted_at, parse_time(ended.get("finishedAt")))

    def restarts_text(self, now: float) -> str:
        if self.restarts and self.restarted_at:
            return f"{self.restarts} ({human_duration(now - self.restarted_at)} ago)"
        return str(self.restarts)


def row(pod: Obj, now: float) -> list[Any]:
    """The cells of a Pod."""
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    found = summary(pod)
    total = len(spec.get("containers") or ()) + len(_sidecars(spec))
    ips = status.get("podIPs") or []
    return [
        name(pod),
        f"{found.ready}/{total}",
        found.reason,
        found.restarts_text(now),
        age(pod, now),
        (ips[0].get("ip") if ips else "") or NONE,
        spec.get("nodeName") or NONE,
        status.get("nominatedNodeName") or NONE,
        _readiness_gates(spec, status),
    ]


def conditions(pod: Obj) -> list[Obj]:
    """The row's own condition: a Pod that has ended is marked as completed."""
    phase = (pod.get("status") or {}).get("phase")
    if phase not in _ENDED:
        return []
    return [{"type": "Completed", "status": "True", "reason": phase, "message": _ENDED[phase]}]


def _sidecars(spec: Obj) -> set[str]:
    return {c.get("name", "") for c in spec.get("initContainers") or () if c.get("restartPolicy") == "Always"}


def summary(pod: Obj) -> _Summary:
    """READY, STATUS and RESTARTS of a Pod."""
    status = pod.get("status") or {}
    found = _Summary(pod)
    gates = [c for c in status.get("conditions") or () if c.get("type") == "PodScheduled"]
    if any(c.get("reason") == "SchedulingGated" for c in gates):
        found.reason = "SchedulingGated"
    initializing = _init(pod, found)
    if not initializing or condition_is_true(status.get("conditions"), "Initialized"):
        _main(pod, found)
    if deleting(pod):
        if status.get("reason") == "NodeLost":
            found.reason = "Unknown"
        elif status.get("phase") not in _ENDED:
            found.reason = "Terminating"
    return found


def _init(pod: Obj, found: _Summary) -> bool:
    """Look at the init containers up to the one that is not through; say whether there is one."""
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    sidecars = _sidecars(spec)
    for index, container in enumerate(status.get("initContainerStatuses") or ()):
        found.count_restarts(container)
        ended = (container.get("state") or {}).get("terminated")
        if ended is not None and not ended.get("exitCode"):
            continue
        if container.get("name") in sidecars and container.get("started"):
            found.ready += bool(container.get("ready"))
            continue
        progress = f"{index}/{len(spec.get('initContainers') or ())}"
        found.reason = f"Init:{_init_reason(container) or progress}"
        return True
    return False


def _init_reason(container: Obj) -> str:
    state = container.get("state") or {}
    if state.get("terminated") is not None:
        return _ended(state["terminated"])
    waiting = (state.get("waiting") or {}).get("reason") or ""
    return "" if waiting == "PodInitializing" else waiting


def _ended(terminated: Obj) -> str:
    if terminated.get("reason"):
        return str(terminated["reason"])
    if terminated.get("signal"):
        return f"Signal:{terminated['signal']}"
    return f"ExitCode:{terminated.get('exitCode', 0)}"


def _main(pod: Obj, found: _Summary) -> None:
    """Look at the main containers, last first; of the init containers only sidecars' restarts still count."""
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    found.restarts, found.restarted_at = 0, 0.0
    sidecars = _sidecars(spec)
    for container in status.get("initContainerStatuses") or ():
        if container.get("name") in sidecars:
            found.count_restarts(container)
    running = False
    for container in reversed(status.get("containerStatuses") or ()):
        found.count_restarts(container)
        state = container.get("state") or {}
        if (state.get("waiting") or {}).get("reason"):
            found.reason = state["waiting"]["reason"]
        elif state.get("terminated") is not None:
            found.reason = _ended(state["terminated"])
        elif container.get("ready") and state.get("running") is not None:
            running = True
            found.ready += 1
    if found.reason == "Completed" and running:
        found.reason = "Running" if condition_is_true(status.get("conditions"), "Ready") else "NotReady"


def _readiness_gates(spec: Obj, status: Obj) -> str:
    gates = spec.get("readinessGates") or []
    if not gates:
        return NONE
    true = sum(condition_is_true(status.get("conditions"), g.get("conditionType", "")) for g in gates)
    return f"{true}/{len(gates)}"
