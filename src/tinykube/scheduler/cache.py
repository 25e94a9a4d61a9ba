"""What the scheduler knows of nodes and of the Pods on them.

Law: a Pod counts on its node from the moment it is assumed there, until it is finished or gone.

Models k8s.io/kubernetes pkg/scheduler/backend/cache/cache.go.
"""

from __future__ import annotations

from tinykube import objects
from tinykube.objects import Obj
from tinykube.scheduler.resources import NodeInfo


def node_of(pod: Obj) -> str:
    """spec.nodeName, or an empty string."""
    return pod["spec"].get("nodeName") or ""


def finished(pod: Obj) -> bool:
    """Whether the Pod needs its node no longer."""
    return objects.dig(pod, "status", "phase") in ("Succeeded", "Failed")


class Cache:
    """Nodes by name; Pods whose node is not known yet wait for it."""

    def __init__(self) -> None:
        self._nodes: dict[str, NodeInfo] = {}
        self._where: dict[str, str] = {}
        self._homeless: dict[str, dict[str, Obj]] = {}

    def nodes(self) -> list[NodeInfo]:
        """Every node, by name."""
        return [self._nodes[name] for name in sorted(self._nodes)]

    def put_node(self, node: Obj) -> None:
        """A node is there, or has changed."""
        name = objects.name(node)
        known = self._nodes.get(name)
        self._nodes[name] = known.renewed(node) if known else NodeInfo(node)
        for pod in self._homeless.pop(name, {}).values():
            self._nodes[name].add(pod)

    def drop_node(self, node: Obj) -> None:
        """A node is gone; what ran on it is remembered in case it comes back."""
        info = self._nodes.pop(objects.name(node), None)
        if info is not None and info.pods:
            self._homeless[info.name] = info.pods

    def put_pod(self, pod: Obj) -> None:
        """A Pod is on its node, or is assumed to be."""
        uid, name = objects.uid(pod), node_of(pod)
        if self._where.get(uid) not in (None, name):
            self.drop_pod(pod)
        self._where[uid] = name
        if name in self._nodes:
            self._nodes[name].add(pod)
        else:
            self._homeless.setdefault(name, {})[uid] = pod

    def drop_pod(self, pod: Obj) -> bool:
        """A Pod has left its node; say whether it was counted on one."""
        uid = objects.uid(pod)
        name = self._where.pop(uid, None)
        if name is None:
            return False
        if name in self._nodes:
            self._nodes[name].remove(pod)
        else:
            self._homeless.get(name, {}).pop(uid, None)
        return True
