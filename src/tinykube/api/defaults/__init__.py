"""Defaults: what the API fills in where a manifest says nothing.

Law: pure functions on plain dicts, changing them in place, no I/O and no clock. `default` runs on every object
that enters the API, before admission and validation, and is idempotent. `strategy` prepares objects for the
store, `admission` holds the built-in admission plug-ins' changes.

Models pkg/apis/*/v1/defaults.go.
"""

from __future__ import annotations

from collections.abc import Callable

from tinykube.api.defaults import apps, batch, core, others, pods, services
from tinykube.api.defaults.wire import always_written, omit_empty
from tinykube.errors import Obj

_DEFAULTS: dict[str, Callable[[Obj], None]] = {
    "v1/Pod": pods.pod,
    "v1/PodTemplate": core.pod_template,
    "v1/Service": services.service,
    "v1/Namespace": core.namespace,
    "v1/Secret": core.secret,
    "v1/Node": core.node,
    "v1/PersistentVolume": core.volume,
    "v1/PersistentVolumeClaim": core.claim,
    "v1/Endpoints": core.endpoints,
    "v1/ReplicationController": core.replication_controller,
    "v1/LimitRange": core.limit_range,
    "v1/ResourceQuota": core.resource_quota,
    "apps/v1/Deployment": apps.deployment,
    "apps/v1/ReplicaSet": apps.replica_set,
    "apps/v1/StatefulSet": apps.stateful_set,
    "apps/v1/DaemonSet": apps.daemon_set,
    "batch/v1/Job": batch.job,
    "batch/v1/CronJob": batch.cron_job,
    "autoscaling/v2/HorizontalPodAutoscaler": others.autoscaler,
    "autoscaling/v1/HorizontalPodAutoscaler": others.autoscaler_v1,
    "discovery.k8s.io/v1/EndpointSlice": others.endpoint_slice,
    "networking.k8s.io/v1/NetworkPolicy": others.network_policy,
    "networking.k8s.io/v1/IngressClass": others.ingress_class,
    "rbac.authorization.k8s.io/v1/RoleBinding": others.binding,
    "rbac.authorization.k8s.io/v1/ClusterRoleBinding": others.binding,
    "scheduling.k8s.io/v1/PriorityClass": others.priority_class,
    "storage.k8s.io/v1/StorageClass": others.storage_class,
    "storage.k8s.io/v1/CSIDriver": others.csi_driver,
}


def default(kind_key: str, obj: Obj) -> None:
    """Fill in the defaults of `obj` in place. `kind_key` is such as "apps/v1/Deployment" or "v1/Pod"."""
    omit_empty(obj)
    if kind_key in _DEFAULTS:
        _DEFAULTS[kind_key](obj)
    always_written(kind_key, obj)
