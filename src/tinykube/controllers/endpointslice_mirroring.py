"""EndpointSlice mirroring controller: Endpoints that somebody writes by hand, as the EndpointSlices that are read.

Law: only Endpoints of a Service without a selector are mirrored, and none that are labeled to be skipped. One slice for
each set of ports; one without addresses has none.

Models k8s.io/kubernetes pkg/controller/endpointslicemirroring/endpointslicemirroring_controller.go and reconciler.go.
"""

from __future__ import annotations

import ipaddress
import random

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers import endpoint_pods, resources
from tinykube.controllers.base import Controller
from tinykube.controllers.endpointslice import MANAGED_BY, RESOURCE, SERVICE_NAME
from tinykube.controllers.podcontrol import namespace_terminating
from tinykube.errors import ApiError
from tinykube.informer import Informers
from tinykube.objects import Obj

MANAGER = "endpointslicemirroring-controller.k8s.io"
SKIP = "endpointslice.kubernetes.io/skip-mirror"
NOT_COPIED = {endpoint_pods.CHANGED_AT, "kubectl.kubernetes.io/last-applied-configuration"}


class EndpointSliceMirroringController(Controller):
    """Keeps the slices of hand-written Endpoints; keys are Endpoints."""

    name = "endpointslicemirroring-controller"
    component = "endpoint-slice-mirroring-controller"

    def __init__(self, client: Client, informers: Informers, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, informers, clock, rng)
        self.endpoints = self.watch_own("endpoints")
        self.services = self.watch_own("services")
        self.slices = self.watch(RESOURCE, None, lambda _, new: self._slice_changed(new), self._slice_changed)
        self.slices.index("mirrored", _endpoints_key)

    def _slice_changed(self, found: Obj) -> None:
        for key in _endpoints_key(found):
            self.queue.add(key)

    def reconcile(self, key: str) -> None:
        """Make the slices say what the Endpoints say."""
        endpoints = self.endpoints.by_key(key)
        wanted = self._wanted(endpoints) if endpoints is not None and self._to_be_mirrored(key, endpoints) else []
        free = sorted(self.slices.indexed("mirrored", key), key=objects.name)
        for new in wanted:
            old = next((s for s in free if s.get("ports") == new["ports"]), None)
            if old is not None:
                free.remove(old)
                self._update(old, new)
            else:
                self._create(new)
        for stale in free:
            resources.delete_if_there(self.client, RESOURCE, stale)

    def _to_be_mirrored(self, key: str, endpoints: Obj) -> bool:
        service = self.services.by_key(key)
        by_hand = service is not None and not service["spec"].get("selector")
        return by_hand and objects.labels(endpoints).get(SKIP) != "true" and not objects.deleting(endpoints)

    def _wanted(self, endpoints: Obj) -> list[Obj]:
        return [slice_ for subset in endpoints.get("subsets") or () if (slice_ := _mirror(endpoints, subset))]

    def _create(self, wanted: Obj) -> None:
        try:
            self.client.create(RESOURCE, wanted)
        except ApiError as refused:
            if not namespace_terminating(refused):
                raise

    def _update(self, old: Obj, new: Obj) -> None:
        said = ("labels", "annotations")
        same = all((objects.meta(old).get(f) or {}) == new["metadata"][f] for f in said)
        if same and old.get("endpoints") == new["endpoints"]:
            return
        metadata = {**old["metadata"], **{f: new["metadata"][f] for f in said}}
        self.client.update(RESOURCE, {**old, "metadata": metadata, "endpoints": new["endpoints"]})


def _endpoints_key(found: Obj) -> list[str]:
    """Index function: the Endpoints that a slice of this controller mirrors."""
    labels = objects.labels(found)
    ours = labels.get(MANAGED_BY) == MANAGER and SERVICE_NAME in labels
    return [f"{objects.namespace(found)}/{labels[SERVICE_NAME]}"] if ours else []


def _mirror(endpoints: Obj, subset: Obj) -> Obj | None:
    """The slice for a subset, or None if it has no addresses."""
    states = (("addresses", True), ("notReadyAddresses", False))
    listed = [_endpoint(address, ready) for field, ready in states for address in subset.get(field) or ()]
    if not listed:
        return None
    name, annotations = objects.name(endpoints), objects.annotations(endpoints)
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "generateName": f"{name}-",
            "namespace": objects.namespace(endpoints),
            "labels": {**objects.labels(endpoints), SERVICE_NAME: name, MANAGED_BY: MANAGER},
            "annotations": {key: value for key, value in annotations.items() if key not in NOT_COPIED},
            "ownerReferences": [objects.owner_reference(endpoints)],
        },
        "addressType": f"IPv{ipaddress.ip_address(listed[0]['addresses'][0]).version}",
        "endpoints": listed,
        "ports": endpoint_pods.in_slice_order({"name": "", **port} for port in subset.get("ports") or ()) or None,
    }


def _endpoint(address: Obj, ready: bool) -> Obj:
    kept = {field: address[field] for field in ("targetRef", "nodeName", "hostname") if address.get(field)}
    return {"addresses": [address["ip"]], "conditions": {"ready": ready}, **kept}
