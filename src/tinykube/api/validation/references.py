"""References from a Pod to its own fields and to keys of ConfigMaps and Secrets.

Law: pure.

Models pkg/apis/core/validation/validation.go (validateObjectFieldSelector, validateContainerResourceFieldSelector,
validateSecretKeySelector) and pkg/apis/core/pods/helpers.go (ConvertDownwardAPIFieldLabel).
"""

from __future__ import annotations

import re

from tinykube.api.validation import field, names
from tinykube.api.validation.field import Causes
from tinykube.api.validation.paths import no_backsteps
from tinykube.api.validation.resources import amount
from tinykube.errors import Obj

ENV_FIELDS = (
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
)  # fmt: skip
VOLUME_FIELDS = (
    "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid",
)  # fmt: skip
_KNOWN_FIELDS = (
    *ENV_FIELDS, "metadata.annotations", "metadata.labels", "spec.restartPolicy", "spec.schedulerName",
    "status.phase",
)  # fmt: skip
_RESOURCES = (
    "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage",
    "requests.memory",
)  # fmt: skip
_SUBSCRIPT = re.compile(r"(metadata\.(?:labels|annotations)|[^\[]+)\['(.*)'\]")
_BYTES = ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")


def field_ref(ref: Obj, supported: tuple[str, ...], path: str) -> Causes:
    """A reference to a field of the Pod itself (downward API)."""
    wanted = ref.get("fieldPath") or ""
    if not ref.get("apiVersion"):
        return [field.required(f"{path}.apiVersion")]
    if not wanted:
        return [field.required(f"{path}.fieldPath")]
    if ref["apiVersion"] != "v1":
        detail = f"error converting fieldPath: unsupported pod version: {ref['apiVersion']}"
        return [field.invalid(f"{path}.fieldPath", wanted, detail)]
    subscripted = _SUBSCRIPT.fullmatch(wanted)
    if subscripted:
        return _subscript(subscripted[1], subscripted[2], path)
    if wanted not in _KNOWN_FIELDS:
        detail = f"error converting fieldPath: field label not supported: {wanted}"
        return [field.invalid(f"{path}.fieldPath", wanted, detail)]
    if wanted not in supported:
        return [field.not_supported(f"{path}.fieldPath", wanted, supported)]
    return []


def _subscript(base: str, key: str, path: str) -> Causes:
    if base == "metadata.annotations":
        return field.each_invalid(path, key.lower(), names.qualified_name(key.lower()))
    if base == "metadata.labels":
        return field.each_invalid(path, key, names.qualified_name(key))
    detail = "error converting fieldPath: field label does not support subscript"
    return [field.invalid(f"{path}.fieldPath", f"{base}['{key}']", detail)]


def resource_field_ref(ref: Obj, path: str, *, in_volume: bool) -> Causes:
    """A reference to a container's own requests or limits."""
    wanted = ref.get("resource") or ""
    causes: Causes = []
    if in_volume and not ref.get("containerName"):
        causes.append(field.required(f"{path}.containerName"))
    elif not wanted:
        causes.append(field.required(f"{path}.resource"))
    elif wanted not in _RESOURCES and not wanted.startswith(("requests.hugepages-", "limits.hugepages-")):
        causes.append(field.not_supported(f"{path}.resource", wanted, _RESOURCES))
    return causes + _divisor(wanted, str(ref.get("divisor") or "0"), path)


def _divisor(wanted: str, divisor: str, path: str) -> Causes:
    if amount(divisor) == 0:
        return []
    kind = wanted.partition(".")[2]
    if kind == "cpu":
        if divisor not in ("1m", "1"):
            detail = "only divisor's values 1m and 1 are supported with the cpu resource"
            return [field.invalid(f"{path}.divisor", wanted, detail)]
        return []
    known = {"memory": "memory", "ephemeral-storage": "local ephemeral storage"}
    shown = known.get(kind, "hugepages" if kind.startswith("hugepages-") else "")
    if shown and divisor not in _BYTES:
        detail = f"only divisor's values {', '.join(_BYTES)} are supported with the {shown} resource"
        return [field.invalid(f"{path}.divisor", wanted, detail)]
    return []


def key_ref(ref: Obj, path: str) -> Causes:
    """A reference to one key of a ConfigMap or Secret."""
    name, key = ref.get("name") or "", ref.get("key") or ""
    causes = field.each_invalid(f"{path}.name", name, names.dns_subdomain(name))
    if not key:
        return [*causes, field.required(f"{path}.key")]
    return causes + field.each_invalid(f"{path}.key", key, names.config_key(key))


def file_key_ref(ref: Obj, path: str) -> Causes:
    """A reference to one variable of a file of variables."""
    checks: tuple[tuple[str, names.NameCheck], ...] = (
        ("key", names.env_name),
        ("volumeName", names.dns_label),
        ("path", lambda _: []),
    )
    causes: Causes = []
    for name, check in checks:
        text = ref.get(name) or ""
        causes += (
            field.each_invalid(f"{path}.{name}", text, check(text)) if text else [field.required(f"{path}.{name}")]
        )
    return causes + no_backsteps(ref.get("path") or "", f"{path}.path")


def source_ref(ref: Obj, path: str) -> Causes:
    """A reference to all keys of a ConfigMap or Secret."""
    name = ref.get("name") or ""
    if not name:
        return [field.required(f"{path}.name")]
    return field.each_invalid(f"{path}.name", name, names.generated(names.dns_subdomain)(name))
