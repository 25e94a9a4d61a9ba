"""ComponentStatus: how the parts of the control plane are. Nothing is stored: an API that answers has all its parts.

Law: pure; the objects are made anew for every question.

Models pkg/registry/core/componentstatus/rest.go.
"""

from __future__ import annotations

from tinykube import errors
from tinykube.objects import Obj

RESOURCE = "componentstatuses"
_PARTS = ("controller-manager", "etcd-0", "scheduler")


def get(name: str) -> Obj:
    """One part's status.

    Raises:
        errors.ApiError: NotFound.
    """
    if name not in _PARTS:
        raise errors.not_found("componentstatus", name)
    healthy = {"type": "Healthy", "status": "True", "message": "ok"}
    return {"apiVersion": "v1", "kind": "ComponentStatus", "metadata": {"name": name}, "conditions": [healthy]}


def every() -> Obj:
    """All of them as a list."""
    return {"kind": "ComponentStatusList", "apiVersion": "v1", "metadata": {}, "items": [get(n) for n in _PARTS]}
