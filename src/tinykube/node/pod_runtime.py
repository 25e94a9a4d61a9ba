"""Carrying out what a sync has decided: sandboxes and containers, started and stopped.

Law: it acts on the decision (`actions.Actions`) and on the snapshot that the decision was made from; what it changed
is seen at the next relist.

Models pkg/kubelet/kuberuntime/kuberuntime_manager.go (SyncPod, killPodWithSyncResult).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tinykube import objects
from tinykube.clock import Clock
from tinykube.node import hostfiles
from tinykube.node.actions import Actions, Kill
from tinykube.node.instance import Instance
from tinykube.node.killing import Ordering, grace_period
from tinykube.node.observed import PodView
from tinykube.node.restarts import is_sidecar
from tinykube.node.sandbox import NOT_READY, READY, AddressPool, RunningPod
from tinykube.node.starting import Starter, StartFailure
from tinykube.objects import Obj
from tinykube.runtime.network import Host, Network

SANDBOX_UP, SANDBOX_DOWN = (0.15, 0.4), (0.25, 0.6)
"""Seconds that making a sandbox with its network takes, and stopping one."""


@dataclass
class Outcome:
    """What came of a sync: by container name, None or why it did not start; and whether anything was done at all."""

    starts: dict[str, StartFailure | None] = field(default_factory=dict)
    acted: bool = False

    def failures(self) -> list[StartFailure]:
        """The starts that failed."""
        return [failure for failure in self.starts.values() if failure is not None]


class PodRuntime:
    """The Pods that run here, by UID."""

    def __init__(
        self, clock: Clock, rng: random.Random, network: Network, node_host: Host, pool: AddressPool, starter: Starter
    ) -> None:
        self._clock, self._rng, self._network, self._node_host = clock, rng, network, node_host
        self._pool, self._starter = pool, starter
        self.pods: dict[str, RunningPod] = {}
        self.sandbox_ready: Callable[[Obj], None] = lambda pod: None

    def view(self, uid: str) -> PodView:
        """A snapshot of the Pod."""
        pod = self.pods.get(uid)
        return pod.view() if pod else PodView()

    def disk_usage(self, uid: str) -> dict[str, int]:
        """Bytes of disk that the Pod's running containers fill outside of volumes, by name."""
        pod = self.pods.get(uid)
        return {each.name: each.disk_usage for each in pod.instances if each.running} if pod else {}

    async def sync(self, pod: Obj, seen: PodView, actions: Actions) -> Outcome:
        """Do what was decided."""
        outcome = Outcome()
        if actions.kill_pod:
            outcome.acted = bool(seen.sandbox)
            await self.kill_pod(pod, None)
            if not actions.create_sandbox:
                return outcome
        else:
            for kill in actions.kill:
                outcome.acted = True
                await self._kill_one(pod, kill)
        for found, container in actions.resize:
            outcome.acted = self._resize(pod, found.id, container) or outcome.acted
        running = await self._sandbox(pod, actions)
        await self._start_all(pod, seen, running, actions, outcome)
        return outcome

    def _resize(self, pod: Obj, container_id: str, spec: Obj) -> bool:
        running = self.pods.get(objects.uid(pod))
        instance = running.find(container_id) if running else None
        if instance is not None and instance.running:
            instance.resize(spec.get("resources") or {})
        return instance is not None

    async def kill_pod(self, pod: Obj, grace: float | None) -> None:
        """Stop every container of the Pod, within `grace` seconds or its own grace period, then its sandbox."""
        running = self.pods.get(objects.uid(pod))
        if running is None:
            return
        alive = [i for i in running.instances if i.running]
        ordering = Ordering(pod, [i.name for i in alive]) if any(is_sidecar(i.spec, pod) for i in alive) else None
        kills = [self._kill(pod, running, i, "", "", grace, ordering) for i in alive]
        if kills:
            await _all(kills)
        if running.state == READY:
            await self._pause(SANDBOX_DOWN)
            self._stop_sandbox(running)
            self._starter.touched(running.uid)

    def remove(self, uid: str) -> None:
        """Forget the Pod, its containers and its address."""
        running = self.pods.pop(uid, None)
        self._starter.backoff.forget(f"{uid}_")
        if running is not None:
            self._stop_sandbox(running)
            if running.ip and running.ip != self._node_host.ip:
                self._pool.give_back(running.ip)

    def prune(self, uid: str) -> None:
        """Remove dead containers that are not kept."""
        if uid in self.pods:
            self.pods[uid].prune()

    def crash(self) -> None:
        """The node loses its power: everything stops at once, and nobody is told."""
        for running in self.pods.values():
            for instance in running.instances:
                if instance.running:
                    instance.container.kill()
            self._stop_sandbox(running)

    # -- sandboxes

    async def _sandbox(self, pod: Obj, actions: Actions) -> RunningPod:
        uid = objects.uid(pod)
        running = self.pods.setdefault(uid, RunningPod(uid))
        if not actions.create_sandbox:
            return running
        await self._pause(SANDBOX_UP)
        running.attempt += running.state == NOT_READY
        if pod["spec"].get("hostNetwork"):
            running.host, running.ip = self._node_host, self._node_host.ip
        else:
            running.ip = running.ip or self._pool.take()
            running.host = self._network.add_host(running.ip, objects.name(pod))
        if pod["spec"].get("shareProcessNamespace"):
            running.pause = self._starter.pause(running.host)
        running.state = READY
        running.hosts_file.data = bytearray(hostfiles.hosts_file(pod, running.ip).encode())
        inits = {c["name"] for c in pod["spec"].get("initContainers") or ()}
        running.instances = [i for i in running.instances if i.name not in inits]
        self._starter.touched(uid)
        self.sandbox_ready(pod)
        return running

    def _stop_sandbox(self, running: RunningPod) -> None:
        if running.host is self._node_host:
            running.host = None
        running.stop_sandbox(self._network)

    # -- containers

    async def _start_all(
        self, pod: Obj, seen: PodView, running: RunningPod, actions: Actions, outcome: Outcome
    ) -> None:
        for container in actions.start_ephemeral:
            await self._start(pod, container, seen, running, outcome)
        for container in actions.start_init:
            failure = await self._start(pod, container, seen, running, outcome)
            if failure and container.get("restartPolicy") != "Always":
                return
        for container in actions.start:
            await self._start(pod, container, seen, running, outcome)

    async def _start(
        self, pod: Obj, container: Obj, seen: PodView, running: RunningPod, outcome: Outcome
    ) -> StartFailure | None:
        outcome.acted = True
        try:
            await self._starter.start(pod, container, seen, running)
        except StartFailure as failure:
            outcome.starts[container["name"]] = failure
            return failure
        outcome.starts[container["name"]] = None
        return None

    async def _kill_one(self, pod: Obj, kill: Kill) -> None:
        running = self.pods.get(objects.uid(pod))
        instance = running.find(kill.container.id) if running else None
        if running is not None and instance is not None and instance.running:
            await self._kill(pod, running, instance, kill.message, kill.probe, None, None)

    async def _kill(
        self,
        pod: Obj,
        running: RunningPod,
        instance: Instance,
        message: str,
        probe: str,
        grace: float | None,
        ordering: Ordering | None,
    ) -> None:
        tell = self._starter.tell
        tell(pod, instance.spec, "Normal", "Killing", message or f"Stopping container {instance.name}")
        time_left = grace_period(pod, instance.spec, probe) if grace is None else grace
        if not await self._starter.killer.kill(pod, instance, running.ip, time_left, ordering):
            tell(pod, instance.spec, "Warning", "FailedPreStopHook", "PreStopHook failed")

    async def _pause(self, between: tuple[float, float]) -> None:
        await self._clock.sleep(self._rng.uniform(*between))


async def _all(work: list) -> None:
    """Run coroutines side by side; if this is cancelled, so are they."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
