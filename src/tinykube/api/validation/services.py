"""Services.

Law: pure. Whether an address or a node port is free is the allocators' business.

Models pkg/apis/core/validation/validation.go (ValidateService, ValidateServiceUpdate).
"""

from __future__ import annotations

from typing import Any

from tinykube.api.validation import field, metadata, names, probes
from tinykube.api.validation.containers import PROTOCOLS
from tinykube.api.validation.field import Causes
from tinykube.errors import Obj

TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_POLICIES = ("Cluster", "Local")
_MAX_AFFINITY = 86400


def create(service: Obj) -> Causes:
    """A new Service."""
    return metadata.check(service, names.dns_label) + _spec(service["spec"])


def update(new: Obj, old: Obj) -> Causes:
    """A changed Service: its cluster IP stays as long as its type has one."""
    causes = metadata.check_update(new, old)
    causes += _fixed_addresses(new["spec"], old["spec"]) + _fixed_balancer(new["spec"], old["spec"])
    return causes + metadata.check(new, lambda _: []) + _spec(new["spec"])


def _fixed_addresses(spec: Obj, before: Obj) -> Causes:
    if "ExternalName" in (spec.get("type"), before.get("type")) or (_headless(spec) and _headless(before)):
        return []
    causes: Causes = []
    for name in ("clusterIPs", "ipFamilies"):
        found, was = spec.get(name) or [], before.get(name) or []
        if name == "ipFamilies" and _headless(spec) != _headless(before):
            continue
        if found and was and found[0] != was[0]:
            causes.append(field.invalid(f"spec.{name}[0]", found, "may not change once set"))
    return causes


def _fixed_balancer(spec: Obj, before: Obj) -> Causes:
    if not spec.get("type") == before.get("type") == "LoadBalancer":
        return []
    causes: Causes = []
    if spec.get("loadBalancerClass") != before.get("loadBalancerClass"):
        path = "spec.loadBalancerClass"
        causes.append(field.invalid(path, spec.get("loadBalancerClass"), "may not change once set"))
    local = spec.get("externalTrafficPolicy") == before.get("externalTrafficPolicy") == "Local"
    if local and spec.get("healthCheckNodePort") != before.get("healthCheckNodePort"):
        causes.append(field.forbidden("spec.healthCheckNodePort", "field is immutable"))
    return causes


def _headless(spec: Obj) -> bool:
    return (spec.get("clusterIPs") or [spec.get("clusterIP")])[0] == "None"


def _spec(spec: Obj) -> Causes:
    kind, ports = spec.get("type") or "", spec.get("ports") or []
    causes: Causes = []
    if not ports and not _headless(spec) and kind != "ExternalName":
        causes.append(field.required("spec.ports"))
    causes += _by_type(spec, kind)
    causes += _ports(ports)
    causes += metadata.labels(spec.get("selector"), "spec.selector")
    causes += _affinity(spec)
    causes += _cluster_ips(spec, kind)
    causes += _external_ips(spec.get("externalIPs") or [])
    causes += field.one_of("spec.type", kind, TYPES)
    causes += _port_clashes(ports, kind)
    causes += _load_balancer(spec, kind)
    return causes + _traffic(spec, kind)


def _by_type(spec: Obj, kind: str) -> Causes:
    if kind in ("LoadBalancer", "NodePort"):
        detail = f"may not be set to 'None' for {kind} services"
        return [field.invalid("spec.clusterIPs[0]", "None", detail)] if _headless(spec) else []
    if kind != "ExternalName":
        return []
    causes = [
        field.forbidden(f"spec.{name}", "may not be set for ExternalName services")
        for name in ("clusterIPs", "ipFamilies", "ipFamilyPolicy")
        if spec.get(name)
    ]
    name = (spec.get("externalName") or "").removesuffix(".")
    if not name:
        return [*causes, field.required("spec.externalName")]
    return causes + field.each_invalid("spec.externalName", name, names.dns_subdomain(name))


def _ports(ports: list[Obj]) -> Causes:
    causes: Causes = []
    seen: set[str] = set()
    for index, port in enumerate(ports):
        path, name, number = f"spec.ports[{index}]", port.get("name") or "", port.get("port") or 0
        if name:
            causes += field.each_invalid(f"{path}.name", name, names.dns_label(name))
            causes += [field.duplicate(f"{path}.name", name)] if name in seen else []
            seen.add(name)
        elif len(ports) > 1:
            causes.append(field.required(f"{path}.name"))
        causes += field.each_invalid(f"{path}.port", number, names.port_number(number))
        causes += field.one_of(f"{path}.protocol", port.get("protocol"), PROTOCOLS)
        causes += probes.port(port.get("targetPort", 0), f"{path}.targetPort")
        protocol = port.get("appProtocol")
        if protocol is not None:
            causes += field.each_invalid(f"{path}.appProtocol", protocol, names.qualified_name(protocol))
    return causes


def _affinity(spec: Obj) -> Causes:
    kind, config = spec.get("sessionAffinity"), spec.get("sessionAffinityConfig")
    causes = field.one_of("spec.sessionAffinity", kind, ("ClientIP", "None"))
    path = "spec.sessionAffinityConfig"
    if kind == "None" and config is not None:
        causes.append(field.forbidden(path, "must not be set when session affinity is None"))
    if kind == "ClientIP":
        timeout = ((config or {}).get("clientIP") or {}).get("timeoutSeconds")
        if timeout is not None and not 0 < timeout <= _MAX_AFFINITY:
            detail = f"must be greater than 0 and less than {_MAX_AFFINITY}"
            causes.append(field.invalid(f"{path}.clientIP.timeoutSeconds", timeout, detail))
    return causes


def _cluster_ips(spec: Obj, kind: str) -> Causes:
    if kind == "ExternalName":
        return []
    path, ips = "spec.clusterIPs", spec.get("clusterIPs") or [ip for ip in [spec.get("clusterIP")] if ip]
    causes: Causes = []
    if spec.get("clusterIP") and ips[0] != spec["clusterIP"]:
        causes.append(field.invalid(path, ips, "first value must match `clusterIP`"))
    elif ips and not spec.get("clusterIP"):
        causes.append(field.invalid(path, ips, "must be empty when `clusterIP` is not specified"))
    causes += _families(spec)
    wrong: Causes = []
    for index, ip in enumerate(ips):
        if index == 0 and ip == "None":
            wrong += [field.invalid(path, ips, "'None' must be the first and only value")] if len(ips) > 1 else []
            continue
        wrong += field.each_invalid(f"{path}[{index}]", ip, names.ip_address(ip))
    wrong += [field.invalid(path, ips, "may only hold up to 2 values")] if len(ips) > 2 else []
    if not wrong and len(ips) == 2 and len({":" in ip for ip in ips}) == 1:
        wrong = [field.invalid(path, ips, "may specify no more than one IP for each IP family")]
    return causes + wrong


def _families(spec: Obj) -> Causes:
    causes: Causes = []
    found, families = spec.get("ipFamilies") or [], ("IPv4", "IPv6")
    for index, family in enumerate(found):
        here = f"spec.ipFamilies[{index}]"
        causes += [] if family in families else [field.not_supported(here, family, families)]
        causes += [field.duplicate(here, family)] if family in found[:index] else []
    policy, policies = spec.get("ipFamilyPolicy"), ("PreferDualStack", "RequireDualStack", "SingleStack")
    if policy is not None and policy not in policies:
        causes.append(field.not_supported("spec.ipFamilyPolicy", policy, policies))
    return causes


def _external_ips(ips: list[str]) -> Causes:
    causes: Causes = []
    for index, ip in enumerate(ips):
        wrong = names.ip_address(ip) or names.endpoint_ip(ip)
        causes += field.each_invalid(f"spec.externalIPs[{index}]", ip, wrong)
    return causes


def _port_clashes(ports: list[Obj], kind: str) -> Causes:
    causes: Causes = []
    if kind == "ClusterIP":
        detail = "may not be used when `type` is 'ClusterIP'"
        for index, port in enumerate(ports):
            causes += [field.forbidden(f"spec.ports[{index}].nodePort", detail)] if port.get("nodePort") else []
    node_ports: set[Any] = set()
    for index, port in enumerate(ports):
        if port.get("nodePort"):
            key = (port.get("protocol"), port["nodePort"])
            clash = key in node_ports
            causes += [field.duplicate(f"spec.ports[{index}].nodePort", port["nodePort"])] if clash else []
            node_ports.add(key)
    numbers: set[Any] = set()
    for index, port in enumerate(ports):
        key = (port.get("protocol"), port.get("port"))
        causes += [field.duplicate(f"spec.ports[{index}]", _go_port(port))] if key in numbers else []
        numbers.add(key)
    return causes


def _go_port(port: Obj) -> Obj:
    """A port as upstream shows a clash: the internal struct with only its key filled in."""
    protocol, number = port.get("protocol"), port.get("port")
    return {"Name": "", "Protocol": protocol, "AppProtocol": None, "Port": number, "TargetPort": 0, "NodePort": 0}


def _load_balancer(spec: Obj, kind: str) -> Causes:
    causes: Causes = []
    detail = "may only be used when `type` is 'LoadBalancer'"
    ranges = spec.get("loadBalancerSourceRanges") or []
    if ranges and kind != "LoadBalancer":
        causes.append(field.forbidden("spec.LoadBalancerSourceRanges", detail))
    for index, value in enumerate(ranges):
        bare = value.strip()
        causes += field.each_invalid(f"spec.LoadBalancerSourceRanges[{index}]", bare, names.cidr(bare))
    if spec.get("allocateLoadBalancerNodePorts") is not None and kind != "LoadBalancer":
        causes.append(field.forbidden("spec.allocateLoadBalancerNodePorts", detail))
    chosen, path = spec.get("loadBalancerClass"), "spec.loadBalancerClass"
    if chosen is not None and kind != "LoadBalancer":
        causes.append(field.forbidden(path, detail))
    elif chosen is not None:
        causes += field.each_invalid(path, chosen, names.qualified_name(chosen))
    return causes


def _traffic(spec: Obj, kind: str) -> Causes:
    causes: Causes = []
    outside, path = spec.get("externalTrafficPolicy") or "", "spec.externalTrafficPolicy"
    if kind in ("LoadBalancer", "NodePort") or (kind == "ClusterIP" and spec.get("externalIPs")):
        causes += field.one_of(path, outside, _POLICIES)
    elif outside:
        causes.append(field.invalid(path, outside, "may only be set for externally-accessible services"))
    check = spec.get("healthCheckNodePort") or 0
    if check and not (kind == "LoadBalancer" and outside == "Local"):
        detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        causes.append(field.invalid("spec.healthCheckNodePort", check, detail))
    inside = spec.get("internalTrafficPolicy")
    if inside is not None and inside not in _POLICIES:
        causes.append(field.not_supported("spec.internalTrafficPolicy", inside, _POLICIES))
    chosen, known = spec.get("trafficDistribution"), ("PreferClose", "PreferSameZone", "PreferSameNode")
    if chosen is not None and chosen not in known:
        causes.append(field.not_supported("spec.trafficDistribution", chosen, known))
    return causes
