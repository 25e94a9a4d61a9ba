"""A Pod's volumes: made before its containers, kept up to date, dropped after them.

Law: a volume is a file system node that containers mount. Making one is tried again and again, later each time, until
it succeeds; a volume made of API objects follows them within about a minute, or at once when the Pod's object changes.

Models pkg/kubelet/volumemanager (WaitForAttachAndMount, ReprocessPod, the reconciler) and
pkg/util/goroutinemap/exponentialbackoff.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from tinykube import objects
from tinykube.claims import claim_name
from tinykube.clock import Clock
from tinykube.node import atomic
from tinykube.node.payload import OBJECT_BACKED, SetUpError, Sources, payload, references
from tinykube.objects import Obj, dig
from tinykube.runtime import nodes
from tinykube.runtime.filesystem import SET_GID
from tinykube.runtime.nodes import Directory, File, Node

POLL = 0.3
"""Seconds between two looks at whether all volumes of a Pod are there (podAttachAndMountRetryInterval)."""
FIRST_RETRY, LONGEST_RETRY = 0.5, 122.0
GIVE_UP = 123.0
"""Seconds after which a sync stops waiting; the next one goes on."""
UPDATE_AFTER = (20.0, 75.0)
"""Seconds after which a changed ConfigMap or Secret shows in volumes: the kubelet's next sync of the Pod."""
REMOUNT_AFTER = (0.1, 0.4)
"""Seconds from a change of the Pod's object, which brings that sync about, until its volumes are up to date."""
UNSUPPORTED = (
    "{kind} volumes are not part of the practice cluster: use an emptyDir, configMap, secret, projected, downwardAPI, "
    "hostPath, persistentVolumeClaim or ephemeral volume, or run this on a kind cluster"
)

_NOT_A_SOURCE = ("capacity", "claimRef", "nodeAffinity")


@dataclass
class PodVolumes:
    """The volumes of one Pod, as it was last seen, that have been made, and when to try the others again."""

    pod: Obj
    made: dict[str, Node] = field(default_factory=dict)
    retry_at: dict[str, float] = field(default_factory=dict)
    delay: dict[str, float] = field(default_factory=dict)


class VolumeManager:
    """The volumes of the node's Pods, by UID. `failed(pod, message)` reports each failed attempt."""

    def __init__(
        self,
        clock: Clock,
        rng: random.Random,
        sources: Callable[[Obj], Sources],
        failed: Callable[[Obj, str], None],
    ) -> None:
        self._clock, self._rng, self._sources, self._failed = clock, rng, sources, failed
        self._pods: dict[str, PodVolumes] = {}
        self.host = Directory()
        """The node's own file system, which hostPath volumes show."""

    async def mount(self, pod: Obj, still_wanted: Callable[[], bool]) -> bool:
        """Wait until every volume of the Pod is there; False when time is up or nobody wants them any more."""
        known = self._pods.setdefault(objects.uid(pod), PodVolumes(pod))
        end = self._clock.now() + GIVE_UP
        while not self.ready(pod):
            if self._clock.now() >= end or not still_wanted():
                return False
            self._try_all(pod, known)
            await self._clock.sleep(POLL)
        return True

    def get(self, pod: Obj, name: str) -> Node | None:
        """The node of a volume that has been made."""
        known = self._pods.get(objects.uid(pod))
        return known.made.get(name) if known else None

    def ready(self, pod: Obj) -> bool:
        """Whether every volume of the Pod has been made."""
        known = self._pods.get(objects.uid(pod))
        return known is not None and all(v["name"] in known.made for v in pod["spec"].get("volumes") or ())

    def forget(self, uid: str) -> None:
        """The Pod is gone, and its volumes with it."""
        self._pods.pop(uid, None)

    def changed(self, pods: list[Obj], obj: Obj) -> None:
        """A ConfigMap or Secret changed: the Pods that show it follow when they are next synced."""
        wanted = (obj["kind"], objects.name(obj))
        for pod in pods:
            if objects.namespace(pod) == objects.namespace(obj) and wanted in references(pod):
                self._refresh_after(UPDATE_AFTER, pod)

    def pod_changed(self, pod: Obj) -> None:
        """The Pod's object changed: it is synced now, and its volumes with it."""
        if known := self._pods.get(objects.uid(pod)):
            known.pod = pod
            self._refresh_after(REMOUNT_AFTER, pod)

    def _refresh_after(self, seconds: tuple[float, float], pod: Obj) -> None:
        if any(kind in volume for volume in pod["spec"].get("volumes") or () for kind in OBJECT_BACKED):
            self._clock.call_later(self._rng.uniform(*seconds), lambda: self._refresh(objects.uid(pod)))

    def _refresh(self, uid: str) -> None:
        """Bring the Pod's object-backed volumes up to date."""
        known = self._pods.get(uid)
        if known is None:
            return
        for volume in known.pod["spec"].get("volumes") or ():
            node = known.made.get(volume["name"])
            if isinstance(node, Directory) and any(kind in volume for kind in OBJECT_BACKED):
                self._write(known.pod, volume, node)

    # -- making

    def _try_all(self, pod: Obj, known: PodVolumes) -> None:
        for volume in pod["spec"].get("volumes") or ():
            name = volume["name"]
            if name not in known.made and self._clock.now() >= known.retry_at.get(name, 0.0):
                self._try(pod, volume, known)

    def _try(self, pod: Obj, volume: Obj, known: PodVolumes) -> None:
        name = volume["name"]
        try:
            known.made[name] = self._make(pod, volume)
            self._give_to_group(pod, volume, known.made[name])
        except SetUpError as problem:
            delay = min(known.delay.get(name, FIRST_RETRY / 2) * 2, LONGEST_RETRY)
            known.delay[name], known.retry_at[name] = delay, self._clock.now() + delay
            self._failed(pod, f'MountVolume.SetUp failed for volume "{name}" : {problem}')

    def _make(self, pod: Obj, volume: Obj) -> Node:
        if "hostPath" in volume:
            return self._host_path(volume["hostPath"])
        if any(kind in volume for kind in OBJECT_BACKED):
            node = Directory(mtime=self._clock.now(), mode=0o777 if "configMap" in volume else 0o1777)
            atomic.write(node, payload(volume, self._sources(pod)), self._clock.now())
            return node
        if "emptyDir" in volume:
            return Directory(mtime=self._clock.now(), mode=0o777)
        if name := claim_name(pod, volume):
            return self._persistent(self._sources(pod).claimed(name))
        kind = next((k for k in volume if k != "name"), "such")
        raise SetUpError(UNSUPPORTED.format(kind=kind))

    def _give_to_group(self, pod: Obj, volume: Obj, node: Node) -> None:
        """The Pod's fsGroup owns what the kubelet makes for it (SetVolumeOwnership); hostPath is the node's own."""
        group = dig(pod, "spec", "securityContext", "fsGroup")
        if group is None or "hostPath" in volume:
            return
        read_only = any(kind in volume for kind in OBJECT_BACKED)
        for _, each in nodes.walk(node):
            each.gid = group
            if isinstance(each, Directory):
                each.mode |= SET_GID | (0o550 if read_only else 0o770)
            elif isinstance(each, File):
                each.mode |= 0o440 if read_only else 0o660

    def _write(self, pod: Obj, volume: Obj, node: Directory) -> None:
        try:
            atomic.write(node, payload(volume, self._sources(pod)), self._clock.now())
            self._give_to_group(pod, volume, node)
        except SetUpError as problem:
            self._failed(pod, f'MountVolume.SetUp failed for volume "{volume["name"]}" : {problem}')

    def _persistent(self, spec: Obj) -> Node:
        """A directory of the node that outlives its Pods. `spec` is the PersistentVolume's."""
        if "hostPath" in spec:
            return self._host_path(spec["hostPath"])
        if "local" in spec:
            return self._host_path({"path": spec["local"]["path"], "type": "Directory"})
        kind = next((k for k in spec if isinstance(spec[k], dict) and k not in _NOT_A_SOURCE), "such")
        raise SetUpError(UNSUPPORTED.format(kind=kind))

    def _host_path(self, spec: Obj) -> Node:
        """A directory or file of the node, made if its type says so."""
        path, kind = spec["path"], spec.get("type") or ""
        node: Node = self.host
        for name in [part for part in path.split("/") if part]:
            if not isinstance(node, Directory):
                raise SetUpError(f"hostPath type check failed: {path} is not a directory")
            if name not in node.entries:
                if kind in ("Directory", "File", "Socket", "CharDevice", "BlockDevice"):
                    raise SetUpError(f"hostPath type check failed: {path} is not a {kind.lower()}")
                node.entries[name] = Directory(mtime=self._clock.now())
            node = node.entries[name]
        if kind == "FileOrCreate" and isinstance(node, Directory) and not node.entries:
            node = self._replace_by_file(path)
        return node

    def _replace_by_file(self, path: str) -> Node:
        parts = [part for part in path.split("/") if part]
        parent: Node = self.host
        for name in parts[:-1]:
            assert isinstance(parent, Directory)
            parent = parent.entries[name]
        assert isinstance(parent, Directory)
        parent.entries[parts[-1]] = File(mtime=self._clock.now())
        return parent.entries[parts[-1]]
