"""What there is to collect and to empty: the kinds that hold objects, as discovery would list them.

Law: a table and look-ups. The garbage collector and the namespace controller watch everything in it.

Models what k8s.io/client-go/discovery (ServerPreferredResources) tells those two controllers.
"""

from __future__ import annotations

from tinykube import objects
from tinykube.client import Client
from tinykube.errors import ApiError
from tinykube.objects import Obj

_NAMESPACED = {
    "v1": "Pod Service ConfigMap Secret ServiceAccount Endpoints Event LimitRange ResourceQuota "
    "PersistentVolumeClaim PodTemplate ReplicationController",
    "apps/v1": "Deployment ReplicaSet StatefulSet DaemonSet ControllerRevision",
    "batch/v1": "Job CronJob",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "coordination.k8s.io/v1": "Lease",
    "discovery.k8s.io/v1": "EndpointSlice",
    "networking.k8s.io/v1": "Ingress NetworkPolicy",
    "policy/v1": "PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1": "Role RoleBinding",
}
_CLUSTER = {
    "v1": "Namespace Node PersistentVolume",
    "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding",
    "scheduling.k8s.io/v1": "PriorityClass",
    "storage.k8s.io/v1": "StorageClass",
}


def _plural(kind: str) -> str:
    word = kind.lower()
    if word == "endpoints":
        return word
    if word.endswith(("s", "ch")):
        return f"{word}es"
    return f"{word[:-1]}ies" if word.endswith("cy") else f"{word}s"


def _table(kinds: dict[str, str]) -> dict[tuple[str, str], str]:
    """(group, kind) to the resource's name, such as ("apps", "Deployment") to "deployments.apps"."""
    rows: dict[tuple[str, str], str] = {}
    for version, names in kinds.items():
        group = version.rpartition("/")[0]
        for kind in names.split():
            rows[group, kind] = f"{_plural(kind)}.{group}".rstrip(".")
    return rows


_BY_KIND = _table(_NAMESPACED) | _table(_CLUSTER)
NAMESPACED: tuple[str, ...] = tuple(_table(_NAMESPACED).values())
"""Resources whose objects live in a namespace; Pods first, because they are emptied first."""
COLLECTED: tuple[str, ...] = tuple(r for r in _BY_KIND.values() if r != "events")
"""Resources whose objects may own others or be owned; events never are."""


def of_reference(reference: Obj) -> str | None:
    """The resource of an object reference (apiVersion, kind); None for kinds that are not served here."""
    group = reference.get("apiVersion", "").rpartition("/")[0]
    return _BY_KIND.get((group, reference.get("kind", "")))


def is_namespaced(resource: str) -> bool:
    """Whether the resource's objects live in namespaces."""
    return resource in NAMESPACED


def delete_if_there(client: Client, resource: str, obj: Obj, *, propagation: str | None = None) -> None:
    """Delete an object unless it, or the object that had its name, is gone already."""
    namespace, name = objects.namespace(obj), objects.name(obj)
    try:
        client.delete(resource, namespace, name, uid=objects.uid(obj), propagation=propagation)
    except ApiError as refused:
        if refused.code not in (404, 409):
            raise
