"""Endpoints controller: the older form of EndpointSlices, one object a Service.

Law: addresses are grouped by the ports they offer; Pods that are being deleted are left out, those that are not ready
are listed apart. Kept for clients that still read it: the API warns that it is deprecated.

Models k8s.io/kubernetes pkg/controller/endpoint/endpoints_controller.go.
"""

from __future__ import annotations

import random

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers import endpoint_pods, pods, resources
from tinykube.controllers.base import Controller
from tinykube.controllers.endpoint_pods import CHANGED_AT, HEADLESS, ServiceWatcher
from tinykube.errors import ApiError
from tinykube.informer import Informers
from tinykube.objects import Obj

RESOURCE = "endpoints"
MANAGED_BY = "endpoints.kubernetes.io/managed-by"
MANAGER = "endpoint-controller"


class EndpointsController(Controller):
    """Keeps the Endpoints object of each Service that has a selector."""

    name = "endpoint-controller"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.services = self.watch_own("services")
        watcher = ServiceWatcher(self, self.services)
        self.pods = self.watch("pods", watcher.pod_seen, watcher.pod_updated, watcher.pod_seen)
        self.endpoints = self.watch(RESOURCE, deleted=self.enqueue)

    def reconcile(self, key: str) -> None:
        """Write the Service's addresses down, or delete them with it."""
        service, present = self.services.by_key(key), self.endpoints.by_key(key)
        if service is None:
            if present is not None:
                resources.delete_if_there(self.client, RESOURCE, present)
            return
        if not endpoint_pods.selects(service) or objects.deleting(service):
            return
        subsets = self._subsets(service)
        labels = _labels(service)
        if present is None:
            self._create(service, labels, subsets)
        elif (present.get("subsets") or []) != subsets or objects.labels(present) != labels:
            self.client.update(RESOURCE, self._changed(present, labels, subsets))

    def _create(self, service: Obj, labels: dict[str, str], subsets: list[Obj]) -> None:
        metadata = {"name": objects.name(service), "namespace": objects.namespace(service)}
        empty: Obj = {"apiVersion": "v1", "kind": "Endpoints", "metadata": metadata}
        try:
            self.client.create(RESOURCE, self._changed(empty, labels, subsets))
        except ApiError as refused:
            if refused.reason not in ("Forbidden", "AlreadyExists"):
                raise  # otherwise the namespace is being deleted, or the cache will show it soon

    def _changed(self, present: Obj, labels: dict[str, str], subsets: list[Obj]) -> Obj:
        stamp = {**objects.annotations(present), CHANGED_AT: objects.rfc3339(self.clock.now())}
        metadata = {**present["metadata"], "labels": labels, "annotations": stamp}
        rest = {field: value for field, value in present.items() if field != "subsets"}
        return {**rest, "metadata": metadata, **({"subsets": subsets} if subsets else {})}

    def _subsets(self, service: Obj) -> list[Obj]:
        groups: dict[str, Obj] = {}
        anyway = bool(service["spec"].get("publishNotReadyAddresses"))
        for pod in endpoint_pods.chosen(service, self.pods.in_namespace(objects.namespace(service))):
            offered = [_port(p) for p in endpoint_pods.in_subset_order(endpoint_pods.ports(service, pod))]
            if (objects.deleting(pod) and not anyway) or not (offered or endpoint_pods.headless(service)):
                continue
            group = groups.setdefault(repr(offered), {"ports": offered} if offered else {})
            usable = anyway or pods.ready(pod)
            group.setdefault("addresses" if usable else "notReadyAddresses", []).append(_address(service, pod))
        return [_ordered(group) for group in groups.values()]


def _port(port: Obj) -> Obj:
    return {field: value for field, value in port.items() if value != ""}


def _address(service: Obj, pod: Obj) -> Obj:
    name = endpoint_pods.hostname(service, pod)
    return {
        "ip": pod["status"]["podIP"],
        **({"hostname": name} if name else {}),
        **({"nodeName": pod["spec"]["nodeName"]} if pod["spec"].get("nodeName") else {}),
        "targetRef": endpoint_pods.target(pod),
    }


def _ordered(group: Obj) -> Obj:
    lists = ("addresses", "notReadyAddresses")
    ordered = {field: sorted(group[field], key=lambda a: a["ip"]) for field in lists if field in group}
    return ordered | ({"ports": group["ports"]} if "ports" in group else {})


def _labels(service: Obj) -> dict[str, str]:
    headless = {HEADLESS: ""} if endpoint_pods.headless(service) else {}
    return {**objects.labels(service), **headless, MANAGED_BY: MANAGER}
