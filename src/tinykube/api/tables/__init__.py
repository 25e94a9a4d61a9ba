"""Tables: what `kubectl get` prints, made by the server.

Law: pure functions; times are compared with the `now` that is handed in. kubectl chooses columns (wide or not) by
their priority and prints the cells as they are.

Models pkg/printers/internalversion/printers.go and apiserver's pkg/registry/rest/table.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from tinykube.api.tables import cluster, network, pods, workloads
from tinykube.api.tables.text import UNKNOWN
from tinykube.errors import Obj
from tinykube.objects import meta
from tinykube.schema import tables as data

Cells = list[Any]
Row = Callable[[Obj, float], Cells]

_NAME = (
    "Name must be unique within a namespace. It is required when creating resources, and primarily intended for "
    "creation idempotence and configuration definition."
)
_AGE = "The time at which this object was created, as seen by the server."
_DESCRIPTIONS = {"Name": _NAME, "Age": _AGE, "Created At": _AGE}

_ROWS: dict[str, Row] = {
    "pods": pods.row,
    "podtemplates": workloads.pod_template,
    "deployments.apps": workloads.deployment,
    "replicasets.apps": workloads.replica_set,
    "statefulsets.apps": workloads.stateful_set,
    "daemonsets.apps": workloads.daemon_set,
    "controllerrevisions.apps": workloads.controller_revision,
    "replicationcontrollers": workloads.replication_controller,
    "jobs.batch": workloads.job,
    "cronjobs.batch": workloads.cron_job,
    "horizontalpodautoscalers.autoscaling": workloads.autoscaler,
    "poddisruptionbudgets.policy": workloads.disruption_budget,
    "services": network.service,
    "endpoints": network.endpoints,
    "endpointslices.discovery.k8s.io": network.endpoint_slice,
    "ingresses.networking.k8s.io": network.ingress,
    "ingressclasses.networking.k8s.io": network.ingress_class,
    "networkpolicies.networking.k8s.io": network.network_policy,
    "ipaddresses.networking.k8s.io": network.ip_address,
    "servicecidrs.networking.k8s.io": network.service_cidr,
    "componentstatuses": cluster.component_status,
    "configmaps": cluster.config_map,
    "events": cluster.event,
    "events.events.k8s.io": cluster.event,
    "namespaces": cluster.namespace,
    "nodes": cluster.node,
    "persistentvolumeclaims": cluster.claim,
    "persistentvolumes": cluster.volume,
    "resourcequotas": cluster.resource_quota,
    "secrets": cluster.secret,
    "serviceaccounts": cluster.only_age,
    "certificatesigningrequests.certificates.k8s.io": cluster.signing_request,
    "rolebindings.rbac.authorization.k8s.io": cluster.binding,
    "clusterrolebindings.rbac.authorization.k8s.io": cluster.binding,
    "storageclasses.storage.k8s.io": cluster.storage_class,
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": cluster.webhooks,
    "validatingwebhookconfigurations.admissionregistration.k8s.io": cluster.webhooks,
    "priorityclasses.scheduling.k8s.io": cluster.priority_class,
    "leases.coordination.k8s.io": cluster.lease,
    "runtimeclasses.node.k8s.io": cluster.runtime_class,
}
_PLAIN = [["Name", "string", "name", 0], ["Created At", "date", "", 0]]


def table(resource: str, objects: Iterable[Obj], now: float, *, include_object: str = "Metadata") -> Obj:
    """A `meta.k8s.io/v1` Table of the objects.

    `resource` is `plural` or `plural.group`, `now` in seconds since the epoch, `include_object` one of Metadata,
    Object and None: what each row carries of its object.
    """
    columns = [_column(c) for c in _columns().get(resource, _PLAIN)]
    make = _ROWS.get(resource) or _default(resource)
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {},
        "columnDefinitions": columns,
        "rows": [_row(resource, make, obj, now, include_object) for obj in objects],
    }


@cache
def _columns() -> dict[str, list[list[Any]]]:
    """Recorded columns by resource: `apps/v1 deployments` becomes `deployments.apps`."""
    found: dict[str, list[list[Any]]] = {}
    for key, columns in data.columns().items():
        group_version, plural = key.split(" ")
        group = group_version.rpartition("/")[0]
        found[f"{plural}.{group}" if group else plural] = columns
    return found


def _column(recorded: list[Any]) -> Obj:
    name, kind, form, priority = recorded
    description = _DESCRIPTIONS.get(name, name)
    return {"name": name, "type": kind, "format": form, "description": description, "priority": priority}


def _default(resource: str) -> Row:
    """A row for a kind without a printer here: name and age, or name and time, whichever the columns say."""
    columns = [c[0] for c in _columns().get(resource, _PLAIN)]
    if columns == ["Name", "Created At"]:
        return cluster.created

    def row(obj: Obj, now: float) -> Cells:
        own_name, own_age = cluster.only_age(obj, now)
        return [{"Name": own_name, "Age": own_age}.get(c, UNKNOWN) for c in columns]

    return row


def _row(resource: str, make: Row, obj: Obj, now: float, include_object: str) -> Obj:
    row: Obj = {"cells": make(obj, now)}
    if resource == "pods":
        conditions = pods.conditions(obj)
        if conditions:
            row["conditions"] = conditions
    if include_object == "Object":
        row["object"] = obj
    elif include_object == "Metadata":
        row["object"] = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": meta(obj)}
    return row
