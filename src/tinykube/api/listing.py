"""Lists and watches: selectors, pages with continue tokens, resource versions, initial events and bookmarks.

Law: reads only. A list is a snapshot at one revision; a page asked for later comes from the same snapshot, rebuilt
from the store's log, or is refused as Expired once that has been compacted.

Models k8s.io/apiserver/pkg/registry/generic/registry/store.go (ListPredicate, WatchPredicate) and
pkg/storage/cacher/cacher.go.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from tinykube import errors, objects
from tinykube.api import selectors
from tinykube.api.resources import Resource
from tinykube.errors import Cause
from tinykube.objects import Obj
from tinykube.store import Change, Event, Store, View, Watch, plain_view

INITIAL_EVENTS_END = "k8s.io/initial-events-end"

_CONTINUE_EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


@dataclass(frozen=True)
class Query:
    """The parameters of a list or watch (metav1.ListOptions)."""

    label_selector: str = ""
    field_selector: str = ""
    limit: int = 0
    continue_: str = ""
    resource_version: str = ""
    resource_version_match: str = ""
    send_initial_events: bool | None = None
    bookmarks: bool = False


def predicate(resource: Resource, query: Query) -> selectors.Predicate | None:
    """The test that objects must pass, or None when all do."""
    tests = []
    if query.label_selector:
        tests.append(selectors.labels(query.label_selector))
    if query.field_selector:
        tests.append(selectors.fields(resource.key, query.field_selector))
    if not tests:
        return None
    return tests[0] if len(tests) == 1 else lambda obj: tests[0](obj) and tests[1](obj)


# -- lists ---------------------------------------------------------------------------------------------------


def list_objects(store: Store, resource: Resource, namespace: str | None, query: Query) -> Obj:
    """A List object of the resource's kind; its items are shared with the store.

    Raises:
        errors.ApiError: BadRequest for what cannot be understood, Expired for a snapshot that is gone.
    """
    _check_match(query)
    if query.continue_ and query.resource_version not in ("", "0"):
        raise errors.bad_request("specifying resource version is not allowed when using continue")
    start, revision = _token(query.continue_) if query.continue_ else ("", _revision(store, query))
    items = _snapshot(store, resource.key, namespace, revision, bool(query.continue_))
    wanted = predicate(resource, query)
    if wanted is not None:
        items = [obj for obj in items if wanted(obj)]
    if start:
        items = [obj for obj in items if objects.key(obj) >= start]
    metadata: Obj = {"resourceVersion": str(revision)}
    if 0 < query.limit < len(items):
        metadata["continue"] = _make_token(items[query.limit], revision)
        if wanted is None:
            metadata["remainingItemCount"] = len(items) - query.limit
        items = items[: query.limit]
    return {"kind": f"{resource.kind}List", "apiVersion": resource.group_version, "metadata": metadata, "items": items}


def _revision(store: Store, query: Query) -> int:
    if query.resource_version in ("", "0"):
        return store.revision
    wanted = parse_revision(query.resource_version)
    if wanted > store.revision:
        raise _too_large(wanted, store.revision)
    return wanted if query.resource_version_match == "Exact" else store.revision


def _check_match(query: Query) -> None:
    """Refuse combinations of resourceVersionMatch that mean nothing.

    Raises:
        errors.ApiError: Invalid.
    """
    match, why = query.resource_version_match, ""
    if not match:
        return
    if query.continue_:
        why = "Forbidden: resourceVersionMatch is forbidden when continue is provided"
    elif not query.resource_version:
        why = "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"
    elif match == "Exact" and query.resource_version == "0":
        why = 'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
    elif match not in ("Exact", "NotOlderThan"):
        why = f'Unsupported value: "{match}": supported values: "Exact", "NotOlderThan", ""'
    if why:
        reason = "FieldValueForbidden" if why.startswith("Forbidden") else "FieldValueNotSupported"
        raise errors.invalid("ListOptions", "meta.k8s.io", "", [Cause(reason, "resourceVersionMatch", why)])


def parse_revision(text: str) -> int:
    """A resourceVersion as a number.

    Raises:
        errors.ApiError: BadRequest.
    """
    if not text.isascii() or not text.isdigit() or int(text) > 2**63:
        raise errors.bad_request(f'resourceVersion: Invalid value: "{text}": invalid resource version')
    return int(text)


def _too_large(wanted: int, current: int) -> errors.ApiError:
    causes = [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]
    message = f"Timeout: Too large resource version: {wanted}, current: {current}"
    return errors.ApiError(errors.status(504, "Timeout", message, {"causes": causes, "retryAfterSeconds": 1}))


def _snapshot(store: Store, resource: str, namespace: str | None, revision: int, continued: bool) -> list[Obj]:
    """The objects as they were at `revision`: today's, with every later change taken back."""
    if revision >= store.revision:
        return store.list(resource, namespace)
    found = {objects.key(obj): obj for obj in store.list(resource, namespace)}
    for change in reversed(_changes_since(store, resource, namespace, revision, continued)):
        key = objects.key(change.object)
        if change.previous is None:
            found.pop(key, None)
        else:
            found[key] = change.previous
    return sorted(found.values(), key=lambda obj: (objects.namespace(obj), objects.name(obj)))


def _changes_since(store: Store, resource: str, namespace: str | None, revision: int, continued: bool) -> list[Change]:
    seen: list[Change] = []

    def collect(change: Change) -> Event | None:
        seen.append(change)
        return None

    try:
        store.watch(resource, namespace, revision, collect).close()
    except errors.ApiError as error:
        raise errors.gone(_CONTINUE_EXPIRED if continued else error.status["message"]) from error
    return seen


def _make_token(first: Obj, revision: int) -> str:
    body = {"v": "meta.k8s.io/v1", "rv": revision, "start": objects.key(first)}
    return base64.urlsafe_b64encode(json.dumps(body, separators=(",", ":")).encode()).decode().rstrip("=")


def _token(text: str) -> tuple[str, int]:
    try:
        body = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return str(body["start"]), int(body["rv"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise errors.bad_request("continue key is not valid: illegal base64 data at input byte 0") from None


# -- watches -------------------------------------------------------------------------------------------------


def watch_objects(store: Store, resource: Resource, namespace: str | None, query: Query) -> Watch:
    """Changes that concern the selected objects. An object that stops matching is seen as DELETED.

    Without a resource version (or with "0") the stream opens with every existing object as ADDED.

    Raises:
        errors.ApiError: Expired, BadRequest.
    """
    wanted = predicate(resource, query)
    initial = query.send_initial_events
    if initial is None:
        initial = query.resource_version in ("", "0")
    since = None if initial or query.resource_version in ("", "0") else parse_revision(query.resource_version)
    watch = store.watch(resource.key, namespace, since, _view(wanted))
    if initial:
        for obj in store.list(resource.key, namespace):
            if wanted is None or wanted(obj):
                watch.push(("ADDED", obj))
    if query.send_initial_events and query.bookmarks:
        watch.push(bookmark(resource, store.revision, initial_end=True))
    return watch


def bookmark(resource: Resource, revision: int, *, initial_end: bool = False) -> Event:
    """A BOOKMARK event: nothing changed, but the client may resume from this revision."""
    metadata: Obj = {"resourceVersion": str(revision)}
    if initial_end:
        metadata["annotations"] = {INITIAL_EVENTS_END: "true"}
    return "BOOKMARK", {"kind": resource.kind, "apiVersion": resource.group_version, "metadata": metadata}


def _view(wanted: selectors.Predicate | None) -> View:
    if wanted is None:
        return plain_view

    def view(change: Change) -> Event | None:
        after = change.type != "DELETED" and wanted(change.object)
        before = change.previous is not None and wanted(change.previous)
        if not after and not before:
            return None
        if not after:
            return "DELETED", change.object if change.type == "DELETED" else _as_it_was(change)
        return ("MODIFIED" if before else "ADDED"), change.object

    return view


def _as_it_was(change: Change) -> Obj:
    """The object before a change that took it out of a selection, at the revision at which it left."""
    before = change.previous or change.object
    return {**before, "metadata": {**before["metadata"], "resourceVersion": str(change.revision)}}
