"""Answering a request: which server, which location, what there.

Law: `Site.answer` never raises; whatever goes wrong becomes a status, a line in the error log, and nginx's own error
page.

Models nginx's src/http/ngx_http_request.c and ngx_http_core_module.c (phases, find_config, error pages).
"""

from __future__ import annotations

import re
from itertools import count

from tinykube.images.nginx import access, proxy, static
from tinykube.images.nginx.logs import Logs
from tinykube.images.nginx.model import Configuration, Scope, Server
from tinykube.images.nginx.rewrite import Redirect, run_rewrites
from tinykube.images.nginx.static import Answer, Failed
from tinykube.images.nginx.times import http_time
from tinykube.images.nginx.variables import Exchange, decoded_path
from tinykube.runtime.http import REASONS, Headers, Request, Response
from tinykube.runtime.process import Process

MOST_REDIRECTS = 10


class Site:
    """A configuration in service."""

    def __init__(self, process: Process, configuration: Configuration, logs: Logs, version: str) -> None:
        self.process, self.configuration, self.logs, self.version = process, configuration, logs, version
        self.worker = process.pid
        self.requests = count(1)
        self.handled = 0
        self.active = 0
        self.limits = access.Limits()

    async def answer(self, request: Request) -> Response:
        """The response to a request, logged."""
        self.handled += 1
        self.active += 1
        exchange = Exchange(
            request, self.process, self.version, next(self.requests), self.process.clock.now(),
            configuration=self.configuration,
        )  # fmt: skip
        try:
            exchange.server = self._server(request)
            exchange.uri, exchange.args = decoded_path(request.target), request.query
            response = await self._serve(exchange)
        finally:
            self.active -= 1
        self._finish(exchange, response)
        return response

    def _finish(self, exchange: Exchange, response: Response) -> None:
        scope = exchange.scope
        own = [("Server", self._signature(scope)), ("Date", http_time(self.process.clock.now()))]
        response.headers = own + response.headers
        if scope is not None and "add_header" in scope.settings:
            for directive in scope.all("add_header"):
                if response.status in (200, 201, 204, 206, 301, 302, 303, 304, 307, 308) or "always" in directive.args:
                    response.headers.append((directive.args[0], exchange.expand(directive.args[1])))
        exchange.status = response.status
        exchange.sent = 0 if exchange.request.method == "HEAD" else len(response.body)
        self.logs.access(exchange)

    def _signature(self, scope: Scope | None) -> str:
        return "nginx" if scope is not None and scope.value("server_tokens", "on") == "off" else f"nginx/{self.version}"

    # -- finding the place -----------------------------------------------------------------------------------

    def _server(self, request: Request) -> Server:
        port = request.local[1]
        servers = [s for s in self.configuration.servers if any(p == port for _, p in s.listens)]
        if len(servers) == 1:
            return servers[0]
        name = request.header("host").partition(":")[0].lower()
        for server in servers:
            if any(_name_matches(pattern, name) for pattern in server.names):
                return server
        return next((s for s in servers if any(p == port for _, p in s.default)), servers[0])

    def _locate(self, scope: Scope, exchange: Exchange) -> Scope:
        """The location that serves the exchange's URI: exact, then longest prefix unless a regex matches."""
        uri = exchange.uri
        best: Scope | None = None
        for location in scope.locations:
            if location.modifier == "=" and location.pattern == uri:
                return location
            if (
                location.modifier in ("", "^~")
                and not location.pattern.startswith("@")
                and uri.startswith(location.pattern)
            ) and (best is None or len(location.pattern) > len(best.pattern)):
                best = location
        if best is None or best.modifier != "^~":
            for location in scope.locations:
                if location.regex is not None and (match := location.regex.search(uri)) is not None:
                    exchange.values.update({str(i): group or "" for i, group in enumerate(match.groups(), 1)})
                    exchange.values.update({k: v or "" for k, v in match.groupdict().items()})
                    return location
        return scope if best is None else self._locate(best, exchange) if best.locations else best

    # -- serving ---------------------------------------------------------------------------------------------

    async def _serve(self, exchange: Exchange, located: Scope | None = None) -> Response:
        assert exchange.server is not None
        scope = exchange.server.scope
        exchange.scope = scope
        try:
            if located is None:
                run_rewrites(scope, exchange)
                located = self._locate(scope, exchange)
            exchange.scope = located
            if located is not scope:
                run_rewrites(located, exchange)
            return await self._content(located, exchange)
        except Answer as answer:
            return answer.response
        except Redirect as redirect:
            return await self._redirected(exchange, redirect)
        except Failed as failure:
            return await self._failed(exchange, failure)

    async def _content(self, scope: Scope, exchange: Exchange) -> Response:
        if "internal" in scope.settings and not exchange.redirects:
            raise Failed(404)
        await self.limits.check(self.configuration.http, scope, exchange)
        access.check_address(scope, exchange)
        access.check_password(scope, exchange)
        self._check_body(scope, exchange)
        if "stub_status" in scope.settings:
            return self._status()
        target = next((directive for directive in scope.own if directive.name == "proxy_pass"), None)
        if "try_files" in scope.settings:
            static.try_files(scope, exchange)
        if target is not None:
            return await proxy.forward(self, scope, exchange, target.args[0])
        return static.serve(scope, exchange, self.configuration.types)

    def _check_body(self, scope: Scope, exchange: Exchange) -> None:
        limit = _size(scope.value("client_max_body_size", "1m"))
        if limit and len(exchange.request.body) > limit:
            length = len(exchange.request.body)
            raise Failed(413, f"client intended to send too large body: {length} bytes", level="error")

    def _status(self) -> Response:
        text = (
            f"Active connections: {self.active} \nserver accepts handled requests\n"
            f" {self.handled} {self.handled} {self.handled} \nReading: 0 Writing: {self.active} Waiting: 0 \n"
        )
        return Response(200, [("Content-Type", "text/plain")], text.encode())

    # -- when something is wrong -----------------------------------------------------------------------------

    def complain(self, exchange: Exchange, level: str, message: str, upstream: str = "") -> None:
        """Write to the error log with the request's particulars."""
        via = f', upstream: "{upstream}"' if upstream else ""
        host = exchange.request.header("host")
        self.logs.error(
            level,
            f"*{exchange.number} {message}, client: {exchange.request.peer[0]}, server: {exchange.get('server_name')}, "
            f'request: "{exchange.get("request")}"{via}' + (f', host: "{host}"' if host else ""),
            self.worker,
        )

    async def _redirected(self, exchange: Exchange, redirect: Redirect) -> Response:
        exchange.redirects += 1
        if exchange.redirects > MOST_REDIRECTS:
            self.complain(
                exchange,
                "error",
                f'rewrite or internal redirection cycle while internally redirecting to "{redirect.uri}"',
            )
            return self.error_page(exchange, 500)
        if redirect.uri.startswith("@"):
            assert exchange.server is not None
            named = next((s for s in exchange.server.scope.locations if s.pattern == redirect.uri), None)
            if named is None:
                self.complain(exchange, "error", f'could not find named location "{redirect.uri}"')
                return self.error_page(exchange, 500)
            return await self._serve(exchange, named)
        path, question, args = redirect.uri.partition("?")
        exchange.uri = path
        exchange.args = args if question else exchange.args
        return await self._serve(exchange)

    async def _failed(self, exchange: Exchange, failure: Failed) -> Response:
        if failure.message:
            self.complain(exchange, failure.level, failure.message, failure.upstream)
        assert exchange.scope is not None
        for directive in exchange.scope.all("error_page"):
            *codes, uri = directive.args
            if str(failure.status) in codes and not exchange.redirects:
                response = await self._redirected(exchange, Redirect(exchange.expand(uri)))
                change = next((code for code in codes if code.startswith("=")), None)
                if change is None:
                    response.status, response.reason = failure.status, REASONS.get(failure.status, "")
                elif change != "=":
                    response.status, response.reason = int(change[1:]), REASONS.get(int(change[1:]), "")
                return response
        return self.error_page(exchange, failure.status, failure.headers)

    def error_page(self, exchange: Exchange, status: int, headers: Headers | None = None) -> Response:
        """nginx's own page for a status."""
        if status == 444 or status in (204, 304):
            return Response(status, list(headers or []))
        title = f"{status} {_TITLES.get(status, REASONS.get(status, ''))}".strip()
        body = (
            f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
            f"<hr><center>{self._signature(exchange.scope)}</center>\r\n</body>\r\n</html>\r\n"
        )
        return Response(status, [("Content-Type", "text/html"), *(headers or [])], body.encode())


_TITLES = {405: "Not Allowed", 503: "Service Temporarily Unavailable", 504: "Gateway Time-out", 408: "Request Time-out"}
_TITLES |= {414: "Request-URI Too Large", 302: "Found", 413: "Request Entity Too Large"}


def _name_matches(pattern: str, name: str) -> bool:
    if pattern.startswith("~"):
        return re.search(pattern[1:], name) is not None
    if pattern.startswith("*."):
        return name.endswith(pattern[1:])
    if pattern.endswith(".*"):
        return name.startswith(pattern[:-1])
    return pattern.lower() == name or (pattern.startswith(".") and ("." + name).endswith(pattern))


def _size(text: str) -> int:
    unit = {"k": 1024, "m": 1024**2, "g": 1024**3}.get(text[-1:].lower())
    digits = text[:-1] if unit else text
    return int(digits) * (unit or 1) if digits.isdigit() else 0
