"""Which checks belong to which kind.

Law: tables only. A kind without an entry is checked by the decoder alone.
"""

from __future__ import annotations

from collections.abc import Callable

from tinykube.api.validation import (
    apps,
    autoscaling,
    batch,
    claims,
    core,
    metadata,
    names,
    networking,
    others,
    persistent,
    pod_updates,
    pods,
    quotas,
    services,
)
from tinykube.api.validation.field import Causes
from tinykube.errors import Obj

Create = Callable[[Obj], Causes]
Update = Callable[[Obj, Obj], Causes]


def pod_template(obj: Obj) -> Causes:
    """v1 PodTemplate."""
    return metadata.check(obj, names.dns_subdomain) + pods.template(obj.get("template") or {}, "template")


CREATE: dict[str, Create] = {
    "v1/Pod": pods.create,
    "v1/PodTemplate": pod_template,
    "v1/ConfigMap": core.config_map,
    "v1/Secret": core.secret,
    "v1/Namespace": core.namespace,
    "v1/Node": core.node,
    "v1/ServiceAccount": core.service_account,
    "v1/Service": services.create,
    "v1/Event": core.event,
    "v1/Endpoints": others.endpoints,
    "v1/PersistentVolumeClaim": claims.claim,
    "v1/PersistentVolume": persistent.volume,
    "v1/ResourceQuota": quotas.resource_quota,
    "v1/LimitRange": quotas.limit_range,
    "v1/ReplicationController": apps.replication_controller,
    "apps/v1/Deployment": apps.deployment,
    "apps/v1/ReplicaSet": apps.replica_set,
    "apps/v1/DaemonSet": apps.daemon_set,
    "apps/v1/StatefulSet": apps.stateful_set,
    "apps/v1/ControllerRevision": apps.revision,
    "batch/v1/Job": batch.job,
    "batch/v1/CronJob": batch.cron_job,
    "discovery.k8s.io/v1/EndpointSlice": others.endpoint_slice,
    "autoscaling/v1/HorizontalPodAutoscaler": autoscaling.autoscaler,
    "autoscaling/v2/HorizontalPodAutoscaler": autoscaling.autoscaler,
    "policy/v1/PodDisruptionBudget": others.disruption_budget,
    "rbac.authorization.k8s.io/v1/Role": others.role,
    "rbac.authorization.k8s.io/v1/ClusterRole": others.cluster_role,
    "rbac.authorization.k8s.io/v1/RoleBinding": others.role_binding,
    "rbac.authorization.k8s.io/v1/ClusterRoleBinding": others.cluster_role_binding,
    "networking.k8s.io/v1/Ingress": networking.ingress_create,
    "networking.k8s.io/v1/IngressClass": networking.ingress_class,
    "networking.k8s.io/v1/NetworkPolicy": networking.network_policy,
    "storage.k8s.io/v1/StorageClass": others.storage_class,
    "scheduling.k8s.io/v1/PriorityClass": others.priority_class,
    "coordination.k8s.io/v1/Lease": others.lease,
}


def _again(kind_key: str) -> Update:
    """An update that keeps metadata's rules and must fulfil what a new object must."""
    return lambda new, old: metadata.check_update(new, old) + CREATE[kind_key](new)


UPDATE: dict[str, Update] = {
    **{kind_key: _again(kind_key) for kind_key in CREATE},
    "v1/Pod": pod_updates.update,
    "v1/ConfigMap": core.config_map_update,
    "v1/Secret": core.secret_update,
    "v1/Node": core.node_update,
    "networking.k8s.io/v1/Ingress": lambda new, old: metadata.check_update(new, old) + networking.ingress(new),
    "v1/Service": services.update,
    "v1/PersistentVolumeClaim": claims.update,
    "v1/PersistentVolume": persistent.update,
    "v1/ResourceQuota": quotas.resource_quota_update,
    "autoscaling/v1/HorizontalPodAutoscaler": autoscaling.update,
    "autoscaling/v2/HorizontalPodAutoscaler": autoscaling.update,
    "apps/v1/Deployment": apps.deployment_update,
    "apps/v1/ReplicaSet": apps.replica_set_update,
    "apps/v1/DaemonSet": apps.daemon_set_update,
    "apps/v1/StatefulSet": apps.stateful_set_update,
    "apps/v1/ControllerRevision": apps.revision_update,
    "batch/v1/Job": batch.job_update,
    "batch/v1/CronJob": batch.cron_job_update,
    "discovery.k8s.io/v1/EndpointSlice": others.endpoint_slice_update,
    "rbac.authorization.k8s.io/v1/RoleBinding": others.binding_update,
    "rbac.authorization.k8s.io/v1/ClusterRoleBinding": others.binding_update,
    "scheduling.k8s.io/v1/PriorityClass": others.priority_class_update,
}

STATUS: dict[str, Update] = {
    **dict.fromkeys(CREATE, metadata.check_update),
    "v1/Pod": pod_updates.update_status,
    "batch/v1/Job": batch.job_status_update,
}
