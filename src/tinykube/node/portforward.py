"""Forwarded ports: connections to what listens on localhost inside a Pod.

Law: the Pod may end at any time; what can no longer be reached is refused in containerd's words.

Models containerd's internal/cri/server/sandbox_portforward_linux.go, and the words of the kubelet's
cri/streaming/portforward.
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid

from tinykube.clock import Clock
from tinykube.node.sandbox import READY, RunningPod
from tinykube.runtime.network import Connection, Host

_GRACE_SECONDS = 1.0
"""How long a Pod may go on sending after the client has ended its side."""


class SandboxPorts:
    """The ports of one Pod; `on_host` if it uses its node's network."""

    def __init__(self, running: RunningPod, clock: Clock, *, on_host: bool) -> None:
        self._running, self._clock, self._on_host = running, clock, on_host
        self._attempt = running.attempt
        self._id = hashlib.sha256(f"{running.uid}/{running.attempt}".encode()).hexdigest()

    async def connect(self, port: int) -> PodConnection:
        """Connect to a port on the Pod's localhost.

        Raises:
            ConnectionError: nobody listens there, or the Pod's sandbox is gone.
        """
        try:
            return PodConnection(await self._host().connect("127.0.0.1", port), self._clock)
        except OSError as problem:
            words = (problem.strerror or str(problem)).lower()
            raise ConnectionError(self._failed(port, self._refused(port, words))) from None
        except LookupError:
            words = f'failed to find sandbox "{self._id}" in store: not found'
            raise ConnectionError(self._failed(port, words)) from None

    def _host(self) -> Host:
        running = self._running
        if running.host is None or running.state != READY or running.attempt != self._attempt:
            raise LookupError
        return running.host

    def _failed(self, port: int, why: str) -> str:
        return f"error forwarding port {port} to pod {self._id}, uid : {why}"

    def _refused(self, port: int, words: str) -> str:
        namespace = "host" if self._on_host else f"/var/run/netns/cni-{uuid.UUID(self._id[:32])}"
        return (
            f'failed to execute portforward in network namespace "{namespace}": '
            f'failed to connect to localhost:{port} inside namespace "{self._id}", '
            f"IPv4: dial tcp4 127.0.0.1:{port}: connect: {words} IPv6 dial tcp6 [::1]:{port}: connect: {words} "
        )


class PodConnection:
    """One connection into a Pod, in the shape that the API server expects."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection, self._clock = connection, clock
        self._open = True
        self._reading: asyncio.Task[bytes] | None = None

    async def read(self) -> bytes:
        """Some bytes, or none once the Pod sends no more, or this end is closed."""
        if not self._open:
            return b""
        self._reading = asyncio.create_task(self._connection.read())
        try:
            await asyncio.wait({self._reading})
            return b"" if self._reading.cancelled() else self._reading.result()
        finally:
            self._reading.cancel()

    async def write(self, data: bytes) -> None:
        """Send bytes to the Pod.

        Raises:
            OSError: EPIPE, when it reads no more.
        """
        if not self._connection.write(data):
            await self._connection.drain()

    def finish(self) -> None:
        """The client sends no more: the Pod gets a moment to answer."""
        self._connection.finish_writing()
        self._clock.call_later(_GRACE_SECONDS, self.close)

    def close(self) -> None:
        """End it, both ways. Closing twice does nothing."""
        if self._open:
            self._open = False
            self._connection.release()
            if self._reading is not None:
                self._reading.cancel()
