"""Defaults of the smaller groups: autoscaling, discovery, networking, rbac, scheduling, storage.

Law: in place; what is set stays.

Models pkg/apis/{autoscaling/v2,discovery/v1,networking/v1,rbac/v1,scheduling/v1,storage/v1}/defaults.go.
"""

from __future__ import annotations

from tinykube.api.defaults.pods import put
from tinykube.errors import Obj
from tinykube.objects import copy

RBAC = "rbac.authorization.k8s.io"
_UP = {
    "stabilizationWindowSeconds": 0,
    "selectPolicy": "Max",
    "policies": [
        {"type": "Pods", "value": 4, "periodSeconds": 15},
        {"type": "Percent", "value": 100, "periodSeconds": 15},
    ],
}
_DOWN = {"selectPolicy": "Max", "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]}


def autoscaler(obj: Obj) -> None:
    """autoscaling/v2 HorizontalPodAutoscaler: at least one Pod, 80 % of the requested CPU."""
    spec = obj.setdefault("spec", {})
    put(spec, "minReplicas", 1)
    if not spec.get("metrics"):
        target = {"type": "Utilization", "averageUtilization": 80}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    behavior = spec.get("behavior")
    if behavior is not None:
        behavior["scaleUp"] = {**copy(_UP), **(behavior.get("scaleUp") or {})}
        behavior["scaleDown"] = {**copy(_DOWN), **(behavior.get("scaleDown") or {})}


def autoscaler_v1(obj: Obj) -> None:
    """autoscaling/v1 HorizontalPodAutoscaler."""
    put(obj.setdefault("spec", {}), "minReplicas", 1)


def endpoint_slice(obj: Obj) -> None:
    """discovery.k8s.io/v1 EndpointSlice."""
    for port in obj.get("ports") or ():
        port.setdefault("name", "")
        put(port, "protocol", "TCP")


def network_policy(obj: Obj) -> None:
    """networking.k8s.io/v1 NetworkPolicy: it isolates ingress, and egress when it has egress rules."""
    spec = obj.setdefault("spec", {})
    for rule in [*(spec.get("ingress") or ()), *(spec.get("egress") or ())]:
        for port in rule.get("ports") or ():
            put(port, "protocol", "TCP")
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


def ingress_class(obj: Obj) -> None:
    """networking.k8s.io/v1 IngressClass."""
    parameters = (obj.get("spec") or {}).get("parameters")
    if parameters:
        put(parameters, "scope", "Cluster")


def binding(obj: Obj) -> None:
    """rbac.authorization.k8s.io/v1 RoleBinding and ClusterRoleBinding."""
    put(obj.setdefault("roleRef", {}), "apiGroup", RBAC)
    for subject in obj.get("subjects") or ():
        if subject.get("kind") in ("User", "Group"):
            put(subject, "apiGroup", RBAC)


def priority_class(obj: Obj) -> None:
    """scheduling.k8s.io/v1 PriorityClass."""
    obj.setdefault("value", 0)
    put(obj, "preemptionPolicy", "PreemptLowerPriority")


def storage_class(obj: Obj) -> None:
    """storage.k8s.io/v1 StorageClass."""
    put(obj, "reclaimPolicy", "Delete")
    put(obj, "volumeBindingMode", "Immediate")


def csi_driver(obj: Obj) -> None:
    """storage.k8s.io/v1 CSIDriver."""
    spec = obj.setdefault("spec", {})
    put(spec, "attachRequired", True)
    put(spec, "podInfoOnMount", False)
    put(spec, "storageCapacity", False)
    put(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType")
    put(spec, "requiresRepublish", False)
    put(spec, "seLinuxMount", False)
    spec["volumeLifecycleModes"] = spec.get("volumeLifecycleModes") or ["Persistent"]
