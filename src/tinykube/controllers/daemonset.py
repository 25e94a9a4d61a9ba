"""DaemonSet controller: one Pod on every node that should have one.

Law: the controller decides which nodes, by node affinity, node selector and taints; the scheduler then binds each Pod
to the one node that its affinity names.

Models k8s.io/kubernetes pkg/controller/daemon/daemon_controller.go and update.go.
"""

from __future__ import annotations

import random
from collections import defaultdict

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers import daemonset_pods as daemons
from tinykube.controllers import history, pods, status
from tinykube.controllers.base import Controller
from tinykube.controllers.expectations import Expectations
from tinykube.controllers.history import History
from tinykube.controllers.ownership import Claims, owned_or_orphaned
from tinykube.controllers.podcontrol import PodControl, SlowStartStopped, delete_all, namespace_terminating, slow_start
from tinykube.errors import ApiError
from tinykube.informer import Informers
from tinykube.objects import Obj

RESOURCE = "daemonsets.apps"
BURST = 250
FIRST_BACKOFF, LONGEST_BACKOFF = 1.0, 900.0

OnNode = dict[str, list[Obj]]


class DaemonSetController(Controller):
    """Keeps one Pod of each DaemonSet on each node that fits, and replaces them when the template changes."""

    name = "daemon-set-controller"
    component = "daemonset-controller"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.control = PodControl(client, self.events)
        self.expectations = Expectations(clock)
        self._failures: dict[str, tuple[float, float]] = {}
        self.sets = self.watch(RESOURCE, self.enqueue, lambda _, new: self.enqueue(new), self._deleted)
        self.pods = self.watch("pods", self._pod_added, self._pod_updated, self._pod_deleted)
        self.nodes = self.watch("nodes", self._node_seen, self._node_updated, self._node_seen)
        self.history = History(client, self.informer(history.RESOURCE), RESOURCE, history.REVISION_HASH)

    # -- what queues a DaemonSet

    def _deleted(self, daemon_set: Obj) -> None:
        self.expectations.forget(objects.key(daemon_set))
        self.enqueue(daemon_set)

    def _node_seen(self, _: Obj) -> None:
        for daemon_set in self.sets.all():
            self.enqueue(daemon_set)

    def _node_updated(self, old: Obj, new: Obj) -> None:
        if (objects.labels(old), old.get("spec")) != (objects.labels(new), new.get("spec")):
            self._node_seen(new)

    def _owner_of(self, pod: Obj) -> Obj | None:
        ref = objects.controller_of(pod)
        if ref is None or ref["kind"] != "DaemonSet":
            return None
        owner = self.sets.get(objects.namespace(pod), ref["name"])
        return owner if owner is not None and objects.uid(owner) == ref["uid"] else None

    def _pod_added(self, pod: Obj) -> None:
        if objects.deleting(pod):
            self._pod_deleted(pod)
        elif (owner := self._owner_of(pod)) is not None:
            self.expectations.created(objects.key(owner))
            self.enqueue(owner)
        elif objects.controller_of(pod) is None:
            for daemon_set in self.sets.in_namespace(objects.namespace(pod)):
                if objects.matches(daemon_set["spec"]["selector"], objects.labels(pod)):
                    self.enqueue(daemon_set)

    def _pod_updated(self, old: Obj, pod: Obj) -> None:
        if objects.deleting(pod):
            self._pod_deleted(pod)
            return
        for owner in (self._owner_of(old), self._owner_of(pod)):
            if owner is not None:
                self.enqueue(owner)

    def _pod_deleted(self, pod: Obj) -> None:
        owner = self._owner_of(pod)
        if owner is not None:
            self.expectations.deleted(objects.key(owner), objects.uid(pod))
            self.enqueue(owner)

    # -- reconciling

    def reconcile(self, key: str) -> None:
        """Create and delete Pods node by node, roll outdated ones, then report."""
        daemon_set = self.sets.by_key(key)
        if daemon_set is None:
            self.expectations.forget(key)
            return
        if objects.deleting(daemon_set):
            return
        known = self.history.revisions(daemon_set)
        revision, _ = self.history.current(daemon_set, known)
        text = objects.labels(revision)[history.REVISION_HASH]
        settled = self.expectations.satisfied(key)
        error: ApiError | None = None
        if settled:
            error = self._manage(key, daemon_set, text)
            if error is None and self.expectations.satisfied(key):
                error = self._roll(key, daemon_set, text)
            self._trim(daemon_set, known, revision)
        if error is not None:
            raise error
        if self.expectations.satisfied(key):  # otherwise the Pods' own events bring us back
            self._report(daemon_set, text, observed=settled)

    def _by_node(self, daemon_set: Obj) -> OnNode:
        selector = daemon_set["spec"]["selector"]
        claims = Claims(self.client, "pods", RESOURCE, daemon_set)
        mine = claims.claim(
            owned_or_orphaned(self.pods, daemon_set), lambda p: objects.matches(selector, objects.labels(p))
        )
        by_node: OnNode = defaultdict(list)
        for pod in sorted(mine, key=lambda p: (objects.meta(p)["creationTimestamp"], objects.name(p))):
            by_node[daemons.target(pod)].append(pod)
        return by_node

    def _nodes(self) -> list[Obj]:
        return sorted(self.nodes.all(), key=objects.name)

    def _manage(self, key: str, daemon_set: Obj, text: str) -> ApiError | None:
        """Make sure that each node has the Pods it should have."""
        by_node = self._by_node(daemon_set)
        missing: list[str] = []
        surplus: list[Obj] = []
        for node in self._nodes():
            here = by_node.get(objects.name(node), [])
            runs, stays = daemons.belongs(daemon_set, node)
            if runs and not here:
                missing.append(objects.name(node))
            elif stays:
                surplus += self._surplus(key, daemon_set, here, text)
            else:
                surplus += [p for p in here if not objects.deleting(p)]
        names = {objects.name(node) for node in self._nodes()}
        for name, here in by_node.items():
            if name not in names:
                surplus += [p for p in here if not p["spec"].get("nodeName") and not objects.deleting(p)]
        return self._sync(key, daemon_set, surplus, missing, text)

    def _surplus(self, key: str, daemon_set: Obj, here: list[Obj], text: str) -> list[Obj]:
        """Finished Pods, which are replaced after a back-off, and doubles."""
        staying = [p for p in here if not objects.deleting(p)]
        ended = [p for p in staying if pods.finished(p)]
        running = [p for p in staying if not pods.finished(p)]
        doubles = daemons.doubles(daemon_set, running, text, self.clock.now())
        return [p for p in ended if self._may_replace(key, daemon_set, p)] + doubles

    def _may_replace(self, key: str, daemon_set: Obj, pod: Obj) -> bool:
        node, failed = daemons.target(pod), pods.phase(pod) == "Failed"
        verb = ("Found failed", "kill") if failed else ("Found succeeded", "delete")
        message = f"{verb[0]} daemon pod {objects.key(pod)} on node {node}, will try to {verb[1]} it"
        if failed:
            delay, until = self._failures.get(f"{key}/{node}", (0.0, 0.0))
            now = self.clock.now()
            if now < until:
                self.queue.add_after(key, until - now)
                return False
            delay = min(max(FIRST_BACKOFF, delay * 2), LONGEST_BACKOFF)
            self._failures[f"{key}/{node}"] = (delay, now + delay)
        type_, reason = ("Warning", "FailedDaemonPod") if failed else ("Normal", "SucceededDaemonPod")
        self.events.event(daemon_set, type_, reason, message)
        return True

    def _sync(self, key: str, daemon_set: Obj, surplus: list[Obj], missing: list[str], text: str) -> ApiError | None:
        surplus, missing = surplus[:BURST], missing[:BURST]
        if not surplus and not missing:
            return None
        self.expectations.expect_creations(key, len(missing))
        self.expectations.expect_more_deletions(key, map(objects.uid, surplus))
        error: ApiError | None = None
        try:
            slow_start(len(missing), lambda i: self._create_one(daemon_set, missing[i], text))
        except SlowStartStopped as stopped:
            self.expectations.created(key, len(missing) - stopped.succeeded)
            error = None if namespace_terminating(stopped) else stopped
        return delete_all(self.control, surplus, daemon_set, self.expectations, key) or error

    def _create_one(self, daemon_set: Obj, node: str, text: str) -> None:
        self.control.create(daemons.build(daemon_set, node, text), daemon_set)

    def _roll(self, key: str, daemon_set: Obj, text: str) -> ApiError | None:
        """Replace outdated Pods: no more than maxUnavailable are missing at once, or maxSurge too many."""
        if daemon_set["spec"]["updateStrategy"]["type"] != "RollingUpdate":
            return None
        by_node = self._by_node(daemon_set)
        wanted = sum(daemons.belongs(daemon_set, node)[0] for node in self._nodes())
        step = daemons.step(daemon_set, by_node, text, wanted, self.clock.now())
        return self._sync(key, daemon_set, step.victims, step.nodes, text)

    def _trim(self, daemon_set: Obj, known: list[Obj], revision: Obj) -> None:
        mine = self.pods.indexed("controller", objects.uid(daemon_set))
        in_use = {objects.labels(p).get(history.REVISION_HASH) for p in mine}
        live = {objects.name(r) for r in known if objects.labels(r).get(history.REVISION_HASH) in in_use}
        self.history.trim(daemon_set, known, live | {objects.name(revision)})

    # -- status

    def _report(self, daemon_set: Obj, text: str, *, observed: bool) -> None:
        spec, now = daemon_set["spec"], self.clock.now()
        by_node, minimum = self._by_node(daemon_set), spec.get("minReadySeconds", 0)
        first: list[Obj] = []
        desired = misplaced = 0
        for node in self._nodes():
            here = by_node.get(objects.name(node), [])
            runs = daemons.belongs(daemon_set, node)[0]
            desired += runs
            misplaced += bool(here) and not runs
            first += here[:1] if runs else []
        before = daemon_set.get("status") or {}
        available = sum(pods.available(p, minimum, now) for p in first)
        generation = objects.meta(daemon_set).get("generation", 0) if observed else before.get("observedGeneration")
        counted = {
            **before,
            "desiredNumberScheduled": desired,
            "currentNumberScheduled": len(first),
            "numberMisscheduled": misplaced,
            "numberReady": sum(map(pods.ready, first)),
            "updatedNumberScheduled": sum(daemons.updated(p, text) for p in first),
            "numberAvailable": available,
            "numberUnavailable": desired - available,
            "observedGeneration": generation,
        }
        always = ("desiredNumberScheduled", "currentNumberScheduled", "numberMisscheduled", "numberReady")
        status.write(self.client, RESOURCE, daemon_set, status.compact(counted, *always))
        wait = pods.seconds_until_available(first, minimum, now) if minimum else None
        if wait is not None:
            self.queue.add_after(objects.key(daemon_set), wait)
