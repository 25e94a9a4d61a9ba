"""Ephemeral volume controller: makes the claims behind Pods' generic ephemeral volumes.

Law: a claim belongs to its Pod and goes with it. One of that name that belongs to somebody else is left alone, and the
Pod waits.

Models k8s.io/kubernetes pkg/controller/volume/ephemeral/controller.go.
"""

from __future__ import annotations

import random

from tinykube import claims, objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers.base import Controller
from tinykube.informer import Informers
from tinykube.objects import Obj

CLAIMS = "persistentvolumeclaims"


class EphemeralVolumes(Controller):
    """Watches Pods with ephemeral volumes, and the claims that it made for them."""

    name = "ephemeral-volume-controller"
    component = "ephemeral_volume"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.pods = self.watch("pods", self._seen)
        self.claims = self.watch(CLAIMS, deleted=self._claim_gone)

    def _seen(self, pod: Obj) -> None:
        if _ephemeral(pod):
            self.enqueue(pod)

    def _claim_gone(self, claim: Obj) -> None:
        owner = objects.controller_of(claim)
        if owner is not None and owner["kind"] == "Pod":
            self.queue.add(f"{objects.namespace(claim)}/{owner['name']}")

    def reconcile(self, key: str) -> None:
        """Make the claims that the Pod lacks."""
        pod = self.pods.by_key(key)
        if pod is None or objects.deleting(pod):
            return
        for volume in _ephemeral(pod):
            name = claims.claim_name(pod, volume)
            found = self.claims.get(objects.namespace(pod), name)
            if found is None:
                self.client.create(CLAIMS, _claim(pod, name, volume["ephemeral"]["volumeClaimTemplate"]))
            elif not claims.made_for(found, pod):
                where = f"{objects.namespace(pod)}/{name} was not created for pod {key} (pod is not owner)"
                self.events.event(pod, "Warning", "FailedBinding", f"ephemeral volume controller: PVC {where}")


def _ephemeral(pod: Obj) -> list[Obj]:
    return [volume for volume in pod["spec"].get("volumes") or () if "ephemeral" in volume]


def _claim(pod: Obj, name: str, template: Obj) -> Obj:
    kept = {k: v for k, v in (template.get("metadata") or {}).items() if k in ("labels", "annotations")}
    owner: Obj = {"apiVersion": "v1", "kind": "Pod", "name": objects.name(pod), "uid": objects.uid(pod)}
    owner |= {"controller": True, "blockOwnerDeletion": True}
    metadata = {"name": name, "namespace": objects.namespace(pod), "ownerReferences": [owner], **kept}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": template["spec"]}
