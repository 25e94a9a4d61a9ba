"""nginx's variables: `$uri`, `$http_host`, `$upstream_addr` and so on.

Law: computed when asked for, from the request in hand; an unknown one is empty (the configuration check is nginx's
own business, see `model`).

Models nginx's src/http/ngx_http_variables.c.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tinykube.images.nginx.times import iso_8601, log_time
from tinykube.runtime.http import Request

if TYPE_CHECKING:
    from tinykube.images.nginx.model import Configuration, Scope, Server
    from tinykube.runtime.process import Process

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


@dataclass
class Exchange:
    """One request and what has become of it so far."""

    request: Request
    process: Process
    version: str
    number: int
    started: float
    uri: str = ""
    args: str = ""
    server: Server | None = None
    scope: Scope | None = None
    configuration: Configuration | None = None
    status: int = 0
    sent: int = 0
    upstream: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    upstream_port: str = ""
    redirects: int = 0

    def get(self, name: str) -> str:
        """The value of a variable."""
        if name in self.values:
            return self.values[name]
        known = _KNOWN.get(name)
        if known is not None:
            return str(known(self))
        for prefix, look_up in _PREFIXES.items():
            if name.startswith(prefix):
                return look_up(self, name[len(prefix) :])
        return self._mapped(name)

    def _mapped(self, name: str) -> str:
        if self.configuration is None or name not in self.configuration.maps:
            return ""
        source, rows = self.configuration.maps[name]
        value, default = self.expand(source), ""
        for key, result in rows:
            if key == "default":
                default = result
            elif key.startswith("~"):
                flags = re.IGNORECASE if key.startswith("~*") else 0
                if re.search(key.lstrip("~*"), value, flags):
                    return self.expand(result)
            elif key.lower() == value.lower():
                return self.expand(result)
        return self.expand(default)

    def expand(self, text: str) -> str:
        """`text` with its variables replaced."""
        if "$" not in text:
            return text
        return _VARIABLE.sub(lambda match: self.get(match.group(1) or match.group(2)), text)

    def log_line(self, template: str) -> str:
        """`text` as in an access log, where what is empty shows as a dash."""
        return "".join(self.get(part) or "-" if variable else part for part, variable in _parts(template))

    @property
    def host(self) -> str:
        """The request's host without its port, or the server's name."""
        name = self.request.header("host").partition(":")[0].lower()
        return name or (self.server.names[0] if self.server and self.server.names else "")


@lru_cache(maxsize=64)
def _parts(template: str) -> tuple[tuple[str, bool], ...]:
    """A log format taken apart: texts (False) and names of variables (True)."""
    parts, end = [], 0
    for match in _VARIABLE.finditer(template):
        parts += [(template[end : match.start()], False), (match.group(1) or match.group(2), True)]
        end = match.end()
    return (*parts, (template[end:], False))


def _argument(exchange: Exchange, name: str) -> str:
    for pair in exchange.args.split("&"):
        key, _, value = pair.partition("=")
        if key.lower() == name:
            return value
    return ""


def _forwarded(exchange: Exchange) -> str:
    before = exchange.request.header("x-forwarded-for")
    return f"{before}, {exchange.request.peer[0]}" if before else exchange.request.peer[0]


def _cookie(exchange: Exchange, name: str) -> str:
    for pair in exchange.request.header("cookie").split(";"):
        key, _, value = pair.strip().partition("=")
        if key == name:
            return value
    return ""


_KNOWN: dict[str, Any] = {
    "uri": lambda e: e.uri,
    "document_uri": lambda e: e.uri,
    "request_uri": lambda e: e.request.target,
    "args": lambda e: e.args,
    "query_string": lambda e: e.args,
    "is_args": lambda e: "?" if e.args else "",
    "host": lambda e: e.host,
    "remote_addr": lambda e: e.request.peer[0],
    "binary_remote_addr": lambda e: e.request.peer[0],
    "remote_port": lambda e: e.request.peer[1],
    "remote_user": lambda e: "",
    "server_addr": lambda e: e.request.local[0],
    "server_port": lambda e: e.request.local[1],
    "server_name": lambda e: e.server.names[0] if e.server and e.server.names else "",
    "server_protocol": lambda e: f"HTTP/{e.request.version}",
    "scheme": lambda e: "http",
    "request_method": lambda e: e.request.method,
    "request": lambda e: f"{e.request.method} {e.request.target} HTTP/{e.request.version}",
    "request_body": lambda e: e.request.body.decode("utf-8", "replace"),
    "content_length": lambda e: e.request.header("content-length"),
    "content_type": lambda e: e.request.header("content-type"),
    "status": lambda e: f"{e.status:03}",
    "body_bytes_sent": lambda e: e.sent,
    "bytes_sent": lambda e: e.sent,
    "hostname": lambda e: e.process.table.hostname,
    "nginx_version": lambda e: e.version,
    "pid": lambda e: e.process.pid,
    "connection": lambda e: e.number,
    "connection_requests": lambda e: 1,
    "msec": lambda e: f"{e.process.clock.now():.3f}",
    "request_time": lambda e: f"{e.process.clock.now() - e.started:.3f}",
    "request_id": lambda e: f"{e.number:032x}",
    "request_filename": lambda e: e.get("document_root") + e.uri,
    "document_root": lambda e: e.scope.value("root", "/etc/nginx/html") if e.scope else "",
    "time_local": lambda e: log_time(e.process.clock.now()),
    "time_iso8601": lambda e: iso_8601(e.process.clock.now()),
    "proxy_host": lambda e: e.values.get("proxy_host", ""),
    "proxy_add_x_forwarded_for": _forwarded,
    "upstream_addr": lambda e: ", ".join(e.upstream.get("addr", [])),
    "upstream_status": lambda e: ", ".join(e.upstream.get("status", [])),
    "upstream_response_time": lambda e: ", ".join(e.upstream.get("time", [])),
}
_PREFIXES: dict[str, Any] = {
    "http_": lambda e, name: e.request.header(name.replace("_", "-")),
    "arg_": _argument,
    "cookie_": _cookie,
    "upstream_http_": lambda e, name: "",
}


def decoded_path(target: str) -> str:
    """A request's path as locations see it: decoded, without dots and double slashes."""
    path = unquote(target.partition("?")[0])
    if "//" not in path and "/." not in path:
        return path
    parts: list[str] = []
    for part in path.split("/")[1:]:
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts) + ("/" if parts and path.endswith(("/", "/.", "/..")) else "")
