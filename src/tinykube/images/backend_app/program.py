"""`python app.py` on the cluster's clock: what `main` in app.py does with sockets and threads.

Law: every answer comes from app.py's own `Backend`; here are only the clock, the network, the log and the signals.

Models labs/images/backend-app/app.py (`main`, `Handler`) and Python's http.server.
"""

from __future__ import annotations

import asyncio
import errno
import html
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

from tinykube.images.backend_app import source
from tinykube.runtime import eager, http, signals
from tinykube.runtime.process import Process

PYTHON = "3.13.7"
MEMORY = 14 * 1024 * 1024  # bytes that Python takes with this program
METHODS = ("GET", "POST")


class Service:
    """One run of the program."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.backend = source.app().Backend(process.env, process.clock.now, process.table.hostname)
        loop = asyncio.get_running_loop()
        self.stopped: asyncio.Future[None] = loop.create_future()
        self.crashed: asyncio.Future[int] = loop.create_future()

    async def run(self) -> int:
        """Start slowly, serve, and leave politely on SIGTERM."""
        self.process.on_signal(signals.SIGTERM, lambda _: eager.resolve(self.stopped))
        self.say(f"backend-app {self.backend.version} starting")
        if await self.wait(self.backend.start_seconds):
            return 0
        listener = http.serve(self.process, self.backend.port, self.answer)
        self.say(self.backend.greeting())
        await asyncio.wait((self.stopped, self.crashed), return_when=asyncio.FIRST_COMPLETED)
        if not self.crashed.done():
            self.say(self.backend.stop())
            await self.wait(self.backend.shutdown_seconds, self.crashed)
        if self.crashed.done():
            return self.crashed.result()
        listener.stop()
        self.say("bye")
        return 0

    async def wait(self, seconds: float, until: asyncio.Future[Any] | None = None) -> bool:
        """Let `seconds` pass, or less if `until` (SIGTERM's future) is resolved; say whether it was."""
        until = self.stopped if until is None else until
        if seconds <= 0:
            return until.done()
        passed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.process.clock.call_later(seconds, lambda: eager.resolve(passed))
        try:
            await asyncio.wait((passed, until), return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
        return until.done()

    async def answer(self, request: http.Request) -> http.Response:
        """Carry one request to the backend and its answer back."""
        if request.method not in METHODS:
            return self.refuse(request.method)
        answer = self.backend.handle(request.method, request.target)
        if answer.delay:
            await self.process.clock.sleep(answer.delay)
        if answer.exit_code is not None and not self.crashed.done():
            self.crashed.set_result(answer.exit_code)
        return self.response(answer.status, answer.content_type, answer.body)

    def refuse(self, method: str) -> http.Response:
        """What http.server says to a method that the handler does not have."""
        python = BaseHTTPRequestHandler
        message = f"Unsupported method ({method!r})"
        words = {"code": 501, "message": html.escape(message, quote=False), "explain": python.responses[501][1]}
        response = self.response(501, python.error_content_type, python.error_message_format % words)
        response.reason = message
        response.headers.append(("Connection", "close"))
        return response

    def response(self, status: int, content_type: str, body: str) -> http.Response:
        """A response with the headers of http.server."""
        data = body.encode()
        now = datetime.fromtimestamp(self.process.clock.now(), UTC)
        headers = [
            ("Server", f"BaseHTTP/0.6 Python/{PYTHON}"),
            ("Date", f"{now:%a, %d %b %Y %H:%M:%S GMT}"),
            ("Content-Type", content_type),
            ("Content-Length", str(len(data))),
        ]
        return http.Response(status, headers, data)

    def say(self, line: str) -> None:
        """A line of the log."""
        self.process.out(f"{line}\n")


async def main(process: Process) -> int:
    """Run the service; a setting that makes no sense, or a taken port, ends it as Python ends."""
    process.charge(MEMORY)
    try:
        return await Service(process).run()
    except ValueError as error:
        return _uncaught(process, f"ValueError: {error}")
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        return _uncaught(process, f"OSError: [Errno 98] {error.strerror}")


def _uncaught(process: Process, what: str) -> int:
    process.err(f'Traceback (most recent call last):\n  File "{process.path("app.py")}", in main\n{what}\n')
    return 1
