"""What the downward API can say about a Pod: its fields, and its containers' resources.

Law: pure functions of the Pod and the node's capacity.

Models pkg/fieldpath/fieldpath.go and pkg/api/v1/resource/helpers.go (ExtractContainerResourceValue).
"""

from __future__ import annotations

import math
import re
from typing import Any

from tinykube import objects
from tinykube.objects import Obj, dig, quantity

_SUBSCRIPT = re.compile(r"(metadata\.(?:labels|annotations))\['(.+)'\]")


class FieldError(Exception):
    """A field reference that cannot be resolved; the text is the kubelet's."""


def field_value(pod: Obj, path: str) -> str:
    """The value of `fieldRef.fieldPath`.

    Raises:
        FieldError: the path names nothing that the downward API offers.
    """
    subscript = _SUBSCRIPT.fullmatch(path)
    if subscript:
        return str(dig(pod, "metadata", subscript[1].partition(".")[2], subscript[2], default=""))
    if path in ("metadata.labels", "metadata.annotations"):
        return _format_map(dig(pod, *path.split("."), default={}))
    if path in _SIMPLE:
        return str(dig(pod, *_SIMPLE[path], default=""))
    if path in _LISTS:
        return ",".join(entry["ip"] for entry in dig(pod, *_LISTS[path], default=[]))
    raise FieldError(f"unsupported fieldPath: {path}")


_SIMPLE: dict[str, tuple[str, ...]] = {
    p: tuple(p.split("."))
    for p in (
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.podIP",
    )
}
_LISTS = {"status.podIPs": ("status", "podIPs"), "status.hostIPs": ("status", "hostIPs")}


def _format_map(entries: dict[str, str]) -> str:
    quoted = {
        key: str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for key, value in entries.items()
    }
    return "".join(f'{key}="{quoted[key]}"\n' for key in sorted(quoted)).rstrip("\n")


def resource_value(pod: Obj, selector: Obj, container: Obj, allocatable: Obj) -> str:
    """The value of a `resourceFieldRef`, in units of its divisor, rounded up.

    `container` is the one that asks; `allocatable` is the node's, which stands in for a limit that is not set.

    Raises:
        FieldError: no such container or resource.
    """
    wanted = selector.get("containerName")
    if wanted:
        container = _container(pod, wanted)
    part, _, resource = selector["resource"].partition(".")
    if part not in ("limits", "requests"):
        raise FieldError(f"unsupported container resource : {selector['resource']}")
    amount: Any = dig(container, "resources", part, resource)
    if amount is None:
        amount = allocatable.get(resource, "0") if part == "limits" else "0"
    divisor = quantity(selector.get("divisor") or 1) or quantity(1)
    return str(math.ceil(quantity(amount) / divisor))


def _container(pod: Obj, name: str) -> Obj:
    for container in [*pod["spec"]["containers"], *(pod["spec"].get("initContainers") or ())]:
        if container["name"] == name:
            return container
    raise FieldError(f"container {name} not found")


def with_runtime_fields(pod: Obj, host_ip: str, pod_ips: list[str]) -> Obj:
    """The Pod as the downward API should see it: with addresses that its status may not carry yet."""
    seen = dict(pod)
    seen["status"] = (pod.get("status") or {}) | {
        "hostIP": host_ip,
        "hostIPs": [{"ip": host_ip}],
        "podIP": pod_ips[0] if pod_ips else "",
        "podIPs": [{"ip": ip} for ip in pod_ips],
    }
    return seen


def full_name(pod: Obj) -> str:
    """`name_namespace(uid)`: how the kubelet names a Pod in messages (format.Pod)."""
    return f"{objects.name(pod)}_{objects.namespace(pod)}({objects.uid(pod)})"
