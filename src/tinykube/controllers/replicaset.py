"""ReplicaSet controller: as many Pods as asked for, no more and no fewer.

Law: count only when everything asked for before has been seen (expectations), create in slow-start batches, delete the
Pods that will be missed least, and report what was counted before this round's changes.

Models k8s.io/kubernetes pkg/controller/replicaset/replica_set.go and replica_set_utils.go.
"""

from __future__ import annotations

import random

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers import pods, status
from tinykube.controllers.base import Controller
from tinykube.controllers.expectations import Expectations
from tinykube.controllers.ownership import Claims, owned_or_orphaned
from tinykube.controllers.podcontrol import (
    BURST,
    PodControl,
    SlowStartStopped,
    delete_all,
    namespace_terminating,
    slow_start,
)
from tinykube.errors import ApiError
from tinykube.informer import Informers
from tinykube.objects import Obj

RESOURCE = "replicasets.apps"


class ReplicaSetController(Controller):
    """Keeps each ReplicaSet's number of Pods at spec.replicas."""

    name = "replicaset-controller"
    resource, kind = RESOURCE, "ReplicaSet"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.control = PodControl(self.client, self.events)
        self.expectations = Expectations(clock)
        self.replica_sets = self.watch(self.resource, self.enqueue, self._updated, self._deleted)
        self.pods = self.watch("pods", self._pod_added, self._pod_updated, self._pod_deleted)

    # -- what queues a ReplicaSet

    def _updated(self, old: Obj, new: Obj) -> None:
        if objects.uid(old) != objects.uid(new):
            self._deleted(old)
        self.enqueue(new)

    def _deleted(self, replica_set: Obj) -> None:
        self.expectations.forget(objects.key(replica_set))
        self.enqueue(replica_set)

    def _owner_of(self, pod: Obj) -> Obj | None:
        ref = objects.controller_of(pod)
        if ref is None or ref["kind"] != self.kind:
            return None
        owner = self.replica_sets.get(objects.namespace(pod), ref["name"])
        return owner if owner is not None and objects.uid(owner) == ref["uid"] else None

    def _pod_added(self, pod: Obj) -> None:
        if objects.deleting(pod):
            self._pod_deleted(pod)
        elif (owner := self._owner_of(pod)) is not None:
            self.expectations.created(objects.key(owner))
            self.enqueue(owner)
        elif objects.controller_of(pod) is None:
            self._enqueue_matching(pod)

    def _pod_updated(self, old: Obj, pod: Obj) -> None:
        if objects.deleting(pod) and not objects.deleting(old):
            self._pod_deleted(pod)
            return
        owner, previous = self._owner_of(pod), self._owner_of(old)
        if previous is not None and (owner is None or owner is not previous):
            self.enqueue(previous)
        if owner is not None:
            self.enqueue(owner)
            self._look_again_when_available(owner, old, pod)
        elif objects.controller_of(pod) is None and (
            objects.labels(old) != objects.labels(pod) or objects.controller_of(old) is not None
        ):
            self._enqueue_matching(pod)

    def _pod_deleted(self, pod: Obj) -> None:
        owner = self._owner_of(pod)
        if owner is not None:
            self.expectations.deleted(objects.key(owner), objects.uid(pod))
            self.enqueue(owner)

    def _look_again_when_available(self, owner: Obj, old: Obj, pod: Obj) -> None:
        minimum = owner["spec"].get("minReadySeconds", 0)
        if minimum > 0 and pods.ready(pod) and not pods.ready(old):
            self.queue.add_after(objects.key(owner), minimum + 1)

    def _enqueue_matching(self, pod: Obj) -> None:
        for replica_set in self.replica_sets.in_namespace(objects.namespace(pod)):
            if self._selects(replica_set, pod):
                self.enqueue(replica_set)

    def _selects(self, replica_set: Obj, pod: Obj) -> bool:
        return objects.matches(replica_set["spec"]["selector"], objects.labels(pod))

    # -- reconciling

    def reconcile(self, key: str) -> None:
        """Create or delete Pods until there are spec.replicas, then report."""
        replica_set = self.replica_sets.by_key(key)
        if replica_set is None:
            self.expectations.forget(key)
            return
        settled = self.expectations.satisfied(key)
        related = owned_or_orphaned(self.pods, replica_set)
        mine = self._claim(replica_set, [p for p in related if pods.active(p)])
        leaving = [p for p in related if pods.terminating(p) and objects.controlled_by(p, replica_set)]
        error: ApiError | None = None
        if settled and not objects.deleting(replica_set):
            error = self._manage(key, replica_set, mine)
        self._report(replica_set, mine, leaving, error)
        self._come_back(key, replica_set, mine)
        if error is not None:
            raise error

    def _claim(self, replica_set: Obj, candidates: list[Obj]) -> list[Obj]:
        claims = Claims(self.client, "pods", self.resource, replica_set)
        return claims.claim(candidates, lambda pod: self._selects(replica_set, pod))

    def _manage(self, key: str, replica_set: Obj, mine: list[Obj]) -> ApiError | None:
        surplus = len(mine) - replica_set["spec"]["replicas"]
        if surplus < 0:
            return self._create(key, replica_set, min(-surplus, BURST))
        if surplus > 0:
            victims = self._victims(replica_set, mine, min(surplus, BURST))
            self.expectations.expect_deletions(key, map(objects.uid, victims))
            return delete_all(self.control, victims, replica_set, self.expectations, key)
        return None

    def _create(self, key: str, replica_set: Obj, count: int) -> ApiError | None:
        pod = pods.from_template(replica_set["spec"]["template"], replica_set)
        self.expectations.expect_creations(key, count)
        try:
            slow_start(count, lambda _: self._create_one(key, pod, replica_set))
        except SlowStartStopped as stopped:
            self.expectations.created(key, count - stopped.succeeded)
            return None if namespace_terminating(stopped) else stopped
        return None

    def _create_one(self, key: str, pod: Obj, replica_set: Obj) -> None:
        self.control.create(objects.copy(pod), replica_set)

    def _victims(self, replica_set: Obj, mine: list[Obj], count: int) -> list[Obj]:
        if count >= len(mine):
            return mine
        return pods.deletion_order(mine, self._related(replica_set), self.clock.now())[:count]

    def _related(self, replica_set: Obj) -> list[Obj]:
        """The Pods of every ReplicaSet with the same owner: old and new ones of a Deployment are spread together."""
        ref = objects.controller_of(replica_set)
        siblings = [replica_set] if ref is None else self.replica_sets.indexed("controller", ref["uid"])
        return [pod for sibling in siblings for pod in self.pods.indexed("controller", objects.uid(sibling))]

    # -- status

    def _report(self, replica_set: Obj, mine: list[Obj], leaving: list[Obj], error: ApiError | None) -> None:
        new = self._status(replica_set, mine, leaving, error)
        old = replica_set.get("status") or {}
        if new != old:
            self.client.update_status(self.resource, status.with_status(replica_set, new))

    def _status(self, replica_set: Obj, mine: list[Obj], leaving: list[Obj], error: ApiError | None) -> Obj:
        spec, now = replica_set["spec"], self.clock.now()
        wanted_labels = objects.dig(spec, "template", "metadata", "labels", default={})
        minimum = spec.get("minReadySeconds", 0)
        counted: Obj = {
            "replicas": len(mine),
            "fullyLabeledReplicas": sum(objects.matches_labels(wanted_labels, objects.labels(p)) for p in mine),
            "readyReplicas": sum(map(pods.ready, mine)),
            "availableReplicas": sum(pods.available(p, minimum, now) for p in mine),
            "terminatingReplicas": len(leaving),
            "observedGeneration": objects.meta(replica_set).get("generation", 0),
            "conditions": self._conditions(replica_set, len(mine), error),
        }
        return status.compact(counted, "replicas", "terminatingReplicas")

    def _conditions(self, replica_set: Obj, count: int, error: ApiError | None) -> list[Obj]:
        conditions = objects.dig(replica_set, "status", "conditions", default=[])
        failing = status.find(conditions, "ReplicaFailure") is not None
        if error is not None and not failing:
            reason = "FailedCreate" if count < replica_set["spec"]["replicas"] else "FailedDelete"
            return [*conditions, status.simple("ReplicaFailure", True, reason, str(error), self.clock.now())]
        if error is None and failing:
            return status.without(conditions, "ReplicaFailure")
        return conditions

    def _come_back(self, key: str, replica_set: Obj, mine: list[Obj]) -> None:
        """Ready Pods become available by waiting alone: nothing would tell us."""
        minimum = replica_set["spec"].get("minReadySeconds", 0)
        wait = pods.seconds_until_available(mine, minimum, self.clock.now()) if minimum else None
        if wait is not None:
            self.queue.add_after(key, wait)


class ReplicationController(ReplicaSetController):
    """The same for what was there before ReplicaSets: the selector is a plain map, terminating Pods are not counted.

    Models pkg/controller/replication/replication_controller.go, which wraps the ReplicaSet controller, too.
    """

    name = "replication-controller"
    resource, kind = "replicationcontrollers", "ReplicationController"

    def _selects(self, replica_set: Obj, pod: Obj) -> bool:
        return objects.matches_labels(replica_set["spec"]["selector"], objects.labels(pod))

    def _status(self, replica_set: Obj, mine: list[Obj], leaving: list[Obj], error: ApiError | None) -> Obj:
        counted = super()._status(replica_set, mine, leaving, error)
        return {field: value for field, value in counted.items() if field != "terminatingReplicas"}
