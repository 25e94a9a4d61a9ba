"""One container of a Pod on this node: what the runtime runs, with what the kubelet remembers of it.

Law: the only place that touches `runtime.container`. It makes the runtime's spec from the Pod's, and turns a
container's end into an exit code, a reason and a termination message.

Models pkg/kubelet/kuberuntime/kuberuntime_container.go (generateContainerConfig, toKubeContainerStatus).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tinykube.clock import Clock
from tinykube.node.env import expand
from tinykube.node.logs import ContainerLog
from tinykube.node.observed import CREATED, EXITED, RUNNING, ContainerView
from tinykube.objects import Obj, quantity, whole
from tinykube.podresources import pod_level
from tinykube.runtime import capabilities
from tinykube.runtime.container import Container, ContainerSpec, Mount, StartError
from tinykube.runtime.images import Image
from tinykube.runtime.network import Host
from tinykube.runtime.nodes import File, layer_usage
from tinykube.runtime.process import PidNamespace

EXIT_NOTICED = 0.03
"""Seconds until the runtime tells of a container's end: one that ends at once has been seen running."""
MOST_MESSAGE, MOST_LOG_MESSAGE = 4096, 2048
"""Bytes of a termination message from its file, and from the end of the log."""


@dataclass
class Setting:
    """What a container starts with besides its spec."""

    image: Image
    image_name: str
    env: dict[str, str]
    mounts: list[Mount]
    hostname: str
    restarts: int
    pids: PidNamespace | None = None


class Instance:
    """A container that has been created. `changed` is called when it ends."""

    def __init__(
        self, id_: str, pod: Obj, spec: Obj, setting: Setting, clock: Clock, host: Host, changed: Callable[[], None]
    ) -> None:
        self.id, self.name, self.spec = id_, spec["name"], spec
        self.restarts, self._setting, self._clock, self._changed = setting.restarts, setting, clock, changed
        self._pod, self._resources = pod, spec.get("resources") or {}
        self.created_at = clock.now()
        self.log = ContainerLog(clock)
        self._last_words = File(bytearray(), 0o666)
        path = spec.get("terminationMessagePath") or "/dev/termination-log"
        mounts = [*setting.mounts, Mount(path, self._last_words)]
        self.container = Container(_runtime_spec(pod, spec, setting, mounts), clock, host, self.log)
        self._start_failed = ""
        self._over = False
        self._view: ContainerView | None = None

    def start(self) -> None:
        """Run it. Raises StartError."""
        try:
            self.container.start()
        except StartError as problem:
            self._start_failed, self._over = str(problem), True
            self.log.close()
            raise
        finally:
            self._view = None
        self.container.when_finished(self._ended)

    def resize(self, resources: Obj) -> None:
        """Give the running container other requests and limits."""
        self._resources, self._view = resources, None
        memory, cpu = _limits(self._pod, resources)
        self.container.cgroup.memory_limit, self.container.cgroup.cpu_limit = memory, cpu
        self._changed()

    def _ended(self) -> None:
        self.log.close()
        self._clock.call_later(EXIT_NOTICED, self._noticed)

    def _noticed(self) -> None:
        self._over, self._view = True, None
        self._changed()

    @property
    def running(self) -> bool:
        """Whether its first process lives."""
        return self.container.running

    @property
    def ended(self) -> bool:
        """Whether it has run, or failed to, and is over."""
        return self.container.exit_code is not None

    @property
    def disk_usage(self) -> int:
        """Bytes of the node's disk that it fills outside of volumes: its layer over the image, and its log."""
        return layer_usage(self.container.fs.root) + self.log.size

    def view(self) -> ContainerView:
        """What an observer sees of it now."""
        if self._view is None:
            self._view = self._look()
        return self._view

    def _look(self) -> ContainerView:
        state = EXITED if self._over else RUNNING if self.container.started_at is not None else CREATED
        container, setting = self.container, self._setting
        return ContainerView(
            id=self.id,
            name=self.name,
            state=state,
            image=setting.image_name,
            image_id=setting.image.id,
            restarts=self.restarts,
            created_at=self.created_at,
            started_at=container.started_at or 0.0,
            finished_at=(container.finished_at or 0.0) if state == EXITED else 0.0,
            exit_code=(container.exit_code or 0) if state == EXITED else 0,
            reason="" if state != EXITED else "StartError" if self._start_failed else container.reason,
            message=self._message() if state == EXITED else "",
            spec_image=self.spec["image"],
            resources=self._resources,
        )

    def _message(self) -> str:
        if self._start_failed:
            return self._start_failed
        text = bytes(self._last_words.data)[-MOST_MESSAGE:]
        fallback = self.spec.get("terminationMessagePolicy") == "FallbackToLogsOnError"
        if not text and fallback and self.container.exit_code:
            text = b"".join(self.log.line(n)[2] for n in range(max(len(self.log) - 80, self.log.start), len(self.log)))
            text = text[-MOST_LOG_MESSAGE:]
        return text.decode("utf-8", "replace")


def supplementary_groups(pod: Obj) -> tuple[int, ...]:
    """The groups that the Pod's processes belong to besides their own, fsGroup last."""
    security = pod["spec"].get("securityContext") or {}
    own = [security["fsGroup"]] if "fsGroup" in security else []
    return tuple(dict.fromkeys([*(security.get("supplementalGroups") or ()), *own]))


def _limits(pod: Obj, resources: Obj) -> tuple[int | None, float | None]:
    """Memory in bytes and CPU in cores that a container with those resources may use; None is unlimited."""
    limits = {**pod_level(pod["spec"], "limits"), **(resources.get("limits") or {})}
    memory, cpu = limits.get("memory"), limits.get("cpu")
    return whole(memory) if memory else None, float(quantity(cpu)) if cpu else None


def _capabilities(security: Obj) -> int:
    """What the container's root may do."""
    if security.get("privileged"):
        return capabilities.EVERY
    asked = security.get("capabilities") or {}
    return capabilities.granted(asked.get("add") or (), asked.get("drop") or ())


def _runtime_spec(pod: Obj, spec: Obj, setting: Setting, mounts: list[Mount]) -> ContainerSpec:
    memory, cpu = _limits(pod, spec.get("resources") or {})
    security = {**(pod["spec"].get("securityContext") or {}), **(spec.get("securityContext") or {})}
    return ContainerSpec(
        image=setting.image,
        command=[expand(word, setting.env) for word in spec.get("command") or ()] or None,
        args=None if spec.get("args") is None else [expand(word, setting.env) for word in spec["args"]],
        env=setting.env,
        working_dir=spec.get("workingDir") or "",
        mounts=mounts,
        hostname=setting.hostname,
        memory_limit=memory,
        cpu_limit=cpu,
        user=security.get("runAsUser"),
        group=security.get("runAsGroup"),
        groups=supplementary_groups(pod),
        capabilities=_capabilities(security),
        read_only_root=bool(security.get("readOnlyRootFilesystem")),
        stdin=bool(spec.get("stdin")),
        tty=bool(spec.get("tty")),
        pids=setting.pids,
    )
