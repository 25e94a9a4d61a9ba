"""exec and attach over a WebSocket: one byte of channel number in front of every message.

Law: moves bytes between a WebSocket and an `ExecSession`, and ends with the exit status on channel 3.

Models k8s.io/apimachinery/pkg/util/remotecommand (v4 and v5.channel.k8s.io) and
k8s.io/kubelet/pkg/cri/streaming/remotecommand/websocket.go.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence

from aiohttp import WSMsgType, web

from tinykube.api.nodes import Streams
from tinykube.client import ExecSession
from tinykube.errors import ApiError
from tinykube.objects import Obj

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
_CHUNK = 32 * 1024


def offered(request: web.BaseRequest) -> bool:
    """Whether the client speaks one of our protocols."""
    wanted = request.headers.get("Sec-WebSocket-Protocol", "")
    return any(p.strip() in PROTOCOLS for p in wanted.split(","))


async def serve(
    request: web.BaseRequest, session: ExecSession, streams: Streams, at_the_end: Sequence[Callable[[], None]] = ()
) -> web.WebSocketResponse:
    """Carry one session until the command ends or the client goes; `at_the_end` is called before they say goodbye,
    which takes the time of the wall only."""
    socket = web.WebSocketResponse(protocols=PROTOCOLS, max_msg_size=4 * 1024 * 1024)
    await socket.prepare(request)
    reader = asyncio.create_task(_read(socket, session, streams))
    writer = asyncio.create_task(_write(socket, session, streams))
    try:
        await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
        if writer.done() and not socket.closed:
            writer.result()
    finally:
        for ended in at_the_end:
            ended()
        session.kill()
        for task in (reader, writer):
            task.cancel()
        await asyncio.gather(reader, writer, return_exceptions=True)
        await socket.close()
    return socket


async def _read(socket: web.WebSocketResponse, session: ExecSession, streams: Streams) -> None:
    """From the client to the command's standard input, until the client goes."""
    async for message in socket:
        data = message.data.encode() if message.type is WSMsgType.TEXT else message.data
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY) or not data:
            continue
        if data[0] == STDIN and streams.stdin and len(data) > 1:
            await session.write_stdin(bytes(data[1:]))
        elif data[0] == CLOSE and data[1:2] == bytes([STDIN]):
            await session.write_stdin(b"")


async def _write(socket: web.WebSocketResponse, session: ExecSession, streams: Streams) -> None:
    """From the command to the client, then its exit status."""
    wanted = {STDOUT: streams.stdout, STDERR: streams.stderr or streams.tty}
    async for channel, data in session.output():
        if not wanted.get(channel):
            continue
        shown = STDOUT if streams.tty else channel
        for start in range(0, len(data), _CHUNK):
            await socket.send_bytes(bytes([shown]) + data[start : start + _CHUNK])
    try:
        status = exit_status(await session.wait())
    except ApiError as problem:  # it could not be started
        status = problem.status
    await socket.send_bytes(bytes([ERROR]) + json.dumps(status).encode())


def exit_status(code: int) -> Obj:
    """How an exit code is told to the client."""
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }
