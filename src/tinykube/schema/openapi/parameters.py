"""Parameters of operations, and which verb takes which.

Law: constants. Models the option kinds of k8s.io/apimachinery/pkg/apis/meta/v1/types.go (ListOptions, PatchOptions, …)
and PodLogOptions.
"""

from __future__ import annotations

from tinykube.errors import Obj


def _query(name: str, kind: str, description: str) -> Obj:
    return {"name": name, "in": "query", "description": description, "schema": {"type": kind, "uniqueItems": True}}


def _in_path(name: str, description: str) -> Obj:
    schema = {"type": "string", "uniqueItems": True}
    return {"name": name, "in": "path", "description": description, "required": True, "schema": schema}


NAME = _in_path("name", "name of the object")
NAMESPACE = _in_path("namespace", "object name and auth scope, such as for teams and projects")
PATH = _in_path("path", "path to the resource")
PRETTY = _query("pretty", "string", "If 'true', then the output is pretty printed.")

_DRY_RUN = _query("dryRun", "string", "All: do everything but store the result.")
_MANAGER = _query("fieldManager", "string", "Name of whoever makes the change, kept in metadata.managedFields.")
_VALIDATION = _query("fieldValidation", "string", "Unknown and duplicate fields: Ignore, Warn or Strict.")
_FORCE = _query("force", "boolean", "Take fields that other managers own; for apply patches.")
_WRITE = [_DRY_RUN, _MANAGER, _VALIDATION]
_DELETE = [
    _DRY_RUN,
    _query("gracePeriodSeconds", "integer", "Seconds that the object has to end; zero means at once."),
    _query("orphanDependents", "boolean", "Deprecated: see propagationPolicy."),
    _query("propagationPolicy", "string", "What becomes of dependents: Orphan, Background or Foreground."),
]
_SELECT = [
    _query("labelSelector", "string", "Only objects whose labels match."),
    _query("fieldSelector", "string", "Only objects whose fields match."),
    _query("limit", "integer", "At most so many objects; the rest follow with `continue`."),
    _query("continue", "string", "Where an earlier, limited list ended."),
    _query("resourceVersion", "string", "How fresh the answer must be, or where a watch starts."),
    _query("resourceVersionMatch", "string", "How resourceVersion is meant: Exact or NotOlderThan."),
    _query("sendInitialEvents", "boolean", "Begin a watch with what is there, ended by a bookmark."),
    _query("timeoutSeconds", "integer", "Seconds after which a list or watch ends."),
]
_WATCH = [
    _query("watch", "boolean", "Send changes as they happen instead of a list."),
    _query("allowWatchBookmarks", "boolean", "Allow BOOKMARK events in a watch."),
]
LOG = [
    _query("container", "string", "The container; needed when there are several."),
    _query("follow", "boolean", "Keep sending as the container writes."),
    _query("previous", "boolean", "The container's last run instead of this one."),
    _query("sinceSeconds", "integer", "Only lines of the last so many seconds."),
    _query("sinceTime", "string", "Only lines since this RFC 3339 time."),
    _query("timestamps", "boolean", "Put the time of writing before each line."),
    _query("tailLines", "integer", "Only so many lines from the end."),
    _query("limitBytes", "integer", "Stop after so many bytes."),
]
BY_VERB: dict[str, list[Obj]] = {
    "get": [],
    "list": [*_SELECT, *_WATCH],
    "create": _WRITE,
    "update": _WRITE,
    "patch": [*_WRITE, _FORCE],
    "delete": _DELETE,
    "deletecollection": [*_DELETE, *_SELECT],
}
