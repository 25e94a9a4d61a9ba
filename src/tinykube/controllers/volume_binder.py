"""Persistent volume controller: marries claims to volumes, and provisions one where a storage class says so.

Law: a volume belongs to at most one claim, for life: it is noted on the volume first, then on the claim, so that a
crash in between is made good. Volumes are directories of the node that the first Pod was scheduled to, as on kind.

Models k8s.io/kubernetes pkg/controller/volume/persistentvolume/pv_controller.go, and the rancher.io/local-path
provisioner that kind installs.
"""

from __future__ import annotations

import random

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers import resources
from tinykube.controllers.base import Controller
from tinykube.errors import ApiError
from tinykube.events import Recorder
from tinykube.informer import Informers
from tinykube.objects import Obj, dig, quantity

CLAIMS, VOLUMES, CLASSES = "persistentvolumeclaims", "persistentvolumes", "storageclasses.storage.k8s.io"
PROVISIONER = "rancher.io/local-path"
DIRECTORY = "/var/local-path-provisioner"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
PROVISIONED_BY = "pv.kubernetes.io/provisioned-by"
BOUND, COMPLETED = "pv.kubernetes.io/bound-by-controller", "pv.kubernetes.io/bind-completed"
ASKED = ("volume.beta.kubernetes.io/storage-provisioner", "volume.kubernetes.io/storage-provisioner")

_NO_CLASS = "no persistent volumes available for this claim and no storage class is set"
_NO_CONSUMER = "waiting for first consumer to be created before binding"
_LOST = "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
_EXTERNAL = (
    "Waiting for a volume to be created either by the external provisioner '{0}' or manually by the system "
    "administrator. If volume creation is delayed, please verify that the provisioner is running and correctly "
    "registered."
)


class VolumeBinder(Controller):
    """Binds PersistentVolumeClaims and releases PersistentVolumes. Keys are claims (`namespace/name`) and volumes."""

    name = "persistent-volume-binder"
    component = "persistentvolume-controller"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.provisioning = Recorder(client, clock, f"{PROVISIONER}_local-path-provisioner")
        self.claims = self.watch(CLAIMS, self.enqueue, lambda _, new: self.enqueue(new), self._claim_gone)
        self.volumes = self.watch(VOLUMES, self._volume_seen, lambda _, new: self._volume_seen(new), self._volume_gone)
        self.classes = self.watch(CLASSES, lambda _: self._wake_claims())

    # -- what queues a claim or a volume

    def _claim_gone(self, claim: Obj) -> None:
        if claim["spec"].get("volumeName"):
            self.queue.add(claim["spec"]["volumeName"])

    def _volume_seen(self, volume: Obj) -> None:
        self.enqueue(volume)
        self._wake_claims()

    def _volume_gone(self, volume: Obj) -> None:
        ref = volume["spec"].get("claimRef")
        if ref:
            self.queue.add(f"{ref['namespace']}/{ref['name']}")

    def _wake_claims(self) -> None:
        for claim in self.claims.all():
            if dig(claim, "status", "phase") != "Bound":
                self.enqueue(claim)

    def reconcile(self, key: str) -> None:
        """Bring one claim or one volume a step further."""
        if "/" in key:
            claim = self.claims.by_key(key)
            if claim is not None and not objects.deleting(claim):
                self._bind(claim)
        elif (volume := self.volumes.by_key(key)) is not None:
            self._tend(volume)

    # -- claims

    def _bind(self, claim: Obj) -> None:
        wanted = claim["spec"].get("volumeName")
        if wanted and COMPLETED in objects.annotations(claim):
            self._confirm(claim, wanted)
            return
        volume = self.volumes.by_key(wanted) if wanted else self._match(claim)
        if volume is not None and _fits(claim, volume):
            self._marry(claim, volume)
        elif not wanted:
            self._provision(claim)

    def _confirm(self, claim: Obj, volume_name: str) -> None:
        """Report what a bound claim has got, or that it has lost it."""
        volume = self.volumes.by_key(volume_name)
        phase = dig(claim, "status", "phase")
        if volume is not None and phase != "Bound":
            spec = volume["spec"]
            got = {"phase": "Bound", "accessModes": spec["accessModes"], "capacity": spec["capacity"]}
            self.client.update_status(CLAIMS, {**claim, "status": got})
        elif volume is None and phase == "Bound":
            self.client.update_status(CLAIMS, {**claim, "status": {"phase": "Lost"}})
            self.events.event(claim, "Warning", "ClaimLost", _LOST)

    def _match(self, claim: Obj) -> Obj | None:
        """The volume that is meant for the claim, or else the smallest free one that suits it."""
        fitting = [v for v in self.volumes.all() if _fits(claim, v)]
        if self._waits_for_consumer(claim):
            fitting = [v for v in fitting if v["spec"].get("claimRef")]

        def rank(volume: Obj) -> tuple[bool, object, str]:
            return not volume["spec"].get("claimRef"), _size(volume), objects.name(volume)

        return min(fitting, key=rank, default=None)

    def _waits_for_consumer(self, claim: Obj) -> bool:
        found = self.classes.by_key(claim["spec"].get("storageClassName") or "")
        late = found is not None and found.get("volumeBindingMode") == "WaitForFirstConsumer"
        return late and SELECTED_NODE not in objects.annotations(claim)

    def _marry(self, claim: Obj, volume: Obj) -> None:
        """Note the claim on the volume, then the volume on the claim."""
        reference = _reference(claim)
        if dig(volume, "spec", "claimRef", "uid") != reference["uid"]:
            taken = {"metadata": _at(volume, {BOUND: "yes"}), "spec": {"claimRef": reference}}
            self.client.patch(VOLUMES, "", objects.name(volume), taken)
        notes = {COMPLETED: "yes"} | ({} if claim["spec"].get("volumeName") else {BOUND: "yes"})
        change = {"metadata": _at(claim, notes), "spec": {"volumeName": objects.name(volume)}}
        self.client.patch(CLAIMS, objects.namespace(claim), objects.name(claim), change)

    def _provision(self, claim: Obj) -> None:
        """Make a volume for the claim, or say why it has to wait."""
        kind = claim["spec"].get("storageClassName")
        found = self.classes.by_key(kind or "")
        if not kind:
            self.events.event(claim, "Normal", "FailedBinding", _NO_CLASS)
        elif found is None:
            why = f'storageclass.storage.k8s.io "{kind}" not found'
            self.events.event(claim, "Warning", "ProvisioningFailed", why)
        elif self._waits_for_consumer(claim):
            self.events.event(claim, "Normal", "WaitForFirstConsumer", _NO_CONSUMER)
        else:
            self._ask_provisioner(claim, found)

    def _ask_provisioner(self, claim: Obj, storage_class: Obj) -> None:
        provisioner: str = storage_class["provisioner"]
        self.events.event(claim, "Normal", "ExternalProvisioning", _EXTERNAL.format(provisioner))
        if not all(objects.annotations(claim).get(a) == provisioner for a in ASKED):
            change = {"metadata": _at(claim, dict.fromkeys(ASKED, provisioner))}
            claim = self.client.patch(CLAIMS, objects.namespace(claim), objects.name(claim), change)
        if provisioner == PROVISIONER and SELECTED_NODE in objects.annotations(claim):
            self._create(claim, storage_class)

    def _create(self, claim: Obj, storage_class: Obj) -> None:
        key = objects.key(claim)
        text = f'External provisioner is provisioning volume for claim "{key}"'
        self.provisioning.event(claim, "Normal", "Provisioning", text)
        wanted = build(claim, storage_class, objects.annotations(claim)[SELECTED_NODE])
        try:
            self.client.create(VOLUMES, wanted)
        except ApiError as refused:
            if refused.reason != "AlreadyExists":
                raise
            return
        text = f"Successfully provisioned volume {objects.name(wanted)}"
        self.provisioning.event(claim, "Normal", "ProvisioningSucceeded", text)

    # -- volumes

    def _tend(self, volume: Obj) -> None:
        """Say whether the volume is free, taken, or left by its claim; delete what was made for that claim only."""
        phase, ref = "Available", volume["spec"].get("claimRef")
        if ref and ref.get("uid"):
            claim = self.claims.get(ref["namespace"], ref["name"])
            phase = "Bound" if claim is not None and objects.uid(claim) == ref["uid"] else "Released"
        if phase != dig(volume, "status", "phase"):
            self.client.update_status(VOLUMES, {**volume, "status": {**(volume.get("status") or {}), "phase": phase}})
        elif phase == "Released" and volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete":
            resources.delete_if_there(self.client, VOLUMES, volume)


def _size(volume: Obj) -> object:
    return quantity(dig(volume, "spec", "capacity", "storage", default="0"))


def _fits(claim: Obj, volume: Obj) -> bool:
    """Whether the volume is free or the claim's already, and is what the claim asks for."""
    asked, spec, ref = claim["spec"], volume["spec"], volume["spec"].get("claimRef") or {}
    if objects.deleting(volume) or ref.get("uid") not in (None, "", objects.uid(claim)):
        return False
    if ref and (ref.get("namespace"), ref.get("name")) != (objects.namespace(claim), objects.name(claim)):
        return False
    return (
        (asked.get("storageClassName") or "") == (spec.get("storageClassName") or "")
        and set(asked.get("accessModes") or ()) <= set(spec.get("accessModes") or ())
        and asked.get("volumeMode") == spec.get("volumeMode")
        and quantity(dig(asked, "resources", "requests", "storage", default="0"))
        <= quantity(dig(spec, "capacity", "storage", default="0"))
        and ("selector" not in asked or objects.matches(asked["selector"], objects.labels(volume)))
    )


def _at(obj: Obj, annotations: dict[str, str]) -> Obj:
    """The metadata of a patch that holds only if nobody has written in between."""
    return {"resourceVersion": objects.meta(obj)["resourceVersion"], "annotations": annotations}


def _reference(claim: Obj) -> Obj:
    kept = ("name", "namespace", "uid", "resourceVersion")
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", **{f: objects.meta(claim)[f] for f in kept}}


def build(claim: Obj, storage_class: Obj, node: str) -> Obj:
    """The volume that is made for a claim: a directory of the node."""
    name, spec = f"pvc-{objects.uid(claim)}", claim["spec"]
    here = {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}
    path = f"{DIRECTORY}/{name}_{objects.namespace(claim)}_{objects.name(claim)}"
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": {PROVISIONED_BY: storage_class["provisioner"]}},
        "spec": {
            "accessModes": spec["accessModes"],
            "capacity": {"storage": spec["resources"]["requests"]["storage"]},
            "claimRef": _reference(claim),
            "hostPath": {"path": path, "type": "DirectoryOrCreate"},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
            "persistentVolumeReclaimPolicy": storage_class.get("reclaimPolicy", "Delete"),
            "storageClassName": objects.name(storage_class),
            "volumeMode": spec.get("volumeMode", "Filesystem"),
        },
    }
