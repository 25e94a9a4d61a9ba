"""Ways to see what a cluster does, for checks: they watch and ask, and leave the learner's objects as they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kubelab.errors import Refused, TimedOut
from kubelab.http import Response
from kubelab.lab import Lab
from kubelab.resources import Resource, Resources
from kubelab.text import Terminal
from kubelab.waiting import Predicate

PROBE = "kubelab-probe"


def until(
    lab: Lab, target: str, what: str | Predicate, timeout: float | str = 60, selector: str = ""
) -> Resource | Resources | None:
    """Like `lab.wait_until`, but None instead of an error if it does not happen."""
    try:
        found = lab.wait_until(target, what, timeout, selector)
    except TimedOut:
        return None
    return found if found is not None else Resources()


def stays(lab: Lab, target: str, holds: Callable[[Any], bool], seconds: float) -> bool:
    """Whether `holds(object)` goes on holding for `seconds` of cluster time."""
    return until(lab, target, lambda one: not holds(one), seconds) is None and holds(lab.find(target))


def ask(lab: Lab, target: str, path: str = "/", patience: float = 30) -> Response:
    """An HTTP answer, after as many tries as `patience` seconds of cluster time allow until one is served."""
    reply = lab.http(target, path)
    waited = 0.0
    while not reply.ok and waited < patience:
        lab.wait(1)
        waited += 1
        reply = lab.http(target, path)
    return reply


def inside(lab: Lab, script: str, image: str = "busybox:1.36", timeout: float = 60) -> Terminal:
    """What a shell script prints when it runs in a Pod of the lab's namespace; `code` is its exit code.

    The Pod is gone afterwards.
    """
    container = {"name": "probe", "image": image, "command": ["sh", "-c", script + "\n"]}
    spec = {"restartPolicy": "Never", "terminationGracePeriodSeconds": 0, "containers": [container]}
    lab.delete(f"pod/{PROBE}", grace=0)
    lab.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": PROBE}, "spec": spec})
    try:
        done = until(lab, f"pod/{PROBE}", lambda pod: pod["status"].get("phase") in ("Succeeded", "Failed"), timeout)
        output = _logs(lab)
        return Terminal(output, _exit_code(done) if isinstance(done, Resource) else 124)
    finally:
        lab.delete(f"pod/{PROBE}", grace=0)


def _logs(lab: Lab) -> str:
    try:
        return lab.logs(PROBE)
    except Refused:
        return ""  # it never started


def _exit_code(pod: Resource) -> int:
    ended = [one["state"].get("terminated") for one in pod["status"].get("containerStatuses") or []]
    return int(ended[0]["exitCode"]) if ended and ended[0] else 1
