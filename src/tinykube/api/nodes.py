"""What the API server passes on to nodes: logs, exec, attach, forwarded ports, and HTTP to Pods and Services.

Law: finds the Pod, the container and the kubelet, and checks what the client asked for; the kubelet does the rest.

Models pkg/registry/core/pod/strategy.go (LogLocation, ExecLocation, PortForwardLocation), pod/rest and service/proxy.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tinykube import errors, objects
from tinykube.api import proxying
from tinykube.api.apiserver import ApiServer
from tinykube.api.messages import Request, Response, Target
from tinykube.api.wire import Shift, shifted
from tinykube.client import ExecSession, KubeletApi, PortForward
from tinykube.errors import Cause
from tinykube.objects import Obj, dig

CONNECTED = ("log", "exec", "attach", "proxy", "portforward")
NO_SPDY = (
    "this cluster speaks exec, attach and port-forward over WebSockets only, and the client asked for SPDY, which "
    "Kubernetes has deprecated: use kubectl {first} or newer (with {before}, set {setting}=true)"
)
_WITH_WEBSOCKETS = {"portforward": (31, "KUBECTL_PORT_FORWARD_WEBSOCKETS")}
_COMMANDS_WITH_WEBSOCKETS = (30, "KUBECTL_REMOTE_COMMAND_WEBSOCKETS")
"""The minor version of kubectl that uses WebSockets unless told otherwise, and how to tell the one before."""


async def connect(api: ApiServer, target: Target, request: Request, shift: Shift) -> Response:
    """Answer a request for a connected subresource that is plain HTTP.

    Raises:
        errors.ApiError: NotFound, BadRequest, ServiceUnavailable.
    """
    if target.subresource == "log":
        return await _logs(api, target, request, shift)
    if target.subresource == "proxy":
        return await _proxy(api, target, request)
    raise await _refused_stream(api, target, request)


async def _refused_stream(api: ApiServer, target: Target, request: Request) -> errors.ApiError:
    """Why an exec, attach or port-forward that is no WebSocket gets nowhere.

    A kubectl that knows WebSockets falls back to SPDY only after it was refused: it is told why, once more.
    """
    if "spdy" not in request.headers.get("upgrade", "").lower():
        return errors.bad_request("Upgrade request required")
    minor, setting = _WITH_WEBSOCKETS.get(target.subresource, _COMMANDS_WITH_WEBSOCKETS)
    if _minor_version(request) >= minor and target.subresource == "portforward":
        await open_ports(api, target)
    elif _minor_version(request) >= minor:
        session, _ = await open_session(api, target, request)
        session.kill()
    return errors.bad_request(NO_SPDY.format(first=f"1.{minor}", before=f"1.{minor - 1}", setting=setting))


def _minor_version(request: Request) -> int:
    """Of the kubectl that asks, such as 32; 0 for other clients."""
    found = re.match(r"kubectl/v1\.(\d+)", request.headers.get("user-agent", ""))
    return int(found[1]) if found is not None else 0


def kubelet_of(api: ApiServer, pod: Obj) -> KubeletApi:
    """The kubelet that runs a Pod.

    Raises:
        errors.ApiError: BadRequest before the Pod has a node; InternalError when the node does not answer.
    """
    node = dig(pod, "spec", "nodeName", default="")
    if not node:
        raise errors.bad_request(f"pod {objects.name(pod)} does not have a host assigned")
    found = api.nodes.get(node)
    if found is None:
        raise errors.internal(f"error dialing backend: the kubelet of node {node} does not answer")
    return found


# -- containers ----------------------------------------------------------------------------------------------


def _names(pod: Obj, field: str) -> list[str]:
    return [c["name"] for c in dig(pod, "spec", field, default=())]


def container_of(pod: Obj, wanted: str) -> str:
    """The container that a client means.

    Raises:
        errors.ApiError: BadRequest when it names none of several, or one that is not there.
    """
    name, main, init = objects.name(pod), _names(pod, "containers"), _names(pod, "initContainers")
    if wanted:
        if wanted not in main + init + _names(pod, "ephemeralContainers"):
            raise errors.bad_request(f"container {wanted} is not valid for pod {name}")
        return wanted
    if len(main) == 1:
        return main[0]
    choices = f"[{' '.join(main)}]" + (f" or one of the init containers: [{' '.join(init)}]" if init else "")
    raise errors.bad_request(f"a container name must be specified for pod {name}, choose one of: {choices}")


# -- logs ----------------------------------------------------------------------------------------------------


async def _logs(api: ApiServer, target: Target, request: Request, shift: Shift) -> Response:
    pod = api.get("pods", target.namespace, target.name)
    options = log_options(request, shift)
    container = container_of(pod, request.param("container"))
    if not dig(pod, "spec", "nodeName"):
        return Response(200, content_type="text/plain")
    kubelet = kubelet_of(api, pod)
    lines = kubelet.logs(objects.namespace(pod), objects.name(pod), container, options)
    if options["timestamps"] and shift.seconds():
        lines = _shift_lines(lines, shift.seconds())
    return Response(200, content_type="text/plain", stream=await begun(lines))


def log_options(request: Request, shift: Shift) -> dict[str, Any]:
    """PodLogOptions from a query, in the cluster's time.

    Raises:
        errors.ApiError: BadRequest, Invalid.
    """
    options: dict[str, Any] = {flag: request.flag(flag) for flag in ("follow", "previous", "timestamps")}
    causes = []
    for number, least in (("tailLines", 0), ("sinceSeconds", 1), ("limitBytes", 1)):
        value = request.number(number)
        if value is not None and value < least:
            why = "greater than or equal to 0" if least == 0 else "greater than 0"
            causes.append(Cause("FieldValueInvalid", number, f"Invalid value: {value}: must be {why}"))
        if value is not None:
            options[number] = value
    if request.param("sinceTime"):
        options["sinceTime"] = _since(request.param("sinceTime"), shift)
        if "sinceSeconds" in options:
            why = "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"
            causes.append(Cause("FieldValueForbidden", "", why))
    if causes:
        raise errors.invalid("PodLogOptions", "", "", causes)
    return options


def _since(text: str, shift: Shift) -> float:
    try:
        return objects.parse_time(text) - shift.seconds()
    except ValueError:
        raise errors.bad_request(f'parsing time "{text}" as "2006-01-02T15:04:05Z07:00": cannot parse') from None


async def begun(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A stream that has been started, so that a refusal comes as an error and not as an empty body."""
    first: asyncio.Task[bytes | None] = asyncio.ensure_future(_next(stream))
    for _ in range(20):
        if first.done():
            break
        await asyncio.sleep(0)
    if first.done():
        first.result()
    return _resumed(first, stream)


async def _next(stream: AsyncIterator[bytes]) -> bytes | None:
    return await anext(stream, None)


async def _resumed(first: asyncio.Task[bytes | None], stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    try:
        chunk = await first
        while chunk is not None:
            yield chunk
            chunk = await _next(stream)
    finally:
        first.cancel()
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()


async def _shift_lines(lines: AsyncIterator[bytes], seconds: int) -> AsyncIterator[bytes]:
    """Move the timestamp at the start of each log line."""
    start, held = True, b""
    async for chunk in lines:
        out = []
        for piece in (held + chunk).splitlines(keepends=True):
            stamp, space, rest = piece.partition(b" ")
            if start and not space and not piece.endswith(b"\n"):
                held = piece
                break
            out.append(shifted(stamp.decode(), seconds).encode() + space + rest if start else piece)
            start, held = piece.endswith(b"\n"), b""
        yield b"".join(out)
    if held:
        yield held


# -- exec and attach -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Streams:
    """Which streams a client wants of a command."""

    stdin: bool
    stdout: bool
    stderr: bool
    tty: bool


async def open_session(api: ApiServer, target: Target, request: Request) -> tuple[ExecSession, Streams]:
    """Start (exec) or join (attach) a command in a container.

    Raises:
        errors.ApiError: NotFound, BadRequest, and whatever the kubelet refuses.
    """
    pod = api.get("pods", target.namespace, target.name)
    wanted = Streams(
        request.flag("stdin"),
        request.flag("stdout"),
        request.flag("stderr") and not request.flag("tty"),
        request.flag("tty"),
    )
    if not (wanted.stdin or wanted.stdout or wanted.stderr):
        raise errors.bad_request("you must specify at least 1 of stdin, stdout, stderr")
    container = container_of(pod, request.param("container"))
    kubelet = kubelet_of(api, pod)
    where = (objects.namespace(pod), objects.name(pod), container)
    if target.subresource == "attach":
        return await kubelet.attach(*where, stdin=wanted.stdin, tty=wanted.tty), wanted
    command = list(request.query.get("command") or ())
    if not command:
        raise errors.bad_request("you must specify a command: the query parameter command is required")
    return await kubelet.exec(*where, command, stdin=wanted.stdin, tty=wanted.tty), wanted


# -- port-forward --------------------------------------------------------------------------------------------


async def open_ports(api: ApiServer, target: Target) -> PortForward:
    """Make ready to connect to ports of a Pod.

    Raises:
        errors.ApiError: NotFound, BadRequest before the Pod has a node, and whatever the kubelet refuses.
    """
    pod = api.get("pods", target.namespace, target.name)
    return await kubelet_of(api, pod).port_forward(objects.namespace(pod), objects.name(pod))


def wanted_ports(request: Request) -> list[int]:
    """The ports that a client names in its query, as the Python client does.

    Raises:
        errors.ApiError: BadRequest.
    """
    asked = request.query.get("ports") or []
    if not asked:
        raise errors.bad_request('query parameter "port" is required')
    ports = []
    for text in ",".join(asked).split(","):
        if not (text.isascii() and text.isdigit() and int(text) < 65536):
            raise errors.bad_request(f'unable to parse "{text}" as a port')
        if int(text) < 1:
            raise errors.bad_request(f'port "{text}" must be > 0')
        ports.append(int(text))
    return ports


# -- proxy ---------------------------------------------------------------------------------------------------


async def _proxy(api: ApiServer, target: Target, request: Request) -> Response:
    if not target.rest:
        query = f"?{urlencode(request.query, doseq=True)}" if request.query else ""
        return Response(301, headers=[("Location", f"{request.path}/{query}")])
    pod, port = proxying.destination(api, target)
    kubelet = kubelet_of(api, pod)
    query = f"?{urlencode(request.query, doseq=True)}" if request.query else ""
    answer = await kubelet.http(
        objects.namespace(pod),
        objects.name(pod),
        port,
        request.method,
        target.rest + query,
        proxying.forwarded(request.headers),
        request.body,
    )
    kept = [(k, v) for k, v in answer.headers.items() if k.lower() not in proxying.HOP_BY_HOP]
    content_type = next((v for k, v in kept if k.lower() == "content-type"), "")
    kept = [(k, v) for k, v in kept if k.lower() != "content-type"]
    return Response(answer.status, answer.body, content_type, kept)
