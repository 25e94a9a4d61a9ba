"""The generic registry: what creating, changing and deleting mean for every stored resource.

Law: the one place that writes objects to the store. A write is defaulted, admitted, prepared by its kind's strategy
and validated, in that order, on the server's own copy; what is returned is shared and read-only.

Models k8s.io/apiserver/pkg/registry/generic/registry/store.go and pkg/registry/rest/{create,update}.go.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from tinykube import errors, objects
from tinykube.api import admission, allocation, deletion, quotas, validation
from tinykube.api.defaults import default, strategy
from tinykube.api.expiry import Expiry
from tinykube.api.patch import managed
from tinykube.api.resources import Resource
from tinykube.api.validation import ephemeral, resize
from tinykube.client import Options
from tinykube.clock import Clock
from tinykube.errors import Cause
from tinykube.objects import Obj, dig
from tinykube.store import Key, Store

NAME_ATTEMPTS = 8
MAX_GENERATED_BASE = 58

Change = Callable[[Obj], Obj]
"""Makes the wanted object out of a private copy of the stored one."""

_CONDITIONAL = frozenset({
    "leases.coordination.k8s.io", "poddisruptionbudgets.policy", "runtimeclasses.node.k8s.io",
    "customresourcedefinitions.apiextensions.k8s.io", "apiservices.apiregistration.k8s.io",
})  # fmt: skip
"""Resources that may be replaced only by somebody who says which revision is meant."""


class Registry:
    """Objects of all stored resources."""

    def __init__(self, store: Store, clock: Clock, rng: random.Random) -> None:
        self.store, self.clock, self.rng = store, clock, rng
        self._expiry = Expiry(store, clock)

    # -- reading ---------------------------------------------------------------------------------------------

    def key(self, resource: Resource, namespace: str | None, name: str) -> Key:
        """Where an object of that name lives."""
        return Key(resource.key, (namespace or "") if resource.namespaced else "", name)

    def get(self, resource: Resource, namespace: str | None, name: str) -> Obj:
        """The stored object.

        Raises:
            errors.ApiError: NotFound.
        """
        found = self.store.get(self.key(resource, namespace, name))
        if found is None:
            raise errors.not_found(resource.key, name)
        return found

    # -- create ----------------------------------------------------------------------------------------------

    def create(
        self, resource: Resource, namespace: str | None, obj: Obj, options: Options, *, record: bool = True
    ) -> Obj:
        """Store a new object. `record=False`: its managedFields are already what they should be.

        Raises:
            errors.ApiError: BadRequest, NotFound (namespace), Forbidden, Invalid, AlreadyExists.
        """
        new = objects.copy(obj)
        new.update(apiVersion=resource.group_version, kind=resource.kind)
        self._new_metadata(resource, namespace, new)
        default(resource.kind_key, new)
        if record:
            managed.record(resource.kind_key, None, new, self._writer(resource, options))
        admission.admit_create(self.store, self.rng, resource, new)
        strategy.prepare_for_create(resource.kind_key, new)
        causes = validation.validate_create(resource.kind_key, new)
        causes = causes or self._allocate(resource, new, None)
        self._refuse(resource, new, causes)
        warnings = list(validation.warnings(resource.kind_key, new))
        admission.check_create(self.store, resource, new, warnings)
        stored = self._insert(resource, new, options, self._charge(resource, new, None))
        options.warnings.extend(warnings)  # of what was there already, a real cluster warns of nothing
        return stored

    def _new_metadata(self, resource: Resource, namespace: str | None, new: Obj) -> None:
        metadata = new["metadata"] = new.get("metadata") or {}
        if metadata.get("resourceVersion"):
            raise errors.bad_request("resourceVersion should not be set on objects to be created")
        for field in ("selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion"):
            metadata.pop(field, None)
        _place(resource, namespace, metadata)
        metadata["uid"] = objects.new_uid(self.rng)
        metadata["creationTimestamp"] = objects.rfc3339(self.clock.now())
        if not metadata.get("name") and metadata.get("generateName"):
            metadata["name"] = self._generate_name(resource, metadata)

    def _generate_name(self, resource: Resource, metadata: Obj) -> str:
        base = str(metadata["generateName"])[:MAX_GENERATED_BASE]
        for _ in range(NAME_ATTEMPTS):
            name = base + objects.random_suffix(self.rng)
            if self.store.get(self.key(resource, metadata.get("namespace"), name)) is None:
                break
        return name

    def _insert(self, resource: Resource, new: Obj, options: Options, charged: list[Obj]) -> Obj:
        key = self.key(resource, objects.namespace(new), objects.name(new))
        existing = self.store.get(key)
        if existing is not None and objects.deleting(existing):
            raise errors.being_deleted(resource.key, key.name)
        if existing is not None:
            raise errors.already_exists(resource.key, key.name)
        if options.dry_run:
            return new
        self._written(key)
        self._store_quotas(charged)
        return self.store.create(key, new)

    # -- update ----------------------------------------------------------------------------------------------

    def update(
        self,
        resource: Resource,
        namespace: str | None,
        name: str,
        change: Change,
        options: Options,
        *,
        subresource: str | None = None,
        record: bool = True,
    ) -> Obj:
        """Replace an object by what `change` makes of it. Writing what is already there changes nothing.

        Raises:
            errors.ApiError: NotFound, Conflict, Invalid, BadRequest.
        """
        old = self.get(resource, namespace, name)
        new = {**change(objects.copy(old)), "apiVersion": resource.group_version, "kind": resource.kind}
        _check_identity(resource, name, new, old)
        new["metadata"].pop("selfLink", None)
        default(resource.kind_key, new)
        if record:
            managed.record(resource.kind_key, old, new, self._writer(resource, options, subresource))
        self._prepare_update(resource, subresource, new, old, options)
        charged = [] if subresource == "status" else self._charge(resource, new, old)
        return self._replace(resource, old, new, options, charged)

    def _prepare_update(
        self, resource: Resource, subresource: str | None, new: Obj, old: Obj, options: Options
    ) -> None:
        if subresource == "binding":
            strategy.keep_metadata(new, old)
            return
        if subresource == "status":
            strategy.prepare_for_status_update(resource.kind_key, new, old)
            self._refuse(resource, new, validation.validate_status_update(resource.kind_key, new, old))
            return
        spec = new.get("spec")
        strategy.prepare_for_update(resource.kind_key, new, old)
        if subresource == "finalize":
            new["spec"] = spec
        causes = self._allocate(resource, new, old)
        if subresource == "ephemeralcontainers":
            causes = ephemeral.update(new, old)
        elif subresource == "resize":
            causes = resize.update(new, old)
        else:
            causes = validation.validate_update(resource.kind_key, new, old) or causes
        self._refuse(resource, new, causes)
        options.warnings.extend(validation.warnings(resource.kind_key, new, old))
        admission.check_update(self.store, resource, subresource, new, old, options.warnings)

    def _replace(self, resource: Resource, old: Obj, new: Obj, options: Options, charged: list[Obj]) -> Obj:
        key = self.key(resource, objects.namespace(old), objects.name(old))
        if _same(new, old):
            return old
        if options.dry_run:
            return new
        if _ended(resource, new):
            return self.store.delete(key)  # watchers see it as it was, finalizers and all
        self._written(key)
        self._store_quotas(charged)
        return self.store.update(key, new, expected=old["metadata"]["resourceVersion"])

    # -- delete ----------------------------------------------------------------------------------------------

    def delete(
        self, resource: Resource, namespace: str | None, name: str, wanted: Obj, options: Options
    ) -> tuple[Obj, bool]:
        """Delete an object, or mark it as being deleted; return it and whether it is gone.

        Raises:
            errors.ApiError: NotFound, Conflict (preconditions), Forbidden, Invalid.
        """
        deletion.check_options(wanted)
        old = self.get(resource, namespace, name)
        admission.admit_delete(resource, name)
        deletion.check_preconditions(resource, old, wanted)
        if warning := deletion.warning(resource, wanted):
            options.warnings.append(warning)
        key = self.key(resource, namespace, name)
        if resource.key == "namespaces":
            return self._delete_namespace(key, old, wanted, options)
        plan = deletion.plan(resource, old, wanted, self.clock.now())
        if options.dry_run:
            return plan.marked or old, plan.now
        if plan.marked is not None and not _same(plan.marked, old):
            old = self.store.update(key, plan.marked)
        return (self.store.delete(key), True) if plan.now else (old, False)

    def _delete_namespace(self, key: Key, old: Obj, wanted: Obj, options: Options) -> tuple[Obj, bool]:
        if objects.deleting(old):
            gone = not dig(old, "spec", "finalizers") and not objects.meta(old).get("finalizers")
            return (self.store.delete(key), True) if gone and not options.dry_run else (old, gone)
        marked = objects.copy(old)
        marked["metadata"]["deletionTimestamp"] = objects.rfc3339(self.clock.now())
        marked["status"] = {**(marked.get("status") or {}), "phase": "Terminating"}
        return (marked if options.dry_run else self.store.update(key, marked)), False

    def _written(self, key: Key) -> None:
        if key.resource == "events":
            self._expiry.written(key)

    # -- shared ----------------------------------------------------------------------------------------------

    def _charge(self, resource: Resource, new: Obj, old: Obj | None) -> list[Obj]:
        """The ResourceQuotas that storing `new` changes; nothing is stored yet."""
        if not resource.namespaced or resource.key == "events":
            return []
        found = self.store.list("resourcequotas", objects.namespace(new))
        return quotas.charge(found, resource.key, new, old, self.clock.now()) if found else []

    def _store_quotas(self, charged: list[Obj]) -> None:
        for quota in charged:
            self.store.update(Key("resourcequotas", objects.namespace(quota), objects.name(quota)), quota)

    def _allocate(self, resource: Resource, new: Obj, old: Obj | None) -> list[Cause]:
        if resource.key != "services":
            return []
        uid = objects.uid(new)
        others = [s for s in self.store.list("services") if objects.uid(s) != uid]
        return allocation.allocate(new, old, others, self.rng)

    def _refuse(self, resource: Resource, obj: Obj, causes: list[Cause]) -> None:
        if causes:
            raise errors.invalid(resource.kind, resource.group, objects.name(obj), causes)

    def _writer(self, resource: Resource, options: Options, subresource: str | None = None) -> managed.Writer:
        return managed.Writer(
            manager=options.field_manager or "unknown",
            api_version=resource.group_version,
            time=objects.rfc3339(self.clock.now()),
            subresource=subresource or "",
        )


def _place(resource: Resource, namespace: str | None, metadata: Obj) -> None:
    """Put a new object into the namespace of its request."""
    if not resource.namespaced:
        metadata.pop("namespace", None)
        return
    if not namespace:
        raise errors.bad_request("an empty namespace may not be set during creation")
    if metadata.get("namespace", namespace) not in (namespace, "", None):
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    metadata["namespace"] = namespace


def _check_identity(resource: Resource, name: str, new: Obj, old: Obj) -> None:
    """The object sent is the object stored: same name, namespace, UID and revision."""
    metadata = new.setdefault("metadata", {})
    if metadata.get("name", name) != name:
        found = metadata["name"]
        raise errors.bad_request(f"the name of the object ({found}) does not match the name on the URL ({name})")
    metadata["name"] = name
    if resource.namespaced and metadata.get("namespace") not in (objects.namespace(old), "", None):
        raise errors.bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    uid, current = metadata.get("uid"), objects.uid(old)
    if uid and uid != current:
        why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {current}"
        raise errors.conflict(resource.key, name, why)
    _check_revision(resource, name, metadata, old)


def _check_revision(resource: Resource, name: str, metadata: Obj, old: Obj) -> None:
    current = old["metadata"]["resourceVersion"]
    revision = metadata.get("resourceVersion")
    if not revision and resource.key in _CONDITIONAL:
        why = "Invalid value: 0x0: must be specified for an update"
        cause = Cause("FieldValueInvalid", "metadata.resourceVersion", why)
        raise errors.invalid(resource.kind, resource.group, name, [cause])
    if revision and revision != current:
        raise errors.conflict(resource.key, name, errors.MODIFIED)
    metadata["resourceVersion"] = current


def _ended(resource: Resource, obj: Obj) -> bool:
    """Whether an object that is being deleted has nothing left to wait for."""
    metadata = objects.meta(obj)
    if not metadata.get("deletionTimestamp") or metadata.get("finalizers"):
        return False
    if resource.key == "namespaces":
        return not dig(obj, "spec", "finalizers")
    return not metadata.get("deletionGracePeriodSeconds")


def _same(new: Obj, old: Obj) -> bool:
    """Whether storing `new` would change nothing but the times of its field managers."""
    if {k: v for k, v in new.items() if k != "metadata"} != {k: v for k, v in old.items() if k != "metadata"}:
        return False
    return _timeless(new["metadata"]) == _timeless(old["metadata"])


def _timeless(metadata: Obj) -> Any:
    entries = [{k: v for k, v in e.items() if k != "time"} for e in metadata.get("managedFields") or ()]
    return {**metadata, "managedFields": entries}
