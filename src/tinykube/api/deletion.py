"""Deletion in two phases: first a deletionTimestamp, and the end only when grace and finalizers are over.

Law: decides and computes; the registry writes. Objects given in are not changed.

Models k8s.io/apiserver/pkg/registry/rest/delete.go, the deletion part of pkg/registry/generic/registry/store.go and
pkg/registry/core/pod/strategy.go (CheckGracefulDelete).
"""

from __future__ import annotations

from dataclasses import dataclass

from tinykube import errors, objects
from tinykube.api.resources import Resource
from tinykube.errors import Cause
from tinykube.objects import Obj, dig

ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"
_ORPHANS_BY_DEFAULT = frozenset({"jobs.batch", "replicationcontrollers"})
_ORPHAN_WARNING = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or "
    "set propagationPolicy=Orphan to suppress this warning"
)


@dataclass(frozen=True)
class Plan:
    """What deleting an object comes to: write `marked` first (if any), then remove it if `now`."""

    marked: Obj | None
    now: bool


def plan(resource: Resource, obj: Obj, options: Obj, clock_now: float) -> Plan:
    """What a DELETE with these DeleteOptions does to an object at this time (seconds since the epoch)."""
    grace = _grace_seconds(resource, obj, options)
    if objects.deleting(obj) and grace is not None:
        return _already_deleting(obj, grace, "gracePeriodSeconds" in options)
    finalizers = _finalizers(resource, obj, options)
    if grace is None and not finalizers:
        return Plan(None, True)
    if grace is None:
        return Plan(_mark(obj, 0, clock_now, finalizers), False)
    marked = _mark(obj, grace, clock_now, finalizers)
    return Plan(marked, grace == 0 and not finalizers)


def _already_deleting(obj: Obj, grace: int, asked: bool) -> Plan:
    """A deletion under way can only be hurried."""
    current = dig(obj, "metadata", "deletionGracePeriodSeconds", default=0)
    if current == 0:
        return Plan(None, not objects.meta(obj).get("finalizers"))
    if not asked or grace >= current:
        return Plan(None, False)
    marked = objects.copy(obj)
    ends = objects.parse_time(marked["metadata"]["deletionTimestamp"]) - current + grace
    marked["metadata"].update(deletionTimestamp=objects.rfc3339(ends), deletionGracePeriodSeconds=grace)
    return Plan(marked, grace == 0 and not objects.meta(obj).get("finalizers"))


def _grace_seconds(resource: Resource, obj: Obj, options: Obj) -> int | None:
    """Seconds a Pod is given to end; None for what is deleted without grace."""
    if resource.key != "pods":
        return None
    asked = options.get("gracePeriodSeconds")
    if asked is None:
        asked = dig(obj, "spec", "terminationGracePeriodSeconds", default=0)
    unscheduled = not dig(obj, "spec", "nodeName")
    if unscheduled or dig(obj, "status", "phase") in ("Failed", "Succeeded"):
        return 0
    return 1 if asked < 0 else int(asked)


def _mark(obj: Obj, grace: int, now: float, finalizers: list[str]) -> Obj:
    marked = objects.copy(obj)
    metadata = marked["metadata"]
    if not metadata.get("deletionTimestamp"):
        if metadata.get("generation"):
            metadata["generation"] += 1
        metadata["deletionTimestamp"] = objects.rfc3339(now + grace)
        metadata["deletionGracePeriodSeconds"] = grace
    if finalizers:
        metadata["finalizers"] = finalizers
    else:
        metadata.pop("finalizers", None)
    return marked


def _finalizers(resource: Resource, obj: Obj, options: Obj) -> list[str]:
    """The object's finalizers with those that the propagation policy asks for."""
    found = list(objects.meta(obj).get("finalizers") or ())
    policy = _policy(resource, found, options)
    kept = [f for f in found if f not in (ORPHAN, FOREGROUND)]
    if policy == "Orphan":
        kept.append(ORPHAN)
    elif policy == "Foreground":
        kept.append(FOREGROUND)
    return kept


def _policy(resource: Resource, finalizers: list[str], options: Obj) -> str:
    if options.get("orphanDependents") is not None:
        return "Orphan" if options["orphanDependents"] else "Background"
    if options.get("propagationPolicy"):
        return str(options["propagationPolicy"])
    if ORPHAN in finalizers:
        return "Orphan"
    if FOREGROUND in finalizers:
        return "Foreground"
    return "Orphan" if resource.key in _ORPHANS_BY_DEFAULT else "Background"


def warning(resource: Resource, options: Obj) -> str:
    """What the client should be told about its choice of propagation, or nothing."""
    silent = options.get("propagationPolicy") or options.get("orphanDependents") is not None
    return "" if silent or resource.key != "jobs.batch" else _ORPHAN_WARNING


# -- what the client demands ---------------------------------------------------------------------------------


def check_options(options: Obj) -> None:
    """Refuse DeleteOptions that contradict themselves.

    Raises:
        errors.ApiError: Invalid.
    """
    causes = []
    policy = options.get("propagationPolicy")
    if policy is not None and options.get("orphanDependents") is not None:
        why = "orphanDependents and deletionPropagation cannot be both set"
        causes.append(Cause("FieldValueInvalid", "propagationPolicy", f'Invalid value: "{policy}": {why}'))
    if policy is not None and policy not in ("Foreground", "Background", "Orphan"):
        supported = 'supported values: "Foreground", "Background", "Orphan", nil'
        causes.append(
            Cause("FieldValueNotSupported", "propagationPolicy", f'Unsupported value: "{policy}": {supported}')
        )
    if causes:
        raise errors.invalid("DeleteOptions", "meta.k8s.io", "", causes)


def check_preconditions(resource: Resource, obj: Obj, options: Obj) -> None:
    """The object is still the one that the client means.

    Raises:
        errors.ApiError: Conflict.
    """
    wanted = options.get("preconditions") or {}
    for field, label in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
        expected, found = wanted.get(field), objects.meta(obj).get(field, "")
        if expected is not None and expected != found:
            why = f"Precondition failed: {label} in precondition: {expected}, {label} in object meta: {found}"
            raise errors.conflict(resource.key, objects.name(obj), why)
