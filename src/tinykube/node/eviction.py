"""Eviction: a Pod that fills more of the node's disk than it may is ended by the node.

Law: looks every ten seconds, and only while there is something to look at. Memory and disk pressure do not exist here.

Models pkg/kubelet/eviction/eviction_manager.go (localStorageEviction).
"""

from __future__ import annotations

from collections.abc import Callable

from tinykube import objects
from tinykube.clock import Clock, Timer
from tinykube.node.volumes import VolumeManager
from tinykube.objects import Obj, dig, whole
from tinykube.podresources import asked
from tinykube.runtime.nodes import disk_usage

DISK = "ephemeral-storage"
Filled = Callable[[str], dict[str, int]]
"""Pod UID -> bytes of disk that each of its running containers fills outside of volumes, by name."""
PERIOD = 10.0
"""Seconds between two looks (monitoringInterval)."""
REASON = "Evicted"
GRACE = 1.0
"""Seconds that an evicted Pod's containers get (immediateEvictionGracePeriodSeconds)."""


class Evictions:
    """Watches Pods whose emptyDir volumes or containers have a limit on disk. `evict(pod, message)` ends a Pod."""

    def __init__(self, clock: Clock, volumes: VolumeManager, filled: Filled, evict: Callable[[Obj, str], None]) -> None:
        self._clock, self._volumes, self._filled, self._evict = clock, volumes, filled, evict
        self._pods: dict[str, Obj] = {}
        self._messages: dict[str, str] = {}
        self._timer: Timer | None = None

    def watch(self, pod: Obj) -> None:
        """Look after the Pod, if anything of it has a limit."""
        limited = any(dig(v, "emptyDir", "sizeLimit") for v in pod["spec"].get("volumes") or ())
        if limited or DISK in asked(pod["spec"], "limits"):
            self._pods[objects.uid(pod)] = pod
            if self._timer is None:
                self._timer = self._clock.call_later(PERIOD, self._look)

    def evicted(self, uid: str) -> tuple[str, str] | None:
        """(reason, message) once the Pod has been evicted."""
        message = self._messages.get(uid)
        return (REASON, message) if message else None

    def forget(self, uid: str) -> None:
        """The Pod is gone."""
        self._pods.pop(uid, None)
        self._messages.pop(uid, None)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        for uid, pod in list(self._pods.items()):
            message = self._excess(pod)
            if message:
                del self._pods[uid]
                self._messages[uid] = message
                self._evict(pod, message)
        if self._pods:
            self._timer = self._clock.call_later(PERIOD, self._look)

    def _excess(self, pod: Obj) -> str:
        return self._full_volume(pod) or self._too_much_disk(pod)

    def _full_volume(self, pod: Obj) -> str:
        for volume in pod["spec"].get("volumes") or ():
            limit = dig(volume, "emptyDir", "sizeLimit")
            if limit and self._held_by(pod, volume) > whole(limit):
                return f'Usage of EmptyDir volume "{volume["name"]}" exceeds the limit "{limit}". '
        return ""

    def _held_by(self, pod: Obj, volume: Obj) -> int:
        node = self._volumes.get(pod, volume["name"])
        return disk_usage(node) if node is not None else 0

    def _too_much_disk(self, pod: Obj) -> str:
        filled, limit = self._filled(objects.uid(pod)), asked(pod["spec"], "limits").get(DISK)
        on_disk = [v for v in pod["spec"].get("volumes") or () if "emptyDir" in v and not v["emptyDir"].get("medium")]
        total = sum(filled.values()) + sum(self._held_by(pod, volume) for volume in on_disk)
        if limit and total > whole(limit):
            return f"Pod ephemeral local storage usage exceeds the total limit of containers {limit}. "
        for container in pod["spec"]["containers"]:
            own = dig(container, "resources", "limits", DISK)
            if own and filled.get(container["name"], 0) > whole(own):
                return f'Container {container["name"]} exceeded its local ephemeral storage limit "{own}". '
        return ""
