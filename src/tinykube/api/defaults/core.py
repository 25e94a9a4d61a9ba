"""Defaults of the core group's kinds other than Pods and Services.

Law: in place; what is set stays.

Models pkg/apis/core/v1/defaults.go and the string data conversion of pkg/apis/core/v1/conversion.go.
"""

from __future__ import annotations

import base64

from tinykube.api.defaults.pods import put, template
from tinykube.errors import Obj
from tinykube.quantities import tidy_list


def namespace(obj: Obj) -> None:
    """v1.Namespace: labelled with its own name, so that selectors can pick it."""
    name = (obj.get("metadata") or {}).get("name")
    if name:
        meta = obj["metadata"]
        meta["labels"] = {**(meta.get("labels") or {}), "kubernetes.io/metadata.name": name}
    put(obj.setdefault("status", {}), "phase", "Active")


def secret(obj: Obj) -> None:
    """v1.Secret: `stringData` is written into `data`, base64-encoded, and wins over it."""
    put(obj, "type", "Opaque")
    plain = obj.pop("stringData", None) or {}
    if plain:
        encoded = {k: base64.b64encode(str(v or "").encode()).decode() for k, v in plain.items()}
        obj["data"] = {**(obj.get("data") or {}), **encoded}


def node(obj: Obj) -> None:
    """v1.Node: without allocatable amounts, all capacity is allocatable."""
    status = obj.setdefault("status", {})
    tidy_list(status.get("capacity"))
    tidy_list(status.get("allocatable"))
    if status.get("capacity") and status.get("allocatable") is None:
        status["allocatable"] = dict(status["capacity"])


def volume(obj: Obj) -> None:
    """v1.PersistentVolume."""
    spec = obj.setdefault("spec", {})
    tidy_list(spec.get("capacity"))
    put(spec, "persistentVolumeReclaimPolicy", "Retain")
    put(spec, "volumeMode", "Filesystem")
    if isinstance(spec.get("hostPath"), dict):
        spec["hostPath"].setdefault("type", "")
    put(obj.setdefault("status", {}), "phase", "Pending")


def claim(obj: Obj) -> None:
    """v1.PersistentVolumeClaim."""
    spec = obj.setdefault("spec", {})
    resources = spec.setdefault("resources", {})
    tidy_list(resources.get("limits"))
    tidy_list(resources.get("requests"))
    put(spec, "volumeMode", "Filesystem")
    status = obj.setdefault("status", {})
    put(status, "phase", "Pending")
    tidy_list(status.get("capacity"))


def endpoints(obj: Obj) -> None:
    """v1.Endpoints."""
    for subset in obj.get("subsets") or ():
        for port in subset.get("ports") or ():
            put(port, "protocol", "TCP")


def replication_controller(obj: Obj) -> None:
    """v1.ReplicationController: selector and labels come from the template."""
    spec = obj.setdefault("spec", {})
    if spec.get("template") is not None:
        template(spec)
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels")
    if labels:
        spec["selector"] = spec.get("selector") or dict(labels)
        meta = obj.setdefault("metadata", {})
        meta["labels"] = meta.get("labels") or dict(labels)
    put(spec, "replicas", 1)


def pod_template(obj: Obj) -> None:
    """v1.PodTemplate."""
    template(obj)


def limit_range(obj: Obj) -> None:
    """v1.LimitRange: a container's default limit falls back to the maximum, its default request to the limit."""
    for item in (obj.get("spec") or {}).get("limits") or ():
        for field in ("min", "max", "default", "defaultRequest", "maxLimitRequestRatio"):
            tidy_list(item.get(field))
        if item.get("type") == "Container":
            item["default"] = {**(item.get("max") or {}), **(item.get("default") or {})}
            requests = {**item["default"], **(item.get("defaultRequest") or {})}
            item["defaultRequest"] = {**(item.get("min") or {}), **requests}


def resource_quota(obj: Obj) -> None:
    """v1.ResourceQuota."""
    tidy_list((obj.get("spec") or {}).get("hard"))
    for field in ("hard", "used"):
        tidy_list((obj.get("status") or {}).get(field))
