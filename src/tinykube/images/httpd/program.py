"""httpd: Apache's web server, one process for all of its workers.

Law: errors go to standard error, a line for each request to standard output, as the image's httpd.conf has it.
SIGTERM ends it at once, SIGWINCH (the image's stop signal) after the requests being served, SIGHUP and SIGUSR1 read
the configuration again.

Models Apache httpd's server/main.c and server/mpm/event/event.c.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from tinykube.images.httpd import pages
from tinykube.images.httpd.config import CONF, Config, SyntaxFault, parse
from tinykube.runtime import http, signals
from tinykube.runtime.network import Listener
from tinykube.runtime.process import Process

VERSION = "2.4.65"
MEMORY = 12 * 1024 * 1024
TIMES = "%a %b %d %H:%M:%S.%f %Y"


class Server:
    """The running server."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.config = Config()
        self.listeners: list[Listener] = []
        self.end: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @property
    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.fromtimestamp(self.process.clock.now(), UTC)

    def notice(self, module: str, text: str) -> None:
        """A line of the error log."""
        pid = self.process.pid
        self.process.err(f"[{self.now:{TIMES}}] [{module}:notice] [pid {pid}:tid {pid}] {text}\n")

    def load(self) -> None:
        """Read the configuration. Raises SyntaxFault."""
        self.config = parse(self.process.fs.read(CONF).decode("utf-8", "replace"))

    async def run(self, command: str) -> int:
        """Listen, serve, and end as the signal says."""
        for _ in range(2):  # Apache reads its configuration twice
            if not self.config.server_name:
                self.process.err(
                    "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using "
                    f"{self.process.host.ip}. Set the 'ServerName' directive globally to suppress this message\n"
                )
        for port in self.config.ports:
            try:
                self.listeners.append(http.serve(self.process, port, self.answer))
            except OSError as error:
                self.process.err(
                    f"(98){error.strerror}: AH00072: make_sock: could not bind to address 0.0.0.0:{port}\n"
                    "no listening sockets available, shutting down\nAH00015: Unable to open logs\n"
                )
                return 1
        self.listen_to_signals()
        self.notice("mpm_event", f"AH00489: Apache/{VERSION} (Unix) configured -- resuming normal operations")
        self.notice("core", f"AH00094: Command line: '{command}'")
        self.notice("mpm_event", await self.end)
        return 0

    def listen_to_signals(self) -> None:
        """What each signal does."""
        for number in (signals.SIGTERM, signals.SIGINT):
            self.process.on_signal(number, lambda _: self.finish("AH00491: caught SIGTERM, shutting down"))
        self.process.on_signal(signals.SIGWINCH, lambda _: self.drain())
        for number in (signals.SIGHUP, signals.SIGUSR1):
            self.process.on_signal(number, lambda _: self.reload())

    def finish(self, words: str) -> None:
        """End now."""
        if not self.end.done():
            self.end.set_result(words)

    def drain(self) -> None:
        """Take no more connections; end once the last request is answered."""
        words = "AH00492: caught SIGWINCH, shutting down gracefully"
        tasks = [task for listener in self.listeners for task in listener.tasks]
        for listener in self.listeners:
            listener.stop()
        left = len(tasks)

        def done(_: object) -> None:
            nonlocal left
            left -= 1
            if not left:
                self.finish(words)

        for task in tasks:
            task.add_done_callback(done)
        if not tasks:
            self.finish(words)

    def reload(self) -> None:
        """Read the configuration again; a wrong one ends the server, as it does in the real one."""
        self.notice("mpm_event", "AH00493: SIGUSR1 received.  Doing graceful restart")
        try:
            self.load()
        except SyntaxFault as fault:
            self.process.err(f"{fault}\n")
            self.finish("AH00491: caught SIGTERM, shutting down")

    async def answer(self, request: http.Request) -> http.Response:
        """Serve one request, and log it."""
        response = pages.answer(self.config, self.process.fs, request)
        date = f"{self.now:%a, %d %b %Y %H:%M:%S GMT}"
        response.headers[:0] = [("Date", date), ("Server", f"Apache/{VERSION} (Unix)")]
        if response.status != 304:
            kind = response.header("Content-Type")
            at = next((i for i, (name, _) in enumerate(response.headers) if name == "Content-Type"), None)
            length = ("Content-Length", str(len(response.body)))
            response.headers.insert(at if kind and at is not None else len(response.headers), length)
        size = len(response.body) if response.body and request.method != "HEAD" else "-"
        self.process.out(
            f"{request.peer[0]} - - [{self.now:%d/%b/%Y:%H:%M:%S +0000}] "
            f'"{request.method} {request.target} HTTP/{request.version}" {response.status} {size}\n'
        )
        return response


async def main(process: Process) -> int:
    """The program."""
    words = process.argv[1:]
    if "-v" in words or "-V" in words:
        process.out(f"Server version: Apache/{VERSION} (Unix)\nServer built:   for the practice cluster\n")
        return 0
    process.charge(MEMORY)
    server = Server(process)
    try:
        server.load()
    except SyntaxFault as fault:
        process.err(f"{fault}\n")
        return 1
    if "-t" in words:
        process.err("Syntax OK\n")
        return 0
    return await server.run(" ".join(["httpd", *words]))


async def foreground(process: Process) -> int:
    """The image's httpd-foreground: the same, with `-DFOREGROUND`."""
    process.argv = ["httpd", "-D", "FOREGROUND", *process.argv[1:]]
    return await main(process)
