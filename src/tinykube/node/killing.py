"""Stopping containers: preStop, the stop signal, a grace period, SIGKILL; sidecars after the others.

Law: the grace period includes the preStop hook and, for sidecars, the wait for their turn; a container always gets two
seconds between the signal and SIGKILL.

Models pkg/kubelet/kuberuntime/kuberuntime_container.go (killContainer, killContainersWithSyncResult) and
kuberuntime_termination_order.go.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from tinykube import objects
from tinykube.clock import Clock
from tinykube.node.actions import LIVENESS, STARTUP
from tinykube.node.hooks import HookError, run_hook
from tinykube.node.instance import Instance
from tinykube.objects import Obj, dig
from tinykube.runtime.network import Host

MINIMUM_GRACE = 2.0
"""Seconds that any container gets after its stop signal."""


def grace_period(pod: Obj, spec: Obj, probe: str = "") -> float:
    """Seconds that a container of the Pod has to stop; `probe` names the probe that wants it stopped, if one does."""
    own = dig(spec, probe, "terminationGracePeriodSeconds") if probe in (LIVENESS, STARTUP) else None
    if objects.deleting(pod):
        return float(dig(pod, "metadata", "deletionGracePeriodSeconds", default=0))
    if own is not None:
        return float(own)
    return float(pod["spec"].get("terminationGracePeriodSeconds", 30))


class Ordering:
    """Whose turn it is to stop: regular containers at once, sidecars last one first, each after those before it."""

    def __init__(self, pod: Obj, running: list[str]) -> None:
        inits = [c["name"] for c in pod["spec"].get("initContainers") or () if c.get("restartPolicy") == "Always"]
        mains = [c["name"] for c in pod["spec"]["containers"]]
        self._ended = {name: asyncio.Event() for name in running}
        self._before: dict[str, list[str]] = {name: [] for name in mains}
        earlier = mains
        for name in reversed(inits):
            self._before[name] = earlier
            earlier = [*earlier, name]

    async def turn(self, name: str) -> None:
        """Wait until everything that stops before `name` has stopped."""
        for other in self._before.get(name, ()):
            if other in self._ended:
                await self._ended[other].wait()

    def ended(self, name: str) -> None:
        """`name` has stopped."""
        if name in self._ended:
            self._ended[name].set()


@dataclass
class Killer:
    """Stops containers. `host` is where HTTP hooks come from: the node."""

    clock: Clock
    host: Host

    async def kill(self, pod: Obj, instance: Instance, ip: str, grace: float, ordering: Ordering | None = None) -> bool:
        """Stop one container within `grace` seconds; return whether its preStop hook went well."""
        went_well = True
        began = self.clock.now()
        hook = dig(instance.spec, "lifecycle", "preStop")
        if hook and grace > 0:
            went_well = await self._pre_stop(hook, pod, instance, ip, grace)
        if ordering is not None and grace > 0:
            with contextlib.suppress(TimeoutError):
                await self.clock.wait_for(ordering.turn(instance.name), max(grace - (self.clock.now() - began), 0.0))
        left = max(grace - int(self.clock.now() - began), MINIMUM_GRACE)
        await self._stop(instance, left)
        if ordering is not None:
            ordering.ended(instance.name)
        return went_well

    async def _pre_stop(self, hook: Obj, pod: Obj, instance: Instance, ip: str, grace: float) -> bool:
        try:
            await self.clock.wait_for(run_hook(hook, pod, instance, self.host, ip, self.clock), grace)
        except TimeoutError:
            return True
        except HookError:
            return False
        return True

    async def _stop(self, instance: Instance, grace: float) -> None:
        if not instance.running:
            return
        ended = asyncio.Event()
        instance.container.when_finished(ended.set)
        instance.container.stop()
        try:
            await self.clock.wait_for(ended.wait(), grace)
        except TimeoutError:
            instance.container.kill()
            if instance.running:
                await ended.wait()
