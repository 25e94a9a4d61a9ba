"""Requests to an API server, with the official client's credentials, TLS and retries of nothing.

Law: JSON in, JSON out, plain dicts; every refusal is `Refused` in the API's own words, every silence
`ClusterUnavailable`. The typed client is `Connection.client`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3

from kubelab.clusters.base import Access
from kubelab.errors import ClusterUnavailable, Refused
from kubelab.official import ApiException, client, config

Obj = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What a server answered: HTTP status, headers (names in lower case) and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", errors="replace")


class Stream:
    """A response that goes on: iterate over its lines, close it from any thread."""

    def __init__(self, response: urllib3.HTTPResponse) -> None:
        self._response = response
        self._read = False

    def __iter__(self) -> Iterator[bytes]:
        self._read = True
        rest = b""
        try:
            for chunk in self._response.stream(amt=None, decode_content=False):
                *lines, rest = (rest + chunk).split(b"\n")
                yield from lines
        except (urllib3.exceptions.HTTPError, OSError, ValueError):
            return  # closed by us, or the server ended it: either way the stream is over
        finally:
            self._response.close()
        if rest:
            yield rest

    def close(self) -> None:
        """End it; a thread that reads from it stops reading, and closes it."""
        if not self._read:
            self._response.close()
            return
        try:
            self._response.shutdown()
        except (OSError, ValueError, RuntimeError):
            self._response.close()


class Connection:
    """One cluster's API server."""

    def __init__(self, access: Access) -> None:
        settings = client.Configuration()
        settings.retries = False
        settings.connection_pool_maxsize = 32  # a recording watches a dozen resources at once
        try:
            self.client = config.new_client_from_config(
                config_file=access.kubeconfig, context=access.context, client_configuration=settings
            )
        except config.ConfigException as error:
            raise ClusterUnavailable(f"The kubeconfig {access.kubeconfig} cannot be used: {error}") from error
        self.client.user_agent = "kubelab"
        self.server = str(self.client.configuration.host)

    def close(self) -> None:
        """Give up every connection."""
        self.client.rest_client.close()

    def get(self, path: str, **query: Any) -> Obj:
        """GET an object or a list."""
        return self.json("GET", path, query)

    def json(
        self, method: str, path: str, query: Obj | None = None, body: Any = None, content_type: str = "application/json"
    ) -> Obj:
        """Make a request that answers with JSON.

        Raises:
            Refused: the API server says no.
            ClusterUnavailable: it says nothing.
        """
        reply = self.request(method, path, query, body, {"Content-Type": content_type})
        if reply.status >= 400:
            raise Refused(_status(reply), reply.status)
        return dict(json.loads(reply.body or b"{}"))

    def text(self, path: str, query: Obj | None = None) -> str:
        """GET something that is text.

        Raises:
            Refused: the API server says no.
        """
        reply = self.request("GET", path, query)
        if reply.status >= 400:
            raise Refused(_status(reply), reply.status)
        return reply.text

    def request(
        self, method: str, path: str, query: Obj | None = None, body: Any = None, headers: dict[str, str] | None = None
    ) -> Reply:
        """Make any request; an HTTP error is a reply like any other."""
        response = self._open(method, path, query, body, headers, timeout=(10.0, 120.0))
        try:
            data = response.read()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise self.silence(error) from error
        response_headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status, response_headers, bytes(data))

    def stream(self, path: str, **query: Any) -> Stream:
        """GET a response that goes on, such as a watch or a followed log."""
        response = self._open("GET", path, query, None, None, timeout=(10.0, None))
        if response.status >= 400:
            raise Refused(_status(Reply(response.status, {}, response.read())), response.status)
        return Stream(response.response)

    def _open(
        self,
        method: str,
        path: str,
        query: Obj | None,
        body: Any,
        headers: dict[str, str] | None,
        timeout: tuple[float, float | None],
    ) -> Any:
        sent = {"Accept": "application/json", "User-Agent": self.client.user_agent}
        sent |= self.credentials() | (headers or {})
        given = {name: _text(value) for name, value in (query or {}).items() if value not in (None, "")}
        url = self.server + path + ("?" + urlencode(given) if given else "")
        try:
            return self.client.call_api(method, url, sent, body, None, timeout)
        except (urllib3.exceptions.HTTPError, OSError, ApiException) as error:
            raise self.silence(error) from error

    def credentials(self) -> dict[str, str]:
        """The headers that say who we are; empty where a client certificate does."""
        sent: dict[str, str] = {}
        self.client.update_params_for_auth(sent, [], ["BearerToken"], "", "", None)
        return sent

    def silence(self, error: Exception) -> ClusterUnavailable:
        """What to say when the API server did not."""
        return ClusterUnavailable(
            f"The cluster at {self.server} does not answer ({_cause(error)}).",
            "`kubelab status` says how it is; `kubelab up` starts it; then run the notebook from the top.",
        )


def _status(reply: Reply) -> Obj:
    """The API server's Status; a proxy in front of it may answer in plain words instead."""
    try:
        status = json.loads(reply.body)
    except ValueError:
        status = reply.text.strip()
    return status if isinstance(status, dict) else {"message": str(status)}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _cause(error: BaseException) -> str:
    reason = getattr(error, "reason", None)
    named = reason if isinstance(reason, BaseException) else error
    return {"NewConnectionError": "connection refused", "ConnectTimeoutError": "no answer in time"}.get(
        type(named).__name__, type(named).__name__
    )
