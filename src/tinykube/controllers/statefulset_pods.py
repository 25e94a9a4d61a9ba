"""A StatefulSet's Pods: their ordinals, their identity, their claims, and the state each is in.

Law: pure functions. A Pod's name is its identity: `db-0` keeps its name, host name and volumes when it is replaced.

Models k8s.io/kubernetes pkg/controller/statefulset/stateful_set_utils.go.
"""

from __future__ import annotations

from tinykube import objects
from tinykube.controllers import history, pods
from tinykube.objects import Obj

POD_NAME = "statefulset.kubernetes.io/pod-name"
POD_INDEX = "apps.kubernetes.io/pod-index"


def ordinal(pod: Obj) -> int:
    """The number at the end of the Pod's name, or -1."""
    tail = objects.name(pod).rpartition("-")[2]
    return int(tail) if tail.isdigit() else -1


def first_ordinal(stateful_set: Obj) -> int:
    """spec.ordinals.start."""
    return objects.dig(stateful_set, "spec", "ordinals", "start", default=0)


def ordinals(stateful_set: Obj) -> range:
    """The ordinals that should have a Pod."""
    start = first_ordinal(stateful_set)
    return range(start, start + stateful_set["spec"]["replicas"])


def is_member(stateful_set: Obj, pod: Obj) -> bool:
    """Whether the Pod's name is one the set would give."""
    parent, _, tail = objects.name(pod).rpartition("-")
    return parent == objects.name(stateful_set) and tail.isdigit()


def revision(pod: Obj) -> str:
    """The name of the revision the Pod was made from."""
    return objects.labels(pod).get(history.REVISION_HASH, "")


def created(pod: Obj) -> bool:
    """Whether the Pod is more than a plan."""
    return bool(pods.phase(pod))


def running_and_ready(pod: Obj) -> bool:
    """Running, and ready."""
    return pods.phase(pod) == "Running" and pods.ready(pod)


def healthy(stateful_set: Obj, pod: Obj, now: float) -> bool:
    """Available, and not on its way out."""
    return available(stateful_set, pod, now) and not objects.deleting(pod)


def available(stateful_set: Obj, pod: Obj, now: float) -> bool:
    """Running, and ready for minReadySeconds."""
    minimum = stateful_set["spec"].get("minReadySeconds", 0)
    return pods.phase(pod) == "Running" and pods.available(pod, minimum, now)


def build(stateful_set: Obj, revision_name: str, number: int) -> Obj:
    """The Pod for an ordinal."""
    name = f"{objects.name(stateful_set)}-{number}"
    pod = pods.from_template(stateful_set["spec"]["template"], stateful_set)
    pod["metadata"]["name"] = name
    pod["metadata"].setdefault("labels", {}).update(
        {POD_NAME: name, POD_INDEX: str(number), history.REVISION_HASH: revision_name}
    )
    pod["spec"]["hostname"] = name
    if stateful_set["spec"].get("serviceName"):
        pod["spec"]["subdomain"] = stateful_set["spec"]["serviceName"]
    volumes = [_volume(template, claim) for template, claim in zip(*_claims(stateful_set, number), strict=True)]
    if volumes:
        named = {v["name"] for v in volumes}
        pod["spec"]["volumes"] = volumes + [v for v in pod["spec"].get("volumes") or () if v["name"] not in named]
    return pod


def _volume(template: Obj, claim: Obj) -> Obj:
    return {"name": objects.name(template), "persistentVolumeClaim": {"claimName": objects.name(claim)}}


def claims(stateful_set: Obj, number: int) -> list[Obj]:
    """The PersistentVolumeClaims of an ordinal, one a template: `data-db-0`."""
    return _claims(stateful_set, number)[1]


def _claims(stateful_set: Obj, number: int) -> tuple[list[Obj], list[Obj]]:
    templates = stateful_set["spec"].get("volumeClaimTemplates") or []
    return templates, [_claim(stateful_set, template, number) for template in templates]


def _claim(stateful_set: Obj, template: Obj, number: int) -> Obj:
    labels = {
        **objects.labels(template),
        **(stateful_set["spec"]["selector"].get("matchLabels") or {}),
    }
    claim: Obj = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {
            "name": f"{objects.name(template)}-{objects.name(stateful_set)}-{number}",
            "namespace": objects.namespace(stateful_set),
            "labels": labels,
        },
        "spec": objects.copy(template["spec"]),
    }
    if objects.annotations(template):
        claim["metadata"]["annotations"] = dict(objects.annotations(template))
    if retention(stateful_set, "whenDeleted") == "Delete":
        claim["metadata"]["ownerReferences"] = [objects.owner_reference(stateful_set)]
    return claim


def retention(stateful_set: Obj, event: str) -> str:
    """Retain or Delete: what becomes of the claims, `whenDeleted` or `whenScaled`."""
    return objects.dig(stateful_set, "spec", "persistentVolumeClaimRetentionPolicy", event, default="Retain")


def claim_owners(stateful_set: Obj, pod: Obj, claim: Obj) -> list[Obj]:
    """metadata.ownerReferences for the claim of a Pod: who takes it along by going, and owners that are not ours.

    A claim that waits to go with an earlier set or Pod of that name is left as it is.
    """
    ours = {("StatefulSet", objects.name(stateful_set)): stateful_set, ("Pod", objects.name(pod)): pod}
    present = objects.meta(claim).get("ownerReferences") or []
    others = []
    for ref in present:
        owner = ours.get((ref["kind"], ref["name"]))
        if owner is None:
            others.append(ref)
        elif ref["uid"] != objects.uid(owner):
            return present
    taken = any(ref.get("controller") for ref in others)
    owner = None if taken else _takes_along(stateful_set, pod)
    return [*others, objects.owner_reference(owner)] if owner else others


def _takes_along(stateful_set: Obj, pod: Obj) -> Obj | None:
    if retention(stateful_set, "whenScaled") == "Delete" and ordinal(pod) not in ordinals(stateful_set):
        return pod
    return stateful_set if retention(stateful_set, "whenDeleted") == "Delete" else None


def same_identity(stateful_set: Obj, pod: Obj) -> bool:
    """Whether the Pod still carries the labels that say which one it is."""
    labels = objects.labels(pod)
    return labels.get(POD_NAME) == objects.name(pod) and labels.get(POD_INDEX) == str(ordinal(pod))
