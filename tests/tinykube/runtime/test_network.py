"""The network: who can be reached where, what is refused, and what times out."""

import asyncio
import errno

import pytest

from tinykube.clock import Clock
from tinykube.runtime import dns
from tinykube.runtime.filesystem import FileSystem
from tinykube.runtime.network import Network
from tinykube.runtime.nodes import Directory
from tinykube.runtime.oserror import oserror


@pytest.fixture
def network():
    network = Network(Clock())
    network.known = lambda ip: ip.startswith("10.")
    return network


async def failing(network, awaitable):
    """The errno of a failure and after how many seconds it came."""
    start = network.clock.now()
    task = asyncio.ensure_future(awaitable)
    await network.clock.run_until(task.done, 1000)
    with pytest.raises(OSError) as caught:
        await task
    return caught.value.errno, network.clock.now() - start


async def test_bytes_flow_both_ways_until_one_side_closes(network):
    server, client = network.add_host("10.0.0.1"), network.add_host("10.0.0.2")
    accepted = []
    server.listen(80, accepted.append)
    near = await client.connect("10.0.0.1", 80)
    far = accepted[0]
    near.write(b"ping\n")
    assert await far.readline() == b"ping\n"
    far.write(b"pong")
    assert await near.read() == b"pong"
    assert far.peer[0] == "10.0.0.2"
    assert near.peer == ("10.0.0.1", 80)
    far.release()
    assert await near.read() == b""
    with pytest.raises(BrokenPipeError):
        near.write(b"x")


async def test_containers_of_a_pod_share_localhost_and_clash_on_ports(network):
    pod, other = network.add_host("10.0.0.1"), network.add_host("10.0.0.2")
    pod.listen(80, lambda connection: None)
    with pytest.raises(OSError, match="Address already in use") as clash:
        pod.listen(80, lambda connection: None)
    assert clash.value.errno == errno.EADDRINUSE
    other.listen(80, lambda connection: None)
    await pod.connect("localhost", 80)
    await pod.connect("127.0.0.1", 80)


async def test_a_loopback_listener_is_refused_from_outside(network):
    server, client = network.add_host("10.0.0.1"), network.add_host("10.0.0.2")
    server.listen(80, lambda connection: None, address="127.0.0.1")
    await server.connect("127.0.0.1", 80)
    assert await failing(network, client.connect("10.0.0.1", 80)) == (errno.ECONNREFUSED, 0)


@pytest.mark.parametrize(
    ("address", "timeout", "expected"),
    [
        ("10.0.0.1", None, (errno.ECONNREFUSED, 0)),
        ("10.0.0.99", None, (errno.EHOSTUNREACH, 3)),
        ("10.0.0.99", 1, (errno.ETIMEDOUT, 1)),
        ("192.0.2.1", None, (errno.ETIMEDOUT, 127)),
        ("192.0.2.1", 5, (errno.ETIMEDOUT, 5)),
    ],
)
async def test_what_cannot_be_reached_fails_as_connect_does(network, address, timeout, expected):
    network.add_host("10.0.0.1")
    client = network.add_host("10.0.0.2")
    assert await failing(network, client.connect(address, 80, timeout)) == expected


async def test_a_virtual_ip_leads_where_the_hook_says(network):
    server, client = network.add_host("10.0.0.1"), network.add_host("10.0.0.2")
    accepted = []
    server.listen(8080, accepted.append)

    def rewrite(source, ip, port):
        if ip == "10.96.0.1":
            return ("10.0.0.1", 8080)
        if ip == "10.96.0.2":
            raise oserror(errno.ECONNREFUSED)
        return None

    network.rewrite = rewrite
    connection = await client.connect("10.96.0.1", 80)
    connection.write(b"x")
    assert await accepted[0].read() == b"x"
    assert await failing(network, client.connect("10.96.0.2", 80)) == (errno.ECONNREFUSED, 0)


async def test_a_stopped_listener_refuses_and_a_removed_host_is_gone(network):
    server, client = network.add_host("10.0.0.1"), network.add_host("10.0.0.2")
    server.listen(80, lambda connection: None).stop()
    assert (await failing(network, client.connect("10.0.0.1", 80)))[0] == errno.ECONNREFUSED
    network.remove_host(server)
    assert (await failing(network, client.connect("10.0.0.1", 80)))[0] == errno.EHOSTUNREACH


def test_names_are_looked_up_in_the_hosts_file_then_through_search_domains(network):
    fs = FileSystem(Directory(), network.clock)
    fs.make_directories("/etc")
    fs.write("/etc/hosts", b"127.0.0.1 localhost\n10.0.0.7 db db.local # comment\n")
    fs.write("/etc/resolv.conf", b"nameserver 10.96.0.10\nsearch ns.svc.local svc.local\noptions ndots:2\n")
    asked = []
    known = {"web.ns.svc.local": ["10.96.0.5"], "web.other.svc.local": ["10.96.0.6"], "a.b.c": ["10.0.0.9"]}

    def answer(server, name, kind):
        asked.append((server, name))
        return known.get(name)

    network.dns = answer
    host = network.add_host("10.0.0.1")
    assert dns.resolve(fs, host, "10.1.2.3") == ["10.1.2.3"]
    assert dns.resolve(fs, host, "db") == ["10.0.0.7"]
    assert asked == []
    assert dns.resolve(fs, host, "web") == ["10.96.0.5"]
    assert dns.resolve(fs, host, "web.other") == ["10.96.0.6"]
    assert dns.resolve(fs, host, "nope") == []
    asked.clear()
    assert dns.resolve(fs, host, "a.b.c") == ["10.0.0.9"]
    assert asked == [("10.96.0.10", "a.b.c")]
