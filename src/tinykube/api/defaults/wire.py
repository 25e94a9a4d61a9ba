"""What the API's JSON always leaves out, and what it always writes.

Law: in place, no opinion on values. Go's encoder omits empty lists, empty strings and `false` where the field is
`omitempty`, and always writes structs that are no pointers (`resources: {}`, `status: {}`). A manifest that says
`hostNetwork: false` therefore reads back without it, and a client's typed object always finds its structs.

Models the JSON tags of k8s.io/api/*/types.go.
"""

from __future__ import annotations

from typing import Any

from tinykube.errors import Obj

_KEEP_EMPTY = {"containers", "subsets", "rules", "endpoints", "drivers", "accessModes"}
"""Lists that are written even when empty."""

_OPAQUE = {"managedFields", "data", "stringData", "binaryData", "labels", "annotations", "raw", "last"}
"""Maps whose content belongs to the user (or is somebody else's schema): not looked into."""

_OMIT_FALSY = {
    "hostNetwork", "hostPID", "hostIPC", "stdin", "stdinOnce", "tty", "readOnly", "initialDelaySeconds", "hostPort",
    "nodePort", "minReadySeconds", "paused", "publishNotReadyAddresses", "unschedulable", "hostname", "subdomain",
    "nodeName", "subPath", "subPathExpr", "workingDir", "clusterIP", "externalName", "loadBalancerIP", "namespace",
    "generateName", "priorityClassName", "serviceAccountName", "serviceAccount", "volumeName",
    "medium",
}  # fmt: skip
"""Fields that are no pointers: their zero value cannot be told from absence."""

_OMIT_EMPTY_MAPS = {"matchLabels", "nodeSelector", "labels", "annotations", "limits", "requests"}


def omit_empty(value: Any) -> None:
    """Drop nulls, empty lists and zero values that the API's JSON never shows, everywhere in the object."""
    if isinstance(value, list):
        for item in value:
            omit_empty(item)
        return
    if not isinstance(value, dict):
        return
    for key in list(value):
        item = value[key]
        if _omitted(key, item):
            del value[key]
        elif key not in _OPAQUE:
            omit_empty(item)


def _omitted(key: str, item: Any) -> bool:
    if item is None:
        return True
    if item == []:
        return key not in _KEEP_EMPTY
    if item == {}:
        return key in _OMIT_EMPTY_MAPS
    return not item and key in _OMIT_FALSY


_STATUS: Obj = {"status": {}}
_ZEROS: dict[str, Obj] = {
    "v1/Pod": {"spec": {}, "status": {}},
    "v1/Service": {"spec": {}, "status": {"loadBalancer": {}}},
    "v1/Namespace": {"spec": {}, "status": {}},
    "v1/Node": {
        "spec": {},
        "status": {
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 0}},
            "nodeInfo": dict.fromkeys(
                (
                    "architecture", "bootID", "containerRuntimeVersion", "kernelVersion", "kubeProxyVersion",
                    "kubeletVersion", "machineID", "operatingSystem", "osImage", "systemUUID",
                ),
                "",
            ),
        },
    },
    "v1/PersistentVolume": {"spec": {}, "status": {}},
    "v1/PersistentVolumeClaim": {"spec": {"resources": {}}, "status": {}},
    "v1/ReplicationController": {"spec": {}, "status": {"replicas": 0}},
    "v1/ResourceQuota": {"spec": {}, "status": {}},
    "v1/LimitRange": {"spec": {"limits": None}},
    "v1/Event": {
        "eventTime": None, "firstTimestamp": None, "lastTimestamp": None, "involvedObject": {}, "source": {},
        "reportingComponent": "", "reportingInstance": "",
    },
    "events.k8s.io/v1/Event": {"eventTime": None},
    "apps/v1/Deployment": {"spec": {"strategy": {}, "template": {"metadata": {}, "spec": {}}}, **_STATUS},
    "apps/v1/ReplicaSet": {"spec": {"template": {"metadata": {}, "spec": {}}}, "status": {"replicas": 0}},
    "apps/v1/StatefulSet": {
        "spec": {"template": {"metadata": {}, "spec": {}}, "updateStrategy": {}, "serviceName": ""},
        "status": {"replicas": 0, "availableReplicas": 0},
    },
    "apps/v1/DaemonSet": {
        "spec": {"template": {"metadata": {}, "spec": {}}, "updateStrategy": {}},
        "status": {
            "currentNumberScheduled": 0, "desiredNumberScheduled": 0, "numberMisscheduled": 0, "numberReady": 0,
        },
    },
    "apps/v1/ControllerRevision": {"revision": 0},
    "batch/v1/Job": {"spec": {"template": {"metadata": {}, "spec": {}}}, **_STATUS},
    "batch/v1/CronJob": {
        "spec": {"jobTemplate": {"metadata": {}, "spec": {"template": {"metadata": {}, "spec": {}}}}}, **_STATUS,
    },
    "autoscaling/v1/HorizontalPodAutoscaler": {
        "spec": {}, "status": {"currentReplicas": 0, "desiredReplicas": 0},
    },
    "autoscaling/v2/HorizontalPodAutoscaler": {
        "spec": {}, "status": {"currentMetrics": None, "desiredReplicas": 0},
    },
    "policy/v1/PodDisruptionBudget": {
        "spec": {},
        "status": {"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0},
    },
    "networking.k8s.io/v1/Ingress": {"spec": {}, "status": {"loadBalancer": {}}},
    "networking.k8s.io/v1/NetworkPolicy": {"spec": {"podSelector": {}}},
    "networking.k8s.io/v1/IngressClass": {"spec": {}},
    "discovery.k8s.io/v1/EndpointSlice": {"endpoints": None, "ports": None},
    "rbac.authorization.k8s.io/v1/Role": {"rules": None},
    "rbac.authorization.k8s.io/v1/ClusterRole": {"rules": None},
    "coordination.k8s.io/v1/Lease": {"spec": {}},
}  # fmt: skip


def always_written(kind_key: str, obj: Obj) -> None:
    """Add the structs and nulls that the kind's JSON always shows."""
    _fill(obj, _ZEROS.get(kind_key, {}))
    if kind_key == "v1/Pod":
        for condition in obj["status"].get("conditions") or ():
            condition.setdefault("lastProbeTime", None)
        for status in _container_statuses(obj["status"]):
            status.setdefault("lastState", {})
            status.setdefault("state", {})
    elif kind_key == "discovery.k8s.io/v1/EndpointSlice":
        for endpoint in obj["endpoints"] or ():
            endpoint.setdefault("conditions", {})


def _container_statuses(status: Obj) -> list[Obj]:
    lists = ("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses")
    return [found for name in lists for found in status.get(name) or ()]


def _fill(obj: Obj, zeros: Obj) -> None:
    for key, zero in zeros.items():
        if isinstance(zero, dict):
            if not isinstance(obj.get(key), dict):
                obj[key] = {}
            _fill(obj[key], zero)
        else:
            obj.setdefault(key, zero)
