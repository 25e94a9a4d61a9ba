"""Protection controllers: a claim stays while a Pod uses it, and a volume while a claim is bound to it.

Law: the finalizer is taken away only when the API itself shows no user any more.

Models k8s.io/kubernetes pkg/controller/volume/pvcprotection/pvc_protection_controller.go and
pvprotection/pv_protection_controller.go.
"""

from __future__ import annotations

import random

from tinykube import objects
from tinykube.claims import claims_of
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers import pods
from tinykube.controllers.base import Controller
from tinykube.errors import ApiError
from tinykube.informer import Informers
from tinykube.objects import Obj, dig

CLAIMS, VOLUMES = "persistentvolumeclaims", "persistentvolumes"
CLAIM_IN_USE, VOLUME_IN_USE = "kubernetes.io/pvc-protection", "kubernetes.io/pv-protection"


class ClaimProtection(Controller):
    """Lets go of deleted claims that no Pod uses."""

    name = "pvc-protection-controller"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.claims = self.watch_own(CLAIMS)
        self.watch("pods", None, lambda _, new: self._pod_changed(new), self._pod_changed)

    def _pod_changed(self, pod: Obj) -> None:
        for name in claims_of(pod):
            self.queue.add(f"{objects.namespace(pod)}/{name}")

    def reconcile(self, key: str) -> None:
        """Take the finalizer away if the claim is being deleted and free."""
        claim = self.claims.by_key(key)
        if claim is None or not objects.deleting(claim):
            return
        here = self.client.list("pods", objects.namespace(claim))
        used = (
            objects.name(claim) in claims_of(p) and p["spec"].get("nodeName") and not pods.finished(p) for p in here
        )
        if not any(used):
            drop_finalizer(self.client, CLAIMS, claim, CLAIM_IN_USE)


class VolumeProtection(Controller):
    """Lets go of deleted volumes that are not bound."""

    name = "pv-protection-controller"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.volumes = self.watch_own(VOLUMES)

    def reconcile(self, key: str) -> None:
        """Take the finalizer away if the volume is being deleted and not bound."""
        volume = self.volumes.by_key(key)
        if volume is not None and objects.deleting(volume) and dig(volume, "status", "phase") != "Bound":
            drop_finalizer(self.client, VOLUMES, volume, VOLUME_IN_USE)


def drop_finalizer(client: Client, resource: str, obj: Obj, finalizer: str) -> None:
    """Take one finalizer away, unless the object is gone or has changed (its event brings us back)."""
    finalizers = objects.meta(obj).get("finalizers") or []
    if finalizer not in finalizers:
        return
    left = [f for f in finalizers if f != finalizer] or None
    patch = {"metadata": {"resourceVersion": objects.meta(obj)["resourceVersion"], "finalizers": left}}
    try:
        client.patch(resource, objects.namespace(obj), objects.name(obj), patch)
    except ApiError as refused:
        if refused.code not in (404, 409):
            raise
