"""A kubelet that needs no containers: canned logs, a few canned commands, an HTTP echo."""

from __future__ import annotations

import asyncio

from tinykube import errors
from tinykube.client import HttpAnswer


class FakeSession:
    """`cat` gives back what it gets; anything else prints its arguments, complains, and exits with its last one."""

    def __init__(self, argv, stdin):
        self.argv, self.stdin = argv, stdin
        self.input: asyncio.Queue[bytes] = asyncio.Queue()
        self.killed = False

    async def write_stdin(self, data):
        self.input.put_nowait(data)

    async def output(self):
        if self.argv[0] == "cat":
            while data := await self.input.get():
                yield 1, data
            return
        yield 1, (" ".join(self.argv) + "\n").encode()
        yield 2, b"complaint\n"

    async def wait(self):
        return int(self.argv[-1]) if self.argv[-1].isdigit() else 0

    def kill(self):
        self.killed = True


class FakePort:
    """A connection into a Pod that gives back what it gets, behind the port's number."""

    def __init__(self, port):
        self.arrived: asyncio.Queue[bytes] = asyncio.Queue()
        self.arrived.put_nowait(f"{port}:".encode())

    async def read(self):
        return await self.arrived.get()

    async def write(self, data):
        self.arrived.put_nowait(data)

    def finish(self):
        self.arrived.put_nowait(b"")

    def close(self):
        self.arrived.put_nowait(b"")


class FakePorts:
    """Ports from 1000 on accept connections."""

    async def connect(self, port):
        if port < 1000:
            raise ConnectionError(f"nobody listens on {port}")
        return FakePort(port)


class FakeKubelet:
    """Implements `client.KubeletApi`."""

    def __init__(self):
        self.sessions = []
        self.log = [b"2026-01-01T00:00:00.5Z one\n", b"2026-01-01T00:00:01Z two\n"]
        self.asked = []

    async def logs(self, namespace, pod, container, options):
        self.asked.append((pod, container, dict(options)))
        if options.get("previous"):
            raise errors.bad_request(f'previous terminated container "{container}" in pod "{pod}" not found')
        for line in self.log:
            yield line if options.get("timestamps") else line.partition(b" ")[2]
        if options.get("follow"):
            await asyncio.Event().wait()

    async def exec(self, namespace, pod, container, argv, *, stdin, tty):
        if argv[0] == "missing":
            raise errors.internal(f'unable to upgrade connection: container not found ("{container}")')
        self.sessions.append(FakeSession(argv, stdin))
        return self.sessions[-1]

    async def attach(self, namespace, pod, container, *, stdin, tty):
        self.sessions.append(FakeSession(["cat"] if stdin else ["attached"], stdin))
        return self.sessions[-1]

    async def port_forward(self, namespace, pod):
        self.asked.append(("portforward", namespace, pod))
        return FakePorts()

    async def http(self, namespace, pod, port, method, path, headers, body):
        text = f"{method} {pod}:{port}{path} {sorted(headers)} ".encode() + body
        return HttpAnswer(200, {"Content-Type": "text/plain", "X-Made-By": "pod"}, text)
