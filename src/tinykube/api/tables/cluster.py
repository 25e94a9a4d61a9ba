"""Rows of nodes, namespaces, configuration, storage, events and access rules.

Law: pure; each function gives the cells of one object, wide ones included.

Models pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from typing import Any

from tinykube.api.tables.text import NONE, UNKNOWN, UNSET, age, condition_is_true, human_duration, since
from tinykube.errors import Obj
from tinykube.objects import annotations as annotations_of
from tinykube.objects import deleting, dig, labels, name

Cells = list[Any]

_ROLE = "node-role.kubernetes.io/"
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_OLD_CLASS = "volume.beta.kubernetes.io/storage-class"
_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}


def only_age(obj: Obj, now: float) -> Cells:
    """Kinds with nothing to tell but their age."""
    return [name(obj), age(obj, now)]


def created(obj: Obj, now: float) -> Cells:
    """Kinds without a printer of their own: the time of creation."""
    return [name(obj), dig(obj, "metadata", "creationTimestamp")]


def namespace(obj: Obj, now: float) -> Cells:
    """Namespace."""
    return [name(obj), dig(obj, "status", "phase", default=""), age(obj, now)]


def config_map(obj: Obj, now: float) -> Cells:
    """ConfigMap."""
    return [name(obj), len(obj.get("data") or ()) + len(obj.get("binaryData") or ()), age(obj, now)]


def secret(obj: Obj, now: float) -> Cells:
    """Secret."""
    return [name(obj), obj.get("type", ""), len(obj.get("data") or ()), age(obj, now)]


# -- Node ----------------------------------------------------------------------------------------------------


def node(obj: Obj, now: float) -> Cells:
    """Node."""
    info = dig(obj, "status", "nodeInfo", default={})
    system = [info.get(f) or UNKNOWN for f in ("osImage", "kernelVersion", "containerRuntimeVersion")]
    addresses = [_address(obj, kind) for kind in ("InternalIP", "ExternalIP")]
    version = info.get("kubeletVersion", "")
    return [name(obj), _node_status(obj), _roles(obj), age(obj, now), version, *addresses, *system]


def _node_status(obj: Obj) -> str:
    conditions = dig(obj, "status", "conditions", default=[])
    known = any(c.get("type") == "Ready" for c in conditions)
    ready = "Ready" if condition_is_true(conditions, "Ready") else "NotReady"
    shown = ready if known else "Unknown"
    return f"{shown},SchedulingDisabled" if dig(obj, "spec", "unschedulable") else shown


def _roles(obj: Obj) -> str:
    found = {k.removeprefix(_ROLE) for k in labels(obj) if k.startswith(_ROLE)}
    found.add(labels(obj).get("kubernetes.io/role", ""))
    return ",".join(sorted(found - {""})) or NONE


def _address(obj: Obj, kind: str) -> str:
    found = dig(obj, "status", "addresses", default=[])
    return next((a["address"] for a in found if a.get("type") == kind), NONE)


# -- Event ---------------------------------------------------------------------------------------------------


def event(obj: Obj, now: float) -> Cells:
    """Event, of either API version."""
    about = obj.get("involvedObject") or obj.get("regarding") or {}
    series = obj.get("series")
    first = since(obj.get("firstTimestamp") or obj.get("eventTime"), now)
    last = since(obj["lastTimestamp"], now) if obj.get("lastTimestamp") else first
    count = obj.get("count") or 1
    if series:
        last, count = since(series.get("lastObservedTime"), now), series.get("count", 0)
    kind = (about.get("kind") or "").lower()
    target = f"{kind}/{about['name']}" if about.get("name") else kind
    message = (obj.get("message") or obj.get("note") or "").strip()
    return [
        last,
        obj.get("type", ""),
        obj.get("reason", ""),
        target,
        about.get("fieldPath", ""),
        _source(obj),
        message,
        first,
        count,
        name(obj),
    ]


def _source(obj: Obj) -> str:
    source = obj.get("source") or {}
    component = source.get("component") or obj.get("reportingComponent") or obj.get("reportingController") or ""
    instance = source.get("host") or obj.get("reportingInstance") or ""
    return f"{component}, {instance}" if instance else component


# -- storage -------------------------------------------------------------------------------------------------


def _access_modes(modes: list[str] | None) -> str:
    return ",".join(short for mode, short in _MODES.items() if mode in (modes or ()))


def _class(obj: Obj) -> str:
    return annotations_of(obj).get(_OLD_CLASS) or dig(obj, "spec", "storageClassName", default="")


def volume(obj: Obj, now: float) -> Cells:
    """PersistentVolume."""
    spec = dig(obj, "spec", default={})
    claim = spec.get("claimRef")
    return [
        name(obj),
        dig(spec, "capacity", "storage", default="0"),
        _access_modes(spec.get("accessModes")),
        spec.get("persistentVolumeReclaimPolicy", ""),
        "Terminating" if deleting(obj) else dig(obj, "status", "phase", default=""),
        f"{claim.get('namespace', '')}/{claim.get('name', '')}" if claim else "",
        _class(obj),
        spec.get("volumeAttributesClassName") or UNSET,
        dig(obj, "status", "reason", default=""),
        age(obj, now),
        spec.get("volumeMode") or UNSET,
    ]


def claim(obj: Obj, now: float) -> Cells:
    """PersistentVolumeClaim."""
    spec, status = dig(obj, "spec", default={}), dig(obj, "status", default={})
    bound = bool(spec.get("volumeName"))
    return [
        name(obj),
        "Terminating" if deleting(obj) else status.get("phase", ""),
        spec.get("volumeName", ""),
        dig(status, "capacity", "storage", default="0") if bound else "",
        _access_modes(status.get("accessModes")) if bound else "",
        _class(obj),
        spec.get("volumeAttributesClassName") or UNSET,
        age(obj, now),
        spec.get("volumeMode") or UNSET,
    ]


def storage_class(obj: Obj, now: float) -> Cells:
    """StorageClass."""
    default = " (default)" if annotations_of(obj).get(_DEFAULT_CLASS) == "true" else ""
    return [
        name(obj) + default,
        obj.get("provisioner", ""),
        obj.get("reclaimPolicy") or "Delete",
        obj.get("volumeBindingMode") or "Immediate",
        bool(obj.get("allowVolumeExpansion")),
        age(obj, now),
    ]


def resource_quota(obj: Obj, now: float) -> Cells:
    """ResourceQuota: what is used of what is granted."""
    hard, used = dig(obj, "status", "hard", default={}), dig(obj, "status", "used", default={})
    texts = {n: f"{n}: {used.get(n, '0')}/{hard[n]}" for n in sorted(hard)}
    limits = [text for n, text in texts.items() if n.startswith("limits.")]
    requests = [text for n, text in texts.items() if not n.startswith("limits.")]
    return [name(obj), ", ".join(requests), ", ".join(limits), age(obj, now)]


# -- access and scheduling -----------------------------------------------------------------------------------


def binding(obj: Obj, now: float) -> Cells:
    """RoleBinding and ClusterRoleBinding."""
    ref, subjects = obj.get("roleRef") or {}, obj.get("subjects") or []
    people = [", ".join(s["name"] for s in subjects if s.get("kind") == kind) for kind in ("User", "Group")]
    robots = [f"{s.get('namespace', '')}/{s['name']}" for s in subjects if s.get("kind") == "ServiceAccount"]
    role = f"{ref.get('kind', '')}/{ref.get('name', '')}"
    return [name(obj), role, age(obj, now), *people, ", ".join(robots)]


def lease(obj: Obj, now: float) -> Cells:
    """Lease."""
    return [name(obj), dig(obj, "spec", "holderIdentity", default=""), age(obj, now)]


def priority_class(obj: Obj, now: float) -> Cells:
    """PriorityClass."""
    default = bool(obj.get("globalDefault"))
    return [name(obj), obj.get("value", 0), default, age(obj, now), obj.get("preemptionPolicy", "")]


def runtime_class(obj: Obj, now: float) -> Cells:
    """RuntimeClass."""
    return [name(obj), obj.get("handler", ""), age(obj, now)]


def signing_request(obj: Obj, now: float) -> Cells:
    """CertificateSigningRequest."""
    spec = dig(obj, "spec", default={})
    seconds = spec.get("expirationSeconds")
    lasts = NONE if seconds is None else human_duration(seconds)
    signer = spec.get("signerName") or NONE
    return [name(obj), age(obj, now), signer, spec.get("username", ""), lasts, _signing_status(obj)]


def _signing_status(obj: Obj) -> str:
    kinds = {c.get("type") for c in dig(obj, "status", "conditions", default=[])}
    shown = "Denied" if "Denied" in kinds else "Approved" if "Approved" in kinds else "Pending"
    failed = ",Failed" if "Failed" in kinds else ""
    return shown + failed + (",Issued" if dig(obj, "status", "certificate") else "")


def component_status(obj: Obj, now: float) -> Cells:
    """ComponentStatus."""
    healthy: Obj = next((c for c in obj.get("conditions") or () if c.get("type") == "Healthy"), {})
    status = {"True": "Healthy", "False": "Unhealthy"}.get(healthy.get("status", ""), "Unknown")
    return [name(obj), status, healthy.get("message", ""), healthy.get("error", "")]


def webhooks(obj: Obj, now: float) -> Cells:
    """MutatingWebhookConfiguration and ValidatingWebhookConfiguration."""
    return [name(obj), len(obj.get("webhooks") or ()), age(obj, now)]
