"""What curl writes besides the page: headers, `-v`, the progress meter, `-w`.

Law: pure text; who calls it decides where it goes.

Models curl's src/tool_writeout.c, src/tool_cb_dbg.c and lib/progress.c.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tinykube.images.curl.urls import Url
from tinykube.runtime import http

METER_HEAD = (
    "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
    "                                 Dload  Upload   Total   Spent    Left  Speed\n"
)
SHORTEST = 0.001  # seconds that a transfer takes at least, for its speed


@dataclass
class Transfer:
    """What is known of one URL's transfer."""

    url: Url
    started: float
    address: str = ""
    local: tuple[str, int] = ("", 0)
    request: http.Request = field(default_factory=lambda: http.Request("GET", "/"))
    response: http.Response | None = None
    ended: float = 0.0
    connected: bool = False
    redirects: int = 0
    received: int = 0
    header_size: int = 0
    redirect_url: str = ""
    exit_code: int = 0
    error: str = ""

    @property
    def seconds(self) -> float:
        """How long it took."""
        return max(0.0, self.ended - self.started)


def head_of(response: http.Response) -> bytes:
    """The status line and headers as they came over the wire."""
    lines = [f"HTTP/1.1 {response.status} {response.reason}"]
    lines += [f"{name}: {value}" for name, value in response.headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def complete(response: http.Response, method: str) -> http.Response:
    """The response with the Content-Length that its server sends; without a body for HEAD."""
    bodiless = response.status in (204, 304) or response.status < 200
    headers = list(response.headers)
    if not bodiless and not http.header(headers, "content-length") and not http.header(headers, "transfer-encoding"):
        headers.append(("Content-Length", str(len(response.body))))
    body = b"" if bodiless or method == "HEAD" else response.body
    return http.Response(response.status, headers, body, response.reason)


def resolved(url: Url, addresses: list[str]) -> str:
    """`-v`: a name was looked up."""
    return f"* Host {url.host}:{url.port} was resolved.\n* IPv6: (none)\n* IPv4: {', '.join(addresses)}\n"


def sent(request: http.Request) -> str:
    """`-v`: the request."""
    lines = [f"{request.method} {request.target} HTTP/1.1", *(f"{n}: {v}" for n, v in request.headers), ""]
    return "".join(f"> {line}\r\n" for line in lines) + "* Request completely sent off\n"


def answered(response: http.Response) -> str:
    """`-v`: the response's head."""
    return "".join(f"< {line}\r\n" for line in head_of(response).decode("latin-1").split("\r\n")[:-1])


def meter(received: int, sent_bytes: int, seconds: float) -> str:
    """One line of the progress meter, as it stands at the end."""
    spent = max(seconds, SHORTEST)
    down, up = round(received / spent), round(sent_bytes / spent)
    whole = seconds >= 1
    clock = f"{int(seconds) // 3600:2d}:{int(seconds) // 60 % 60:02d}:{int(seconds) % 60:02d}" if whole else "--:--:--"
    percent = [100 if count else 0 for count in (received + sent_bytes, received, sent_bytes)]
    columns = zip(percent, (received + sent_bytes, received, sent_bytes), strict=True)
    head = "  ".join(f"{share:3d} {_five(count)}" for share, count in columns)
    return f"\r{head}  {_five(down)}  {_five(up)} {clock} {clock} --:--:-- {_five(down + up)}"


def _five(count: int) -> str:
    if count < 100_000:
        return f"{count:5d}"
    if count < 10_000 * 1024:
        return f"{count // 1024:4d}k"
    return f"{count / 1024 / 1024:4.1f}M" if count < 100 * 1024 * 1024 else f"{count // 1024 // 1024:4d}M"


def write_out(template: str, transfer: Transfer, method: str) -> tuple[str, str]:
    """What `-w` prints, and warnings about variables that curl does not have."""
    known, warnings = _variables(transfer, method), ""

    def replace(match: re.Match[str]) -> str:
        nonlocal warnings
        name = match[1]
        if name is None:
            escapes = {"%%": "%", "\\n": "\n", "\\r": "\r", "\\t": "\t"}
            return escapes[match[0]]
        if name.startswith("header{"):
            return transfer.response.header(name[7:-1]) if transfer.response else ""
        if name not in known:
            warnings += f"curl: unknown --write-out variable: '{name}'\n"
            return ""
        return known[name]

    return re.sub(r"%%|\\n|\\r|\\t|%\{(header\{[^}]*\}|[^}]*)\}", replace, template), warnings


def _variables(transfer: Transfer, method: str) -> dict[str, str]:
    response, seconds = transfer.response, f"{transfer.seconds:.6f}"
    status = f"{response.status if response else 0:03d}"
    quick = "0.000000"
    return {
        "http_code": status,
        "response_code": status,
        "http_version": "1.1" if response else "0",
        "content_type": response.header("Content-Type") if response else "",
        "size_download": str(transfer.received),
        "size_upload": str(len(transfer.request.body)),
        "size_header": str(transfer.header_size),
        "speed_download": str(round(transfer.received / max(transfer.seconds, SHORTEST))),
        "time_total": seconds,
        "time_starttransfer": seconds if response else quick,
        "time_pretransfer": quick,
        "time_connect": quick,
        "time_namelookup": quick,
        "time_appconnect": quick,
        "time_redirect": quick,
        "num_redirects": str(transfer.redirects),
        "num_connects": "1" if transfer.connected else "0",
        "redirect_url": transfer.redirect_url,
        "url": str(transfer.url),
        "url_effective": str(transfer.url),
        "scheme": transfer.url.scheme,
        "method": method,
        "remote_ip": transfer.address,
        "remote_port": str(transfer.url.port if transfer.address else 0),
        "exitcode": str(transfer.exit_code),
        "errormsg": transfer.error,
        "stdout": "",
        "stderr": "",
    }
