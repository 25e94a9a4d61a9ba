"""Events are kept for an hour after they were last written, as leases in etcd have it.

Law: one timer an event, moved on as it is written; the expiry is a deletion like any other for those who watch.

Models the --event-ttl of kube-apiserver (pkg/registry/core/event/storage, lease_manager.go of storage/etcd3).
"""

from __future__ import annotations

from tinykube.clock import Clock
from tinykube.store import Key, Store

EVENT_SECONDS = 3600


class Expiry:
    """The clock of every stored event."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._written: dict[Key, float] = {}

    def written(self, key: Key) -> None:
        """Start or restart an event's hour."""
        known = key in self._written
        self._written[key] = self._clock.now()
        if not known:
            self._clock.call_later(EVENT_SECONDS, lambda: self._due(key))

    def _due(self, key: Key) -> None:
        left = self._written[key] + EVENT_SECONDS - self._clock.now()
        if left > 0 and self._store.get(key) is not None:
            self._clock.call_later(left, lambda: self._due(key))
            return
        del self._written[key]
        if self._store.get(key) is not None:
            self._store.delete(key)
