"""When a Job's Pod failures count, when they end it, and when it has succeeded early: its two policies.

Law: pure functions.

Models k8s.io/kubernetes pkg/controller/job/pod_failure_policy.go and success_policy.go.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinykube import objects
from tinykube.controllers import job_indexes, pods
from tinykube.objects import Obj


@dataclass(frozen=True)
class Verdict:
    """What the policy says of a failed Pod: does it count, is its index lost, is the Job lost (and why)."""

    counts: bool = True
    fails_index: bool = False
    fails_job: str = ""


def replaces_only_failed(job: Obj) -> bool:
    """Whether a Pod is replaced only once it has really failed, not when it merely is being deleted."""
    spec = job["spec"]
    return spec.get("podReplacementPolicy") == "Failed" or bool(spec.get("podFailurePolicy"))


def has_failed(pod: Obj, job: Obj) -> bool:
    """Whether the Pod counts as failed: also when it is being deleted, so that none is forgotten."""
    if pods.phase(pod) == "Failed":
        return True
    if replaces_only_failed(job):
        return False
    return objects.deleting(pod) and pods.phase(pod) != "Succeeded"


def judge(job: Obj, pod: Obj) -> Verdict:
    """The first rule of spec.podFailurePolicy that matches the failed Pod decides."""
    rules = objects.dig(job, "spec", "podFailurePolicy", "rules", default=())
    for number, rule in enumerate(rules):
        found = _exit_code(rule, pod) or _condition(rule, pod)
        if found:
            return _verdict(rule["action"], f"{found} matching {rule['action']} rule at index {number}")
    return Verdict()


def _verdict(action: str, message: str) -> Verdict:
    if action == "Ignore":
        return Verdict(counts=False)
    if action == "FailIndex":
        return Verdict(fails_index=True)
    return Verdict(fails_job=message if action == "FailJob" else "")


def _exit_code(rule: Obj, pod: Obj) -> str:
    wanted = rule.get("onExitCodes")
    if not wanted:
        return ""
    status = pod.get("status") or {}
    for container in [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]:
        code = objects.dig(container, "state", "terminated", "exitCode", default=0)
        if code == 0 or wanted.get("containerName") not in (None, container["name"]):
            continue
        if (code in wanted["values"]) == (wanted["operator"] == "In"):
            return f"Container {container['name']} for pod {objects.key(pod)} failed with exit code {code}"
    return ""


def _condition(rule: Obj, pod: Obj) -> str:
    for wanted in rule.get("onPodConditions") or ():
        found = objects.condition(pod, wanted["type"])
        if found is not None and found["status"] == wanted.get("status", "True"):
            return f"Pod {objects.key(pod)} has condition {wanted['type']}"
    return ""


def success(job: Obj, succeeded: set[int]) -> str:
    """Which rule of spec.successPolicy is met, as the condition's message says it; empty for none."""
    completions = job["spec"].get("completions") or 0
    for number, rule in enumerate(objects.dig(job, "spec", "successPolicy", "rules", default=())):
        listed = rule.get("succeededIndexes")
        wanted = job_indexes.parse(listed, completions) if listed else set(range(completions))
        needed = rule.get("succeededCount") or len(wanted)
        if len(wanted & succeeded) >= needed:
            return f"Matched rules at index {number}"
    return ""


def restarted_too_often(job: Obj, found: list[Obj]) -> bool:
    """Whether the kubelet's restarts, which are the failures under restartPolicy OnFailure, exceed backoffLimit."""
    if job["spec"]["template"]["spec"].get("restartPolicy") != "OnFailure":
        return False
    running = [p.get("status") or {} for p in found if pods.phase(p) in ("Pending", "Running")]
    restarts = sum(
        status.get("restartCount", 0)
        for of_pod in running
        for group in ("initContainerStatuses", "containerStatuses")
        for status in of_pod.get(group) or ()
    )
    limit = job["spec"]["backoffLimit"]
    return restarts > 0 if limit == 0 else restarts >= limit


def failed_indexes(job: Obj, found: list[Obj], known: str, succeeded: set[int]) -> set[int]:
    """Indexes that have failed more often than backoffLimitPerIndex, or by policy; `known` are those found before."""
    completions, limit = job["spec"]["completions"], job["spec"]["backoffLimitPerIndex"]
    lost = job_indexes.parse(known, completions)
    for pod in found:
        index = job_indexes.index_of(pod)
        if 0 <= index < completions and has_failed(pod, job):
            verdict = judge(job, pod)
            often = verdict.counts and job_indexes.failures_of(pod) >= limit
            if often or verdict.fails_index:
                lost.add(index)
    return lost - succeeded
