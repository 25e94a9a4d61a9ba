"""HTTP between programs: the short way, the way over bytes, and servers that die."""

import asyncio
import errno

import pytest

from tinykube.clock import Clock
from tinykube.runtime import http
from tinykube.runtime.cgroup import Cgroup
from tinykube.runtime.filesystem import FileSystem
from tinykube.runtime.network import Network
from tinykube.runtime.nodes import Directory
from tinykube.runtime.process import Process, ProcessTable
from tinykube.runtime.streams import NullStream


class World:
    """A server process on one host, a client on another."""

    def __init__(self, handler):
        self.clock = Clock()
        self.network = Network(self.clock)
        self.server, self.client = self.network.add_host("10.0.0.1"), self.network.add_host("10.0.0.2")
        table = ProcessTable(self.clock, FileSystem(Directory(), self.clock), self.server, Cgroup(), "server")
        self.process = Process(table, self.serve, ["server"], {}, fds={fd: NullStream() for fd in range(3)})
        self.handler = handler
        self.process.start()

    async def serve(self, process):
        http.serve(process, 80, self.handler)
        await asyncio.get_running_loop().create_future()
        return 0

    async def ask(self, *args, **options):
        await self.clock.settle()
        task = asyncio.ensure_future(http.request(self.client, "10.0.0.1", 80, *args, **options))
        await self.clock.run_until(task.done, 100)
        return await task

    async def bytes(self, data):
        """What the server sends back for raw bytes."""
        await self.clock.settle()
        connection = await self.client.connect("10.0.0.1", 80)
        connection.write(data)
        connection.finish_writing()
        received = b""
        while piece := await connection.read():
            received += piece
        return received


async def echo(request):
    """A server that tells what it was asked."""
    text = f"{request.method} {request.path} {request.query} {request.header('x-a')} {request.body.decode()}"
    return http.Response(200, [("Content-Type", "text/plain")], text.encode())


async def test_a_request_reaches_the_server_with_all_it_carries():
    world = World(echo)
    response = await world.ask("/p?q=1", method="POST", headers=[("X-A", "y")], body=b"data")
    assert (response.status, response.reason, response.body) == (200, "OK", b"POST /p q=1 y data")


async def test_bytes_on_the_wire_get_the_same_answers():
    world = World(echo)
    answer = await world.bytes(b"POST /p?q=1 HTTP/1.1\r\nHost: x\r\nX-A: y\r\nContent-Length: 4\r\n\r\ndata")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\nPOST /p q=1 y data")


async def test_a_connection_serves_several_requests():
    world = World(echo)
    answer = await world.bytes(b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.count(b"HTTP/1.1 200 OK") == 2


async def test_nonsense_is_a_bad_request():
    assert (await World(echo).bytes(b"hello\r\n\r\n")).startswith(b"HTTP/1.1 400 Bad Request")


async def test_a_server_that_is_slow_times_out_for_the_client_only():
    answered = []

    async def slow(request):
        await world.clock.sleep(5)
        answered.append(request.path)
        return http.Response()

    world = World(slow)
    with pytest.raises(TimeoutError):
        await world.ask("/a", timeout=2)
    assert (await world.ask("/b", timeout=10)).status == 200
    assert answered == ["/a", "/b"]


async def test_a_server_that_dies_resets_the_connection():
    async def never(request):
        await asyncio.get_running_loop().create_future()

    world = World(never)
    await world.clock.settle()
    world.clock.call_later(1, lambda: world.process.die(9))
    with pytest.raises(ConnectionResetError):
        await world.ask("/")
    with pytest.raises(ConnectionRefusedError) as refused:
        await world.ask("/")
    assert refused.value.errno == errno.ECONNREFUSED


async def test_a_client_understands_a_server_of_plain_bytes():
    world = World(echo)

    def accept(connection):
        connection.write(b"HTTP/1.1 201 Created\nX-B: z\n\nhello")
        connection.release()

    world.server.listen(81, accept)
    response = await http.request(world.client, "10.0.0.1", 81)
    assert (response.status, response.header("x-b"), response.body) == (201, "z", b"hello")
    world.server.listen(82, lambda connection: connection.release())
    with pytest.raises(ConnectionResetError):
        await http.request(world.client, "10.0.0.1", 82)
