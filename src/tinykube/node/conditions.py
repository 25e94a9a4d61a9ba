"""The Pod conditions that the kubelet owns.

Law: pure functions of the spec, the container statuses and the phase.

Models pkg/kubelet/status/generate.go.
"""

from __future__ import annotations

from collections.abc import Iterable

from tinykube.node.observed import PodView
from tinykube.node.phase import FAILED, SUCCEEDED
from tinykube.node.resizing import RESIZE_IN_PROGRESS, RESIZE_PENDING
from tinykube.node.restarts import sidecars
from tinykube.objects import Obj, dig

READY_TO_START, INITIALIZED, READY = "PodReadyToStartContainers", "Initialized", "Ready"
CONTAINERS_READY, SCHEDULED = "ContainersReady", "PodScheduled"
OWNED = (RESIZE_PENDING, RESIZE_IN_PROGRESS, READY_TO_START, INITIALIZED, READY, CONTAINERS_READY, SCHEDULED)


def _condition(kind: str, status: bool, reason: str = "", message: str = "") -> Obj:
    made: Obj = {"type": kind, "status": "True" if status else "False"}
    if reason:
        made["reason"] = reason
    if message:
        made["message"] = message
    return made


def all_conditions(pod: Obj, seen: PodView, statuses: Iterable[Obj], phase: str) -> list[Obj]:
    """Every condition of the Pod, in the order in which the kubelet writes them; others' are kept in front."""
    found = list(statuses)
    others = [c for c in dig(pod, "status", "conditions", default=[]) if c["type"] not in OWNED]
    ready = containers_ready(pod, found, phase)
    return [
        *others,
        ready_to_start(pod, seen),
        initialized(pod, found, phase),
        pod_ready(pod, others, ready),
        ready,
        _condition(SCHEDULED, True),
    ]


def ready_to_start(pod: Obj, seen: PodView) -> Obj:
    """PodReadyToStartContainers: the sandbox is up and has its network."""
    return _condition(READY_TO_START, seen.sandbox == "ready" and bool(seen.ips or pod["spec"].get("hostNetwork")))


def initialized(pod: Obj, statuses: Iterable[Obj], phase: str) -> Obj:
    """Initialized: every init container has done its part."""
    inits = pod["spec"].get("initContainers") or []
    by_name = {s["name"]: s for s in statuses}
    if phase == SUCCEEDED:
        return _condition(INITIALIZED, True, "PodCompleted")
    if not inits or _main_started(pod, by_name):
        return _condition(INITIALIZED, True)
    incomplete = [c["name"] for c in inits if not _init_done(c, by_name.get(c["name"]))]
    if not incomplete:
        return _condition(INITIALIZED, True)
    message = f"containers with incomplete status: [{' '.join(incomplete)}]"
    return _condition(INITIALIZED, False, "ContainersNotInitialized", message)


def _main_started(pod: Obj, by_name: dict[str, Obj]) -> bool:
    statuses = [by_name.get(c["name"]) for c in pod["spec"]["containers"]]
    return any(
        dig(s, "state", "running") or dig(s, "state", "terminated") or dig(s, "lastState", "terminated")
        for s in statuses
    )


def _init_done(container: Obj, status: Obj | None) -> bool:
    if container.get("restartPolicy") == "Always":
        return bool((status or {}).get("started"))
    return bool((status or {}).get("ready"))


def containers_ready(pod: Obj, statuses: Iterable[Obj], phase: str) -> Obj:
    """ContainersReady: every container, sidecars included, is ready."""
    if phase == SUCCEEDED:
        return _condition(CONTAINERS_READY, False, "PodCompleted")
    if phase == FAILED:
        return _condition(CONTAINERS_READY, False, "PodFailed")
    ready = {s["name"]: s.get("ready", False) for s in statuses}
    wanted = [c["name"] for c in [*sidecars(pod), *pod["spec"]["containers"]]]
    unknown, unready = [n for n in wanted if n not in ready], [n for n in wanted if ready.get(n) is False]
    parts = []
    if unknown:
        parts.append(f"containers with unknown status: [{' '.join(unknown)}]")
    if unready:
        parts.append(f"containers with unready status: [{' '.join(unready)}]")
    if parts:
        return _condition(CONTAINERS_READY, False, "ContainersNotReady", ", ".join(parts))
    return _condition(CONTAINERS_READY, True)


def pod_ready(pod: Obj, others: Iterable[Obj], ready: Obj) -> Obj:
    """Ready: the containers are, and so is every readiness gate."""
    if ready["status"] != "True":
        return _condition(READY, False, ready.get("reason", ""), ready.get("message", ""))
    by_type = {c["type"]: c["status"] for c in others}
    problems = []
    for gate in pod["spec"].get("readinessGates") or ():
        kind = gate["conditionType"]
        if kind not in by_type:
            problems.append(f'corresponding condition of pod readiness gate "{kind}" does not exist.')
        elif by_type[kind] != "True":
            problems.append(f'the status of pod readiness gate "{kind}" is not "True", but {by_type[kind]}')
    if problems:
        return _condition(READY, False, "ReadinessGatesNotReady", ", ".join(problems))
    return _condition(READY, True)
