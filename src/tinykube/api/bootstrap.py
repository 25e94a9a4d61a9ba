"""What is there before anybody asks: the first namespaces, the API's own Service, and the roles everybody knows.

Law: idempotent; run once at start, as the cluster's administrator.

Models pkg/controlplane/controller/{systemnamespaces,kubernetesservice}, pkg/registry/rbac/rest and
pkg/registry/scheduling/rest.
"""

from __future__ import annotations

import ipaddress
import random
from typing import TYPE_CHECKING

from tinykube.api.allocation import CLUSTER_CIDR
from tinykube.api.registry import Registry
from tinykube.api.resources import find
from tinykube.client import Options
from tinykube.errors import ApiError
from tinykube.objects import Obj

if TYPE_CHECKING:
    from tinykube.api.apiserver import ApiServer

RECONCILE_SECONDS = 10
"""How long the API's own Service and endpoints stay gone when somebody deletes them."""
OWN = {"services", "endpoints", "endpointslices.discovery.k8s.io"}
"""Resources of which the API keeps an object `kubernetes` in the namespace `default`."""

NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
_RBAC = "rbac.authorization.k8s.io"
_OPTIONS = Options(user="system:apiserver", field_manager="kube-apiserver")
_READ, _WRITE = ["get", "list", "watch"], ["create", "delete", "deletecollection", "patch", "update"]
_WORKLOADS = (
    ("", ["configmaps", "endpoints", "persistentvolumeclaims", "pods", "services", "serviceaccounts",
          "replicationcontrollers", "replicationcontrollers/scale"]),
    ("apps", ["daemonsets", "deployments", "deployments/scale", "replicasets", "replicasets/scale", "statefulsets",
              "statefulsets/scale"]),
    ("autoscaling", ["horizontalpodautoscalers"]),
    ("batch", ["cronjobs", "jobs"]),
    ("networking.k8s.io", ["ingresses", "networkpolicies"]),
    ("policy", ["poddisruptionbudgets"]),
)  # fmt: skip


def bootstrap(api: ApiServer) -> None:
    """Create what a new cluster has."""
    for name in NAMESPACES:
        _ensure(api, "namespaces", None, {"metadata": {"name": name}})
    _ensure(api, "services", "default", _kubernetes_service())
    if api.address:
        _publish_address(api)
    for name, value, words in _PRIORITIES:
        _ensure(api, "priorityclasses.scheduling.k8s.io", None, _priority(name, value, words))
    _ensure(api, "storageclasses.storage.k8s.io", None, _STANDARD_CLASS)
    for name, rules in _roles().items():
        role: Obj = {"metadata": {"name": name, "labels": _BOOTSTRAPPED}, "rules": rules}
        _ensure(api, f"clusterroles.{_RBAC}", None, role)
    _ensure(api, f"clusterrolebindings.{_RBAC}", None, _masters())


_STANDARD_CLASS: Obj = {
    "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
    "provisioner": "rancher.io/local-path",
    "reclaimPolicy": "Delete",
    "volumeBindingMode": "WaitForFirstConsumer",
}
"""Where claims get their volumes from, as on kind."""


def _ensure(api: ApiServer, resource: str, namespace: str | None, obj: Obj, registry: Registry | None = None) -> None:
    try:
        api.get(resource, namespace, obj["metadata"]["name"])
    except ApiError as error:
        if error.reason != "NotFound":
            raise
        (registry or api.registry).create(find(resource), namespace, obj, _OPTIONS)


def _kubernetes_service() -> Obj:
    return {
        "metadata": {"name": "kubernetes", "labels": {"component": "apiserver", "provider": "kubernetes"}},
        "spec": {
            "clusterIP": str(ipaddress.ip_address(int(CLUSTER_CIDR.network_address) + 1)),
            "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}],
            "type": "ClusterIP",
        },
    }


def _publish_address(api: ApiServer) -> None:
    """Say where the API listens, in both forms. Their UIDs are drawn apart: no name that follows depends on them."""
    apart = Registry(api.store, api.clock, random.Random(f"kubernetes {api.store.revision}"))
    port: Obj = {"name": "https", "port": 6443, "protocol": "TCP"}
    endpoints: Obj = {
        "metadata": {"name": "kubernetes", "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"}},
        "subsets": [{"addresses": [{"ip": api.address}], "ports": [port]}],
    }
    endpoint_slice: Obj = {
        "metadata": {"name": "kubernetes", "labels": {"kubernetes.io/service-name": "kubernetes"}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [api.address], "conditions": {"ready": True}}],
        "ports": [port],
    }
    _ensure(api, "endpoints", "default", endpoints, apart)
    _ensure(api, "endpointslices.discovery.k8s.io", "default", endpoint_slice, apart)


_PRIORITIES = (
    (
        "system-cluster-critical",
        2_000_000_000,
        "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
    ),
    (
        "system-node-critical",
        2_000_001_000,
        "Used for system critical pods that must not be moved from their current node.",
    ),
)


def _priority(name: str, value: int, words: str) -> Obj:
    return {"metadata": {"name": name}, "value": value, "description": words}


# -- roles ---------------------------------------------------------------------------------------------------

_BOOTSTRAPPED = {"kubernetes.io/bootstrapping": "rbac-defaults"}


def _roles() -> dict[str, list[Obj]]:
    everything = [
        {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
        {"verbs": ["*"], "nonResourceURLs": ["*"]},
    ]
    view = [*_rules(_READ), _rule(_READ, "", ["bindings", "events", "limitranges", "namespaces", "pods/log"])]
    edit = _rules([*_READ, *_WRITE])
    edit.append(_rule([*_READ, *_WRITE], "", ["pods/attach", "pods/exec", "pods/portforward", "pods/proxy"]))
    edit.append(_rule([*_READ, *_WRITE], "", ["secrets", "services/proxy", "events"]))
    edit.append(_rule(["create"], "", ["pods/eviction", "serviceaccounts/token"]))
    edit.append(_rule(_READ, "", ["limitranges", "namespaces", "pods/log", "resourcequotas"]))
    admin = [*edit, _rule([*_READ, *_WRITE], _RBAC, ["rolebindings", "roles"])]
    return {"cluster-admin": everything, "admin": admin, "edit": edit, "view": view}


def _rules(verbs: list[str]) -> list[Obj]:
    return [_rule(verbs, group, resources) for group, resources in _WORKLOADS]


def _rule(verbs: list[str], group: str, resources: list[str]) -> Obj:
    return {"verbs": verbs, "apiGroups": [group], "resources": resources}


def _masters() -> Obj:
    return {
        "metadata": {"name": "cluster-admin", "labels": _BOOTSTRAPPED},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"apiGroup": _RBAC, "kind": "Group", "name": "system:masters"}],
    }
