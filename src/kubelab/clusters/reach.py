"""Where a server is, seen from here, and whether anything listens there. One connection attempt, nothing said."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

import psutil

_INTERNAL = [ipaddress.ip_network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")]


def answers(server: str, timeout: float = 3.0) -> bool:
    """Whether `server` (a URL) accepts a connection within `timeout` seconds."""
    address = urlsplit(server)
    port = address.port or (443 if address.scheme == "https" else 80)
    if not address.hostname:
        return False
    try:
        socket.create_connection((address.hostname, port), timeout=timeout).close()
        return True
    except OSError:
        return False


def is_attached(server: str) -> bool:
    """Whether `server` is a private address in a network that this machine is part of: a local virtual machine's."""
    try:
        address = ipaddress.ip_address(urlsplit(server).hostname or "")
    except ValueError:
        return False
    return address.is_private and any(address in network for network in _networks())


def is_internal(server: str) -> bool:
    """Whether `server` is an address that means something in a private network only (RFC 1918, RFC 4193)."""
    try:
        address = ipaddress.ip_address(urlsplit(server).hostname or "")
    except ValueError:
        return False
    return any(address in network for network in _INTERNAL)


def _networks() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    found = []
    for interface in psutil.net_if_addrs().values():
        for one in interface:
            if one.family in (socket.AF_INET, socket.AF_INET6) and one.netmask:
                mask = ipaddress.ip_address(one.netmask)
                bits = bin(int(mask)).count("1")
                found.append(ipaddress.ip_network(f"{one.address.split('%')[0]}/{bits}", strict=False))
    return found
