"""Node lifecycle controller: notices that a node has fallen silent, and taints it.

Law: a node is heard through its Lease and its status. When neither has changed for the grace period its conditions
become Unknown, its Pods not ready, and the taints follow from the conditions.

Models k8s.io/kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go.
"""

from __future__ import annotations

import random

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers.base import Controller
from tinykube.errors import ApiError
from tinykube.informer import Informers
from tinykube.objects import Obj

GRACE = 50.0
"""Seconds without a heartbeat after which a node is not ready (--node-monitor-grace-period since v1.32)."""
STARTUP_GRACE = 60.0
"""The same for a node that has never been heard of (--node-startup-grace-period)."""
PERIOD = 5.0
"""Seconds between two looks at a node (--node-monitor-period)."""
LEASES = "leases.coordination.k8s.io"
PREFIX = "node.kubernetes.io/"
REPORTED = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")

_TAINTS = {
    ("Ready", "False"): "not-ready",
    ("Ready", "Unknown"): "unreachable",
    ("MemoryPressure", "True"): "memory-pressure",
    ("DiskPressure", "True"): "disk-pressure",
    ("PIDPressure", "True"): "pid-pressure",
    ("NetworkUnavailable", "True"): "network-unavailable",
}
_EVICTING = ("not-ready", "unreachable")
_OURS = {PREFIX + name for name in (*_TAINTS.values(), "unschedulable")}


class NodeLifecycleController(Controller):
    """Watches heartbeats; marks silent nodes and taints nodes by their conditions."""

    name = "node-controller"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self._heard: dict[str, float] = {}
        self.nodes = self.watch("nodes", self._node_added, self._node_updated, self._node_deleted)
        self.leases = self.watch(LEASES, self._lease_seen, lambda _, new: self._lease_seen(new))
        self.pods = self.informer("pods")
        self.pods.index("node", lambda pod: [pod["spec"].get("nodeName") or ""])

    # -- heartbeats

    def _node_added(self, node: Obj) -> None:
        name = objects.name(node)
        self._heard[name] = self.clock.now()
        self.enqueue(node)
        message = f"Node {name} event: Registered Node {name} in Controller"
        self.events.event(node, "Normal", "RegisteredNode", message)

    def _node_updated(self, old: Obj, new: Obj) -> None:
        if _heartbeats(old) != _heartbeats(new):
            self._heard[objects.name(new)] = self.clock.now()
        self.enqueue(new)
        if objects.condition_true(old, "Ready") != objects.condition_true(new, "Ready"):
            for node in self.nodes.all():  # evictions depend on whether any node is left to go to
                self.enqueue(node)

    def _node_deleted(self, node: Obj) -> None:
        name = objects.name(node)
        self._heard.pop(name, None)
        message = f"Node {name} event: Removing Node {name} from Controller"
        self.events.event(node, "Normal", "RemovingNode", message)

    def _lease_seen(self, lease: Obj) -> None:
        if objects.namespace(lease) == "kube-node-lease":
            self._heard[objects.name(lease)] = self.clock.now()

    # -- reconciling

    def reconcile(self, key: str) -> None:
        """Mark the node if it is silent, bring its taints in line with its conditions, and look again later."""
        node = self.nodes.by_key(key)
        if node is None or objects.deleting(node):
            return
        now = self.clock.now()
        grace = GRACE if objects.condition(node, "Ready") else STARTUP_GRACE
        silent_at = self._heard.setdefault(key, now) + grace
        if now >= silent_at:
            node = self._mark_unknown(node)
        if not objects.condition_true(node, "Ready"):
            self._mark_pods(key)
        self._taint(node)
        self.queue.add_after(key, PERIOD if now >= silent_at else min(silent_at, now + grace) - now)

    def _mark_unknown(self, node: Obj) -> Obj:
        """Nothing is known of a silent node: say so in every condition that its kubelet reports."""
        conditions = list(objects.dig(node, "status", "conditions", default=()))
        present = {c["type"]: c for c in conditions}
        if all(present.get(kind, {}).get("status") == "Unknown" for kind in REPORTED):
            return node
        was_ready = objects.condition_true(node, "Ready")
        present |= {kind: self._unknown(kind, present.get(kind)) for kind in REPORTED}
        status = {**(node.get("status") or {}), "conditions": list(present.values())}
        written = self.client.update_status("nodes", {**node, "status": status})
        if was_ready:
            name = objects.name(node)
            self.events.event(node, "Normal", "NodeNotReady", f"Node {name} status is now: NodeNotReady")
        return written

    def _unknown(self, kind: str, old: Obj | None) -> Obj:
        now = objects.rfc3339(self.clock.now())
        if old is None:
            reason, message, heard = "NodeStatusNeverUpdated", "Kubelet never posted node status.", now
        else:
            reason, message = "NodeStatusUnknown", "Kubelet stopped posting node status."
            heard = old.get("lastHeartbeatTime", now)
        changed = now if old is None or old["status"] != "Unknown" else old["lastTransitionTime"]
        return {
            "type": kind,
            "status": "Unknown",
            "lastHeartbeatTime": heard,
            "lastTransitionTime": changed,
            "reason": reason,
            "message": message,
        }

    def _mark_pods(self, node: str) -> None:
        """Pods on a node that is not ready are not ready either: Services stop sending to them."""
        for pod in self.pods.indexed("node", node):
            if objects.condition_true(pod, "Ready"):
                self._mark_pod(pod)

    def _mark_pod(self, pod: Obj) -> None:
        conditions = [
            {**c, "status": "False", "lastTransitionTime": objects.rfc3339(self.clock.now())}
            if c["type"] == "Ready"
            else c
            for c in pod["status"]["conditions"]
        ]
        try:
            self.client.update_status("pods", {**pod, "status": {**pod["status"], "conditions": conditions}})
        except ApiError as refused:
            if refused.code not in (404, 409):
                raise
            return
        self.events.event(pod, "Warning", "NodeNotReady", "Node is not ready")

    # -- taints

    def _taint(self, node: Obj) -> None:
        present = node.get("spec", {}).get("taints") or []
        wanted = self._wanted(node)
        kept = [t for t in present if t["key"] not in _OURS or _same(t) in wanted]
        known = {_same(t) for t in kept}
        added = [self._stamped(taint) for taint in wanted if taint not in known]
        if added or len(kept) < len(present):
            patch = {"metadata": {"resourceVersion": objects.meta(node)["resourceVersion"]}}
            self.client.patch("nodes", "", objects.name(node), {**patch, "spec": {"taints": [*kept, *added] or None}})

    def _wanted(self, node: Obj) -> list[tuple[str, str]]:
        """(key, effect) of the taints that the conditions and the cordon call for.

        While no node at all is ready the fault is more likely ours: nothing is evicted then.
        """
        wanted = []
        any_ready = any(objects.condition_true(n, "Ready") for n in self.nodes.all())
        if objects.dig(node, "spec", "unschedulable"):
            wanted.append((f"{PREFIX}unschedulable", "NoSchedule"))
        for condition in objects.dig(node, "status", "conditions", default=()):
            name = _TAINTS.get((condition["type"], condition["status"]))
            if name:
                wanted.append((PREFIX + name, "NoSchedule"))
                if name in _EVICTING and any_ready:
                    wanted.append((PREFIX + name, "NoExecute"))
        return wanted

    def _stamped(self, taint: tuple[str, str]) -> Obj:
        return {"key": taint[0], "effect": taint[1], "timeAdded": objects.rfc3339(self.clock.now())}


def _heartbeats(node: Obj) -> list[object]:
    return [c.get("lastHeartbeatTime") for c in objects.dig(node, "status", "conditions", default=())]


def _same(taint: Obj) -> tuple[str, str]:
    return taint["key"], taint["effect"]
