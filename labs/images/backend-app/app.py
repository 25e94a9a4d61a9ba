"""backend-app: the small web service of the labs. Python's standard library only.

What it does is decided in `Backend`, which knows neither sockets nor clocks. `main` serves it over HTTP, as a container
image does; the practice cluster runs the same `Backend` on its own clock.

Settings, all from the environment:
    APP_VERSION               what the image sets: 1.0.0, 1.1.0, or 1.2.0, which is broken
    PORT                      where to listen (8080)
    START_SECONDS             how long starting takes (2)
    SHUTDOWN_SECONDS          how long it goes on answering after SIGTERM (0)
    DB_URL, DB_USERNAME, DB_PASSWORD   the database it would use
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

BROKEN_VERSION = "1.2.0"


@dataclass(frozen=True)
class Answer:
    """A response: status, body, seconds to wait before it is sent, and an exit code if the program ends with it."""

    status: int
    body: str
    delay: float = 0.0
    exit_code: int | None = None
    content_type: str = "text/plain; charset=utf-8"


class Backend:
    """The service itself. `now` tells the time in seconds; any clock will do."""

    def __init__(self, env: Mapping[str, str], now: Callable[[], float], hostname: str = "localhost") -> None:
        self._env, self._now, self._hostname = env, now, hostname
        self.version = env.get("APP_VERSION", "1.0.0")
        self.port = int(env.get("PORT", "8080"))
        self.start_seconds = float(env.get("START_SECONDS", "2"))
        self.shutdown_seconds = float(env.get("SHUTDOWN_SECONDS", "0"))
        self._requests = 0
        self._ill_until = 0.0
        self._stopping = False

    def greeting(self) -> str:
        """What it says once it is ready."""
        database = self._env.get("DB_URL", "none")
        return f"backend-app {self.version} listening on port {self.port}, database {database}"

    def stop(self) -> str:
        """SIGTERM arrived: go on answering for `shutdown_seconds`, but say that it is not well any more."""
        self._stopping = True
        return "received SIGTERM, shutting down"

    def handle(self, method: str, target: str) -> Answer:
        """Answer one request."""
        self._requests += 1
        url = urlsplit(target)
        routes: dict[tuple[str, str], Callable[[dict[str, list[str]]], Answer]] = {
            ("GET", "/"): lambda _: Answer(200, f"backend-app {self.version} on {self._hostname}\n"),
            ("GET", "/version"): lambda _: Answer(200, f"{self.version}\n"),
            ("GET", "/health"): lambda _: self._health(),
            ("GET", "/config"): lambda _: self._config(),
            ("GET", "/metrics"): lambda _: self._metrics(),
            ("GET", "/slow"): lambda query: Answer(200, "finally\n", delay=_seconds(query, 1.0)),
            ("POST", "/fail"): self._fail,
            ("POST", "/recover"): lambda _: self._recover(),
            ("POST", "/crash"): lambda _: Answer(200, "crashing\n", exit_code=1),
        }
        route = routes.get((method, url.path))
        return route(parse_qs(url.query)) if route else Answer(404, f"no such page: {method} {url.path}\n")

    def _health(self) -> Answer:
        reason = self._illness()
        body = {"status": "DOWN", "reason": reason} if reason else {"status": "UP"}
        return Answer(503 if reason else 200, json.dumps(body) + "\n", content_type="application/json")

    def _illness(self) -> str:
        if self.version == BROKEN_VERSION:
            return "no driver for the database"
        if self._stopping:
            return "shutting down"
        return "told to fail" if self._now() < self._ill_until else ""

    def _config(self) -> Answer:
        shown = {key: self._env.get(key) for key in ("DB_URL", "DB_USERNAME", "DB_PASSWORD")}
        if shown["DB_PASSWORD"] is not None:
            shown["DB_PASSWORD"] = "*" * len(shown["DB_PASSWORD"])
        return Answer(200, json.dumps(shown) + "\n", content_type="application/json")

    def _metrics(self) -> Answer:
        return Answer(200, f"requests={self._requests};healthy={'no' if self._illness() else 'yes'}\n")

    def _fail(self, query: dict[str, list[str]]) -> Answer:
        self._ill_until = self._now() + _seconds(query, 1e9)
        return Answer(200, "health checks fail from now on\n")

    def _recover(self) -> Answer:
        self._ill_until = 0.0
        return Answer(200, "health checks succeed again\n")


def _seconds(query: dict[str, list[str]], default: float) -> float:
    try:
        return max(0.0, float(query["seconds"][0]))
    except (KeyError, ValueError):
        return default


class Handler(BaseHTTPRequestHandler):
    """Carries requests to the server's `backend`, and its answers back."""

    protocol_version = "HTTP/1.1"
    server: Server

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self.server.backend.handle(self.command, self.path)
        time.sleep(answer.delay)
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        if answer.exit_code is not None:
            os._exit(answer.exit_code)

    do_GET = do_POST = _answer

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing about single requests."""


class Server(ThreadingHTTPServer):
    """An HTTP server for one backend, on every address of the container."""

    daemon_threads = True

    def __init__(self, backend: Backend) -> None:
        super().__init__(("", backend.port), Handler)
        self.backend = backend


def say(line: str) -> None:
    """Write a line to the log, at once."""
    print(line, flush=True)


def main() -> int:
    """Start slowly, serve, and leave politely on SIGTERM."""
    backend = Backend(os.environ, time.time, socket.gethostname())
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    say(f"backend-app {backend.version} starting")
    if stopped.wait(backend.start_seconds):
        return 0
    server = Server(backend)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    say(backend.greeting())
    stopped.wait()
    say(backend.stop())
    time.sleep(backend.shutdown_seconds)
    server.shutdown()
    say("bye")
    return 0


if __name__ == "__main__":
    sys.exit(main())
