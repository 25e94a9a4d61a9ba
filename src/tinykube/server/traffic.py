"""What passes between the server and its clients, counted for those who move a clock that stands still.

Law: only counts. A client that has connected, or has just been told something, is not one that waits: `passed` grows
with everything that may wake a client, so that whoever moves the clock can see that nothing has happened in between;
`told` grows with what may wake kubectl, whose thinking is waited for, `watched` with the watches that it opens.

Models nothing real: a real cluster's time cannot be moved.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from aiohttp import web

from tinykube.objects import Obj

_GREETING_SECONDS = 1.0
"""Wall seconds for which a connection may be on its way; one that never gets through does not stop time for ever."""


class Traffic:
    """The counters: who waits for an answer, who is still being answered, how many watches kubectl has opened so far,
    how much has passed in all, and how much of it to or from kubectl."""

    def __init__(self) -> None:
        self._waiting = self._busy = self._watched = self._passed = self._told = 0
        self._greeting: dict[Any, float] = {}

    def connecting(self, connection: Any) -> None:
        """Somebody has connected, and TLS is still being agreed on."""
        self._pass()
        self._greeting[connection] = time.monotonic() + _GREETING_SECONDS

    def connected(self, connection: Any) -> None:
        """The connection is ready for requests."""
        self._pass()
        self._greeting.pop(connection, None)

    def told(self, agent: str) -> None:
        """A piece of a long answer was sent."""
        self._pass(_is_kubectl(agent))

    def asked(self) -> None:
        """A client has sent something through a connection that it had before, and waits for an answer."""
        self._pass()
        self._busy += 1

    def answered(self) -> None:
        """The answer has come, or nobody waits for it any more."""
        self._pass()
        self._busy -= 1

    @contextlib.contextmanager
    def unanswered(self, agent: str, *, endless: bool) -> Iterator[Callable[[], None]]:
        """Count a request until its answer is complete, or until what is yielded is called because no more of it is to
        come; that of an endless request, such as a watch, never is complete."""
        self._watched += endless and _is_kubectl(agent)
        self._pass(_is_kubectl(agent))
        with self._counting("_busy", not endless, agent) as answered:
            yield answered

    @contextlib.contextmanager
    def long(self, agent: str) -> Iterator[Callable[[], None]]:
        """Count a long-running request of kubectl, likewise."""
        with self._counting("_waiting", _is_kubectl(agent), agent) as answered:
            yield answered

    @contextlib.contextmanager
    def _counting(self, counter: str, counts: bool, agent: str) -> Iterator[Callable[[], None]]:
        setattr(self, counter, getattr(self, counter) + counts)
        left = counts

        def answered() -> None:
            nonlocal left
            setattr(self, counter, getattr(self, counter) - left)
            self._pass(_is_kubectl(agent))
            left = False

        try:
            yield answered
        finally:
            answered()

    async def arrived(self) -> None:
        """Return once nobody is on the way: every connection is made, or has taken too long."""
        while self._greeting:
            now = time.monotonic()
            self._greeting = {one: end for one, end in self._greeting.items() if end > now}
            await asyncio.sleep(0.001)

    def load(self) -> Obj:
        """The counters, as /practice/clock shows them."""
        return {
            "waiting": self._waiting,
            "busy": self._busy,
            "watched": self._watched,
            "traffic": self._passed,
            "told": self._told,
        }

    def _pass(self, by_kubectl: bool = True) -> None:
        self._passed += 1
        self._told += by_kubectl


def _is_kubectl(agent: str) -> bool:
    """Whether a client's User-Agent is kubectl's, or that of a plugin; "kubectl.exe" on Windows."""
    return agent.startswith("kubectl")


class Listener(web.Server):
    """aiohttp's server, whose connections are counted from the moment somebody connects."""

    def __init__(self, traffic: Traffic, handler: Any) -> None:
        super().__init__(handler, access_log=None, handler_cancellation=True)
        self._traffic = traffic

    def __call__(self) -> Any:
        """The protocol of a new connection."""
        made = super().__call__()
        self._traffic.connecting(made)
        return made

    def connection_made(self, handler: Any, transport: asyncio.Transport) -> None:
        """TLS has been agreed on."""
        super().connection_made(handler, transport)
        self._traffic.connected(handler)
