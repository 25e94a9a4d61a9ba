"""Who may ask, and how often: allow and deny, auth_basic, limit_req.

Law: raises `Failed` for a request that is refused; otherwise only `limit_req` without `nodelay` costs time.

Models nginx's src/http/modules/ngx_http_access_module.c, ngx_http_auth_basic_module.c, ngx_http_limit_req_module.c and
src/core/ngx_crypt.c.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
from dataclasses import dataclass, field

from tinykube.images.nginx.model import Scope
from tinykube.images.nginx.static import Failed
from tinykube.images.nginx.variables import Exchange

_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_APR1_ORDER = ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5))


def check_address(scope: Scope, exchange: Exchange) -> None:
    """allow and deny. Raises Failed."""
    rules = [d for d in scope.own if d.name in ("allow", "deny")] or scope.all("allow") + scope.all("deny")
    for rule in rules:
        if rule.args[0] == "all" or _in_network(exchange.request.peer[0], rule.args[0]):
            if rule.name == "deny":
                raise Failed(403, "access forbidden by rule", level="error")
            return


def _in_network(address: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


# -- passwords -----------------------------------------------------------------------------------------------


def check_password(scope: Scope, exchange: Exchange) -> None:
    """auth_basic. Raises Failed."""
    realm = exchange.expand(scope.value("auth_basic", "off"))
    if realm == "off":
        return
    challenge = [("WWW-Authenticate", f'Basic realm="{realm}"')]
    given = _credentials(exchange.request.header("authorization"))
    if given is None:
        why = "no user/password was provided for basic authentication"
        raise Failed(401, why, level="info", headers=challenge)
    user, password = given
    path = exchange.expand(scope.value("auth_basic_user_file", ""))
    stored = _stored(exchange, path, user)
    if stored is None:
        raise Failed(401, f'user "{user}" was not found in "{path}"', headers=challenge)
    if not matches(password, stored):
        raise Failed(401, f'user "{user}": password mismatch', headers=challenge)
    exchange.values["remote_user"] = user


def _credentials(header: str) -> tuple[str, str] | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded.strip()).decode("utf-8", "replace").partition(":")
    except binascii.Error:
        return None
    return (user, password) if colon else None


def _stored(exchange: Exchange, path: str, user: str) -> str | None:
    try:
        text = exchange.process.fs.read(exchange.process.path(path)).decode("utf-8", "replace")
    except OSError as error:
        raise Failed(403, f'open() "{path}" failed ({error.errno}: {error.strerror})') from None
    rows = (row.split(":") for row in text.splitlines() if ":" in row and not row.startswith("#"))
    return next((row[1] for row in rows if row[0] == user), None)


def matches(password: str, stored: str) -> bool:
    """Whether a password is the one that a password file holds as `{PLAIN}`, `{SHA}`, `{SSHA}` or `$apr1$`."""
    if stored.startswith("{PLAIN}"):
        return password == stored[7:]
    if stored.startswith("{SHA}"):
        return base64.b64encode(_sha1(password.encode())).decode() == stored[5:]
    if stored.startswith("{SSHA}"):
        held = base64.b64decode(stored[6:])
        return _sha1(password.encode() + held[20:]) == held[:20]
    if stored.startswith("$apr1$"):
        return _apr1(password.encode(), stored.split("$")[2].encode()) == stored
    return False


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _apr1(password: bytes, salt: bytes) -> str:
    """Apache's MD5 of a password, as `htpasswd` and `openssl passwd -apr1` make it."""
    inner, length = _md5(password + salt + password), len(password)
    start = password + b"$apr1$" + salt + (inner * (length // 16 + 1))[:length]
    while length:
        start += b"\0" if length & 1 else password[:1]
        length >>= 1
    final = _md5(start)
    for turn in range(1000):
        odd = turn % 2
        middle = (salt if turn % 3 else b"") + (password if turn % 7 else b"")
        final = _md5((password if odd else final) + middle + (final if odd else password))
    triples = [final[a] << 16 | final[b] << 8 | final[c] for a, b, c in _APR1_ORDER]
    text = "".join(_base64(number, 4) for number in triples) + _base64(final[11], 2)
    return f"$apr1${salt.decode()}${text}"


def _base64(number: int, digits: int) -> str:
    return "".join(_ALPHABET[number >> 6 * place & 63] for place in range(digits))


# -- rates ---------------------------------------------------------------------------------------------------


@dataclass
class Limits:
    """The leaky buckets of a configuration: (zone, key) -> (requests in excess, when that was)."""

    buckets: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)

    async def check(self, http: Scope, scope: Scope, exchange: Exchange) -> None:
        """limit_req. Raises Failed."""
        for directive in scope.all("limit_req"):
            options = dict(word.partition("=")[::2] for word in directive.args)
            await self._check(http, exchange, options["zone"], options)

    async def _check(self, http: Scope, exchange: Exchange, zone: str, options: dict[str, str]) -> None:
        defined = next((d.args for d in http.all("limit_req_zone") if f"zone={zone}:" in " ".join(d.args)), None)
        if defined is None:
            raise Failed(500, f'zero size shared memory zone "{zone}"', level="emerg")
        rate = _rate(next(word for word in defined if word.startswith("rate=")))
        key, now = (zone, exchange.expand(defined[0])), exchange.process.clock.now()
        excess, since = self.buckets.get(key, (-1.0, now))
        excess = max(0.0, excess + 1 - (now - since) * rate) if key in self.buckets else 0.0
        if excess > int(options.get("burst", "0")):
            raise Failed(503, f'limiting requests, excess: {excess:.3f} by zone "{zone}"')
        self.buckets[key] = (excess, now)
        if excess and "nodelay" not in options:
            await exchange.process.sleep(excess / rate)


def _rate(text: str) -> float:
    number, _, unit = text.removeprefix("rate=").partition("r/")
    return float(number) / (60 if unit == "m" else 1)
