"""The practice cluster's clock, over its control endpoints.

Law: speaks GET and POST /practice/clock and POST /practice/shutdown, with the credentials of the kubeconfig, and
nothing else. Requests are made one after another, so that a move of the clock is never overtaken.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import urllib3

from kubelab.clusters import kubeconfig
from kubelab.clusters.base import Access, Tick
from kubelab.errors import ClusterUnavailable

_MOVE = 300.0
"""Seconds of the wall that one move of the clock may take: five virtual hours are quick, but not instant."""


_CONNECT = 30.0
"""The same for TLS to be agreed on with a server that has much to do; one that has gone refuses at once."""


class Control:
    """The control endpoints of one practice cluster. `timeout` is in seconds of the wall."""

    def __init__(self, access: Access, timeout: float = _MOVE) -> None:
        config = kubeconfig.load(access.kubeconfig)
        cluster, user = config.cluster(access.context), config.user(access.context)
        server = config.server(access.context)
        secured = {"ssl_context": kubeconfig.tls_context(cluster, user)} if server.startswith("https:") else {}
        self._pool = urllib3.connectionpool.connection_from_url(
            server,
            maxsize=1,
            retries=False,
            timeout=urllib3.Timeout(connect=_CONNECT, read=timeout),
            headers={"User-Agent": "kubelab", **kubeconfig.bearer_headers(user)},
            **secured,
        )
        self._lock = threading.Lock()

    def clock(self, move: dict[str, float] | None = None) -> dict[str, Any]:
        """Read the clock, or make a `move` ({"advance": seconds} or {"step": seconds}) and read it then."""
        return self._call("GET" if move is None else "POST", "/clock", move)

    def shutdown(self) -> None:
        """Ask the cluster to end."""
        self._call("POST", "/shutdown", {})

    def close(self) -> None:
        """Give up the connection."""
        self._pool.close()

    def _call(self, method: str, path: str, body: dict[str, float] | None) -> dict[str, Any]:
        with self._lock:
            try:
                response = self._pool.request(method, "/practice" + path, json=body)
            except (urllib3.exceptions.HTTPError, OSError) as error:
                raise _gone(error) from error
        if response.status >= 400:
            said = response.data.decode(errors="replace")[:200]
            raise ClusterUnavailable(
                f"The practice cluster refused {method} {path}: HTTP {response.status} {said}",
                "`kubelab down`, then `kubelab up`, replaces it.",
            )
        return dict(json.loads(response.data or b"{}"))


class PracticeClock:
    """The clock of a practice cluster, stepped or real."""

    jumps = True

    def __init__(self, access: Access, sleep: Callable[[float], None] = time.sleep) -> None:
        self._control = Control(access)
        self._sleep = sleep
        first = self._control.clock()
        self.stepped = first.get("mode") == "stepped"
        self.speed = float(first.get("speed") or 1.0)
        self._now = float(first["now"])

    def tick(self) -> Tick:
        """Where the clock is now."""
        return self._tick(self._control.clock())

    def step(self, most: float, since: Tick | None = None) -> Tick:
        """Until something happens where time is stepped, if nothing has `since`; where it flows, a short real wait."""
        if self.stepped:
            return self._tick(self._control.clock({"step": most, **({"traffic": since.traffic} if since else {})}))
        self._sleep(min(most / self.speed, 0.1))
        return self._tick(self._control.clock())

    def advance(self, seconds: float) -> Tick:
        """Jump `seconds` ahead; everything due on the way happens, in order."""
        return self._tick(self._control.clock({"advance": seconds}))

    def close(self) -> None:
        """Give up the connection."""
        self._control.close()

    def _tick(self, answer: dict[str, Any]) -> Tick:
        before, self._now = self._now, float(answer["now"])
        return Tick(
            self._now,
            max(0.0, self._now - before),
            answer.get("revision"),
            int(answer.get("waiting", 0)),
            int(answer.get("busy", 0)),
            int(answer.get("watched", 0)),
            int(answer.get("traffic", 0)),
            answer.get("before"),
            int(answer.get("told", 0)),
        )


def _gone(error: Exception) -> ClusterUnavailable:
    return ClusterUnavailable(
        f"The practice cluster no longer answers ({type(error).__name__}).",
        "Restart the kernel, or start it again with `kubelab up`.",
    )
