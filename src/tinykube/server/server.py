"""The HTTPS server: connections, credentials, body limits, streams.

Law: loopback only. Every request but a health check needs a client certificate of this cluster's authority or a
bearer token that this cluster issued.

Models k8s.io/apiserver/pkg/server/secure_serving.go, pkg/endpoints/filters/authentication.go and
pkg/endpoints/handlers/rest.go (limitedReadBody).
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from aiohttp import web
from multidict import CIMultiDict

from tinykube import errors
from tinykube.api import ApiServer, http, nodes
from tinykube.api.messages import Request, Response, Target, dump, target
from tinykube.clock import Clock
from tinykube.errors import ApiError
from tinykube.objects import Obj
from tinykube.schema import body as bodies
from tinykube.server import pki, portforward, remote
from tinykube.server.practice import Practice
from tinykube.server.traffic import Listener, Traffic

HOST = "127.0.0.1"
BODY_LIMIT = 3 * 1024 * 1024
_STALL_SECONDS = 5.0
_GOODBYE_SECONDS = 0.5
"""How long a client may take to answer that the connection ends; many never do."""

_ASKED: ContextVar[float] = ContextVar("wall seconds at which the connection of this request asked")

User = tuple[str, tuple[str, ...]]


class Server:
    """Serves one API server to clients outside the process."""

    def __init__(
        self,
        api: ApiServer,
        clock: Clock,
        state: Path,
        port: int = 0,
        *,
        name: str = "practice",
        on_shutdown: Callable[[], None] = lambda: None,
    ) -> None:
        self.api, self.clock, self.name = api, clock, name
        self.kubeconfig = state / "kubeconfig"
        self.authority = pki.Authority(f"{name}-ca")
        self.url = ""
        self._state, self._port = state, port
        self._traffic = Traffic()
        self._practice = Practice(clock, self._traffic.arrived, self.load, on_shutdown)
        self._runner: web.ServerRunner | None = None
        self._sockets: set[Any] = set()
        self._asked: WeakKeyDictionary[Any, float] = WeakKeyDictionary()

    @property
    def ca_certificate(self) -> str:
        """The PEM certificate that clients should trust."""
        return self.authority.certificate

    def _publish_authority(self) -> None:
        """Tell the cluster how its API is known; the controllers copy it into every namespace."""
        metadata = {"name": "extension-apiserver-authentication", "namespace": "kube-system"}
        published = {"metadata": metadata, "data": {"client-ca-file": self.ca_certificate}}
        with contextlib.suppress(ApiError):
            self.api.create("configmaps", "kube-system", {"apiVersion": "v1", "kind": "ConfigMap", **published})

    async def start(self) -> None:
        """Listen, and write the kubeconfig."""
        self._publish_authority()
        certificate, key = self.authority.serve(HOST, "localhost", "kubernetes", "kubernetes.default.svc")
        context = pki.tls_context(self.authority, certificate, key, self._state)
        server = Listener(self._traffic, self._serve)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.5)
        await self._runner.setup()
        self._listener = await asyncio.get_running_loop().create_server(
            server, HOST, self._port, ssl=context, ssl_shutdown_timeout=_GOODBYE_SECONDS
        )
        port = self._listener.sockets[0].getsockname()[1]
        self.url = f"https://{HOST}:{port}"
        self._http = http.Http(self.api, f"{HOST}:{port}", self.seconds_behind)
        pki.write_private(self.kubeconfig, pki.kubeconfig(self.name, self.url, self.authority))

    async def stop(self) -> None:
        """Close every connection and the port, and remove the kubeconfig."""
        if self._runner is not None:
            self._listener.close()
            await self._runner.cleanup()
            for _ in range(round(2 * _GOODBYE_SECONDS * 100)):
                if all(found.fileno() == -1 for found in self._sockets):
                    break
                await asyncio.sleep(0.01)
            self._sockets.clear()
            self._runner = None
        self.kubeconfig.unlink(missing_ok=True)

    def seconds_behind(self) -> int:
        """Whole seconds that clients' clocks are ahead of the cluster's."""
        wall, here = time.time(), self.clock.now()
        return 0 if abs(wall - here) < 1 else math.floor(_lasting(_ASKED.get(wall), wall)) - math.floor(here)

    # -- one request -----------------------------------------------------------------------------------------

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        self._remember(request)
        self._note_the_time(request.transport)
        try:
            if request.path.startswith(http.HEALTH):
                return _plain(http.health(request.path, verbose="verbose" in request.query))
            user = self._user(request)
            body = await _read_body(request)
            asked = _asked(request, user, body)
            if request.path.startswith("/practice/"):
                return await self._control(asked)
            with self._traffic.unanswered(asked.agent, endless=_is_endless(asked)) as answered:
                if self.clock.speed is None:  # where time stands still, the order of things is to be reproducible:
                    await self.clock.settle()  # what the last request set off comes before this one
                if _is_websocket(request):
                    return await self._websocket(request, asked, answered)
                return await self._send(request, await self._http.handle(asked), asked)
        except ApiError as error:
            return _plain(http.status_response(error))

    def _note_the_time(self, connection: Any) -> None:
        """A client may compare two answers, as `kubectl diff` does: within a second, a connection's times are one."""
        if connection is not None:
            wall = time.time()
            self._asked[connection] = _lasting(self._asked.get(connection, wall), wall)
            _ASKED.set(self._asked[connection])

    def _remember(self, request: web.BaseRequest) -> None:
        """Know the connection's socket, to see at the end that it is closed."""
        found = request.transport.get_extra_info("socket") if request.transport is not None else None
        if found is not None and found not in self._sockets:
            self._sockets = {known for known in self._sockets if known.fileno() != -1} | {found}

    def _user(self, request: web.BaseRequest) -> User:
        """Who sent the request.

        Raises:
            errors.ApiError: Unauthorized.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme:
            found = self.api.tokens.user(token.strip()) if scheme.lower() == "bearer" else None
            if found is None:
                raise errors.unauthorized()
            return found
        transport = request.transport
        certificate = transport.get_extra_info("peercert") if transport is not None else None
        if not certificate:
            raise errors.unauthorized()
        return _subject(certificate)

    async def _control(self, asked: Request) -> web.Response:
        if "system:masters" not in asked.groups:
            raise errors.forbidden("practice", "", "only the cluster's administrator controls its clock")
        body: Any = bodies.parse(asked.body) if asked.body else None
        return _plain(Response(200, dump(await self._practice.handle(asked.method, asked.path, body))))

    # -- long answers ----------------------------------------------------------------------------------------

    async def _send(self, request: web.BaseRequest, response: Response, asked: Request) -> web.StreamResponse:
        if response.stream is None:
            return _plain(response)
        out = web.StreamResponse(status=response.status, headers=CIMultiDict(_headers(response)))
        with self._traffic.long(asked.agent):
            try:
                await out.prepare(request)
                await self._stream(asked, out, response)
                await out.write_eof()
            except (ConnectionError, _Stalled):
                if request.transport is not None:
                    request.transport.abort()
        return out

    async def _stream(self, asked: Request, out: web.StreamResponse, response: Response) -> None:
        assert response.stream is not None
        async with contextlib.aclosing(_generator(response.stream)) as chunks:
            async for chunk in chunks:
                writing = asyncio.ensure_future(out.write(chunk))
                try:
                    while not (await asyncio.wait({writing}, timeout=_STALL_SECONDS))[0]:
                        if response.dropped():
                            raise _Stalled
                    writing.result()
                    self._traffic.told(asked.agent)
                finally:
                    writing.cancel()

    async def _websocket(
        self, request: web.BaseRequest, asked: Request, answered: Callable[[], None]
    ) -> web.StreamResponse:
        goal = target(asked.path)
        forwards = goal is not None and goal.subresource == "portforward" and portforward.offered(request)
        executes = goal is not None and goal.subresource in ("exec", "attach") and remote.offered(request)
        if goal is None or not (forwards or executes):
            return await self._send(request, await self._http.handle(asked), asked)
        asked = self._http.impersonated(asked)
        self._http.authorize(asked, goal, "get" if asked.method == "GET" else "create")
        if forwards:
            return await self._forward(request, goal, asked)
        session, streams = await nodes.open_session(self.api, goal, asked)
        with self._traffic.long(asked.agent) as no_longer:
            return await remote.serve(request, session, streams, (answered, no_longer))

    async def _forward(self, request: web.BaseRequest, goal: Target, asked: Request) -> web.StreamResponse:
        if portforward.offered(request) == portforward.TUNNEL:
            ports = await nodes.open_ports(self.api, goal)
            return await portforward.Forwarder(ports, self._traffic, self.clock).tunnel(request)
        wanted = nodes.wanted_ports(asked)
        ports = await nodes.open_ports(self.api, goal)
        return await portforward.Forwarder(ports, self._traffic, self.clock).channels(request, wanted)

    def load(self) -> Obj:
        """What those who move the clock want to know: who waits for an answer, and whether anything was written."""
        return {**self._traffic.load(), "revision": self.api.store.revision}


def _lasting(asked: float, wall: float) -> float:
    """The earlier time, for a second; then the later one."""
    return asked if 0 <= wall - asked < 1 else wall


class _Stalled(Exception):
    """The reader of a stream does not read any more."""


async def _generator(stream: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    try:
        async for chunk in stream:
            yield chunk
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()


def _subject(certificate: Any) -> User:
    """The user and groups in a verified client certificate: its common name and organizations."""
    pairs = [pair for part in certificate["subject"] for pair in part]
    user = next((v for k, v in pairs if k == "commonName"), "")
    groups = tuple(v for k, v in pairs if k == "organizationName")
    return user, (*groups, "system:authenticated")


async def _read_body(request: web.BaseRequest) -> bytes:
    """The request's body.

    Raises:
        errors.ApiError: RequestEntityTooLarge.
    """
    if (request.content_length or 0) > BODY_LIMIT:
        raise errors.too_large(BODY_LIMIT)
    chunks, size = [], 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size > BODY_LIMIT:
            raise errors.too_large(BODY_LIMIT)
        chunks.append(chunk)
    return b"".join(chunks)


def _asked(request: web.BaseRequest, user: User, body: bytes) -> Request:
    query: dict[str, list[str]] = {}
    for key, value in request.query.items():
        query.setdefault(key, []).append(value)
    headers: dict[str, str] = {}
    for key, value in request.headers.items():
        name = key.lower()
        headers[name] = f"{headers[name]}\n{value}" if name in headers else value
    return Request(request.method, request.path, query, headers, body, *user)


def _is_endless(asked: Request) -> bool:
    """A watch, and forwarded ports: they go on until somebody ends them."""
    return bool(asked.query.get("watch")) or asked.path.endswith("/portforward")


def _is_websocket(request: web.BaseRequest) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


def _headers(response: Response) -> list[tuple[str, str]]:
    typed = [("Content-Type", response.content_type)] if response.content_type else []
    return [*typed, *response.headers, ("Cache-Control", "no-cache, private")]


def _plain(response: Response) -> web.Response:
    return web.Response(status=response.status, body=response.body, headers=CIMultiDict(_headers(response)))
