"""PersistentVolumes.

Law: pure.

Models pkg/apis/core/validation/validation.go (ValidatePersistentVolumeSpec, ValidatePersistentVolumeUpdate).
"""

from __future__ import annotations

from tinykube.api.validation import claims, diff, field, metadata, names, resources, scheduling, volumes
from tinykube.api.validation.field import Causes
from tinykube.errors import Obj

_POLICIES = ("Delete", "Recycle", "Retain")
_FIXED = "spec.persistentvolumesource is immutable after creation"


def volume(obj: Obj) -> Causes:
    """A PersistentVolume."""
    causes = metadata.check(obj, names.dns_subdomain, namespaced=False)
    spec = obj.get("spec") or {}
    causes += [] if spec.get("accessModes") else [field.required("spec.accessModes")]
    causes += claims.access_modes(spec.get("accessModes") or [], "spec.accessModes")
    causes += _capacity(spec.get("capacity") or {}, "spec.capacity")
    policy = spec.get("persistentVolumeReclaimPolicy")
    if policy and policy not in _POLICIES:
        causes.append(field.not_supported("spec.persistentVolumeReclaimPolicy", policy, _POLICIES))
    causes += _node_affinity(spec.get("nodeAffinity"), "spec.nodeAffinity") + _source(spec, policy)
    name = spec.get("storageClassName")
    causes += field.each_invalid("spec.storageClassName", name, names.dns_subdomain(name)) if name else []
    return causes + claims.volume_mode(spec, "spec.volumeMode")


def _capacity(found: Obj, path: str) -> Causes:
    causes = [] if found else [field.required(path)]
    if "storage" not in found or len(found) > 1:
        causes.append(field.not_supported(path, dict(sorted(found.items())) or None, ("storage",)))
    for name, text in sorted(found.items()):
        if resources.amount(text) <= 0:
            causes.append(field.invalid(f"{path}[{name}]", str(text), "must be greater than zero"))
    return causes


def _node_affinity(found: Obj | None, path: str) -> Causes:
    if found is None:
        return []
    if found.get("required") is None:
        return [field.required(f"{path}.required", "must specify required node constraints")]
    return scheduling.node_selector(found["required"], f"{path}.required")


def _source(spec: Obj, policy: str | None) -> Causes:
    causes = volumes.persistent_source(spec, "spec")
    if (spec.get("hostPath") or {}).get("path") == "/" and policy == "Recycle":
        detail = "may not be 'recycle' for a hostPath mount of '/'"
        causes.append(field.forbidden("spec.persistentVolumeReclaimPolicy", detail))
    if spec.get("local") is not None and spec.get("nodeAffinity") is None:
        causes.append(field.required("spec.nodeAffinity", "Local volume requires node affinity"))
    return causes


def update(new: Obj, old: Obj) -> Causes:
    """A changed PersistentVolume: where its data are stays."""
    causes = metadata.check_update(new, old) + volume(new)
    spec, before = new.get("spec") or {}, old.get("spec") or {}
    found, was = ({kind: s[kind] for kind in volumes.PERSISTENT if s.get(kind) is not None} for s in (spec, before))
    if found != was:
        shown = diff.report("PersistentVolumeSource", found, was)  # upstream shows them in this order
        causes.append(field.forbidden("spec.persistentvolumesource", f"{_FIXED}\n{shown}"))
    return causes + field.immutable("volumeMode", spec.get("volumeMode"), before.get("volumeMode"))
