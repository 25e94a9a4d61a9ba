"""CoreDNS's role: the names of Services, and of the Pods behind headless ones.

Law: answers from what the API says now, and only for the cluster's own domain: there is no world outside.

Models CoreDNS's kubernetes plugin (plugin/kubernetes) and the Kubernetes DNS-based service discovery specification.
"""

from __future__ import annotations

import errno

from tinykube import objects
from tinykube.informer import Informers
from tinykube.node.hostfiles import DOMAIN, NAME_SERVER
from tinykube.node.proxy import SERVICE_NAME
from tinykube.objects import Obj, dig
from tinykube.runtime.network import Network
from tinykube.runtime.oserror import oserror

MOST_ALIASES = 7
"""ExternalName Services that are followed one after the other."""


class Dns:
    """The cluster's name server."""

    def __init__(self, informers: Informers, network: Network) -> None:
        self._network, self._following = network, 0
        self._services, self._slices = informers("services"), informers("endpointslices.discovery.k8s.io")
        self._services.index("dns-address", _addresses)
        self._slices.index("dns-service", _service_of)

    def start(self) -> None:
        """Answer the network's name look-ups."""
        self._network.dns = self.lookup

    def lookup(self, server: str, name: str, kind: str = "A") -> list[str] | None:
        """The records of one kind (A, AAAA, CNAME, SRV, PTR) of a name; None if the name does not exist.

        Raises:
            OSError: ETIMEDOUT: no name server has that address.
        """
        if server != NAME_SERVER:
            raise oserror(errno.ETIMEDOUT)
        labels = name.lower().rstrip(".").split(".")
        if labels[-2:] == ["in-addr", "arpa"]:
            return self._reverse(".".join(reversed(labels[:-2])), kind)
        zone = DOMAIN.split(".")
        if labels[-len(zone) :] != zone:
            return None
        return self._in_zone(labels[: -len(zone)], kind)

    def _in_zone(self, labels: list[str], kind: str) -> list[str] | None:
        if not labels:
            return []
        if labels[-1] == "pod" and len(labels) == 3:
            return _of_kind([labels[0].replace("-", ".")], kind) if _is_dashed_ip(labels[0]) else None
        if labels[-1] != "svc":
            return None
        if len(labels) < 3:
            return [] if len(labels) == 1 or self._services.in_namespace(labels[0]) else None
        service = self._services.get(labels[-2], labels[-3])
        if service is None:
            return None
        return self._in_service(service, labels[:-3], kind)

    def _in_service(self, service: Obj, rest: list[str], kind: str) -> list[str] | None:
        external = dig(service, "spec", "externalName")
        if dig(service, "spec", "type") == "ExternalName" and external:
            return self._alias(external, kind) if not rest else None
        if len(rest) == 2 and all(part.startswith("_") for part in rest):
            return self._srv(service, rest[0][1:], rest[1][1:], kind)
        if not rest:
            found = self._all_addresses(service)
        elif len(rest) == 1:
            found = [ip for host, ip in self._endpoints(service) if rest[0] in (host, ip.replace(".", "-"))]
        else:
            return None
        return _of_kind(found, kind) if found else None

    def _all_addresses(self, service: Obj) -> list[str]:
        ip = dig(service, "spec", "clusterIP", default="")
        if ip and ip != "None":
            return [ip]
        return [address for _, address in self._endpoints(service)]

    def _endpoints(self, service: Obj) -> list[tuple[str, str]]:
        """(host name or "", address) of every ready endpoint of a headless Service."""
        if dig(service, "spec", "clusterIP") not in (None, "", "None"):
            return []
        found: list[tuple[str, str]] = []
        for part in self._slices.indexed("dns-service", objects.key(service)):
            for endpoint in part.get("endpoints") or ():
                if dig(endpoint, "conditions", "ready", default=True):
                    found += [(endpoint.get("hostname") or "", address) for address in endpoint["addresses"]]
        return found

    def _alias(self, target: str, kind: str) -> list[str] | None:
        if kind == "CNAME":
            return [f"{target.rstrip('.')}."]
        if self._following >= MOST_ALIASES:
            return None
        self._following += 1
        try:
            return self.lookup(NAME_SERVER, target, kind)
        finally:
            self._following -= 1

    def _srv(self, service: Obj, port: str, protocol: str, kind: str) -> list[str] | None:
        for entry in dig(service, "spec", "ports", default=()):
            if entry.get("name") == port and (entry.get("protocol") or "TCP").lower() == protocol:
                return [f"0 100 {entry['port']} {_full_name(service)}."] if kind == "SRV" else []
        return None

    def _reverse(self, ip: str, kind: str) -> list[str] | None:
        for service in self._services.indexed("dns-address", ip):
            return [f"{_full_name(service)}."] if kind == "PTR" else []
        for part in self._slices.all():
            for endpoint in part.get("endpoints") or ():
                if ip in endpoint["addresses"]:
                    host = endpoint.get("hostname") or ip.replace(".", "-")
                    name = objects.labels(part).get(SERVICE_NAME, "")
                    full = f"{host}.{name}.{objects.namespace(part)}.svc.{DOMAIN}."
                    return [full] if kind == "PTR" else []
        return None


def _of_kind(addresses: list[str], kind: str) -> list[str]:
    return addresses if kind == "A" else []


def _full_name(service: Obj) -> str:
    return f"{objects.name(service)}.{objects.namespace(service)}.svc.{DOMAIN}"


def _is_dashed_ip(label: str) -> bool:
    parts = label.split("-")
    return len(parts) == 4 and all(part.isdigit() and int(part) < 256 for part in parts)


def _addresses(service: Obj) -> list[str]:
    ip = dig(service, "spec", "clusterIP", default="")
    return [ip] if ip and ip != "None" else []


def _service_of(part: Obj) -> list[str]:
    name = objects.labels(part).get(SERVICE_NAME)
    return [f"{objects.namespace(part)}/{name}"] if name else []
