"""Job controller: runs Pods until enough of them have succeeded, or too many have failed.

Law: every Pod's end is counted exactly once (see `job_tally`). Pod events are gathered for a second before the Job is
looked at again; changes of the Job itself count at once.

Models k8s.io/kubernetes pkg/controller/job/job_controller.go.
"""

from __future__ import annotations

import random
from collections import defaultdict

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers import job_indexes, job_pods, job_policy, pods, status
from tinykube.controllers.base import Controller
from tinykube.controllers.expectations import Expectations
from tinykube.controllers.job_backoff import Record
from tinykube.controllers.job_tally import FINALIZER, Tally, condition, tracked
from tinykube.controllers.ownership import Claims, owned_or_orphaned
from tinykube.controllers.podcontrol import (
    BURST,
    PodControl,
    SlowStartStopped,
    delete_all,
    namespace_terminating,
    slow_start,
)
from tinykube.errors import ApiError
from tinykube.informer import Informers
from tinykube.objects import Obj

RESOURCE = "jobs.batch"
BATCH = 1.0
"""Seconds for which Pod events are gathered."""
ORPHAN = "orphan pod "
OURS = "kubernetes.io/job-controller"
"""spec.managedBy of the Jobs that are this controller's business, as is its absence."""


def finished(job: Obj) -> bool:
    """Whether the Job is Complete or Failed."""
    return objects.condition_true(job, "Complete") or objects.condition_true(job, "Failed")


class JobController(Controller):
    """Creates, counts and replaces the Pods of Jobs. Keys are Jobs, or Pods whose Job is gone."""

    name = "job-controller"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.control = PodControl(self.client, self.events)
        self.expectations = Expectations(clock)
        self._released: dict[str, set[str]] = defaultdict(set)
        self._backoff: dict[str, Record] = {}
        self._written: dict[str, int] = {}
        self.jobs = self.watch(RESOURCE, self.enqueue, self._job_updated, self._job_deleted)
        self.pods = self.watch("pods", self._pod_added, self._pod_updated, self._pod_deleted)

    # -- what queues a Job

    def _job_updated(self, old: Obj, new: Obj) -> None:
        if objects.uid(old) != objects.uid(new):
            self._job_deleted(old)
        same = objects.meta(old).get("generation") == objects.meta(new).get("generation")
        self.queue.add_after(objects.key(new), BATCH if same else 0)

    def _job_deleted(self, job: Obj) -> None:
        self._forget(objects.key(job))
        for pod in self.pods.indexed("controller", objects.uid(job)):
            self._orphaned(pod)
        self.enqueue(job)

    def _forget(self, key: str) -> None:
        self.expectations.forget(key)
        self._released.pop(key, None)
        self._backoff.pop(key, None)
        self._written.pop(key, None)

    def _owner_of(self, pod: Obj) -> Obj | None:
        ref = objects.controller_of(pod)
        if ref is None or ref["kind"] != "Job":
            return None
        owner = self.jobs.get(objects.namespace(pod), ref["name"])
        return owner if owner is not None and objects.uid(owner) == ref["uid"] else None

    def _pod_added(self, pod: Obj) -> None:
        if objects.deleting(pod):
            self._pod_deleted(pod)
            return
        owner = self._owner_of(pod)
        if owner is None:
            self._orphaned(pod)
            return
        self.expectations.created(objects.key(owner))
        self._enqueue_batched(owner)

    def _pod_updated(self, old: Obj, pod: Obj) -> None:
        if objects.deleting(pod):
            self._pod_deleted(pod, gone=False)
            return
        owner, previous = self._owner_of(pod), self._owner_of(old)
        if previous is not None and (owner is None or objects.uid(owner) != objects.uid(previous)):
            self._enqueue_batched(previous)
        if owner is None:
            self._orphaned(pod)
            return
        if not tracked(pod):
            self._released[objects.key(owner)].discard(objects.uid(pod))
        self._enqueue_batched(owner)

    def _pod_deleted(self, pod: Obj, *, gone: bool = True) -> None:
        owner = self._owner_of(pod)
        if owner is None:
            self._orphaned(pod)
            return
        key = objects.key(owner)
        self.expectations.deleted(key, objects.uid(pod))
        if gone or not tracked(pod):
            self._released[key].discard(objects.uid(pod))
        self._enqueue_batched(owner)

    def _enqueue_batched(self, job: Obj) -> None:
        self.queue.add_after(objects.key(job), BATCH)

    def _orphaned(self, pod: Obj) -> None:
        """A Pod without a Job: let go of it if it was a Job's, or see whether a Job wants it."""
        if tracked(pod):
            self.queue.add(ORPHAN + objects.key(pod))
        elif objects.controller_of(pod) is None:
            for job in self.jobs.in_namespace(objects.namespace(pod)):
                if objects.matches(job["spec"].get("selector"), objects.labels(pod)):
                    self._enqueue_batched(job)

    # -- reconciling

    def reconcile(self, key: str) -> None:
        """Count the Job's Pods, end it or create the Pods that are missing, and write down what was counted."""
        if key.startswith(ORPHAN):
            self._release_orphan(key.removeprefix(ORPHAN))
            return
        job = self.jobs.by_key(key)
        if job is None or finished(job) or job["spec"].get("managedBy", OURS) != OURS:
            self._forget(key)
            return
        if int(objects.meta(job)["resourceVersion"]) < self._written.get(key, 0):
            return  # the cache does not show our own status yet: it would count too little; its event brings us back
        settled = self.expectations.satisfied(key)
        tally = Tally(job, self._claim(job), self._released[key])
        now = self.clock.now()
        if "startTime" not in tally.status and not job["spec"].get("suspend"):
            tally.status["startTime"] = objects.rfc3339(now)
        backoff = self._backoff.get(key, Record()).after(tally.new_succeeded, tally.new_failed)
        tally.finished = self._verdict(key, tally, now)
        if tally.finished is not None:
            active, error = self._stop(key, tally, settled)
        else:
            active, error = self._keep_going(key, tally, settled, backoff)
        tally.status.update(active=active, ready=tally.ready, terminating=tally.terminating)
        self._track(key, tally, backoff)
        if error is not None:
            raise error

    def _claim(self, job: Obj) -> list[Obj]:
        selector = job["spec"].get("selector")
        claims = Claims(self.client, "pods", RESOURCE, job, finalizer=FINALIZER)
        candidates = owned_or_orphaned(self.pods, job)
        return claims.claim(candidates, lambda pod: objects.matches(selector, objects.labels(pod)))

    # -- is it over?

    def _verdict(self, key: str, tally: Tally, now: float) -> Obj | None:
        """The condition that ends the Job, if it is decided."""
        conditions = tally.status.get("conditions", [])
        met, lost = status.find(conditions, "SuccessCriteriaMet"), status.find(conditions, "FailureTarget")
        if met is not None:
            return met
        if lost is not None:
            return lost
        found = self._failure(key, tally, now)
        if found is not None:
            return condition("FailureTarget", *found, now)
        if job_indexes.is_indexed(tally.job) and (why := job_policy.success(tally.job, tally.succeeded_indexes)):
            return condition("SuccessCriteriaMet", "SuccessPolicy", why, now)
        return None

    def _failure(self, key: str, tally: Tally, now: float) -> tuple[str, str] | None:
        """(reason, message) if the Job has failed."""
        spec = tally.job["spec"]
        failed = (p for p in tally.pods if job_policy.has_failed(p, tally.job))
        fatal = next((v.fails_job for p in failed if (v := job_policy.judge(tally.job, p)).fails_job), "")
        if fatal:
            return "PodFailurePolicy", fatal
        if tally.failed > spec["backoffLimit"] or job_policy.restarted_too_often(tally.job, tally.pods):
            return "BackoffLimitExceeded", "Job has reached the specified backoff limit"
        deadline = spec.get("activeDeadlineSeconds")
        if deadline is not None and not spec.get("suspend") and "startTime" in tally.status:
            left = objects.parse_time(tally.status["startTime"]) + deadline - now
            if left <= 0:
                return "DeadlineExceeded", "Job was active longer than specified deadline"
            self.queue.add_after(key, left)
        return self._lost_indexes(tally)

    @staticmethod
    def _lost_indexes(tally: Tally) -> tuple[str, str] | None:
        spec, lost = tally.job["spec"], tally.failed_indexes
        if not tally.per_index:
            return None
        most = spec.get("maxFailedIndexes")
        if most is not None and len(lost) > most:
            return "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes"
        if lost and len(lost | tally.succeeded_indexes) >= spec["completions"]:
            return "FailedIndexes", "Job has failed indexes"
        return None

    # -- Pods

    def _stop(self, key: str, tally: Tally, settled: bool) -> tuple[int, ApiError | None]:
        """The Job is over: delete the Pods that still run. Returns how many are left, and an error."""
        left, error = self._delete(key, tally, tally.active)
        if left or not settled:
            tally.finished = None
        return left, error

    def _withdraw(self, key: str, tally: Tally, victims: list[Obj]) -> tuple[int, ApiError | None]:
        """Delete Pods that are too many, their finalizers first: they have not failed, and are not counted."""
        self._release(key, [pod for pod in victims if tracked(pod)])
        return self._delete(key, tally, victims)

    def _delete(self, key: str, tally: Tally, victims: list[Obj]) -> tuple[int, ApiError | None]:
        if not victims:
            return len(tally.active), None
        self.expectations.expect_deletions(key, map(objects.uid, victims))
        error = delete_all(self.control, victims, tally.job, self.expectations, key)
        gone = 0 if error else len(victims)
        tally.terminating += gone
        tally.ready -= sum(map(pods.ready, victims)) if gone else 0
        return len(tally.active) - gone, error

    def _keep_going(self, key: str, tally: Tally, settled: bool, backoff: Record) -> tuple[int, ApiError | None]:
        """Create or delete Pods, and see whether the Job is complete. Returns the active Pods' number, and an error."""
        active, error = len(tally.active), None
        managed = settled and not objects.deleting(tally.job)
        if managed:
            active, error = self._manage(key, tally, backoff)
        completions = tally.job["spec"].get("completions")
        enough = tally.succeeded > 0 if completions is None else tally.succeeded >= completions
        if enough and active == 0:
            message = "Reached expected number of succeeded pods"
            tally.finished = condition("SuccessCriteriaMet", "CompletionsReached", message, self.clock.now())
        elif managed:
            self._note_suspension(tally)
        return active, error

    def _manage(self, key: str, tally: Tally, backoff: Record) -> tuple[int, ApiError | None]:
        now = self.clock.now()
        if tally.job["spec"].get("suspend"):
            return self._withdraw(key, tally, tally.active)
        victims = job_pods.surplus(tally, now)
        if victims:
            return self._withdraw(key, tally, victims[:BURST])
        indexes = job_pods.next_indexes(tally, min(job_pods.missing(tally), BURST))
        if not indexes:
            return len(tally.active), None
        if tally.per_index:
            indexes, wait = job_pods.rested(tally, indexes, now)
        else:
            wait = backoff.wait(now)
        if wait > 0:
            self.queue.add_after(key, wait)
            return len(tally.active), None
        return self._create(key, tally, indexes)

    def _create(self, key: str, tally: Tally, indexes: list[int]) -> tuple[int, ApiError | None]:
        self.expectations.expect_creations(key, len(indexes))
        active = len(tally.active)
        try:
            slow_start(len(indexes), lambda i: self._create_one(tally, indexes[i]))
        except SlowStartStopped as stopped:
            self.expectations.created(key, len(indexes) - stopped.succeeded)
            return active + stopped.succeeded, None if namespace_terminating(stopped) else stopped
        return active + len(indexes), None

    def _create_one(self, tally: Tally, index: int) -> None:
        self.control.create(job_pods.blueprint(tally, index), tally.job)

    # -- status

    def _note_suspension(self, tally: Tally) -> None:
        conditions = tally.status.get("conditions", [])
        old = status.find(conditions, "Suspended")
        suspended = bool(tally.job["spec"].get("suspend"))
        if (old is None and not suspended) or (old is not None and (old["status"] == "True") == suspended):
            return
        word, now = ("Suspended" if suspended else "Resumed"), self.clock.now()
        message, value = f"Job {word.lower()}", "True" if suspended else "False"
        new = condition("Suspended", f"Job{word}", message, now, value)
        tally.status["conditions"] = [*status.without(conditions, "Suspended"), new]
        tally.status["startTime"] = None if suspended else objects.rfc3339(now)
        self.events.event(tally.job, "Normal", word, message)

    def _track(self, key: str, tally: Tally, backoff: Record) -> None:
        """Note ended Pods, release them, count them, and end the Job: each step stored before the next."""
        releasable = tally.note_ended()
        tally.announce(self.clock.now())
        self._store(tally)
        self._backoff[key] = backoff
        tally.settle(self._release(key, releasable))
        ended = tally.end()
        self._store(tally)
        if ended and tally.finished is not None:
            self._say_ended(tally.job, tally.finished)

    def _store(self, tally: Tally) -> None:
        if tally.changed():
            new = status.with_status(tally.job, tally.compacted())
            tally.job = self.client.update_status(RESOURCE, new)
            self._written[objects.key(new)] = int(objects.meta(tally.job)["resourceVersion"])

    def _say_ended(self, job: Obj, final: Obj) -> None:
        if final["type"] == "Complete":
            self.events.event(job, "Normal", "Completed", "Job completed")
        else:
            self.events.event(job, "Warning", final["reason"], final["message"])

    # -- finalizers

    def _release(self, key: str, releasable: list[Obj]) -> set[str]:
        """Remove the finalizer from Pods; the UIDs of those that have lost it."""
        for pod in releasable:
            self._drop_finalizer(pod)
            self._released[key].add(objects.uid(pod))
        return {objects.uid(pod) for pod in releasable}

    def _drop_finalizer(self, pod: Obj) -> None:
        left = [f for f in objects.meta(pod).get("finalizers") or () if f != FINALIZER]
        patch = {"metadata": {"uid": objects.uid(pod), "finalizers": left or None}}
        try:
            self.client.patch("pods", objects.namespace(pod), objects.name(pod), patch)
        except ApiError as refused:
            if refused.code not in (404, 409):
                raise

    def _release_orphan(self, key: str) -> None:
        pod = self.pods.by_key(key)
        if pod is not None and tracked(pod) and self._owner_of(pod) is None:
            self._drop_finalizer(pod)
