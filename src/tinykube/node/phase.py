"""A Pod's phase, counted from the states of its containers.

Law: pure functions.

Models pkg/kubelet/kubelet_pods.go (getPhase).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tinykube.node.restarts import restarts_after
from tinykube.objects import Obj, dig

PENDING, RUNNING, SUCCEEDED, FAILED = "Pending", "Running", "Succeeded", "Failed"


def terminal(phase: str | None) -> bool:
    """Whether a Pod of that phase will never run again."""
    return phase in (SUCCEEDED, FAILED)


def pod_phase(pod: Obj, statuses: Iterable[Obj], *, ended: bool, started: bool) -> str:
    """The phase of a Pod with those container statuses (init containers' included).

    `ended`: all containers were stopped for good; `started`: a regular container has been running.
    """
    by_name = {s["name"]: s for s in statuses}
    inits = pod["spec"].get("initContainers") or []
    plain = [c for c in inits if c.get("restartPolicy") != "Always"]
    pending = [_init(by_name.get(c["name"])) for c in plain]
    if any(
        state == "failed" and not restarts_after(c, pod, _exit_code(by_name[c["name"]]))
        for c, state in zip(plain, pending, strict=True)
    ):
        return FAILED
    side = [_sidecar(by_name.get(c["name"])) for c in inits if c.get("restartPolicy") == "Always"]
    count = Counter(_regular(by_name.get(c["name"])) for c in pod["spec"]["containers"])
    count.update(state for state in side if state != "starting")
    count["running"] += side.count("starting")
    uninitialized = "pending" in pending or (not started and ("waiting" in side or "starting" in side))
    if uninitialized or count["waiting"]:
        return PENDING
    return _from_counts(pod, by_name, count, ended)


def _from_counts(pod: Obj, by_name: dict[str, Obj], count: Counter[str], ended: bool) -> str:
    if count["unknown"]:
        return PENDING
    if count["running"]:
        return RUNNING
    stopped = count["succeeded"] + count["stopped"]
    if not stopped:
        return PENDING
    if not ended and any(_comes_back(c, pod, by_name[c["name"]]) for c in pod["spec"]["containers"]):
        return RUNNING
    return FAILED if count["stopped"] else SUCCEEDED


def _comes_back(container: Obj, pod: Obj, status: Obj) -> bool:
    if dig(status, "state", "waiting"):
        return True
    return restarts_after(container, pod, _exit_code(status))


def _exit_code(status: Obj) -> int:
    ended = dig(status, "state", "terminated") or dig(status, "lastState", "terminated") or {}
    return int(ended.get("exitCode", 0))


def _init(status: Obj | None) -> str:
    state = (status or {}).get("state") or {}
    last = dig(status, "lastState", "terminated")
    if "terminated" in state:
        return "failed" if state["terminated"]["exitCode"] else "done"
    if "waiting" in state and last:
        return "failed" if last["exitCode"] else "done"
    return "pending"


def _sidecar(status: Obj | None) -> str:
    state = (status or {}).get("state") or {}
    if "running" in state:
        return "running" if (status or {}).get("started") else "starting"
    if "terminated" in state or ("waiting" in state and dig(status, "lastState", "terminated")):
        return "ended"
    return "waiting" if "waiting" in state else "unknown"


def _regular(status: Obj | None) -> str:
    state = (status or {}).get("state") or {}
    if "running" in state:
        return "running"
    if "terminated" in state:
        return "stopped" if state["terminated"]["exitCode"] else "succeeded"
    if "waiting" in state:
        return "stopped" if dig(status, "lastState", "terminated") else "waiting"
    return "unknown"
