"""Defaults of Services, and the fields that the Service registry fills in with addresses and node ports.

Law: in place; addresses come from the callers' allocators, never from here.

Models pkg/apis/core/v1/defaults.go (SetDefaults_Service) and pkg/registry/core/service/{storage/alloc.go,strategy.go}.
"""

from __future__ import annotations

from collections.abc import Callable

from tinykube.api.defaults.pods import put
from tinykube.errors import Obj

_WITH_CLUSTER_IP = ("ClusterIP", "NodePort", "LoadBalancer")
_WITH_NODE_PORTS = ("NodePort", "LoadBalancer")


def service(obj: Obj) -> None:
    """v1.Service."""
    spec = obj.setdefault("spec", {})
    _session_affinity(spec)
    put(spec, "type", "ClusterIP")
    for port in spec.get("ports") or ():
        put(port, "protocol", "TCP")
        if port.get("targetPort") in (None, 0, ""):
            port["targetPort"] = port.get("port", 0)
    if spec["type"] in _WITH_NODE_PORTS or (spec["type"] == "ClusterIP" and spec.get("externalIPs")):
        put(spec, "externalTrafficPolicy", "Cluster")
    if spec["type"] in _WITH_CLUSTER_IP:
        put(spec, "internalTrafficPolicy", "Cluster")
    if spec["type"] == "LoadBalancer":
        put(spec, "allocateLoadBalancerNodePorts", True)
        for ingress in ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ():
            if ingress.get("ip"):
                put(ingress, "ipMode", "VIP")


def _session_affinity(spec: Obj) -> None:
    put(spec, "sessionAffinity", "None")
    if spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    elif spec["sessionAffinity"] == "ClientIP":
        client = ((spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}).get("timeoutSeconds")
        if client is None:
            spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": 10800}}


def assign_addresses(obj: Obj, old: Obj | None, next_ip: Callable[[], str], next_node_port: Callable[[], int]) -> None:
    """Fill in cluster IP, IP family and node ports of a Service that is about to be stored.

    `next_ip` and `next_node_port` allocate one each; they are asked only for what is missing. Addresses of the
    stored Service `old` are kept, and dropped when the type no longer has them.
    """
    spec = obj["spec"]
    _keep_addresses(spec, (old or {}).get("spec") or {})
    if spec["type"] == "ExternalName":
        for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            spec.pop(field, None)
        return
    spec.setdefault("ipFamilies", ["IPv4"])
    put(spec, "ipFamilyPolicy", "SingleStack")
    if not spec.get("clusterIP"):
        spec["clusterIP"] = (spec.get("clusterIPs") or [""])[0] or next_ip()
    spec.setdefault("clusterIPs", [spec["clusterIP"]])
    _node_ports(spec, next_node_port)


def _keep_addresses(spec: Obj, old: Obj) -> None:
    """What an update leaves out is taken over from the stored Service (patchAllocatedValues)."""
    if not old or old.get("type") == "ExternalName" or spec["type"] == "ExternalName":
        return
    for field in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if not spec.get(field) and old.get(field):
            spec[field] = old[field]
    if spec["type"] in _WITH_NODE_PORTS and old.get("type") in _WITH_NODE_PORTS:
        known = {(p.get("protocol"), p.get("port")): p.get("nodePort") for p in old.get("ports") or ()}
        taken = {p.get("nodePort") for p in spec.get("ports") or ()}
        for port in spec.get("ports") or ():
            kept = known.get((port.get("protocol"), port.get("port")))
            if kept and not port.get("nodePort") and kept not in taken:
                port["nodePort"] = kept


def _node_ports(spec: Obj, next_node_port: Callable[[], int]) -> None:
    wanted = spec["type"] == "NodePort" or (
        spec["type"] == "LoadBalancer" and spec.get("allocateLoadBalancerNodePorts") is not False
    )
    for port in spec.get("ports") or ():
        if wanted and not port.get("nodePort"):
            port["nodePort"] = next_node_port()


def drop_type_dependent(new: Obj, old: Obj) -> None:
    """Clear what a change of type leaves behind, unless the update set it anew (dropTypeDependentFields)."""
    spec, before = new["spec"], old.get("spec") or {}
    if before.get("type") in _WITH_CLUSTER_IP and spec.get("type") == "ExternalName":
        _drop_unchanged(spec, before, ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"))
        _drop_unchanged(spec, before, ("internalTrafficPolicy",))
    if before.get("type") in _WITH_NODE_PORTS and spec.get("type") not in _WITH_NODE_PORTS:
        held = {p.get("nodePort") for p in before.get("ports") or ()}
        for port in spec.get("ports") or ():
            if port.get("nodePort") in held:
                port.pop("nodePort", None)
        _drop_unchanged(spec, before, ("externalTrafficPolicy",))
    if before.get("type") == "LoadBalancer" and spec.get("type") != "LoadBalancer":
        _drop_unchanged(spec, before, ("allocateLoadBalancerNodePorts", "loadBalancerClass"))
    if before.get("type") == "ExternalName" and spec.get("type") != "ExternalName":
        _drop_unchanged(spec, before, ("externalName",))


def _drop_unchanged(spec: Obj, before: Obj, fields: tuple[str, ...]) -> None:
    for field in fields:
        if field in spec and spec[field] == before.get(field):
            del spec[field]
