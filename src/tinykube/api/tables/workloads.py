"""Rows of the kinds that run Pods: Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob and others.

Law: pure; each function gives the cells of one object, wide ones included.

Models pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from typing import Any

from tinykube.api.tables.text import (
    NONE,
    UNSET,
    age,
    condition_is_true,
    containers,
    human_duration,
    labels,
    selector,
    selector_text,
    since,
)
from tinykube.errors import Obj
from tinykube.objects import controller_of, deleting, dig, name, parse_time

Cells = list[Any]


def _pod_spec(obj: Obj) -> Obj:
    return dig(obj, "spec", "template", "spec", default={})


def _count(obj: Obj, field: str) -> int:
    return dig(obj, "status", field, default=0)


def deployment(obj: Obj, now: float) -> Cells:
    """Deployment."""
    ready = f"{_count(obj, 'readyReplicas')}/{dig(obj, 'spec', 'replicas', default=0)}"
    counts = [_count(obj, "updatedReplicas"), _count(obj, "availableReplicas")]
    wide = [*containers(_pod_spec(obj)), selector_text(dig(obj, "spec", "selector"))]
    return [name(obj), ready, *counts, age(obj, now), *wide]


def replica_set(obj: Obj, now: float) -> Cells:
    """ReplicaSet."""
    counts = [dig(obj, "spec", "replicas", default=0), _count(obj, "replicas"), _count(obj, "readyReplicas")]
    return [name(obj), *counts, age(obj, now), *containers(_pod_spec(obj)), selector(dig(obj, "spec", "selector"))]


def replication_controller(obj: Obj, now: float) -> Cells:
    """ReplicationController."""
    counts = [dig(obj, "spec", "replicas", default=0), _count(obj, "replicas"), _count(obj, "readyReplicas")]
    return [name(obj), *counts, age(obj, now), *containers(_pod_spec(obj)), labels(dig(obj, "spec", "selector"))]


def stateful_set(obj: Obj, now: float) -> Cells:
    """StatefulSet."""
    ready = f"{_count(obj, 'readyReplicas')}/{dig(obj, 'spec', 'replicas', default=0)}"
    return [name(obj), ready, age(obj, now), *containers(_pod_spec(obj))]


_DAEMONS = (
    "desiredNumberScheduled", "currentNumberScheduled", "numberReady", "updatedNumberScheduled", "numberAvailable",
)  # fmt: skip


def daemon_set(obj: Obj, now: float) -> Cells:
    """DaemonSet."""
    counts = [_count(obj, field) for field in _DAEMONS]
    nodes = labels(_pod_spec(obj).get("nodeSelector"))
    wide = [*containers(_pod_spec(obj)), selector(dig(obj, "spec", "selector"))]
    return [name(obj), *counts, nodes, age(obj, now), *wide]


def job(obj: Obj, now: float) -> Cells:
    """Job."""
    wide = [*containers(_pod_spec(obj)), selector(dig(obj, "spec", "selector"))]
    return [name(obj), _job_status(obj), _completions(obj), _duration(obj, now), age(obj, now), *wide]


def _job_status(obj: Obj) -> str:
    conditions = dig(obj, "status", "conditions", default=[])
    for kind in ("Complete", "Failed"):
        if condition_is_true(conditions, kind):
            return kind
    if deleting(obj):
        return "Terminating"
    for kind in ("Suspended", "FailureTarget"):
        if condition_is_true(conditions, kind):
            return kind
    return "Running"


def _completions(obj: Obj) -> str:
    succeeded, wanted = _count(obj, "succeeded"), dig(obj, "spec", "completions")
    if wanted is not None:
        return f"{succeeded}/{wanted}"
    parallelism = dig(obj, "spec", "parallelism", default=0)
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


def _duration(obj: Obj, now: float) -> str:
    start, end = dig(obj, "status", "startTime"), dig(obj, "status", "completionTime")
    if not start:
        return ""
    return human_duration((parse_time(end) if end else now) - parse_time(start))


def cron_job(obj: Obj, now: float) -> Cells:
    """CronJob."""
    last = dig(obj, "status", "lastScheduleTime")
    spec = dig(obj, "spec", default={})
    suspend = {True: "True", False: "False"}.get(spec.get("suspend"), UNSET)
    template = dig(spec, "jobTemplate", "spec", default={})
    return [
        name(obj),
        spec.get("schedule", ""),
        spec.get("timeZone") or NONE,
        suspend,
        len(dig(obj, "status", "active", default=[])),
        since(last, now) if last else NONE,
        age(obj, now),
        *containers(dig(template, "template", "spec", default={})),
        selector(template.get("selector")),
    ]


def controller_revision(obj: Obj, now: float) -> Cells:
    """ControllerRevision."""
    owner = controller_of(obj)
    shown = NONE
    if owner is not None:
        group = owner["apiVersion"].rpartition("/")[0]
        kind = owner["kind"].lower()
        shown = f"{kind}.{group}/{owner['name']}" if group else f"{kind}/{owner['name']}"
    return [name(obj), shown, obj.get("revision", 0), age(obj, now)]


def pod_template(obj: Obj, now: float) -> Cells:
    """PodTemplate."""
    template = obj.get("template") or {}
    return [name(obj), *containers(template.get("spec") or {}), labels(dig(template, "metadata", "labels"))]


def disruption_budget(obj: Obj, now: float) -> Cells:
    """PodDisruptionBudget."""
    limits = [str(dig(obj, "spec", field, default="N/A")) for field in ("minAvailable", "maxUnavailable")]
    return [name(obj), *limits, _count(obj, "disruptionsAllowed"), age(obj, now)]


# -- HorizontalPodAutoscaler ---------------------------------------------------------------------------------


def autoscaler(obj: Obj, now: float) -> Cells:
    """HorizontalPodAutoscaler."""
    spec, status = dig(obj, "spec", default={}), dig(obj, "status", default={})
    target = spec.get("scaleTargetRef") or {}
    reference = f"{target.get('kind', '')}/{target.get('name', '')}"
    low = spec.get("minReplicas")
    counts = [UNSET if low is None else str(low), spec.get("maxReplicas", 0), status.get("currentReplicas", 0)]
    return [name(obj), reference, _metrics(spec.get("metrics") or [], status.get("currentMetrics") or []), *counts,
            age(obj, now)]  # fmt: skip


_SOURCES = {
    "Resource": "resource", "ContainerResource": "containerResource", "Pods": "pods", "Object": "object",
    "External": "external",
}  # fmt: skip


def _metrics(wanted: list[Obj], found: list[Obj]) -> str:
    if not wanted:
        return NONE
    texts = [_metric(metric, found[n] if n < len(found) else {}) for n, metric in enumerate(wanted)]
    shown = ", ".join(texts[:2])
    return f"{shown} + {len(texts) - 2} more..." if len(texts) > 2 else shown


def _metric(wanted: Obj, found: Obj) -> str:
    source = _SOURCES.get(wanted.get("type", ""))
    if source is None:
        return "<unknown type>"
    spec, current = wanted.get(source) or {}, dig(found, source, "current", default={})
    target = spec.get("target") or {}
    if source in ("resource", "containerResource"):
        return f"{spec.get('name', '')}: {_resource_metric(target, current)}"
    if target.get("averageValue") is not None:
        suffix = "" if source == "pods" else " (avg)"
        return f"{current.get('averageValue', '<unknown>')}/{target['averageValue']}{suffix}"
    return f"{current.get('value', '<unknown>')}/{target.get('value', '0')}"


def _resource_metric(target: Obj, current: Obj) -> str:
    if target.get("averageValue") is not None:
        return f"{current.get('averageValue', '<unknown>')}/{target['averageValue']}"
    now, wanted = current.get("averageUtilization"), target.get("averageUtilization")
    return f"{'<unknown>' if now is None else f'{now}%'}/{'<auto>' if wanted is None else f'{wanted}%'}"
