"""The persistent volume claims that a Pod mounts: those that it names, and those that are made for it alone.

Law: pure functions of a Pod, for whoever makes, protects, binds and mounts claims.

Models k8s.io/component-helpers/storage/ephemeral/ephemeral.go.
"""

from __future__ import annotations

from tinykube import objects
from tinykube.errors import Obj


def claim_name(pod: Obj, volume: Obj) -> str:
    """The name of the claim behind one of the Pod's volumes; empty if there is none."""
    if "persistentVolumeClaim" in volume:
        return str(volume["persistentVolumeClaim"]["claimName"])
    return f"{objects.name(pod)}-{volume['name']}" if "ephemeral" in volume else ""


def claims_of(pod: Obj) -> list[str]:
    """The names of the claims that the Pod mounts."""
    return [name for volume in pod["spec"].get("volumes") or () if (name := claim_name(pod, volume))]


def made_for(claim: Obj, pod: Obj) -> bool:
    """Whether the claim was made for an ephemeral volume of this very Pod."""
    owner = objects.controller_of(claim)
    return owner is not None and owner["uid"] == objects.uid(pod)
