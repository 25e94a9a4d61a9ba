"""Revisions of StatefulSets and DaemonSets: past Pod templates, kept as ControllerRevisions.

Law: a template that was in use before gets its old revision back under a new number instead of a double.

Models k8s.io/kubernetes pkg/controller/history/controller_history.go.
"""

from __future__ import annotations

from tinykube import objects
from tinykube.client import Client
from tinykube.controllers import gohash
from tinykube.controllers.ownership import Claims, owned_or_orphaned
from tinykube.errors import ApiError
from tinykube.informer import Informer
from tinykube.objects import Obj

RESOURCE = "controllerrevisions.apps"
HASH = "controller.kubernetes.io/hash"
REVISION_HASH = "controller-revision-hash"
"""Label of the Pods: which revision they were made from."""


def snapshot(owner: Obj) -> Obj:
    """What a revision keeps: a patch that puts the Pod template back."""
    return {"spec": {"template": {**objects.copy(owner["spec"]["template"]), "$patch": "replace"}}}


def template(revision: Obj) -> Obj:
    """The Pod template that a revision keeps."""
    kept = objects.copy(revision["data"]["spec"]["template"])
    kept.pop("$patch", None)
    return kept


def restore(owner: Obj, revision: Obj) -> Obj:
    """The owner as it was at that revision."""
    return {**owner, "spec": {**owner["spec"], "template": template(revision)}}


class History:
    """Lists, creates, renumbers and trims the revisions of objects of `owner_resource`, labeled with their hash."""

    def __init__(self, client: Client, informer: Informer, owner_resource: str, label: str) -> None:
        self._client, self._informer, self._owner_resource = client, informer, owner_resource
        self._label = label

    def revisions(self, owner: Obj) -> list[Obj]:
        """The owner's revisions, oldest first; orphans that match are adopted, or counted if it is being deleted."""
        selector = owner["spec"]["selector"]
        claims = Claims(self._client, RESOURCE, self._owner_resource, owner)
        matching = [r for r in owned_or_orphaned(self._informer, owner) if objects.matches(selector, objects.labels(r))]
        found = matching if objects.deleting(owner) else claims.claim(matching, lambda _: True)
        return sorted(found, key=lambda r: (r["revision"], objects.name(r)))

    def current(self, owner: Obj, known: list[Obj], collisions: int = 0) -> tuple[Obj, int]:
        """The revision of the owner's template, created or renumbered if need be; and the collision count."""
        data = snapshot(owner)
        equal = [r for r in known if r["data"] == data]
        if equal and equal[-1] is known[-1]:
            return known[-1], collisions
        number = known[-1]["revision"] + 1 if known else 1
        if equal:
            return self._client.update(RESOURCE, {**equal[-1], "revision": number}), collisions
        return self._create(owner, data, number, collisions)

    def _create(self, owner: Obj, data: Obj, number: int, collisions: int) -> tuple[Obj, int]:
        while True:
            wanted = _build(owner, data, number, collisions, self._label)
            try:
                return self._client.create(RESOURCE, wanted), collisions
            except ApiError as refused:
                if refused.reason != "AlreadyExists":
                    raise
                existing = self._client.get(RESOURCE, objects.namespace(wanted), objects.name(wanted))
                if existing["data"] == data and objects.controlled_by(existing, owner):
                    return existing, collisions
                collisions += 1

    def trim(self, owner: Obj, known: list[Obj], live: set[str]) -> None:
        """Delete the oldest revisions beyond revisionHistoryLimit that no Pod needs; `live` are names in use."""
        spare = [r for r in known if objects.name(r) not in live]
        for revision in spare[: max(0, len(spare) - owner["spec"].get("revisionHistoryLimit", 10))]:
            self._client.delete(RESOURCE, objects.namespace(revision), objects.name(revision))


def _build(owner: Obj, data: Obj, number: int, collisions: int, label: str) -> Obj:
    text = _hash(owner, data, collisions, label)
    labels = objects.dig(data, "spec", "template", "metadata", "labels", default={})
    keep = ("kubectl.kubernetes.io/last-applied-configuration",)
    annotations = {k: v for k, v in objects.annotations(owner).items() if k not in keep}
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {
            "name": f"{objects.name(owner)}-{text}",
            "namespace": objects.namespace(owner),
            "labels": {**labels, label: text},
            "ownerReferences": [objects.owner_reference(owner)],
            **({"annotations": annotations} if annotations else {}),
        },
        "data": data,
        "revision": number,
    }


def _hash(owner: Obj, data: Obj, collisions: int, label: str) -> str:
    """DaemonSets hash the template as Deployments do, StatefulSets what the revision keeps."""
    if label == REVISION_HASH:
        counted = objects.dig(owner, "status", "collisionCount")
        return gohash.template_hash(owner["spec"]["template"], collisions or counted)
    return gohash.revision_hash(data, collisions)
