"""Run a coroutine on the caller's task as far as it gets without waiting.

Law: most requests to a server program are answered without waiting for anything; those cost no task. Only what is
left after the first wait becomes one.

Models nothing of Kubernetes: asyncio's eager tasks (Python 3.12), for Python 3.11 too.
"""

from __future__ import annotations

import asyncio
import types
from collections.abc import Coroutine, Generator
from typing import Any, NamedTuple


class Done(NamedTuple):
    """The coroutine has ended and returned `result`."""

    result: Any


def begin(coroutine: Coroutine[Any, Any, Any]) -> Done | asyncio.Task[Any]:
    """Run `coroutine` up to its first wait: its result, or a task that runs the rest. Exceptions pass through."""
    try:
        first = coroutine.send(None)
    except StopIteration as stop:
        return Done(stop.value)
    return asyncio.get_running_loop().create_task(_rest(coroutine, first))


async def _rest(coroutine: Coroutine[Any, Any, Any], first: Any) -> Any:
    return await _continue(coroutine, first)


@types.coroutine
def _continue(coroutine: Coroutine[Any, Any, Any], waited: Any) -> Generator[Any, Any, Any]:
    while True:
        try:
            value = yield waited
        except GeneratorExit:
            coroutine.close()
            raise
        except BaseException as error:
            try:
                waited = coroutine.throw(error)
            except StopIteration as stop:
                return stop.value
        else:
            try:
                waited = coroutine.send(value)
            except StopIteration as stop:
                return stop.value


def resolve(future: asyncio.Future[None]) -> None:
    """Let whoever awaits `future` go on; nothing if it is done or was cancelled."""
    if not future.done():
        future.set_result(None)
