"""Control of the practice cluster itself, beside the Kubernetes API: its clock, and its end.

Law: the same credentials as the API, for members of system:masters only; nothing here is Kubernetes.

Models nothing real: a real cluster's time cannot be moved.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from tinykube import errors
from tinykube.clock import Clock
from tinykube.objects import Obj

Body = dict[str, Any]

_LONGEST = 0.25
"""Wall seconds that a step may take."""


class Practice:
    """The endpoints below /practice/."""

    def __init__(
        self,
        clock: Clock,
        arrived: Callable[[], Awaitable[None]],
        load: Callable[[], Obj],
        shutdown: Callable[[], None],
    ) -> None:
        self._clock, self._arrived, self._load, self._shutdown = clock, arrived, load, shutdown

    async def handle(self, method: str, path: str, body: Any) -> Obj:
        """Answer one request.

        Raises:
            errors.ApiError: BadRequest, NotFound, MethodNotAllowed.
        """
        if path == "/practice/clock" and method == "GET":
            await self._arrived()  # a client that is only just connecting is not one that waits,
            await self._clock.settle()  # nor is a request that needs but a moment more
            return self._state()
        if path == "/practice/clock" and method == "POST":
            return await self._move(body)
        if path == "/practice/shutdown" and method == "POST":
            self._shutdown()
            return {"stopping": True}
        if path in ("/practice/clock", "/practice/shutdown"):
            raise errors.method_not_allowed()
        raise errors.ApiError(errors.status(404, "NotFound", f"the practice cluster has no control {path}"))

    def _state(self) -> Obj:
        flowing = getattr(self._clock, "speed", None)
        return {
            "mode": "real" if flowing else "stepped",
            "now": self._clock.now(),
            "speed": flowing or 0,
            **self._load(),
        }

    async def _move(self, body: Any) -> Obj:
        if not isinstance(body, dict) or len({"advance", "step"} & set(body)) != 1:
            raise errors.bad_request(
                'send {"advance": seconds}, or {"step": seconds} to move on until something happens; with "traffic", '
                "as the clock showed it, a step is made only if nothing has passed since"
            )
        (action,) = {"advance", "step"} & set(body)
        seconds = body[action]
        if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not 0 <= seconds <= 366 * 86400:
            raise errors.bad_request(f"{action} takes seconds between 0 and a year, not {seconds!r}")
        if action == "advance":
            await self._clock.advance(seconds)
            return {**self._state(), "moved": seconds}
        await self._arrived()
        await self._clock.settle()
        before = self._load()
        moved = await self._step(seconds, before) if body.get("traffic") in (None, before["traffic"]) else 0.0
        return {**self._state(), "moved": moved, "before": before["revision"]}

    async def _step(self, most: float, before: Obj) -> float:
        """From timer to timer until an object is changed or a client told something; the seconds moved, `most` at most.
        May stop before, so that no answer takes long."""
        moved, end = await self._clock.step(most), time.monotonic() + _LONGEST
        while moved < most and _signs(self._load()) == _signs(before) and time.monotonic() < end:
            moved += await self._clock.step(most - moved)
        return moved


def _signs(load: Obj) -> tuple[int, int]:
    return load["revision"], load["traffic"]
