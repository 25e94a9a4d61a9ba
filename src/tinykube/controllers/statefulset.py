"""StatefulSet controller: Pods with names, one after the other.

Law: unless podManagementPolicy is Parallel, a Pod is created only when all before it are running and available, and
deleted only when all after it are gone. Updates go from the highest ordinal down to the partition.

Models k8s.io/kubernetes pkg/controller/statefulset/stateful_set.go and stateful_set_control.go.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers import history, pods, status
from tinykube.controllers import statefulset_pods as members
from tinykube.controllers.base import Controller
from tinykube.controllers.history import History
from tinykube.controllers.ownership import Claims, owned_or_orphaned
from tinykube.errors import ApiError
from tinykube.informer import Informers
from tinykube.objects import Obj

RESOURCE = "statefulsets.apps"


@dataclass
class Round:
    """One reconcile: the set, its Pods in order, the ones to go, and the two revisions."""

    set: Obj
    current: Obj
    update: Obj
    collisions: int
    replicas: list[Obj] = field(default_factory=list)
    condemned: list[Obj] = field(default_factory=list)

    @property
    def ordered(self) -> bool:
        """One Pod at a time."""
        return self.set["spec"].get("podManagementPolicy") != "Parallel"


class StatefulSetController(Controller):
    """Keeps each StatefulSet's numbered Pods and their claims."""

    name = "statefulset-controller"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.sets = self.watch_own(RESOURCE)
        self.pods = self.watch("pods", self._pod_seen, self._pod_updated, self._pod_seen)
        self.claims = self.informer("persistentvolumeclaims")
        self.history = History(self.client, self.informer(history.RESOURCE), RESOURCE, history.HASH)

    def _owner_of(self, pod: Obj) -> Obj | None:
        ref = objects.controller_of(pod)
        if ref is None or ref["kind"] != "StatefulSet":
            return None
        owner = self.sets.get(objects.namespace(pod), ref["name"])
        return owner if owner is not None and objects.uid(owner) == ref["uid"] else None

    def _pod_seen(self, pod: Obj) -> None:
        owner = self._owner_of(pod)
        if owner is not None:
            self.enqueue(owner)
        elif objects.controller_of(pod) is None:
            for candidate in self.sets.in_namespace(objects.namespace(pod)):
                if objects.matches(candidate["spec"]["selector"], objects.labels(pod)):
                    self.enqueue(candidate)

    def _pod_updated(self, old: Obj, pod: Obj) -> None:
        if objects.controller_of(old) != objects.controller_of(pod):
            self._pod_seen(old)
        self._pod_seen(pod)

    # -- reconciling

    def reconcile(self, key: str) -> None:
        """Create, delete or update the next Pod, then report."""
        stateful_set = self.sets.by_key(key)
        if stateful_set is None:
            return
        mine = self._claim(stateful_set)
        known = self.history.revisions(stateful_set)
        turn = self._begin(stateful_set, known)
        self._sort(turn, mine)
        new = self._count(turn, mine)
        error: ApiError | None = None
        if not objects.deleting(stateful_set):
            new, error = self._advance(turn, mine)
        self._report(turn, new)
        live = {members.revision(p) for p in mine} | {objects.name(turn.current), objects.name(turn.update)}
        self.history.trim(stateful_set, known, live)
        if error is not None:
            raise error
        minimum = stateful_set["spec"].get("minReadySeconds", 0)
        if minimum and new.get("availableReplicas", 0) != new["replicas"]:
            self.queue.add_after(key, minimum)

    def _claim(self, stateful_set: Obj) -> list[Obj]:
        selector = stateful_set["spec"]["selector"]

        def match(pod: Obj) -> bool:
            return objects.matches(selector, objects.labels(pod)) and members.is_member(stateful_set, pod)

        claims = Claims(self.client, "pods", RESOURCE, stateful_set)
        return claims.claim(owned_or_orphaned(self.pods, stateful_set), match)

    def _begin(self, stateful_set: Obj, known: list[Obj]) -> Round:
        collisions = objects.dig(stateful_set, "status", "collisionCount", default=0)
        update, collisions = self.history.current(stateful_set, known, collisions)
        name = objects.dig(stateful_set, "status", "currentRevision")
        current = next((r for r in known if objects.name(r) == name), update)
        return Round(stateful_set, current, update, collisions)

    def _sort(self, turn: Round, mine: list[Obj]) -> None:
        """The Pods the set should have, planned ones included; and those it should not, highest ordinal first."""
        present = {members.ordinal(pod): pod for pod in mine}
        wanted = members.ordinals(turn.set)
        turn.replicas = [present.get(n) or self._plan(turn, n) for n in wanted]
        extra = (pod for n, pod in present.items() if n not in wanted)
        turn.condemned = sorted(extra, key=members.ordinal, reverse=True)

    def _plan(self, turn: Round, number: int) -> Obj:
        """A Pod below the partition, or not rolled yet, is made from the current revision; others from the update."""
        offset = number - members.first_ordinal(turn.set)
        strategy = turn.set["spec"]["updateStrategy"]
        rolling = strategy.get("rollingUpdate")
        if strategy["type"] != "RollingUpdate":
            old = False
        elif rolling is None:
            old = offset < objects.dig(turn.set, "status", "currentReplicas", default=0)
        else:
            old = offset < rolling.get("partition", 0)
        chosen = turn.current if old else turn.update
        return members.build(history.restore(turn.set, chosen), objects.name(chosen), number)

    def _advance(self, turn: Round, mine: list[Obj]) -> tuple[Obj, ApiError | None]:
        """Do what can be done now; the status counts the Pods as they were before."""
        try:
            waits = self._tend_all(turn) or self._shrink(turn)
            new = self._count(turn, mine)
            if not waits and turn.set["spec"]["updateStrategy"]["type"] == "RollingUpdate":
                new["currentReplicas"] = max(0, new["currentReplicas"] - self._roll(turn))
        except ApiError as refused:
            return self._count(turn, mine), refused
        return new, None

    def _tend_all(self, turn: Round) -> bool:
        """Look after every Pod that should be there; say whether to go no further in this round."""
        if turn.ordered:
            return any(self._tend(turn, pod) for pod in turn.replicas)
        for pod in turn.replicas:
            self._tend(turn, pod)
        return False

    def _tend(self, turn: Round, pod: Obj) -> bool:
        """Look after one Pod that should be there; say whether the ones after it have to wait."""
        if pods.finished(pod):
            if not objects.deleting(pod):
                self._delete(turn.set, pod)
            return True
        if not objects.uid(pod):
            self._create(turn.set, pod)
            return True
        if pods.phase(pod) == "Pending":
            self._create_claims(turn.set, pod)
        if turn.ordered and not self._healthy(turn, pod):
            return True
        if not members.same_identity(turn.set, pod):
            self._restore_identity(pod)
        self._tie_claims(turn.set, pod)
        return False

    def _shrink(self, turn: Round) -> bool:
        """Delete Pods that should not be there, one at a time when ordered; say whether to wait for that."""
        first_unhealthy = next((p for p in self._by_ordinal(turn) if not self._healthy(turn, p)), None)
        for pod in turn.condemned:
            if objects.deleting(pod):
                if turn.ordered:
                    return True
                continue
            if turn.ordered and not self._healthy(turn, pod) and pod is not first_unhealthy:
                return True
            self._tie_claims(turn.set, pod)
            self._delete(turn.set, pod)
            if turn.ordered:
                return True
        return False

    def _by_ordinal(self, turn: Round) -> list[Obj]:
        return sorted([*turn.replicas, *turn.condemned], key=members.ordinal)

    def _healthy(self, turn: Round, pod: Obj) -> bool:
        return members.healthy(turn.set, pod, self.clock.now())

    def _roll(self, turn: Round) -> int:
        """Delete the highest Pod of another revision, unless one above it is not back yet; how many were deleted.

        One at a time, whatever the Pods are like: rollingUpdate.maxUnavailable is off in this version.
        """
        partition = (turn.set["spec"]["updateStrategy"].get("rollingUpdate") or {}).get("partition", 0)
        for pod in reversed(turn.replicas[partition:]):
            outdated = members.revision(pod) != objects.name(turn.update)
            if outdated and objects.uid(pod) and not objects.deleting(pod):
                self._delete(turn.set, pod)
                return 1
            if not self._healthy(turn, pod):
                break
        return 0

    # -- Pods and claims

    def _create(self, stateful_set: Obj, pod: Obj) -> None:
        self._create_claims(stateful_set, pod)
        name, owner = objects.name(pod), objects.name(stateful_set)
        try:
            self.client.create("pods", pod)
        except ApiError as refused:
            if refused.reason != "AlreadyExists":
                message = f"Create Pod {name} in StatefulSet {owner} failed error: {refused}"
                self.events.event(stateful_set, "Warning", "FailedCreate", message)
            raise
        message = f"Create Pod {name} in StatefulSet {owner} successful"
        self.events.event(stateful_set, "Normal", "SuccessfulCreate", message)

    def _create_claims(self, stateful_set: Obj, pod: Obj) -> None:
        for claim in members.claims(stateful_set, members.ordinal(pod)):
            if self.claims.get(objects.namespace(claim), objects.name(claim)) is None:
                self._create_claim(stateful_set, pod, claim)

    def _tie_claims(self, stateful_set: Obj, pod: Obj) -> None:
        """Let the Pod's claims go with the set or with the Pod, as the retention policy says, or with neither."""
        for claim in members.claims(stateful_set, members.ordinal(pod)):
            found = self.claims.get(objects.namespace(claim), objects.name(claim))
            if found is None:
                continue
            owners = members.claim_owners(stateful_set, pod, found)
            if owners != (objects.meta(found).get("ownerReferences") or []):
                metadata = {**found["metadata"], "ownerReferences": owners}
                self.client.update("persistentvolumeclaims", {**found, "metadata": metadata})

    def _create_claim(self, stateful_set: Obj, pod: Obj, claim: Obj) -> None:
        name, whose = objects.name(claim), f"Pod {objects.name(pod)} in StatefulSet {objects.name(stateful_set)}"
        try:
            self.client.create("persistentvolumeclaims", claim)
        except ApiError as refused:
            if refused.reason == "AlreadyExists":
                return
            message = f"Create Claim {name} for {whose} failed error: {refused}"
            self.events.event(stateful_set, "Warning", "FailedCreate", message)
            raise
        self.events.event(stateful_set, "Normal", "SuccessfulCreate", f"Create Claim {name} {whose} success")

    def _delete(self, stateful_set: Obj, pod: Obj) -> None:
        name, owner = objects.name(pod), objects.name(stateful_set)
        try:
            self.client.delete("pods", objects.namespace(pod), name, uid=objects.uid(pod))
        except ApiError as refused:
            if refused.code == 404:
                return
            message = f"Delete Pod {name} in StatefulSet {owner} failed error: {refused}"
            self.events.event(stateful_set, "Warning", "FailedDelete", message)
            raise
        message = f"Delete Pod {name} in StatefulSet {owner} successful"
        self.events.event(stateful_set, "Normal", "SuccessfulDelete", message)

    def _restore_identity(self, pod: Obj) -> None:
        labels = {members.POD_NAME: objects.name(pod), members.POD_INDEX: str(members.ordinal(pod))}
        self.client.patch("pods", objects.namespace(pod), objects.name(pod), {"metadata": {"labels": labels}})

    # -- status

    def _count(self, turn: Round, mine: list[Obj]) -> Obj:
        here = [p for p in mine if members.created(p)]
        staying = [p for p in here if not objects.deleting(p)]
        names = objects.name(turn.current), objects.name(turn.update)
        return {
            "observedGeneration": objects.meta(turn.set).get("generation", 0),
            "replicas": len(here),
            "readyReplicas": sum(map(members.running_and_ready, here)),
            "availableReplicas": sum(members.available(turn.set, p, self.clock.now()) for p in here),
            "currentReplicas": sum(members.revision(p) == names[0] for p in staying),
            "updatedReplicas": sum(members.revision(p) == names[1] for p in staying),
            "currentRevision": names[0],
            "updateRevision": names[1],
            "collisionCount": turn.collisions,
        }

    def _report(self, turn: Round, new: Obj) -> None:
        wanted = turn.set["spec"]["replicas"]
        rolling = turn.set["spec"]["updateStrategy"]["type"] == "RollingUpdate"
        if rolling and new["updatedReplicas"] == new["replicas"] == new["readyReplicas"] == wanted:
            new.update(currentReplicas=new["updatedReplicas"], currentRevision=new["updateRevision"])
        kept = status.compact(new, "replicas", "availableReplicas", "collisionCount")
        if objects.dig(turn.set, "status", "conditions"):
            kept["conditions"] = turn.set["status"]["conditions"]
        status.write(self.client, RESOURCE, turn.set, kept)
