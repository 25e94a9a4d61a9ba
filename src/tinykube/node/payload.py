"""What goes into a volume that is made of API objects: ConfigMaps, Secrets, the downward API, tokens.

Law: pure; from a volume's spec and the objects that it names to a mapping of path to contents and mode.

Models pkg/volume/configmap, pkg/volume/secret, pkg/volume/downwardapi and pkg/volume/projected.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from tinykube.node.fields import FieldError, field_value, resource_value
from tinykube.objects import Obj

DEFAULT_MODE = 0o644
OBJECT_BACKED = ("configMap", "secret", "downwardAPI", "projected")


class SetUpError(Exception):
    """A volume cannot be made; the text is what follows `MountVolume.SetUp failed for volume "v" : `."""


@dataclass(frozen=True)
class Entry:
    """One file of a volume."""

    data: bytes
    mode: int = DEFAULT_MODE


Payload = dict[str, Entry]


@dataclass
class Sources:
    """Where volumes get their contents from."""

    pod: Obj
    config_map: Callable[[str], Obj | None]
    secret: Callable[[str], Obj | None]
    token: Callable[[Obj], str]
    """From a serviceAccountToken projection to a token. Raises SetUpError."""
    allocatable: Obj
    claimed: Callable[[str], Obj]
    """From a PersistentVolumeClaim's name to the spec of the volume it is bound to. Raises SetUpError."""


def payload(volume: Obj, sources: Sources) -> Payload:
    """The files of an object-backed volume.

    Raises:
        SetUpError: an object or a key is missing and not optional.
    """
    if "projected" in volume:
        spec = volume["projected"]
        files: Payload = {}
        for source in spec.get("sources") or ():
            files |= _part(source, sources, spec.get("defaultMode"), projected=True)
        return files
    return _part(volume, sources, None, projected=False)


def _part(source: Obj, sources: Sources, mode: int | None, *, projected: bool) -> Payload:
    for kind, build in _BUILDERS.items():
        if kind in source:
            spec = source[kind] or {}
            default = mode if projected else spec.get("defaultMode")
            return build(spec, sources, DEFAULT_MODE if default is None else default)
    raise SetUpError("a projection of this kind is not part of the practice cluster")


def _config_map(spec: Obj, sources: Sources, mode: int) -> Payload:
    name = spec.get("name") or ""
    found = sources.config_map(name)
    if found is None:
        return _absent(spec, f'configmap "{name}" not found')
    data = {k: v.encode() for k, v in (found.get("data") or {}).items()}
    data |= {k: base64.b64decode(v) for k, v in (found.get("binaryData") or {}).items()}
    return _select(spec, data, mode, "references non-existent config key")


def _secret(spec: Obj, sources: Sources, mode: int) -> Payload:
    name = spec.get("secretName") or spec.get("name") or ""
    found = sources.secret(name)
    if found is None:
        return _absent(spec, f'secret "{name}" not found')
    data = {k: base64.b64decode(v or "") for k, v in (found.get("data") or {}).items()}
    return _select(spec, data, mode, "references non-existent secret key")


def _absent(spec: Obj, message: str) -> Payload:
    if not spec.get("optional"):
        raise SetUpError(message)
    return {}


def _select(spec: Obj, data: dict[str, bytes], mode: int, complaint: str) -> Payload:
    items = spec.get("items")
    if not items:
        return {key: Entry(value, mode) for key, value in data.items()}
    files: Payload = {}
    for item in items:
        if item["key"] in data:
            own = item.get("mode")
            files[item["path"]] = Entry(data[item["key"]], mode if own is None else own)
        elif not spec.get("optional"):
            raise SetUpError(f"{complaint}: {item['key']}")
    return files


def _downward(spec: Obj, sources: Sources, mode: int) -> Payload:
    files: Payload = {}
    for item in spec.get("items") or ():
        try:
            if "fieldRef" in item:
                value = field_value(sources.pod, item["fieldRef"]["fieldPath"])
            else:
                value = resource_value(sources.pod, item["resourceFieldRef"], {}, sources.allocatable)
        except FieldError as problem:
            raise SetUpError(str(problem)) from None
        own = item.get("mode")
        files[item["path"]] = Entry(value.encode(), mode if own is None else own)
    return files


def _token(spec: Obj, sources: Sources, mode: int) -> Payload:
    return {spec.get("path") or "token": Entry(sources.token(spec).encode(), mode)}


_BUILDERS: dict[str, Callable[[Obj, Sources, int], Payload]] = {
    "configMap": _config_map,
    "secret": _secret,
    "downwardAPI": _downward,
    "serviceAccountToken": _token,
}


def references(pod: Obj) -> set[tuple[str, str]]:
    """The (kind, name) of every ConfigMap and Secret that the Pod's volumes show."""
    found: set[tuple[str, str]] = set()
    for volume in pod["spec"].get("volumes") or ():
        for source in [volume, *((volume.get("projected") or {}).get("sources") or ())]:
            if source.get("configMap"):
                found.add(("ConfigMap", source["configMap"].get("name") or ""))
            if source.get("secret"):
                found.add(("Secret", source["secret"].get("secretName") or source["secret"].get("name") or ""))
    return found
