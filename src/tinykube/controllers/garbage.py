"""Garbage collector: deletes what nobody owns any more.

Law: an object whose owners are all gone is deleted; one that has an owner left only loses its references to the others.
An owner deleted with the finalizer `foregroundDeletion` waits for its dependents, one with `orphan` lets go of them.
Owners are looked up in the API itself before anything is deleted on their account.

Models k8s.io/kubernetes pkg/controller/garbagecollector/garbagecollector.go and graph_builder.go.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable

from tinykube import objects
from tinykube.client import STRATEGIC_MERGE_PATCH, Client
from tinykube.clock import Clock
from tinykube.controllers import resources
from tinykube.controllers.base import Controller
from tinykube.errors import ApiError
from tinykube.informer import Informer, Informers
from tinykube.objects import Obj

ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"


def references(obj: Obj) -> list[Obj]:
    """metadata.ownerReferences, never None."""
    return objects.meta(obj).get("ownerReferences") or []


def has_finalizer(obj: Obj, finalizer: str) -> bool:
    """Whether the object is held by that finalizer."""
    return finalizer in (objects.meta(obj).get("finalizers") or ())


def waits_for_dependents(obj: Obj) -> bool:
    """Being deleted in the foreground."""
    return objects.deleting(obj) and has_finalizer(obj, FOREGROUND)


class GarbageCollector(Controller):
    """Watches every object; keys are `resource|namespace/name`."""

    name = "generic-garbage-collector"
    component = "garbage-collector-controller"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self._dependents: dict[str, set[str]] = defaultdict(set)  # an owner's UID to its dependents' keys
        self._known: dict[str, str] = {}  # the UID of every object there is, to its key
        self._informer_of: dict[str, Informer] = {}
        for resource in resources.COLLECTED:
            self._informer_of[resource] = self._follow(resource)

    # -- the graph

    def _follow(self, resource: str) -> Informer:
        def key(obj: Obj) -> str:
            return f"{resource}|{objects.key(obj)}"

        return self.watch(
            resource,
            lambda obj: self._seen(key(obj), None, obj),
            lambda old, new: self._seen(key(new), old, new),
            lambda obj: self._gone(key(obj), obj),
        )

    def _seen(self, key: str, old: Obj | None, new: Obj) -> None:
        if old is not None and objects.uid(old) != objects.uid(new):
            self._gone(key, old)
            old = None
        self._known[objects.uid(new)] = key
        before = {ref["uid"] for ref in references(old)} if old else set()
        after = {ref["uid"] for ref in references(new)}
        for uid in before - after:
            self._forget_dependent(uid, key)
        for uid in after - before:
            self._dependents[uid].add(key)
        if before != after and not all(self._plausible(ref, new) for ref in references(new)):
            self.queue.add(key)  # an owner that was never seen, or is another than is said: it may not exist
        if objects.deleting(new) and (has_finalizer(new, ORPHAN) or has_finalizer(new, FOREGROUND)):
            self.queue.add(key)

    def _plausible(self, ref: Obj, dependent: Obj) -> bool:
        """Whether an owner with that UID is known and is what the reference says; one elsewhere is worth an event."""
        key = self._known.get(ref["uid"])
        if key is None:
            return False
        resource, _, name = key.partition("|")
        namespace = name.rpartition("/")[0]
        if namespace and namespace != objects.namespace(dependent):
            self._say_elsewhere(ref, dependent)
            return False
        return (resource, objects.split_key(name)[1]) == (resources.of_reference(ref), ref["name"])

    def _say_elsewhere(self, ref: Obj, dependent: Obj) -> None:
        here = objects.namespace(dependent)
        owner = f"[{ref['apiVersion']}/{ref['kind']}, namespace: {here}, name: {ref['name']}, uid: {ref['uid']}]"
        message = f'ownerRef {owner} does not exist in namespace "{here}"'
        self.events.event(dependent, "Warning", "OwnerRefInvalidNamespace", message)

    def _gone(self, key: str, obj: Obj) -> None:
        self._known.pop(objects.uid(obj), None)
        for dependent in sorted(self._dependents.get(objects.uid(obj), ())):
            self.queue.add(dependent)
        for ref in references(obj):
            self._forget_dependent(ref["uid"], key)

    def _forget_dependent(self, owner: str, key: str) -> None:
        left = self._dependents[owner]
        left.discard(key)
        if not left:
            del self._dependents[owner]
        if owner in self._known:
            self._wake_if_waiting(self._known[owner])

    def _wake_if_waiting(self, owner: str) -> None:
        obj = self._object(owner)
        if obj is not None and waits_for_dependents(obj):
            self.queue.add(owner)

    def _object(self, key: str) -> Obj | None:
        resource, _, name = key.partition("|")
        return self._informer_of[resource].by_key(name)

    def _dependents_of(self, obj: Obj) -> list[tuple[str, Obj]]:
        keys = sorted(self._dependents.get(objects.uid(obj), ()))
        return [(key, found) for key in keys if (found := self._object(key)) is not None]

    # -- collecting

    def reconcile(self, key: str) -> None:
        """Orphan, wait for, or delete, as the object's state and its owners' say."""
        obj, resource = self._object(key), key.partition("|")[0]
        if obj is None:
            return
        if objects.deleting(obj) and has_finalizer(obj, ORPHAN):
            self._orphan(resource, obj)
        elif waits_for_dependents(obj):
            self._wait_for_dependents(resource, obj)
        elif not objects.deleting(obj) and references(obj):
            self._judge(resource, obj)

    def _orphan(self, resource: str, obj: Obj) -> None:
        for key, dependent in self._dependents_of(obj):
            self._drop_references(key.partition("|")[0], dependent, {objects.uid(obj)})
        self._drop_finalizer(resource, obj, ORPHAN)

    def _wait_for_dependents(self, resource: str, obj: Obj) -> None:
        dependents = self._dependents_of(obj)
        if not any(_blocks(dependent, obj) for _, dependent in dependents):
            self._drop_finalizer(resource, obj, FOREGROUND)
        for key, dependent in dependents:
            if not objects.deleting(dependent):
                self.queue.add(key)

    def _judge(self, resource: str, obj: Obj) -> None:
        """Delete an object that has no owner left; otherwise only tidy its references."""
        states = {ref["uid"]: self._state_of(ref, obj) for ref in references(obj)}
        unwanted = {uid for uid, state in states.items() if state != "solid"}
        if not unwanted:
            return
        if len(unwanted) < len(states):
            self._drop_references(resource, obj, unwanted)
        elif "waiting" in states.values() and self._dependents_of(obj):
            resources.delete_if_there(self.client, resource, obj, propagation="Foreground")
        else:
            policy = "Orphan" if has_finalizer(obj, ORPHAN) else "Background"
            resources.delete_if_there(self.client, resource, obj, propagation=policy)

    def _state_of(self, reference: Obj, dependent: Obj) -> str:
        """solid: it is there. absent: it is gone. waiting: it is going, once its dependents are."""
        resource = resources.of_reference(reference)
        if resource is None:
            return "solid"
        namespace = objects.namespace(dependent) if resources.is_namespaced(resource) else ""
        try:
            owner = self.client.get(resource, namespace, reference["name"])
        except ApiError as refused:
            if refused.code != 404:
                raise
            return "absent"
        if objects.uid(owner) != reference["uid"]:
            return "absent"
        return "waiting" if waits_for_dependents(owner) else "solid"

    # -- writing

    def _drop_references(self, resource: str, obj: Obj, owners: set[str]) -> None:
        gone = [{"$patch": "delete", "uid": uid} for uid in sorted(owners)]
        patch = {"metadata": {"uid": objects.uid(obj), "ownerReferences": gone}}
        self._if_there(
            lambda: self.client.patch(
                resource, objects.namespace(obj), objects.name(obj), patch, patch_type=STRATEGIC_MERGE_PATCH
            )
        )

    def _drop_finalizer(self, resource: str, obj: Obj, finalizer: str) -> None:
        left = [f for f in objects.meta(obj).get("finalizers") or () if f != finalizer]
        version = objects.meta(obj)["resourceVersion"]
        patch = {"metadata": {"resourceVersion": version, "finalizers": left or None}}
        self._if_there(lambda: self.client.patch(resource, objects.namespace(obj), objects.name(obj), patch))

    def _if_there(self, write: Callable[[], Obj]) -> None:
        try:
            write()
        except ApiError as refused:
            if refused.code != 404:
                raise


def _blocks(dependent: Obj, owner: Obj) -> bool:
    return any(r["uid"] == objects.uid(owner) and r.get("blockOwnerDeletion") for r in references(dependent))
