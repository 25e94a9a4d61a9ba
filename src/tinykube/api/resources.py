"""What the API serves: every resource with its kind, scope, verbs, short names and subresources.

Law: a read-only view on the recorded discovery in `schema`. Internally a resource is named by `plural` or
`plural.group` ("pods", "jobs.batch"), without a version: all versions share one store.

Models pkg/controlplane/instance.go (which API groups are installed) and
k8s.io/apimachinery/pkg/runtime/schema.GroupVersionResource.
"""

from __future__ import annotations

from functools import cache

from tinykube import errors
from tinykube.schema import kinds
from tinykube.schema.kinds import Resource, Subresource

__all__ = ["Resource", "Subresource", "at", "find", "no_such_resource", "served", "stored"]


def served() -> tuple[Resource, ...]:
    """Every resource in every version, in served order."""
    return kinds.all_resources()


@cache
def _by_path() -> dict[tuple[str, str, str], Resource]:
    return {(r.group, r.version, r.name): r for r in served()}


def at(group: str, version: str, plural: str) -> Resource | None:
    """The resource served at `/apis/group/version/plural`, if any."""
    return _by_path().get((group, version, plural))


def find(resource: str) -> Resource:
    """The resource of that id, in the version it is stored in.

    Raises:
        errors.ApiError: NotFound in the API's own words when nothing like it is served.
    """
    found = kinds.resource(resource)
    if found is None:
        raise no_such_resource()
    return found


def stored(resource: Resource) -> bool:
    """Whether its objects are kept; reviews and bindings are only asked, never kept."""
    return "list" in resource.verbs and resource.name != "componentstatuses"


def no_such_resource() -> errors.ApiError:
    """404 for a path that names nothing served."""
    status = errors.status(404, "NotFound", "the server could not find the requested resource")
    code = status.pop("code")
    return errors.ApiError({**status, "details": {}, "code": code})
