"""Volumes of a Pod: one source each, and what each source needs.

Law: pure. Sources that need hardware or a cloud are checked for their required fields only.

Models pkg/apis/core/validation/validation.go (ValidateVolumes, validateVolumeSource).
"""

from __future__ import annotations

from collections.abc import Callable

from tinykube.api.validation import claims, field, names, references
from tinykube.api.validation.field import Causes
from tinykube.api.validation.paths import file_mode, no_backsteps, not_reserved
from tinykube.api.validation.resources import amount
from tinykube.errors import Obj

_ORDER = (
    "emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi",
    "glusterfs", "flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc",
    "flexVolume", "configMap", "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk",
    "storageos", "projected", "scaleIO", "csi", "ephemeral", "image",
)  # fmt: skip
"""Sources in the order in which upstream looks at them: the second one found is refused."""

_SHOWN = {"downwardAPI": "downwarAPI", "cephfs": "cephFS"}
"""Upstream's own spelling where two sources are refused."""

_HOST_PATH_TYPES = (
    "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket",
)  # fmt: skip
_REQUIRED = {
    "gitRepo": ("repository",), "gcePersistentDisk": ("pdName",), "awsElasticBlockStore": ("volumeID",),
    "iscsi": ("targetPortal", "iqn"), "glusterfs": ("endpoints", "path"), "rbd": ("monitors", "image"),
    "cinder": ("volumeID",), "cephfs": ("monitors",), "flexVolume": ("driver",), "vsphereVolume": ("volumePath",),
    "portworxVolume": ("volumeID",), "csi": ("driver",),
}  # fmt: skip


def volumes(found: list[Obj], path: str, *, of_pod: bool = True) -> tuple[dict[str, Obj], Causes]:
    """All volumes of a Pod: those that are in order by name, and the causes."""
    causes: Causes = []
    good: dict[str, Obj] = {}
    for index, volume in enumerate(found):
        here, name = f"{path}[{index}]", volume.get("name") or ""
        own = source(volume, here, of_pod=of_pod)
        own += (
            field.each_invalid(f"{here}.name", name, names.dns_label(name))
            if name
            else [field.required(f"{here}.name")]
        )
        if name in good:
            own.append(field.duplicate(f"{here}.name", name))
        if not own:
            good[name] = volume
        causes += own
    return good, causes


def source(volume: Obj, path: str, *, of_pod: bool = True) -> Causes:
    """Exactly one source, and that one in order."""
    causes: Causes = []
    present = [kind for kind in _ORDER if volume.get(kind) is not None]
    if not present:
        return [field.required(path, "must specify a volume type")]
    for position, kind in enumerate(present):
        if position:
            shown = _SHOWN.get(kind, kind)
            causes.append(field.forbidden(f"{path}.{shown}", "may not specify more than 1 volume type"))
        elif kind == "image":
            causes += _image(volume[kind], f"{path}.{kind}", of_pod=of_pod)
        else:
            causes += _one(kind, volume[kind], f"{path}.{kind}")
    return causes


PERSISTENT = (
    "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "nfs", "rbd", "quobyte", "cephfs", "iscsi",
    "cinder", "fc", "flocker", "flexVolume", "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume",
    "azureDisk", "scaleIO", "local", "storageos", "csi",
)  # fmt: skip
"""Sources of PersistentVolumes in the order in which upstream looks at them."""


def persistent_source(spec: Obj, path: str) -> Causes:
    """A PersistentVolume's one source."""
    causes: Causes = []
    present = [kind for kind in PERSISTENT if spec.get(kind) is not None]
    for position, kind in enumerate(present):
        if position:
            causes.append(field.forbidden(f"{path}.{kind}", "may not specify more than 1 volume type"))
        elif kind == "local" and not spec[kind].get("path"):
            causes.append(field.required(f"{path}.local.path"))
        else:
            causes += _one(kind, spec[kind], f"{path}.{kind}")
    return causes if present else [field.required(path, "must specify a volume type")]


def _one(kind: str, content: Obj, path: str) -> Causes:
    if kind in _CHECKS:
        return _CHECKS[kind](content, path)
    return [field.required(f"{path}.{name}") for name in _REQUIRED.get(kind, ()) if not content.get(name)]


def _empty_dir(content: Obj, path: str) -> Causes:
    if content.get("sizeLimit") is not None and amount(content["sizeLimit"]) < 0:
        return [field.forbidden(f"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity")]
    return []


def _host_path(content: Obj, path: str) -> Causes:
    if not content.get("path"):
        return [field.required(f"{path}.path")]
    causes = no_backsteps(content["path"], f"{path}.path")
    if content.get("type") is not None and content["type"] not in _HOST_PATH_TYPES:
        causes.append(field.not_supported(f"{path}.type", content["type"], _HOST_PATH_TYPES))
    return causes


def _nfs(content: Obj, path: str) -> Causes:
    causes = [field.required(f"{path}.{name}") for name in ("server", "path") if not content.get(name)]
    if content.get("path") and not content["path"].startswith("/"):
        causes.append(field.invalid(f"{path}.path", content["path"], "must be an absolute path"))
    return causes


def _secret(content: Obj, path: str) -> Causes:
    causes = [] if content.get("secretName") else [field.required(f"{path}.secretName")]
    return causes + _files(content, path)


def _config_map(content: Obj, path: str) -> Causes:
    causes = [] if content.get("name") else [field.required(f"{path}.name")]
    return causes + _files(content, path)


def _files(content: Obj, path: str) -> Causes:
    causes = file_mode(content.get("defaultMode"), f"{path}.defaultMode")
    for index, item in enumerate(content.get("items") or ()):
        causes += _key_to_path(item, f"{path}.items[{index}]")
    return causes


def _key_to_path(item: Obj, path: str) -> Causes:
    causes = [] if item.get("key") else [field.required(f"{path}.key")]
    causes += [] if item.get("path") else [field.required(f"{path}.path")]
    causes += not_reserved(item.get("path") or "", f"{path}.path")
    return causes + file_mode(item.get("mode"), f"{path}.mode")


def _claim(content: Obj, path: str) -> Causes:
    return [] if content.get("claimName") else [field.required(f"{path}.claimName")]


def _downward(content: Obj, path: str) -> Causes:
    causes = file_mode(content.get("defaultMode"), f"{path}.defaultMode")
    for item in content.get("items") or ():
        causes += _downward_file(item, path)
    return causes


def _downward_file(item: Obj, path: str) -> Causes:
    causes = [] if item.get("path") else [field.required(f"{path}.path")]
    causes += not_reserved(item.get("path") or "", f"{path}.path")
    if item.get("fieldRef") is not None:
        causes += references.field_ref(item["fieldRef"], references.VOLUME_FIELDS, f"{path}.fieldRef")
        if item.get("resourceFieldRef") is not None:
            detail = "fieldRef and resourceFieldRef can not be specified simultaneously"
            causes.append(field.invalid(path, "resource", detail))
    elif item.get("resourceFieldRef") is not None:
        here = f"{path}.resourceFieldRef"
        causes += references.resource_field_ref(item["resourceFieldRef"], here, in_volume=True)
    else:
        causes.append(field.required(path, "one of fieldRef and resourceFieldRef is required"))
    return causes + file_mode(item.get("mode"), f"{path}.mode")


def _projected(content: Obj, path: str) -> Causes:
    causes = file_mode(content.get("defaultMode"), f"{path}.defaultMode")
    taken: set[str] = set()
    for index, found in enumerate(content.get("sources") or ()):
        causes += _projection(found, path, f"{path}.sources[{index}]", taken)
    return causes


def _projection(found: Obj, path: str, here: str, taken: set[str]) -> Causes:
    causes: Causes = []
    for kind in ("secret", "configMap"):
        if found.get(kind) is not None:
            causes += [] if found[kind].get("name") else [field.required(f"{here}.{kind}.name")]
            for index, item in enumerate(found[kind].get("items") or ()):
                causes += _key_to_path(item, f"{here}.{kind}.items[{index}]")
                causes += _once(item.get("path"), found[kind].get("name") or "", path, taken)
    for item in (found.get("downwardAPI") or {}).get("items") or ():
        causes += _downward_file(item, f"{here}.downwardAPI")
        causes += _once(item.get("path"), item.get("path") or "", path, taken)
    if found.get("serviceAccountToken") is not None:
        causes += _token(found["serviceAccountToken"], path, f"{here}.serviceAccountToken")
    if sum(found.get(kind) is not None for kind in _PROJECTIONS) > 1:
        causes.append(field.forbidden(here, "may not specify more than 1 volume type per source"))
    return causes


_PROJECTIONS = ("secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate")


def _once(found: str | None, shown: str, path: str, taken: set[str]) -> Causes:
    if not found:
        return []
    if found in taken:
        return [field.invalid(path, shown, "conflicting duplicate paths")]
    taken.add(found)
    return []


def _token(content: Obj, path: str, here: str) -> Causes:
    seconds = content.get("expirationSeconds") or 0
    causes: Causes = []
    if seconds < 600:
        detail = "may not specify a duration less than 10 minutes"
        causes.append(field.invalid(f"{here}.expirationSeconds", seconds, detail))
    if seconds > 1 << 32:
        detail = "may not specify a duration larger than 2^32 seconds"
        causes.append(field.invalid(f"{here}.expirationSeconds", seconds, detail))
    if not content.get("path"):
        return [*causes, field.required(f"{path}.path")]
    return causes + not_reserved(content["path"], f"{path}.path")


def _ephemeral(content: Obj, path: str) -> Causes:
    template = content.get("volumeClaimTemplate")
    if template is None:
        return [field.required(f"{path}.volumeClaimTemplate")]
    return claims.spec(template.get("spec") or {}, f"{path}.volumeClaimTemplate.spec")


def _image(content: Obj, path: str, *, of_pod: bool) -> Causes:
    causes = [] if content.get("reference") or not of_pod else [field.required(f"{path}.reference")]
    return causes + field.one_of(f"{path}.pullPolicy", content.get("pullPolicy"), ("Always", "IfNotPresent", "Never"))


_CHECKS: dict[str, Callable[[Obj, str], Causes]] = {
    "emptyDir": _empty_dir,
    "hostPath": _host_path,
    "secret": _secret,
    "nfs": _nfs,
    "persistentVolumeClaim": _claim,
    "downwardAPI": _downward,
    "configMap": _config_map,
    "projected": _projected,
    "ephemeral": _ephemeral,
}
