"""What Apache answers: files, directory listings, and its error pages.

Models Apache httpd's modules/http/http_protocol.c, modules/generators/mod_autoindex.c and mod_dir.c.
"""

from __future__ import annotations

import html
import mimetypes
from datetime import UTC, datetime
from urllib.parse import unquote

from tinykube.images.httpd.config import Config
from tinykube.runtime import http
from tinykube.runtime.filesystem import READ, FileSystem
from tinykube.runtime.nodes import Directory, File
from tinykube.runtime.paths import join

BUILT = 1_720_000_000.0  # when the image's own files were last changed
EXPLAIN = {
    301: 'The document has moved <a href="{}">here</a>.',
    403: "You don't have permission to access this resource.",
    404: "The requested URL was not found on this server.",
    405: "The requested method {} is not allowed for this URL.",
}


def error_page(status: int, detail: str = "") -> http.Response:
    """The page for a status that is no success."""
    reason, sentence = http.REASONS[status], EXPLAIN[status].format(html.escape(detail))
    body = (
        '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n'
        f"<html><head>\n<title>{status} {reason}</title>\n</head><body>\n<h1>{reason}</h1>\n"
        f"<p>{sentence}</p>\n</body></html>\n"
    )
    return http.Response(status, [("Content-Type", "text/html; charset=iso-8859-1")], body.encode())


def answer(config: Config, fs: FileSystem, request: http.Request) -> http.Response:
    """The response to one request for a file."""
    if request.method == "OPTIONS":
        return http.Response(200, [("Allow", "GET,POST,OPTIONS,HEAD,TRACE")])
    path = unquote(request.path)
    inside = join("/", path).lstrip("/")
    full = join(config.document_root, inside) if inside else config.document_root
    node = fs.find(full)
    if isinstance(node, Directory):
        if not path.endswith("/"):
            location = f"http://{request.header('Host')}{request.path}/"
            response = error_page(301, location)
            response.headers.insert(0, ("Location", location))
            return response
        index = next((f"{full.rstrip('/')}/{name}" for name in config.indexes if _is_file(fs, full, name)), None)
        if index is None:
            return _listing(fs, full, path)
        full, node = index, fs.find(index)
    if not isinstance(node, File):
        return error_page(404 if node is None else 403)
    if not fs.allows(node, READ):
        return error_page(403)
    if request.method not in ("GET", "HEAD", "POST"):
        return error_page(405, request.method)
    return _file(node, full, request)


def _is_file(fs: FileSystem, directory: str, name: str) -> bool:
    return isinstance(fs.find(f"{directory.rstrip('/')}/{name}"), File)


def _file(node: File, path: str, request: http.Request) -> http.Response:
    changed = node.mtime or BUILT
    tag = f'"{len(node.data):x}-{round(changed * 1_000_000):x}"'
    headers = [
        ("Last-Modified", f"{datetime.fromtimestamp(changed, UTC):%a, %d %b %Y %H:%M:%S GMT}"),
        ("ETag", tag),
        ("Accept-Ranges", "bytes"),
    ]
    if tag in request.header("If-None-Match"):
        return http.Response(304, headers[1:2])
    kind = mimetypes.guess_type(path, strict=True)[0]
    return http.Response(200, headers + ([("Content-Type", kind)] if kind else []), bytes(node.data))


def _listing(fs: FileSystem, full: str, path: str) -> http.Response:
    title = f"Index of {html.escape(path.rstrip('/') or '/')}"
    items = [] if path == "/" else ['<li><a href="../"> Parent Directory</a></li>\n']
    for name in fs.names(full):
        slash = "/" if isinstance(fs.find(f"{full.rstrip('/')}/{name}"), Directory) else ""
        if not name.startswith("."):
            items.append(f'<li><a href="{html.escape(name)}{slash}"> {html.escape(name)}{slash}</a></li>\n')
    body = (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">\n'
        f"<html>\n <head>\n  <title>{title}</title>\n </head>\n <body>\n<h1>{title}</h1>\n"
        f"<ul>{''.join(items)}</ul>\n</body></html>\n"
    )
    return http.Response(200, [("Content-Type", "text/html;charset=ISO-8859-1")], body.encode())
