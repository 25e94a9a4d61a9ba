"""The scheduling loop: from the queue to a node, or to a reason why not.

Law: one Pod at a time; equal nodes are chosen between with the cluster's seeded random numbers.

Models k8s.io/kubernetes pkg/scheduler/schedule_one.go and eventhandlers.go.
"""

from __future__ import annotations

import contextlib
import logging
import random

from tinykube import objects
from tinykube.client import STRATEGIC_MERGE_PATCH, Client
from tinykube.clock import Clock
from tinykube.errors import ApiError
from tinykube.events import Recorder
from tinykube.informer import Informers
from tinykube.objects import Obj
from tinykube.podresources import asked
from tinykube.scheduler import messages, preemption, scores, volumes
from tinykube.scheduler.cache import Cache, finished, node_of
from tinykube.scheduler.filters import Cycle, Refusal, refusal
from tinykube.scheduler.queue import SchedulingQueue, Waiting
from tinykube.scheduler.resources import NodeInfo

log = logging.getLogger(__name__)

NAME = "default-scheduler"
ROOM = frozenset({"NodeResourcesFit", "NodePorts", "PodTopologySpread", "InterPodAffinity"})
"""Filters that may change their mind when a Pod leaves a node."""
COMPANY = frozenset({"PodTopologySpread", "InterPodAffinity"})
"""Filters that may change their mind when a Pod joins a node."""
STORAGE = ("persistentvolumeclaims", "persistentvolumes", "storageclasses.storage.k8s.io")


class Scheduler:
    """Binds Pods without a node to the node that suits them best."""

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        self._client, self._clock, self._rng = client, clock, rng
        self._events = Recorder(client, clock, NAME, modern=True)
        self._queue = SchedulingQueue(clock)
        self._cache = Cache()
        self._pods = informers("pods")
        self._nodes = informers("nodes")
        self._namespaces = informers("namespaces")
        storage = [informers(resource) for resource in STORAGE]
        self._volumes = volumes.Volumes(*storage)
        for informer in storage:
            informer.on_change(self._storage_changed, lambda _, new: self._storage_changed(new))
        self._needed = [self._pods, self._nodes, self._namespaces, *storage]
        self._pods.on_change(self._pod_added, self._pod_updated, self._pod_deleted)
        self._nodes.on_change(self._node_added, self._node_updated, self._cache.drop_node)

    # -- what changes around us

    def _pod_added(self, pod: Obj) -> None:
        if node_of(pod):
            if not finished(pod):
                self._cache.put_pod(pod)
                self._queue.changed(COMPANY)
        elif _ours(pod):
            self._queue.add(pod)

    def _pod_updated(self, old: Obj, pod: Obj) -> None:
        if objects.uid(old) != objects.uid(pod):
            self._pod_deleted(old)
            self._pod_added(pod)
        elif node_of(pod):
            self._assigned_pod_updated(old, pod)
        elif _ours(pod) and _intent(old) != _intent(pod):
            self._queue.retry(pod)

    def _assigned_pod_updated(self, old: Obj, pod: Obj) -> None:
        self._queue.forget(objects.key(pod))
        if finished(pod):
            if self._cache.drop_pod(pod):
                self._queue.changed(ROOM)
            return
        self._cache.put_pod(pod)
        if node_of(old) and asked(old["spec"], "requests") != asked(pod["spec"], "requests"):
            self._queue.changed(ROOM)
        if not node_of(old) or objects.labels(old) != objects.labels(pod) or _leaving(old) != _leaving(pod):
            self._queue.changed(COMPANY)

    def _pod_deleted(self, pod: Obj) -> None:
        self._queue.forget(objects.key(pod))
        if self._cache.drop_pod(pod):
            self._queue.changed(ROOM)

    def _node_added(self, node: Obj) -> None:
        self._cache.put_node(node)
        self._queue.changed()

    def _node_updated(self, old: Obj, node: Obj) -> None:
        self._cache.put_node(node)
        if _offer(old) != _offer(node):
            self._queue.changed()

    def _storage_changed(self, _: Obj) -> None:
        self._queue.changed(frozenset({volumes.PLUGIN}))

    def _namespace_labels(self, name: str) -> dict[str, str]:
        found = self._namespaces.by_key(name)
        return objects.labels(found) if found else {}

    # -- the loop

    async def run(self) -> None:
        """Schedule until cancelled."""
        while not all(informer.synced for informer in self._needed):
            await self._clock.sleep(0)
        while True:
            waiting = await self._queue.get()
            try:
                self._schedule_one(waiting)
            except Exception:
                log.exception("scheduling %s went wrong; will try again", waiting.key)
                self._queue.failed(waiting, frozenset())
                self._queue.changed()
            await self._clock.sleep(0)  # let the informers see what this has changed

    def _schedule_one(self, waiting: Waiting) -> None:
        pod = self._pods.by_key(waiting.key)
        if pod is None or node_of(pod):
            self._queue.forget(waiting.key)
            return
        if objects.deleting(pod):
            self._say_failed(pod, f"skip schedule deleting pod: {waiting.key}")
            return
        nodes, needs = self._cache.nodes(), self._volumes.needs(pod)
        if needs.refused and nodes:
            message = messages.refused_everywhere(len(nodes), needs.refused)
            self._unschedulable(waiting, pod, message, frozenset({volumes.PLUGIN}))
            return
        cycle = Cycle(pod, nodes, self._namespace_labels, needs)
        refusals = {info.name: refused for info in nodes if (refused := refusal(cycle, info)) is not None}
        fitting = [info for info in nodes if info.name not in refusals]
        if not fitting:
            self._fits_nowhere(waiting, cycle, refusals)
        elif needs.to_bind:
            self._bind_volumes(waiting, needs, self._best(pod, fitting, nodes))
        else:
            self._bind(waiting, pod, self._best(pod, fitting, nodes))

    def _best(self, pod: Obj, fitting: list[NodeInfo], nodes: list[NodeInfo]) -> str:
        nominated = objects.dig(pod, "status", "nominatedNodeName", default="")
        if nominated in {info.name for info in fitting}:
            return nominated
        if len(fitting) == 1:
            return fitting[0].name
        totals = scores.totals(pod, fitting, nodes, self._namespace_labels)
        highest = max(totals.values())
        return self._rng.choice([name for name, total in totals.items() if total == highest])

    def _bind_volumes(self, waiting: Waiting, needs: volumes.Needs, node: str) -> None:
        """Tell the claims where the Pod will go. It is bound when they are, which brings it back here."""
        for claim in needs.to_bind:
            if objects.annotations(claim).get(volumes.SELECTED_NODE) != node:
                change = {"metadata": {"annotations": {volumes.SELECTED_NODE: node}}}
                with contextlib.suppress(ApiError):
                    self._client.patch(STORAGE[0], objects.namespace(claim), objects.name(claim), change)
        self._queue.park(waiting, frozenset({volumes.PLUGIN}))

    def _bind(self, waiting: Waiting, pod: Obj, node: str) -> None:
        """Assume the Pod on its node, and tell the API."""
        self._cache.put_pod({**pod, "spec": {**pod["spec"], "nodeName": node}})
        namespace, name = objects.namespace(pod), objects.name(pod)
        binding = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": name, "namespace": namespace, "uid": objects.uid(pod)},
            "target": {"kind": "Node", "name": node},
        }
        try:
            self._client.create_sub("pods", "binding", namespace, name, binding)
        except ApiError as refused:
            self._cache.drop_pod(pod)
            self._not_bound(waiting, pod, refused)
            return
        self._queue.forget(waiting.key)
        message = f"Successfully assigned {namespace}/{name} to {node}"
        self._events.event(pod, "Normal", "Scheduled", message, action="Binding")

    def _not_bound(self, waiting: Waiting, pod: Obj, refused: ApiError) -> None:
        if refused.code == 404:
            self._queue.forget(waiting.key)
            return
        self._say_failed(pod, f"binding rejected: {refused}")
        self._queue.failed(waiting, frozenset())
        self._queue.changed()

    # -- when nothing fits

    def _fits_nowhere(self, waiting: Waiting, cycle: Cycle, refusals: dict[str, Refusal]) -> None:
        plan, message = None, messages.NO_NODES
        if cycle.nodes:
            plan, excuse = self._make_room(cycle, refusals)
            message = messages.unschedulable(len(cycle.nodes), (r.reasons for r in refusals.values()), excuse)
        refused_by = frozenset(r.plugin for r in refusals.values())
        self._unschedulable(waiting, cycle.pod, message, refused_by, plan.node if plan else "")
        if plan is not None:
            self._evict(cycle.pod, plan)

    def _unschedulable(
        self, waiting: Waiting, pod: Obj, message: str, plugins: frozenset[str], nominated: str = ""
    ) -> None:
        """Say why, and wait until something changes that may help."""
        self._say_failed(pod, message)
        self._mark_unschedulable(pod, message, nominated)
        self._queue.failed(waiting, plugins)

    def _make_room(self, cycle: Cycle, refusals: dict[str, Refusal]) -> tuple[preemption.Plan | None, str]:
        """A plan to evict less important Pods, or why there is none."""
        pod = cycle.pod
        if pod["spec"].get("preemptionPolicy") == "Never":
            return None, "not eligible due to preemptionPolicy=Never."
        nominated = objects.dig(pod, "status", "nominatedNodeName")
        for info in cycle.nodes:
            if info.name == nominated and any(
                objects.deleting(p) and preemption.priority(p) < preemption.priority(pod) for p in info.pods.values()
            ):
                return None, "not eligible due to a terminating pod on the nominated node."
        plan, why = preemption.make_room(cycle, refusals, self._namespace_labels)
        return plan, "" if plan else messages.summary(len(cycle.nodes), why.values())

    def _evict(self, pod: Obj, plan: preemption.Plan) -> None:
        for victim in plan.victims:
            with contextlib.suppress(ApiError):
                self._mark_preempted(victim)
                self._client.delete("pods", objects.namespace(victim), objects.name(victim), uid=objects.uid(victim))
                message = f"Preempted by pod {objects.uid(pod)} on node {plan.node}"
                self._events.event(victim, "Normal", "Preempted", message, action="Preempting")

    def _mark_preempted(self, victim: Obj) -> None:
        """Say on the Pod why it has to go, so that a Job may forgive it."""
        condition = {
            "type": "DisruptionTarget",
            "observedGeneration": objects.meta(victim).get("generation", 1),
            "status": "True",
            "reason": "PreemptionByScheduler",
            "message": f"{NAME}: preempting to accommodate a higher priority pod",
            "lastTransitionTime": objects.rfc3339(self._clock.now()),
        }
        namespace, name = objects.namespace(victim), objects.name(victim)
        change = {"status": {"conditions": [condition]}}
        self._client.patch("pods", namespace, name, change, patch_type=STRATEGIC_MERGE_PATCH, subresource="status")

    def _say_failed(self, pod: Obj, message: str) -> None:
        self._events.event(pod, "Warning", "FailedScheduling", message, action="Scheduling")

    def _mark_unschedulable(self, pod: Obj, message: str, nominated: str) -> None:
        """PodScheduled=False with the reason, written only when it says something new."""
        status = pod.get("status") or {}
        old = objects.condition(pod, "PodScheduled")
        same = old is not None and old.get("status") == "False" and old.get("message") == message
        if same and status.get("nominatedNodeName", "") == nominated:
            return
        changed: Obj = {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": message,
            "lastProbeTime": None,
            "lastTransitionTime": objects.rfc3339(self._clock.now()),
            "observedGeneration": objects.meta(pod).get("generation", 1),
        }
        if old is not None and old.get("status") == "False":
            changed["lastTransitionTime"] = old["lastTransitionTime"]
        others = [c for c in status.get("conditions") or () if c["type"] != "PodScheduled"]
        new = {**status, "conditions": [*others, changed]} | ({"nominatedNodeName": nominated} if nominated else {})
        with contextlib.suppress(ApiError):
            self._client.update_status("pods", {**pod, "status": new})


def _ours(pod: Obj) -> bool:
    """Whether the Pod waits for this scheduler and may be scheduled."""
    spec = pod["spec"]
    return spec.get("schedulerName", NAME) == NAME and not spec.get("schedulingGates") and not finished(pod)


def _intent(pod: Obj) -> tuple[Obj, dict[str, str], bool]:
    """The part of a Pod that says where it may go."""
    return pod["spec"], objects.labels(pod), objects.deleting(pod)


def _leaving(pod: Obj) -> bool:
    return objects.deleting(pod)


def _offer(node: Obj) -> tuple[object, ...]:
    """The part of a node that says what it can take."""
    spec = node.get("spec") or {}
    return (
        objects.labels(node),
        spec.get("taints"),
        spec.get("unschedulable"),
        objects.dig(node, "status", "allocatable"),
    )
