"""The Pods that a Job is to have: how many, which are too many, and how new ones look.

Law: pure functions of a tally.

Models k8s.io/kubernetes pkg/controller/job/job_controller.go (manageJob, activePodsForRemoval) and
indexed_job_utils.go.
"""

from __future__ import annotations

from tinykube.controllers import job_backoff, job_indexes, job_policy, pods
from tinykube.controllers.job_tally import FINALIZER, Tally
from tinykube.objects import Obj


def wanted(tally: Tally) -> int:
    """How many Pods should be active."""
    spec = tally.job["spec"]
    if spec.get("completions") is None:
        return len(tally.active) if tally.succeeded > 0 else spec["parallelism"]
    return max(0, min(spec["parallelism"], spec["completions"] - tally.succeeded - len(tally.failed_indexes)))


def surplus(tally: Tally, now: float) -> list[Obj]:
    """The active Pods to delete: what an index has too many first, then the ones that will be missed least."""
    count = max(0, len(tally.active) - wanted(tally))
    extra: list[Obj] = []
    if job_indexes.is_indexed(tally.job):
        extra = job_indexes.superfluous(tally.active, tally.job["spec"]["completions"])
    if len(extra) >= count:
        return extra
    rest = [p for p in tally.active if p not in extra]
    return extra + pods.deletion_order(rest, tally.active, now)[: count - len(extra)]


def missing(tally: Tally) -> int:
    """How many Pods are to be created; where only failed ones are replaced, not yet for those on their way out."""
    leaving = tally.terminating if job_policy.replaces_only_failed(tally.job) else 0
    return max(0, wanted(tally) - len(tally.active) - leaving)


def next_indexes(tally: Tally, count: int) -> list[int]:
    """The indexes of the next `count` Pods; -1 for each Pod of a Job that is not indexed."""
    if not job_indexes.is_indexed(tally.job):
        return [-1] * count
    taken = tally.succeeded_indexes | tally.failed_indexes | {job_indexes.index_of(p) for p in tally.active}
    return job_indexes.first_free(count, tally.job["spec"]["completions"], taken)


def rested(tally: Tally, indexes: list[int], now: float) -> tuple[list[int], float]:
    """Those of the indexes whose back-off is over; if there are none, the seconds until the first is."""
    waits = {index: job_backoff.index_wait(tally.to_replace.get(index), now) for index in indexes}
    ready = [index for index in indexes if waits[index] == 0]
    return ready, 0.0 if ready else min(waits.values(), default=0.0)


def blueprint(tally: Tally, index: int) -> Obj:
    """The Pod to create, for that index if it is not -1."""
    pod = pods.from_template(tally.job["spec"]["template"], tally.job)
    finalizers = pod["metadata"].setdefault("finalizers", [])
    if FINALIZER not in finalizers:
        finalizers.append(FINALIZER)
    if index >= 0:
        job_indexes.dress(pod, tally.job, index)
        if tally.per_index:
            replaced = tally.to_replace.get(index)
            counts = replaced is not None and job_policy.judge(tally.job, replaced).counts
            job_indexes.note_failures(pod, replaced, counts=counts)
    return pod
