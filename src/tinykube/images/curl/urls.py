"""URLs as curl reads them: the scheme may be missing, and `{a,b}` and `[1-3]` stand for several.

Models curl's lib/urlapi.c and src/tool_urlglob.c.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from urllib.parse import quote, urljoin

from tinykube.images.curl.options import Wrong

PORTS = {"http": 80, "https": 443}
_GLOB = re.compile(r"\{([^{}]*)\}|\[(\d+|[a-zA-Z])-(\d+|[a-zA-Z])(?::(\d+))?\]")


@dataclass(frozen=True)
class Url:
    """One URL in its parts. `target` is the path with its query."""

    scheme: str
    host: str
    port: int
    target: str
    authorization: str = ""

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        return self.host if self.port == PORTS.get(self.scheme) else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"

    def join(self, location: str) -> Url:
        """Where a redirect leads."""
        return parse(urljoin(str(self), location))


def parse(text: str) -> Url:
    """Take a URL apart. Raises Wrong, with status 3 or 1."""
    if re.search(r"[\x00-\x20\x7f]", text):
        raise Wrong("URL rejected: Malformed input to a URL function", 3)
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "http", text
    scheme = scheme.lower()
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    target = rest[len(authority) :].partition("#")[0]
    user, at, address = authority.rpartition("@")
    host, port = _host_and_port(address, scheme)
    if scheme not in PORTS:
        raise Wrong(f'Protocol "{scheme}" not supported', 1)
    if scheme == "https":
        raise Wrong("TLS is not spoken in the practice cluster's network: use http://", 4)
    target = quote(target if target.startswith("/") else f"/{target}", safe="/?#[]@!$&'()*+,;=:%-._~\"<>\\^`{|}")
    secret = "Basic " + base64.b64encode(user.encode()).decode() if at else ""
    return Url(scheme, host, port, target, secret)


def _host_and_port(address: str, scheme: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":") if not address.endswith("]") else (address, "", "")
    if not colon:
        host, port = address, ""
    if not host:
        raise Wrong("URL rejected: No host part in the URL", 3)
    if port and not (port.isdigit() and int(port) <= 65535):
        raise Wrong("URL rejected: Port number was not a decimal number between 0 and 65535", 3)
    return host.strip("[]").lower(), int(port) if port else PORTS.get(scheme, 0)


def expand(text: str) -> list[tuple[str, list[str]]]:
    """Every URL that a pattern stands for, each with what its `#1`, `#2` … are in an output name."""
    match = _GLOB.search(text)
    if match is None:
        return [(text, [])]
    head, tail = text[: match.start()], expand(text[match.end() :])
    return [(head + word + rest, [word, *words]) for word in _words(match) for rest, words in tail]


def _words(match: re.Match[str]) -> list[str]:
    choices, first, last, step = match.groups()
    if choices is not None:
        return choices.split(",")
    by = int(step or 1)
    if first.isdigit() and last.isdigit():
        width = len(first) if first.startswith("0") else 0
        return [f"{number:0{width}d}" for number in range(int(first), int(last) + 1, by)]
    return [chr(code) for code in range(ord(first[0]), ord(last[0]) + 1, by)]
