"""What etcd does for Kubernetes: keys, one global revision, and watches that replay from any retained revision.

Law: no API rules in here. Every write gets the next revision, is stamped into the object as
`metadata.resourceVersion`, appended to the log, and handed to every watch in that order; nothing is lost, doubled
or reordered. Stored objects are never changed afterwards: readers share them.

Models etcd's mvcc (server/storage/mvcc/watchable_store.go) as seen through
k8s.io/apiserver/pkg/storage/etcd3/store.go.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from itertools import dropwhile
from typing import Any, NamedTuple

from tinykube import errors
from tinykube.objects import Obj

Event = tuple[str, Obj]
"""What a watch yields: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, and the object."""

RETAINED = 10_000
"""Changes kept in the log; older ones are compacted away."""

BACKLOG = 20_000
"""Events a watch may fall behind before it is dropped."""


class Key(NamedTuple):
    """Where an object lives. `namespace` is empty for cluster-scoped resources."""

    resource: str
    namespace: str
    name: str


class Change(NamedTuple):
    """One committed write: the object after it (for a deletion: as it last was) and before it."""

    revision: int
    type: str
    key: Key
    object: Obj
    previous: Obj | None


View = Callable[[Change], Event | None]


def plain_view(change: Change) -> Event:
    """Show every change as it is."""
    return change.type, change.object


class Store:
    """Objects by resource, namespace and name."""

    def __init__(self) -> None:
        self.revision = 0
        self.compacted = 0
        self._data: dict[str, dict[str, dict[str, Obj]]] = {}
        self._log: deque[Change] = deque()
        self._watches: dict[str, set[Watch]] = {}

    def get(self, key: Key) -> Obj | None:
        """The object at `key`, or None."""
        return self._data.get(key.resource, {}).get(key.namespace, {}).get(key.name)

    def list(self, resource: str, namespace: str | None = None) -> list[Obj]:
        """All objects of a resource, of one namespace or (None) of all, in key order."""
        spaces = self._data.get(resource, {})
        chosen = sorted(spaces) if namespace is None else [namespace]
        return [obj for space in chosen for _, obj in sorted(spaces.get(space, {}).items())]

    def count(self, resource: str) -> int:
        """How many objects of a resource there are."""
        return sum(map(len, self._data.get(resource, {}).values()))

    def create(self, key: Key, obj: Obj) -> Obj:
        """Add an object; the store owns it from now on.

        Raises:
            errors.ApiError: AlreadyExists.
        """
        if self.get(key) is not None:
            raise errors.already_exists(key.resource, key.name)
        return self._commit("ADDED", key, obj, None)

    def update(self, key: Key, obj: Obj, expected: str | None = None) -> Obj:
        """Replace an object, if its revision is still `expected` (None: whatever it is).

        Raises:
            errors.ApiError: NotFound; Conflict when somebody wrote in between.
        """
        previous = self._current(key, expected)
        return self._commit("MODIFIED", key, obj, previous)

    def delete(self, key: Key, expected: str | None = None, last: Obj | None = None) -> Obj:
        """Remove an object; watchers see it as `last` (default: as it was), stamped with the deletion's revision.

        Raises:
            errors.ApiError: NotFound; Conflict when somebody wrote in between.
        """
        previous = self._current(key, expected)
        return self._commit("DELETED", key, last or previous, previous)

    def watch(
        self, resource: str, namespace: str | None = None, since: int | None = None, view: View = plain_view
    ) -> Watch:
        """Every change after revision `since` (None: from now on), as `view` shows it.

        Raises:
            errors.ApiError: Expired when `since` has been compacted away.
        """
        watch = Watch(self, resource, namespace, view)
        if since is not None and since < self.revision:
            for change in self._changes_after(since):
                watch.offer(change)
        self._watches.setdefault(resource, set()).add(watch)
        return watch

    def compact(self, revision: int) -> None:
        """Forget the changes up to and including `revision`."""
        while self._log and self._log[0].revision <= revision:
            self._log.popleft()
        self.compacted = max(self.compacted, min(revision, self.revision))

    def _changes_after(self, since: int) -> Iterable[Change]:
        if since < self.compacted:
            raise errors.gone(f"too old resource version: {since} ({self.compacted + 1})")
        return dropwhile(lambda change: change.revision <= since, self._log)

    def _current(self, key: Key, expected: str | None) -> Obj:
        found = self.get(key)
        if found is None:
            raise errors.not_found(key.resource, key.name)
        if expected is not None and found["metadata"]["resourceVersion"] != expected:
            raise errors.conflict(key.resource, key.name, errors.MODIFIED)
        return found

    def _commit(self, type_: str, key: Key, obj: Obj, previous: Obj | None) -> Obj:
        self.revision += 1
        stamped = {**obj, "metadata": {**obj["metadata"], "resourceVersion": str(self.revision)}}
        space = self._data.setdefault(key.resource, {}).setdefault(key.namespace, {})
        if type_ == "DELETED":
            del space[key.name]
        else:
            space[key.name] = stamped
        change = Change(self.revision, type_, key, stamped, previous)
        self._log.append(change)
        if len(self._log) > RETAINED:
            self.compact(self._log[0].revision)
        for watch in tuple(self._watches.get(key.resource, ())):
            watch.offer(change)
        return stamped

    def forget(self, watch: Watch) -> None:
        """Stop feeding a watch."""
        self._watches.get(watch.resource, set()).discard(watch)


class Watch:
    """An asynchronous stream of events; iterate it, then `close` it."""

    def __init__(self, store: Store, resource: str, namespace: str | None, view: View) -> None:
        self.resource = resource
        self.revision = store.revision
        self.dropped = False
        self._store, self._namespace, self._view = store, namespace, view
        self._events: deque[Event] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False

    def offer(self, change: Change) -> None:
        """Take a change from the store, if it concerns this watch."""
        self.revision = change.revision
        if change.key.resource != self.resource or self._namespace not in (None, change.key.namespace):
            return
        event = self._view(change)
        if event is not None:
            self.push(event)

    def push(self, event: Event) -> None:
        """Queue an event; a reader that has fallen too far behind is dropped instead of growing memory."""
        if len(self._events) >= BACKLOG:
            self.dropped = True
            self.close()
            return
        self._events.append(event)
        self._wake()

    def poll(self) -> list[Event]:
        """Whatever is queued now, without waiting."""
        queued = list(self._events)
        self._events.clear()
        return queued

    def close(self) -> None:
        """End the stream: the reader gets what is queued, then the end."""
        self._closed = True
        self._store.forget(self)
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def __aiter__(self) -> Watch:
        return self

    async def __anext__(self) -> Event:
        while not self._events:
            if self._closed:
                raise StopAsyncIteration
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._events.popleft()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
