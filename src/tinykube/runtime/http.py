"""HTTP between programs.

Law: a server is an async function from Request to Response (`serve`); a client calls `request`. Between the two no
bytes are made unless one of them is not one of these (`nc`, a shell script that prints HTTP): then h11 speaks on the
connection's byte stream.

Models HTTP/1.1 as Go's net/http and nginx speak it.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import h11

from tinykube.runtime import eager
from tinykube.runtime.oserror import oserror

if TYPE_CHECKING:
    from tinykube.runtime.network import Address, Connection, Host, Listener
    from tinykube.runtime.process import Process

Headers = list[tuple[str, str]]
REASONS = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content",
    301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect",
    308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict", 410: "Gone",
    411: "Length Required", 412: "Precondition Failed", 415: "Unsupported Media Type",
    413: "Request Entity Too Large", 414: "Request-URI Too Large", 418: "I'm a teapot", 429: "Too Many Requests",
    499: "Client Closed Request", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
    503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
}  # fmt: skip


@dataclass
class Request:
    """What a server is asked. `target` is the path with its query; `peer` the client's address."""

    method: str
    target: str
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    peer: Address = ("127.0.0.1", 0)
    local: Address = ("127.0.0.1", 80)
    version: str = "1.1"

    def header(self, name: str, default: str = "") -> str:
        """The first header called `name`, in whatever case."""
        return header(self.headers, name, default)

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """What follows the question mark."""
        return self.target.partition("?")[2]


@dataclass
class Response:
    """What a server answers. `reason` defaults to the status' usual words."""

    status: int = 200
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    reason: str = ""

    def header(self, name: str, default: str = "") -> str:
        """The first header called `name`, in whatever case."""
        return header(self.headers, name, default)

    def __post_init__(self) -> None:
        self.reason = self.reason or REASONS.get(self.status, "")


Handler = Callable[[Request], Awaitable[Response]]


def header(headers: Headers, name: str, default: str = "") -> str:
    """The value of the first header called `name`, in whatever case."""
    name = name.lower()
    for key, value in headers:
        if key.lower() == name:
            return value
    return default


# -- servers -------------------------------------------------------------------------------------------------


def serve(process: Process, port: int, handler: Handler, *, address: str = "0.0.0.0") -> Listener:
    """Answer the requests that arrive at a port, until the process ends or the listener is stopped.

    Raises:
        OSError: EADDRINUSE when another process of the Pod listens there.
    """
    listener = process.host.listen(port, lambda connection: accept(connection), address=address)

    def accept(connection: Connection) -> None:
        listener.track(asyncio.get_running_loop().create_task(_serve_bytes(connection, handler)))

    listener.http = handler
    process.fds[max(process.fds, default=2) + 1] = listener  # closed when the process ends
    return listener


async def _serve_bytes(connection: Connection, handler: Handler) -> None:
    """Speak HTTP/1.1 on a byte stream until either side closes it."""
    wire = h11.Connection(h11.SERVER)
    try:
        while wire.our_state is not h11.MUST_CLOSE and (request := await _read_request(wire, connection)):
            response = await handler(request)
            connection.write(_response_bytes(wire, response, request.method))
            await connection.drain()
            if h11.MUST_CLOSE in (wire.our_state, wire.their_state) or wire.our_state is not h11.DONE:
                break
            wire.start_next_cycle()
    except h11.RemoteProtocolError as error:
        connection.write(_bad_request(error.error_status_hint))
    except OSError:
        pass  # the client went away
    finally:
        connection.release()


def _bad_request(status: int) -> bytes:
    reason = REASONS.get(status, "Bad Request")
    return f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode()


async def _next_event(wire: h11.Connection, connection: Connection) -> Any:
    while (event := wire.next_event()) is h11.NEED_DATA:
        wire.receive_data(await connection.read())
    return event


async def _read_request(wire: h11.Connection, connection: Connection) -> Request | None:
    head = await _next_event(wire, connection)
    if not isinstance(head, h11.Request):
        return None
    if wire.they_are_waiting_for_100_continue:
        go_on = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
        connection.write(wire.send(go_on) or b"")
    body = bytearray()
    while isinstance(event := await _next_event(wire, connection), h11.Data):
        body += event.data
    if not isinstance(event, h11.EndOfMessage):
        return None
    return Request(
        head.method.decode(),
        head.target.decode("latin-1"),
        [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items()],
        bytes(body),
        connection.peer,
        connection.local,
        head.http_version.decode(),
    )


def _response_bytes(wire: h11.Connection, response: Response, method: str) -> bytes:
    headers = [(name, value) for name, value in response.headers if name.lower() != "transfer-encoding"]
    if not header(headers, "content-length") and response.status >= 200 and response.status not in (204, 304):
        headers.append(("Content-Length", str(len(response.body))))
    kind = h11.Response if response.status >= 200 else h11.InformationalResponse
    data = wire.send(kind(status_code=response.status, headers=headers, reason=response.reason.encode())) or b""
    if method != "HEAD" and response.status not in (204, 304):
        data += wire.send(h11.Data(data=response.body)) or b""
    return data + (wire.send(h11.EndOfMessage()) or b"")


# -- clients -------------------------------------------------------------------------------------------------


class NoAnswer(TimeoutError):
    """The connection was made, but no answer came in time."""


async def request(
    host: Host,
    address: str,
    port: int,
    target: str = "/",
    *,
    method: str = "GET",
    headers: Headers | None = None,
    body: bytes = b"",
    timeout: float | None = None,
    connect_timeout: float | None = None,
) -> Response:
    """Ask the server at an address (an IP, or localhost) and return what it answers.

    Raises:
        OSError: what `Host.reach` raises; ECONNRESET when the server dies before it answers, or answers no HTTP.
        TimeoutError: no connection within `connect_timeout` (or else `timeout`) seconds.
        NoAnswer: no answer within `timeout` seconds.
    """
    limit = timeout if connect_timeout is None else connect_timeout
    listener, source, server = await host.reach(address, port, limit)
    message = Request(method, target, headers or [], body, (source, host.ephemeral_port()), (server, listener.port))
    if not header(message.headers, "host"):
        message.headers = [("Host", address if port == 80 else f"{address}:{port}"), *message.headers]
    if listener.http is not None:
        return await _answer(listener, listener.http(message), host, timeout)
    connection = await host.connect(address, port, limit)
    return await _answer(None, _over_bytes(connection, message), host, timeout)


async def _answer(listener: Listener | None, answering: Any, host: Host, timeout: float | None) -> Response:
    """The result of `answering`, which lives on the server's side: only a wait costs a task."""
    state = eager.begin(answering)
    if isinstance(state, eager.Done):
        return state.result
    if listener is not None:
        listener.track(state)
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    state.add_done_callback(lambda _: eager.resolve(done))
    timer = None
    if timeout is not None:
        timer = host.network.clock.call_later(timeout, lambda: eager.resolve(done))
    try:
        await done
    finally:
        if timer is not None:
            timer.cancel()
        if listener is None and not state.done():
            state.cancel()
    if not state.done():
        raise NoAnswer(*oserror(errno.ETIMEDOUT).args)
    if state.cancelled():
        raise oserror(errno.ECONNRESET)
    return state.result()


async def _over_bytes(connection: Connection, message: Request) -> Response:
    wire = h11.Connection(h11.CLIENT)
    headers = [pair for pair in message.headers if pair[0].lower() != "connection"] + [("Connection", "close")]
    if message.body and not header(headers, "content-length"):
        headers.append(("Content-Length", str(len(message.body))))
    try:
        head = h11.Request(method=message.method, target=message.target, headers=headers)
        parts = [wire.send(event) or b"" for event in (head, h11.Data(data=message.body), h11.EndOfMessage())]
        with suppress(BrokenPipeError):  # closed already; perhaps it has answered all the same
            connection.write(b"".join(parts))
        response = await _next_event(wire, connection)
        while isinstance(response, h11.InformationalResponse):
            response = await _next_event(wire, connection)
        if not isinstance(response, h11.Response):
            raise oserror(errno.ECONNRESET)
        body = bytearray()
        while isinstance(event := await _next_event(wire, connection), h11.Data):
            body += event.data
    except h11.RemoteProtocolError:
        raise oserror(errno.ECONNRESET) from None
    finally:
        connection.release()
    raw = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw_items()]
    return Response(response.status_code, raw, bytes(body), response.reason.decode("latin-1"))
