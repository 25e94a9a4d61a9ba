"""Rows of Services, endpoints and what leads to them.

Law: pure; each function gives the cells of one object, wide ones included.

Models pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from typing import Any

from tinykube.api.tables.text import NONE, UNSET, age, first_of, labels, selector
from tinykube.errors import Obj
from tinykube.objects import dig, name

Cells = list[Any]


def service(obj: Obj, now: float) -> Cells:
    """Service."""
    spec = dig(obj, "spec", default={})
    internal = (spec.get("clusterIPs") or [NONE])[0]
    return [
        name(obj),
        spec.get("type", ""),
        internal,
        _external(obj, spec),
        _ports(spec.get("ports") or []),
        age(obj, now),
        labels(spec.get("selector")),
    ]


def _external(obj: Obj, spec: Obj) -> str:
    kind, own = spec.get("type"), spec.get("externalIPs") or []
    if kind == "ExternalName":
        return spec.get("externalName") or ""
    if kind == "LoadBalancer":
        return ",".join([*_balancer(obj), *own]) or "<pending>"
    if kind in ("ClusterIP", "NodePort"):
        return ",".join(own) or NONE
    return "<unknown>"


def _balancer(obj: Obj) -> list[str]:
    """Addresses that a load balancer has given the object, sorted."""
    found = dig(obj, "status", "loadBalancer", "ingress", default=[])
    return sorted({i.get("ip") or i.get("hostname") or "" for i in found} - {""})


def _ports(ports: list[Obj]) -> str:
    return ",".join(_port(p) for p in ports) or NONE


def _port(port: Obj) -> str:
    node = f":{port['nodePort']}" if port.get("nodePort") else ""
    return f"{port.get('port')}{node}/{port.get('protocol', '')}"


def endpoints(obj: Obj, now: float) -> Cells:
    """Endpoints."""
    subsets = obj.get("subsets") or []
    found = [text for subset in subsets for text in _subset(subset)]
    return [name(obj), first_of(found) if subsets else NONE, age(obj, now)]


def _subset(subset: Obj) -> list[str]:
    ips = [a.get("ip", "") for a in subset.get("addresses") or ()]
    ports = subset.get("ports") or []
    if not ports:
        return ips
    return [f"[{ip}]:{p.get('port')}" if ":" in ip else f"{ip}:{p.get('port')}" for p in ports for ip in ips]


def endpoint_slice(obj: Obj, now: float) -> Cells:
    """EndpointSlice."""
    ports = [_slice_port(p) for p in obj.get("ports") or ()]
    addresses = [a for e in obj.get("endpoints") or () for a in e.get("addresses") or ()]
    shown = [first_of(ports) or UNSET, first_of(addresses) or UNSET]
    return [name(obj), obj.get("addressType", ""), *shown, age(obj, now)]


def _slice_port(port: Obj) -> str:
    if port.get("port") is not None:
        return str(port["port"])
    return port["name"] if port.get("name") is not None else "*"


def ingress(obj: Obj, now: float) -> Cells:
    """Ingress."""
    spec = dig(obj, "spec", default={})
    rules = spec.get("rules") or []
    hosts = [r["host"] for r in rules[:3] if r.get("host")]
    more = f" + {len(rules) - 3} more..." if hosts and len(rules) > 3 else ""
    shown = ",".join(hosts) + more if hosts else "*"
    ports = "80, 443" if spec.get("tls") else "80"
    return [name(obj), spec.get("ingressClassName") or NONE, shown, ",".join(_balancer(obj)), ports, age(obj, now)]


def ingress_class(obj: Obj, now: float) -> Cells:
    """IngressClass."""
    parameters = dig(obj, "spec", "parameters")
    shown = NONE
    if parameters is not None:
        group = f".{parameters['apiGroup']}" if parameters.get("apiGroup") else ""
        shown = f"{parameters.get('kind', '')}{group}/{parameters.get('name', '')}"
    return [name(obj), dig(obj, "spec", "controller", default=""), shown, age(obj, now)]


def network_policy(obj: Obj, now: float) -> Cells:
    """NetworkPolicy."""
    return [name(obj), selector(dig(obj, "spec", "podSelector")), age(obj, now)]


def ip_address(obj: Obj, now: float) -> Cells:
    """IPAddress."""
    ref = dig(obj, "spec", "parentRef", default={})
    parts = [ref.get(k) for k in ("resource", "group", "namespace", "name")]
    resource = ".".join(p for p in parts[:2] if p)
    return [name(obj), "/".join(p for p in (resource, parts[2], parts[3]) if p)]


def service_cidr(obj: Obj, now: float) -> Cells:
    """ServiceCIDR."""
    return [name(obj), ",".join(dig(obj, "spec", "cidrs", default=[])), age(obj, now)]
