"""Applying manifests: server-side apply, in kubectl's name, so that `%kubectl apply` and a lab share what they own.

Law: the API server decides everything; what kubectl does besides the request (the last-applied annotation, taking
over the fields of an earlier client-side apply: k8s.io/client-go/util/csaupgrade) is done here too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from kubelab.connection import Connection, Obj
from kubelab.discovery import Discovery
from kubelab.errors import Refused

MANAGER = "kubectl"
_CLIENT_SIDE = "kubectl-client-side-apply"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass(frozen=True)
class Applied:
    """One object and what applying it did."""

    name: str
    action: Literal["created", "configured", "unchanged"]
    dry_run: bool = False

    def __repr__(self) -> str:
        return f"{self.name} {self.action}" + (" (server dry run)" if self.dry_run else "")


class AppliedList(list[Applied]):
    """Prints as kubectl does: one line for each object."""

    def __repr__(self) -> str:
        return "\n".join(map(repr, self))


def apply(
    connection: Connection, discovery: Discovery, namespace: str, objects: list[Obj], *, dry_run: bool = False
) -> AppliedList:
    """Apply `objects` in order; with `dry_run`, only hear what the API server would do.

    Raises:
        Refused: the API server refuses one; those before it are applied.
    """
    return AppliedList(_apply_one(connection, discovery, namespace, obj, dry_run) for obj in objects)


def _apply_one(connection: Connection, discovery: Discovery, namespace: str, obj: Obj, dry_run: bool) -> Applied:
    kind = discovery.of(obj)
    metadata = obj.get("metadata") or {}
    home, name = metadata.get("namespace") or namespace, metadata.get("name") or ""
    if dry_run and _could_be_created(connection, kind.path(home if kind.namespaced else None), obj):
        return Applied(f"{kind.qualified}/{name}", "created", dry_run)
    if not name:
        raise Refused({"message": "resource name may not be empty"}, 400)
    path = kind.path(home if kind.namespaced else None, name)
    before = _find(connection, path) if dry_run else _taken_over(connection, path)
    query = {"fieldManager": MANAGER, "force": True, "fieldValidation": "Strict"}
    query |= {"dryRun": "All"} if dry_run else {}
    after = connection.json(
        "PATCH", path, query, _annotated(obj, home, kind.namespaced), "application/apply-patch+yaml"
    )
    if before is None:
        return Applied(f"{kind.qualified}/{name}", "created", dry_run)
    changed = _without_bookkeeping(after) != _without_bookkeeping(before)
    return Applied(f"{kind.qualified}/{name}", "configured" if changed else "unchanged", dry_run)


def _could_be_created(connection: Connection, path: str, obj: Obj) -> bool:
    """Whether it would be, False if it is there already; a refusal names every field that is wrong."""
    try:
        connection.json("POST", path, {"dryRun": "All", "fieldManager": MANAGER, "fieldValidation": "Strict"}, obj)
    except Refused as refusal:
        if refusal.reason == "AlreadyExists":
            return False
        raise
    return True


def _find(connection: Connection, path: str) -> Obj | None:
    try:
        return connection.get(path)
    except Refused as refusal:
        if refusal.code == 404:
            return None
        raise


def _annotated(obj: Obj, namespace: str, namespaced: bool) -> Obj:
    metadata = {**(obj.get("metadata") or {}), **({"namespace": namespace} if namespaced else {})}
    annotations = dict(metadata.get("annotations") or {})
    annotations.pop(_LAST_APPLIED, None)
    plain = {**obj, "metadata": {**metadata, "annotations": annotations}}
    annotations = {**annotations, _LAST_APPLIED: json.dumps(plain, separators=(",", ":"), sort_keys=True) + "\n"}
    return {**obj, "metadata": {**metadata, "annotations": annotations}}


def _taken_over(connection: Connection, path: str, tries: int = 5) -> Obj | None:
    """The live object, or None. Fields that a client-side apply owns become ours, or dropping them from the manifest
    would not remove them. Somebody else may write the object at the same moment: then, again."""
    live = _find(connection, path)
    if live is None or not (patch := _take_over(live)):
        return live
    try:
        connection.json("PATCH", path, None, patch, "application/json-patch+json")
    except Refused as refusal:
        if refusal.code != 409 or tries == 1:
            raise
        return _taken_over(connection, path, tries - 1)
    return live


def _take_over(live: Obj) -> list[Obj]:
    """The JSON patch that does it; empty if there is nothing to take over."""
    entries = live["metadata"].get("managedFields") or []
    taken = [
        {**one, "manager": MANAGER, "operation": "Apply"}
        if one.get("manager") == _CLIENT_SIDE and one.get("operation") == "Update"
        else one
        for one in entries
    ]
    if taken == entries or any(one.get("manager") == MANAGER and one.get("operation") == "Apply" for one in entries):
        return []
    return [
        {"op": "replace", "path": "/metadata/managedFields", "value": taken},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
    ]


def _without_bookkeeping(obj: Obj) -> Obj:
    skipped = ("managedFields", "resourceVersion", "generation", "annotations")
    metadata = {key: value for key, value in obj["metadata"].items() if key not in skipped}
    annotations = {k: v for k, v in (obj["metadata"].get("annotations") or {}).items() if k != _LAST_APPLIED}
    return {**obj, "metadata": {**metadata, "annotations": annotations}, "status": None}
