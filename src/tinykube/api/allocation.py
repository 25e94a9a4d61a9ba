"""Cluster IPs and node ports of Services.

Law: nothing is remembered here: what is taken is read from the stored Services, so a deleted Service frees its
address by being gone. The allocator only fills in fields of the Service it is given.

Models pkg/registry/core/service/storage/alloc.go, ipallocator and portallocator.
"""

from __future__ import annotations

import ipaddress
import json
import random
from collections.abc import Iterable

from tinykube.errors import Cause
from tinykube.objects import Obj, dig

CLUSTER_CIDR = ipaddress.ip_network("10.96.0.0/12")
FAMILY = "IPv4"
NODE_PORTS = range(30000, 32768)
_NEEDS_NODE_PORT = ("NodePort", "LoadBalancer")


def allocate(service: Obj, old: Obj | None, others: Iterable[Obj], rng: random.Random) -> list[Cause]:
    """Give a Service what its type needs and take back what it needs no more; say what cannot be given.

    `others` are the stored Services except this one.
    """
    others = list(others)
    spec = service.setdefault("spec", {})
    if old is not None:
        _carry_over(spec, old.get("spec") or {})
    causes = _allocate_ip(spec, old, others, rng)
    causes += _allocate_ports(spec, old, others, rng)
    return causes


def _carry_over(spec: Obj, old: Obj) -> None:
    """Fields that a client left out of an update keep what was allocated before."""
    if spec.get("type") == "ExternalName":
        return
    _follow_cluster_ip(spec, old)
    if old.get("type") != "ExternalName":
        for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            if not spec.get(field) and old.get(field):
                spec[field] = old[field]
    before = {(p.get("port"), p.get("protocol", "TCP")): p.get("nodePort") for p in old.get("ports") or ()}
    if spec.get("type") in _NEEDS_NODE_PORT and old.get("type") in _NEEDS_NODE_PORT:
        for port in spec.get("ports") or ():
            node_port = before.get((port.get("port"), port.get("protocol", "TCP")))
            if not port.get("nodePort") and node_port:
                port["nodePort"] = node_port


def _follow_cluster_ip(spec: Obj, old: Obj) -> None:
    """A client that knows only `clusterIP` and changes it means the first of `clusterIPs` too."""
    changed = spec.get("clusterIP") != old.get("clusterIP") and spec.get("clusterIPs") == old.get("clusterIPs")
    if not changed or not old.get("clusterIPs"):
        return
    if spec.get("clusterIP"):
        spec["clusterIPs"] = [spec["clusterIP"], *old["clusterIPs"][1:]]
    elif "clusterIP" in spec:
        spec.pop("clusterIPs")


def _allocate_ip(spec: Obj, old: Obj | None, others: list[Obj], rng: random.Random) -> list[Cause]:
    if spec.get("type") == "ExternalName":
        for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"):
            spec.pop(field, None)
        return []
    wanted = spec.get("clusterIP") or dig(spec, "clusterIPs", 0, default="")
    asked = wanted not in ("", "None", dig(old or {}, "spec", "clusterIP"))
    if asked and (cause := _claim_ip(wanted, others)):
        return [cause]
    if causes := _families(spec, headless=wanted == "None"):
        return causes
    wanted = wanted or _free_ip(others, rng)
    spec["clusterIP"], spec["clusterIPs"] = wanted, spec.get("clusterIPs") or [wanted]
    return []


def _families(spec: Obj, *, headless: bool) -> list[Cause]:
    """Fill in the families of addresses: this cluster's only one, unless the addresses come from elsewhere."""
    if headless and not spec.get("selector"):
        policy, families = (
            spec.setdefault("ipFamilyPolicy", "RequireDualStack"),
            spec.setdefault("ipFamilies", [FAMILY]),
        )
        if policy != "SingleStack" and len(families) == 1:
            spec["ipFamilies"] = [*families, "IPv6" if families[0] == FAMILY else FAMILY]
        return []
    causes: list[Cause] = []
    if spec.get("ipFamilyPolicy") == "RequireDualStack":
        why = 'Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services'
        causes.append(Cause("FieldValueInvalid", "spec.ipFamilyPolicy", why))
    for index, family in enumerate(spec.get("ipFamilies") or ()):
        if family == "IPv6":
            why = 'Invalid value: "IPv6": not configured on this cluster'
            causes.append(Cause("FieldValueInvalid", f"spec.ipFamilies[{index}]", why))
    spec.setdefault("ipFamilies", [FAMILY])
    spec.setdefault("ipFamilyPolicy", "SingleStack")
    return causes


def _taken_ips(others: list[Obj]) -> set[str]:
    return {ip for service in others for ip in dig(service, "spec", "clusterIPs", default=())}


def _claim_ip(wanted: str, others: list[Obj]) -> Cause | None:
    why = ""
    try:
        inside = ipaddress.ip_address(wanted) in CLUSTER_CIDR
    except ValueError:
        return None  # validation has the words for what is no address
    if not inside:
        why = "the provided network does not match the current range"
    elif wanted in _taken_ips(others):
        why = "provided IP is already allocated"
    if not why:
        return None
    shown = json.dumps([wanted])
    return Cause(
        "FieldValueInvalid", "spec.clusterIPs", f"Invalid value: {shown}: failed to allocate IP {wanted}: {why}"
    )


def _free_ip(others: list[Obj], rng: random.Random) -> str:
    taken = _taken_ips(others)
    while True:
        address = str(CLUSTER_CIDR[rng.randrange(257, CLUSTER_CIDR.num_addresses - 1)])
        if address not in taken:
            return address


# -- node ports ----------------------------------------------------------------------------------------------


def _allocate_ports(spec: Obj, old: Obj | None, others: list[Obj], rng: random.Random) -> list[Cause]:
    ports = spec.get("ports") or []
    if spec.get("type") not in _NEEDS_NODE_PORT:
        if old is not None and dig(old, "spec", "type") in _NEEDS_NODE_PORT:
            _drop_unchanged_ports(ports, old)
        spec.pop("healthCheckNodePort", None)
        return []
    if spec.get("type") == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is False:
        return []
    own = {p.get("nodePort") for p in dig(old or {}, "spec", "ports", default=())}
    taken = _taken_ports(others)
    causes = [c for n, port in enumerate(ports) if (c := _claim_port(n, port, own, taken))]
    for port in ports if not causes else ():
        if not port.get("nodePort"):
            port["nodePort"] = _free_port(taken, rng)
        taken.add(port["nodePort"])
    if not causes:
        _health_check_port(spec, taken, rng)
    return causes


def _drop_unchanged_ports(ports: list[Obj], old: Obj) -> None:
    """A Service that stops being NodePort gives its ports back unless the client asks for other ones."""
    before = {p.get("nodePort") for p in dig(old, "spec", "ports", default=())}
    for port in ports:
        if port.get("nodePort") in before:
            port.pop("nodePort", None)


def _taken_ports(others: list[Obj]) -> set[int]:
    taken = {p["nodePort"] for s in others for p in dig(s, "spec", "ports", default=()) if p.get("nodePort")}
    return taken | {s["spec"]["healthCheckNodePort"] for s in others if dig(s, "spec", "healthCheckNodePort")}


def _claim_port(position: int, port: Obj, own: set[int | None], taken: set[int]) -> Cause | None:
    wanted = port.get("nodePort")
    if not wanted or wanted in own:
        return None
    if wanted not in NODE_PORTS:
        span = f"{NODE_PORTS.start}-{NODE_PORTS.stop - 1}"
        why = f"provided port is not in the valid range. The range of valid ports is {span}"
    elif wanted in taken:
        why = "provided port is already allocated"
    else:
        return None
    return Cause("FieldValueInvalid", f"spec.ports[{position}].nodePort", f"Invalid value: {wanted}: {why}")


def _free_port(taken: set[int], rng: random.Random) -> int:
    free = [port for port in NODE_PORTS if port not in taken]
    return rng.choice(free)


def _health_check_port(spec: Obj, taken: set[int], rng: random.Random) -> None:
    needed = spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"
    if not needed:
        spec.pop("healthCheckNodePort", None)
    elif not spec.get("healthCheckNodePort"):
        spec["healthCheckNodePort"] = _free_port(taken, rng)
