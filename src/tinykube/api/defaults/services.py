"""Defaults of Services, and what a change of type leaves behind.

Law: in place; addresses and node ports come from the allocators, never from here.

Models pkg/apis/core/v1/defaults.go (SetDefaults_Service) and pkg/registry/core/service/strategy.go.
"""

from __future__ import annotations

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


def normalize_cluster_ips(new: Obj, old: Obj | None = None) -> None:
    """Keep `clusterIP` and the first of `clusterIPs` the same where a client set only one of them."""
    spec, before = new["spec"], (old or {}).get("spec") or {}
    if spec.get("clusterIP") and not spec.get("clusterIPs"):
        spec["clusterIPs"] = [spec["clusterIP"]]
        return
    same_list = spec.get("clusterIPs") == before.get("clusterIPs")
    if before and same_list and spec.get("clusterIP") and spec.get("clusterIP") != before.get("clusterIP"):
        spec["clusterIPs"] = [spec["clusterIP"], *(spec.get("clusterIPs") or [])[1:]]


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
