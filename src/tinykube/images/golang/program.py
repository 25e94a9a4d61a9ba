"""A Go program from the outside: its log lines, its signals, its HTTP servers, its exit.

Law: one `GoProgram` a process. A signal that the program does not handle ends it: as pid 1 with status 2, because the
kernel ignores the signal that Go's runtime then sends to itself.

Models Go's runtime (dieFromSignal), log and net/http, and k8s.io/klog.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs

from tinykube.runtime import http, signals
from tinykube.runtime.oserror import oserror
from tinykube.runtime.process import Process

MEMORY = 6 * 1024 * 1024  # bytes that Go's runtime and a small server take
FATAL = (signals.SIGHUP, signals.SIGINT, signals.SIGTERM)
PLAIN = "text/plain; charset=utf-8"
Handler = Callable[[http.Request], Awaitable[http.Response]]


class GoProgram:
    """The process seen as a Go program. `klog`: its log has klog's prefix, with the line of Go's log package."""

    def __init__(self, process: Process, *, klog: bool = False) -> None:
        self.process, self.klog = process, klog
        self._end: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        process.charge(MEMORY)
        for number in FATAL:
            process.on_signal(number, self._die)

    def _die(self, number: int) -> None:
        if self.process.pid == 1:
            self.exit(2)
        else:
            self.process.die(number)

    def on_signal(self, number: int, callback: Callable[[], None]) -> None:
        """signal.Notify."""
        self.process.on_signal(number, lambda _: callback())

    def exit(self, status: int) -> None:
        """os.Exit, at the next turn of the loop."""
        if not self._end.done():
            self._end.set_result(status)

    async def ended(self) -> int:
        """Wait for `exit`; return the status."""
        return await self._end

    # -- the log ---------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.fromtimestamp(self.process.clock.now(), UTC)

    def log(self, text: str, *, line: str = "log.go:195", severity: str = "I") -> None:
        """log.Printf, or klog's if the program uses it: one line on standard error."""
        if self.klog:
            prefix = f"{severity}{self.now:%m%d %H:%M:%S.%f} {self.process.pid:7} {line}] "
        else:
            prefix = f"{self.now:%Y/%m/%d %H:%M:%S} "
        self.process.err(f"{prefix}{text.rstrip()}\n")

    def fatal(self, text: str) -> None:
        """log.Fatal: log, and end with status 1."""
        self.log(text)
        self.exit(1)

    # -- HTTP ------------------------------------------------------------------------------------------------

    def listen(self, port: int, handler: Handler) -> bool:
        """Serve HTTP on a port; when it is taken, say so as net.Listen does and return False."""

        async def serve(request: http.Request) -> http.Response:
            response = await handler(request)
            if not response.header("Date"):
                response.headers.insert(0, ("Date", f"{self.now:%a, %d %b %Y %H:%M:%S GMT}"))
            if not response.header("Content-Length"):
                response.headers.append(("Content-Length", str(len(response.body))))
            return response

        try:
            http.serve(self.process, port, serve)
        except OSError as error:
            self.fatal(f"listen tcp :{port}: bind: {(error.strerror or '').lower()}")
            return False
        return True


def reply(body: str | bytes = "", status: int = 200, content_type: str = PLAIN) -> http.Response:
    """A response as net/http completes it."""
    data = body.encode("utf-8", "surrogateescape") if isinstance(body, str) else body
    return http.Response(status, [("Content-Type", content_type)] if data else [], data)


def error_reply(body: str, status: int) -> http.Response:
    """http.Error."""
    response = reply(f"{body}\n", status)
    response.headers.append(("X-Content-Type-Options", "nosniff"))
    return response


def not_found() -> http.Response:
    """http.NotFound."""
    return error_reply("404 page not found", 404)


def redirect(request: http.Request, location: str, status: int) -> http.Response:
    """http.Redirect."""
    body = b""
    if request.method in ("GET", "HEAD"):
        body = f'<a href="{location}">{http.REASONS.get(status, "")}</a>.\n\n'.encode()
    return http.Response(status, [("Content-Type", "text/html; charset=utf-8"), ("Location", location)], body)


def form_value(request: http.Request, name: str) -> str:
    """Request.FormValue: of the body for a POST of a form, else of the query."""
    text = request.query
    if request.method == "POST" and "x-www-form-urlencoded" in request.header("Content-Type"):
        text = f"{request.body.decode('utf-8', 'replace')}&{text}"
    return parse_qs(text, keep_blank_values=True).get(name, [""])[0]


def cut_off() -> OSError:
    """What a handler raises when the program ends before it has answered."""
    return oserror(errno.ECONNRESET)
