"""What a Pod's claims mean for where it can go.

Law: pure, over a Pod, its claims, their volumes and classes. A claim that waits for its first consumer may follow the
Pod to any node; a bound one ties the Pod to the nodes that its volume can be reached from.

Models k8s.io/kubernetes pkg/scheduler/framework/plugins/volumebinding (volume_binding.go, binder.go).
"""

from __future__ import annotations

from dataclasses import dataclass

from tinykube import objects, placement
from tinykube.claims import claim_name, made_for
from tinykube.informer import Informer
from tinykube.objects import Obj

PLUGIN = "VolumeBinding"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
AWAY = "node(s) didn't match PersistentVolume's node affinity"


@dataclass(frozen=True)
class Needs:
    """One Pod's volumes. `refused` says why it can go nowhere at all."""

    refused: str = ""
    bound: tuple[Obj, ...] = ()
    """The volumes there are."""
    to_bind: tuple[Obj, ...] = ()
    """The claims that get their volume when a node has been chosen."""

    def reachable(self, node: Obj) -> bool:
        """Whether every bound volume can be used on the node."""
        return all(_allows(volume, node) for volume in self.bound)

    def chosen(self) -> str:
        """The node that was chosen before for claims that are being bound, or an empty string."""
        return next((objects.annotations(c).get(SELECTED_NODE, "") for c in self.to_bind), "")


NONE = Needs()


def _allows(volume: Obj, node: Obj) -> bool:
    required = objects.dig(volume, "spec", "nodeAffinity", "required")
    return required is None or any(placement.term_matches(t, node) for t in required["nodeSelectorTerms"])


def _missing(pod: Obj, name: str, claim: Obj | None, *, ephemeral: bool) -> str:
    if not ephemeral:
        return f'persistentvolumeclaim "{name}" not found'
    if claim is None:
        return f'waiting for ephemeral volume controller to create the persistentvolumeclaim "{name}"'
    space = objects.namespace(pod)
    return f"PVC {space}/{name} was not created for pod {space}/{objects.name(pod)} (pod is not owner)"


class Volumes:
    """Looks claims, volumes and classes up."""

    def __init__(self, claims: Informer, volumes: Informer, classes: Informer) -> None:
        self._claims, self._volumes, self._classes = claims, volumes, classes

    def needs(self, pod: Obj) -> Needs:
        """What the Pod's claims ask for."""
        bound: list[Obj] = []
        to_bind: list[Obj] = []
        immediate = False
        for volume in pod["spec"].get("volumes") or ():
            name = claim_name(pod, volume)
            if not name:
                continue
            claim = self._claims.get(objects.namespace(pod), name)
            if claim is None or ("ephemeral" in volume and not made_for(claim, pod)):
                return Needs(_missing(pod, name, claim, ephemeral="ephemeral" in volume))
            if objects.deleting(claim):
                return Needs(f'persistentvolumeclaim "{name}" is being deleted')
            there = self._volume_of(claim)
            if there is not None:
                bound.append(there)
            elif self._waits_for_consumer(claim):
                to_bind.append(claim)
            else:
                immediate = True
        if immediate:
            return Needs("pod has unbound immediate PersistentVolumeClaims")
        return Needs("", tuple(bound), tuple(to_bind))

    def _volume_of(self, claim: Obj) -> Obj | None:
        is_bound = objects.dig(claim, "status", "phase") == "Bound"
        return self._volumes.by_key(claim["spec"]["volumeName"]) if is_bound else None

    def _waits_for_consumer(self, claim: Obj) -> bool:
        found = self._classes.by_key(claim["spec"].get("storageClassName") or "")
        return found is not None and found.get("volumeBindingMode") == "WaitForFirstConsumer"
