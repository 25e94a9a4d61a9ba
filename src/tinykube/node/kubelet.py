"""The kubelet: runs the Pods that the scheduler has bound to its node.

Law: it learns of Pods from the API alone and tells the API alone. Everything that happens to a Pod happens in one of
three steps of its worker, `sync_pod`, `sync_terminating_pod` and `sync_terminated_pod`; read them first.

Models pkg/kubelet/kubelet.go.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.events import Recorder
from tinykube.informer import Informers
from tinykube.node import status
from tinykube.node.actions import LIVENESS, STARTUP, compute_actions
from tinykube.node.admission import admit, refused_status
from tinykube.node.assembly import Parts, assemble, find
from tinykube.node.ephemeral import field_of
from tinykube.node.eviction import GRACE
from tinykube.node.instance import Instance
from tinykube.node.node_status import CAPACITY
from tinykube.node.observed import PodView
from tinykube.node.phase import terminal
from tinykube.node.pod_runtime import Outcome
from tinykube.node.pod_workers import SyncError
from tinykube.node.probes import READINESS
from tinykube.node.pulls import pull_secrets_missing
from tinykube.node.resizing import differs
from tinykube.node.server import KubeletServer
from tinykube.objects import Obj
from tinykube.runtime.images import ImageStore
from tinykube.runtime.network import Network


class Kubelet(KubeletServer):
    """One node's kubelet, with the container runtime that it drives."""

    def __init__(
        self,
        name: str,
        client: Client,
        clock: Clock,
        rng: random.Random,
        network: Network,
        images: ImageStore,
        *,
        taints: Sequence[Obj] = (),
    ) -> None:
        self.name, self.client, self.clock, self.rng = name, client, clock, rng
        self.network, self.images, self.taints = network, images, tuple(taints)
        self.recorder = Recorder(client, clock, "kubelet", name)
        self.informers = Informers(client)
        self.parts: Parts | None = None
        self._kept: Parts | None = None
        self._reasons: dict[str, dict[str, tuple[str, str]]] = {}

    # -- life

    async def run(self) -> None:
        """Be the node until cancelled; then fall silent at once, as if the power had gone."""
        self.parts = parts = self._kept = assemble(self, self._kept)
        self.informers = Informers(self.client)
        self._watch(parts)
        parts.heart.start()
        self.informers.start()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await self._power_off(parts)

    async def _power_off(self, parts: Parts) -> None:
        self.parts = None
        parts.heart.stop()
        parts.deadlines.stop()
        parts.evictions.stop()
        parts.statuses.stop()
        parts.probes.stop()
        parts.pleg.stop()
        parts.runtime.crash()
        await parts.workers.stop()
        await self.informers.stop()

    def _watch(self, parts: Parts) -> None:
        pods = self.informers("pods", f"spec.nodeName={self.name}")
        pods.on_change(added=self._pod_added, updated=self._pod_updated, deleted=self._pod_deleted)
        for resource in ("configmaps", "secrets"):
            self.informers(resource).on_change(
                updated=lambda old, new: parts.volumes.changed(pods.all(), new),
                added=lambda new: parts.volumes.changed(pods.all(), new),
            )
        self.informers("services")

    # -- what the API says

    def _pod_added(self, pod: Obj) -> None:
        if self.parts is not None and not self._refused(self.parts, pod):
            self.parts.resizes.admitted(pod)
            self.parts.pleg.touched(objects.uid(pod))
            self.parts.workers.update(pod)

    def _refused(self, parts: Parts, pod: Obj) -> bool:
        """Whether the node does not take the Pod; it then says so."""
        status = pod.get("status") or {}
        if objects.deleting(pod):
            return False
        if terminal(status.get("phase")) and not status.get("containerStatuses"):
            return True
        if status.get("startTime"):
            return False
        refusal = admit(pod, parts.workers.active(), CAPACITY, lambda: self.client.get("nodes", "", self.name))
        if refusal is None:
            return False
        self.recorder.event(pod, "Warning", refusal.reason, refusal.message)
        parts.statuses.set(pod, refused_status(pod, refusal, self.clock.now()))
        return True

    def _pod_updated(self, old: Obj, pod: Obj) -> None:
        if self.parts is None:
            return
        if objects.uid(old) != objects.uid(pod):
            self.parts.workers.removed(old)
            self._pod_added(pod)
            return
        self.parts.statuses.reconcile(pod)
        if _differs(old, pod) and (objects.uid(pod) in self.parts.workers or not self._refused(self.parts, pod)):
            self.parts.resizes.consider(pod, self.parts.workers.active())
            self.parts.workers.update(pod)
            self.parts.volumes.pod_changed(pod)

    def _pod_deleted(self, pod: Obj) -> None:
        if self.parts is not None:
            self.parts.workers.removed(pod)

    # -- the three steps of a Pod's worker

    async def sync_pod(self, pod: Obj, seen: PodView) -> bool:
        """Bring the Pod closer to its spec; return whether it has ended by itself.

        Raises:
            SyncError: something did not start; the worker tries again later.
        """
        parts, uid = self._running(), objects.uid(pod)
        pod = parts.resizes.granted(pod)
        if not _resizing(pod, seen):
            parts.resizes.done(pod)
        new_status = self.generate(pod, seen)
        parts.statuses.set(pod, new_status)
        if terminal(new_status["phase"]):
            return True
        parts.deadlines.watch(pod, new_status)
        if not await parts.volumes.mount(pod, lambda: not parts.workers.terminating(uid)):
            raise SyncError("timed out waiting for the condition")
        self._look_for_pull_secrets(pod)
        parts.probes.add(pod)
        parts.evictions.watch(pod)
        actions = compute_actions(pod, seen, parts.probes.verdict)
        outcome = await parts.runtime.sync(pod, seen, actions)
        self._remember(uid, outcome)
        if failures := outcome.failures():
            retries = [f.retry_at for f in failures if f.retry_at is not None]
            raise SyncError("; ".join(f.message for f in failures), min(retries) if retries else None)
        if outcome.acted:
            parts.pleg.request_relist(uid)
        return False

    def _look_for_pull_secrets(self, pod: Obj) -> None:
        """Say which of the Pod's imagePullSecrets are missing; its containers may start without them."""
        names = [ref["name"] for ref in pod["spec"].get("imagePullSecrets") or () if ref.get("name")]
        missing = [name for name in names if find(self, "secrets", objects.namespace(pod), name) is None]
        if missing:
            self.recorder.event(pod, "Warning", *pull_secrets_missing(missing))

    async def sync_terminating_pod(self, pod: Obj, seen: PodView, grace: float | None) -> None:
        """Stop every container of the Pod, within `grace` seconds if given."""
        parts, uid = self._running(), objects.uid(pod)
        parts.statuses.set(pod, self.generate(pod, seen))
        parts.probes.stop_liveness_and_startup(uid)
        await parts.runtime.kill_pod(pod, grace)
        parts.probes.remove(uid)
        parts.statuses.set(pod, self.generate(pod, parts.runtime.view(uid), ended=True))

    async def sync_terminated_pod(self, pod: Obj, seen: PodView) -> None:
        """Everything of the Pod has stopped: drop its volumes and let its object go."""
        parts, uid = self._running(), objects.uid(pod)
        parts.statuses.set(pod, self.generate(pod, seen, ended=True))
        parts.deadlines.forget(uid)
        parts.volumes.forget(uid)
        parts.statuses.terminate(pod)

    def gone(self, uid: str) -> None:
        """The Pod has ended and its object is gone: forget it."""
        parts = self._running()
        parts.runtime.remove(uid)
        for part in (parts.pleg, parts.statuses, parts.volumes, parts.images, parts.deadlines, parts.evictions):
            part.forget(uid)
        parts.resizes.forget(uid)
        self._reasons.pop(uid, None)
        self._grant_what_fits_now()

    def _grant_what_fits_now(self) -> None:
        """A Pod has gone: others may have the room that they asked for."""
        parts = self._running()
        for uid in parts.resizes.waiting():
            if pod := parts.workers.pod(uid):
                parts.resizes.consider(pod, parts.workers.active())
                parts.workers.poke(uid)

    def generate(self, pod: Obj, seen: PodView, *, ended: bool = False) -> Obj:
        """The Pod's status now."""
        parts, uid = self._running(), objects.uid(pod)
        pod = parts.resizes.granted(pod)
        previous = parts.statuses.get(uid) or pod.get("status") or {}
        known = status.Knowledge(
            host_ip=parts.who.ip,
            now=self.clock.now(),
            reasons=self._reasons.get(uid, {}),
            started=lambda container, view: parts.probes.started(uid, container, view),
            ready=lambda container, view: parts.probes.ready(uid, container, view),
            previous=previous,
            resizing=parts.resizes.conditions(uid),
            evicted=parts.evictions.evicted(uid) or parts.deadlines.passed(pod, previous),
        )
        return status.generate(pod, seen, known, ended=ended)

    def _remember(self, uid: str, outcome: Outcome) -> None:
        reasons = self._reasons.setdefault(uid, {})
        for name, failure in outcome.starts.items():
            reasons.pop(name, None)
            if failure is not None:
                reasons[name] = (failure.reason, failure.message)

    def _running(self) -> Parts:
        if self.parts is None:
            raise asyncio.CancelledError  # the power is gone
        return self.parts

    # -- what the node's parts report

    def touched(self, uid: str) -> None:
        """A container or sandbox of the Pod changed."""
        if self.parts is not None:
            self.parts.pleg.touched(uid)

    def verdict(self, kind: str, pod: Obj, container_id: str, passed: bool) -> None:
        """A probe changed its mind about a container."""
        parts, uid = self._running(), objects.uid(pod)
        current = parts.workers.pod(uid) or pod
        if kind == READINESS:
            parts.statuses.set_ready(current, container_id, passed)
        elif kind == STARTUP and passed:
            parts.statuses.set_started(current, container_id)
        if kind != LIVENESS or not passed:
            parts.workers.poke(uid)

    def evict(self, pod: Obj, message: str) -> None:
        """The Pod uses more than it may: end it."""
        self.recorder.event(pod, "Warning", "Evicted", message)
        self._running().workers.end(objects.uid(pod), GRACE)

    def instance(self, uid: str, container_id: str) -> tuple[Instance | None, str]:
        """A container of the Pod by ID, and the Pod's address."""
        running = self.parts.runtime.pods.get(uid) if self.parts else None
        return (running.find(container_id), running.ip) if running else (None, "")

    def tell(self, pod: Obj, container: Obj, type_: str, reason: str, message: str) -> None:
        """Record an event about a container of the Pod."""
        self.recorder.event(pod, type_, reason, message, field=field_of(pod, container["name"]))


def _resizing(pod: Obj, seen: PodView) -> bool:
    """Whether a running container has yet to be given what its Pod has been granted."""
    return any(
        differs(found.resources, container.get("resources") or {})
        for container in pod["spec"]["containers"]
        if (found := seen.find(container["name"])) and found.running
    )


def _differs(old: Obj, new: Obj) -> bool:
    """Whether more than the status changed, or a condition that is not the kubelet's own."""
    if old["spec"] is not new["spec"] and old["spec"] != new["spec"]:
        return True
    for part in ("labels", "annotations", "deletionTimestamp", "deletionGracePeriodSeconds"):
        if objects.meta(old).get(part) != objects.meta(new).get(part):
            return True
    gates = {g["conditionType"] for g in new["spec"].get("readinessGates") or ()}
    if gates and _gates(old, gates) != _gates(new, gates):
        return True
    return terminal(objects.dig(new, "status", "phase")) and not terminal(objects.dig(old, "status", "phase"))


def _gates(pod: Obj, gates: set[str]) -> dict[str, str]:
    return {c["type"]: c["status"] for c in objects.dig(pod, "status", "conditions", default=()) if c["type"] in gates}
