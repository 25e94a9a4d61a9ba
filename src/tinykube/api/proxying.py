"""Where a request to `pods/NAME:PORT/proxy` or `services/NAME:PORT/proxy` goes.

Law: reads the store. A Service's request goes to any of its ready Pods, as the cluster's dice fall.

Models pkg/registry/core/pod/strategy.go (ResourceLocation) and pkg/registry/core/service/storage/storage.go.
"""

from __future__ import annotations

from collections.abc import Mapping

from tinykube import errors, objects
from tinykube.api.apiserver import ApiServer
from tinykube.api.messages import Target
from tinykube.objects import Obj, dig

HOP_BY_HOP = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
    "upgrade", "content-length", "content-encoding",
})  # fmt: skip
_PRIVATE = frozenset({"authorization", "host", *HOP_BY_HOP})
_SLICES = "endpointslices.discovery.k8s.io"


def forwarded(headers: Mapping[str, str]) -> dict[str, str]:
    """The client's headers without its credentials and without what concerns only its connection."""
    return {k: v for k, v in headers.items() if k.lower() not in _PRIVATE}


def destination(api: ApiServer, target: Target) -> tuple[Obj, int]:
    """The Pod and the port that a proxy request is for.

    Raises:
        errors.ApiError: NotFound, BadRequest, ServiceUnavailable.
    """
    name, port = _name_and_port(target.name)
    if target.resource.key == "pods":
        return _pod(api, target, name, port)
    if target.resource.key == "services":
        return _service(api, target, name, port)
    raise errors.bad_request("the nodes of this cluster serve no HTTP of their own")


def _name_and_port(text: str) -> tuple[str, str]:
    parts = text.split(":")
    if len(parts) == 3:
        return parts[1], parts[2]
    return parts[0], parts[1] if len(parts) == 2 else ""


def _pod(api: ApiServer, target: Target, name: str, port: str) -> tuple[Obj, int]:
    pod = api.get("pods", target.namespace, name)
    if port and not port.isdigit():
        raise errors.bad_request(f'invalid pod request "{target.name}"')
    if port:
        return pod, int(port)
    for container in dig(pod, "spec", "containers", default=()):
        for declared in container.get("ports") or ():
            return pod, int(declared["containerPort"])
    return pod, 80


def _service(api: ApiServer, target: Target, name: str, port: str) -> tuple[Obj, int]:
    service = api.get("services", target.namespace, name)
    wanted = _service_port(service, port)
    selector = f"kubernetes.io/service-name={name}"
    ready = [
        (pod, int(declared["port"]))
        for found in api.list(_SLICES, target.namespace, label_selector=selector)["items"]
        for declared in found.get("ports") or ()
        if (declared.get("name") or "") == (wanted.get("name") or "") and declared.get("port")
        for pod in _ready_pods(found)
    ]
    if not ready:
        raise _unavailable(f'no endpoints available for service "{target.name}"')
    pod, number = api.registry.rng.choice(ready)
    return api.get("pods", target.namespace, pod), number


def _service_port(service: Obj, port: str) -> Obj:
    ports: list[Obj] = dig(service, "spec", "ports", default=[])
    if not port and len(ports) == 1:
        return ports[0]
    for declared in ports:
        if port in (str(declared.get("port")), declared.get("name")):
            return declared
    raise _unavailable(f'no service port "{port}" found for service "{objects.name(service)}"')


def _ready_pods(found: Obj) -> list[str]:
    return [
        dig(endpoint, "targetRef", "name")
        for endpoint in found.get("endpoints") or ()
        if dig(endpoint, "targetRef", "name") and dig(endpoint, "conditions", "ready", default=True)
    ]


def _unavailable(message: str) -> errors.ApiError:
    return errors.ApiError(errors.status(503, "ServiceUnavailable", message))
