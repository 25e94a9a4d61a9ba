"""Security contexts of Pods and containers.

Law: pure.

Models pkg/apis/core/validation/validation.go (validatePodSpecSecurityContext, ValidateSecurityContext).
"""

from __future__ import annotations

import re

from tinykube.api.validation import field, golang
from tinykube.api.validation.field import Causes
from tinykube.api.validation.paths import descending
from tinykube.errors import Obj

_MAX_ID = 2**31 - 1
_MAX_SYSCTL = 253
_SYSCTL_PART = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_SYSCTL = rf"({_SYSCTL_PART}[\./])*{_SYSCTL_PART}"
_SHARED_SYSCTLS = {"hostNetwork": ("net.",), "hostIPC": ("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")}
"""Sysctls of namespaces that the Pod takes over from its node."""
_PROFILE_TYPES = ("Localhost", "RuntimeDefault", "Unconfined")


def _ids(context: Obj, fields: tuple[str, ...], path: str) -> Causes:
    causes: Causes = []
    for name in fields:
        number = context.get(name)
        if number is not None and not 0 <= number <= _MAX_ID:
            causes.append(field.invalid(f"{path}.{name}", number, field.in_range(0, _MAX_ID)))
    return causes


def pod(context: Obj | None, spec: Obj, path: str) -> Causes:
    """A Pod's security context; absent is fine."""
    if context is None:
        return []
    causes = _ids(context, ("fsGroup", "runAsUser", "runAsGroup"), path)
    for index, number in enumerate(context.get("supplementalGroups") or ()):
        if not 0 <= number <= _MAX_ID:
            causes.append(field.invalid(f"{path}.supplementalGroups[{index}]", number, field.in_range(0, _MAX_ID)))
    if spec.get("shareProcessNamespace") and spec.get("hostPID"):
        detail = "ShareProcessNamespace and HostPID cannot both be enabled"
        causes.append(field.invalid(f"{path}.shareProcessNamespace", True, detail))
    causes += _sysctls(context.get("sysctls") or [], spec, f"{path}.sysctls")
    policy = context.get("fsGroupChangePolicy")
    if policy is not None and policy not in ("Always", "OnRootMismatch"):
        causes.append(field.not_supported(f"{path}.fsGroupChangePolicy", policy, ("Always", "OnRootMismatch")))
    causes += _profile(context.get("seccompProfile"), "seccomp", f"{path}.seccompProfile")
    causes += _profile(context.get("appArmorProfile"), "AppArmor", f"{path}.appArmorProfile")
    policy = context.get("supplementalGroupsPolicy")
    if policy is not None and policy not in ("Merge", "Strict"):
        causes.append(field.not_supported(f"{path}.supplementalGroupsPolicy", policy, ("Merge", "Strict")))
    policy = context.get("seLinuxChangePolicy")
    if policy is not None and policy not in ("MountOption", "Recursive"):
        causes.append(field.not_supported(f"{path}.seLinuxChangePolicy", policy, ("MountOption", "Recursive")))
    return causes


def _sysctls(found: list[Obj], spec: Obj, path: str) -> Causes:
    causes: Causes = []
    seen: set[str] = set()
    for index, sysctl in enumerate(found):
        here, name = f"{path}[{index}].name", sysctl.get("name") or ""
        if not name:
            causes.append(field.required(here))
        elif len(name) > _MAX_SYSCTL or not re.fullmatch(_SYSCTL, name):
            detail = f"must have at most {_MAX_SYSCTL} characters and match regex ^{_SYSCTL}$"
            causes.append(field.invalid(here, name, detail))
        elif name in seen:
            causes.append(field.duplicate(here, name))
        for shared, kinds in _SHARED_SYSCTLS.items():
            if spec.get(shared) and name.replace("/", ".").startswith(kinds):
                causes.append(field.invalid(here, name, f"may not be specified when '{shared}' is true"))
        seen.add(name)
    return causes


def container(context: Obj | None, path: str) -> Causes:
    """A container's security context; absent is fine."""
    if context is None:
        return []
    causes = _ids(context, ("runAsUser", "runAsGroup"), path)
    mount = context.get("procMount")
    if mount is not None and mount not in ("Default", "Unmasked"):
        causes.append(field.not_supported(f"{path}.procMount", mount, ("Default", "Unmasked")))
    causes += _profile(context.get("seccompProfile"), "seccomp", f"{path}.seccompProfile")
    if context.get("allowPrivilegeEscalation") is False:
        if context.get("privileged"):
            detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"
            causes.append(field.invalid(path, golang.encode("SecurityContext", context), detail))
        if "CAP_SYS_ADMIN" in ((context.get("capabilities") or {}).get("add") or ()):
            detail = "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"
            causes.append(field.invalid(path, golang.encode("SecurityContext", context), detail))
    return causes + _profile(context.get("appArmorProfile"), "AppArmor", f"{path}.appArmorProfile")


def _profile(profile: Obj | None, kind: str, path: str) -> Causes:
    if profile is None:
        return []
    found, local = profile.get("type") or "", profile.get("localhostProfile")
    field_name = "seccompProfile" if kind == "seccomp" else "appArmorProfile"
    causes: Causes = []
    if not found:
        causes.append(field.required(f"{path}.type", f"type is required when {field_name} is set"))
    elif found not in _PROFILE_TYPES:
        causes.append(field.not_supported(f"{path}.type", found, _PROFILE_TYPES))
    if found == "Localhost":
        if local is None or (kind == "AppArmor" and not local):
            detail = f"must be set when {kind} type is Localhost"
            causes.append(field.required(f"{path}.localhostProfile", detail))
        elif kind == "seccomp":
            causes += descending(local, f"{path}.localhostProfile")
    elif local is not None and (kind == "seccomp" or found in _PROFILE_TYPES):
        detail = f"can only be set when {kind} type is Localhost"
        shown = golang.encode("Profile", profile) if kind == "seccomp" else local
        causes.append(field.invalid(f"{path}.localhostProfile", shown, detail))
    return causes
