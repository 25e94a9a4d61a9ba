"""A Job's policies: which failures count, and when enough has succeeded.

Law: pure.

Models pkg/apis/batch/validation/validation.go (validatePodFailurePolicy, validateSuccessPolicy).
"""

from __future__ import annotations

from tinykube.api.validation import field, names
from tinykube.api.validation.field import Causes
from tinykube.errors import Obj

_MAX_RULES = 20
_MAX_EXIT_CODES = 255
_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")


def _enumerated(path: str, value: str, supported: tuple[str, ...]) -> Causes:
    """One of a few words, which are all listed when it is missing."""
    if not value:
        listed = " ".join(field.shown(v) for v in supported)
        return [field.required(path, f"valid values: [{listed}]")]
    return [] if value in supported else [field.not_supported(path, value, supported)]


# -- Pod failure policy --------------------------------------------------------------------------------------


def pod_failure(spec: Obj, path: str) -> Causes:
    """`podFailurePolicy`; `spec` is the Job's."""
    rules = spec["podFailurePolicy"].get("rules") or []
    causes = [field.too_many(f"{path}.rules", len(rules), _MAX_RULES)] if len(rules) > _MAX_RULES else []
    for index, rule in enumerate(rules):
        causes += _failure_rule(rule, spec, f"{path}.rules[{index}]")
    return causes


def _failure_rule(rule: Obj, spec: Obj, path: str) -> Causes:
    action, codes, conditions = rule.get("action") or "", rule.get("onExitCodes"), rule.get("onPodConditions") or []
    causes = _enumerated(f"{path}.action", action, _ACTIONS)
    if action == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
        causes.append(field.invalid(f"{path}.action", action, "requires the backoffLimitPerIndex to be set"))
    if codes is not None:
        causes += _exit_codes(codes, spec, f"{path}.onExitCodes")
    for index, pattern in enumerate(conditions):
        here, kind = f"{path}.onPodConditions[{index}]", pattern.get("type") or ""
        causes += field.each_invalid(f"{here}.type", kind, names.qualified_name(kind))
        causes += _enumerated(f"{here}.status", pattern.get("status") or "", ("False", "True", "Unknown"))
    if codes is not None and conditions:
        causes.append(field.malformed(path, "specifying both OnExitCodes and OnPodConditions is not supported"))
    if codes is None and not conditions:
        causes.append(field.malformed(path, "specifying one of OnExitCodes and OnPodConditions is required"))
    return causes


def _exit_codes(found: Obj, spec: Obj, path: str) -> Causes:
    causes = _enumerated(f"{path}.operator", found.get("operator") or "", ("In", "NotIn"))
    pod = (spec.get("template") or {}).get("spec") or {}
    containers = {c.get("name") for kind in ("containers", "initContainers") for c in pod.get(kind) or ()}
    chosen = found.get("containerName")
    if chosen is not None and chosen not in containers:
        detail = "must be one of the container or initContainer names in the pod template"
        causes.append(field.invalid(f"{path}.containerName", chosen, detail))
    return causes + _code_values(found, found.get("values") or [], f"{path}.values")


def _code_values(found: Obj, values: list[int], path: str) -> Causes:
    causes: Causes = []
    if not values:
        causes.append(field.invalid(path, found.get("values"), "at least one value is required"))
    elif len(values) > _MAX_EXIT_CODES:
        causes.append(field.too_many(path, len(values), _MAX_EXIT_CODES))
    for index, value in enumerate(values):
        if value == 0 and found.get("operator") == "In":
            causes.append(field.invalid(f"{path}[{index}]", value, "must not be 0 for the In operator"))
        if value in values[:index]:
            causes.append(field.duplicate(f"{path}[{index}]", value))
    if values != sorted(values):
        causes.append(field.invalid(path, values, "must be ordered"))
    return causes


# -- success policy ------------------------------------------------------------------------------------------


def success(spec: Obj, path: str) -> Causes:
    """`successPolicy`; `spec` is the Job's."""
    if spec.get("completionMode") != "Indexed":
        return [field.invalid(path, _shown(spec["successPolicy"]), "requires indexed completion mode")]
    rules = spec["successPolicy"].get("rules") or []
    causes: Causes = []
    if not rules:
        detail = "at least one rules must be specified when the successPolicy is specified"
        causes.append(field.required(f"{path}.rules", detail))
    if len(rules) > _MAX_RULES:
        causes.append(field.too_many(f"{path}.rules", len(rules), _MAX_RULES))
    for index, rule in enumerate(rules):
        causes += _success_rule(rule, spec.get("completions") or 0, f"{path}.rules[{index}]")
    return causes


def _success_rule(rule: Obj, completions: int, path: str) -> Causes:
    count, listed = rule.get("succeededCount"), rule.get("succeededIndexes")
    if count is None and listed is None:
        return [field.required(path, "at least one of succeededCount or succeededIndexes must be specified")]
    causes: Causes = []
    total = 0
    if listed is not None:
        total, complaint = indexes(listed, completions)
        if complaint:
            detail = f"error parsing succeededIndexes: {complaint}"
            causes.append(field.invalid(f"{path}.succeededIndexes", listed, detail))
    if count is None:
        return causes
    here = f"{path}.succeededCount"
    causes += field.non_negative(here, count)
    if count > completions:
        detail = f"must be less than or equal to {completions} (the number of specified completions)"
        causes.append(field.invalid(here, count, detail))
    if listed is not None and count > total:
        detail = (
            f"must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
        )
        causes.append(field.invalid(here, count, detail))
    return causes


def indexes(text: str, completions: int) -> tuple[int, str]:
    """How many indexes `0,2-4` names below `completions`, and what is wrong with it."""
    total, last = 0, -1
    for part in text.split(",") if text else ():
        low, high, complaint = _interval(part, completions)
        if not complaint and last >= low:
            complaint = f"non-increasing order, previous: {last}, current: {low}"
        if complaint:
            return 0, complaint
        total, last = total + high - low + 1, high
    return total, ""


def _interval(text: str, completions: int) -> tuple[int, int, str]:
    ends = text.split("-")
    if len(ends) > 2:
        rule = "violates the requirement that an index interval can have at most two parts separated by '-'"
        return 0, 0, f"the fragment {field.shown(text)} {rule}"
    for end in ends:
        if not end.isdigit():
            return 0, 0, f"cannot convert string to integer for index: {field.shown(end)}"
        if int(end) >= completions:
            return 0, 0, f"too large index: {field.shown(end)}"
    low, high = int(ends[0]), int(ends[-1])
    if len(ends) == 2 and low >= high:
        return 0, 0, f"non-increasing order, previous: {low}, current: {high}"
    return low, high, ""


def _shown(policy: Obj) -> Obj:
    """A success policy as Go's encoder shows the internal type."""
    rules = policy.get("rules")
    keys = (("SucceededIndexes", "succeededIndexes"), ("SucceededCount", "succeededCount"))
    return {"Rules": [{go: rule.get(name) for go, name in keys} for rule in rules] if rules else None}
