"""Eviction: a Pod that fills an emptyDir beyond its size limit is ended by the node.

Law: looks every ten seconds, and only while there is something to look at. Memory and disk pressure do not exist here.

Models pkg/kubelet/eviction/eviction_manager.go (emptyDirLimitEviction).
"""

from __future__ import annotations

from collections.abc import Callable

from tinykube import objects
from tinykube.clock import Clock, Timer
from tinykube.node.volumes import VolumeManager
from tinykube.objects import Obj, dig, whole
from tinykube.runtime.nodes import disk_usage

PERIOD = 10.0
"""Seconds between two looks (monitoringInterval)."""
REASON = "Evicted"
GRACE = 1.0
"""Seconds that an evicted Pod's containers get (immediateEvictionGracePeriodSeconds)."""


class Evictions:
    """Watches emptyDir volumes with a size limit. `evict(pod, message)` ends a Pod."""

    def __init__(self, clock: Clock, volumes: VolumeManager, evict: Callable[[Obj, str], None]) -> None:
        self._clock, self._volumes, self._evict = clock, volumes, evict
        self._pods: dict[str, Obj] = {}
        self._messages: dict[str, str] = {}
        self._timer: Timer | None = None

    def watch(self, pod: Obj) -> None:
        """Look after the Pod's volumes, if any has a limit."""
        if any(dig(v, "emptyDir", "sizeLimit") for v in pod["spec"].get("volumes") or ()):
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
        for volume in pod["spec"].get("volumes") or ():
            limit, node = dig(volume, "emptyDir", "sizeLimit"), self._volumes.get(pod, volume["name"])
            if limit and node is not None and disk_usage(node) > whole(limit):
                return f'Usage of EmptyDir volume "{volume["name"]}" exceeds the limit "{limit}". '
        return ""
