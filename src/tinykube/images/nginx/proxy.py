"""Passing a request on to an upstream server, and to the next one if that fails.

Law: which server comes next and when one counts as failed follows nginx: smooth weighted round robin, backups last,
`max_fails` failures within `fail_timeout` take a server out for as long.

Models nginx's src/http/ngx_http_upstream.c and ngx_http_upstream_round_robin.c.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from tinykube.images.nginx.model import Peer, Scope, Upstream, split_url
from tinykube.images.nginx.static import Failed
from tinykube.images.nginx.variables import Exchange
from tinykube.runtime import dns, http
from tinykube.runtime.http import Headers, Response

if TYPE_CHECKING:
    from tinykube.images.nginx.handler import Site

IDEMPOTENT = ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE")
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer", "proxy-connection"}


async def forward(site: Site, scope: Scope, exchange: Exchange, url: str) -> Response:
    """The upstream's response. Raises Failed with 502 or 504."""
    variable = "$" in url
    _, name, port, uri = split_url(exchange.expand(url))
    key = f"{name}:{port}" if port != 80 else name
    upstream = site.configuration.upstreams.get(name) or site.configuration.upstreams.get(key)
    if upstream is None:
        upstream = _resolved(site, exchange, name, port)
    exchange.values["proxy_host"] = key
    target = _target(scope, exchange, uri, variable)
    return await _try_peers(site, scope, exchange, upstream, target)


def _resolved(site: Site, exchange: Exchange, name: str, port: int) -> Upstream:
    """The servers of a name that only the request told."""
    if not dns.is_address(name) and exchange.scope is not None and exchange.scope.args("resolver") is None:
        raise Failed(502, f"no resolver defined to resolve {name}")
    addresses = dns.resolve(site.process.fs, site.process.host, name)
    if not addresses:
        raise Failed(502, f"{name} could not be resolved (3: Host not found)")
    return Upstream(name, [Peer(address, port) for address in addresses])


def _target(scope: Scope, exchange: Exchange, uri: str, variable: bool) -> str:
    """What is asked of the upstream: proxy_pass with a URI replaces the part that the location matched."""
    if not uri:
        return exchange.request.target if not exchange.redirects else _with_args(exchange.uri, exchange.args)
    if variable or scope.regex is not None:
        return uri
    return _with_args(uri + exchange.uri[len(scope.pattern) :], exchange.args)


def _with_args(path: str, args: str) -> str:
    return f"{path}?{args}" if args else path


async def _try_peers(site: Site, scope: Scope, exchange: Exchange, upstream: Upstream, target: str) -> Response:
    when = scope.args("proxy_next_upstream") or ["error", "timeout"]
    most = int(scope.value("proxy_next_upstream_tries", "0")) or len(upstream.peers)
    tried: list[Peer] = []
    failure = Failed(502, "no live upstreams while connecting to upstream", upstream=f"http://{upstream.name}{target}")
    while len(tried) < most:
        peer = _next_peer(upstream, tried, site.process.clock.now(), exchange)
        if peer is None:
            break
        if tried and failure.message:
            site.complain(exchange, failure.level, failure.message, failure.upstream)
        tried.append(peer)
        try:
            response = await _ask(site, scope, exchange, peer, target)
        except OSError as error:
            timed_out = error.errno == errno.ETIMEDOUT
            failure = _connect_failure(error, peer, target)
            _note(exchange, peer, failure.status, 0.0)
            _mark_failed(peer, site.process.clock.now())
            if ("timeout" if timed_out else "error") not in when:
                break
            continue
        again = f"http_{response.status}" in when and (
            exchange.request.method in IDEMPOTENT or "non_idempotent" in when
        )
        if not again or len(tried) == most:
            if not again:
                peer.fails = 0
            return response
        _mark_failed(peer, site.process.clock.now())
        failure = Failed(response.status)
    raise failure


def _connect_failure(error: OSError, peer: Peer, target: str) -> Failed:
    url = f"http://{peer.address}:{peer.port}{target}"
    if error.errno == errno.ETIMEDOUT:
        message = "upstream timed out (110: Connection timed out) while connecting to upstream"
        return Failed(504, message, upstream=url)
    if error.errno == errno.ECONNRESET:
        message = "upstream prematurely closed connection while reading response header from upstream"
        return Failed(502, message, upstream=url)
    number = {errno.ECONNREFUSED: 111, errno.EHOSTUNREACH: 113}.get(error.errno or 0, error.errno)
    message = f"connect() failed ({number}: {error.strerror}) while connecting to upstream"
    return Failed(502, message, upstream=url)


def _next_peer(upstream: Upstream, tried: list[Peer], now: float, exchange: Exchange) -> Peer | None:
    alive = [
        peer for peer in upstream.peers if peer not in tried and not peer.down and not _is_out(peer, now, upstream)
    ]
    candidates = [peer for peer in alive if not peer.backup] or alive
    if not candidates:
        return None
    if upstream.method == "ip_hash":
        return candidates[sum(map(int, exchange.request.peer[0].split(".")[:3])) % len(candidates)]
    total = sum(peer.weight for peer in candidates)
    for peer in candidates:
        peer.current += peer.weight
    best = max(candidates, key=lambda peer: peer.current)
    best.current -= total
    return best


def _is_out(peer: Peer, now: float, upstream: Upstream) -> bool:
    if not peer.max_fails or len(upstream.peers) == 1 or peer.fails < peer.max_fails:
        return False
    if now - peer.failed_at <= peer.fail_timeout:
        return True
    peer.fails = peer.max_fails - 1  # one request finds out whether it is back
    return False


def _mark_failed(peer: Peer, now: float) -> None:
    if now - peer.failed_at > peer.fail_timeout:
        peer.fails = 0
    peer.fails += 1
    peer.failed_at = now


async def _ask(site: Site, scope: Scope, exchange: Exchange, peer: Peer, target: str) -> Response:
    request = exchange.request
    started = site.process.clock.now()
    limit = max(scope.time("proxy_connect_timeout", 60.0), 0.001)
    listener, _, _ = await site.process.host.reach(peer.address, peer.port, limit)
    del listener  # reached: from here on it is the read time-out that counts
    response = await http.request(
        site.process.host,
        peer.address,
        peer.port,
        target,
        method=request.method,
        headers=_headers(scope, exchange),
        body=request.body,
        timeout=scope.time("proxy_read_timeout", 60.0),
    )
    _note(exchange, peer, response.status, site.process.clock.now() - started)
    kept = [(name, value) for name, value in response.headers if name.lower() not in HOP_BY_HOP | {"server", "date"}]
    return Response(response.status, kept, response.body, response.reason)


def _headers(scope: Scope, exchange: Exchange) -> Headers:
    own = {d.args[0].lower(): (d.args[0], exchange.expand(d.args[1])) for d in scope.all("proxy_set_header")}
    own.setdefault("host", ("Host", exchange.get("proxy_host")))
    headers = [own.pop("host")]
    for name, value in exchange.request.headers:
        if name.lower() not in HOP_BY_HOP | {"host"} and name.lower() not in own:
            headers.append((name, value))
    return headers + [(name, value) for name, value in own.values() if value and name.lower() not in HOP_BY_HOP]


def _note(exchange: Exchange, peer: Peer, status: int, took: float) -> None:
    for name, value in (("addr", f"{peer.address}:{peer.port}"), ("status", str(status)), ("time", f"{took:.3f}")):
        exchange.upstream.setdefault(name, []).append(value)
