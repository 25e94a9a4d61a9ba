"""Writing an object's status, and keeping conditions the way upstream's helpers do.

Models the Set…Condition helpers of k8s.io/kubernetes pkg/controller/deployment/util/deployment_util.go and
pkg/controller/replicaset/replica_set_utils.go.
"""

from __future__ import annotations

from typing import Any

from tinykube import objects
from tinykube.client import Client
from tinykube.objects import Obj


def compact(status: Obj, *keep: str) -> Obj:
    """The status without zero numbers, empty lists and nulls, as Go's `omitempty` leaves it; `keep` fields stay."""
    return {k: v for k, v in status.items() if k in keep or v not in (None, 0, "", [], {})}


def find(conditions: list[Obj], kind: str) -> Obj | None:
    """The condition of type `kind`."""
    return next((c for c in conditions if c["type"] == kind), None)


def without(conditions: list[Obj], kind: str) -> list[Obj]:
    """The conditions but for `kind`."""
    return [c for c in conditions if c["type"] != kind]


def with_status(obj: Obj, status: Obj) -> Obj:
    """A copy of the object with that status, sharing the rest."""
    return {**obj, "status": status}


def write(client: Client, resource: str, obj: Obj, status: Obj) -> Obj:
    """Update the object's status unless it is the same; return the object as it then is.

    Raises:
        ApiError: Conflict when the object has changed since it was read, NotFound when it is gone.
    """
    if obj.get("status", {}) == status:
        return obj
    return client.update_status(resource, with_status(obj, status))


def simple(kind: str, value: bool | str, reason: str, message: str, now: float, **more: Any) -> Obj:
    """A condition with lastTransitionTime."""
    text = value if isinstance(value, str) else ("True" if value else "False")
    return {
        "type": kind,
        "status": text,
        "reason": reason,
        "message": message,
        "lastTransitionTime": objects.rfc3339(now),
        **more,
    }
