"""Serving files, and the two ways in which serving can end early.

Models nginx's src/http/modules/ngx_http_static_module.c, ngx_http_index_module.c, ngx_http_autoindex_module.c.
"""

from __future__ import annotations

import errno

from tinykube.images.nginx.model import Scope
from tinykube.images.nginx.times import http_time, listing_time
from tinykube.images.nginx.variables import Exchange
from tinykube.runtime.filesystem import READ
from tinykube.runtime.http import Headers, Response
from tinykube.runtime.nodes import Directory, File, Node

LISTED_NAME = 50  # columns


class Failed(Exception):
    """The request ends with an error status; `message` is for the error log."""

    def __init__(
        self,
        status: int,
        message: str = "",
        *,
        level: str = "error",
        upstream: str = "",
        headers: Headers | None = None,
    ) -> None:
        super().__init__(status)
        self.status, self.message, self.level, self.upstream = status, message, level, upstream
        self.headers = headers or []


class Answer(Exception):
    """The request is answered."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def file_path(scope: Scope, exchange: Exchange, uri: str) -> str:
    """The file that a URI means, by root or alias."""
    alias = scope.args("alias")
    if alias is not None:
        rest = uri[len(scope.pattern) :] if scope.regex is None else ""
        return exchange.expand(alias[0]) + rest
    return exchange.expand(scope.value("root", "/etc/nginx/html")).rstrip("/") + uri


def _look(exchange: Exchange, path: str) -> Node:
    try:
        node = exchange.process.fs.lookup(path)
    except OSError as error:
        status = 403 if error.errno == errno.EACCES else 404
        raise Failed(status, f'open() "{path}" failed ({error.errno}: {error.strerror})') from None
    _may_read(exchange, path, node)
    return node


def _may_read(exchange: Exchange, path: str, node: Node) -> None:
    if isinstance(node, File) and not exchange.process.fs.allows(node, READ):
        raise Failed(403, f'open() "{path}" failed ({errno.EACCES}: Permission denied)')


def serve(scope: Scope, exchange: Exchange, types: dict[str, str]) -> Response:
    """The file for the exchange's URI. Raises Failed."""
    if exchange.request.method not in ("GET", "HEAD"):
        raise Failed(405)
    path = file_path(scope, exchange, exchange.uri)
    if exchange.uri.endswith("/"):
        path, node = _index(scope, exchange, path)
        _may_read(exchange, path, node)
    else:
        node = _look(exchange, path)
    if isinstance(node, Directory):
        port = exchange.request.local[1]
        location = f"http://{exchange.host}{'' if port == 80 else f':{port}'}{exchange.uri}/"
        raise Failed(301, headers=[("Location", location)])
    data = bytes(node.data) if isinstance(node, File) else exchange.process.fs.read(path)
    kind = types.get(path.rpartition(".")[2].lower()) or scope.value("default_type", "text/plain")
    headers = [
        ("Content-Type", kind),
        ("Content-Length", str(len(data))),
        ("Last-Modified", http_time(node.mtime)),
        ("ETag", f'"{int(node.mtime):x}-{len(data):x}"'),
        ("Accept-Ranges", "bytes"),
    ]
    return Response(200, headers, data)


def _index(scope: Scope, exchange: Exchange, path: str) -> tuple[str, Node]:
    """The index file of a directory."""
    names = scope.args("index") or ["index.html"]
    for name in names:
        candidate = path + exchange.expand(name)
        found = exchange.process.fs.find(candidate)
        if isinstance(found, File):
            return candidate, found
    directory = exchange.process.fs.find(path)
    if not isinstance(directory, Directory):
        raise Failed(404, f'"{path}{names[-1]}" is not found (2: No such file or directory)')
    if scope.value("autoindex", "off") == "on":
        raise Answer(_listing(exchange, path, directory))
    raise Failed(403, f'directory index of "{path}" is forbidden')


def _listing(exchange: Exchange, path: str, directory: Directory) -> Response:
    rows = ['<a href="../">../</a>\r\n']
    entries = [(name, exchange.process.fs.find(path + name)) for name in directory.names() if name[0] != "."]
    for name, node in sorted(entries, key=lambda entry: (not isinstance(entry[1], Directory), entry[0])):
        if node is not None:
            shown = name + "/" if isinstance(node, Directory) else name
            size = "-" if isinstance(node, Directory) else str(node.size)
            padding = " " * max(0, LISTED_NAME - len(shown))
            rows.append(f'<a href="{shown}">{shown}</a>{padding} {listing_time(node.mtime)} {size:>19}\r\n')
    title = f"Index of {exchange.uri}"
    body = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<h1>{title}</h1><hr><pre>"
        f"{''.join(rows)}</pre><hr></body>\r\n</html>\r\n"
    )
    return Response(200, [("Content-Type", "text/html")], body.encode())


def try_files(scope: Scope, exchange: Exchange) -> None:
    """Take the first file that exists as the URI; the last argument is the fallback. Raises Redirect or Failed."""
    from tinykube.images.nginx.rewrite import Redirect

    *candidates, fallback = scope.args("try_files") or [""]
    for candidate in candidates:
        uri = exchange.expand(candidate)
        node = exchange.process.fs.find(file_path(scope, exchange, uri))
        if isinstance(node, Directory) == uri.endswith("/") and node is not None:
            exchange.uri = uri
            return
    if fallback.startswith("="):
        raise Failed(int(fallback[1:]))
    raise Redirect(exchange.expand(fallback))
