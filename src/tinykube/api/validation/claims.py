"""PersistentVolumeClaims, and the claims that Pods make for themselves.

Law: pure.

Models pkg/apis/core/validation/validation.go (ValidatePersistentVolumeClaim, ValidatePersistentVolumeClaimUpdate).
"""

from __future__ import annotations

from tinykube.api.validation import diff, field, metadata, names, resources, selectors
from tinykube.api.validation.field import Causes
from tinykube.errors import Obj

MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_FIXED = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
_ALONE = "may not use ReadWriteOncePod with other access modes"


def claim(obj: Obj) -> Causes:
    """A PersistentVolumeClaim."""
    return metadata.check(obj, names.dns_subdomain) + spec(obj.get("spec") or {}, "spec")


def spec(found: Obj, path: str) -> Causes:
    """A claim's spec: access modes and a size."""
    modes = found.get("accessModes") or []
    causes = [] if modes else [field.required(f"{path}.accessModes", "at least 1 access mode is required")]
    causes += selectors.label_selector(found.get("selector"), f"{path}.selector")
    causes += access_modes(modes, f"{path}.accessModes")
    causes += _size(found, f"{path}.resources[storage]")
    name = found.get("storageClassName")
    causes += field.each_invalid(f"{path}.storageClassName", name, names.dns_subdomain(name)) if name else []
    causes += volume_mode(found, f"{path}.volumeMode")
    for source in ("dataSource", "dataSourceRef"):
        if found.get(source) is not None:
            causes += _data_source(found[source], f"{path}.{source}")
    name = found.get("volumeAttributesClassName")
    path = f"{path}.volumeAttributesClassName"
    return causes + (field.each_invalid(path, name, names.dns_subdomain(name)) if name else [])


def access_modes(modes: list[str], path: str) -> Causes:
    """How many nodes may use it; ReadWriteOncePod excludes the others."""
    causes = [field.not_supported(path, mode, MODES) for mode in modes if mode not in MODES]
    others = {*MODES[:-1]} & {*modes}
    return causes + ([field.forbidden(path, _ALONE)] if "ReadWriteOncePod" in modes and others else [])


def volume_mode(found: Obj, path: str) -> Causes:
    """A file system or a bare device."""
    mode, modes = found.get("volumeMode"), ("Block", "Filesystem")
    return [] if mode is None or mode in modes else [field.not_supported(path, mode, modes)]


def _size(found: Obj, path: str) -> Causes:
    size = ((found.get("resources") or {}).get("requests") or {}).get("storage")
    if size is None:
        return [field.required(path)]
    return [] if resources.amount(size) > 0 else [field.invalid(path, str(size), "must be greater than zero")]


def _data_source(found: Obj, path: str) -> Causes:
    causes = [field.required(f"{path}.{name}") for name in ("name", "kind") if not found.get(name)]
    group, kind = found.get("apiGroup") or "", found.get("kind") or ""
    if not group and kind != "PersistentVolumeClaim":
        detail = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
        causes.append(field.invalid(path, kind, detail))
    return causes + (field.each_invalid(f"{path}.apiGroup", group, names.dns_subdomain(group)) if group else [])


def update(new: Obj, old: Obj) -> Causes:
    """A changed claim: a bound one may grow."""
    causes = metadata.check_update(new, old) + claim(new)
    found, before = new.get("spec") or {}, old.get("spec") or {}
    allowed = {n for n in ("volumeName", "storageClassName") if not before.get(n)}
    munged = dict(found)
    if (new.get("status") or {}).get("phase") == "Bound":
        allowed |= {"resources", "volumeAttributesClassName"}
    for name in allowed:
        munged.pop(name, None)
        munged.update({name: before[name]} if name in before else {})
    if munged != before:
        shown = diff.report("PersistentVolumeClaimSpec", before, munged)
        causes.append(field.forbidden("spec", f"{_FIXED}\n{shown}"))
    small, large = (((s.get("resources") or {}).get("requests") or {}).get("storage") or "0" for s in (found, before))
    if resources.amount(small) < resources.amount(large):
        detail = "field can not be less than status.capacity"
        causes.append(field.forbidden("spec.resources.requests.storage", detail))
    return causes + field.immutable("volumeMode", found.get("volumeMode"), before.get("volumeMode"))
