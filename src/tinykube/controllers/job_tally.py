"""Counting a Job's Pods exactly once, although they may be deleted at any moment.

Law: every Pod carries a finalizer until its end has been written down. First its UID is noted in
status.uncountedTerminatedPods, then the finalizer is removed, then the UID moves into the counter; a crash between any
two of these steps loses and doubles nothing.

Models k8s.io/kubernetes pkg/controller/job/job_controller.go (trackJobStatusAndRemoveFinalizers) and tracking_utils.go.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tinykube import objects
from tinykube.controllers import job_indexes, job_policy, pods, status
from tinykube.objects import Obj

FINALIZER = "batch.kubernetes.io/job-tracking"
MOST_UNCOUNTED = 500


def tracked(pod: Obj) -> bool:
    """Whether the Pod still carries the finalizer."""
    return FINALIZER in (objects.meta(pod).get("finalizers") or ())


@dataclass
class Tally:
    """One reconcile's view of a Job: its Pods sorted by state, and the status as it is being worked out."""

    job: Obj
    pods: list[Obj]
    released: set[str]
    """UIDs of Pods whose finalizer is removed already, though the cache may not show it."""
    status: Obj = field(init=False)
    finished: Obj | None = None
    """The condition that ends the Job, once it is known."""

    def __post_init__(self) -> None:
        self.status = objects.copy(self.job.get("status") or {})
        self.active = [p for p in self.pods if pods.active(p)]
        self.ready = sum(map(pods.ready, self.active))
        self.terminating = sum(map(pods.terminating, self.pods))
        noted = self.status.get("uncountedTerminatedPods") or {}
        self.noted_succeeded, self.noted_failed = set(noted.get("succeeded") or ()), set(noted.get("failed") or ())
        fresh = [p for p in self.pods if self._is_fresh(p)]
        self.new_succeeded = [p for p in fresh if pods.phase(p) == "Succeeded"]
        self.new_failed = [p for p in fresh if job_policy.has_failed(p, self.job)]
        self.failed = (
            self.status.get("failed", 0)
            + sum(job_policy.judge(self.job, p).counts for p in self.new_failed)
            + len(self.noted_failed)
        )
        self.succeeded = self.status.get("succeeded", 0) + len(self.new_succeeded) + len(self.noted_succeeded)
        self.succeeded_indexes: set[int] = set()
        self.failed_indexes: set[int] = set()
        self.to_replace: dict[int, Obj] = {}
        """The last failed Pod of each index that is to be tried again; it is kept until its successor is there."""
        if job_indexes.is_indexed(self.job):
            self._count_indexes()

    def _is_fresh(self, pod: Obj) -> bool:
        return self._holds(pod) and objects.uid(pod) not in self.noted_succeeded | self.noted_failed

    def _holds(self, pod: Obj) -> bool:
        return tracked(pod) and objects.uid(pod) not in self.released

    @property
    def per_index(self) -> bool:
        """Whether each index has a back-off limit of its own."""
        return self.job["spec"].get("backoffLimitPerIndex") is not None

    def _count_indexes(self) -> None:
        completions = self.job["spec"]["completions"]
        known = job_indexes.parse(self.status.get("completedIndexes", ""), completions)
        ended = {job_indexes.index_of(p) for p in self.pods if pods.phase(p) == "Succeeded" and tracked(p)}
        self.succeeded_indexes = known | {i for i in ended if 0 <= i < completions}
        self.succeeded = len(self.succeeded_indexes)
        if self.per_index:
            failed = self.status.get("failedIndexes", "")
            self.failed_indexes = job_policy.failed_indexes(self.job, self.pods, failed, self.succeeded_indexes)
            self._find_to_replace()

    def _find_to_replace(self) -> None:
        over = self.succeeded_indexes | self.failed_indexes | {job_indexes.index_of(p) for p in self.active}
        for pod in sorted(self.new_failed, key=job_indexes.all_failures_of):
            index = job_indexes.index_of(pod)
            if 0 <= index < self.job["spec"]["completions"] and index not in over:
                self.to_replace[index] = pod

    # -- writing it down

    def note_ended(self) -> list[Obj]:
        """Note the Pods that have ended in status; the Pods whose finalizer can go once that is stored."""
        self._settle({objects.uid(p) for p in self.pods if self._holds(p)})
        noted = self.status.setdefault("uncountedTerminatedPods", {})
        releasable = []
        for pod in sorted(self.pods, key=job_indexes.index_of):
            if self._holds(pod) and self._may_release(pod):
                releasable.append(pod)
                self._note(pod, noted)
                if len(noted.get("succeeded", ())) + len(noted.get("failed", ())) >= MOST_UNCOUNTED:
                    break
        if job_indexes.is_indexed(self.job):
            self._write_indexes()
        return releasable

    def _may_release(self, pod: Obj) -> bool:
        if pods.phase(pod) == "Succeeded" or self.finished is not None or objects.deleting(self.job):
            return True
        return job_policy.has_failed(pod, self.job) and self.to_replace.get(job_indexes.index_of(pod)) is not pod

    def _note(self, pod: Obj, noted: Obj) -> None:
        uid = objects.uid(pod)
        if pods.phase(pod) == "Succeeded" and uid not in self.noted_failed:
            if not job_indexes.is_indexed(self.job) and uid not in self.noted_succeeded:
                noted.setdefault("succeeded", []).append(uid)
        elif uid not in self.noted_failed and self._is_failure(pod):
            noted.setdefault("failed", []).append(uid)

    def _is_failure(self, pod: Obj) -> bool:
        failed = job_policy.has_failed(pod, self.job) or self._lost()
        return failed and job_policy.judge(self.job, pod).counts

    def _lost(self) -> bool:
        """The Job has failed: every Pod that has not ended counts as failed too."""
        return self.finished is not None and self.finished["type"] in ("Failed", "FailureTarget")

    def _write_indexes(self) -> None:
        self.status["succeeded"] = len(self.succeeded_indexes)
        self.status["completedIndexes"] = job_indexes.write(self.succeeded_indexes)
        if self.per_index:
            self.status["failedIndexes"] = job_indexes.write(self.failed_indexes)

    def settle(self, released: set[str]) -> None:
        """Move the noted Pods whose finalizer is gone into the counters."""
        self._settle({objects.uid(p) for p in self.pods if self._holds(p)} - released)

    def _settle(self, holding: set[str]) -> None:
        noted = self.status.get("uncountedTerminatedPods") or {}
        for field_name in ("succeeded", "failed"):
            uids = noted.get(field_name) or []
            left = [uid for uid in uids if uid in holding]
            if len(left) < len(uids):
                self.status[field_name] = self.status.get(field_name, 0) + len(uids) - len(left)
                noted[field_name] = left
            if not left:
                noted.pop(field_name, None)

    def announce(self, now: float) -> None:
        """Put the interim condition into status: what the Job is about to be, before its Pods are released."""
        if self.finished is None:
            return
        if self.finished["type"] in ("FailureTarget", "SuccessCriteriaMet"):
            conditions = self.status.setdefault("conditions", [])
            if status.find(conditions, self.finished["type"]) is None:
                conditions.append(self.finished)
            last = "Failed" if self.finished["type"] == "FailureTarget" else "Complete"
            self.finished = condition(last, self.finished["reason"], self.finished["message"], now)

    def end(self) -> bool:
        """Put the final condition into status, unless Pods are still to be counted or to end; say whether it is in."""
        if self.finished is None or self.status.get("uncountedTerminatedPods") or self.status.get("terminating"):
            return False
        self.status["conditions"] = [*self.status.get("conditions", ()), self.finished]
        if self.finished["type"] == "Complete":
            self.status["completionTime"] = self.finished["lastTransitionTime"]
        return True

    def compacted(self) -> Obj:
        """The status as it is stored: counters that are zero are left out."""
        return status.compact(self.status, "ready", "terminating", "uncountedTerminatedPods")

    def changed(self) -> bool:
        """Whether the status differs from what is stored."""
        return self.compacted() != (self.job.get("status") or {})


def condition(kind: str, reason: str, message: str, now: float, value: str = "True") -> Obj:
    """A Job condition."""
    time = objects.rfc3339(now)
    return {
        "type": kind,
        "status": value,
        "lastProbeTime": time,
        "lastTransitionTime": time,
        "reason": reason,
        "message": message,
    }
