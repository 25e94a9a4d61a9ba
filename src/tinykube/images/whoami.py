"""whoami: tells who answers, and what it was asked.

Models docker.io/traefik/whoami (app.go).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

from tinykube.images.golang import duration
from tinykube.images.golang.flags import Flag, FlagError, HelpWanted, parse_flags, usage_of
from tinykube.images.golang.program import GoProgram, error_reply, form_value, reply
from tinykube.runtime import http
from tinykube.runtime.filesystem import layer
from tinykube.runtime.images import Image
from tinykube.runtime.nodes import File
from tinykube.runtime.process import Process

UNITS = {"kb": 1 << 10, "mb": 1 << 20}
MOST = 8 << 20  # bytes that /data gives at most


class WhoAmI:
    """The server's handlers."""

    def __init__(self, program: GoProgram, name: str, verbose: bool) -> None:
        self.program, self.process, self.name, self.verbose = program, program.process, name, verbose
        self.health = 200
        self.routes: dict[str, Callable[[http.Request], Awaitable[http.Response]]] = {
            "/api": self.api,
            "/bench": self.bench,
            "/data": self.data,
            "/health": self.check,
        }

    async def handle(self, request: http.Request) -> http.Response:
        """Answer one request."""
        response = await self.routes.get(request.path, self.who)(request)
        if self.verbose:
            self.program.log(
                f"{request.peer[0]}:{request.peer[1]} - - [{self.program.now:%d/%b/%Y:%H:%M:%S +0000}] "
                f'"{request.method} {request.path} HTTP/{request.version}" - -'
            )
        return response

    @property
    def addresses(self) -> list[str]:
        """The host's own."""
        return ["127.0.0.1", "::1", self.process.host.ip]

    async def who(self, request: http.Request) -> http.Response:
        """/ and every other path: names, addresses and the request itself."""
        with contextlib.suppress(ValueError):  # a wrong duration is none
            await self.process.clock.sleep(duration.parse(form_value(request, "wait") or "0"))
        lines = [f"Name: {self.name}"] if self.name else []
        lines += [f"Hostname: {self.process.table.hostname}", *(f"IP: {ip}" for ip in self.addresses)]
        lines.append(f"RemoteAddr: {request.peer[0]}:{request.peer[1]}")
        lines.append(f"{request.method} {request.target} HTTP/1.1\r\nHost: {request.header('Host')}\r")
        headers = sorted((name.title(), value) for name, value in request.headers if name.lower() != "host")
        lines += [f"{name}: {value}\r" for name, value in headers]
        lines.append("\r")
        if form_value(request, "env").lower() in ("1", "t", "true"):
            lines += [f"{name}={value}" for name, value in self.process.env.items()]
        return reply("\n".join(lines) + "\n")

    async def api(self, request: http.Request) -> http.Response:
        """/api: the same as JSON."""
        headers: dict[str, list[str]] = {}
        for name, value in sorted(request.headers):
            if name.lower() != "host":
                headers.setdefault(name.title(), []).append(value)
        facts: dict[str, Any] = {
            "hostname": self.process.table.hostname,
            "ip": self.addresses,
            "headers": headers,
            "url": request.target,
            "host": request.header("Host"),
            "method": request.method,
            "name": self.name,
            "remoteAddr": f"{request.peer[0]}:{request.peer[1]}",
        }
        text = json.dumps({key: value for key, value in facts.items() if value}, separators=(",", ":"))
        return reply(f"{text}\n", content_type="application/json")

    async def bench(self, request: http.Request) -> http.Response:
        """/bench: always the same."""
        return reply("1", content_type="text/plain")

    async def data(self, request: http.Request) -> http.Response:
        """/data?size=&unit=: so many bytes."""
        size = form_value(request, "size")
        count = int(size) if size.isdigit() else 1
        count *= UNITS.get(form_value(request, "unit").lower(), 1)
        if count > MOST:
            return error_reply(f"the practice cluster's whoami gives {MOST} bytes at most", 413)
        return reply(("|" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ-" * (count // 27 + 1))[:count])

    async def check(self, request: http.Request) -> http.Response:
        """/health: the status that the last POST has set."""
        if request.method != "POST":
            return reply(status=self.health)
        try:
            self.health = int(request.body)
        except ValueError:
            return error_reply("json: cannot unmarshal the status", 400)
        self.process.out(f"Update health check status code [{self.health}]\n")
        return reply()


async def main(process: Process) -> int:
    """The program."""
    port, name = process.env.get("WHOAMI_PORT_NUMBER", "80"), process.env.get("WHOAMI_NAME", "")
    known = [
        Flag("name", name, "give me a name"),
        Flag("port", port, "give me a port number"),
        Flag("verbose", False, "Enable verbose logging"),
    ]
    try:
        flags, _ = parse_flags(process.argv[1:], known)
    except HelpWanted:
        process.err(usage_of(known, process.argv[0]))
        return 0
    except FlagError as error:
        process.err(f"{error}\n{usage_of(known, process.argv[0])}")
        return 2
    program = GoProgram(process)
    program.log(f"Starting up on port {flags['port']}")
    if not flags["port"].isdigit():
        program.fatal(f"listen tcp: lookup tcp/{flags['port']}: unknown port")
    else:
        program.listen(int(flags["port"]), WhoAmI(program, flags["name"], flags["verbose"]).handle)
    return await program.ended()


def images() -> list[Image]:
    """whoami under its names, without a shell."""
    root = layer(None, {"/whoami": File(b"\x7fELF whoami", 0o755, program=main)})
    tags = ("latest", "v1.11", "v1.10", "v1.10.3")
    return [
        Image(repository, tags, root, entrypoint=("/whoami",), ports=(80,), size=2_870_000)
        for repository in ("docker.io/traefik/whoami", "docker.io/containous/whoami")
    ]
