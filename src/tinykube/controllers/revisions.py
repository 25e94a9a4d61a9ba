"""A Deployment's ReplicaSets: which one is new, which revision each is, and what is noted on them.

Law: the new ReplicaSet is the oldest one whose Pod template equals the Deployment's; every other one is old.

Models k8s.io/kubernetes pkg/controller/deployment/util/deployment_util.go.
"""

from __future__ import annotations

from tinykube import objects
from tinykube.controllers import gohash, rolling
from tinykube.objects import Obj

HASH = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
HISTORY_LENGTH = 2000
NOT_COPIED = {
    "kubectl.kubernetes.io/last-applied-configuration",
    "deprecated.deployment.rollback.to",
    REVISION,
    HISTORY,
    rolling.DESIRED,
    rolling.MAXIMUM,
}
"""Annotations of a Deployment that its ReplicaSets do not get."""


def find_new(deployment: Obj, replica_sets: list[Obj]) -> Obj | None:
    """The ReplicaSet for the current template; the oldest, should there be several."""
    wanted = _template(deployment)
    return next((rs for rs in sorted(replica_sets, key=rolling.age) if _template(rs) == wanted), None)


def find_old(replica_sets: list[Obj], new: Obj | None) -> list[Obj]:
    """Every ReplicaSet but the new one."""
    return [rs for rs in replica_sets if new is None or objects.uid(rs) != objects.uid(new)]


def _template(obj: Obj) -> Obj:
    """The Pod template without its hash, and without fields that are merely empty."""
    template = obj["spec"]["template"]
    metadata = template.get("metadata") or {}
    kept = {k: v for k, v in (metadata.get("labels") or {}).items() if k != HASH}
    rest = {k: v for k, v in metadata.items() if k != "labels" and v}
    return {**template, "metadata": {**rest, "labels": kept}}


def revision(obj: Obj) -> int:
    """The revision noted on a Deployment or ReplicaSet; 0 for none."""
    text = objects.annotations(obj).get(REVISION, "")
    return int(text) if text.isdigit() else 0


def next_revision(old: list[Obj]) -> int:
    """What the new ReplicaSet's revision has to be at least."""
    return max(map(revision, old), default=0) + 1


def notes(deployment: Obj) -> dict[str, str]:
    """The sizes noted on each ReplicaSet, so that a later scale is told from a rollout."""
    wanted = rolling.replicas(deployment)
    return {rolling.DESIRED: str(wanted), rolling.MAXIMUM: str(wanted + rolling.max_surge(deployment))}


def annotate(deployment: Obj, rs: Obj, number: int) -> dict[str, str]:
    """The annotations of the new ReplicaSet: the Deployment's, and the revision with its history."""
    before = objects.annotations(rs)
    after = {k: v for k, v in objects.annotations(deployment).items() if k not in NOT_COPIED}
    after = {**before, **after}
    if revision(rs) < number:
        after[REVISION] = str(number)
        if REVISION in before:
            after[HISTORY] = _history(before.get(HISTORY, ""), before[REVISION])
    return after


def _history(earlier: str, last: str) -> str:
    """Earlier revisions of a ReplicaSet that is in use again, the oldest forgotten when they grow too long."""
    numbers = [*earlier.split(","), last] if earlier else [last]
    while len(",".join(numbers)) > HISTORY_LENGTH:
        numbers = numbers[1:]
    return ",".join(numbers)


def build(deployment: Obj, old: list[Obj]) -> Obj:
    """The ReplicaSet to create for the current template."""
    template = objects.copy(deployment["spec"]["template"])
    number = gohash.template_hash(template, objects.dig(deployment, "status", "collisionCount"))
    template["metadata"]["labels"] = {**(template["metadata"].get("labels") or {}), HASH: number}
    selector = objects.copy(deployment["spec"]["selector"])
    selector["matchLabels"] = {**(selector.get("matchLabels") or {}), HASH: number}
    rs: Obj = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{objects.name(deployment)}-{number}",
            "namespace": objects.namespace(deployment),
            "labels": dict(template["metadata"]["labels"]),
            "ownerReferences": [objects.owner_reference(deployment)],
        },
        "spec": {"replicas": 0, "selector": selector, "template": template},
    }
    if deployment["spec"].get("minReadySeconds"):
        rs["spec"]["minReadySeconds"] = deployment["spec"]["minReadySeconds"]
    rs["spec"]["replicas"] = rolling.new_size(deployment, [*old, rs], rs)
    rs["metadata"]["annotations"] = annotate(deployment, rs, next_revision(old)) | notes(deployment)
    return rs


def same_template(deployment: Obj, rs: Obj) -> bool:
    """Whether a ReplicaSet of the expected name is really for this template, and not a hash collision."""
    return objects.controlled_by(rs, deployment) and _template(deployment) == _template(rs)
