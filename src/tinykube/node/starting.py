"""Starting one container: back-off, image, configuration, create, start, postStart.

Law: every step has its event and its way to fail; a failure is a `StartFailure` with the reason that the container
then waits with.

Models pkg/kubelet/kuberuntime/kuberuntime_container.go (startContainer) and kuberuntime_manager.go (doBackOff).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from tinykube import objects
from tinykube.clock import Clock
from tinykube.node import hostfiles
from tinykube.node.backoff import Backoff
from tinykube.node.config import Configurator, check_user
from tinykube.node.env import ConfigError
from tinykube.node.fields import full_name
from tinykube.node.hooks import HookError, run_hook
from tinykube.node.instance import Instance, Setting
from tinykube.node.killing import Killer, grace_period
from tinykube.node.observed import EXITED, PodView
from tinykube.node.pulls import ImageError, ImageManager
from tinykube.node.sandbox import RunningPod
from tinykube.objects import Obj, dig
from tinykube.runtime.container import Container, ContainerSpec, StartError
from tinykube.runtime.images import Image
from tinykube.runtime.network import Host

SANDBOX_IMAGE = "registry.k8s.io/pause:3.10"
CHECK, CREATE, START = (0.005, 0.015), (0.02, 0.06), (0.08, 0.2)
"""Seconds that looking for an image takes, creating a container, and starting it."""


class StartFailure(Exception):
    """A container was not started. `reason` is what it waits with; `retry_at` when a back-off ends."""

    def __init__(self, reason: str, message: str, retry_at: float | None = None) -> None:
        super().__init__(message)
        self.reason, self.message, self.retry_at = reason, message, retry_at


def go_duration(seconds: float) -> str:
    """Seconds as Go prints a time.Duration: 10s, 1m20s, 5m0s."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


@dataclass
class Starter:
    """Starts containers. `tell(pod, container, type, reason, message)` records an event about one."""

    clock: Clock
    rng: random.Random
    images: ImageManager
    config: Configurator
    killer: Killer
    backoff: Backoff
    tell: Callable[[Obj, Obj, str, str, str], None]
    touched: Callable[[str], None]

    async def start(self, pod: Obj, container: Obj, seen: PodView, running: RunningPod) -> None:
        """Start the container.

        Raises:
            StartFailure: it does not run; why is in the failure and in an event.
        """
        self._back_off(pod, container, seen)
        await self._pause(CHECK)
        image, image_name = await self._image(pod, container)
        instance = self._configure(pod, container, seen, running, image, image_name)
        await self._pause(CREATE)
        running.instances.insert(0, instance)
        self._say(pod, container, "Normal", "Created", "Container created")
        await self._pause(START)
        self._run(pod, container, instance)
        self._say(pod, container, "Normal", "Started", "Container started")
        hook = dig(container, "lifecycle", "postStart")
        if hook:
            await self._post_start(pod, container, instance, running, hook)

    def pause(self, host: Host) -> Container:
        """The sandbox' own container, which holds its process ids."""
        image = self.images.image(SANDBOX_IMAGE)
        held = Container(ContainerSpec(image), self.clock, host, lambda stream, line: None)
        held.start()
        return held

    async def _pause(self, between: tuple[float, float]) -> None:
        await self.clock.sleep(self.rng.uniform(*between))

    def _say(self, pod: Obj, container: Obj, type_: str, reason: str, message: str) -> None:
        self.tell(pod, container, type_, reason, message)

    def _fail(self, pod: Obj, container: Obj, reason: str, message: str) -> StartFailure:
        self._say(pod, container, "Warning", "Failed", f"Error: {message}")
        return StartFailure(reason, message)

    # -- the steps

    def _back_off(self, pod: Obj, container: Obj, seen: PodView) -> None:
        last = next((c for c in seen.containers if c.name == container["name"] and c.state == EXITED), None)
        if last is None:
            return
        key, now = f"{objects.uid(pod)}_{container['name']}_{container['image']}", self.clock.now()
        retry_at = self.backoff.until(key, last.finished_at, now)
        if retry_at is None:
            self.backoff.raise_for(key, last.finished_at, now)
            return
        name = container["name"]
        self._say(
            pod, container, "Warning", "BackOff", f"Back-off restarting failed container {name} in pod {full_name(pod)}"
        )
        wait = go_duration(self.backoff.get(key))
        message = f"back-off {wait} restarting failed container={name} pod={full_name(pod)}"
        raise StartFailure("CrashLoopBackOff", message, retry_at)

    async def _image(self, pod: Obj, container: Obj) -> tuple[Image, str]:
        try:
            return await self.images.ensure(pod, container, lambda *event: self._say(pod, container, *event))
        except ImageError as problem:
            self._say(pod, container, "Warning", "Failed", f"Error: {problem.reason}")
            raise StartFailure(problem.reason, str(problem), problem.retry_at) from None

    def _configure(
        self, pod: Obj, container: Obj, seen: PodView, running: RunningPod, image: Image, image_name: str
    ) -> Instance:
        try:
            check_user(pod, container, image)
            variables = self.config.environment(pod, container, running)
            mounts = self.config.mounts(pod, container, running, variables)
            last = seen.find(container["name"])
            setting = Setting(
                image=image,
                image_name=image_name,
                env=variables,
                mounts=mounts,
                hostname=hostfiles.hostname(pod),
                restarts=_restarts(pod, container, last.restarts if last else None),
                pids=running.pids_for(container),
            )
            id_ = f"containerd://{self.rng.getrandbits(256):064x}"
            uid = objects.uid(pod)
            assert running.host is not None
            return Instance(id_, pod, container, setting, self.clock, running.host, lambda: self.touched(uid))
        except ConfigError as problem:
            raise self._fail(pod, container, "CreateContainerConfigError", str(problem)) from None
        except OSError as problem:
            raise self._fail(pod, container, "CreateContainerError", str(problem)) from None

    def _run(self, pod: Obj, container: Obj, instance: Instance) -> None:
        try:
            instance.start()
        except StartError as problem:
            raise self._fail(pod, container, "RunContainerError", str(problem)) from None
        finally:
            self.touched(objects.uid(pod))

    async def _post_start(self, pod: Obj, container: Obj, instance: Instance, running: RunningPod, hook: Obj) -> None:
        try:
            await run_hook(hook, pod, instance, self.killer.host, running.ip, self.clock)
        except HookError as problem:
            self._say(pod, container, "Warning", "FailedPostStartHook", "PostStartHook failed")
            self._say(pod, container, "Normal", "Killing", "FailedPostStartHook")
            await self.killer.kill(pod, instance, running.ip, grace_period(pod, container))
            raise StartFailure("PostStartHookError", str(problem)) from None


def _restarts(pod: Obj, container: Obj, last: int | None) -> int:
    if last is not None:
        return last + 1
    for part in ("containerStatuses", "initContainerStatuses"):
        for status in dig(pod, "status", part, default=()):
            if status["name"] == container["name"] and status.get("containerID"):
                return int(status.get("restartCount", 0)) + 1
    return 0
