"""Pod garbage collector: removes Pods whose node is gone for good.

Law: a node has to be missing for forty seconds before its Pods are given up; they are marked Failed and deleted without
grace, because no kubelet is left to confirm their end. A Pod deleted before it had a node is removed likewise.

Models k8s.io/kubernetes pkg/controller/podgc/gc_controller.go.
"""

from __future__ import annotations

import random

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers import pods
from tinykube.controllers.base import Controller
from tinykube.errors import ApiError
from tinykube.informer import Informers
from tinykube.objects import Obj

QUARANTINE = 40.0
MOST_FINISHED = 12_500
"""Finished Pods kept in the whole cluster (--terminated-pod-gc-threshold)."""


class PodGarbageCollector(Controller):
    """Removes orphaned Pods; keys are Pods."""

    name = "pod-garbage-collector"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self._finished: dict[str, None] = {}
        self.nodes = self.watch("nodes", deleted=self._node_deleted)
        self.pods = self.watch("pods", self._pod_seen, lambda _, new: self._pod_seen(new), self._pod_deleted)
        self.pods.index("node", lambda pod: [pod["spec"].get("nodeName") or ""])

    def _node_deleted(self, node: Obj) -> None:
        for pod in self.pods.indexed("node", objects.name(node)):
            self.queue.add_after(objects.key(pod), QUARANTINE)

    def _pod_seen(self, pod: Obj) -> None:
        host = pod["spec"].get("nodeName")
        if host and self.nodes.by_key(host) is None:
            self.queue.add_after(objects.key(pod), QUARANTINE)
        elif not host and objects.deleting(pod):
            self.enqueue(pod)
        if pods.finished(pod):
            self._finished.setdefault(objects.key(pod))
            if len(self._finished) > MOST_FINISHED:
                self.queue.add(next(iter(self._finished)))

    def _pod_deleted(self, pod: Obj) -> None:
        self._finished.pop(objects.key(pod), None)

    def reconcile(self, key: str) -> None:
        """Remove the Pod if nobody else will."""
        pod = self.pods.by_key(key)
        if pod is None:
            return
        host = pod["spec"].get("nodeName")
        if host and self._node_is_gone(host):
            self._remove(pod, "PodGC: node no longer exists")
        elif (not host and objects.deleting(pod)) or (pods.finished(pod) and len(self._finished) > MOST_FINISHED):
            self._remove(pod)

    def _node_is_gone(self, name: str) -> bool:
        if self.nodes.by_key(name) is not None:
            return False
        try:
            self.client.get("nodes", "", name)
        except ApiError as refused:
            return refused.code == 404
        return False

    def _remove(self, pod: Obj, why: str = "") -> None:
        try:
            if not pods.finished(pod):
                self._mark_failed(pod, why)
            namespace, name = objects.namespace(pod), objects.name(pod)
            self.client.delete("pods", namespace, name, uid=objects.uid(pod), grace_period=0)
        except ApiError as refused:
            if refused.code != 404:
                raise

    def _mark_failed(self, pod: Obj, why: str) -> None:
        status = {**(pod.get("status") or {}), "phase": "Failed"}
        if why:
            condition = {
                "type": "DisruptionTarget",
                "observedGeneration": objects.meta(pod).get("generation", 1),
                "status": "True",
                "reason": "DeletionByPodGC",
                "message": why,
                "lastTransitionTime": objects.rfc3339(self.clock.now()),
            }
            status["conditions"] = [*(status.get("conditions") or ()), condition]
        self.client.update_status("pods", {**pod, "status": status})
