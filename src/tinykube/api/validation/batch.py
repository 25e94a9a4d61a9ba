"""Job and CronJob.

Law: pure.

Models pkg/apis/batch/validation/validation.go.
"""

from __future__ import annotations

from typing import Any

from tinykube.api.validation import field, golang, job_policies, metadata, names, pods, schedules, selectors
from tinykube.api.validation.field import Causes
from tinykube.api.validation.paths import domain_prefixed
from tinykube.errors import Obj

_NUMBERS = ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished",
            "backoffLimitPerIndex", "maxFailedIndexes")  # fmt: skip
_MAX_INDEXED = 100_000
_MODES = ("NonIndexed", "Indexed")
_NEVER, _ON_FAILURE = "Never", "OnFailure"


# -- Job -----------------------------------------------------------------------------------------------------


def job(obj: Obj) -> Causes:
    """A new Job."""
    causes = metadata.check(obj, names.dns_subdomain) + _generated(obj) + job_spec(obj["spec"], "spec")
    spec, name = obj["spec"], (obj.get("metadata") or {}).get("name") or ""
    if spec.get("completionMode") == "Indexed" and (spec.get("completions") or 0) > 0:
        last = f"{name}-{spec['completions'] - 1}"
        if names.dns_label(last):
            detail = f"will not able to create pod with invalid DNS label: {last}"
            causes.append(field.invalid("metadata.name", name, detail))
    return causes


def _generated(obj: Obj) -> Causes:
    """A selector that was generated must be the one that would be generated."""
    spec, meta = obj["spec"], obj.get("metadata") or {}
    if spec.get("manualSelector") or spec.get("selector") is None:
        return []
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    expected = {
        "controller-uid": meta.get("uid", ""),
        "job-name": meta.get("name", ""),
        "batch.kubernetes.io/controller-uid": meta.get("uid", ""),
        "batch.kubernetes.io/job-name": meta.get("name", ""),
    }
    causes: Causes = []
    for key in expected:
        path = f"spec.template.metadata.labels[{key}]"
        if key not in labels:
            causes.append(field.required(path, f"must be '{expected[key]}'"))
        elif labels[key] != expected[key]:
            causes.append(field.invalid(path, dict(sorted(labels.items())), f"must be '{expected[key]}'"))
    wanted = (spec["selector"].get("matchLabels") or {}).items()
    if not all(expected.get(k) == v for k, v in wanted):
        shown = selectors.ordered(spec["selector"])
        causes.append(field.invalid("spec.selector", shown, "`selector` not auto-generated"))
    return causes


def job_spec(spec: Obj, path: str) -> Causes:
    """A Job's spec with its selector."""
    causes = _bare_spec(spec, path)
    found = spec.get("selector")
    if found is None:
        return [*causes, field.required(f"{path}.selector")]
    causes += selectors.label_selector(found, f"{path}.selector")
    return causes + selectors.template_labels(found, spec.get("template") or {}, f"{path}.template")


def _bare_spec(spec: Obj, path: str) -> Causes:
    causes = [c for name in _NUMBERS for c in field.non_negative(f"{path}.{name}", spec.get(name))]
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        causes.append(field.required(f"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified"))
    manager = spec.get("managedBy")
    if manager is not None:
        causes += domain_prefixed(manager, f"{path}.managedBy") if manager else [field.required(f"{path}.managedBy")]
        causes += [field.too_long(f"{path}.managedBy", 63)] if len(manager) > 63 else []
    causes += _mode(spec, path)
    if spec.get("podFailurePolicy") is not None:
        causes += job_policies.pod_failure(spec, f"{path}.podFailurePolicy")
    if spec.get("successPolicy") is not None:
        causes += job_policies.success(spec, f"{path}.successPolicy")
    policy = spec.get("podReplacementPolicy")
    if policy is not None:
        supported = ("Failed",) if spec.get("podFailurePolicy") else ("Failed", "TerminatingOrFailed")
        causes += field.one_of(f"{path}.podReplacementPolicy", policy, supported)
    causes += pods.template(spec.get("template") or {}, f"{path}.template")
    return causes + _restart_policy(spec, path)


def _mode(spec: Obj, path: str) -> Causes:
    mode = spec.get("completionMode")
    if mode is None:
        return []
    if mode not in _MODES:
        return [field.not_supported(f"{path}.completionMode", mode, _MODES)]
    causes: Causes = []
    if mode == "Indexed":
        if spec.get("completions") is None:
            causes.append(field.required(f"{path}.completions", "when completion mode is Indexed"))
        if (spec.get("parallelism") or 0) > _MAX_INDEXED:
            detail = f"must be less than or equal to {_MAX_INDEXED} when completion mode is Indexed"
            causes.append(field.invalid(f"{path}.parallelism", spec["parallelism"], detail))
        failed, completions = spec.get("maxFailedIndexes"), spec.get("completions")
        if failed is not None and completions is not None and failed > completions:
            detail = "must be less than or equal to completions"
            causes.append(field.invalid(f"{path}.maxFailedIndexes", failed, detail))
        return causes
    for name in ("backoffLimitPerIndex", "maxFailedIndexes"):
        if spec.get(name) is not None:
            detail = "requires indexed completion mode"
            causes.append(field.invalid(f"{path}.{name}", spec[name], detail))
    return causes


def _restart_policy(spec: Obj, path: str) -> Causes:
    policy = ((spec.get("template") or {}).get("spec") or {}).get("restartPolicy") or ""
    here = f"{path}.template.spec.restartPolicy"
    if policy in ("", "Always"):
        return [field.required(here, f'valid values: "{_ON_FAILURE}", "{_NEVER}"')]
    if policy not in (_ON_FAILURE, _NEVER):
        return [field.not_supported(here, policy, (_ON_FAILURE, _NEVER))]
    if spec.get("podFailurePolicy") and policy != _NEVER:
        return [field.invalid(here, policy, 'only "Never" is supported when podFailurePolicy is specified')]
    return []


# -- Job updates ---------------------------------------------------------------------------------------------


def job_update(new: Obj, old: Obj) -> Causes:
    """A changed Job: what it runs and how often stays."""
    causes = metadata.check_update(new, old) + _generated(new)
    spec, before = new["spec"], old["spec"]
    causes += job_spec(spec, "spec") + _completions(spec, before)
    causes += field.immutable(
        "spec.selector", selectors.ordered(spec.get("selector")), selectors.ordered(before.get("selector"))
    )
    causes += _template_update(spec, before, old)
    causes += field.immutable("spec.completionMode", spec.get("completionMode"), before.get("completionMode"))
    for name in ("podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"):
        causes += field.immutable(f"spec.{name}", spec.get(name), before.get(name))
    return causes


def _completions(spec: Obj, before: Obj) -> Causes:
    """An indexed Job can grow or shrink, if parallelism goes with it."""
    path, new, old = "spec.completions", spec.get("completions"), before.get("completions")
    if spec.get("completionMode") != "Indexed" or new is None or old is None or new == old:
        return field.immutable(path, new, old)
    if new == spec.get("parallelism") and old == before.get("parallelism"):
        return []
    return [field.invalid(path, new, "can only be modified in tandem with spec.parallelism")]


def _template_update(spec: Obj, before: Obj, old: Obj) -> Causes:
    new_template, old_template = spec.get("template") or {}, before.get("template") or {}
    if before.get("suspend") and not (old.get("status") or {}).get("startTime"):
        new_template = _without_directives(new_template, old_template)
    if new_template == old_template:
        return []
    shown = golang.template(spec.get("template") or {})
    return [field.invalid("spec.template", shown, "field is immutable")]


_DIRECTIVES = ("affinity", "nodeSelector", "tolerations", "schedulingGates")


def _without_directives(template: Obj, old: Obj) -> Obj:
    """A Job that is suspended, and has no Pods, may still be told where to run and with what resources."""
    spec, before = {**(template.get("spec") or {})}, old.get("spec") or {}
    for name in _DIRECTIVES:
        spec.pop(name, None)
        if name in before:
            spec[name] = before[name]
    for name in ("containers", "initContainers"):
        if name in spec:
            spec[name] = _with_resources_of(before.get(name) or [], spec[name])
    return {**old, "spec": spec}


def _with_resources_of(old: list[Obj], new: list[Obj]) -> list[Obj]:
    if len(old) != len(new):
        return new
    return [{**now, "resources": then.get("resources")} for then, now in zip(old, new, strict=True)]


def job_status_update(new: Obj, old: Obj) -> Causes:
    """A Job's changed status: the counts are not negative."""
    causes = metadata.check_update(new, old)
    status: Any = new.get("status") or {}
    for name in ("active", "succeeded", "failed", "ready", "terminating"):
        causes += field.non_negative(f"status.{name}", status.get(name))
    return causes


# -- CronJob -------------------------------------------------------------------------------------------------


def cron_job(obj: Obj) -> Causes:
    """A new CronJob. Its name leaves room for the minute that Jobs are named after."""
    causes = metadata.check(obj, names.dns_subdomain) + _cron_spec(obj["spec"])
    name = (obj.get("metadata") or {}).get("name") or ""
    if len(name) > 52:
        causes.append(field.invalid("metadata.name", name, "must be no more than 52 characters"))
    return causes


def cron_job_update(new: Obj, old: Obj) -> Causes:
    """A changed CronJob."""
    return metadata.check_update(new, old) + _cron_spec(new["spec"])


def _cron_spec(spec: Obj) -> Causes:
    causes = _schedule(spec.get("schedule") or "", spec.get("timeZone"))
    causes += field.non_negative("spec.startingDeadlineSeconds", spec.get("startingDeadlineSeconds"))
    causes += _time_zone(spec.get("timeZone"))
    policies = ("Allow", "Forbid", "Replace")
    causes += field.one_of("spec.concurrencyPolicy", spec.get("concurrencyPolicy"), policies)
    causes += _job_template((spec.get("jobTemplate") or {}).get("spec") or {}, "spec.jobTemplate.spec")
    for name in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        causes += field.non_negative(f"spec.{name}", spec.get(name))
    return causes


def _schedule(schedule: str, zone: str | None) -> Causes:
    path = "spec.schedule"
    if not schedule:
        return [field.required(path)]
    complaint = schedules.check(schedule)
    causes = [field.invalid(path, schedule, complaint)] if complaint else []
    if "TZ" in schedule:
        detail = (
            "cannot use both timeZone field and TZ or CRON_TZ in schedule"
            if zone is not None
            else "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        )
        causes.append(field.invalid(path, schedule, detail))
    return causes


def _time_zone(zone: str | None) -> Causes:
    path = "spec.timeZone"
    if zone is None:
        return []
    if not zone:
        return [field.invalid(path, zone, "timeZone must be nil or non-empty string")]
    if zone.lower() == "local":
        detail = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        return [field.invalid(path, zone, detail)]
    return [] if schedules.known_zone(zone) else [field.invalid(path, zone, f"unknown time zone {zone}")]


def _job_template(spec: Obj, path: str) -> Causes:
    causes = _bare_spec(spec, path)
    if spec.get("selector") is not None:
        shown = selectors.ordered(spec["selector"])
        causes.append(field.invalid(f"{path}.selector", shown, "`selector` will be auto-generated"))
    if spec.get("manualSelector"):
        causes.append(field.not_supported(f"{path}.manualSelector", True, ("nil", "false")))
    return causes
