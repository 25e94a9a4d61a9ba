"""The core group's smaller kinds: ConfigMap, Secret, Namespace, Node, ServiceAccount, Event and others.

Law: pure.

Models pkg/apis/core/validation/{validation,events}.go.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from tinykube.api.validation import field, metadata, names, resources, scheduling
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


_TLS = ("tls.crt", "tls.key")
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
    if kind == "kubernetes.io/ssh-auth":
        return [] if data.get("ssh-privatekey") else [field.required("data[ssh-privatekey]")]
    return [field.required(f"data[{k}]") for k in (_TLS if kind == "kubernetes.io/tls" else ()) if k not in data]


def _docker(data: Obj, key: str) -> Causes:
    if key not in data:
        return [field.required(f"data[{key}]")]
    try:
        text = base64.b64decode(data[key] or "")
        found = json.loads(text)
    except (ValueError, binascii.Error):
        detail = _go_json_error(text.decode(errors="replace"))
        return [field.invalid(f"data[{key}]", "<secret contents redacted>", detail)]
    if isinstance(found, dict) or found is None:
        return []
    detail = f"json: cannot unmarshal {_json_kind(found)} into Go value of type map[string]interface {{}}"
    return [field.invalid(f"data[{key}]", "<secret contents redacted>", detail)]


def _json_kind(value: Any) -> str:
    kinds: tuple[tuple[type, str], ...] = ((bool, "bool"), (list, "array"), (str, "string"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "number")


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
        causes += metadata.standard_finalizer(name, "spec.finalizers")
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
