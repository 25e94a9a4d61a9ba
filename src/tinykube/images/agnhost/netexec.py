"""netexec: a web server that tells its name, its client's address and the time, and ends when it is asked to.

Law: one `NetExec` a process; it logs each request. It runs no commands (`/shell`) and takes no files (`/upload`), and
says so; there is no UDP in the practice cluster's network, so only its log speaks of the UDP server.

Models test/images/agnhost/netexec/netexec.go.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from tinykube.images.agnhost.cobra import Command
from tinykube.images.golang import duration
from tinykube.images.golang.flags import Flag
from tinykube.images.golang.program import GoProgram, cut_off, error_reply, form_value, redirect, reply
from tinykube.runtime import dns, http

DIAL_TIMEOUT = 5.0  # seconds


class NetExec:
    """The server's handlers."""

    def __init__(self, program: GoProgram, override: str) -> None:
        self.program, self.process, self.override = program, program.process, override
        self.ready = False
        self.routes: dict[str, Callable[[http.Request], Awaitable[http.Response]]] = {
            "/clientip": self.client_ip,
            "/dial": self.dial,
            "/echo": self.echo,
            "/exit": self.exit,
            "/healthz": self.healthz,
            "/hostname": self.hostname,
            "/hostName": self.hostname,
            "/redirect": self.redirect,
            "/shell": self.refuse,
            "/shutdown": self.shutdown,
            "/upload": self.refuse,
        }

    async def handle(self, request: http.Request) -> http.Response:
        """Answer one request."""
        if self.override:
            request = http.Request("GET", self.override, request.headers, b"", request.peer, request.local)
        return await self.routes.get(request.path, self.root)(request)

    async def root(self, request: http.Request) -> http.Response:
        """/ and every unknown path: the time."""
        self.program.log("GET /")
        uptime = self.process.clock.now() - self.process.started
        return reply(f"NOW: {self.program.now:%Y-%m-%d %H:%M:%S.%f}000 +0000 UTC m=+{uptime:.9f}")

    async def client_ip(self, request: http.Request) -> http.Response:
        """/clientip."""
        self.program.log("GET /clientip")
        return reply(f"{request.peer[0]}:{request.peer[1]}")

    async def echo(self, request: http.Request) -> http.Response:
        """/echo?msg=&code=."""
        message, code = form_value(request, "msg"), form_value(request, "code")
        self.program.log(f"GET /echo?msg={message}&code={code}")
        if code and not code.isdigit():
            return reply(f"argument 'code' must be an integer or empty, got \"{code}\"\n")
        return reply(message, int(code or 200))

    async def exit(self, request: http.Request) -> http.Response:
        """/exit?code=&timeout=&wait=: at once without an answer, or politely if a timeout is given."""
        code, timeout, wait = (form_value(request, name) for name in ("code", "timeout", "wait"))
        self.program.log(f"GET /exit?code={code}&timeout={timeout}&wait={wait}")
        try:
            seconds = {"timeout": duration.parse(timeout or "0"), "wait": duration.parse(wait or "0")}
            status = int(code or "0")
        except ValueError:
            return reply(_bad_exit(code, timeout, wait))
        self.program.log(
            f"Will begin shutdown in {duration.text(seconds['wait'])}, allowing {duration.text(seconds['timeout'])} "
            f"for connections to close, then will exit with {status}"
        )
        await self.process.clock.sleep(seconds["wait"])
        if not seconds["timeout"]:
            self.program.exit(status)
            raise cut_off()
        self.program.log("Graceful shutdown completed with: <nil>")
        self.program.exit(status)
        return reply()

    async def hostname(self, request: http.Request) -> http.Response:
        """/hostname and /hostName."""
        self.program.log(f"GET {request.path}")
        return reply(self.process.table.hostname)

    async def healthz(self, request: http.Request) -> http.Response:
        """/healthz: 200 once every server has started."""
        self.program.log("GET /healthz")
        return reply(status=200 if self.ready else 412)

    async def redirect(self, request: http.Request) -> http.Response:
        """/redirect?location=&code=."""
        location, code = form_value(request, "location"), form_value(request, "code")
        self.program.log(f"{request.method} /redirect?msg={location}&code={code}")
        if code and not code.isdigit():
            return reply(f"argument 'code' must be an integer or empty, got \"{code}\"\n")
        return redirect(request, location, int(code or 302))

    async def shutdown(self, request: http.Request) -> http.Response:
        """/shutdown: exit with 0, without an answer."""
        self.program.log("GET /shutdown")
        self.program.exit(0)
        raise cut_off()

    async def refuse(self, request: http.Request) -> http.Response:
        """/shell and /upload."""
        self.program.log(f"GET {request.path}")
        return error_reply(f"the practice cluster's netexec has no {request.path}: use kubectl exec or cp", 501)

    async def dial(self, request: http.Request) -> http.Response:
        """/dial?host=&port=&request=&protocol=&tries=: ask another server, and tell what it said."""
        host, protocol, port, target, tries = (
            form_value(request, name) for name in ("host", "protocol", "port", "request", "tries")
        )
        self.program.log(f"GET /dial?host={host}&protocol={protocol}&port={port}&request={target}&tries={tries}")
        if tries and not tries.isdigit():
            return error_reply(f'tries parameter is invalid. strconv.Atoi: parsing "{tries}": invalid syntax', 400)
        if not target:
            return error_reply("request parameter not specified. <nil>", 400)
        if protocol.lower() not in ("", "http"):
            return error_reply(f"unsupported protocol. {protocol}: the practice cluster has TCP only", 400)
        addresses = dns.resolve(self.process.fs, self.process.host, host)
        if not addresses or not port.isdigit():
            return error_reply(f"host and/or port param are invalid. lookup {host}: no such host", 400)
        output: dict[str, list[str]] = {}
        for _ in range(int(tries or 1)):
            kind, text = await self._ask(addresses[0], int(port), f"/{target}")
            output.setdefault(kind, []).append(text)
        return reply(json.dumps(output, separators=(",", ":")))

    async def _ask(self, address: str, port: int, target: str) -> tuple[str, str]:
        try:
            response = await http.request(self.process.host, address, port, target, timeout=DIAL_TIMEOUT)
        except OSError as error:
            words = (error.strerror or "").lower()
            return "errors", f'Get "http://{address}:{port}{target}": dial tcp {address}:{port}: connect: {words}'
        return "responses", response.body.decode("utf-8", "replace")


def _bad_exit(code: str, timeout: str, wait: str) -> str:
    for name, text in (("timeout", timeout), ("wait", wait)):
        try:
            duration.parse(text or "0")
        except ValueError:
            return f"argument '{name}' must be a valid golang duration or empty, got \"{text}\"\n"
    return f"argument 'code' must be an integer [0-127] or empty, got \"{code}\"\n"


async def run(program: GoProgram, flags: dict[str, Any], arguments: list[str]) -> int:
    """The subcommand."""
    port, udp_port = flags["http-port"], flags["udp-port"]
    server = NetExec(program, flags["http-override"])
    if flags["tls-cert-file"] or flags["sctp-port"] != -1:
        program.fatal("the practice cluster's netexec speaks neither TLS nor SCTP")
        return await program.ended()
    program.log(f"Started HTTP server on port {port}")
    if program.listen(port, server.handle) and udp_port != -1:
        program.log(f"Started UDP server on port  {udp_port}")
        server.ready = True
    return await program.ended()


COMMAND = Command(
    "netexec",
    "Creates HTTP(S), UDP, and (optionally) SCTP servers with various endpoints",
    run,
    [
        Flag("http-port", 8080, "HTTP Listen Port"),
        Flag("http-override", "", "Override the HTTP handler to always respond as if it were a GET with this path"),
        Flag("udp-port", 8081, "UDP Listen Port"),
        Flag("udp-listen-addresses", "", "A comma separated list of ip addresses the udp servers listen from"),
        Flag("sctp-port", -1, "SCTP Listen Port"),
        Flag("tls-cert-file", "", "File containing an x509 certificate for HTTPS"),
        Flag("tls-private-key-file", "", "File containing an x509 private key matching --tls-cert-file"),
    ],
)
