"""What the node knows of a Pod's sandbox and containers at one instant.

Law: immutable data. The pod lifecycle event generator takes these snapshots; everything that decides reads them and
never the running containers themselves.

Models pkg/kubelet/container/runtime.go (PodStatus, Status).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tinykube.objects import Obj, rfc3339

RUNNING, EXITED, CREATED = "running", "exited", "created"


@dataclass(frozen=True, slots=True)
class ContainerView:
    """One container, living or dead. Times are seconds since the epoch; 0 means never."""

    id: str
    name: str
    state: str
    image: str
    image_id: str
    restarts: int
    created_at: float
    started_at: float = 0.0
    finished_at: float = 0.0
    exit_code: int = 0
    reason: str = ""
    message: str = ""
    spec_image: str = ""
    """The image as the spec named it when the container was created."""
    resources: Obj = field(default_factory=dict)
    """The requests and limits that it runs with."""

    @property
    def running(self) -> bool:
        return self.state == RUNNING

    @property
    def failed(self) -> bool:
        """Ended, and not with exit code 0."""
        return self.state == EXITED and self.exit_code != 0

    @property
    def succeeded(self) -> bool:
        return self.state == EXITED and self.exit_code == 0

    def api_state(self) -> Obj:
        """The state as `containerStatuses[].state` carries it."""
        if self.running:
            return {"running": {"startedAt": rfc3339(self.started_at)}}
        ended: Obj = {"exitCode": self.exit_code, "reason": self.reason}
        if self.message:
            ended["message"] = self.message
        ended |= {"startedAt": rfc3339(self.started_at), "finishedAt": rfc3339(self.finished_at)}
        return {"terminated": ended | {"containerID": self.id}}


@dataclass(frozen=True, slots=True)
class PodView:
    """A Pod's sandbox and containers, newest first."""

    sandbox: str = ""
    """`ready`, `notready`, or empty: there is none."""
    attempt: int = 0
    """How many sandboxes came before."""
    ips: tuple[str, ...] = ()
    containers: tuple[ContainerView, ...] = ()

    def find(self, name: str) -> ContainerView | None:
        """The latest container of that name (FindContainerStatusByName)."""
        return next((c for c in self.containers if c.name == name), None)

    def running(self) -> list[ContainerView]:
        """The containers that run."""
        return [c for c in self.containers if c.running]
