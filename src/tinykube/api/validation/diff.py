"""The difference of two Pod specs as the API server prints it when it refuses an update.

Law: pure text. The API server prints Go's own view: internal field names in their order, unchanged runs left out.

Models the output of github.com/google/go-cmp (cmp.Diff) on pkg/apis/core/types.go.
"""

from __future__ import annotations

import json
from typing import Any

from tinykube.errors import Obj

_POD_SPEC = (
    "volumes", "initContainers", "containers", "ephemeralContainers", "restartPolicy",
    "terminationGracePeriodSeconds", "activeDeadlineSeconds", "dnsPolicy", "nodeSelector", "serviceAccountName",
    "automountServiceAccountToken", "nodeName", "securityContext", "imagePullSecrets", "hostname", "subdomain",
    "setHostnameAsFQDN", "affinity", "schedulerName", "tolerations", "hostAliases", "priorityClassName", "priority",
    "preemptionPolicy", "dnsConfig", "readinessGates", "runtimeClassName", "overhead", "enableServiceLinks",
    "topologySpreadConstraints", "os", "schedulingGates", "resourceClaims", "resources", "hostnameOverride",
    "workloadRef",
)  # fmt: skip
_CONTAINER = (
    "name", "image", "command", "args", "workingDir", "ports", "envFrom", "env", "resources", "resizePolicy",
    "restartPolicy", "restartPolicyRules", "volumeMounts", "volumeDevices", "livenessProbe", "readinessProbe",
    "startupProbe", "lifecycle", "terminationMessagePath", "terminationMessagePolicy", "imagePullPolicy",
    "securityContext", "stdin", "stdinOnce", "tty",
)  # fmt: skip
_POINTERS = {
    "terminationGracePeriodSeconds", "activeDeadlineSeconds", "automountServiceAccountToken", "setHostnameAsFQDN",
    "priority", "preemptionPolicy", "runtimeClassName", "enableServiceLinks", "hostnameOverride", "restartPolicy*",
}  # fmt: skip
_GO_NAMES = {
    "dnsPolicy": "DNSPolicy", "dnsConfig": "DNSConfig", "os": "OS", "tty": "TTY",
    "setHostnameAsFQDN": "SetHostnameAsFQDN", "httpGet": "HTTPGet", "tcpSocket": "TCPSocket", "grpc": "GRPC",
}  # fmt: skip
_IN_SECURITY_CONTEXT = ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers")
_CONTEXT = 2
"""Unchanged fields shown around a changed one."""


def pod_spec(old: Obj, new: Obj) -> str:
    """The difference between two Pod specs, as text of several lines."""
    lines = ["  core.PodSpec{", *_fields(_moved(old), _moved(new), _POD_SPEC, "\t"), "  }", ""]
    return "\n".join(lines)


def go_template(template: Obj) -> Obj:
    """A Pod template as Go's JSON encoder shows the internal type: all fields, in order, zero values too."""
    spec = _moved(template.get("spec") or {})
    meta = template.get("metadata") or {}
    return {**meta, "Spec": {_go(name): _internal(name, spec.get(name)) for name in _POD_SPEC}}


def _internal(name: str, value: Any) -> Any:
    if value is None:
        return "" if name in _TEXT else False if name in _FLAGS else None
    if name in ("containers", "initContainers"):
        return [{_go(f): _internal(f, c.get(f)) for f in _CONTAINER} for c in value]
    if isinstance(value, dict):
        return {_go(k): _internal(k, v) for k, v in value.items()}
    if isinstance(value, list):
        return [_internal("", v) for v in value]
    return value


def _go(name: str) -> str:
    return _GO_NAMES.get(name, name[:1].upper() + name[1:])


_FLAGS = {"stdin", "stdinOnce", "tty"}


def _moved(spec: Obj) -> Obj:
    """Internally the host's namespaces belong to the security context."""
    found = {k: v for k, v in spec.items() if k not in _IN_SECURITY_CONTEXT}
    host = {k: spec[k] for k in _IN_SECURITY_CONTEXT if k in spec}
    return {**found, "securityContext": {**(spec.get("securityContext") or {}), **host}} if host else found


def _fields(old: Obj, new: Obj, order: tuple[str, ...], indent: str) -> list[str]:
    changed = [old.get(name) != new.get(name) for name in order]
    lines: list[str] = []
    skipped = 0
    for index, name in enumerate(order):
        near = any(changed[max(0, index - _CONTEXT) : index + _CONTEXT + 1])
        if not near:
            skipped += 1
            continue
        lines += _ellipsis(skipped, indent)
        skipped = 0
        lines += _field(name, old.get(name), new.get(name), indent, changed=changed[index])
    return lines + _ellipsis(skipped, indent)


def _ellipsis(count: int, indent: str) -> list[str]:
    return [f"  {indent}... // {count} identical field{'s' if count > 1 else ''}"] if count else []


def _field(name: str, old: Any, new: Any, indent: str, *, changed: bool) -> list[str]:
    go = _go(name)
    if not changed:
        return [f"  {indent}{go}: {_value(name, old)},"]
    if name in ("containers", "initContainers") and isinstance(old, list) and isinstance(new, list):
        return _containers(go, old, new, indent)
    return [f"- {indent}{go}: {_value(name, old)},", f"+ {indent}{go}: {_value(name, new)},"]


def _containers(go: str, old: list[Obj], new: list[Obj], indent: str) -> list[str]:
    lines = [f"  {indent}{go}: []core.Container{{"]
    for before, after in zip(old, new, strict=True):
        if before == after:
            lines.append(f"  {indent}\t{_value('', before)},")
        else:
            lines += [f"  {indent}\t{{", *_fields(before, after, _CONTAINER, f"{indent}\t\t"), f"  {indent}\t}},"]
    return [*lines, f"  {indent}}},"]


def _value(name: str, value: Any) -> str:
    """A value in Go's notation, shortened to what helps a reader."""
    if value is None:
        return '""' if name in _TEXT else "nil"
    if isinstance(value, dict):
        inside = ", ".join(f"{_go(k)}: {_value(k, v)}" for k, v in value.items())
        return f"{{{inside}}}"
    if isinstance(value, list):
        if value and all(isinstance(v, str) for v in value):
            return "[]string{" + ", ".join(json.dumps(v, ensure_ascii=False) for v in value) + "}"
        return "{" + ", ".join(_value("", v) for v in value) + "}"
    text = json.dumps(value, ensure_ascii=False)
    return f"&{text}" if name in _POINTERS else text


_TEXT = {
    "restartPolicy", "dnsPolicy", "serviceAccountName", "nodeName", "hostname", "subdomain", "schedulerName",
    "priorityClassName", "name", "image", "workingDir", "terminationMessagePath", "terminationMessagePolicy",
    "imagePullPolicy",
}  # fmt: skip
