"""What the configuration means: servers, locations, upstreams.

Law: settings are inherited downwards (http → server → location) the way nginx merges them; host names of upstreams are
resolved once, when the configuration is read, and one that is unknown refuses the whole configuration.

Models nginx's src/http/ngx_http_core_module.c, ngx_http_upstream.c, ngx_http_upstream_round_robin.c.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tinykube.images.nginx.config import ConfigError, Directive

Resolver = Callable[[str], list[str]]

# Where each directive that does something may stand: m(ain) h(ttp) s(erver) l(ocation) i(f) u(pstream) e(vents)
KNOWN = {
    "user": "m", "worker_processes": "m", "pid": "m", "daemon": "m", "error_log": "mhsl", "events": "m", "http": "m",
    "worker_rlimit_nofile": "m", "load_module": "m", "env": "m", "worker_shutdown_timeout": "m", "master_process": "m",
    "worker_connections": "e", "multi_accept": "e", "use": "e",
    "server": "hu", "upstream": "h", "map": "h", "types": "hsl", "log_format": "h", "include": "mhsl",
    "listen": "s", "server_name": "s", "location": "sl", "root": "hsli", "alias": "l", "index": "hsl",
    "return": "sli", "rewrite": "sli", "set": "sli", "if": "sl", "try_files": "sl", "error_page": "hsli",
    "add_header": "hsli", "default_type": "hsl", "access_log": "hsli", "autoindex": "hsl", "allow": "hsl",
    "deny": "hsl", "internal": "l", "stub_status": "sl", "client_max_body_size": "hsl", "empty_gif": "l",
    "server_tokens": "hsl", "proxy_pass": "li", "proxy_set_header": "hsl", "proxy_connect_timeout": "hsl",
    "proxy_read_timeout": "hsl", "proxy_send_timeout": "hsl", "proxy_next_upstream": "hsl",
    "proxy_next_upstream_tries": "hsl", "proxy_next_upstream_timeout": "hsl", "proxy_intercept_errors": "hsl",
    "proxy_hide_header": "hsl", "proxy_method": "hsl", "least_conn": "u", "ip_hash": "u", "random": "u", "hash": "u",
    "keepalive": "u", "zone": "u", "resolver": "hslu", "auth_basic": "hsl", "auth_basic_user_file": "hsl",
    "limit_req_zone": "h", "limit_req": "hsl",
}  # fmt: skip
# Accepted in any block of http: they tune what the practice cluster does not simulate.
HARMLESS = re.compile(
    r"(sendfile|tcp_|keepalive_|client_(body|header)_|gzip|proxy_(buffer|http_version|cache_bypass|redirect|request_buf"
    r"fering|busy|temp|max_temp|socket|ignore_client)|resolver_timeout|send_timeout|output_buffers|charset|etag|open_"
    r"file_cache|reset_timedout|server_names_hash|types_hash|variables_hash|large_client|lingering_|absolute_redirect|"
    r"port_in_redirect|merge_slashes|log_not_found|log_subrequest|aio|directio|chunked_|if_modified_since|expires)"
)
WITHOUT_ARGUMENTS = {"internal", "stub_status", "ip_hash", "least_conn", "random", "empty_gif"}
_CONTEXT = {"": "m", "http": "h", "server": "s", "location": "l", "if": "i", "upstream": "u", "events": "e"}
_TIME = re.compile(r"(\d+)(ms|s|m|h|d)?")
_TIME_UNITS = {"ms": 0.001, "s": 1, None: 1, "m": 60, "h": 3600, "d": 86400}


def seconds(text: str) -> float | None:
    """A time as nginx writes it, or None."""
    match = _TIME.fullmatch(text)
    return None if match is None else int(match.group(1)) * _TIME_UNITS[match.group(2)]


@dataclass
class Peer:
    """One server of an upstream. `failed_at` and `fails` are its health as nginx learns it from requests."""

    address: str
    port: int
    weight: int = 1
    backup: bool = False
    down: bool = False
    max_fails: int = 1
    fail_timeout: float = 10.0
    current: int = 0
    fails: int = 0
    failed_at: float = 0.0


@dataclass
class Upstream:
    """A group of servers."""

    name: str
    peers: list[Peer] = field(default_factory=list)
    method: str = ""


@dataclass
class Scope:
    """The settings in force in a server, a location or an `if`: name → the directives that set it, inherited."""

    settings: dict[str, list[Directive]]
    kind: str = "server"
    modifier: str = ""
    pattern: str = ""
    regex: re.Pattern[str] | None = None
    own: list[Directive] = field(default_factory=list)
    locations: list[Scope] = field(default_factory=list)

    def all(self, name: str) -> list[Directive]:
        """Every directive of that name in force."""
        return self.settings.get(name, [])

    def args(self, name: str) -> list[str] | None:
        """The arguments of the last such directive, or None."""
        found = self.settings.get(name)
        return found[-1].args if found else None

    def value(self, name: str, default: str) -> str:
        """The first argument of the last such directive."""
        args = self.args(name)
        return args[0] if args else default

    def time(self, name: str, default: float) -> float:
        """A setting in seconds."""
        parsed = seconds(self.value(name, ""))
        return default if parsed is None else parsed


@dataclass
class Server:
    """A `server` block."""

    scope: Scope
    listens: list[tuple[str, int]]
    default: set[tuple[str, int]]
    names: list[str]


@dataclass
class Configuration:
    """All of it."""

    main: Scope
    http: Scope
    servers: list[Server]
    upstreams: dict[str, Upstream]
    formats: dict[str, str]
    types: dict[str, str]
    maps: dict[str, tuple[str, list[tuple[str, str]]]]


def build(directives: list[Directive], resolve: Resolver) -> Configuration:
    """The meaning of a configuration. Raises ConfigError."""
    _check(directives, "m")
    main = Scope(_merged({}, directives), "main")
    blocks = [directive for directive in directives if directive.name == "http"]
    if not any(directive.name == "events" for directive in directives):
        raise ConfigError('no "events" section in configuration')
    content = [directive for block in blocks for directive in block.block or []]
    http = Scope(_merged(main.settings, content), "http")
    configuration = Configuration(main, http, [], {}, {}, {}, {})
    for directive in content:
        if directive.name == "upstream":
            configuration.upstreams[directive.args[0]] = _upstream(directive, resolve)
        elif directive.name == "log_format":
            words = [word for word in directive.args[1:] if not word.startswith("escape=")]
            configuration.formats[directive.args[0]] = "".join(words)
        elif directive.name == "types":
            configuration.types.update({ext: row.name for row in directive.block or [] for ext in row.args})
        elif directive.name == "map":
            rows = [(row.name, row.args[0] if row.args else "") for row in directive.block or []]
            configuration.maps[directive.args[1].lstrip("$")] = (directive.args[0], rows)
    for directive in content:
        if directive.name == "server":
            configuration.servers.append(_server(directive, http, configuration, resolve))
    return configuration


def _check(directives: list[Directive], context: str) -> None:
    for directive in directives:
        places = KNOWN.get(directive.name)
        if places is None:
            if context not in "me" and HARMLESS.match(directive.name):
                continue
            raise directive.fail(f'unknown directive "{directive.name}"')
        if context not in places:
            raise directive.fail(f'"{directive.name}" directive is not allowed here')
        if directive.block is None:
            if directive.name in ("http", "events", "upstream", "location", "map", "types", "if"):
                raise directive.fail(f'directive "{directive.name}" has no opening "{{"')
            if not directive.args and directive.name not in WITHOUT_ARGUMENTS:
                raise directive.fail(f'invalid number of arguments in "{directive.name}" directive')
        elif directive.name in _CONTEXT:
            _check(directive.block, _CONTEXT[directive.name])


def _merged(inherited: dict[str, list[Directive]], own: list[Directive]) -> dict[str, list[Directive]]:
    """nginx's merge: a level that sets something at all replaces what it would inherit."""
    mine: dict[str, list[Directive]] = {}
    for directive in own:
        if directive.name not in ("server", "location", "upstream", "if", "return", "rewrite", "proxy_pass", "set"):
            mine.setdefault(directive.name, []).append(directive)
    return {**inherited, **mine}


def _server(directive: Directive, http: Scope, configuration: Configuration, resolve: Resolver) -> Server:
    own = directive.block or []
    scope = Scope(_merged(http.settings, own), "server", own=own)
    _nest(scope, own, configuration, resolve)
    listens: list[tuple[str, int]] = []
    default = set()
    for listen in scope.all("listen"):
        address = _listen(listen)
        if address is None:
            continue
        listens.append(address)
        if "default_server" in listen.args or "default" in listen.args:
            default.add(address)
    names = [name for names in scope.all("server_name") for name in names.args]
    return Server(scope, listens or [("0.0.0.0", 80)], default, names)


def _listen(directive: Directive) -> tuple[str, int] | None:
    """Address and port; None for IPv6, which the practice cluster does not have."""
    text = directive.args[0]
    if text.startswith("["):
        return None
    address, colon, port = text.rpartition(":")
    if not colon:
        address, port = ("", text) if text.isdigit() else (text, "80")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise directive.fail(f'invalid port in "{text}" of the "listen" directive')
    return {"": "0.0.0.0", "*": "0.0.0.0", "localhost": "127.0.0.1"}.get(address, address), int(port)


def _nest(scope: Scope, own: list[Directive], configuration: Configuration, resolve: Resolver) -> None:
    for directive in own:
        if directive.name == "location":
            inner = _location(directive, scope)
            scope.locations.append(inner)
            _nest(inner, inner.own, configuration, resolve)
        elif directive.name == "if":
            _nest(scope, directive.block or [], configuration, resolve)
        elif directive.name == "proxy_pass":
            _register(directive, configuration, resolve)


def _location(directive: Directive, outer: Scope) -> Scope:
    own = directive.block or []
    words = directive.args
    modifier, pattern = (words[0], words[1]) if len(words) > 1 else ("", words[0] if words else "/")
    inherited = {name: value for name, value in outer.settings.items() if name not in ("alias", "stub_status")}
    scope = Scope(_merged(inherited, own), "location", modifier, pattern, own=own)
    if modifier in ("~", "~*"):
        try:
            scope.regex = re.compile(pattern.replace("(?<", "(?P<"), re.IGNORECASE if modifier == "~*" else 0)
        except re.error as error:
            raise directive.fail(f'pcre2_compile() failed: {error} in "{pattern}"') from None
    elif modifier not in ("", "=", "^~"):
        raise directive.fail(f'invalid location modifier "{modifier}"')
    return scope


def split_url(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and URI of what proxy_pass names; the URI is empty if there is none."""
    scheme, _, rest = url.partition("://")
    host, slash, uri = rest.partition("/")
    name, colon, port = host.partition(":")
    return scheme, name, int(port) if colon and port.isdigit() else {"https": 443}.get(scheme, 80), slash + uri


def _register(directive: Directive, configuration: Configuration, resolve: Resolver) -> None:
    """Make an upstream for a proxy_pass to a host, unless there is one or a variable decides."""
    url = directive.args[0]
    if not url.startswith(("http://", "https://", "$")):
        raise directive.fail("invalid URL prefix")
    if url.startswith("https://"):
        raise directive.fail("the practice cluster's nginx has no TLS: https is not possible")
    _, name, port, _ = split_url(url)
    key = f"{name}:{port}" if port != 80 else name
    if "$" in url or name in configuration.upstreams or key in configuration.upstreams:
        return
    peers = [Peer(address, port) for address in _resolved(directive, name, resolve)]
    configuration.upstreams[key] = Upstream(key, peers)


def _resolved(directive: Directive, name: str, resolve: Resolver) -> list[str]:
    addresses = resolve(name)
    if not addresses:
        raise directive.fail(f'host not found in upstream "{name}"')
    return addresses


def _upstream(directive: Directive, resolve: Resolver) -> Upstream:
    upstream = Upstream(directive.args[0])
    for row in directive.block or []:
        if row.name in ("least_conn", "ip_hash", "random", "hash"):
            upstream.method = row.name
        if row.name != "server":
            continue
        name, colon, port = row.args[0].partition(":")
        options: dict[str, Any] = dict(word.partition("=")[::2] for word in row.args[1:])
        for address in _resolved(row, name, resolve):
            upstream.peers.append(
                Peer(
                    address,
                    int(port) if colon and port.isdigit() else 80,
                    weight=int(options.get("weight", 1)),
                    backup="backup" in options,
                    down="down" in options,
                    max_fails=int(options.get("max_fails", 1)),
                    fail_timeout=seconds(options.get("fail_timeout", "10s")) or 10.0,
                )
            )
    if not upstream.peers:
        raise directive.fail(f'no servers are inside upstream in "{upstream.name}"')
    return upstream
