"""Sessions of `kubectl exec` and `kubectl attach`, in the shape that the API server expects.

Law: adapters only.

Models pkg/kubelet/server/remotecommand and the CRI's streaming server.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from tinykube.errors import ApiError
from tinykube.node.instance import Instance
from tinykube.runtime.session import ExecSession as RuntimeSession

_NUMBERS = {"stdout": 1, "stderr": 2}


class Session:
    """A command that was started in a container."""

    def __init__(self, session: RuntimeSession) -> None:
        self._session = session

    async def write_stdin(self, data: bytes) -> None:
        """Feed standard input; empty data ends it."""
        if data:
            self._session.write(data)
        else:
            self._session.close_stdin()

    async def output(self) -> AsyncIterator[tuple[int, bytes]]:
        """(1 or 2, bytes) as they come, until the command ends."""
        async for name, data in self._session:
            yield _NUMBERS[name], data

    async def wait(self) -> int:
        """The exit code."""
        return await self._session.wait()

    def resize(self, rows: int, columns: int) -> None:
        """The client's window has changed."""
        self._session.resize(rows, columns)

    def kill(self) -> None:
        """The client went away."""
        self._session.kill()


class FailedSession:
    """A command that could not be started: the client is told once its streams are open."""

    def __init__(self, problem: ApiError) -> None:
        self._problem = problem

    async def write_stdin(self, data: bytes) -> None:
        """Nobody reads it."""

    async def output(self) -> AsyncIterator[tuple[int, bytes]]:
        """Nothing."""
        nothing: tuple[tuple[int, bytes], ...] = ()
        for chunk in nothing:
            yield chunk

    async def wait(self) -> int:
        """Raises ApiError: why it could not be started."""
        raise self._problem

    def kill(self) -> None:
        """There is nothing to kill."""


class Attachment:
    """A view of a running container's output from now on, and a way to type into it."""

    def __init__(self, instance: Instance, *, stdin: bool) -> None:
        self._instance, self._stdin = instance, stdin
        self._position = len(instance.log)
        self._left = False

    async def write_stdin(self, data: bytes) -> None:
        """Feed the container's standard input, if its spec has one; empty data ends it with stdinOnce."""
        session = self._instance.container.stdin
        if session is None or not self._stdin:
            return
        if data:
            session.write(data)
        elif self._instance.spec.get("stdinOnce"):
            session.close_stdin()

    async def output(self) -> AsyncIterator[tuple[int, bytes]]:
        """(1 or 2, bytes) as the container writes lines, until it ends."""
        log = self._instance.log
        while not self._left:
            while self._position < len(log):
                self._position = max(self._position, log.start)
                _, name, data = log.line(self._position)
                self._position += 1
                yield _NUMBERS[name], data
            if log.closed:
                return
            await log.changed()

    async def wait(self) -> int:
        """0 once the container has ended: what it ended with is in the Pod's status."""
        if self._instance.running:
            ended = asyncio.Event()
            self._instance.container.when_finished(ended.set)
            await ended.wait()
        return 0

    def resize(self, rows: int, columns: int) -> None:
        """The client's window has changed."""
        if self._instance.container.stdin is not None:
            self._instance.container.stdin.resize(rows, columns)

    def kill(self) -> None:
        """The client went away; the container goes on."""
        self._left = True
