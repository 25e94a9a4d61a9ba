"""httpd: serves files, and runs the scripts in cgi-bin.

Models busybox's networking/httpd.c.
"""

from __future__ import annotations

import asyncio
from urllib.parse import unquote

from tinykube.images.busybox.tools.dates import format_date
from tinykube.images.busybox.tools.options import parse
from tinykube.runtime import http
from tinykube.runtime.http import Headers, Request, Response
from tinykube.runtime.nodes import Directory, Program
from tinykube.runtime.paths import join, normal
from tinykube.runtime.pipe import Capture
from tinykube.runtime.process import Process
from tinykube.runtime.streams import BytesStream

TYPES = {
    "html": "text/html", "htm": "text/html", "txt": "text/plain", "css": "text/css", "js": "application/javascript",
    "json": "application/json", "png": "image/png", "jpg": "image/jpeg", "svg": "image/svg+xml",
}  # fmt: skip
_MESSAGES = {
    404: "The requested URL was not found",
    403: "Forbidden",
    501: "The requested method is not recognized",
    400: "Unsupported method",
}


class _Httpd:
    """One server."""

    def __init__(self, process: Process, home: str) -> None:
        self.process, self.home = process, home

    async def answer(self, request: Request) -> Response:
        """The response to one request."""
        path = normal(unquote(request.path))
        if request.method not in ("GET", "HEAD", "POST"):
            return self._error(501)
        if path.startswith("/cgi-bin/"):
            return await self._script(request, path)
        if request.method == "POST":
            return self._error(501)
        return self._file(path + ("/" if request.path.endswith("/") and path != "/" else ""))

    def _file(self, path: str) -> Response:
        full = self.home.rstrip("/") + path
        node = self.process.find(full)
        if isinstance(node, Directory):
            if not path.endswith("/"):
                return Response(302, [*self._standard(), ("Location", path + "/")])
            full += "index.html"
            node = self.process.find(full)
        if node is None:
            return self._error(404)
        try:
            body = self.process.fs.read(self.process.path(full))
        except OSError:
            return self._error(403)
        kind = TYPES.get(full.rpartition(".")[2], "application/octet-stream")
        changed = format_date("%a, %d %b %Y %H:%M:%S GMT", node.mtime)
        headers = [("Content-type", kind), ("Accept-Ranges", "bytes"), ("Last-Modified", changed)]
        return Response(200, [*self._standard(), *headers, ("Content-Length", str(len(body)))], body)

    def _standard(self) -> Headers:
        now = format_date("%a, %d %b %Y %H:%M:%S GMT", self.process.clock.now())
        return [("Date", now), ("Connection", "close")]

    def _error(self, status: int) -> Response:
        title = f"{status} {http.REASONS[status]}"
        body = (
            f"<HTML><HEAD><TITLE>{title}</TITLE></HEAD>\n<BODY><H1>{title}</H1>\n{_MESSAGES[status]}\n</BODY></HTML>\n"
        )
        return Response(status, [*self._standard(), ("Content-type", "text/html")], body.encode())

    async def _script(self, request: Request, path: str) -> Response:
        full = self.home.rstrip("/") + path
        try:
            program, argv = self.process.load(full, [full])
        except OSError:
            return self._error(404 if self.process.find(full) is None else 403)
        capture = Capture()
        child = self.process.fork(
            program,
            argv,
            env={**self.process.env, **self._environment(request, path)},
            fds={0: BytesStream(request.body), 1: capture, 2: self.process.fd(2).retain()},
        )
        child.cwd = full.rpartition("/")[0]
        child.start()
        output = await capture.finished()
        return self._parsed(output)

    def _environment(self, request: Request, path: str) -> dict[str, str]:
        own = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers}
        return {
            **own,
            "REQUEST_METHOD": request.method,
            "REQUEST_URI": request.target,
            "QUERY_STRING": request.query,
            "SCRIPT_NAME": path,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_LENGTH": str(len(request.body)),
            "CONTENT_TYPE": request.header("content-type"),
            "REMOTE_ADDR": request.peer[0],
        }

    def _parsed(self, output: bytes) -> Response:
        """CGI: headers, an empty line, the body."""
        head, separator, body = output.replace(b"\r\n", b"\n").partition(b"\n\n")
        response = Response(200, self._standard(), body if separator else output)
        for row in head.decode("utf-8", "replace").split("\n") if separator else []:
            name, colon, value = row.partition(":")
            if name.lower() == "status":
                response = Response(int(value.split()[0]), response.headers, response.body)
            elif colon:
                response.headers.append((name, value.strip()))
        return response


async def main(process: Process) -> int:
    """The program."""
    options, _ = parse(process, "ifvp:h:c:u:r:")
    address, _, port = options.values.get("p", "80").rpartition(":")
    home = join(process.cwd, options.values.get("h", "."))
    if not isinstance(process.find(home), Directory):
        process.err(f"{process.name}: can't change directory to '{home}': No such file or directory\n")
        return 1
    if "f" not in options:
        process.fork(_daemon(address, int(port), home), process.argv).start()
        await asyncio.sleep(0)
        return 0
    program = _daemon(address, int(port), home)
    return await program(process)


def _daemon(address: str, port: int, home: str) -> Program:
    async def serve(process: Process) -> int:
        try:
            http.serve(process, port, _Httpd(process, home).answer, address=address or "0.0.0.0")
        except OSError as error:
            process.err(f"{process.name}: bind: {error.strerror}\n")
            return 1
        await asyncio.get_running_loop().create_future()
        return 0

    return serve
