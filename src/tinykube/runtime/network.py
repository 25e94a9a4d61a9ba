"""The network: hosts with addresses, listeners on their ports, connections between them.

Law: a Pod is one host, shared by its containers. Loopback addresses never leave a host. Before a connection is made
`Network.rewrite` may turn a virtual IP (a Service) into an endpoint. Nothing is lost or late: bytes arrive at once,
and only what is unreachable takes time. Errors are the `OSError`s of connect(2).

Models the Pod network of a CNI plugin, and the connection-tracking half of kube-proxy (pkg/proxy/iptables).
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tinykube.runtime.oserror import oserror
from tinykube.runtime.pipe import Pipe
from tinykube.runtime.streams import CHUNK, Stream

if TYPE_CHECKING:
    from tinykube.clock import Clock

Address = tuple[str, int]
NO_ANSWER = 127.0  # seconds until connect(2) gives up: six SYN retries
NO_HOST = 3.0  # seconds until the neighbor look-up fails
FIRST_EPHEMERAL, LAST_EPHEMERAL = 32768, 60999
LISTENER_ANY = "0.0.0.0"


class Network:
    """All hosts, and the hooks that the node sets.

    rewrite(source, ip, port) → (ip, port) of an endpoint, or None if `ip` is not virtual; raises OSError to refuse.
    dns(server, name, record type) → addresses or names, or None for NXDOMAIN; raises OSError if nobody answers there.
    known(ip) → whether the address belongs to the cluster's networks: no host there fails after 3 s, not 127 s.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.hosts: dict[str, Host] = {}
        self.rewrite: Callable[[Host, str, int], Address | None] = lambda source, ip, port: None
        self.dns: Callable[[str, str, str], list[str] | None] = lambda server, name, kind: None
        self.known: Callable[[str], bool] = lambda ip: False

    def add_host(self, ip: str, name: str = "") -> Host:
        """A new host. Raises ValueError if the address is taken."""
        if ip in self.hosts:
            raise ValueError(f"the address {ip} belongs to another host")
        host = self.hosts[ip] = Host(self, ip, name)
        return host

    def remove_host(self, host: Host) -> None:
        """Take a host off the network; its connections are reset."""
        if self.hosts.get(host.ip) is host:
            del self.hosts[host.ip]
        for listener in list(host.listeners.values()):
            listener.closed()


class Connection(Stream):
    """One end of a TCP connection."""

    __slots__ = ("_inward", "_outward", "local", "other", "peer")

    def __init__(self, local: Address, peer: Address, inward: Pipe, outward: Pipe) -> None:
        super().__init__()
        self.local, self.peer = local, peer
        self._inward, self._outward = inward, outward
        self.other: Connection | None = None

    def write(self, data: bytes) -> bool:
        if not self._outward.readers:
            raise oserror(errno.EPIPE)
        self._outward.buffer += data
        self._outward.wake()
        return len(self._outward.buffer) < self._outward.capacity

    async def drain(self) -> None:
        while len(self._outward.buffer) >= self._outward.capacity and self._outward.readers:
            await self._outward.changed()

    async def read(self, limit: int = CHUNK) -> bytes:
        while not self._inward.buffer and not self._inward.eof:
            await self._inward.changed()
        return self._inward.take(limit)

    async def readline(self) -> bytes:
        while (end := self._inward.buffer.find(b"\n") + 1) == 0 and not self._inward.eof:
            await self._inward.changed()
        return self._inward.take(end or len(self._inward.buffer))

    def finish_writing(self) -> None:
        """Half-close: the other end reads to the end of the file."""
        self._outward.eof = True
        self._outward.wake()

    def closed(self) -> None:
        self.finish_writing()
        self._inward.readers = False
        self._inward.wake()


class Listener(Stream):
    """A listening socket. `accept(connection)` is called for each connection made to it.

    A server that speaks HTTP sets `http` as well, an async function from `http.Request` to `http.Response`: requests of
    the practice cluster's own HTTP clients (probes, wget, curl, proxies) then skip the bytes.
    """

    __slots__ = ("accept", "address", "host", "http", "port", "tasks")

    def __init__(self, host: Host, address: str, port: int, accept: Callable[[Connection], None]) -> None:
        super().__init__()
        self.host, self.address, self.port, self.accept = host, address, port, accept
        self.http: Callable[[Any], Awaitable[Any]] | None = None
        self.tasks: set[asyncio.Task[Any]] = set()  # requests being served

    def track(self, task: asyncio.Task[Any]) -> asyncio.Task[Any]:
        """Cancel `task` when the server dies."""
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def stop(self) -> None:
        """Accept nothing more, but finish the requests being served."""
        self.host.listeners.pop((self.address, self.port), None)

    def closed(self) -> None:
        self.stop()
        for task in list(self.tasks):
            task.cancel()


class Host:
    """A network namespace: one address and the loopback. All containers of a Pod share one."""

    def __init__(self, network: Network, ip: str, name: str = "") -> None:
        self.network, self.ip, self.name = network, ip, name
        self.listeners: dict[Address, Listener] = {}
        self._ephemeral = FIRST_EPHEMERAL - 1

    def is_local(self, address: str) -> bool:
        """Whether `address` is one of this host's own."""
        return address == self.ip or address.startswith("127.") or address in ("localhost", "::1", LISTENER_ANY)

    def ephemeral_port(self) -> int:
        """The next port for the client's end of a connection."""
        span = LAST_EPHEMERAL - FIRST_EPHEMERAL
        self._ephemeral = FIRST_EPHEMERAL + (self._ephemeral + 1 - FIRST_EPHEMERAL) % span
        return self._ephemeral

    def listen(self, port: int, accept: Callable[[Connection], None], *, address: str = LISTENER_ANY) -> Listener:
        """Listen on a port; 0 takes a free one. Raises EADDRINUSE, or EADDRNOTAVAIL for a foreign address."""
        if address in ("", "::", "*"):
            address = LISTENER_ANY
        if not self.is_local(address):
            raise oserror(errno.EADDRNOTAVAIL)
        if port == 0:
            port = self.ephemeral_port()
        if any(p == port and (a == address or LISTENER_ANY in (a, address)) for a, p in self.listeners):
            raise oserror(errno.EADDRINUSE)
        listener = self.listeners[address, port] = Listener(self, address, port, accept)
        return listener

    def listener(self, address: str, port: int) -> Listener | None:
        """Who accepts connections to this host's `address` and `port`."""
        return self.listeners.get((LISTENER_ANY, port)) or self.listeners.get((address, port))

    async def reach(self, address: str, port: int, timeout: float | None = None) -> tuple[Listener, str, str]:
        """Find the listener at an address: it, the client's own address, and the server's.

        Raises:
            OSError: ECONNREFUSED at once; EHOSTUNREACH after 3 s; ETIMEDOUT after 127 s or `timeout` seconds.
        """
        address = "127.0.0.1" if address in ("localhost", "::1", LISTENER_ANY) else address
        target: Host | None = self
        source = address
        if not self.is_local(address):
            address, port = self.network.rewrite(self, address, port) or (address, port)
            target = self if self.is_local(address) else self.network.hosts.get(address)
            source = self.ip
        if target is None:
            await self._nobody(address, timeout)
            raise AssertionError("unreachable")
        listener = target.listener(address, port)
        if listener is None:
            raise oserror(errno.ECONNREFUSED)
        return listener, source, address

    async def _nobody(self, address: str, timeout: float | None) -> None:
        longest, code = (NO_HOST, errno.EHOSTUNREACH) if self.network.known(address) else (NO_ANSWER, errno.ETIMEDOUT)
        if timeout is not None and timeout < longest:
            longest, code = timeout, errno.ETIMEDOUT
        await self.network.clock.sleep(longest)
        raise oserror(code)

    async def connect(self, address: str, port: int, timeout: float | None = None) -> Connection:
        """Connect to a port of an address. Raises what `reach` raises."""
        listener, source, server = await self.reach(address, port, timeout)
        ours, theirs = (source, self.ephemeral_port()), (server, port)
        outward, inward = Pipe(), Pipe()
        near = Connection(ours, theirs, inward, outward)
        far = Connection((server, listener.port), ours, outward, inward)
        listener.accept(far)
        return near
