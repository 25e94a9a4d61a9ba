"""The loop that every controller runs: take a key, reconcile it, try again later if that failed.

Law: `reconcile` is a plain function from a key to API calls. It reads caches that may be behind, and must do the right
thing for whatever it finds; it is called again whenever something it watches changes.

Models k8s.io/kubernetes cmd/kube-controller-manager/app/controllermanager.go and the worker of
each controller, such as pkg/controller/replicaset/replica_set.go.
"""

from __future__ import annotations

import asyncio
import logging
import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.errors import ApiError
from tinykube.events import Recorder
from tinykube.informer import Informer, Informers
from tinykube.objects import Obj
from tinykube.workqueue import WorkQueue

log = logging.getLogger(__name__)

TURNS_PER_WRITE = 2
"""Turns of the loop that stand for one request to the API."""


class CountingClient(Client):
    """A client that knows how much it has written."""

    def __init__(self, client: Client) -> None:
        super().__init__(client.api, client.options.user)
        self.options = client.options
        self._writes = 0

    def take_writes(self) -> int:
        """Writes since this was last asked."""
        writes, self._writes = self._writes, 0
        return writes

    def create(self, resource: str, obj: Obj) -> Obj:
        self._writes += 1
        return super().create(resource, obj)

    def _update(self, resource: str, obj: Obj, subresource: str | None) -> Obj:
        self._writes += 1
        return super()._update(resource, obj, subresource)

    def patch(self, resource: str, namespace: str, name: str, patch: Any, **how: Any) -> Obj:
        self._writes += 1
        return super().patch(resource, namespace, name, patch, **how)

    def delete(self, resource: str, namespace: str, name: str, **how: Any) -> Obj:
        self._writes += 1
        return super().delete(resource, namespace, name, **how)


class Controller(ABC):
    """A named work queue and the worker that empties it. Subclasses say what they watch and how to reconcile."""

    name = "controller"
    """The controller's name, as in the service account it runs as."""
    component = ""
    """Where its events say they are from; the name, unless given."""

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        self.client = CountingClient(client)
        self.clock, self.rng = clock, rng
        self.queue = WorkQueue(clock)
        self.events = Recorder(client, clock, self.component or self.name)
        self._informers = informers
        self._watched: list[Informer] = []

    @abstractmethod
    def reconcile(self, key: str) -> None:
        """Bring the object called `key` (`namespace/name`) one step nearer to what its spec says."""

    def informer(self, resource: str) -> Informer:
        """The shared informer of a resource; `run` waits for it before it starts to reconcile."""
        informer = self._informers(resource)
        if informer not in self._watched:
            self._watched.append(informer)
        return informer

    def watch(
        self,
        resource: str,
        added: Callable[[Obj], None] | None = None,
        updated: Callable[[Obj, Obj], None] | None = None,
        deleted: Callable[[Obj], None] | None = None,
    ) -> Informer:
        """The shared informer of a resource, telling these handlers what changes."""
        informer = self.informer(resource)
        informer.on_change(added, updated, deleted)
        return informer

    def watch_own(self, resource: str) -> Informer:
        """Watch the resource this controller is for: every change queues the object's key."""
        return self.watch(resource, self.enqueue, lambda _, new: self.enqueue(new), self.enqueue)

    def enqueue(self, obj: Obj) -> None:
        """Queue an object for reconciling."""
        self.queue.add(objects.key(obj))

    async def run(self) -> None:
        """Reconcile until cancelled."""
        while not all(informer.synced for informer in self._watched):
            await self.clock.sleep(0)
        try:
            while True:
                self._work_on(await self.queue.get())
                await self._take_breath()
        finally:
            self.queue.shut_down()

    async def _take_breath(self) -> None:
        """Let informers and other controllers see what has changed, the longer the more was written.

        A real controller waits for each of its requests, and others act meanwhile.
        """
        for _ in range(1 + TURNS_PER_WRITE * self.client.take_writes()):
            await asyncio.sleep(0)

    def _work_on(self, key: str) -> None:
        try:
            self.reconcile(key)
        except ApiError as refused:
            log.debug("%s: %s: will try again: %s", self.name, key, refused)
            self.queue.add_rate_limited(key)
        except Exception:
            log.exception("%s: reconciling %s went wrong; will try again", self.name, key)
            self.queue.add_rate_limited(key)
        else:
            self.queue.forget(key)
        finally:
            self.queue.done(key)
