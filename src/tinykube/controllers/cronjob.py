"""CronJob controller: creates a Job whenever the schedule says so.

Law: a Job's name is made from its scheduled time, so that no start happens twice. What was missed is made up for once,
with the most recent time, and not at all when startingDeadlineSeconds has passed.

Models k8s.io/kubernetes pkg/controller/cronjob/cronjob_controllerv2.go and utils.go.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from email.utils import format_datetime

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers.base import Controller
from tinykube.controllers.podcontrol import namespace_terminating
from tinykube.controllers.schedule import MANY, BadSchedule, BadTimeZone, Schedule
from tinykube.errors import ApiError
from tinykube.informer import Informers
from tinykube.objects import Obj

RESOURCE = "cronjobs.batch"
JOBS = "jobs.batch"
LATENESS = 0.1
"""Seconds after a scheduled time at which the controller wakes up, to be on the safe side of it."""
SCHEDULED_AT = "batch.kubernetes.io/cronjob-scheduled-timestamp"


def outcome(job: Obj) -> str:
    """Complete, Failed, or empty while the Job runs."""
    return next((kind for kind in ("Complete", "Failed") if objects.condition_true(job, kind)), "")


class CronJobController(Controller):
    """Starts Jobs on schedule, follows them, and deletes old ones."""

    name = "cronjob-controller"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.cron_jobs = self.watch_own(RESOURCE)
        self.jobs = self.watch(JOBS, self._job_seen, lambda _, new: self._job_seen(new), self._job_seen)

    def _job_seen(self, job: Obj) -> None:
        ref = objects.controller_of(job)
        if ref is not None and ref["kind"] == "CronJob":
            owner = self.cron_jobs.get(objects.namespace(job), ref["name"])
            if owner is not None and objects.uid(owner) == ref["uid"]:
                self.enqueue(owner)

    # -- reconciling

    def reconcile(self, key: str) -> None:
        """Follow the Jobs there are, start one if it is due, and delete the oldest finished ones."""
        cron_job = self.cron_jobs.by_key(key)
        if cron_job is None:
            return
        status = objects.copy(cron_job.get("status") or {})
        jobs = self.jobs.indexed("controller", objects.uid(cron_job))
        try:
            self._follow(cron_job, jobs, status)
            if not objects.deleting(cron_job):
                self._start_if_due(key, cron_job, status)
            self._clean_up(cron_job, jobs, status)
        finally:
            if status != (cron_job.get("status") or {}):
                self.client.update_status(RESOURCE, {**cron_job, "status": status})

    def _follow(self, cron_job: Obj, jobs: list[Obj], status: Obj) -> None:
        """Keep status.active and lastSuccessfulTime true."""
        active = {ref["uid"] for ref in status.get("active", ())}
        for job in jobs:
            uid, end = objects.uid(job), outcome(job)
            if uid not in active and not end:
                self._say(cron_job, "Warning", "UnexpectedJob", _UNEXPECTED + objects.name(job))
            elif uid in active and end:
                _forget(status, uid)
                message = f"Saw completed job: {objects.name(job)}, condition: {end}"
                self._say(cron_job, "Normal", "SawCompletedJob", message)
            if end == "Complete":
                done = objects.dig(job, "status", "completionTime", default="")
                status["lastSuccessfulTime"] = max(done, status.get("lastSuccessfulTime", ""))
        present = {objects.uid(job) for job in jobs}
        for ref in list(status.get("active", ())):
            if ref["uid"] not in present and self._get_job(ref["namespace"], ref["name"]) is None:
                _forget(status, ref["uid"])
                self._say(cron_job, "Normal", "MissingJob", f"Active job went missing: {ref['name']}")

    def _start_if_due(self, key: str, cron_job: Obj, status: Obj) -> None:
        spec, now = cron_job["spec"], self.clock.now()
        if spec.get("suspend"):
            return
        schedule = self._schedule(cron_job)
        if schedule is None:
            return
        self.queue.add_after(key, schedule.after(now) + LATENESS - now)
        due = schedule.due(self._since(cron_job, now), now)
        if due.missed > MANY:
            self._say(cron_job, "Warning", "TooManyMissedTimes", _TOO_MANY)
        if due.time is None or objects.rfc3339(due.time) == status.get("lastScheduleTime"):
            return
        deadline = spec.get("startingDeadlineSeconds")
        if deadline is not None and due.time + deadline < now:
            when = format_datetime(datetime.fromtimestamp(due.time, UTC))
            self._say(cron_job, "Warning", "MissSchedule", f"Missed scheduled time to start a job: {when}")
        elif self._concurrency_allows(cron_job, status):
            self._start(cron_job, status, schedule, due.time)

    def _schedule(self, cron_job: Obj) -> Schedule | None:
        spec = cron_job["spec"]
        try:
            return Schedule(spec["schedule"], spec.get("timeZone"))
        except BadTimeZone as bad:
            self._say(cron_job, "Warning", "UnknownTimeZone", str(bad))
        except BadSchedule as bad:
            self._say(cron_job, "Warning", "UnparseableSchedule", str(bad))
        return None

    def _since(self, cron_job: Obj, now: float) -> float:
        """From when on start times count: the last one, or the creation; no earlier than the deadline allows."""
        last = objects.dig(cron_job, "status", "lastScheduleTime")
        since = objects.parse_time(last or objects.meta(cron_job)["creationTimestamp"])
        deadline = cron_job["spec"].get("startingDeadlineSeconds")
        return since if deadline is None else max(since, now - deadline)

    def _concurrency_allows(self, cron_job: Obj, status: Obj) -> bool:
        policy = cron_job["spec"].get("concurrencyPolicy", "Allow")
        if policy == "Forbid" and status.get("active"):
            self._say(cron_job, "Normal", "JobAlreadyActive", _FORBIDDEN)
            return False
        if policy == "Replace":
            for ref in list(status.get("active", ())):
                job = self._get_job(ref["namespace"], ref["name"])
                if job is not None:
                    self._delete(cron_job, job, status)
        return True

    def _start(self, cron_job: Obj, status: Obj, schedule: Schedule, when: float) -> None:
        wanted = build(cron_job, schedule, when)
        try:
            job = self.client.create(JOBS, wanted)
        except ApiError as refused:
            if namespace_terminating(refused):
                return
            existing = self._get_job(objects.namespace(wanted), objects.name(wanted))
            if refused.reason != "AlreadyExists" or existing is None:
                self._say(cron_job, "Warning", "FailedCreate", f"Error creating job: {refused}")
                raise
            if not objects.controlled_by(existing, cron_job):
                raise
            job = existing
        else:
            self._say(cron_job, "Normal", "SuccessfulCreate", f"Created job {objects.name(job)}")
        if not outcome(job):
            _forget(status, objects.uid(job))
            status.setdefault("active", []).append(_reference(job))
        status["lastScheduleTime"] = objects.rfc3339(when)

    def _clean_up(self, cron_job: Obj, jobs: list[Obj], status: Obj) -> None:
        """Delete the oldest finished Jobs beyond the history limits."""
        for kind, limit in (("Complete", "successfulJobsHistoryLimit"), ("Failed", "failedJobsHistoryLimit")):
            most = cron_job["spec"].get(limit)
            ended = sorted((j for j in jobs if outcome(j) == kind and not objects.deleting(j)), key=_age)
            for job in ended[: max(0, len(ended) - most)] if most is not None else ():
                self._delete(cron_job, job, status)

    def _delete(self, cron_job: Obj, job: Obj, status: Obj) -> None:
        name = objects.name(job)
        try:
            self.client.delete(JOBS, objects.namespace(job), name, uid=objects.uid(job), propagation="Background")
        except ApiError as refused:
            if refused.code == 404:
                return
            self._say(cron_job, "Warning", "FailedDelete", f"Deleted job: {refused}")
            raise
        _forget(status, objects.uid(job))
        self._say(cron_job, "Normal", "SuccessfulDelete", f"Deleted job {name}")

    def _get_job(self, namespace: str, name: str) -> Obj | None:
        try:
            return self.client.get(JOBS, namespace, name)
        except ApiError as refused:
            if refused.code == 404:
                return None
            raise

    def _say(self, cron_job: Obj, type_: str, reason: str, message: str) -> None:
        self.events.event(cron_job, type_, reason, message)


_UNEXPECTED = "Saw a job that the controller did not create or forgot: "
_FORBIDDEN = "Not starting job because prior execution is running and concurrency policy is Forbid"
_TOO_MANY = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"


def _forget(status: Obj, uid: str) -> None:
    left = [ref for ref in status.get("active", ()) if ref["uid"] != uid]
    status.pop("active", None)
    if left:
        status["active"] = left


def _age(job: Obj) -> tuple[str, str]:
    return objects.dig(job, "status", "startTime", default=""), objects.name(job)


def _reference(job: Obj) -> Obj:
    metadata = objects.meta(job)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        **{field: metadata[field] for field in ("name", "namespace", "uid", "resourceVersion")},
    }


def build(cron_job: Obj, schedule: Schedule, when: float) -> Obj:
    """The Job for a scheduled time; its name ends in that time, in minutes since the epoch."""
    template = objects.copy(cron_job["spec"]["jobTemplate"])
    given = template.get("metadata") or {}
    metadata: Obj = {
        "name": f"{objects.name(cron_job)}-{int(when) // 60}",
        "namespace": objects.namespace(cron_job),
        "annotations": {**(given.get("annotations") or {}), SCHEDULED_AT: schedule.local(when)},
        "ownerReferences": [objects.owner_reference(cron_job)],
    }
    if given.get("labels"):
        metadata["labels"] = given["labels"]
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": template["spec"]}
