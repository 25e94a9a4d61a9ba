"""ResourceQuota controller: counts again what a namespace uses, when something has gone.

Law: what is created is charged by the API; this loop notes a quota's limits in its status, and gives back what objects
used that are gone or, as for Pods, have ended. What it counts is read from the API itself, so that it is never behind
what has been charged.

Models k8s.io/kubernetes pkg/controller/resourcequota/resource_quota_controller.go and resource_quota_monitor.go.
"""

from __future__ import annotations

import random

from tinykube import objects, quantities, quota
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers import pods, resources, status
from tinykube.controllers.base import Controller
from tinykube.informer import Informers
from tinykube.objects import Obj, quantity
from tinykube.podresources import Amounts

RESOURCE = "resourcequotas"
SYNC_PERIOD = 300.0
"""Seconds after which a quota is counted again although nothing has happened."""


class ResourceQuotaController(Controller):
    """Keeps status.hard and status.used of ResourceQuotas."""

    name = "resourcequota-controller"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.quotas = self.watch(RESOURCE, self.enqueue, self._updated)
        for resource in resources.NAMESPACED:
            if resource != "events":
                self._follow(resource)

    def _updated(self, old: Obj, new: Obj) -> None:
        if old["spec"] != new["spec"]:
            self.enqueue(new)

    def _follow(self, resource: str) -> None:
        """Look at the namespace's quotas when an object has gone, a Pod has ended, or a Service has changed."""

        def updated(old: Obj, new: Obj) -> None:
            freed = pods.finished(new) and not pods.finished(old) if resource == "pods" else old["spec"] != new["spec"]
            if freed:
                self._recount(resource, new)

        changes = updated if resource in ("pods", "services", "persistentvolumeclaims") else None
        self.watch(resource, None, changes, lambda gone: self._recount(resource, gone))

    def _recount(self, resource: str, obj: Obj) -> None:
        for found in self.quotas.in_namespace(objects.namespace(obj)):
            if any(quota.counted(resource, name) for name in found["spec"].get("hard") or ()):
                self.enqueue(found)

    # -- reconciling

    def reconcile(self, key: str) -> None:
        """Write down the limits that are in force, and what counts towards them."""
        found = self.quotas.by_key(key)
        if found is None:
            return
        hard = found["spec"].get("hard") or {}
        used = self._used(found, hard)
        before = found.get("status") or {}
        if hard != before.get("hard", {}) or not _equal(used, before.get("used")):
            status.write(self.client, RESOURCE, found, {"hard": hard, "used": used})
        self.queue.add_after(key, SYNC_PERIOD)

    def _used(self, found: Obj, hard: Obj) -> Amounts:
        now = self.clock.now()
        used: Amounts = {}
        for resource in resources.NAMESPACED:
            names = [name for name in hard if quota.counted(resource, name)]
            if not names:
                continue
            here = self.client.list(resource, objects.namespace(found))
            each = (quota.usage(resource, obj, now) for obj in here if quota.concerns(found, resource, obj))
            amounts = quantities.total(each)
            used |= {name: amounts.get(name, "0") for name in names}
        return used


def _equal(left: Amounts, right: Amounts | None) -> bool:
    """Whether two resource lists say the same, however they write it."""
    return right is not None and {n: quantity(t) for n, t in left.items()} == {n: quantity(t) for n, t in right.items()}
