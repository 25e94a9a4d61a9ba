"""Probes and lifecycle hooks: one handler each.

Law: pure.

Models pkg/apis/core/validation/validation.go (validateProbe, validateHandler, validateLifecycle).
"""

from __future__ import annotations

from typing import Any

from tinykube.api.validation import field, names
from tinykube.api.validation.field import Causes
from tinykube.errors import Obj

_NUMBERS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
PROBE_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
HOOK_HANDLERS = ("exec", "httpGet", "tcpSocket", "sleep")


def probes(container: Obj, grace: int | None, path: str) -> Causes:
    """A container's liveness, readiness and startup probe."""
    causes: Causes = []
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        if container.get(name) is not None:
            causes += _probe(container[name], grace, f"{path}.{name}", readiness=name == "readinessProbe")
    return causes


def _probe(probe: Obj, grace: int | None, path: str, *, readiness: bool) -> Causes:
    causes = handler(probe, PROBE_HANDLERS, grace, path)
    for name in _NUMBERS:
        causes += field.non_negative(f"{path}.{name}", probe.get(name))
    own_grace = probe.get("terminationGracePeriodSeconds")
    if own_grace is not None and own_grace <= 0:
        causes.append(field.invalid(f"{path}.terminationGracePeriodSeconds", own_grace, "must be greater than 0"))
    if readiness:
        if own_grace is not None:
            detail = "must not be set for readinessProbes"
            causes.append(field.invalid(f"{path}.terminationGracePeriodSeconds", own_grace, detail))
    elif probe.get("successThreshold", 1) != 1:
        causes.append(field.invalid(f"{path}.successThreshold", probe["successThreshold"], "must be 1"))
    return causes


def lifecycle(hooks: Obj, grace: int | None, path: str) -> Causes:
    """A container's postStart and preStop."""
    causes: Causes = []
    for name in ("postStart", "preStop"):
        if hooks.get(name) is not None:
            causes += handler(hooks[name], HOOK_HANDLERS, grace, f"{path}.{name}")
    return causes


def handler(found: Obj, kinds: tuple[str, ...], grace: int | None, path: str) -> Causes:
    """Exactly one handler of the given kinds, and that one in order."""
    causes: Causes = []
    present = [kind for kind in kinds if found.get(kind) is not None]
    if not present:
        return [field.required(path, "must specify a handler type")]
    for position, kind in enumerate(present):
        if position:
            causes.append(field.forbidden(f"{path}.{kind}", "may not specify more than 1 handler type"))
        else:
            causes += _action(kind, found[kind], grace, f"{path}.{kind}")
    return causes


def _action(kind: str, action: Obj, grace: int | None, path: str) -> Causes:
    if kind == "exec":
        return [] if action.get("command") else [field.required(f"{path}.command")]
    if kind == "httpGet":
        return _http_get(action, path)
    if kind == "sleep":
        return _sleep(action, grace, path)
    return port(action.get("port", 0), f"{path}.port")


def _http_get(action: Obj, path: str) -> Causes:
    causes = [] if action.get("path") else [field.required(f"{path}.path")]
    causes += port(action.get("port", 0), f"{path}.port")
    if action.get("scheme") not in ("HTTP", "HTTPS"):
        causes.append(field.not_supported(f"{path}.scheme", action.get("scheme") or "", ("HTTP", "HTTPS")))
    for header in action.get("httpHeaders") or ():
        name = header.get("name") or ""
        causes += field.each_invalid(f"{path}.httpHeaders", name, names.http_header(name))
    return causes


def _sleep(action: Obj, grace: int | None, path: str) -> Causes:
    seconds = action.get("seconds") or 0
    if grace is None or 0 <= seconds <= grace:
        return []
    detail = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
    return [field.invalid(path, seconds, detail)]


def port(value: Any, path: str) -> Causes:
    """A port by number or by name."""
    if isinstance(value, str):
        return field.each_invalid(path, value, names.port_name(value))
    return field.each_invalid(path, value or 0, names.port_number(value or 0))
