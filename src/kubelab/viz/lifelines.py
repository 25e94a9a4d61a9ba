"""A Pod's life as data: what it and each of its containers were, from when to when.

Law: pure data, no drawing. Words are those that `kubectl get pods` prints in its STATUS column (kubectl's printers,
pkg/printers/internalversion/printers.go: printPod).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from kubelab.viz.recorded import Change, Obj, Recording, Span, history

WAITING, STARTING, READY, FAILED, DONE, TERMINATING, BACKOFF = (
    "waiting",
    "starting",
    "ready",
    "failed",
    "done",
    "terminating",
    "backoff",
)
STATES = (WAITING, STARTING, READY, TERMINATING, BACKOFF, FAILED, DONE)
MEANING = {
    WAITING: "waiting",
    STARTING: "running, not ready",
    READY: "ready",
    TERMINATING: "terminating",
    BACKOFF: "back-off",
    FAILED: "failed",
    DONE: "completed",
}

Described = tuple[str, str] | None
"""(state, label), or None where there is nothing."""


class Run(NamedTuple):
    """One run of a container: its `number` (0 is the first), start and end in seconds; `end` None while it runs."""

    number: int
    start: float
    end: float | None
    exit_code: int | None
    reason: str


class Lane(NamedTuple):
    """One line of a Pod's life: the Pod itself, or one container."""

    name: str
    role: str
    spans: list[Span]


def spans(changes: Iterable[Change], describe: Callable[[Obj], Described], end: float) -> list[Span]:
    """What an object was over time; equal neighbours are one."""
    found: list[Span] = []
    for change in changes:
        told, at = None if change.type == "DELETED" else describe(change.object), change.t
        if found and found[-1].end == end:
            last = found[-1]
            if told == (last.state, last.label):
                continue
            at = max(at, last.start)
            found[-1] = last._replace(end=at)
        if told is not None:
            found.append(Span(at, end, *told))
    return [span for span in found if span.end > span.start]


# ---------------------------------------------------------------- the Pod


def is_ready(pod: Obj) -> bool:
    """Does the Pod's Ready condition hold?"""
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def pod_state(pod: Obj) -> tuple[str, str]:
    """A Pod's state and the word kubectl has for it."""
    word = status_word(pod)
    phase = (pod.get("status") or {}).get("phase", "Pending")
    if pod["metadata"].get("deletionTimestamp"):
        return TERMINATING, word
    if "BackOff" in word:
        return BACKOFF, word
    if phase == "Succeeded":
        return DONE, word
    if phase == "Failed" or "Err" in word or word in ("Error", "OOMKilled"):
        return FAILED, word
    if phase == "Running":
        return (READY, word) if is_ready(pod) else (STARTING, word)
    return WAITING, word


def status_word(pod: Obj) -> str:
    """The STATUS column: the phase, or the reason why a container is not running."""
    status = pod.get("status") or {}
    word = status.get("reason") or status.get("phase") or "Pending"
    word = _init_word(pod) or _container_word(status.get("containerStatuses") or []) or word
    return "Terminating" if pod["metadata"].get("deletionTimestamp") else word


def _init_word(pod: Obj) -> str:
    """ "Init:0/2", "Init:Error", or "" when every init container is done or is a started sidecar."""
    specs = (pod.get("spec") or {}).get("initContainers") or []
    sidecars = {one["name"] for one in specs if one.get("restartPolicy") == "Always"}
    statuses = (pod.get("status") or {}).get("initContainerStatuses") or []
    for number, one in enumerate(statuses):
        state = one.get("state") or {}
        if (state.get("terminated") or {}).get("exitCode") == 0 or (one["name"] in sidecars and one.get("started")):
            continue
        reason = _reason(state)
        return f"Init:{reason}" if reason not in ("", "PodInitializing") else f"Init:{number}/{len(specs) or 1}"
    return ""


def _container_word(statuses: Sequence[Obj]) -> str:
    """The first container's reason that says more than the phase does."""
    for one in statuses:
        reason = _reason(one.get("state") or {})
        if reason:
            return reason
    return ""


def _reason(state: Obj) -> str:
    waiting, terminated = state.get("waiting") or {}, state.get("terminated")
    if terminated is not None:
        return str(terminated.get("reason") or f"ExitCode:{terminated.get('exitCode', 0)}")
    return str(waiting.get("reason") or "")


# ---------------------------------------------------------------- its containers


def container_state(status: Obj) -> tuple[str, str]:
    """A container's state and a word for it."""
    state = status.get("state") or {}
    if "running" in state:
        if status.get("ready"):
            return READY, "Running"
        return STARTING, "Running" if status.get("started", True) else "Running, not started"
    if "terminated" in state:
        code = state["terminated"].get("exitCode", 0)
        reason = state["terminated"].get("reason") or ("Completed" if code == 0 else "Error")
        return (DONE, reason) if code == 0 else (FAILED, f"{reason} ({code})")
    reason = (state.get("waiting") or {}).get("reason") or "Waiting"
    if "BackOff" in reason:
        return BACKOFF, reason
    return (FAILED if "Err" in reason else WAITING), reason


def container_names(changes: Sequence[Change]) -> list[tuple[str, str]]:
    """(name, role) of a Pod's containers, init containers first; role is "init", "sidecar" or "container"."""
    pod = changes[-1].object
    spec = pod.get("spec") or {}
    found = [
        (c["name"], "sidecar" if c.get("restartPolicy") == "Always" else "init")
        for c in spec.get("initContainers") or []
    ]
    return found + [(c["name"], "container") for c in spec.get("containers") or []]


def find_status(pod: Obj, container: str) -> Obj | None:
    """The status of one container, of whatever role."""
    status = pod.get("status") or {}
    for group in ("initContainerStatuses", "containerStatuses"):
        for one in status.get(group) or []:
            if one["name"] == container:
                return dict(one)
    return None


def lanes(recording: Recording, pod: str, end: float) -> list[Lane]:
    """The lanes of a Pod's life: the Pod, then its containers."""
    changes = history(recording, "Pod", pod)

    def of(container: str) -> Callable[[Obj], Described]:
        def describe(obj: Obj) -> Described:
            status = find_status(obj, container)
            return container_state(status) if status else (WAITING, "Waiting")

        return describe

    found = [Lane(pod, "Pod", spans(changes, pod_state, end))]
    return found + [
        Lane(name, role, spans(_as_it_ended(changes, name, recording.t0), of(name), end))
        for name, role in container_names(changes)
    ]


class _Moved(NamedTuple):
    """A change at the time when what it tells happened."""

    t: float
    type: str
    object: Obj


def _as_it_ended(changes: Sequence[Change], container: str, t0: float) -> Iterator[Change]:
    """The changes, the news that a run has ended moved to its end: when a Pod is stopped, the kubelet reports the ends
    of all its containers at once, after the last."""
    known, born = None, _births(changes)
    for change in changes:
        status = find_status(change.object, container) or {}
        stamp = ((status.get("state") or {}).get("terminated") or {}).get("finishedAt")
        new = stamp and not known
        known = stamp
        at = _when(stamp, change.t, _zero(born, change, t0)) if new else change.t
        yield _Moved(at, change.type, change.object)


def runs(recording: Recording, pod: str, container: str) -> list[Run]:
    """Every run of a container that the recording saw, in order."""
    found: dict[int, Run] = {}
    changes = history(recording, "Pod", pod)
    born = _births(changes)
    for change in changes:
        status = find_status(change.object, container)
        if status is None:
            continue
        zero = _zero(born, change, recording.t0)
        number = int(status.get("restartCount", 0))
        for which, state in ((number - 1, status.get("lastState") or {}), (number, status.get("state") or {})):
            if which >= 0:
                _note(found, which, state, change.t, zero)
    return [found[number] for number in sorted(found)]


def _note(found: dict[int, Run], number: int, state: Obj, seen: float, zero: float) -> None:
    """Learn about one run from one state that was seen at `seen` seconds."""
    ended = state.get("terminated")
    known = state.get("running", ended)
    if known is None:
        return
    run = found.get(number) or Run(number, _when(known.get("startedAt"), seen, zero), None, None, "")
    if ended is not None and run.end is None:
        at = _when(ended.get("finishedAt"), seen, zero)
        run = run._replace(end=max(at, run.start), exit_code=ended.get("exitCode"), reason=ended.get("reason") or "")
    found[number] = run


def _births(changes: Iterable[Change]) -> dict[str, float]:
    """When each Pod of that name was first seen, by uid."""
    found: dict[str, float] = {}
    for change in changes:
        found.setdefault(change.object["metadata"].get("uid", ""), change.t)
    return found


def _zero(born: dict[str, float], change: Change, t0: float) -> float:
    """What an object's stamps say of the moment the recording began. A cluster that presents its times as the wall's
    shifts them anew in every answer: the Pod's other stamps are measured from its creation, if that was seen."""
    metadata = change.object["metadata"]
    created = metadata.get("creationTimestamp")
    return max(_read(created) - born[metadata.get("uid", "")], t0) if created else t0


def _when(stamp: str | None, seen: float, zero: float) -> float:
    """When it happened: as it was seen, unless the object's own stamp (whole seconds) says it was earlier."""
    if not stamp:
        return seen
    stamped = _read(stamp) - zero
    return seen if stamped + 1.5 >= seen else max(0.0, stamped)


def _read(stamp: str) -> float:
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def restarts(recording: Recording, pod: str, container: str) -> list[tuple[float, str]]:
    """When a container was started again, and how the run before had ended."""
    told = runs(recording, pod, container)
    return [
        (after.start, f"{before.reason or 'ended'} ({before.exit_code})" if before.exit_code is not None else "")
        for before, after in pairwise(told)
    ]
