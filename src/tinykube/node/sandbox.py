"""The Pods that exist on this node: each one's network host and its containers, living and dead.

Law: bookkeeping only. A Pod keeps the latest dead container of each name; addresses are given out in order and come
back into use last.

Models the CRI's pod sandboxes (containerd internal/cri) and the host-local IPAM plugin.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tinykube.node.instance import Instance
from tinykube.node.observed import PodView
from tinykube.objects import Obj
from tinykube.runtime.container import Container
from tinykube.runtime.network import Host, Network
from tinykube.runtime.nodes import File
from tinykube.runtime.process import PidNamespace

READY, NOT_READY = "ready", "notready"
KEPT_DEAD = 1
"""Dead containers of one name that are kept (maxPerPodContainerCount): while one runs, the log of the last is there."""


@dataclass
class RunningPod:
    """One Pod on this node. `instances` are newest first."""

    uid: str
    host: Host | None = None
    ip: str = ""
    state: str = ""
    attempt: int = 0
    hosts_file: File = field(default_factory=lambda: File(bytearray()))
    instances: list[Instance] = field(default_factory=list)
    pause: Container | None = None
    """What holds the process ids of a Pod whose containers share them."""

    def pids_for(self, container: Obj) -> PidNamespace | None:
        """Whose processes a new container shares: the Pod's, or those of the one that it is to look into."""
        if self.pause is not None:
            return self.pause.table.pids
        target = self.latest(container.get("targetContainerName") or "")
        return target.container.table.pids if target is not None and target.running else None

    def view(self) -> PodView:
        """What an observer sees of it now."""
        ips = (self.ip,) if self.ip else ()
        return PodView(self.state, self.attempt, ips, tuple(i.view() for i in self.instances))

    def find(self, container_id: str) -> Instance | None:
        """The container of that ID."""
        return next((i for i in self.instances if i.id == container_id), None)

    def latest(self, name: str, generation: int = 0) -> Instance | None:
        """The latest container of a name; with `generation` 1 the one before it."""
        found = [i for i in self.instances if i.name == name]
        return found[generation] if generation < len(found) else None

    def prune(self) -> None:
        """Forget dead containers beyond those that are kept."""
        dead: dict[str, int] = {}
        kept = []
        for instance in self.instances:
            if instance.ended:
                dead[instance.name] = dead.get(instance.name, 0) + 1
                if dead[instance.name] > KEPT_DEAD:
                    continue
            kept.append(instance)
        self.instances = kept

    def stop_sandbox(self, network: Network) -> None:
        """Take down the Pod's network. Its address stays known."""
        if self.state == READY:
            self.state = NOT_READY
        if self.pause is not None:
            self.pause.kill()
            self.pause = None
        if self.host is not None:
            network.remove_host(self.host)
            self.host = None


class AddressPool:
    """Pod addresses out of the node's range, such as 10.244.0.0/24."""

    def __init__(self, prefix: str) -> None:
        self._prefix, self._next = prefix, 2
        self._used: set[int] = set()

    def take(self) -> str:
        """The next free address. Raises RuntimeError when the range is used up."""
        for _ in range(254):
            number, self._next = self._next, self._next + 1 if self._next < 254 else 2
            if number not in self._used:
                self._used.add(number)
                return f"{self._prefix}.{number}"
        raise RuntimeError(f"no addresses are left in {self._prefix}.0/24")

    def give_back(self, ip: str) -> None:
        """The address may be used again."""
        self._used.discard(int(ip.rpartition(".")[2]))
