"""A bench for images: a network, and Pods' containers on it, on a clock that the test moves."""

from __future__ import annotations

import asyncio
from typing import Any

from tinykube.clock import Clock
from tinykube.images import catalogue
from tinykube.runtime import Container, ContainerSpec, FileSystem, ImageStore, Network, http
from tinykube.runtime.nodes import Directory
from tinykube.runtime.streams import Stream

STORE = ImageStore(catalogue())
DNS = "10.96.0.10"


class Bench:
    """Containers by name; each has an address of its own unless it shares a Pod's."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.network = Network(self.clock)
        self.names: dict[str, str] = {}
        self.network.dns = lambda server, name, kind: [self.names[name]] if name in self.names else None
        self.network.known = lambda ip: ip.startswith("10.")
        self.node = self.network.add_host("10.0.0.1", "node")
        self.logs: dict[str, list[str]] = {}
        self.containers: list[Container] = []

    def run(self, name: str, image: str, *args: str, pod: Container | None = None, **spec: Any) -> Container:
        """Start a container of `image` with `args`; its log is `logs[name]`."""
        found = STORE.find(image)
        assert found is not None, image
        address = f"10.244.0.{len(self.network.hosts) + 4}"
        host = pod.table.host if pod else self.network.add_host(address, name)
        log = self.logs[name] = []
        spec.setdefault("hostname", name)
        container = Container(
            ContainerSpec(found, args=list(args) or None, **spec),
            self.clock,
            host,
            lambda stream, line: log.append(line.decode().rstrip("\n")),
        )
        read_only, container.fs._root.read_only = container.fs._root.read_only, False
        uid, container.fs.uid = container.fs.uid, 0
        container.fs.write("/etc/resolv.conf", f"nameserver {DNS}\nsearch default.svc.cluster.local\n".encode())
        container.fs._root.read_only, container.fs.uid = read_only, uid
        if pod is None:
            self.names[name] = address
        self.containers.append(container)
        container.start()
        return container

    async def get(self, container: Container, target: str = "/", port: int = 80, **request: Any) -> http.Response:
        """What a server answers to the node."""
        response: http.Response = await self.moving(
            http.request(self.node, container.table.host.ip, port, target, **request)
        )
        return response

    async def moving(self, work: Any, seconds: float = 3600.0) -> Any:
        """The result of `work`, with time moving on while it waits."""
        task = asyncio.ensure_future(work)
        await self.clock.run_until(task.done, seconds)
        return await task

    async def sh(self, container: Container, *argv: str) -> tuple[int, str, str]:
        """Run a command in a container: exit status, output, errors."""
        status, out, err = await self.moving(container.exec(list(argv)).output())
        return status, out.decode(), err.decode()

    async def exit_code(self, container: Container, seconds: float = 3600.0) -> int | None:
        """Let time pass until a container has ended; its exit code."""
        await self.clock.run_until(lambda: container.exit_code is not None, seconds)
        return container.exit_code


def volume(clock: Clock, files: dict[str, str]) -> Directory:
    """A volume with some files."""
    root = Directory()
    fs = FileSystem(root, clock)
    for path, text in files.items():
        stream: Stream = fs.open(f"/{path}", "w")
        stream.write(text.encode())
        stream.release()
    return root
