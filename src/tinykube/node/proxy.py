"""kube-proxy's role: turning the virtual addresses of Services into the address of one of their endpoints.

Law: reads Services and EndpointSlices, writes nothing; asked once for every new connection (`Network.rewrite`). A
Service without a ready endpoint refuses; a port that a Service does not have leads nowhere, and so does a Service that
keeps to the client's node when it has no endpoint there.

Models pkg/proxy/iptables/proxier.go and pkg/proxy/topology.go; hostPort is the portmap CNI plugin's.
"""

from __future__ import annotations

import errno
import random

from tinykube import objects
from tinykube.informer import Informers
from tinykube.objects import Obj, dig
from tinykube.runtime.network import Address, Host, Network
from tinykube.runtime.oserror import oserror

CLUSTER_NETWORKS = ("10.244.", "172.18.")
"""Where Pods and nodes live: an address there that nobody has fails soon, others only after the long time-out."""
SERVICE_NAME = "kubernetes.io/service-name"

Candidate = tuple[Address, Obj]
"""Where an endpoint listens, and the endpoint."""


class Proxy:
    """The cluster's Services as the network sees them."""

    def __init__(self, informers: Informers, network: Network, rng: random.Random) -> None:
        self._network, self._rng = network, rng
        self._services, self._slices = informers("services"), informers("endpointslices.discovery.k8s.io")
        self._pods, self._nodes = informers("pods"), informers("nodes")
        self._services.index("cluster-ip", _cluster_ips)
        self._services.index("node-port", _node_ports)
        self._slices.index("service", _service_of)
        self._pods.index("host-port", _host_ports)
        self._pods.index("pod-ip", _pod_ips)
        self._nodes.index("address", _node_addresses)
        self._sticky: dict[tuple[str, str], tuple[Address, float]] = {}

    def start(self) -> None:
        """Take charge of the network's virtual addresses."""
        self._network.rewrite = self.rewrite
        self._network.known = lambda ip: ip.startswith(CLUSTER_NETWORKS)

    def rewrite(self, source: Host, ip: str, port: int) -> Address | None:
        """The endpoint for a connection to `ip`:`port`, or None if that is no Service's, or leads nowhere from here.

        Raises:
            OSError: ECONNREFUSED: the Service has no endpoint.
        """
        for service in self._services.indexed("cluster-ip", ip):
            for entry in dig(service, "spec", "ports", default=()):
                if entry["port"] == port:
                    return self._endpoint(service, entry, source)
        if self._nodes.indexed("address", ip):
            return self._on_node(source, ip, port)
        return None

    def _on_node(self, source: Host, ip: str, port: int) -> Address | None:
        for service in self._services.indexed("node-port", str(port)):
            entry = next(p for p in service["spec"]["ports"] if p.get("nodePort") == port)
            return self._endpoint(service, entry, source)
        for pod in self._pods.indexed("host-port", str(port)):
            if dig(pod, "status", "hostIP") == ip and dig(pod, "status", "podIP"):
                return pod["status"]["podIP"], _container_port(pod, port)
        return None

    # -- choosing an endpoint

    def _endpoint(self, service: Obj, entry: Obj, source: Host) -> Address | None:
        usable = self._usable(service, entry)
        if not usable:
            raise oserror(errno.ECONNREFUSED)
        candidates = [address for address, _ in self._near(service, usable, source)]
        if not candidates:
            return None
        if dig(service, "spec", "sessionAffinity") != "ClientIP":
            return self._rng.choice(candidates)
        return self._sticky_choice(service, candidates, source)

    def _sticky_choice(self, service: Obj, candidates: list[Address], source: Host) -> Address:
        key, now = (objects.uid(service), source.ip), self._network.clock.now()
        chosen, until = self._sticky.get(key, (None, 0.0))
        if chosen not in candidates or now >= until or chosen is None:
            chosen = self._rng.choice(candidates)
        seconds = dig(service, "spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds", default=10800)
        self._sticky[key] = (chosen, now + seconds)
        return chosen

    def _usable(self, service: Obj, entry: Obj) -> list[Candidate]:
        """Ready endpoints of one port; if there are none, those that are ending but still serve."""
        ready: list[Candidate] = []
        ending: list[Candidate] = []
        for part in self._slices.indexed("service", objects.key(service)):
            number = next((p.get("port") for p in part.get("ports") or () if _same_port(p, entry)), None)
            if number is None:
                continue
            for endpoint in part.get("endpoints") or ():
                found = ((endpoint["addresses"][0], number), endpoint)
                conditions = endpoint.get("conditions") or {}
                if conditions.get("ready", True):
                    ready.append(found)
                elif conditions.get("serving") and conditions.get("terminating"):
                    ending.append(found)
        return ready or ending

    def _near(self, service: Obj, usable: list[Candidate], source: Host) -> list[Candidate]:
        """Those on the client's node, where the Service keeps to it (Local) or where the hints say so of each."""
        pods = self._pods.indexed("pod-ip", source.ip)
        node = pods[0]["spec"].get("nodeName") if pods else None
        if node is not None and service["spec"].get("internalTrafficPolicy") == "Local":
            return [found for found in usable if found[1].get("nodeName") == node]
        hints = [dig(endpoint, "hints", "forNodes", default=()) for _, endpoint in usable]
        hinted = [f for f, names in zip(usable, hints, strict=True) if any(n["name"] == node for n in names)]
        return hinted if hinted and all(hints) else usable


def _same_port(port: Obj, entry: Obj) -> bool:
    return (port.get("name") or "") == (entry.get("name") or "")


def _cluster_ips(service: Obj) -> list[str]:
    ips = dig(service, "spec", "clusterIPs", default=None) or [dig(service, "spec", "clusterIP", default="")]
    outside = [*dig(service, "spec", "externalIPs", default=())]
    outside += [i["ip"] for i in dig(service, "status", "loadBalancer", "ingress", default=()) if i.get("ip")]
    return [ip for ip in [*ips, *outside] if ip and ip != "None"]


def _node_ports(service: Obj) -> list[str]:
    return [str(p["nodePort"]) for p in dig(service, "spec", "ports", default=()) if p.get("nodePort")]


def _service_of(part: Obj) -> list[str]:
    name = objects.labels(part).get(SERVICE_NAME)
    return [f"{objects.namespace(part)}/{name}"] if name else []


def _node_addresses(node: Obj) -> list[str]:
    return [a["address"] for a in dig(node, "status", "addresses", default=()) if a["type"] == "InternalIP"]


def _host_ports(pod: Obj) -> list[str]:
    if pod["spec"].get("hostNetwork"):
        return []
    return [str(p["hostPort"]) for c in pod["spec"]["containers"] for p in c.get("ports") or () if p.get("hostPort")]


def _pod_ips(pod: Obj) -> list[str]:
    ip = dig(pod, "status", "podIP")
    return [ip] if ip else []


def _container_port(pod: Obj, host_port: int) -> int:
    ports = [p for c in pod["spec"]["containers"] for p in c.get("ports") or ()]
    return next(int(p["containerPort"]) for p in ports if p.get("hostPort") == host_port)
