"""Recordings of Jobs and CronJobs, made by hand: only what their figures look at."""

from kubelab.record import Change, Recording
from tests.kubelab.viz.objects import make, pod

MIDNIGHT = 1767225600.0
"""2026-01-01T00:00:00Z, a full minute: a multiple of 60 seconds."""
DUE = "batch.kubernetes.io/cronjob-scheduled-timestamp"
JOB = "Job"


def retries():
    """A Job `never` with three Pods that fail, and a Job `onfailure` with one, restarted until it is stopped."""
    changes = [Change(0.0, "ADDED", make(JOB, name)) for name in ("never", "onfailure")]
    for name, start in (("never-a", 1.0), ("never-b", 12.0), ("never-c", 33.0)):
        changes += [_pod(start, name, "never", {"running": {}}), _pod(start + 1, name, "never", _ended(1))]
    one = ("onfailure-a", "onfailure")
    changes += [_pod(1.0, *one, {"running": {}}), _pod(2.0, *one, _ended(1))]
    changes += [_pod(13.0, *one, {"running": {}}, restarts=1, last=_ended(1))]
    changes += [_pod(14.0, *one, {"running": {}}, restarts=1, last=_ended(1), deleting=True)]
    changes += [_pod(14.5, *one, _ended(137), restarts=1, last=_ended(1), deleting=True)]
    return Recording(MIDNIGHT, sorted(changes, key=lambda change: change.t), [], 35.0)


def nightly():
    """CronJobs due at 60 and at 120 seconds whose work takes 80: `allow`, `forbid` and `replace`."""
    changes = [Change(0.0, "ADDED", make("CronJob", name)) for name in ("allow", "forbid", "replace")]
    for name, minute, start, end, how in (
        ("allow", 1, 60, 140, "Complete"),
        ("allow", 2, 120, None, ""),
        ("forbid", 1, 60, 140, "Failed"),
        ("forbid", 2, 140, None, ""),
        ("replace", 1, 60, 120, ""),
        ("replace", 2, 120, None, ""),
    ):
        changes.append(Change(start, "ADDED", _job(name, minute)))
        if end:
            changes.append(Change(end, "MODIFIED" if how else "DELETED", _job(name, minute, how)))
    return Recording(MIDNIGHT, sorted(changes, key=lambda change: change.t), [], 180.0)


def _ended(code):
    return {"terminated": {"exitCode": code, "reason": "Error" if code else "Completed"}}


def _pod(t, name, job, state, restarts=0, last=None, deleting=False):
    made = pod(name, (JOB, job), state=state, deleting=deleting)
    made["status"]["containerStatuses"][0].update(restartCount=restarts, lastState=last or {})
    return Change(t, "MODIFIED", made)


def _job(cron_job, minute, how=""):
    conditions = [{"type": how, "status": "True"}] if how else []
    made = make(
        JOB, f"{cron_job}-{int(MIDNIGHT) // 60 + minute}", ("CronJob", cron_job), status={"conditions": conditions}
    )
    made["metadata"]["annotations"] = {DUE: f"2026-01-01T00:0{minute}:00Z"}
    return made
