"""Which Pods stand behind a Service, at which ports, and in which state: shared by both endpoint controllers.

Law: pure functions.

Models k8s.io/endpointslice/util/controller_utils.go and k8s.io/kubernetes pkg/api/v1/pod/util.go (FindPort).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from tinykube import objects
from tinykube.controllers import pods
from tinykube.controllers.base import Controller
from tinykube.informer import Informer
from tinykube.objects import Obj

HEADLESS = "service.kubernetes.io/headless"
CHANGED_AT = "endpoints.kubernetes.io/last-change-trigger-time"


def selects(service: Obj) -> bool:
    """Whether the Service's endpoints are its Pods: it has a selector, and is not a mere alias."""
    return bool(service["spec"].get("selector")) and service["spec"].get("type") != "ExternalName"


def headless(service: Obj) -> bool:
    """Whether the Service has no cluster IP."""
    return service["spec"].get("clusterIP") == "None"


def addressed(pod: Obj) -> bool:
    """Whether the Pod has an address that can be reached now."""
    return bool(objects.dig(pod, "status", "podIP")) and not pods.finished(pod)


def chosen(service: Obj, found: Iterable[Obj]) -> list[Obj]:
    """The reachable Pods that the selector matches, oldest first."""
    selector = service["spec"]["selector"]
    mine = [p for p in found if addressed(p) and objects.matches_labels(selector, objects.labels(p))]
    return sorted(mine, key=lambda p: (objects.meta(p)["creationTimestamp"], objects.name(p)))


def ports(service: Obj, pod: Obj) -> list[Obj]:
    """The Service's ports as they are on this Pod; a named port that the Pod lacks is left out."""
    found = []
    for port in service["spec"].get("ports") or ():
        number = _number(port, pod)
        if number:
            entry = {"name": port.get("name", ""), "port": number, "protocol": port.get("protocol", "TCP")}
            found.append(entry | ({"appProtocol": port["appProtocol"]} if port.get("appProtocol") else {}))
    return found


def in_slice_order(offered: Iterable[Obj]) -> list[Obj]:
    """Ports as an EndpointSlice lists them: by the hash of each (endpointslice/util/endpointset, NewPortMapKey)."""
    return sorted(offered, key=lambda port: _hash(port, "Name:*string Protocol:*v1.Protocol Port:*int32"))


def in_subset_order(offered: Iterable[Obj]) -> list[Obj]:
    """Ports as Endpoints list them: by another hash of each (pkg/api/v1/endpoints/util.go, RepackSubsets)."""
    return sorted(offered, key=lambda port: _hash(port, "Name:string Port:int32 Protocol:v1.Protocol"))


def _hash(port: Obj, layout: str) -> bytes:
    """MD5 of the port as Go's spew prints its struct."""
    fields = (field.split(":") for field in f"{layout} AppProtocol:*string".split())
    shown = (f"{name}:({type_}){port.get(name[0].lower() + name[1:], '<nil>')}" for name, type_ in fields)
    return hashlib.md5(f"(v1.EndpointPort){{{' '.join(shown)}}}".encode(), usedforsecurity=False).digest()


def _number(port: Obj, pod: Obj) -> int:
    target = port.get("targetPort", port["port"])
    if isinstance(target, int):
        return target
    spec = pod["spec"]
    sidecars = (c for c in spec.get("initContainers") or () if c.get("restartPolicy") == "Always")
    for container in (*spec["containers"], *sidecars):
        for offered in container.get("ports") or ():
            same_protocol = offered.get("protocol", "TCP") == port.get("protocol", "TCP")
            if offered.get("name") == target and same_protocol:
                return offered["containerPort"]
    return 0


def target(pod: Obj) -> Obj:
    """A reference to the Pod."""
    return {
        "kind": "Pod",
        "namespace": objects.namespace(pod),
        "name": objects.name(pod),
        "uid": objects.uid(pod),
    }


def hostname(service: Obj, pod: Obj) -> str:
    """The Pod's own DNS name under a headless Service, as a StatefulSet's Pods have; or nothing."""
    spec = pod["spec"]
    ours = spec.get("subdomain") == objects.name(service) and objects.namespace(pod) == objects.namespace(service)
    return spec.get("hostname", "") if ours else ""


def _matters(pod: Obj) -> tuple[object, ...]:
    """What of a Pod its endpoints depend on."""
    return (
        objects.labels(pod),
        pods.ready(pod),
        pods.finished(pod),
        objects.deleting(pod),
        objects.dig(pod, "status", "podIP"),
        pod["spec"].get("nodeName"),
    )


class ServiceWatcher:
    """Queues the Services that a Pod's change concerns: those that select its labels as they are, or as they were."""

    def __init__(self, controller: Controller, services: Informer) -> None:
        self._controller, self._services = controller, services

    def pod_seen(self, pod: Obj) -> None:
        """A Pod has come or gone."""
        for service in self._services.in_namespace(objects.namespace(pod)):
            if selects(service) and objects.matches_labels(service["spec"]["selector"], objects.labels(pod)):
                self._controller.enqueue(service)

    def pod_updated(self, old: Obj, new: Obj) -> None:
        """A Pod has changed."""
        if _matters(old) != _matters(new):
            self.pod_seen(new)
            if objects.labels(old) != objects.labels(new):
                self.pod_seen(old)
