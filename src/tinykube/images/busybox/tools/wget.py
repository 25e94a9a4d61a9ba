"""wget: HTTP over the cluster's network.

Models busybox's networking/wget.c.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinykube.images.busybox.tools.options import Options, UsageError, parse
from tinykube.runtime import dns, http
from tinykube.runtime.http import Headers, Response
from tinykube.runtime.paths import basename
from tinykube.runtime.process import Process

LATENCY = 0.001  # seconds that a request takes, so that a loop of requests lets time pass
MOST_REDIRECTS = 5
BAR = 32


class _Failed(Exception):
    """The end, with a message."""


@dataclass
class Url:
    """What a URL names."""

    place: str
    """Host and port as they were written, for the Host header and for messages."""
    host: str
    port: int
    target: str


def parse_url(text: str) -> Url:
    """Take a URL apart. Raises _Failed for what the practice cluster cannot fetch."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "http", text
    if scheme == "https":
        raise _Failed("the practice cluster's wget has no TLS: use http://")
    if scheme != "http":
        raise _Failed(f"not an http or ftp url: {text}")
    end = min((i for i in (rest.find("/"), rest.find("?"), rest.find("#")) if i >= 0), default=len(rest))
    place, target = rest[:end].rpartition("@")[2], rest[end:].partition("#")[0]
    host, colon, port = place.partition(":")
    if colon and not port.isdigit():
        raise _Failed(f"bad port spec '{port}'")
    return Url(place, host, int(port) if colon else 80, target if target.startswith("/") else "/" + target)


class _Wget:
    """One run."""

    def __init__(self, process: Process, options: Options) -> None:
        self.process, self.options = process, options
        self.quiet = "q" in options

    def note(self, text: str) -> None:
        if not self.quiet:
            self.process.err(text + "\n")

    async def fetch(self, text: str) -> None:
        """Get one URL and save it."""
        url = parse_url(text)
        for _ in range(MOST_REDIRECTS):
            response = await self._request(url)
            if response.status not in (301, 302, 303, 307, 308):
                break
            location = response.header("location")
            url = parse_url(location) if "://" in location else Url(url.place, url.host, url.port, location)
        else:
            raise _Failed("too many redirections")
        if not 200 <= response.status < 300:
            raise _Failed(f"server returned error: HTTP/1.1 {response.status} {response.reason}".rstrip())
        if "spider" in self.options:
            self.note("remote file exists")
            return
        self._save(url, response)

    async def _request(self, url: Url) -> Response:
        address = self._resolve(url)
        self.note(f"Connecting to {url.place} ({address}:{url.port})")
        method, body = self._body()
        timeout = float(self.options.values.get("T", "900"))
        await self.process.sleep(LATENCY)
        try:
            response = await http.request(
                self.process.host,
                address,
                url.port,
                url.target,
                method=method,
                headers=self._headers(url, body),
                body=body,
                timeout=timeout,
            )
        except TimeoutError:
            raise _Failed("download timed out") from None
        except ConnectionResetError as error:
            raise _Failed(f"error getting response: {error.strerror}") from None
        except OSError as error:
            raise _Failed(f"can't connect to remote host ({address}): {error.strerror}") from None
        if "S" in self.options:
            self._show(response)
        return response

    def _resolve(self, url: Url) -> str:
        if url.host == "localhost":
            return "127.0.0.1"
        try:
            addresses = dns.resolve(self.process.fs, self.process.host, url.host)
        except OSError:
            addresses = []
        if not addresses:
            raise _Failed(f"bad address '{url.place}'")
        return addresses[0]

    def _body(self) -> tuple[str, bytes]:
        if "post-data" in self.options:
            return "POST", self.options.values["post-data"].encode("utf-8", "surrogateescape")
        if "post-file" in self.options:
            return "POST", self.process.fs.read(self.process.path(self.options.values["post-file"]))
        return ("HEAD" if "spider" in self.options else "GET"), b""

    def _headers(self, url: Url, body: bytes) -> Headers:
        headers = [("Host", url.place), ("User-Agent", self.options.values.get("U", "Wget"))]
        for text in self.options.all.get("header", []):
            name, _, value = text.partition(":")
            headers = [pair for pair in headers if pair[0].lower() != name.lower()]
            headers.append((name, value.strip()))
        if "post-data" in self.options or "post-file" in self.options:
            if not http.header(headers, "content-type"):
                headers.append(("Content-Type", "application/x-www-form-urlencoded"))
            headers.append(("Content-Length", str(len(body))))
        return [*headers, ("Connection", "close")]

    def _show(self, response: Response) -> None:
        rows = [f"HTTP/1.1 {response.status} {response.reason}".rstrip()]
        if 200 <= response.status < 400:
            rows += [f"{name}: {value}" for name, value in response.headers]
            rows.append("")
        self.process.err("".join(f"  {row}\n" for row in rows))

    def _save(self, url: Url, response: Response) -> None:
        name = self.options.values.get("O") or basename(url.target.partition("?")[0]) or "index.html"
        if name == "/":
            name = "index.html"
        if "P" in self.options and "O" not in self.options:
            name = f"{self.options.values['P'].rstrip('/')}/{name}"
        if name == "-":
            self.note("writing to stdout")
            self.process.out(response.body)
        else:
            if "O" not in self.options and self.process.find(name) is not None:
                raise _Failed(f"can't open '{name}': File exists")
            try:
                stream = self.process.open(name, "w")
            except OSError as error:
                raise _Failed(f"can't open '{name}': {error.strerror}") from None
            self.note(f"saving to '{name}'")
            stream.write(response.body)
            stream.release()
        self.note(f"{basename(name)[:20]:<20} 100% |{'*' * BAR}| {len(response.body):5}  0:00:00 ETA")
        self.note("written to stdout" if name == "-" else f"'{name}' saved")


async def main(process: Process) -> int:
    """The program."""
    options, urls = parse(
        process,
        "cqSO:o:P:U:T:Y:t:{header:}{post-data:}{post-file:}{spider}{no-check-certificate}{quiet}{timeout:}{tries:}",
    )
    if "quiet" in options:
        options.add("q")
    if "timeout" in options:
        options.values["T"] = options.values["timeout"]
    if not urls:
        raise UsageError("")
    run = _Wget(process, options)
    for url in urls:
        try:
            await run.fetch(url)
        except _Failed as failure:
            process.err(f"{process.name}: {failure}\n")
            return 1
    return 0
