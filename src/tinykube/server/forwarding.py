"""One forwarded connection: bytes between a client and a port in a Pod, and the time that an answer takes.

Law: a client that has said something waits until the Pod says something; in between the connection counts as busy, and
where time stands still it moves, for nobody else sees that somebody waits. An idle connection moves and holds nothing.

Models the copying in containerd's sandbox_portforward_linux.go; the clock models nothing real.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from tinykube.client import PortForward, PortStream
from tinykube.clock import Clock
from tinykube.server.traffic import Traffic

_CHUNK = 32 * 1024
_QUEUE = 64
"""Messages that may wait for a Pod that does not read; then its client has to wait."""

_MOMENT = 0.05
"""Wall seconds that an answer may take before the clock is moved for it."""

_PATIENCE = 30.0
"""Cluster seconds that an answer may take; a program that never answers does not keep time going."""

Send = Callable[[bytes], Awaitable[None]]


class Exchange:
    """Who has the next word on one connection."""

    def __init__(self, traffic: Traffic, clock: Clock) -> None:
        self._traffic, self._clock = traffic, clock
        self._waits = self._hopeless = False
        self._speaks = False
        self._mover: asyncio.Task[None] | None = None

    def asked(self) -> None:
        """The client has said something."""
        self._speaks = True
        if self._waits or self._hopeless:
            return
        self._waits = True
        self._traffic.asked()
        if self._clock.speed is None:
            self._mover = asyncio.create_task(self._move())

    def answered(self) -> None:
        """The Pod has said something, or nobody waits any more."""
        self._hopeless = False
        self._settle()

    def _settle(self) -> None:
        if self._waits:
            self._waits = False
            self._traffic.answered()
        if self._mover is not None:
            self._mover.cancel()
            self._mover = None

    async def _move(self) -> None:
        left = _PATIENCE
        while left > 0:
            while self._speaks:  # a long request is still on its way
                self._speaks = False
                await asyncio.sleep(_MOMENT)
            await self._clock.settle()
            left -= await self._clock.step(left)
        self._hopeless = True
        self._settle()


class Incoming:
    """What a client has sent, waiting for the Pod."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(_QUEUE)

    async def put(self, data: bytes) -> None:
        """Something, or the end (no bytes); waits while the Pod is far behind."""
        await self._queue.put(data)

    async def into(self, connection: PortStream, exchange: Exchange) -> None:
        """Pass it on until the client ends."""
        while data := await self._queue.get():
            exchange.asked()
            try:
                await connection.write(data)
            except OSError:  # the Pod reads no more
                return
        connection.finish()


async def carry(ports: PortForward, port: int, incoming: Incoming, send: Send, exchange: Exchange) -> str:
    """Connect, and carry bytes both ways until the Pod ends; why it cannot be, or nothing."""
    try:
        connection = await ports.connect(port)
    except ConnectionError as problem:
        return str(problem)
    writer = asyncio.create_task(incoming.into(connection, exchange))
    try:
        while data := await connection.read():
            exchange.answered()
            for start in range(0, len(data), _CHUNK):
                await send(data[start : start + _CHUNK])
    finally:
        writer.cancel()
        connection.close()
        exchange.answered()
    return ""
