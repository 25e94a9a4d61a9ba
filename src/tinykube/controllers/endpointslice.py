"""EndpointSlice controller: the addresses behind each Service, and whether each can be used.

Law: a Pod that is being deleted stays listed, as terminating and not ready, until it is gone. Endpoints stay in the
slice they are in; a slice holds at most a hundred, all with the same ports. A Service without Pods has one empty slice.

Models k8s.io/kubernetes pkg/controller/endpointslice/endpointslice_controller.go and
k8s.io/endpointslice/reconciler.go.
"""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers import endpoint_pods, pods, resources
from tinykube.controllers.base import Controller
from tinykube.controllers.endpoint_pods import CHANGED_AT, HEADLESS, ServiceWatcher
from tinykube.errors import ApiError
from tinykube.informer import Informers
from tinykube.objects import Obj

RESOURCE = "endpointslices.discovery.k8s.io"
MANAGER = "endpointslice-controller.k8s.io"
SERVICE_NAME = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
LARGEST = 100
ZONE = "topology.kubernetes.io/zone"

Ports = tuple[tuple[tuple[str, Any], ...], ...]


class EndpointSliceController(Controller):
    """Keeps the EndpointSlices of Services that have a selector."""

    name = "endpointslice-controller"
    component = "endpoint-slice-controller"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.services = self.watch_own("services")
        watcher = ServiceWatcher(self, self.services)
        self.pods = self.watch("pods", watcher.pod_seen, watcher.pod_updated, watcher.pod_seen)
        self.nodes = self.informer("nodes")
        self.slices = self.watch(RESOURCE, None, lambda _, new: self._slice_changed(new), self._slice_changed)
        self.slices.index(SERVICE_NAME, _service_key)
        self._written: dict[str, str] = {}

    def _slice_changed(self, found: Obj) -> None:
        """Somebody else has changed or deleted one of our slices: put it right."""
        ours = objects.labels(found).get(MANAGED_BY) == MANAGER
        if ours and self._written.get(objects.uid(found)) != objects.meta(found)["resourceVersion"]:
            for key in _service_key(found):
                self.queue.add(key)

    # -- reconciling

    def reconcile(self, key: str) -> None:
        """Make the Service's slices list exactly its Pods."""
        service = self.services.by_key(key)
        if service is None or not endpoint_pods.selects(service) or objects.deleting(service):
            return  # slices of a Service that selects no longer are left as they are
        existing = [s for s in self.slices.indexed(SERVICE_NAME, key) if objects.labels(s).get(MANAGED_BY) == MANAGER]
        wanted = self._endpoints(service)
        self._write(service, existing, wanted)

    def _endpoints(self, service: Obj) -> dict[Ports, list[Obj]]:
        """Endpoints by the ports they offer: Pods may differ in what a named port means, or lack it."""
        groups: dict[Ports, list[Obj]] = defaultdict(list)
        for pod in endpoint_pods.chosen(service, self.pods.in_namespace(objects.namespace(service))):
            offered = endpoint_pods.in_slice_order(endpoint_pods.ports(service, pod))
            groups[_frozen(offered)].append(self._endpoint(service, pod))
        return groups

    def _endpoint(self, service: Obj, pod: Obj) -> Obj:
        leaving, serving = objects.deleting(pod), pods.ready(pod)
        anyway = bool(service["spec"].get("publishNotReadyAddresses"))
        endpoint: Obj = {
            "addresses": [pod["status"]["podIP"]],
            "conditions": {
                "ready": anyway or (serving and not leaving),
                "serving": serving,
                "terminating": leaving,
            },
            "targetRef": endpoint_pods.target(pod),
        }
        node = pod["spec"].get("nodeName")
        if node:
            endpoint["nodeName"] = node
            zone = objects.labels(self.nodes.by_key(node) or {}).get(ZONE)
            if zone:
                endpoint["zone"] = zone
        name, hints = endpoint_pods.hostname(service, pod), _hints(service, endpoint)
        return endpoint | ({"hostname": name} if name else {}) | ({"hints": hints} if hints else {})

    # -- slices

    def _write(self, service: Obj, existing: list[Obj], wanted: dict[Ports, list[Obj]]) -> None:
        """Change as few slices as possible; a slice that has lost all its endpoints is used for others."""
        kept, free = _sort(existing, wanted)
        to_create: list[tuple[Ports, list[Obj]]] = []
        for offered, endpoints in wanted.items():
            filled, left = _fill(kept.get(offered, []), endpoints)
            for old, content in filled:
                if content:
                    self._update(service, old, offered, content)
                else:
                    free.append(old)
            to_create += [(offered, left[i : i + LARGEST]) for i in range(0, len(left), LARGEST)]
        if not wanted:
            to_create.append(((), []))
        for offered, content in to_create:
            if free:
                self._update(service, free.pop(0), offered, content)
            else:
                self._create(service, offered, content)
        for stale in free:
            self._delete(stale)

    def _create(self, service: Obj, offered: Ports, endpoints: list[Obj]) -> None:
        name = objects.name(service)
        wanted = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "generateName": f"{name}-",
                "namespace": objects.namespace(service),
                "labels": _labels(service),
                "annotations": {CHANGED_AT: objects.rfc3339(self.clock.now())},
                "ownerReferences": [objects.owner_reference(service)],
            },
            "addressType": "IPv4",
            "endpoints": endpoints or None,
            "ports": _thawed(offered) or None,
        }
        try:
            self._remember(self.client.create(RESOURCE, wanted))
        except ApiError as refused:
            if refused.reason != "Forbidden" and refused.code != 404:
                raise  # otherwise the namespace is being deleted

    def _update(self, service: Obj, old: Obj, offered: Ports, endpoints: list[Obj]) -> None:
        wanted = {**old, "endpoints": endpoints or None, "ports": _thawed(offered) or None}
        labels = _labels(service)
        same = all((old.get(f) or None) == wanted[f] for f in ("endpoints", "ports"))
        if same and objects.labels(old) == labels:
            return
        stamp = {**objects.annotations(old), CHANGED_AT: objects.rfc3339(self.clock.now())}
        wanted["metadata"] = {**old["metadata"], "labels": labels, "annotations": stamp}
        self._remember(self.client.update(RESOURCE, wanted))

    def _remember(self, written: Obj) -> None:
        self._written[objects.uid(written)] = objects.meta(written)["resourceVersion"]

    def _delete(self, stale: Obj) -> None:
        self._written.pop(objects.uid(stale), None)
        resources.delete_if_there(self.client, RESOURCE, stale)


def _hints(service: Obj, endpoint: Obj) -> Obj:
    """Who should prefer a ready endpoint, by spec.trafficDistribution (k8s.io/endpointslice/trafficdist)."""
    policy = service["spec"].get("trafficDistribution")
    if policy is None or not endpoint["conditions"]["ready"]:
        return {}
    zone, node = endpoint.get("zone"), endpoint.get("nodeName")
    of_zone = {"forZones": [{"name": zone}]} if zone else {}
    return of_zone | ({"forNodes": [{"name": node}]} if node and policy == "PreferSameNode" else {})


def _service_key(found: Obj) -> list[str]:
    """Index function: the key of the Service that a slice belongs to."""
    service = objects.labels(found).get(SERVICE_NAME)
    return [f"{objects.namespace(found)}/{service}"] if service else []


def _labels(service: Obj) -> dict[str, str]:
    headless = {HEADLESS: ""} if endpoint_pods.headless(service) else {}
    own = {SERVICE_NAME: objects.name(service), MANAGED_BY: MANAGER}
    return {**objects.labels(service), **headless, **own}


def _frozen(offered: list[Obj]) -> Ports:
    return tuple(tuple(sorted(port.items())) for port in offered)


def _thawed(offered: Ports) -> list[Obj]:
    return [dict(port) for port in offered]


def _sort(existing: list[Obj], wanted: dict[Ports, list[Obj]]) -> tuple[dict[Ports, list[Obj]], list[Obj]]:
    """Slices by their ports, and those whose ports nobody has any longer."""
    kept: dict[Ports, list[Obj]] = defaultdict(list)
    free = []
    for found in sorted(existing, key=objects.name):
        offered = _frozen(found.get("ports") or [])
        if offered in wanted:
            kept[offered].append(found)
        else:
            free.append(found)
    return kept, free


def _fill(slices: list[Obj], endpoints: list[Obj]) -> tuple[list[tuple[Obj, list[Obj]]], list[Obj]]:
    """The new content of each slice, and the endpoints that found no room in any."""
    left = {e["targetRef"]["uid"]: e for e in endpoints}
    filled = []
    for found in slices:
        present = (objects.dig(e, "targetRef", "uid") for e in found.get("endpoints") or ())
        filled.append((found, [left.pop(uid) for uid in present if uid in left]))
    rest = list(left.values())
    for _, content in filled:
        room = LARGEST - len(content)
        content += rest[:room]
        rest = rest[room:]
    return filled, rest
