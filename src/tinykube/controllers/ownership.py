"""Which objects belong to a controller: adoption of orphans that match, release of those that no longer do.

Law: an object has at most one controller. An orphan is adopted only after the API itself has confirmed that the owner
is still there and not being deleted.

Models k8s.io/kubernetes pkg/controller/controller_ref_manager.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tinykube import objects
from tinykube.client import STRATEGIC_MERGE_PATCH, Client
from tinykube.errors import ApiError
from tinykube.informer import Informer
from tinykube.objects import Obj

Match = Callable[[Obj], bool]


def owned_or_orphaned(informer: Informer, owner: Obj) -> list[Obj]:
    """What `owner` controls, and the orphans of its namespace."""
    orphans = (o for o in informer.indexed("controller", "") if objects.namespace(o) == objects.namespace(owner))
    return [*informer.indexed("controller", objects.uid(owner)), *orphans]


class Claims:
    """Adopts and releases objects of `resource` for `owner`, an object of `owner_resource`.

    What is adopted gets `finalizer` too, and loses it when it is released.
    """

    def __init__(self, client: Client, resource: str, owner_resource: str, owner: Obj, *, finalizer: str = "") -> None:
        self._client, self._resource, self._finalizer = client, resource, finalizer
        self._owner_resource, self._owner = owner_resource, owner
        self._may_adopt: bool | None = None

    def claim(self, candidates: Iterable[Obj], match: Match) -> list[Obj]:
        """Those of `candidates` that are the owner's, after adopting and releasing.

        Raises:
            ApiError: an adoption or release failed for another reason than that the object is gone.
        """
        return [mine for obj in candidates if (mine := self._claim(obj, match)) is not None]

    def _claim(self, obj: Obj, match: Match) -> Obj | None:
        ref = objects.controller_of(obj)
        if ref is not None:
            if ref["uid"] != objects.uid(self._owner):
                return None
            if match(obj):
                return obj
            if not objects.deleting(self._owner):
                self._release(obj)
            return None
        if objects.deleting(self._owner) or objects.deleting(obj) or not match(obj):
            return None
        return self._adopt(obj)

    def _adopt(self, obj: Obj) -> Obj | None:
        if not self._owner_is_there():
            return None
        finalizers = [*(objects.meta(obj).get("finalizers") or ()), self._finalizer]
        return self._patch(obj, [objects.owner_reference(self._owner)], finalizers)

    def _release(self, obj: Obj) -> None:
        finalizers = [f for f in objects.meta(obj).get("finalizers") or () if f != self._finalizer]
        self._patch(obj, [{"$patch": "delete", "uid": objects.uid(self._owner)}], finalizers)

    def _patch(self, obj: Obj, references: list[Obj], finalizers: list[str]) -> Obj | None:
        patch: Obj = {"metadata": {"uid": objects.uid(obj), "ownerReferences": references}}
        if self._finalizer:
            removed = [{"$patch": "replace"}] if not finalizers else []
            patch["metadata"]["finalizers"] = removed or finalizers
        try:
            return self._client.patch(
                self._resource, objects.namespace(obj), objects.name(obj), patch, patch_type=STRATEGIC_MERGE_PATCH
            )
        except ApiError as refused:
            if refused.code == 404:
                return None
            raise

    def _owner_is_there(self) -> bool:
        if self._may_adopt is None:
            try:
                fresh = self._client.get(
                    self._owner_resource, objects.namespace(self._owner), objects.name(self._owner)
                )
            except ApiError as refused:
                if refused.code != 404:
                    raise
                self._may_adopt = False
            else:
                self._may_adopt = objects.uid(fresh) == objects.uid(self._owner) and not objects.deleting(fresh)
        return self._may_adopt
