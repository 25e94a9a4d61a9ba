"""Port forwarding over a WebSocket: kubectl tunnels SPDY through it, the Python client numbers channels.

Law: only tells streams apart; what flows in one is `forwarding`'s. A connection ends with what is wrong with it on its
error stream; the client then ends the whole.

Models k8s.io/apiserver/pkg/util/proxy/streamtunnel.go and k8s.io/kubelet/pkg/cri/streaming/portforward/httpstream.go
and websocket.go.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import Coroutine
from typing import Any

from aiohttp import WSMsgType, web

from tinykube.client import PortForward
from tinykube.clock import Clock
from tinykube.server import spdy
from tinykube.server.forwarding import Exchange, Incoming, carry
from tinykube.server.traffic import Traffic

TUNNEL, CHANNELS = "SPDY/3.1+portforward.k8s.io", "v4.channel.k8s.io"
_LARGEST_MESSAGE = 20 * 1024 * 1024  # a frame of SPDY is no larger


def offered(request: web.BaseRequest) -> str:
    """Which of our protocols the client speaks, or nothing."""
    wanted = [p.strip() for p in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
    return next((p for p in (TUNNEL, CHANNELS) if p in wanted), "")


class Forwarder:
    """Forwards the ports of one Pod to one client."""

    def __init__(self, ports: PortForward, traffic: Traffic, clock: Clock) -> None:
        self._ports, self._traffic, self._clock = ports, traffic, clock
        self._tasks: set[asyncio.Task[None]] = set()

    async def tunnel(self, request: web.BaseRequest) -> web.WebSocketResponse:
        """Serve a client that speaks SPDY, until it goes."""
        return await self._serve(request, TUNNEL, lambda socket: _Tunnel(socket, self).run())

    async def channels(self, request: web.BaseRequest, ports: list[int]) -> web.WebSocketResponse:
        """Serve a client that has named its ports, until it goes or all of them have ended."""
        return await self._serve(request, CHANNELS, lambda socket: _Channels(socket, self, ports).run())

    async def _serve(self, request: web.BaseRequest, protocol: str, run: Any) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=(protocol,), max_msg_size=_LARGEST_MESSAGE)
        await socket.prepare(request)
        try:
            await run(socket)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await socket.close()
        return socket

    async def carry(self, port: int, incoming: Incoming, send: Any) -> str:
        """One connection to a port of the Pod."""
        return await carry(self._ports, port, incoming, send, Exchange(self._traffic, self._clock))

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something beside reading, as long as the client stays."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


class _Pair:
    """One forwarded connection of kubectl: a stream for its bytes, and one for what went wrong."""

    def __init__(self) -> None:
        self.port = 0
        self.streams: dict[str, int] = {}
        self.incoming = Incoming()
        self.task: asyncio.Task[None] | None = None


class _Tunnel:
    """SPDY in binary messages."""

    def __init__(self, socket: web.WebSocketResponse, forwarder: Forwarder) -> None:
        self._socket, self._forwarder = socket, forwarder
        self._framer = spdy.Framer()
        self._waiting: dict[str, _Pair] = {}  # by request, until both streams are there
        self._by_data: dict[int, _Pair] = {}

    async def run(self) -> None:
        """Until the client goes, or speaks something else."""
        with contextlib.suppress(spdy.SpdyError, ConnectionError):
            async for message in self._socket:
                if message.type is not WSMsgType.BINARY:
                    return
                for frame in self._framer.received(message.data):
                    if isinstance(frame, spdy.GoAway):
                        return
                    await self._handle(frame)

    async def _send(self, frame: spdy.Frame) -> None:
        await self._socket.send_bytes(self._framer.encode(frame))

    async def _handle(self, frame: spdy.Frame) -> None:
        match frame:
            case spdy.Ping():
                await self._send(frame)
            case spdy.Open():
                await self._open(frame)
            case spdy.Data(stream, data, last) if stream in self._by_data:
                incoming = self._by_data[stream].incoming
                for part in [data] * bool(data) + [b""] * last:
                    await incoming.put(part)
            case spdy.Reset(stream) if stream in self._by_data:
                await self._drop(self._by_data.pop(stream))

    async def _drop(self, pair: _Pair) -> None:
        """The client takes no more: kubectl still waits for the end of what was wrong."""
        if pair.task is not None:
            pair.task.cancel()
            await self._send(spdy.Data(pair.streams["error"], last=True))

    async def _open(self, frame: spdy.Open) -> None:
        kind, port = frame.headers.get("streamtype", ""), frame.headers.get("port", "")
        request = frame.headers.get("requestid", "")
        pair = self._waiting.setdefault(request, _Pair())
        if kind not in ("error", "data") or kind in pair.streams or not _is_port(port):
            await self._send(spdy.Reset(frame.stream, spdy.REFUSED_STREAM))
            return
        pair.streams[kind] = frame.stream
        if kind == "data":
            pair.port, self._by_data[frame.stream] = int(port), pair
        await self._send(spdy.Reply(frame.stream))
        if len(pair.streams) == 2:
            del self._waiting[request]
            pair.task = self._forwarder.spawn(self._forward(pair))

    async def _forward(self, pair: _Pair) -> None:
        data, error = pair.streams["data"], pair.streams["error"]
        try:
            wrong = await self._forwarder.carry(
                pair.port, pair.incoming, lambda piece: self._send(spdy.Data(data, piece))
            )
            await self._send(spdy.Data(error, wrong.encode(), last=True))
            await self._send(spdy.Data(data, last=True))
        finally:
            self._by_data.pop(data, None)


class _Channels:
    """Two channels a port, in the order of the ports: its bytes, and what went wrong."""

    def __init__(self, socket: web.WebSocketResponse, forwarder: Forwarder, ports: list[int]) -> None:
        self._socket, self._forwarder, self._ports = socket, forwarder, ports
        self._incoming = [Incoming() for _ in ports]

    async def run(self) -> None:
        """Until the client goes, or all ports have ended."""
        with contextlib.suppress(ConnectionError):
            for number, port in enumerate(self._ports):
                for channel in (2 * number, 2 * number + 1):
                    await self._send(channel, struct.pack("<H", port))
            ends = {self._forwarder.spawn(self._read()), self._forwarder.spawn(self._forward_all())}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)

    async def _forward_all(self) -> None:
        await asyncio.gather(*(self._forward(number, port) for number, port in enumerate(self._ports)))

    async def _send(self, channel: int, data: bytes) -> None:
        await self._socket.send_bytes(bytes([channel]) + data)

    async def _read(self) -> None:
        async for message in self._socket:
            data = message.data if message.type is WSMsgType.BINARY else b""
            if len(data) > 1 and data[0] % 2 == 0 and data[0] // 2 < len(self._incoming):
                await self._incoming[data[0] // 2].put(data[1:])

    async def _forward(self, number: int, port: int) -> None:
        wrong = await self._forwarder.carry(port, self._incoming[number], lambda piece: self._send(2 * number, piece))
        if wrong:
            await self._send(2 * number + 1, wrong.encode())


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) < 65536
