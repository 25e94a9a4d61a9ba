"""Errors as the API sends them: a `Status` object that is raised.

Law: pure data. Every refusal, from a missing object to an invalid field, is an `ApiError` carrying the `Status`
that goes on the wire, so the text a learner reads is decided in one place.

Models k8s.io/apimachinery/pkg/api/errors/errors.go and pkg/util/validation/field/errors.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Obj = dict[str, Any]


@dataclass(frozen=True)
class Cause:
    """One refused field: `reason` such as FieldValueRequired, the path, and the message without the path."""

    reason: str
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class ApiError(Exception):
    """A request that the API refused. `status` is the `v1.Status` object sent to the client."""

    def __init__(self, status: Obj) -> None:
        super().__init__(status.get("message", ""))
        self.status = status

    @property
    def code(self) -> int:
        """HTTP status code."""
        return int(self.status.get("code", 500))

    @property
    def reason(self) -> str:
        """Machine-readable reason, such as NotFound or Conflict; empty when the server gave none."""
        return str(self.status.get("reason", ""))


def status(code: int, reason: str, message: str, details: Obj | None = None) -> Obj:
    """Build a failure `Status` object."""
    out: Obj = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message}
    if reason:
        out["reason"] = reason
    if details:
        out["details"] = details
    out["code"] = code
    return out


def _error(code: int, reason: str, message: str, **details: Any) -> ApiError:
    return ApiError(status(code, reason, message, {k: v for k, v in details.items() if v not in (None, "", [])}))


def _split(resource: str) -> tuple[str, str]:
    plural, _, group = resource.partition(".")
    return plural, group


def not_found(resource: str, name: str) -> ApiError:
    """404: no object of that name. `resource` is `plural` or `plural.group`."""
    plural, group = _split(resource)
    return _error(404, "NotFound", f'{resource} "{name}" not found', name=name, group=group, kind=plural)


def already_exists(resource: str, name: str) -> ApiError:
    """409: the name is taken."""
    plural, group = _split(resource)
    return _error(409, "AlreadyExists", f'{resource} "{name}" already exists', name=name, group=group, kind=plural)


def being_deleted(resource: str, name: str) -> ApiError:
    """409: the name is still held by an object that is being deleted."""
    plural, group = _split(resource)
    message = f'object is being deleted: {resource} "{name}" already exists'
    return _error(409, "AlreadyExists", message, name=name, group=group, kind=plural)


def conflict(resource: str, name: str, why: str) -> ApiError:
    """409: optimistic concurrency failed, or a precondition did."""
    plural, group = _split(resource)
    message = f'Operation cannot be fulfilled on {resource} "{name}": {why}'
    return _error(409, "Conflict", message, name=name, group=group, kind=plural)


MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


def forbidden(resource: str, name: str, why: str) -> ApiError:
    """403: understood and refused."""
    plural, group = _split(resource)
    return _error(403, "Forbidden", f'{resource} "{name}" is forbidden: {why}', name=name, group=group, kind=plural)


def bad_request(message: str) -> ApiError:
    """400: the request itself could not be understood."""
    return _error(400, "BadRequest", message)


def invalid(kind: str, group: str, name: str, causes: Sequence[Cause]) -> ApiError:
    """422: the object was understood, and breaks its kind's rules; all broken rules at once."""
    listed = list(dict.fromkeys(str(c) for c in causes))
    text = listed[0] if len(listed) == 1 else f"[{', '.join(listed)}]"
    qualified_kind = f"{kind}.{group}" if group else kind
    details = [{"reason": c.reason, "message": c.message, "field": c.field} for c in causes]
    message = f'{qualified_kind} "{name}" is invalid: {text}'
    return _error(422, "Invalid", message, name=name, group=group, kind=kind, causes=details)


def gone(message: str = "The resourceVersion for the provided watch is too old.") -> ApiError:
    """410: the requested revision was compacted away."""
    return _error(410, "Expired", message)


def unauthorized() -> ApiError:
    """401: no credentials, or wrong ones."""
    return _error(401, "Unauthorized", "Unauthorized")


def method_not_allowed(message: str = "the server does not allow this method on the requested resource") -> ApiError:
    """405: the resource is there, this verb is not."""
    return _error(405, "MethodNotAllowed", message)


def too_large(limit: int) -> ApiError:
    """413: the request body exceeds `limit` bytes."""
    return _error(413, "RequestEntityTooLarge", f"Request entity too large: limit is {limit}")


def internal(message: str) -> ApiError:
    """500: the server's own fault."""
    return _error(500, "InternalError", f"Internal error occurred: {message}")


def too_many_requests(message: str, *, causes: list[Obj] | None = None) -> ApiError:
    """429: try later (an eviction that a disruption budget does not allow, for one)."""
    return _error(429, "TooManyRequests", message, causes=causes)
