"""Taint eviction controller: deletes Pods from nodes that they do not tolerate.

Law: a NoExecute taint evicts at once, or after the shortest tolerationSeconds of the tolerations that cover it; by
default Pods tolerate a node that is not ready or cannot be reached for 300 seconds.

Models k8s.io/kubernetes pkg/controller/tainteviction/taint_eviction.go.
"""

from __future__ import annotations

import random

from tinykube import objects, placement
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers.base import Controller
from tinykube.errors import ApiError
from tinykube.informer import Informers
from tinykube.objects import Obj

FOREVER = float("inf")


class TaintEvictionController(Controller):
    """Follows NoExecute taints; keys are Pods."""

    name = "taint-eviction-controller"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self._planned: set[str] = set()
        self.nodes = self.watch("nodes", self._node_seen, self._node_updated)
        self.pods = self.watch("pods", self._pod_seen, self._pod_updated)
        self.pods.index("node", lambda pod: [pod["spec"].get("nodeName") or ""])

    def _node_seen(self, node: Obj) -> None:
        for pod in self.pods.indexed("node", objects.name(node)):
            self.enqueue(pod)

    def _node_updated(self, old: Obj, new: Obj) -> None:
        if _evicting(old) != _evicting(new):
            self._node_seen(new)

    def _pod_seen(self, pod: Obj) -> None:
        node = self.nodes.by_key(pod["spec"].get("nodeName") or "")
        if node is not None and _evicting(node):
            self.enqueue(pod)

    def _pod_updated(self, old: Obj, new: Obj) -> None:
        if old["spec"].get("nodeName") != new["spec"].get("nodeName"):
            self._pod_seen(new)

    def reconcile(self, key: str) -> None:
        """Delete the Pod if its time on the node is over, or come back when it is."""
        pod = self.pods.by_key(key)
        node = self.nodes.by_key(pod["spec"].get("nodeName") or "") if pod else None
        if pod is None or objects.deleting(pod):
            self._planned.discard(key)
            return
        until = _tolerated_until(pod, _evicting(node) if node else [])
        if until == FOREVER:
            if key in self._planned:
                self._planned.discard(key)
                self._say(pod, f"Cancelling deletion of Pod {key}")
            return
        self._planned.add(key)
        left = until - self.clock.now()
        if left > 0:
            self.queue.add_after(key, left)
        else:
            self._evict(pod)

    def _evict(self, pod: Obj) -> None:
        self._say(pod, f"Marking for deletion Pod {objects.key(pod)}")
        condition = {
            "type": "DisruptionTarget",
            "observedGeneration": objects.meta(pod).get("generation", 1),
            "status": "True",
            "reason": "DeletionByTaintManager",
            "message": "Taint manager: deleting due to NoExecute taint",
            "lastTransitionTime": objects.rfc3339(self.clock.now()),
        }
        status = pod.get("status") or {}
        others = [c for c in status.get("conditions") or () if c["type"] != "DisruptionTarget"]
        try:
            self.client.update_status("pods", {**pod, "status": {**status, "conditions": [*others, condition]}})
            self.client.delete("pods", objects.namespace(pod), objects.name(pod), uid=objects.uid(pod))
        except ApiError as refused:
            if refused.code != 404:
                raise

    def _say(self, pod: Obj, message: str) -> None:
        self.events.event(pod, "Normal", "TaintManagerEviction", message)


def _evicting(node: Obj) -> list[Obj]:
    """The node's NoExecute taints."""
    return [t for t in node.get("spec", {}).get("taints") or () if t["effect"] == "NoExecute"]


def _tolerated_until(pod: Obj, taints: list[Obj]) -> float:
    """When the Pod has to go (seconds since the epoch): 0 for at once."""
    until = FOREVER
    for taint in taints:
        covering = [t for t in pod["spec"].get("tolerations") or () if placement.tolerates(t, taint)]
        if not covering:
            return 0.0
        limits = [t["tolerationSeconds"] for t in covering if t.get("tolerationSeconds") is not None]
        if limits:
            until = min(until, objects.parse_time(taint.get("timeAdded")) + max(0, min(limits)))
    return until
