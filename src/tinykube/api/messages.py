"""Requests and responses, and the path of a request taken apart.

Law: data only, no transport. Header names are lower case; a body is bytes or a stream of bytes.

Models k8s.io/apiserver/pkg/endpoints/request/requestinfo.go.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tinykube import errors
from tinykube.api import resources
from tinykube.api.resources import Resource
from tinykube.client import Options
from tinykube.errors import Cause

_TRUE = ("1", "true", "True", "TRUE", "t", "T")


@dataclass(frozen=True)
class Request:
    """One HTTP request by a user who has been authenticated."""

    method: str
    path: str
    query: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    user: str = "system:admin"
    groups: tuple[str, ...] = ("system:masters", "system:authenticated")
    warnings: list[str] = field(default_factory=list, compare=False)
    """Filled with what the client is warned about, whether it gets what it asks for or not."""

    def param(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        values = self.query.get(name)
        return values[0] if values else default

    def flag(self, name: str) -> bool:
        """A query parameter as a boolean."""
        return self.param(name) in _TRUE

    def number(self, name: str) -> int | None:
        """A query parameter as an integer; None when it is not given.

        Raises:
            errors.ApiError: BadRequest.
        """
        text = self.param(name)
        if not text:
            return None
        try:
            return int(text)
        except ValueError:
            raise errors.bad_request(
                f'{name}: Invalid value: "{text}": strconv.ParseInt: parsing "{text}": invalid syntax'
            ) from None

    @property
    def agent(self) -> str:
        """The program that asks, without its version: "kubectl"."""
        return self.headers.get("user-agent", "").split("/")[0]


@dataclass
class Response:
    """What goes back. With `stream` set, `body` is unused and the bytes come as they are made."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: list[tuple[str, str]] = field(default_factory=list)
    stream: AsyncIterator[bytes] | None = None
    dropped: Callable[[], bool] = lambda: False
    """Whether the reader of the stream has fallen so far behind that it is given up."""


def json_response(value: Any, status: int = 200) -> Response:
    """A compact JSON body."""
    return Response(status, dump(value))


def dump(value: Any) -> bytes:
    """Compact JSON, newline-terminated, as the API writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def text_response(text: str, status: int = 200) -> Response:
    """Plain text, as health checks and unknown paths answer."""
    return Response(status, text.encode(), "text/plain; charset=utf-8")


# -- targets -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Target:
    """What a path below /api or /apis means."""

    resource: Resource
    namespace: str | None
    name: str = ""
    subresource: str = ""
    rest: str = ""


def target(path: str) -> Target | None:
    """The resource that a path means; None when nothing is served there."""
    parts = [part for part in path.split("/") if part]
    if len(parts) >= 3 and parts[0] == "api":
        return _target("", parts[1], parts[2:], path)
    if len(parts) >= 4 and parts[0] == "apis":
        return _target(parts[1], parts[2], parts[3:], path)
    return None


def _target(group: str, version: str, parts: list[str], path: str) -> Target | None:
    namespace: str | None = None
    in_namespace = parts[0] == "namespaces" and len(parts) >= 3 and parts[2] not in ("status", "finalize")
    if in_namespace:
        namespace, parts = parts[1], parts[2:]
    found = resources.at(group, version, parts[0])
    if found is None or (in_namespace and not found.namespaced):
        return None
    name = parts[1] if len(parts) > 1 else ""
    subresource = parts[2] if len(parts) > 2 else ""
    if (name and found.namespaced and namespace is None) or (subresource and found.subresource(subresource) is None):
        return None
    if len(parts) > 3 and subresource != "proxy":
        return None
    return Target(found, namespace, name, subresource, _rest(path, subresource, len(parts)))


def _rest(path: str, subresource: str, count: int) -> str:
    """What follows `/proxy` in a path, with its leading slash."""
    if subresource != "proxy":
        return ""
    _head, _, tail = path.partition("/proxy/")
    return f"/{tail}" if tail or path.endswith("/proxy/") else ""


# -- options -------------------------------------------------------------------------------------------------


def write_options(request: Request, kind: str) -> Options:
    """The options of a create, update or patch; `kind` is such as "CreateOptions".

    Raises:
        errors.ApiError: Invalid.
    """
    causes: list[Cause] = []
    dry_run = request.query.get("dryRun") or []
    if any(value != "All" for value in dry_run):
        shown = json.dumps(dry_run)
        causes.append(Cause("FieldValueNotSupported", "dryRun", f'Unsupported value: {shown}: supported values: "All"'))
    validation = request.param("fieldValidation") or "Warn"
    if validation not in ("Strict", "Warn", "Ignore"):
        supported = 'supported values: "", "Ignore", "Strict", "Warn"'
        causes.append(
            Cause("FieldValueNotSupported", "fieldValidation", f'Unsupported value: "{validation}": {supported}')
        )
    if len(request.param("fieldManager")) > 128:
        causes.append(Cause("FieldValueTooLong", "fieldManager", "Too long: may not be more than 128 bytes"))
    if causes:
        raise errors.invalid(kind, "meta.k8s.io", "", causes)
    return Options(
        user=request.user,
        groups=request.groups,
        dry_run=bool(dry_run),
        warnings=request.warnings,
        field_manager=request.param("fieldManager") or request.agent,
        field_validation=validation,
        force=request.flag("force"),
    )
