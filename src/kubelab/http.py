"""HTTP into the cluster from a notebook: through the API server's proxy, which works on every cluster.

Law: one request, one `Response`; an HTTP error is a response like any other, only a silent API server is an error.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from kubelab.connection import Connection, Obj
from kubelab.errors import KubelabError


@dataclass(frozen=True)
class Response:
    """What came back: `status` is the HTTP code, `text` the body. Prints as status line and body."""

    status: int
    text: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status < 400

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.text)

    def __repr__(self) -> str:
        return f"{self.status} {_phrase(self.status)}\n{self.text}".rstrip()


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def proxy_path(namespace: str, target: Obj, port: str, path: str) -> str:
    """The API server's path to `path` on a Service or Pod; `port` "" is its first one.

    Raises:
        KubelabError: the target is neither, or has no port.
    """
    kind, name = target["kind"], target["metadata"]["name"]
    if kind not in ("Service", "Pod"):
        raise KubelabError(
            f"HTTP goes to a Service or a Pod; {name!r} is a {kind}.", "Such as service/web or pod/web:8080."
        )
    port = port or _first_port(target)
    return f"/api/v1/namespaces/{namespace}/{kind.lower()}s/{name}:{port}/proxy/{path.lstrip('/')}"


def _first_port(target: Obj) -> str:
    if target["kind"] == "Service":
        ports = [one["port"] for one in target["spec"].get("ports") or []]
    else:
        ports = [one["containerPort"] for c in target["spec"]["containers"] for one in c.get("ports") or []]
    if not ports:
        name = target["metadata"]["name"]
        raise KubelabError(f"{name!r} names no port.", f'Say which one: "{target["kind"].lower()}/{name}:8080".')
    return str(ports[0])


def send(
    connection: Connection, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> Response:
    """Make the request. What the API server itself says about a backend it cannot reach is a response as well."""
    reply = connection.request(method, path, None, body, {"Accept": "*/*", **(headers or {})})
    return Response(reply.status, reply.text, reply.headers)
