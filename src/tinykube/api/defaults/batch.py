"""Defaults of Jobs and CronJobs.

Law: in place; what is set stays.

Models pkg/apis/batch/v1/defaults.go.
"""

from __future__ import annotations

from tinykube.api.defaults.pods import put, template
from tinykube.errors import Obj

NO_LIMIT = 2**31 - 1


def job(obj: Obj) -> None:
    """batch/v1 Job."""
    spec = obj.setdefault("spec", {})
    template(spec)
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = 1
    put(spec, "parallelism", 1)
    put(spec, "backoffLimit", 6 if spec.get("backoffLimitPerIndex") is None else NO_LIMIT)
    put(spec, "completionMode", "NonIndexed")
    put(spec, "suspend", False)
    put(spec, "manualSelector", False)
    put(spec, "podReplacementPolicy", "Failed" if spec.get("podFailurePolicy") else "TerminatingOrFailed")
    for rule in (spec.get("podFailurePolicy") or {}).get("rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            put(pattern, "status", "True")
    labels_from_template(obj)


def labels_from_template(obj: Obj) -> None:
    """A Job without labels carries those of its Pods."""
    labels = (obj["spec"]["template"].get("metadata") or {}).get("labels")
    if labels and not (obj.get("metadata") or {}).get("labels"):
        obj.setdefault("metadata", {})["labels"] = dict(labels)


def cron_job(obj: Obj) -> None:
    """batch/v1 CronJob. The Job template gets a Job's defaults only when a Job is made of it."""
    spec = obj.setdefault("spec", {})
    job_template = spec.setdefault("jobTemplate", {})
    template(job_template.setdefault("spec", {}))
    put(spec, "concurrencyPolicy", "Allow")
    put(spec, "suspend", False)
    put(spec, "successfulJobsHistoryLimit", 3)
    put(spec, "failedJobsHistoryLimit", 1)
