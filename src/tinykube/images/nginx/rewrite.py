"""The rewrite phase: return, rewrite, set, if.

Law: directives run in the order in which they stand; a final answer is raised.

Models nginx's src/http/modules/ngx_http_rewrite_module.c.
"""

from __future__ import annotations

import re

from tinykube.images.nginx.config import Directive
from tinykube.images.nginx.model import Scope
from tinykube.images.nginx.static import Answer, Failed
from tinykube.images.nginx.variables import Exchange
from tinykube.runtime.http import Response


class Redirect(Exception):
    """Serve another URI (or a named location) instead, without telling the client."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self.uri = uri


def run_rewrites(scope: Scope, exchange: Exchange) -> None:
    """Run a server's or location's rewrite directives. Raises Redirect, Answer or Failed."""
    _run(scope.own, exchange)


def _run(directives: list[Directive], exchange: Exchange) -> bool:
    """False after `break`: no more rewriting here."""
    for directive in directives:
        if directive.name == "return":
            _return(directive, exchange)
        elif directive.name == "rewrite":
            if not _rewrite(directive, exchange):
                return False
        elif directive.name == "set":
            exchange.values[directive.args[0].lstrip("$")] = exchange.expand(directive.args[1])
        elif directive.name == "break" or (directive.name == "if" and not _if(directive, exchange)):
            return False
    return True


def _if(directive: Directive, exchange: Exchange) -> bool:
    return not _holds(directive, exchange) or _run(directive.block or [], exchange)


def _return(directive: Directive, exchange: Exchange) -> None:
    code = directive.args[0]
    if not code.isdigit():
        raise Failed(302, headers=[("Location", exchange.expand(code))])
    status = int(code)
    text = exchange.expand(" ".join(directive.args[1:]))
    if status in (301, 302, 303, 307, 308) and text:
        raise Failed(status, headers=[("Location", _absolute(text, exchange))])
    if len(directive.args) > 1:
        kind = exchange.scope.value("default_type", "text/plain") if exchange.scope else "text/plain"
        raise Answer(Response(status, [("Content-Type", kind)], text.encode("utf-8", "surrogateescape")))
    raise Failed(status) if status not in (200, 204) else Answer(Response(status))


def _absolute(uri: str, exchange: Exchange) -> str:
    if not uri.startswith("/"):
        return uri
    port = exchange.request.local[1]
    return f"http://{exchange.host}{'' if port == 80 else f':{port}'}{uri}"


def _rewrite(directive: Directive, exchange: Exchange) -> bool:
    pattern, replacement, *flags = directive.args
    match = re.search(pattern, exchange.uri)
    if match is None:
        return True
    exchange.values.update({str(index): group or "" for index, group in enumerate(match.groups(), 1)})
    uri = exchange.expand(replacement)
    if "redirect" in flags or "permanent" in flags or uri.startswith(("http://", "https://")):
        raise Failed(301 if "permanent" in flags else 302, headers=[("Location", _absolute(uri, exchange))])
    if exchange.args and not replacement.endswith("?"):
        uri += ("&" if "?" in uri else "?") + exchange.args
    if "break" not in flags:
        raise Redirect(uri.rstrip("?"))
    exchange.uri, _, exchange.args = uri.rstrip("?").partition("?")
    return False


def _holds(directive: Directive, exchange: Exchange) -> bool:
    words = " ".join(directive.args).strip("()").split(None, 2)
    left = exchange.expand(words[0])
    if len(words) == 1:
        return left not in ("", "0")
    if words[0] in ("-f", "!-f"):
        found = exchange.process.fs.exists(exchange.expand(words[1]))
        return found == (words[0] == "-f")
    operator, right = words[1], words[2].strip("\"'") if len(words) > 2 else ""
    if operator in ("=", "!="):
        return (left == exchange.expand(right)) == (operator == "=")
    found = re.search(right, left, re.IGNORECASE if "*" in operator else 0) is not None
    return found != operator.startswith("!")
