"""Deployment controller: rolls a Deployment from one ReplicaSet to the next, never touching a Pod itself.

Law: every reconcile makes at most one step (scale one side, then report) and leaves the rest to the next one, which
the change itself brings about.

Models k8s.io/kubernetes pkg/controller/deployment/deployment_controller.go, sync.go, rolling.go and recreate.go.
"""

from __future__ import annotations

import random

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers import pods, progress, revisions, rolling, status
from tinykube.controllers.base import Controller
from tinykube.controllers.ownership import Claims, owned_or_orphaned
from tinykube.controllers.podcontrol import namespace_terminating
from tinykube.errors import ApiError
from tinykube.informer import Informers
from tinykube.objects import Obj

RESOURCE = "deployments.apps"
REPLICA_SETS = "replicasets.apps"


class DeploymentController(Controller):
    """Turns Deployments into ReplicaSets, and moves Pods between them."""

    name = "deployment-controller"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self._wrote = False
        self.deployments = self.watch_own(RESOURCE)
        self.replica_sets = self.watch(REPLICA_SETS, self._set_seen, self._set_updated, self._set_seen)
        self.pods = self.watch("pods", deleted=self._pod_deleted)

    # -- what queues a Deployment

    def _set_updated(self, old: Obj, new: Obj) -> None:
        if objects.controller_of(old) != objects.controller_of(new):
            self._set_seen(old)
        self._set_seen(new)

    def _set_seen(self, replica_set: Obj) -> None:
        owner = self._owner_of(replica_set)
        if owner is not None:
            self.enqueue(owner)
        elif objects.controller_of(replica_set) is None and not objects.deleting(replica_set):
            for deployment in self.deployments.in_namespace(objects.namespace(replica_set)):
                if objects.matches(deployment["spec"]["selector"], objects.labels(replica_set)):
                    self.enqueue(deployment)

    def _owner_of(self, replica_set: Obj) -> Obj | None:
        ref = objects.controller_of(replica_set)
        if ref is None or ref["kind"] != "Deployment":
            return None
        owner = self.deployments.get(objects.namespace(replica_set), ref["name"])
        return owner if owner is not None and objects.uid(owner) == ref["uid"] else None

    def _pod_deleted(self, pod: Obj) -> None:
        """Recreate waits until the last old Pod is gone."""
        ref = objects.controller_of(pod)
        replica_set = self.replica_sets.get(objects.namespace(pod), ref["name"]) if ref else None
        owner = self._owner_of(replica_set) if replica_set else None
        if owner is not None and not rolling.is_rolling(owner):
            self.enqueue(owner)

    # -- reconciling

    def reconcile(self, key: str) -> None:
        """One step of whatever the Deployment is in: paused, scaled, rolled out, or merely counted."""
        deployment = self.deployments.by_key(key)
        if deployment is None:
            return
        self._wrote = False
        if deployment["spec"]["selector"] in ({}, None):
            self._refuse_to_select_everything(deployment)
            return
        found = self._claim(deployment)
        new = revisions.find_new(deployment, found)
        old = revisions.find_old(found, new)
        if objects.deleting(deployment):
            self._write(deployment, progress.count(deployment, old, new, self.clock.now()))
            return
        self._note_pause(deployment)
        if new is not None and self._note_on_set(deployment, new, old):
            return  # the changed ReplicaSet brings us back
        if new is not None:
            self._note_revision(deployment, new)
        if deployment["spec"].get("paused") or self._scaled(deployment, found):
            self._scale(deployment, new, old)
        elif rolling.is_rolling(deployment):
            self._roll(deployment, new, old)
        else:
            self._recreate(deployment, new, old)

    def _refuse_to_select_everything(self, deployment: Obj) -> None:
        message = "This deployment is selecting all pods. A non-empty selector is required."
        self.events.event(deployment, "Warning", "SelectingAll", message)
        generation = objects.meta(deployment).get("generation", 0)
        self._write(deployment, {**(deployment.get("status") or {}), "observedGeneration": generation})

    def _claim(self, deployment: Obj) -> list[Obj]:
        selector = deployment["spec"]["selector"]
        claims = Claims(self.client, REPLICA_SETS, RESOURCE, deployment)
        candidates = owned_or_orphaned(self.replica_sets, deployment)
        return claims.claim(candidates, lambda rs: objects.matches(selector, objects.labels(rs)))

    def _note_pause(self, deployment: Obj) -> None:
        """Say in Progressing that the rollout is paused or resumed, so that waiting is not taken for being stuck."""
        if not progress.has_deadline(deployment):
            return
        reason = (objects.condition(deployment, "Progressing") or {}).get("reason")
        paused = bool(deployment["spec"].get("paused"))
        if reason == progress.TIMED_OUT or paused == (reason == progress.PAUSED):
            return
        word = "paused" if paused else "resumed"
        reason = progress.PAUSED if paused else progress.RESUMED
        self._say(deployment, "Unknown", reason, f"Deployment is {word}")

    def _scaled(self, deployment: Obj, found: list[Obj]) -> bool:
        """Whether spec.replicas has changed since the sizes were noted on the active ReplicaSets."""
        noted = (rolling.annotated(rs, rolling.DESIRED) for rs in rolling.active(found))
        return any(n is not None and n != rolling.replicas(deployment) for n in noted)

    # -- strategies

    def _roll(self, deployment: Obj, new: Obj | None, old: list[Obj]) -> None:
        new = new or self._create_new(deployment, old)
        size = min(rolling.replicas(deployment), rolling.new_size(deployment, [*old, new], new))
        if size != rolling.replicas(new):
            self._resize(deployment, new, size)
        elif not self._shrink_old(deployment, old, new):
            self._clean_up_if_complete(deployment, old)
        self._report_rollout(deployment, old, new)

    def _shrink_old(self, deployment: Obj, old: list[Obj], new: Obj) -> bool:
        """Take Pods away from old ReplicaSets, as far as availability allows; say whether any went."""
        candidates = rolling.active(old)
        most = rolling.may_scale_down(deployment, [*old, new], new)
        if not candidates or most <= 0:
            return False
        unhealthy = rolling.drop_unhealthy(candidates, most)
        candidates = self._resize_all(deployment, candidates, unhealthy)
        spare = rolling.drop_available(deployment, [*old, new], candidates)
        self._resize_all(deployment, candidates, spare)
        return bool(unhealthy or spare)

    def _recreate(self, deployment: Obj, new: Obj | None, old: list[Obj]) -> None:
        active = rolling.active(old)
        if active:
            self._resize_all(deployment, active, {objects.name(rs): 0 for rs in active})
        elif not self._old_pods_run(old):
            new = new or self._create_new(deployment, old)
            if rolling.replicas(new) != rolling.replicas(deployment):
                self._resize(deployment, new, rolling.replicas(deployment))
            self._clean_up_if_complete(deployment, old)
        self._report_rollout(deployment, old, new)

    def _old_pods_run(self, old: list[Obj]) -> bool:
        if rolling.actual(old) > 0:
            return True
        return any(not pods.finished(p) for rs in old for p in self.pods.indexed("controller", objects.uid(rs)))

    def _scale(self, deployment: Obj, new: Obj | None, old: list[Obj]) -> None:
        """Bring sizes in line with spec.replicas without moving on with a rollout."""
        everything = [*old, *([new] if new else [])]
        self._resize_all(deployment, everything, self._scaled_sizes(deployment, new, old))
        if deployment["spec"].get("paused"):
            self._clean_up(deployment, old)
        self._write(deployment, progress.count(deployment, old, new, self.clock.now()))

    def _scaled_sizes(self, deployment: Obj, new: Obj | None, old: list[Obj]) -> dict[str, int]:
        active = rolling.active([*old, new])
        if len(active) <= 1:
            only = active[0] if active else new or max(old, key=rolling.age, default=None)
            return {objects.name(only): rolling.replicas(deployment)} if only else {}
        if rolling.saturated(deployment, new):
            return {objects.name(rs): 0 for rs in rolling.active(old)}
        return rolling.proportional(deployment, active) if rolling.is_rolling(deployment) else {}

    # -- ReplicaSets

    def _create_new(self, deployment: Obj, old: list[Obj]) -> Obj:
        wanted = revisions.build(deployment, old)
        try:
            new = self.client.create(REPLICA_SETS, wanted)
        except ApiError as refused:
            self._not_created(deployment, wanted, refused)
            raise
        if rolling.replicas(new) > 0:
            self._say_scaled(deployment, new, 0, rolling.replicas(new))
        self._note_revision(deployment, new, created=True)
        return new

    def _not_created(self, deployment: Obj, wanted: Obj, refused: ApiError) -> None:
        name = objects.name(wanted)
        if refused.reason == "AlreadyExists":
            existing = self.replica_sets.get(objects.namespace(wanted), name)
            if existing is not None and not revisions.same_template(deployment, existing):
                before = deployment.get("status") or {}
                self._write(deployment, {**before, "collisionCount": before.get("collisionCount", 0) + 1})
        elif not namespace_terminating(refused):
            message = f'Failed to create new replica set "{name}": {refused}'
            if progress.has_deadline(deployment):
                self._say(deployment, "False", progress.NOT_CREATED, message)
            self.events.event(deployment, "Warning", progress.NOT_CREATED, message)

    def _note_on_set(self, deployment: Obj, new: Obj, old: list[Obj]) -> bool:
        """Bring the new ReplicaSet's annotations and minReadySeconds up to date; say whether that took a write."""
        noted = revisions.annotate(deployment, new, revisions.next_revision(old))
        minimum = deployment["spec"].get("minReadySeconds", 0)
        if noted == objects.annotations(new) and new["spec"].get("minReadySeconds", 0) == minimum:
            return False
        changed = objects.copy(new)
        changed["metadata"]["annotations"] = noted
        changed["spec"]["minReadySeconds"] = minimum
        self.client.update(REPLICA_SETS, changed)
        return True

    def _resize_all(self, deployment: Obj, sets: list[Obj], sizes: dict[str, int]) -> list[Obj]:
        """Give those of `sets` that are named in `sizes` their new size; return all of them as they then are."""
        return [
            self._resize(deployment, rs, sizes[objects.name(rs)]) if objects.name(rs) in sizes else rs for rs in sets
        ]

    def _resize(self, deployment: Obj, rs: Obj, size: int) -> Obj:
        """Set a ReplicaSet's size and note the Deployment's on it; return it as it then is."""
        before, noted = rolling.replicas(rs), {**objects.annotations(rs), **revisions.notes(deployment)}
        if before == size and noted == objects.annotations(rs):
            return rs
        changed = objects.copy(rs)
        changed["spec"]["replicas"] = size
        changed["metadata"]["annotations"] = noted
        changed = self.client.update(REPLICA_SETS, changed)
        if before != size:
            self._say_scaled(deployment, rs, before, size)
        return changed

    def _say_scaled(self, deployment: Obj, rs: Obj, before: int, after: int) -> None:
        way = "up" if after > before else "down"
        message = f"Scaled {way} replica set {objects.name(rs)} from {before} to {after}"
        self.events.event(deployment, "Normal", "ScalingReplicaSet", message)

    def _clean_up_if_complete(self, deployment: Obj, old: list[Obj]) -> None:
        if progress.complete(deployment, deployment.get("status") or {}):
            self._clean_up(deployment, old)

    def _clean_up(self, deployment: Obj, old: list[Obj]) -> None:
        """Delete the oldest empty ReplicaSets beyond revisionHistoryLimit."""
        limit = deployment["spec"].get("revisionHistoryLimit")
        if limit is None:
            return
        kept = sorted((rs for rs in old if not objects.deleting(rs)), key=revisions.revision)
        for rs in kept[: max(0, len(kept) - limit)]:
            seen = objects.dig(rs, "status", "observedGeneration", default=0)
            in_use = rolling.replicas(rs) or rolling.actual([rs]) or objects.meta(rs).get("generation", 0) > seen
            if not in_use:
                self.client.delete(REPLICA_SETS, objects.namespace(rs), objects.name(rs))

    # -- the Deployment's own status

    def _note_revision(self, deployment: Obj, new: Obj, *, created: bool = False) -> None:
        """Copy the new ReplicaSet's revision to the Deployment, and say that it was created or found."""
        number = objects.annotations(new).get(revisions.REVISION, "")
        known = objects.annotations(deployment).get(revisions.REVISION) == number
        noted = objects.copy(deployment)
        noted["metadata"].setdefault("annotations", {})[revisions.REVISION] = number
        name = objects.name(new)
        if progress.has_deadline(deployment) and created:
            self._say(noted, "True", progress.CREATED, f'Created new replica set "{name}"')
        elif progress.has_deadline(deployment) and objects.condition(deployment, "Progressing") is None:
            self._say(noted, "True", progress.FOUND, f'Found new replica set "{name}"')
        elif not known:
            self._write_now(noted)

    def _say(self, deployment: Obj, value: str, reason: str, message: str) -> None:
        """Write a Progressing condition in the middle of a reconcile."""
        said = progress.progressing(value, reason, message, self.clock.now())
        conditions = progress.put(progress.conditions_of(deployment), said)
        changed = {**(deployment.get("status") or {}), "conditions": conditions}
        self._write_now(status.with_status(deployment, changed))

    def _write_now(self, deployment: Obj) -> None:
        if not self._wrote:
            self._wrote = True
            self.client.update_status(RESOURCE, deployment)

    def _report_rollout(self, deployment: Obj, old: list[Obj], new: Obj | None) -> None:
        now = self.clock.now()
        counted = progress.count(deployment, old, new, now)
        counted = progress.with_progress(deployment, counted, old, new, now)
        if not self._write(deployment, counted):
            wait = progress.seconds_to_deadline(deployment, counted, now)
            if wait is not None:
                self.queue.add_after(objects.key(deployment), wait)

    def _write(self, deployment: Obj, new_status: Obj) -> bool:
        """Update the status if it differs, and say whether it did.

        What is known of the Deployment is out of date if this reconcile has written it already; that write brings us
        back, and then the status is reported.
        """
        if self._wrote:
            return True
        if (deployment.get("status") or {}) == new_status:
            return False
        self.client.update_status(RESOURCE, status.with_status(deployment, new_status))
        return True
