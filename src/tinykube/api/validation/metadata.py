"""Metadata: names, labels, annotations, owners, finalizers; and what an update may not change of them.

Law: pure. `check` is for new objects, `check_update` for changed ones.

Models k8s.io/apimachinery/pkg/api/validation/objectmeta.go.
"""

from __future__ import annotations

from typing import Any

from tinykube.api.validation import field, names
from tinykube.api.validation.field import Causes
from tinykube.errors import Obj

MAX_ANNOTATIONS = 256 * 1024
_STANDARD_FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")


def check(obj: Obj, name_check: names.NameCheck, *, namespaced: bool = True, path: str = "metadata") -> Causes:
    """Everything that metadata must fulfil on creation."""
    meta = obj.get("metadata") or {}
    found: Causes = []
    if meta.get("generateName"):
        messages = names.generated(name_check)(meta["generateName"])
        found += field.each_invalid(f"{path}.generateName", meta["generateName"], messages)
    if not meta.get("name"):
        found.append(field.required(f"{path}.name", "name or generateName is required"))
    else:
        found += field.each_invalid(f"{path}.name", meta["name"], name_check(meta["name"]))
    found += _namespace(meta.get("namespace"), namespaced, path)
    found += field.non_negative(f"{path}.generation", meta.get("generation"))
    return found + _content(meta, path)


def _namespace(namespace: str | None, namespaced: bool, path: str) -> Causes:
    if namespaced:
        if not namespace:
            return [field.required(f"{path}.namespace")]
        return field.each_invalid(f"{path}.namespace", namespace, names.dns_label(namespace))
    return [field.forbidden(f"{path}.namespace", "not allowed on this type")] if namespace else []


def _content(meta: Obj, path: str) -> Causes:
    return [
        *labels(meta.get("labels"), f"{path}.labels"),
        *check_annotations(meta.get("annotations"), f"{path}.annotations"),
        *_owners(meta.get("ownerReferences") or [], f"{path}.ownerReferences"),
        *_finalizers(meta.get("finalizers") or [], f"{path}.finalizers"),
    ]


def labels(found: Obj | None, path: str) -> Causes:
    """A map of labels (or a plain map selector)."""
    causes: Causes = []
    for key, value in sorted((found or {}).items()):
        causes += field.each_invalid(path, key, names.qualified_name(key))
        causes += field.each_invalid(path, value, names.label_value(value or ""))
    return causes


def check_annotations(found: Obj | None, path: str) -> Causes:
    """A map of annotations: keys as labels', any text as value, 256 KiB in all."""
    causes: Causes = []
    for key in sorted(found or {}):
        causes += field.each_invalid(path, key, names.qualified_name(key.lower()))
    size = sum(len(k.encode()) + len((v or "").encode()) for k, v in (found or {}).items())
    return [*causes, field.too_long(path, MAX_ANNOTATIONS)] if size > MAX_ANNOTATIONS else causes


def _owners(owners: list[Obj], path: str) -> Causes:
    causes: Causes = []
    for owner in owners:
        if not (owner.get("apiVersion") or "").rpartition("/")[2]:
            causes.append(field.invalid(f"{path}.apiVersion", owner.get("apiVersion", ""), "version must not be empty"))
        for key in ("kind", "name", "uid"):
            if not owner.get(key):
                causes.append(field.invalid(f"{path}.{key}", owner.get(key, ""), "must not be empty"))
        if owner.get("kind") == "Event":
            causes.append(
                field.invalid(path, owner, f"/{owner['apiVersion']}, Kind=Event is disallowed from being an owner")
            )
    controllers = [o for o in owners if o.get("controller")]
    for extra in controllers[1:]:
        detail = (
            'Only one reference can have Controller set to true. Found "true" in references for '
            f"{_shown(controllers[0])} and {_shown(extra)}"
        )
        causes.append(field.invalid(path, owners, detail))
    return causes


def _shown(owner: Obj) -> str:
    return f"{owner.get('kind')}/{owner.get('name')}"


def _finalizers(found: list[str], path: str) -> Causes:
    causes: Causes = []
    for name in found:
        causes += field.each_invalid(path, name, names.qualified_name(name))
    for index, name in enumerate(found):
        causes += standard_finalizer(name, f"{path}[{index}]")
    return causes


def standard_finalizer(name: str, path: str) -> Causes:
    """A finalizer without a domain is one of the few that Kubernetes itself knows."""
    if "/" in name or name in _STANDARD_FINALIZERS:
        return []
    return [field.invalid(path, name, "name is neither a standard finalizer name nor is it fully qualified")]


# -- updates -------------------------------------------------------------------------------------------------

_FIXED: tuple[tuple[str, Any], ...] = (
    ("name", ""),
    ("namespace", ""),
    ("uid", ""),
    ("creationTimestamp", None),
    ("deletionTimestamp", None),
    ("deletionGracePeriodSeconds", None),
)


def check_update(new: Obj, old: Obj, path: str = "metadata") -> Causes:
    """Everything that metadata must fulfil when an object is changed."""
    meta, before = new.get("metadata") or {}, old.get("metadata") or {}
    found: Causes = []
    if before.get("deletionTimestamp"):
        found += _added_finalizers(meta, before, path)
    if not meta.get("resourceVersion"):
        found.append(field.invalid(f"{path}.resourceVersion", "", "must be specified for an update"))
    if (meta.get("generation") or 0) < (before.get("generation") or 0):
        found.append(field.invalid(f"{path}.generation", meta.get("generation") or 0, "must not be decremented"))
    for key, zero in _FIXED:
        found += field.immutable(f"{path}.{key}", meta.get(key) or zero, before.get(key) or zero)
    return found + _content(meta, path)


def _added_finalizers(meta: Obj, before: Obj, path: str) -> Causes:
    added = [f for f in meta.get("finalizers") or () if f not in (before.get("finalizers") or ())]
    if not added:
        return []
    listed = ", ".join(f'"{f}"' for f in added)
    detail = f"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{listed}}}"
    return [field.forbidden(f"{path}.finalizers", detail)]
