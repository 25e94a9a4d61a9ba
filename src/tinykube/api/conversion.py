"""Kinds that are served in two shapes and stored in one: events, and autoscalers in v1.

Law: pure functions on objects. Everything else goes through unchanged.

Models pkg/apis/events/v1/conversion.go and pkg/apis/autoscaling/v1/conversion.go.
"""

from __future__ import annotations

from typing import Any

from tinykube.api.resources import Resource
from tinykube.objects import Obj, dig

EVENTS = "events.k8s.io/v1/Event"
AUTOSCALER_V1 = "autoscaling/v1/HorizontalPodAutoscaler"

_EVENT_FIELDS = {
    "regarding": "involvedObject",
    "note": "message",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}
_EVENT_FIELDS_BACK = {core: new for new, core in _EVENT_FIELDS.items()}


def stored_as(resource: Resource) -> str:
    """The resource under which objects of this one are kept."""
    return "events" if resource.kind_key == EVENTS else resource.key


def to_stored(resource: Resource, obj: Obj) -> Obj:
    """A client's object in the shape that is stored."""
    if resource.kind_key == EVENTS and obj.get("kind") == "Event":
        return {**_renamed(obj, _EVENT_FIELDS), "apiVersion": "v1"}
    if resource.kind_key == AUTOSCALER_V1 and obj.get("kind") == "HorizontalPodAutoscaler":
        return _autoscaler_to_v2(obj)
    return obj


def from_stored(resource: Resource, obj: Obj) -> Obj:
    """A stored object (or a List of them) in the shape that the client asked for."""
    if resource.kind_key not in (EVENTS, AUTOSCALER_V1) or obj.get("kind") == "Status":
        return obj
    if "items" in obj:
        items = [from_stored(resource, item) for item in obj["items"]]
        return {**obj, "apiVersion": resource.group_version, "items": items}
    if resource.kind_key == EVENTS:
        return {**_renamed(obj, _EVENT_FIELDS_BACK), "apiVersion": resource.group_version}
    return _autoscaler_to_v1(obj) if obj.get("apiVersion") == "autoscaling/v2" else obj


def patch_to_stored(resource: Resource, patch: Any) -> Any:
    """A patch shaped like an object, with the names that the stored object has."""
    if resource.kind_key == EVENTS and isinstance(patch, dict):
        return _renamed(patch, _EVENT_FIELDS)
    return patch


def field_selector(resource: Resource, text: str) -> str:
    """A field selector with the names that the stored object has."""
    if resource.kind_key != EVENTS:
        return text
    return text.replace("regarding.", "involvedObject.").replace("reportingController", "reportingComponent")


def _renamed(obj: Obj, names: dict[str, str]) -> Obj:
    return {names.get(key, key): value for key, value in obj.items()}


# -- autoscalers ---------------------------------------------------------------------------------------------


def _autoscaler_to_v2(obj: Obj) -> Obj:
    spec = dict(obj.get("spec") or {})
    target = spec.pop("targetCPUUtilizationPercentage", None)
    if target is not None:
        utilization = {"type": "Utilization", "averageUtilization": target}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": utilization}}]
    out = {**obj, "apiVersion": "autoscaling/v2", "spec": spec}
    out.pop("status", None)
    return out


def _autoscaler_to_v1(obj: Obj) -> Obj:
    spec, status = dict(obj.get("spec") or {}), dict(obj.get("status") or {})
    for metric in spec.pop("metrics", None) or ():
        percentage = dig(metric, "resource", "target", "averageUtilization")
        if dig(metric, "resource", "name") == "cpu" and percentage is not None:
            spec["targetCPUUtilizationPercentage"] = percentage
    spec.pop("behavior", None)
    kept = {k: v for k, v in status.items() if k in ("observedGeneration", "lastScaleTime")}
    for metric in status.get("currentMetrics") or ():
        current = dig(metric, "resource", "current", "averageUtilization")
        if dig(metric, "resource", "name") == "cpu" and current is not None:
            kept["currentCPUUtilizationPercentage"] = current
    kept["currentReplicas"] = status.get("currentReplicas", 0)
    kept["desiredReplicas"] = status.get("desiredReplicas", 0)
    return {**obj, "apiVersion": "autoscaling/v1", "spec": spec, "status": kept}
