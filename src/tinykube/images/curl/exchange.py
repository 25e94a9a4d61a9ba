"""One request of curl's and its answer: look up, connect, ask, and say what went wrong.

Law: a `Failure` carries curl's exit code and words; what `-v` shows goes to standard error as it happens.

Models curl 8.12's lib/connect.c, lib/hostip.c and lib/http.c.
"""

from __future__ import annotations

import base64
import errno

from tinykube.images.curl import output, urls
from tinykube.images.curl.options import Options
from tinykube.images.curl.output import Transfer
from tinykube.runtime import dns, http
from tinykube.runtime.process import Process

VERSION = "8.12.1"


class Failure(Exception):
    """A transfer failed: `code` is curl's exit code."""

    def __init__(self, code: int, message: str, *, refused: bool = False) -> None:
        super().__init__(message)
        self.code, self.refused = code, refused


class Exchange:
    """Requests by the options of one command line."""

    def __init__(self, process: Process, options: Options) -> None:
        self.process, self.options = process, options

    def note(self, text: str) -> None:
        """`-v`."""
        if "verbose" in self.options:
            self.process.err(text)

    async def ask(self, transfer: Transfer, method: str, body: bytes) -> http.Response:
        """One request to one server. Raises Failure."""
        url, process = transfer.url, self.process
        transfer.address = self.look_up(url)
        request = transfer.request = http.Request(method, url.target, self.headers(url, body), body)
        self.note(f"*   Trying {transfer.address}:{url.port}...\n")
        limit = self.options.seconds("max-time")
        left = None if limit is None else max(0.001, limit - (process.clock.now() - transfer.started))
        began = process.clock.now()
        try:
            response = await http.request(
                process.host, transfer.address, url.port, url.target, method=method, headers=list(request.headers),
                body=body, timeout=left, connect_timeout=self.connect_limit(left),
            )  # fmt: skip
        except OSError as error:
            self.note_connected(transfer, error)
            raise self.failure(error, transfer, process.clock.now() - began) from None
        self.note_connected(transfer, None)
        response = output.complete(response, method)
        self.note(output.answered(response))
        if response.body:
            self.note(f"{{ [{len(response.body)} bytes data]\n")
        self.note(f"* Connection #0 to host {url.host} left intact\n")
        return response

    def connect_limit(self, left: float | None) -> float | None:
        """How long connecting may take."""
        given = self.options.seconds("connect-timeout")
        return given if left is None else left if given is None else min(given, left)

    def look_up(self, url: urls.Url) -> str:
        """The server's address. Raises Failure."""
        fixed = self.options.resolve.get((url.host, url.port))
        try:
            addresses = [fixed] if fixed else dns.resolve(self.process.fs, self.process.host, url.host)
        except OSError:
            addresses = []
        if not addresses:
            self.note(f"* Could not resolve host: {url.host}\n* shutting down connection #0\n")
            raise Failure(6, f"Could not resolve host: {url.host}")
        if not dns.is_address(url.host):
            self.note(output.resolved(url, addresses))
        return addresses[0]

    def note_connected(self, transfer: Transfer, error: OSError | None) -> None:
        """`-v`: what became of the connection."""
        url = transfer.url
        if error is None or isinstance(error, http.NoAnswer) or error.errno in (errno.ECONNRESET, errno.EPIPE):
            transfer.connected = True
            self.note(f"* Connected to {url.host} ({transfer.address}) port {url.port}\n* using HTTP/1.x\n")
            self.note(output.sent(transfer.request))
        else:
            self.note(f"* connect to {transfer.address} port {url.port} failed: {error.strerror}\n")

    def failure(self, error: OSError, transfer: Transfer, seconds: float) -> Failure:
        """curl's exit code and words for what the network did."""
        url, spent = transfer.url, round((self.process.clock.now() - transfer.started) * 1000)
        if isinstance(error, http.NoAnswer):
            return Failure(28, f"Operation timed out after {spent} milliseconds with 0 bytes received")
        if error.errno in (errno.ECONNRESET, errno.EPIPE):
            return Failure(52, "Empty reply from server")
        own_limit = "max-time" in self.options.values or "connect-timeout" in self.options.values
        if error.errno == errno.ETIMEDOUT and own_limit:
            return Failure(28, f"Connection timed out after {spent} milliseconds")
        code = 28 if error.errno == errno.ETIMEDOUT else 7
        refused = error.errno == errno.ECONNREFUSED
        return Failure(
            code,
            f"Failed to connect to {url.host} port {url.port} after {round(seconds * 1000)} ms: "
            "Could not connect to server",
            refused=refused,
        )

    def headers(self, url: urls.Url, body: bytes) -> http.Headers:
        """The request's headers: curl's own, replaced or removed by `-H`."""
        options, own = self.options, [("Host", url.authority)]
        secret = url.authorization
        if "user" in options.values:
            secret = "Basic " + base64.b64encode(options.values["user"].encode()).decode()
        if secret:
            own.append(("Authorization", secret))
        own.append(("User-Agent", options.values.get("user-agent", f"curl/{VERSION}")))
        own.append(("Accept", "application/json" if options.json else "*/*"))
        own += [(name, options.values[key]) for name, key in (("Referer", "referer"), ("Cookie", "cookie"))
                if key in options.values]  # fmt: skip
        if body:
            kind = "application/json" if options.json else "application/x-www-form-urlencoded"
            own += [("Content-Length", str(len(body))), ("Content-Type", kind)]
        return self.with_given(own)

    def with_given(self, own: http.Headers) -> http.Headers:
        """`own` headers with those of `-H`: `Name: value`, `Name;` for an empty one, `Name:` to remove."""
        given: http.Headers = []
        for text in self.options.headers:
            name, colon, value = text.partition(":")
            own = [(key, old) for key, old in own if key.lower() != name.strip("; ").lower() or name.endswith(";")]
            if value.strip():
                given.append((name.strip(), value.strip()))
            elif not colon and name.endswith(";"):
                given.append((name[:-1], ""))
        host = next(((n, v) for n, v in given if n.lower() == "host"), None)
        if host is not None:
            given.remove(host)
            own.insert(0, host)
        return own + given
