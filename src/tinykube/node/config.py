"""From a container's spec to what it starts with: environment, mounts, host name.

Law: reads ConfigMaps, Secrets and Services through the node's lookups; what is missing is a `ConfigError`, which the
container shows as CreateContainerConfigError.

Models pkg/kubelet/kubelet_pods.go (GenerateRunContainerOptions, makeMounts),
pkg/kubelet/kuberuntime/security_context.go and pkg/volume/emptydir/empty_dir.go (calculateEmptyDirMemorySize).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tinykube import objects
from tinykube.clock import Clock
from tinykube.node import env, hostfiles
from tinykube.node.env import ConfigError, expand, references
from tinykube.node.fields import FieldError, full_name, with_runtime_fields
from tinykube.node.payload import OBJECT_BACKED
from tinykube.node.sandbox import RunningPod
from tinykube.node.volumes import VolumeManager
from tinykube.objects import Obj, dig, whole
from tinykube.podresources import asked, pod_level
from tinykube.runtime.container import Mount
from tinykube.runtime.filesystem import FileSystem
from tinykube.runtime.images import Image
from tinykube.runtime.nodes import Directory, File, Limit, Node

IN_MEMORY = ("secret", "projected", "downwardAPI")
"""Volumes that never touch the node's disk."""
Find = Callable[[str, str, str], Obj | None]
"""(resource, namespace, name) -> the object, or None."""


@dataclass
class Configurator:
    """What the node knows for configuring containers."""

    clock: Clock
    find: Find
    services: Callable[[], list[Obj]]
    volumes: VolumeManager
    host_ip: str
    allocatable: Obj

    def environment(self, pod: Obj, container: Obj, running: RunningPod) -> dict[str, str]:
        """The container's variables. Raises ConfigError."""
        space = objects.namespace(pod)
        links = pod["spec"].get("enableServiceLinks", True)
        sources = env.Sources(
            pod=with_runtime_fields(pod, self.host_ip, [running.ip] if running.ip else []),
            config_map=lambda name: self.find("configmaps", space, name),
            secret=lambda name: self.find("secrets", space, name),
            allocatable=self.allocatable,
            services=env.service_variables(self.services(), space, links),
        )
        try:
            return env.environment(container, sources)
        except FieldError as problem:
            raise ConfigError(str(problem)) from None

    def mounts(self, pod: Obj, container: Obj, running: RunningPod, variables: dict[str, str]) -> list[Mount]:
        """The container's volumes and the files that the node manages. Raises ConfigError."""
        found = [self._mount(pod, mount, variables) for mount in container.get("volumeMounts") or ()]
        found.sort(key=lambda m: m.path.rstrip("/").count("/"))
        taken = {m.path for m in found}
        return [*(m for m in self._managed(pod, running) if m.path not in taken), *found]

    def _managed(self, pod: Obj, running: RunningPod) -> list[Mount]:
        name = hostfiles.hostname(pod)
        return [
            Mount("/etc/hosts", running.hosts_file),
            Mount("/etc/hostname", File(f"{name}\n".encode())),
            Mount("/etc/resolv.conf", File(hostfiles.resolv_conf(pod).encode())),
        ]

    def _mount(self, pod: Obj, mount: Obj, variables: dict[str, str]) -> Mount:
        node = root = self.volumes.get(pod, mount["name"])
        if node is None or root is None:
            raise ConfigError(f"cannot find volume {mount['name']!r} to mount into container")
        volume = next(v for v in pod["spec"].get("volumes") or () if v["name"] == mount["name"])
        made_of_objects = any(kind in volume for kind in OBJECT_BACKED)
        sub_path = mount.get("subPath") or _expanded(mount.get("subPathExpr") or "", variables)
        if sub_path:
            node = self._below(node, sub_path)
        read_only = bool(mount.get("readOnly")) or made_of_objects
        if dig(volume, "emptyDir", "medium") != "Memory" and not any(kind in volume for kind in IN_MEMORY):
            return Mount(mount["mountPath"], node, read_only)
        limit = Limit(root, tmpfs_size(volume, pod["spec"], self.allocatable))
        return Mount(mount["mountPath"], node, read_only, "tmpfs", limit)

    def _below(self, volume: Node, sub_path: str) -> Node:
        """What a sub path leads to now; a later update of the volume does not reach it."""
        if not isinstance(volume, Directory):
            raise ConfigError(f'failed to prepare subPath for volumeMount: "{sub_path}" is not in a directory')
        files = FileSystem(volume, self.clock)
        found = files.find(f"/{sub_path}")
        if found is None:
            files.make_directories(f"/{sub_path}")
            found = files.lookup(f"/{sub_path}")
        return found


def _expanded(expression: str, variables: dict[str, str]) -> str:
    """A subPathExpr with the container's variables put in, which all have to be there."""
    if missing := sorted(name for name in references(expression) if not variables.get(name)):
        raise ConfigError(f"missing value for {', '.join(missing)}")
    return expand(expression, variables)


def tmpfs_size(volume: Obj, spec: Obj, allocatable: Obj) -> int:
    """Bytes of a volume in memory: its sizeLimit, but no more than the Pod's memory limit, or than the node has."""
    size = whole(allocatable["memory"])
    everyone = [*spec["containers"], *(spec.get("initContainers") or ())]
    declared = all(dig(container, "resources", "limits", "memory") for container in everyone)
    if declared or "memory" in pod_level(spec, "limits"):
        size = min(size, whole(asked(spec, "limits")["memory"]))
    own = dig(volume, "emptyDir", "sizeLimit")
    return min(size, whole(own)) if own and whole(own) else size


def check_user(pod: Obj, container: Obj, image: Image) -> None:
    """Refuse to run as root what must not. Raises ConfigError."""
    security = {**(pod["spec"].get("securityContext") or {}), **(container.get("securityContext") or {})}
    if not security.get("runAsNonRoot"):
        return
    where = f'(pod: "{full_name(pod)}", container: {container["name"]})'
    user = security.get("runAsUser")
    if user == 0:
        raise ConfigError(f"container's runAsUser breaks non-root policy {where}")
    if user is None and image.user.partition(":")[0] in ("", "0", "root"):
        raise ConfigError(f"container has runAsNonRoot and image will run as root {where}")
    name = image.user.partition(":")[0]
    if user is None and not name.isdigit():
        raise ConfigError(
            f"container has runAsNonRoot and image has non-numeric user ({name}), "
            f"cannot verify user is non-root {where}"
        )
