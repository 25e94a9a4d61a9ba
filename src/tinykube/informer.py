"""A local, read-only copy of one resource that tells its handlers what changed.

Law: handlers and readers run on the cluster's one loop; a handler is a quick plain function, usually one that puts
a key on a work queue. The copy lags behind the API by design: controllers have to cope, as in the real one.

Models k8s.io/client-go/tools/cache (reflector.go, shared_informer.go, thread_safe_store.go).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tinykube import objects
from tinykube.client import Client, Events
from tinykube.errors import ApiError
from tinykube.objects import Obj

Index = Callable[[Obj], Iterable[str]]


def by_namespace(obj: Obj) -> list[str]:
    """Index function: the namespace."""
    return [objects.namespace(obj)]


def by_controller(obj: Obj) -> list[str]:
    """Index function: the UID of the controller, or an empty string for an orphan."""
    ref = objects.controller_of(obj)
    return [ref["uid"] if ref else ""]


@dataclass
class Handler:
    """What to call for each change; any part may be left out."""

    added: Callable[[Obj], None] | None = None
    updated: Callable[[Obj, Obj], None] | None = None
    deleted: Callable[[Obj], None] | None = None


class Informer:
    """The objects of one resource by key (`namespace/name`), kept up to date by list and watch."""

    def __init__(self, client: Client, resource: str, field_selector: str = "") -> None:
        self.resource = resource
        self.synced = False
        self._client, self._field_selector = client, field_selector
        self._objects: dict[str, Obj] = {}
        self._handlers: list[Handler] = []
        self._index_functions: dict[str, Index] = {}
        self._indexes: dict[str, dict[str, dict[str, Obj]]] = {}
        self.index("namespace", by_namespace)
        self.index("controller", by_controller)

    # -- reading

    def get(self, namespace: str, name: str) -> Obj | None:
        """The object as last seen, or None."""
        return self._objects.get(f"{namespace}/{name}" if namespace else name)

    def by_key(self, key: str) -> Obj | None:
        """The object of that work-queue key, or None."""
        return self._objects.get(key)

    def all(self) -> list[Obj]:
        """Every object, in the order in which they were first seen."""
        return list(self._objects.values())

    def indexed(self, index: str, value: str) -> list[Obj]:
        """The objects whose index function `index` yields `value`."""
        return list(self._indexes[index].get(value, {}).values())

    def in_namespace(self, namespace: str) -> list[Obj]:
        """The objects of one namespace."""
        return self.indexed("namespace", namespace)

    # -- set-up

    def index(self, name: str, function: Index) -> None:
        """Keep an index, so that look-ups by `name` need no scan."""
        self._index_functions[name] = function
        self._indexes[name] = defaultdict(dict)
        for key, obj in self._objects.items():
            for value in function(obj):
                self._indexes[name][value][key] = obj

    def on_change(
        self,
        added: Callable[[Obj], None] | None = None,
        updated: Callable[[Obj, Obj], None] | None = None,
        deleted: Callable[[Obj], None] | None = None,
    ) -> None:
        """Call the handlers from now on; `added` also for what is there already."""
        self._handlers.append(Handler(added, updated, deleted))
        if added is not None:
            for obj in self.all():
                added(obj)

    # -- the reflector

    async def run(self) -> None:
        """List, then watch; list again when the watch's revision is too old. Runs until cancelled."""
        while True:
            watch = self._list_and_watch()
            try:
                await self._follow(watch)
            finally:
                watch.close()

    def _list_and_watch(self) -> Events:
        listed = self._client.api.list(self.resource, field_selector=self._field_selector)
        self._replace(listed["items"])
        self.synced = True
        return self._client.api.watch(
            self.resource,
            resource_version=listed["metadata"]["resourceVersion"],
            field_selector=self._field_selector,
        )

    async def _follow(self, watch: Events) -> None:
        with contextlib.suppress(ApiError):  # 410 Gone: list again
            async for type_, obj in watch:
                if type_ == "DELETED":
                    self._remove(obj)
                elif type_ in ("ADDED", "MODIFIED"):
                    self._put(obj)

    def _replace(self, listed: list[Obj]) -> None:
        present = {objects.key(obj) for obj in listed}
        for key, obj in list(self._objects.items()):
            if key not in present:
                self._remove(obj)
        for obj in listed:
            self._put(obj)

    def _put(self, obj: Obj) -> None:
        key = objects.key(obj)
        old = self._objects.get(key)
        if old is not None and old["metadata"]["resourceVersion"] == obj["metadata"]["resourceVersion"]:
            return
        self._reindex(key, old, obj)
        self._objects[key] = obj
        for handler in self._handlers:
            if old is None and handler.added:
                handler.added(obj)
            elif old is not None and handler.updated:
                handler.updated(old, obj)

    def _remove(self, obj: Obj) -> None:
        key = objects.key(obj)
        self._reindex(key, self._objects.pop(key, None), None)
        for handler in self._handlers:
            if handler.deleted:
                handler.deleted(obj)

    def _reindex(self, key: str, old: Obj | None, new: Obj | None) -> None:
        for name, function in self._index_functions.items():
            index = self._indexes[name]
            for value in function(old) if old is not None else ():
                bucket = index[value]
                bucket.pop(key, None)
                if not bucket:
                    del index[value]
            for value in function(new) if new is not None else ():
                index[value][key] = new  # type: ignore[assignment]


class Informers:
    """One shared informer a resource, however many controllers ask (SharedInformerFactory)."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._informers: dict[tuple[str, str], Informer] = {}
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}

    def __call__(self, resource: str, field_selector: str = "") -> Informer:
        """The shared informer of a resource; started by `start`."""
        wanted = (resource, field_selector)
        if wanted not in self._informers:
            self._informers[wanted] = Informer(self._client, resource, field_selector)
        return self._informers[wanted]

    def start(self) -> None:
        """Start every informer that has been asked for and is not running yet."""
        for wanted, informer in self._informers.items():
            if wanted not in self._tasks:
                self._tasks[wanted] = asyncio.create_task(informer.run(), name=f"informer {informer.resource}")

    async def stop(self) -> None:
        """Stop them all."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()
