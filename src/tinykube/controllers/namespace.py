"""Namespace controller: empties a Namespace that is being deleted, then lets it go.

Law: nothing in a terminating namespace may outlive it. Everything is deleted resource by resource; while some of it is
still on its way out (Pods with a grace period, objects with finalizers) the conditions say what is left.

Models k8s.io/kubernetes pkg/controller/namespace/namespace_controller.go and
deletion/namespaced_resources_deleter.go.
"""

from __future__ import annotations

import random
from collections import Counter

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers import resources, status
from tinykube.controllers.base import Controller
from tinykube.informer import Informers
from tinykube.objects import Obj

RETRY = 5.0
"""Seconds until a namespace that is not empty yet is looked at again, if nothing tells sooner."""

_NO_TROUBLE = (
    (
        "NamespaceDeletionDiscoveryFailure",
        False,
        "ResourcesDiscovered",
        "All resources successfully discovered",
    ),
    (
        "NamespaceDeletionGroupVersionParsingFailure",
        False,
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    (
        "NamespaceDeletionContentFailure",
        False,
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
)
_WAITING = "Some content in the namespace has finalizers remaining: "
_FINALIZED = "All content-preserving finalizers finished"


class NamespaceController(Controller):
    """Deletes what is in a terminating namespace, and the finalizer `kubernetes` once it is empty."""

    name = "namespace-controller"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.namespaces = self.watch("namespaces", self._seen, lambda _, new: self._seen(new))
        for resource in resources.NAMESPACED:
            self.watch(resource, deleted=self._content_gone)

    def _seen(self, namespace: Obj) -> None:
        if objects.deleting(namespace):
            self.enqueue(namespace)

    def _content_gone(self, obj: Obj) -> None:
        namespace = self.namespaces.by_key(objects.namespace(obj))
        if namespace is not None and objects.deleting(namespace):
            self.enqueue(namespace)

    def reconcile(self, key: str) -> None:
        """Delete every object in the namespace; finalize the namespace when none is left."""
        namespace = self.namespaces.by_key(key)
        if namespace is None or not objects.deleting(namespace):
            return
        left = self._delete_content(key)
        namespace = self._report(namespace, left)
        if left:
            self.queue.add_after(key, RETRY)
        else:
            self._finalize(namespace)

    def _delete_content(self, namespace: str) -> list[tuple[str, Obj]]:
        """Ask for the deletion of everything, Pods first and the rest when they are gone; what is still there."""
        left = self._delete_all("pods", namespace)
        if left:
            return left
        return [pair for resource in resources.NAMESPACED for pair in self._delete_all(resource, namespace)]

    def _delete_all(self, resource: str, namespace: str) -> list[tuple[str, Obj]]:
        for obj in self.client.list(resource, namespace):
            if not objects.deleting(obj):
                resources.delete_if_there(self.client, resource, obj, propagation="Background")
        return [(resource, obj) for obj in self.client.list(resource, namespace)]

    def _finalize(self, namespace: Obj) -> None:
        """Drop the finalizer in spec; the API removes the namespace then."""
        if objects.dig(namespace, "spec", "finalizers"):
            changed = {**namespace, "spec": {**namespace["spec"], "finalizers": []}}
            self.client.api.update(
                "namespaces",
                None,
                objects.name(namespace),
                changed,
                subresource="finalize",
                options=self.client.options,
            )

    def _report(self, namespace: Obj, left: list[tuple[str, Obj]]) -> Obj:
        """Bring the conditions up to date, each in its place; the namespace as it then is."""
        conditions = {c["type"]: c for c in objects.dig(namespace, "status", "conditions", default=())}
        for new in self._conditions(left):
            old = conditions.get(new["type"], {})
            if old.get("status") == new["status"]:
                new["lastTransitionTime"] = old["lastTransitionTime"]
            conditions[new["type"]] = new
        changed = {**(namespace.get("status") or {}), "conditions": list(conditions.values())}
        return status.write(self.client, "namespaces", namespace, changed)

    def _conditions(self, left: list[tuple[str, Obj]]) -> list[Obj]:
        kinds = Counter(resource for resource, _ in left)
        held = Counter(f for _, obj in left for f in objects.meta(obj).get("finalizers") or ())
        content = ", ".join(f"{r} has {n} resource instances" for r, n in sorted(_full_names(kinds).items()))
        finalizers = ", ".join(f"{name} in {n} resource instances" for name, n in sorted(held.items()))
        rows = [
            *_NO_TROUBLE,
            ("NamespaceContentRemaining", True, "SomeResourcesRemain", f"Some resources are remaining: {content}")
            if content
            else ("NamespaceContentRemaining", False, "ContentRemoved", "All content successfully removed"),
            ("NamespaceFinalizersRemaining", True, "SomeFinalizersRemain", _WAITING + finalizers)
            if finalizers
            else ("NamespaceFinalizersRemaining", False, "ContentHasNoFinalizers", _FINALIZED),
        ]
        return [status.simple(*row, self.clock.now()) for row in rows]


def _full_names(kinds: Counter[str]) -> dict[str, int]:
    """Resource names as the message has them: the core group's end in a dot."""
    return {name if "." in name else f"{name}.": count for name, count in kinds.items()}
