"""curl's command line.

Law: pure: words in, `Options` out. What curl has and this one has not is named as such, not ignored.

Models curl's src/tool_getparam.c.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote_plus

HINT = "curl: try 'curl --help' or 'curl --manual' for more information\n"
SHORT = {
    "s": "silent", "S": "show-error", "f": "fail", "i": "include", "I": "head", "L": "location", "v": "verbose",
    "k": "insecure", "4": "ipv4", "6": "ipv6", "G": "get", "g": "globoff", "O": "remote-name", "N": "no-buffer",
    "0": "http1.0", "#": "progress-bar", "h": "help", "V": "version", "q": "disable", "Z": "parallel",
    "o": "output", "w": "write-out", "X": "request", "d": "data", "H": "header", "m": "max-time", "u": "user",
    "A": "user-agent", "e": "referer", "b": "cookie", "D": "dump-header", "E": "cert",
    "x": "proxy", "F": "form", "T": "upload-file", "c": "cookie-jar", "K": "config", "C": "continue-at", "r": "range",
}  # fmt: skip


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SWITCHES = _names(
    "silent show-error fail include head location verbose insecure ipv4 ipv6 get globoff remote-name buffer http1.0 "
    "progress-bar help version disable parallel compressed fail-with-body http1.1 http2 http2-prior-knowledge "
    "fail-early retry-connrefused retry-all-errors progress-meter path-as-is create-dirs location-trusted "
    "tcp-nodelay keepalive basic no-buffer no-progress-meter no-keepalive"
)
VALUES = _names(
    "output write-out request data data-raw data-ascii data-binary data-urlencode json header max-time connect-timeout "
    "retry retry-delay retry-max-time user user-agent referer cookie dump-header resolve max-redirs url cacert cert "
    "key limit-rate keepalive-time"
)
ELSEWHERE = _names("proxy form upload-file cookie-jar config continue-at range unix-socket connect-to")
NUMBERS = _names("max-time connect-timeout retry retry-delay retry-max-time max-redirs")


class Wrong(Exception):
    """The command line makes no sense: curl prints this and ends with `status`."""

    def __init__(self, message: str, status: int = 2) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Options:
    """What was asked for. `switches` holds the long names of options without a value; times are in seconds."""

    urls: list[str] = field(default_factory=list)
    switches: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)
    headers: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    resolve: dict[tuple[str, int], str] = field(default_factory=dict)
    body: bytes | None = None
    json: bool = False

    def __contains__(self, name: str) -> bool:
        return name in self.switches

    def seconds(self, name: str) -> float | None:
        """The value of a numeric option; 0 counts as not given."""
        return float(self.values[name]) or None if name in self.values else None

    def count(self, name: str, default: int) -> int:
        """The value of a numeric option as a whole number."""
        return int(float(self.values.get(name, default)))

    @property
    def method(self) -> str:
        """The request's method."""
        if "request" in self.values:
            return self.values["request"]
        if "head" in self:
            return "HEAD"
        return "GET" if self.body is None or "get" in self else "POST"


def parse(words: list[str], read: Callable[[str], bytes]) -> Options:
    """The options of a command line. `read` gives the contents of a file for `-d @file`.

    Raises:
        Wrong: with curl's words.
    """
    options, pending = Options(), list(words)
    while pending:
        word = pending.pop(0)
        if word == "--":
            options.urls += pending
            break
        if word.startswith("--"):
            _long(options, word, word[2:], pending, read)
        elif word.startswith("-") and word != "-":
            _letters(options, word, pending, read)
        else:
            options.urls.append(word)
    if "get" in options and options.body:
        extra = options.body.decode("utf-8", "surrogateescape")
        options.urls = [f"{url}{'&' if '?' in url else '?'}{extra}" for url in options.urls]
        options.body = None
    return options


def _long(options: Options, shown: str, name: str, pending: list[str], read: Callable[[str], bytes]) -> None:
    if name in SWITCHES:
        options.switches.add(name)
    elif name.startswith("no-") and name[3:] in SWITCHES:
        options.switches.discard(name[3:])
    elif name in VALUES:
        if not pending:
            raise Wrong(f"option {shown}: requires parameter")
        _value(options, shown, name, pending.pop(0), read)
    elif name in ELSEWHERE:
        raise Wrong(f"option {shown}: the practice cluster's curl does not have it; a kind cluster's has")
    else:
        raise Wrong(f"option {shown}: is unknown")


def _letters(options: Options, word: str, pending: list[str], read: Callable[[str], bytes]) -> None:
    for index, letter in enumerate(word[1:], 1):
        name = SHORT.get(letter)
        if name is None:
            raise Wrong(f"option {word}: is unknown")
        if name in VALUES and (rest := word[index + 1 :]):
            _value(options, word, name, rest, read)
            return
        _long(options, word, name, pending, read)
        if name in VALUES:
            return


def _value(options: Options, shown: str, name: str, text: str, read: Callable[[str], bytes]) -> None:
    if name in NUMBERS:
        try:
            float(text)
        except ValueError:
            raise Wrong(f"option {shown}: expected a proper numerical parameter") from None
    if name == "header":
        options.headers.append(text)
    elif name == "url":
        options.urls.append(text)
    elif name == "output":
        options.outputs.append(text)
    elif name == "resolve":
        host, port, address = [*text.split(":", 2), "", ""][:3]
        options.resolve[host, int(port or 0)] = address
    elif name == "json" or name.startswith("data"):
        _data(options, name, text, read)
    else:
        options.values[name] = text


def _data(options: Options, name: str, text: str, read: Callable[[str], bytes]) -> None:
    data = text.encode("utf-8", "surrogateescape")
    if name == "data-urlencode":
        field_name, equals, value = text.partition("=")
        data = (f"{field_name}=" if field_name else "").encode() if equals else b""
        data += quote_plus(value if equals else text).replace("+", "%20").encode()
    elif text.startswith("@") and name != "data-raw":
        data = read(text[1:])
        if name in ("data", "data-ascii"):
            data = data.replace(b"\r", b"").replace(b"\n", b"")
    glue = b"" if name == "json" else b"&"
    options.json = options.json or name == "json"
    options.body = data if options.body is None else options.body + glue + data
