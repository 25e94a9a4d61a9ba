"""ResourceQuota and LimitRange.

Law: pure.

Models pkg/apis/core/validation/validation.go (ValidateResourceQuota, ValidateLimitRange).
"""

from __future__ import annotations

from typing import Any

from tinykube.api.validation import field, metadata, names, resources
from tinykube.api.validation.field import Causes
from tinykube.errors import Obj


def resource_quota(obj: Obj) -> Causes:
    """A ResourceQuota."""
    causes = metadata.check(obj, names.dns_subdomain)
    for name, text in sorted(((obj.get("spec") or {}).get("hard") or {}).items()):
        path = f"spec.hard[{name}]"
        causes += resources.resource_name(name, path)
        if "/" not in name and name not in resources.QUOTA and not resources.huge_pages(name):
            causes.append(field.invalid(path, name, "must be a standard resource for quota"))
        causes += resources.value(name, text, path)
    spec = obj.get("spec") or {}
    return causes + _scopes(spec.get("scopes") or [], spec.get("hard") or {}) + _scope_selector(spec)


_SCOPES = (
    "BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "PriorityClass", "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
)  # fmt: skip
_OF_CLAIMS = ("persistentvolumeclaims", "requests.storage")


def _counts(scope: str, name: str) -> bool:
    """Whether a scope can narrow down what counts for a resource."""
    if scope == "BestEffort":
        return name == "pods"
    if scope == "VolumeAttributesClass":
        return name in _OF_CLAIMS
    return scope not in _SCOPES or name == "pods" or name in resources.COMPUTE_QUOTA


def _misapplied(scope: str, hard: Obj) -> bool:
    return any(name in resources.QUOTA and not _counts(scope, name) for name in hard)


def _conflicting(scopes: set[str]) -> bool:
    return any(pair <= scopes for pair in ({"BestEffort", "NotBestEffort"}, {"Terminating", "NotTerminating"}))


def _scopes(scopes: list[str], hard: Obj) -> Causes:
    said: list[str] = []
    for scope in scopes:
        said += [] if scope in _SCOPES else ["unsupported scope"]
        said += ["unsupported scope applied to resource"] if _misapplied(scope, hard) else []
    said += ["conflicting scopes"] if _conflicting(set(scopes)) else []
    return field.each_invalid("spec.scopes", scopes, dict.fromkeys(said))


_ONLY_EXISTS = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)


def _scope_selector(spec: Obj) -> Causes:
    """Scopes with operators and values."""
    path, causes = "spec.scopeSelector.matchExpressions", list[Any]()
    found = (spec.get("scopeSelector") or {}).get("matchExpressions") or []
    for requirement in found:
        scope, operator = requirement.get("scopeName") or "", requirement.get("operator") or ""
        causes += [] if scope in _SCOPES else [field.invalid(f"{path}.scopeName", scope, "unsupported scope")]
        if _misapplied(scope, spec.get("hard") or {}):
            shown = {"MatchExpressions": [_go_requirement(r) for r in found]}
            causes.append(field.invalid(path, shown, "unsupported scope applied to resource"))
        if scope in _SCOPES[:4] + _SCOPES[5:6] and operator != "Exists":
            causes.append(field.invalid(f"{path}.operator", operator, _ONLY_EXISTS))
        causes += _scope_values(operator, requirement.get("values") or [], path)
    if _conflicting({r.get("scopeName") for r in found}):
        causes.append(field.invalid(path, spec.get("scopes"), "conflicting scopes"))
    return causes


def _go_requirement(found: Obj) -> Obj:
    return {
        go: found.get(key) for go, key in (("ScopeName", "scopeName"), ("Operator", "operator"), ("Values", "values"))
    }


def _scope_values(operator: str, values: list[str], path: str) -> Causes:
    if operator in ("In", "NotIn"):
        detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
        return [] if values else [field.required(f"{path}.values", detail)]
    if operator in ("Exists", "DoesNotExist"):
        detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
        return [field.invalid(f"{path}.values", values, detail)] if values else []
    return [field.invalid(f"{path}.operator", operator, "not a valid selector operator")]


def resource_quota_update(new: Obj, old: Obj) -> Causes:
    """A changed ResourceQuota: its scopes stay."""
    scopes, before = (obj.get("spec", {}).get("scopes") or [] for obj in (new, old))
    causes = metadata.check_update(new, old) + resource_quota(new)
    return causes + ([] if set(scopes) == set(before) else [field.invalid("spec.scopes", scopes, "field is immutable")])


def limit_range(obj: Obj) -> Causes:
    """A LimitRange."""
    causes = metadata.check(obj, names.dns_subdomain)
    seen: set[str] = set()
    for index, item in enumerate((obj.get("spec") or {}).get("limits") or ()):
        path, kind = f"spec.limits[{index}]", item.get("type") or ""
        causes += _limit_type(kind, f"{path}.type")
        causes += [field.duplicate(f"{path}.type", kind)] if kind in seen else []
        seen.add(kind)
        causes += _limit_item(item, kind, path)
    return causes


def _limit_type(kind: str, path: str) -> Causes:
    messages = names.qualified_name(kind)
    if not messages and "/" not in kind and kind not in ("Pod", "Container", "PersistentVolumeClaim"):
        messages = ["must be a standard limit type or fully qualified"]
    return field.each_invalid(path, kind, messages)


_ORDERED = (
    ("min", "max", "min", "min value {low} is greater than max value {high}"),
    ("min", "defaultRequest", "defaultRequest", "min value {low} is greater than default request value {high}"),
    ("defaultRequest", "max", "defaultRequest", "default request value {low} is greater than max value {high}"),
    ("defaultRequest", "default", "defaultRequest",
     "default request value {low} is greater than default limit value {high}"),
    ("min", "default", "default", "min value {low} is greater than default value {high}"),
    ("default", "max", "default", "default value {low} is greater than max value {high}"),
)  # fmt: skip


def _limit_item(item: Obj, kind: str, path: str) -> Causes:
    causes = _limit_names(item, kind, path)
    if kind == "PersistentVolumeClaim" and not any("storage" in (item.get(f) or {}) for f in ("min", "max")):
        detail = "either minimum or maximum storage value is required, but neither was provided"
        causes.append(field.required(f"{path}.limits", detail))
    compared = ("min", "max") if kind == "Pod" else ("min", "max", "default", "defaultRequest")
    ratios = item.get("maxLimitRequestRatio") or {}
    for name in sorted({n for f in compared for n in item.get(f) or ()} | set(ratios)):
        amounts = {f: item[f][name] for f in compared if name in (item.get(f) or {})}
        causes += _limit_order(name, amounts, path)
        if name in ratios:
            causes += _limit_ratio(ratios[name], amounts, f"{path}.maxLimitRequestRatio[{name}]")
    return causes


def _limit_names(item: Obj, kind: str, path: str) -> Causes:
    check = resources.container_resource_name if kind in ("Pod", "Container") else resources.resource_name
    causes: Causes = []
    for part in ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio"):
        if kind == "Pod" and part.startswith("default"):
            detail = "may not be specified when `type` is 'Pod'"
            causes += [field.forbidden(f"{path}.{part}", detail)] if item.get(part) else []
            continue
        for name in sorted(item.get(part) or ()):
            causes += check(name, f"{path}.{part}[{name}]")
    return causes


def _limit_order(name: str, amounts: Obj, path: str) -> Causes:
    causes: Causes = []
    for low, high, at, words in _ORDERED:
        below, above = amounts.get(low), amounts.get(high)
        if below is None or above is None or resources.amount(below) <= resources.amount(above):
            continue
        shown = above if (low, at) == ("min", "defaultRequest") or (low, high) == ("default", "max") else below
        causes.append(field.invalid(f"{path}.{at}[{name}]", str(shown), words.format(low=below, high=above)))
    return causes


def _limit_ratio(ratio: Any, amounts: Obj, path: str) -> Causes:
    causes: Causes = []
    if resources.amount(ratio) < 1:
        causes.append(field.invalid(path, str(ratio), f"ratio {ratio} is less than 1"))
    if "min" in amounts and "max" in amounts and resources.amount(amounts["min"]) > 0:
        most = resources.amount(amounts["max"]) / resources.amount(amounts["min"])
        if resources.amount(ratio) > most:
            causes.append(field.invalid(path, str(ratio), f"ratio {ratio} is greater than max/min = {most:.6f}"))
    return causes
