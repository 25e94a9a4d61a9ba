"""The API server as a plain object: every verb on every resource, as function calls.

Law: resolves names and dispatches; rules are in `registry`, `listing`, `patching` and `subresources`. Synchronous, and
what it returns is shared: read it, copy it before a change.

Models k8s.io/apiserver/pkg/endpoints/installer.go (which verb goes to which storage).
"""

from __future__ import annotations

import random
from typing import Any

from tinykube import errors, objects
from tinykube.api import bootstrap, components, listing, patching, reviews, subresources
from tinykube.api.listing import Query
from tinykube.api.registry import Registry
from tinykube.api.resources import Resource, find, stored
from tinykube.api.tokens import Tokens
from tinykube.client import KubeletApi, Options
from tinykube.clock import Clock
from tinykube.objects import Obj
from tinykube.store import Store, Watch

_DEFAULTS = Options()


class ApiServer:
    """kube-apiserver's role in this process. `nodes` holds the kubelets by node name, for logs, exec and proxy;
    `address` is the IP address it is reached at, which it publishes as the endpoint of its own Service, if any."""

    def __init__(self, store: Store, clock: Clock, rng: random.Random, address: str = "") -> None:
        self.store, self.clock, self.address = store, clock, address
        self.registry = Registry(store, clock, rng)
        self.tokens = Tokens(store, clock, rng)
        self.nodes: dict[str, KubeletApi] = {}

    def bootstrap(self) -> None:
        """Create what every cluster has from its first moment on."""
        bootstrap.bootstrap(self)

    # -- reading ---------------------------------------------------------------------------------------------

    def get(self, resource: str, namespace: str | None, name: str, *, subresource: str | None = None) -> Obj:
        """One object, or its view through a subresource such as `scale`.

        Raises:
            errors.ApiError: NotFound.
        """
        found = self._resolve(resource, "get")
        if resource == components.RESOURCE:
            return components.get(name)
        if subresource in (None, "status", "approval", "resize", "ephemeralcontainers"):
            return self.registry.get(found, namespace, name)
        return subresources.get(self.registry, found, namespace, name, subresource)

    def list(
        self,
        resource: str,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        limit: int = 0,
        continue_: str = "",
        resource_version: str = "",
        resource_version_match: str = "",
    ) -> Obj:
        """A List object; its items are shared.

        Raises:
            errors.ApiError: BadRequest, Expired.
        """
        if resource == components.RESOURCE:
            return components.every()
        query = Query(label_selector, field_selector, limit, continue_, resource_version, resource_version_match)
        return listing.list_objects(self.store, self._resolve(resource, "list"), namespace, query)

    def watch(
        self,
        resource: str,
        namespace: str | None = None,
        *,
        resource_version: str = "",
        label_selector: str = "",
        field_selector: str = "",
        send_initial_events: bool | None = None,
        bookmarks: bool = False,
    ) -> Watch:
        """Changes after `resource_version`; iterate it, then close it.

        Raises:
            errors.ApiError: BadRequest, Expired.
        """
        query = Query(
            label_selector,
            field_selector,
            resource_version=resource_version,
            send_initial_events=send_initial_events,
            bookmarks=bookmarks,
        )
        return listing.watch_objects(self.store, self._resolve(resource, "watch"), namespace, query)

    # -- writing ---------------------------------------------------------------------------------------------

    def create(
        self,
        resource: str,
        namespace: str | None,
        obj: Obj,
        *,
        subresource: str | None = None,
        name: str | None = None,
        options: Options = _DEFAULTS,
    ) -> Obj:
        """Create an object, or post to a subresource (`binding`, `eviction`, `token`) of the one named `name`.

        Raises:
            errors.ApiError: AlreadyExists, Invalid, Forbidden, NotFound, BadRequest, Conflict.
        """
        found = self._resolve(resource, "create")
        if subresource is not None:
            return subresources.create(self, found, namespace, name or "", subresource, obj, options)
        if found.key == "bindings":
            pods = find("pods")
            return subresources.create(self, pods, namespace, objects.name(obj), "binding", obj, options)
        if not stored(found):
            return reviews.answer(self, found, namespace, obj, options)
        return self.registry.create(found, namespace, obj, options)

    def update(
        self,
        resource: str,
        namespace: str | None,
        name: str,
        obj: Obj,
        *,
        subresource: str | None = None,
        options: Options = _DEFAULTS,
    ) -> Obj:
        """Replace an object or, through `status`, `scale` or `finalize`, part of it.

        Raises:
            errors.ApiError: NotFound, Conflict, Invalid, BadRequest.
        """
        found = self._resolve(resource, "update")
        new = objects.copy(obj)
        return subresources.update(self.registry, found, namespace, name, subresource, lambda old: new, options)

    def patch(
        self,
        resource: str,
        namespace: str | None,
        name: str,
        patch: Any,
        patch_type: str,
        *,
        subresource: str | None = None,
        options: Options = _DEFAULTS,
    ) -> Obj:
        """Change part of an object by a patch of one of the four media types. Applying may create.

        Raises:
            errors.ApiError: NotFound, Conflict, Invalid, BadRequest, UnsupportedMediaType.
        """
        found = self._resolve(resource, "patch")
        return patching.patch(self.registry, found, namespace, name, patch, patch_type, subresource, options)

    def delete(
        self,
        resource: str,
        namespace: str | None,
        name: str,
        options: Obj | None = None,
        *,
        user: Options = _DEFAULTS,
    ) -> Obj:
        """Delete an object; `options` is a DeleteOptions object. Returns it as it was last.

        Raises:
            errors.ApiError: NotFound, Conflict (preconditions), Forbidden, Invalid.
        """
        return self.delete_now(resource, namespace, name, options, user=user)[0]

    def delete_now(
        self,
        resource: str,
        namespace: str | None,
        name: str,
        options: Obj | None = None,
        *,
        user: Options = _DEFAULTS,
    ) -> tuple[Obj, bool]:
        """Like `delete`, and says whether the object is gone or only on its way."""
        found = self._resolve(resource, "delete")
        gone = self.registry.delete(found, namespace, name, options or {}, user)
        if resource in bootstrap.OWN and (namespace, name) == ("default", "kubernetes") and not user.dry_run:
            self.clock.call_later(bootstrap.RECONCILE_SECONDS, self.bootstrap)
        return gone

    def delete_collection(
        self,
        resource: str,
        namespace: str | None,
        options: Obj | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
        user: Options = _DEFAULTS,
    ) -> Obj:
        """Delete every selected object of a namespace; returns the List of them.

        Raises:
            errors.ApiError: BadRequest, Forbidden, Invalid.
        """
        found = self._resolve(resource, "deletecollection")
        doomed = self.list(resource, namespace, label_selector=label_selector, field_selector=field_selector)
        for obj in doomed["items"]:
            self.delete_now(found.key, objects.namespace(obj), objects.name(obj), options, user=user)
        return doomed

    def _resolve(self, resource: str, verb: str) -> Resource:
        found = find(resource)
        if verb not in found.verbs and not found.subresources:
            raise errors.method_not_allowed()
        return found
