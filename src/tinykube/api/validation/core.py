"""The core group's smaller kinds: ConfigMap, Secret, Namespace, Node, ServiceAccount, Event and others.

Law: pure.

Models pkg/apis/core/validation/{validation,events}.go.
"""

from __future__ import annotations

import base64
import binascii
import json

from tinykube.api.validation import diff, field, metadata, names, resources, scheduling, selectors, volumes
from tinykube.api.validation.field import Causes
from tinykube.errors import Obj

MAX_SECRET = 1024 * 1024
_FROZEN = "field is immutable when `immutable` is set"
_ACCOUNT = "kubernetes.io/service-account.name"


# -- ConfigMap and Secret ------------------------------------------------------------------------------------


def config_map(obj: Obj) -> Causes:
    """A ConfigMap."""
    causes = metadata.check(obj, names.dns_subdomain)
    plain, binary = obj.get("data") or {}, obj.get("binaryData") or {}
    for key in sorted(plain):
        causes += field.each_invalid(f"data[{key}]", key, names.config_key(key))
        if key in binary:
            causes.append(field.invalid(f"data[{key}]", key, "duplicate of key present in binaryData"))
    for key in sorted(binary):
        causes += field.each_invalid(f"binaryData[{key}]", key, names.config_key(key))
    size = sum(len((v or "").encode()) for v in plain.values()) + sum(_size(v) for v in binary.values())
    return [*causes, field.too_long("[]", MAX_SECRET)] if size > MAX_SECRET else causes


def config_map_update(new: Obj, old: Obj) -> Causes:
    """A changed ConfigMap."""
    causes = metadata.check_update(new, old) + _frozen(new, old, ("data", "binaryData"))
    return causes + config_map(new)


def _frozen(new: Obj, old: Obj, contents: tuple[str, ...]) -> Causes:
    if not old.get("immutable"):
        return []
    causes = [] if new.get("immutable") else [field.forbidden("immutable", _FROZEN)]
    for name in contents:
        if (new.get(name) or {}) != (old.get(name) or {}):
            causes.append(field.forbidden(name, _FROZEN))
    return causes


def _size(encoded: str | None) -> int:
    return len(encoded or "") * 3 // 4


def secret(obj: Obj) -> Causes:
    """A Secret, with the keys that its type asks for."""
    causes = metadata.check(obj, names.dns_subdomain)
    data = obj.get("data") or {}
    for key in sorted(data):
        causes += field.each_invalid(f"data[{key}]", key, names.config_key(key))
    if sum(_size(v) for v in data.values()) > MAX_SECRET:
        causes.append(field.too_long("data", MAX_SECRET))
    return causes + _secret_type(obj, data)


_WANTED = {"kubernetes.io/ssh-auth": ("ssh-privatekey",), "kubernetes.io/tls": ("tls.crt", "tls.key")}
_DOCKER = {"kubernetes.io/dockercfg": ".dockercfg", "kubernetes.io/dockerconfigjson": ".dockerconfigjson"}


def _secret_type(obj: Obj, data: Obj) -> Causes:
    kind = obj.get("type") or "Opaque"
    if kind == "kubernetes.io/service-account-token":
        annotations = (obj.get("metadata") or {}).get("annotations") or {}
        return [] if annotations.get(_ACCOUNT) else [field.required(f"metadata.annotations[{_ACCOUNT}]")]
    if kind == "kubernetes.io/basic-auth":
        keys = ("username", "password")
        return [] if any(k in data for k in keys) else [field.required(f"data[{k}]") for k in keys]
    if kind in _DOCKER:
        return _docker(data, _DOCKER[kind])
    return [field.required(f"data[{k}]") for k in _WANTED.get(kind, ()) if k not in data]


def _docker(data: Obj, key: str) -> Causes:
    if key not in data:
        return [field.required(f"data[{key}]")]
    try:
        text = base64.b64decode(data[key] or "")
        json.loads(text)
    except (ValueError, binascii.Error):
        detail = _go_json_error(text.decode(errors="replace"))
        return [field.invalid(f"data[{key}]", "<secret contents redacted>", detail)]
    return []


def _go_json_error(text: str) -> str:
    stripped = text.strip()
    if not stripped:
        return "unexpected end of JSON input"
    return f"invalid character '{stripped[0]}' looking for beginning of value"


def secret_update(new: Obj, old: Obj) -> Causes:
    """A changed Secret: its type stays."""
    causes = metadata.check_update(new, old) + field.immutable("type", new.get("type"), old.get("type"))
    return causes + _frozen(new, old, ("data",)) + secret(new)


# -- Namespace, ServiceAccount, Node -------------------------------------------------------------------------


def namespace(obj: Obj) -> Causes:
    """A Namespace."""
    causes = metadata.check(obj, names.dns_label, namespaced=False)
    for name in (obj.get("spec") or {}).get("finalizers") or ():
        causes += field.each_invalid("spec.finalizers", name, names.qualified_name(name))
    return causes


def service_account(obj: Obj) -> Causes:
    """A ServiceAccount."""
    return metadata.check(obj, names.dns_subdomain)


def node(obj: Obj) -> Causes:
    """A Node."""
    causes = metadata.check(obj, names.dns_subdomain, namespaced=False)
    spec = obj.get("spec") or {}
    causes += scheduling.taints(spec.get("taints") or [], "metadata.taints")
    causes += _node_resources(obj.get("status") or {})
    for index, cidr in enumerate(spec.get("podCIDRs") or ()):
        causes += field.each_invalid(f"spec.podCIDRs[{index}]", cidr, names.cidr(cidr))
    return causes


def _node_resources(status: Obj) -> Causes:
    causes: Causes = []
    for kind in ("capacity", "allocatable"):
        for name, text in sorted((status.get(kind) or {}).items()):
            causes += resources.value(name, text, f"status.{kind}.{name}")
    return causes


def node_update(new: Obj, old: Obj) -> Causes:
    """A changed Node."""
    causes = metadata.check_update(new, old) + _node_resources(new.get("status") or {})
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    once = (("podCIDRs", "podCIDR"), ("providerID", "providerID"))
    for name, shown in once:
        if before.get(name) and before[name] != spec.get(name):
            detail = f'node updates may not change {shown} except from "" to valid'
            causes.append(field.forbidden(f"spec.{name}", detail))
    return causes + scheduling.taints(spec.get("taints") or [], "metadata.taints")


# -- Event ---------------------------------------------------------------------------------------------------


def event(obj: Obj) -> Causes:
    """An Event: it lives in the namespace of what it is about (cluster-scoped objects' in default)."""
    own = (obj.get("metadata") or {}).get("namespace") or ""
    about = (obj.get("involvedObject") or obj.get("regarding") or {}).get("namespace") or ""
    fits = about == own if about else own in ("default", "kube-system", "")
    detail = "does not match event.namespace"
    causes = [] if fits else [field.invalid("involvedObject.namespace", about, detail)]
    return causes + field.each_invalid("metadata.namespace", own, names.dns_subdomain(own))


# -- claims and volumes --------------------------------------------------------------------------------------

_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")


def claim(obj: Obj) -> Causes:
    """A PersistentVolumeClaim."""
    causes = metadata.check(obj, names.dns_subdomain)
    return causes + claim_spec(obj.get("spec") or {}, "spec")


def claim_spec(spec: Obj, path: str) -> Causes:
    """A claim's spec: access modes and a size."""
    modes = spec.get("accessModes") or []
    causes = [] if modes else [field.required(f"{path}.accessModes", "at least 1 access mode is required")]
    causes += selectors.label_selector(spec.get("selector"), f"{path}.selector")
    for mode in modes:
        causes += [] if mode in _MODES else [field.not_supported(f"{path}.accessModes", mode, _MODES)]
    if "ReadWriteOncePod" in modes and len(modes) > 1:
        detail = "may not use ReadWriteOncePod with other access modes"
        causes.append(field.forbidden(f"{path}.accessModes", detail))
    size = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if size is None:
        causes.append(field.required(f"{path}.resources[storage]"))
    elif resources.amount(size) <= 0:
        causes.append(field.invalid(f"{path}.resources[storage]", size, "must be greater than zero"))
    if spec.get("storageClassName"):
        name = spec["storageClassName"]
        causes += field.each_invalid(f"{path}.storageClassName", name, names.dns_subdomain(name))
    mode = spec.get("volumeMode")
    if mode is not None and mode not in ("Block", "Filesystem"):
        causes.append(field.not_supported(f"{path}.volumeMode", mode, ("Block", "Filesystem")))
    return causes


_CLAIM_FIXED = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
)


def claim_update(new: Obj, old: Obj) -> Causes:
    """A changed claim: a bound one may grow."""
    causes = metadata.check_update(new, old) + claim(new)
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    allowed = {n for n in ("volumeName", "storageClassName") if not before.get(n)}
    munged = dict(spec)
    if (new.get("status") or {}).get("phase") == "Bound":
        allowed |= {"resources", "volumeAttributesClassName"}
    for name in allowed:
        munged.pop(name, None)
        munged.update({name: before[name]} if name in before else {})
    if munged != before:
        shown = diff.report("PersistentVolumeClaimSpec", before, munged)
        causes.append(field.forbidden("spec", f"{_CLAIM_FIXED}\n{shown}"))
    small, large = (((s.get("resources") or {}).get("requests") or {}).get("storage") or "0" for s in (spec, before))
    if resources.amount(small) < resources.amount(large):
        detail = "field can not be less than status.capacity"
        causes.append(field.forbidden("spec.resources.requests.storage", detail))
    return causes


def volume(obj: Obj) -> Causes:
    """A PersistentVolume."""
    causes = metadata.check(obj, names.dns_subdomain, namespaced=False)
    spec = obj.get("spec") or {}
    causes += [] if spec.get("accessModes") else [field.required("spec.accessModes")]
    for mode in spec.get("accessModes") or ():
        causes += [] if mode in _MODES else [field.not_supported("spec.accessModes", mode, _MODES)]
    capacity = spec.get("capacity") or {}
    if not capacity:
        causes.append(field.required("spec.capacity"))
    elif "storage" not in capacity or len(capacity) > 1:
        causes.append(field.not_supported("spec.capacity", dict(sorted(capacity.items())), ("storage",)))
    policy, policies = spec.get("persistentVolumeReclaimPolicy"), ("Delete", "Recycle", "Retain")
    if policy and policy not in policies:
        causes.append(field.not_supported("spec.persistentVolumeReclaimPolicy", policy, policies))
    return causes + _volume_source(spec, policy)


def _volume_source(spec: Obj, policy: str | None) -> Causes:
    causes = volumes.persistent_source(spec, "spec")
    if (spec.get("hostPath") or {}).get("path") == "/" and policy == "Recycle":
        detail = "may not be 'recycle' for a hostPath mount of '/'"
        causes.append(field.forbidden("spec.persistentVolumeReclaimPolicy", detail))
    if spec.get("local") is not None and spec.get("nodeAffinity") is None:
        causes.append(field.required("spec.nodeAffinity", "Local volume requires node affinity"))
    return causes


# -- quota, limits, replication controllers ------------------------------------------------------------------


def resource_quota(obj: Obj) -> Causes:
    """A ResourceQuota."""
    causes = metadata.check(obj, names.dns_subdomain)
    for name, text in sorted(((obj.get("spec") or {}).get("hard") or {}).items()):
        path = f"spec.hard[{name}]"
        causes += resources.resource_name(name, path)
        if "/" not in name and name not in resources.QUOTA and not resources.huge_pages(name):
            causes.append(field.invalid(path, name, "must be a standard resource for quota"))
        causes += resources.value(name, text, path)
    return causes + _scopes((obj.get("spec") or {}).get("scopes") or [], (obj.get("spec") or {}).get("hard") or {})


_SCOPES = ("BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "PriorityClass", "CrossNamespacePodAffinity")


def _scopes(scopes: list[str], hard: Obj) -> Causes:
    said: list[str] = []
    for scope in scopes:
        said += [] if scope in _SCOPES else ["unsupported scope"]
        counted = ("pods",) if scope == "BestEffort" else ("pods", *resources.COMPUTE_QUOTA)
        if any(name in resources.QUOTA and name not in counted for name in hard):
            said.append("unsupported scope applied to resource")
    for pair in ({"BestEffort", "NotBestEffort"}, {"Terminating", "NotTerminating"}):
        said += ["conflicting scopes"] if pair <= set(scopes) else []
    return field.each_invalid("spec.scopes", scopes, dict.fromkeys(said))


def limit_range(obj: Obj) -> Causes:
    """A LimitRange."""
    causes = metadata.check(obj, names.dns_subdomain)
    seen: set[str] = set()
    for index, item in enumerate((obj.get("spec") or {}).get("limits") or ()):
        path, kind = f"spec.limits[{index}]", item.get("type") or ""
        if "/" not in kind and kind not in ("Pod", "Container", "PersistentVolumeClaim"):
            causes.append(field.invalid(f"{path}.type", kind, "must be a standard limit type or fully qualified"))
        causes += [field.duplicate(f"{path}.type", kind)] if kind in seen else []
        seen.add(kind)
        causes += _limit_item(item, kind, path)
    return causes


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
    causes: Causes = []
    if kind == "Pod":
        for name in ("default", "defaultRequest"):
            if item.get(name):
                causes.append(field.forbidden(f"{path}.{name}", "may not be specified when `type` is 'Pod'"))
    for name in sorted({n for f in ("min", "max", "default", "defaultRequest") for n in item.get(f) or ()}):
        for low, high, at, words in _ORDERED:
            below, above = (item.get(low) or {}).get(name), (item.get(high) or {}).get(name)
            if below is None or above is None or resources.amount(below) <= resources.amount(above):
                continue
            shown = above if (low, at) == ("min", "defaultRequest") or (low, high) == ("default", "max") else below
            causes.append(field.invalid(f"{path}.{at}[{name}]", str(shown), words.format(low=below, high=above)))
    for name, ratio in sorted((item.get("maxLimitRequestRatio") or {}).items()):
        if resources.amount(ratio) < 1:
            detail = f"ratio {ratio} is less than 1"
            causes.append(field.invalid(f"{path}.maxLimitRequestRatio[{name}]", str(ratio), detail))
    if kind == "PersistentVolumeClaim" and not any("storage" in (item.get(f) or {}) for f in ("min", "max")):
        detail = "either minimum or maximum storage value is required, but neither was provided"
        causes.append(field.required(f"{path}.limits", detail))
    return causes
