"""The smaller servers of agnhost: serve-hostname, porter, liveness, test-webserver.

Models test/images/agnhost/serve-hostname, porter, liveness and test-webserver.
"""

from __future__ import annotations

import json
from typing import Any

from tinykube.images.agnhost.cobra import Command
from tinykube.images.golang import duration
from tinykube.images.golang.flags import Flag
from tinykube.images.golang.program import GoProgram, form_value, not_found, redirect, reply
from tinykube.runtime import http, signals
from tinykube.runtime.network import Connection
from tinykube.runtime.nodes import Directory

ALIVE = 10.0  # seconds for which `liveness` says that it is well
LINGER = 60.0  # seconds that `serve-hostname` goes on after SIGTERM


async def serve_hostname(program: GoProgram, flags: dict[str, Any], arguments: list[str]) -> int:
    """serve-hostname: the host's name, over HTTP or as bare bytes."""
    hostname, port = program.process.table.hostname, flags["port"]
    if flags["udp"]:
        program.fatal("the practice cluster has no UDP")
        return await program.ended()
    if flags["tcp"]:
        if flags["http"]:
            program.fatal("Can't server TCP/UDP mode and HTTP mode at the same time")
            return await program.ended()
        _serve_raw(program, port, hostname)
    else:

        async def handle(request: http.Request) -> http.Response:
            program.log(f"HTTP request from {request.peer[0]}:{request.peer[1]}")
            response = reply(hostname)
            if flags["close"]:
                response.headers.append(("Connection", "close"))
            return response

        program.listen(port, handle)
    program.log(f"Serving on port {port}.")
    program.on_signal(signals.SIGTERM, lambda: _linger(program))
    return await program.ended()


def _serve_raw(program: GoProgram, port: int, hostname: str) -> None:
    def accept(connection: Connection) -> None:
        program.log(f"TCP request from {connection.peer[0]}:{connection.peer[1]}")
        connection.write(hostname.encode())
        connection.release()

    process = program.process
    process.fds[max(process.fds) + 1] = process.host.listen(port, accept)


def _linger(program: GoProgram) -> None:
    program.log("Shutting down after receiving signal: terminated.")
    program.log("Awaiting pod deletion.")
    program.on_signal(signals.SIGTERM, lambda: None)
    program.process.clock.call_later(LINGER, lambda: program.exit(0))


async def porter(program: GoProgram, flags: dict[str, Any], arguments: list[str]) -> int:
    """porter: on each port that a SERVE_PORT_n variable names, its value."""
    for name, value in program.process.env.items():
        port = name.removeprefix("SERVE_TCP_PORT_").removeprefix("SERVE_PORT_")
        if port == name or not port.isdigit():
            continue

        async def handle(request: http.Request, value: str = value) -> http.Response:
            if not flags["json-response"]:
                return reply(value)
            body = json.dumps({"Method": request.method, "Body": value}, separators=(",", ":"))
            return reply(body, content_type="application/json")

        try:
            http.serve(program.process, int(port), handle)
        except OSError as error:
            words = (error.strerror or "").lower()
            program.log(f'server on port "{port}" failed: listen tcp 0.0.0.0:{port}: bind: {words}')
    return await program.ended()


async def liveness(program: GoProgram, flags: dict[str, Any], arguments: list[str]) -> int:
    """liveness: well for ten seconds, then ill until something restarts it."""
    process = program.process

    async def handle(request: http.Request) -> http.Response:
        age = process.clock.now() - process.started
        if request.path == "/started":
            return reply(duration.text(age))
        if request.path == "/healthz":
            return reply(f"error: {age:.9g}", 500) if age > ALIVE else reply("ok")
        if request.path == "/redirect":
            return redirect(request, form_value(request, "loc"), 302)
        return not_found()

    program.listen(8080, handle)
    return await program.ended()


async def test_webserver(program: GoProgram, flags: dict[str, Any], arguments: list[str]) -> int:
    """test-webserver: the container's own files."""
    process = program.process

    async def handle(request: http.Request) -> http.Response:
        node = process.find(request.path)
        if node is None:
            return not_found()
        if isinstance(node, Directory):
            names = "".join(f'<a href="{name}">{name}</a>\n' for name in process.fs.names(request.path))
            return reply(f"<pre>\n{names}</pre>\n", content_type="text/html; charset=utf-8")
        return reply(process.fs.read(request.path))

    program.listen(flags["port"], handle)
    return await program.ended()


COMMANDS = [
    Command(
        "serve-hostname",
        "Serves the hostname",
        serve_hostname,
        [
            Flag("tcp", False, "Serve raw over TCP."),
            Flag("udp", False, "Serve raw over UDP."),
            Flag("http", True, "Serve HTTP."),
            Flag("close", False, "Close connection per each HTTP request."),
            Flag("port", 9376, "Port number."),
        ],
        "Serves the hostname through HTTP / TCP / UDP on the given port.",
    ),
    Command(
        "porter",
        "Serves requested data on ports specified in ENV variables",
        porter,
        [Flag("json-response", False, "Responds with JSON that includes the request's method")],
    ),
    Command("liveness", "Starts a server that is alive for 10 seconds", liveness),
    Command("test-webserver", "Starts a simple HTTP fileserver", test_webserver, [Flag("port", 80, "Port number.")]),
]
