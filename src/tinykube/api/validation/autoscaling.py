"""HorizontalPodAutoscaler: bounds, what is scaled, metrics and behavior.

Law: pure.

Models pkg/apis/autoscaling/validation/validation.go.
"""

from __future__ import annotations

from tinykube.api.validation import field, metadata, names
from tinykube.api.validation.field import Causes
from tinykube.api.validation.resources import amount
from tinykube.errors import Obj

_MAX_PERIOD = 1800
_MAX_WINDOW = 3600
_SOURCES = {
    "object": "Object", "external": "External", "pods": "Pods", "resource": "Resource",
    "containerResource": "ContainerResource",
}  # fmt: skip
"""Sources in the order in which upstream looks at them, and the types that they belong to."""


def update(new: Obj, old: Obj) -> Causes:
    """A changed HorizontalPodAutoscaler: what it scaled so far may keep a version that would now be refused."""
    target, before = (obj["spec"].get("scaleTargetRef") or {} for obj in (new, old))
    causes = metadata.check_update(new, old) + autoscaler(new)
    same = all(target.get(name) == before.get(name) for name in ("apiVersion", "kind"))
    return [c for c in causes if c.field != "spec.scaleTargetRef.apiVersion"] if same else causes


def autoscaler(obj: Obj) -> Causes:
    """HorizontalPodAutoscaler."""
    causes = metadata.check(obj, names.dns_subdomain)
    spec = obj.get("spec") or {}
    low, high = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    if low is not None and low < 1:
        causes.append(field.invalid("spec.minReplicas", low, "must be greater than or equal to 1"))
    if high < 1:
        causes.append(field.invalid("spec.maxReplicas", high, "must be greater than 0"))
    if low is not None and high < low:
        causes.append(field.invalid("spec.maxReplicas", high, "must be greater than or equal to `minReplicas`"))
    target = spec.get("scaleTargetRef") or {}
    causes += _reference(target, "spec.scaleTargetRef") + _target_version(target, "spec.scaleTargetRef.apiVersion")
    for index, metric in enumerate(spec.get("metrics") or ()):
        causes += _metric(metric, f"spec.metrics[{index}]")
    for direction in ("scaleUp", "scaleDown"):
        rules = (spec.get("behavior") or {}).get(direction)
        causes += _rules(rules, f"spec.behavior.{direction}") if rules is not None else []
    return causes


def _reference(target: Obj, path: str) -> Causes:
    causes: Causes = []
    for name in ("kind", "name"):
        if not target.get(name):
            causes.append(field.required(f"{path}.{name}"))
        else:
            causes += field.each_invalid(f"{path}.{name}", target[name], names.path_segment(target[name]))
    return causes


def _target_version(target: Obj, path: str) -> Causes:
    version = target.get("apiVersion") or ""
    if version.count("/") > 1:
        return [field.invalid(path, version, f"unexpected GroupVersion string: {version}")]
    if (version.partition("/")[0] and "/" in version) or target.get("kind") == "ReplicationController":
        return []
    return [field.invalid(path, version, "apiVersion must specify API group")]


# -- metrics -------------------------------------------------------------------------------------------------


def _metric(metric: Obj, path: str) -> Causes:
    kind, types = metric.get("type") or "", sorted(_SOURCES.values())
    causes = [] if kind else [field.required(f"{path}.type", "must specify a metric source type")]
    causes += [] if kind in types else [field.not_supported(f"{path}.type", kind, types)]
    present = [source for source in _SOURCES if metric.get(source) is not None]
    if present:
        causes += _source(present[0], metric[present[0]], f"{path}.{present[0]}")
    expected = next((source for source, name in _SOURCES.items() if name == kind), "")
    if expected and expected not in present:
        causes.append(field.required(f"{path}.{expected}", "must populate information for the given metric source"))
    if len(present) != 1:
        others = [source for source in present if source != expected]
        causes += [field.forbidden(f"{path}.{o}", "must populate the given metric source only") for o in others]
    return causes


def _source(kind: str, source: Obj, path: str) -> Causes:
    target, causes = source.get("target") or {}, []
    if kind in ("resource", "containerResource"):
        if not source.get("name"):
            causes.append(field.required(f"{path}.name", "must specify a resource name"))
        if kind == "containerResource" and not source.get("container"):
            causes.append(field.required(f"{path}.container", "must specify a container"))
        return causes + _target(target, f"{path}.target") + _utilization(target, f"{path}.target")
    if kind == "object":
        causes += _reference(source.get("describedObject") or {}, f"{path}.describedObject")
    if not (source.get("metric") or {}).get("name"):
        causes.append(field.required(f"{path}.metric.name", "must specify a metric name"))
    causes += _target(target, f"{path}.target")
    if kind == "object" and target.get("value") is None and target.get("averageValue") is None:
        detail = "must set either a target value or averageValue"
        causes.append(field.required(f"{path}.target.averageValue", detail))
    return causes


def _target(target: Obj, path: str) -> Causes:
    kind = target.get("type") or ""
    causes = [] if kind else [field.required(f"{path}.type", "must specify a metric target type")]
    if kind not in ("Utilization", "Value", "AverageValue"):
        causes.append(field.invalid(f"{path}.type", kind, "must be either Utilization, Value, or AverageValue"))
    for name in ("value", "averageValue"):
        if target.get(name) is not None and amount(target[name]) <= 0:
            causes.append(field.invalid(f"{path}.{name}", str(target[name]), "must be positive"))
    percent = target.get("averageUtilization")
    if percent is not None and percent < 1:
        causes.append(field.invalid(f"{path}.averageUtilization", percent, "must be greater than 0"))
    return causes


def _utilization(target: Obj, path: str) -> Causes:
    percent, raw = target.get("averageUtilization"), target.get("averageValue")
    if percent is None and raw is None:
        detail = "must set either a target raw value or a target utilization"
        return [field.required(f"{path}.averageUtilization", detail)]
    if percent is not None and raw is not None:
        detail = "may not set both a target raw value and a target utilization"
        return [field.forbidden(f"{path}.averageValue", detail)]
    return []


# -- behavior ------------------------------------------------------------------------------------------------


def _rules(rules: Obj, path: str) -> Causes:
    window, chosen = rules.get("stabilizationWindowSeconds"), rules.get("selectPolicy")
    causes: Causes = []
    here = f"{path}.stabilizationWindowSeconds"
    if window is not None and window < 0:
        causes.append(field.invalid(here, window, "must be greater than or equal to zero"))
    if window is not None and window > _MAX_WINDOW:
        causes.append(field.invalid(here, window, f"must be less than or equal to {_MAX_WINDOW}"))
    if chosen is not None and chosen not in ("Disabled", "Max", "Min"):
        causes.append(field.not_supported(f"{path}.selectPolicy", chosen, ("Disabled", "Max", "Min")))
    if not rules.get("policies"):
        causes.append(field.required(f"{path}.policies", "must specify at least one Policy"))
    for index, policy in enumerate(rules.get("policies") or ()):
        causes += _policy(policy, f"{path}.policies[{index}]")
    return causes


def _policy(policy: Obj, path: str) -> Causes:
    kind, value, period = policy.get("type") or "", policy.get("value") or 0, policy.get("periodSeconds") or 0
    causes = [] if kind in ("Percent", "Pods") else [field.not_supported(f"{path}.type", kind, ("Percent", "Pods"))]
    if value <= 0:
        causes.append(field.invalid(f"{path}.value", value, "must be greater than zero"))
    if period <= 0:
        causes.append(field.invalid(f"{path}.periodSeconds", period, "must be greater than zero"))
    if period > _MAX_PERIOD:
        detail = f"must be less than or equal to {_MAX_PERIOD}"
        causes.append(field.invalid(f"{path}.periodSeconds", period, detail))
    return causes
