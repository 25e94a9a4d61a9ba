"""Turning names into addresses, as a program's C library does it.

Law: an address is its own answer; then /etc/hosts; then the name server in /etc/resolv.conf with its search domains
and `ndots`, through the `Network.dns` hook. Files are read each time: they belong to the container.

Models resolver(3) and resolv.conf(5); kubelet writes the files (pkg/kubelet/network/dns).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tinykube.runtime.filesystem import FileSystem
    from tinykube.runtime.network import Host

_IPV4 = re.compile(r"\d{1,3}(\.\d{1,3}){3}\Z")


class Config(NamedTuple):
    """What /etc/resolv.conf says."""

    servers: list[str]
    search: list[str]
    ndots: int


def is_address(text: str) -> bool:
    """Whether `text` is an IP address rather than a name."""
    return bool(_IPV4.match(text)) or ":" in text


def _lines(fs: FileSystem, path: str) -> list[list[str]]:
    try:
        text = fs.read(path).decode("utf-8", "replace")
    except OSError:
        return []
    return [line.partition("#")[0].split() for line in text.splitlines()]


def config(fs: FileSystem) -> Config:
    """Read /etc/resolv.conf."""
    servers: list[str] = []
    search: list[str] = []
    ndots = 1
    for words in _lines(fs, "/etc/resolv.conf"):
        if not words:
            continue
        if words[0] == "nameserver":
            servers += words[1:2]
        elif words[0] in ("search", "domain"):
            search = words[1:]
        elif words[0] == "options":
            ndots = next((int(word[6:]) for word in words if word.startswith("ndots:")), ndots)
    return Config(servers, search, ndots)


def candidates(name: str, settings: Config) -> list[str]:
    """The full names to ask for, in order."""
    if name.endswith("."):
        return [name[:-1]]
    searched = [f"{name}.{domain}" for domain in settings.search]
    return [name, *searched] if name.count(".") >= settings.ndots else [*searched, name]


def from_hosts_file(fs: FileSystem, name: str) -> list[str]:
    """The addresses that /etc/hosts gives a name."""
    return [words[0] for words in _lines(fs, "/etc/hosts") if name in words[1:]]


def resolve(fs: FileSystem, host: Host, name: str) -> list[str]:
    """The IPv4 addresses of a name, or [] if nobody knows it. Raises OSError if no name server answers."""
    if is_address(name):
        return [name]
    known = [address for address in from_hosts_file(fs, name) if _IPV4.match(address)]
    if known:
        return known
    settings = config(fs)
    for server in settings.servers:
        for full in candidates(name, settings):
            answer = host.network.dns(server, full, "A")
            if answer:
                return answer
    return []
