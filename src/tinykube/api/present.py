"""What a client asked to be shown: the object itself, only its metadata, or a table to print.

Law: turns an answer into another shape; Status bodies are never turned.

Models k8s.io/apiserver/pkg/endpoints/handlers/response.go (transformObject).
"""

from __future__ import annotations

from tinykube import errors, objects
from tinykube.api import conversion, tables
from tinykube.api.messages import Request, Target
from tinykube.api.wire import Wanted
from tinykube.objects import Obj

META_VERSION = "meta.k8s.io/v1"


def present(found: Obj, target: Target, request: Request, wanted: Wanted, now: float) -> Obj:
    """A stored object or List in the form that was asked for. `now` is in seconds since the epoch.

    Raises:
        errors.ApiError: BadRequest.
    """
    if found.get("kind") == "Status":
        return found
    if wanted.kind == "Table":
        return _table(found, target, request, now)
    served = conversion.from_stored(target.resource, found)
    if not wanted.kind:
        return served
    if "items" not in found:
        return partial(served)
    items = [partial(item) for item in served["items"]]
    kind = "PartialObjectMetadataList"
    return {"kind": kind, "apiVersion": META_VERSION, "metadata": found["metadata"], "items": items}


def bookmark(obj: Obj, target: Target, wanted: Wanted) -> Obj:
    """A bookmark's object in the form that was asked for."""
    if not wanted.kind:
        return {**obj, "kind": target.resource.kind, "apiVersion": target.resource.group_version}
    if wanted.kind != "Table":
        return partial(obj)
    row = {"cells": [], "object": partial(obj)}
    return {"kind": "Table", "apiVersion": META_VERSION, "metadata": {}, "columnDefinitions": [], "rows": [row]}


def partial(obj: Obj) -> Obj:
    """Only the metadata of an object."""
    return {"kind": "PartialObjectMetadata", "apiVersion": META_VERSION, "metadata": objects.meta(obj)}


def _table(found: Obj, target: Target, request: Request, now: float) -> Obj:
    items = found.get("items", [found])
    table = {**tables.table(conversion.stored_as(target.resource), items, now)}
    include = request.param("includeObject") or "Metadata"
    if include not in ("None", "Metadata", "Object"):
        raise errors.bad_request(f'unrecognized includeObject value: "{include}"')
    rows = zip(table["rows"], items, strict=True)
    table["rows"] = [_row(row, item, target, include) for row, item in rows]
    kept = ("resourceVersion", "continue", "remainingItemCount")
    table["metadata"] = {k: v for k, v in objects.meta(found).items() if k in kept}
    return table


def _row(row: Obj, item: Obj, target: Target, include: str) -> Obj:
    if include == "None":
        return {k: v for k, v in row.items() if k != "object"}
    served = conversion.from_stored(target.resource, item)
    return {**row, "object": served if include == "Object" else partial(served)}
