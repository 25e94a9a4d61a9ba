"""Forwarded ports, from the real kubectl and the official Python client to programs in Pods, on a clock that stands
still."""

import asyncio
import base64
import contextlib
import gc
import os
import re
import ssl

import aiohttp
import pytest
import yaml
from kubernetes import client, config
from kubernetes.stream import portforward
from tests.parity.runner import runner

from tinykube.server import spdy
from tinykube.server.portforward import CHANNELS, TUNNEL

OBJECTS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: nginx, ports: [{containerPort: 80, name: http}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 8000, targetPort: http, name: front}]}
---
apiVersion: v1
kind: Pod
metadata: {name: tools}
spec:
  containers:
  - {name: who, image: traefik/whoami}
  - {name: echo, image: busybox, command: [nc, -lk, -p, '9000', -e, cat]}
---
apiVersion: v1
kind: Pod
metadata: {name: homeless}
spec: {nodeSelector: {no: where}, containers: [{name: c, image: nginx}]}
"""


@pytest.fixture
async def cluster(tmp_path, kubectl):
    """A practice cluster with something to talk to."""
    async with runner(tmp_path, kubectl) as found:
        await found.call("apply", "-f", "-", stdin=OBJECTS)
        await found.cluster.clock.advance(15)
        yield found


class Forwarded:
    """A running `kubectl port-forward`, and the local ports that it listens on."""

    def __init__(self, process):
        self.process, self.ports = process, []

    async def listens(self, count):
        while len(self.ports) < count:
            line = (await asyncio.wait_for(self.process.stdout.readline(), 30)).decode()
            assert line.startswith("Forwarding from"), line
            self.ports += re.findall(r"127\.0\.0\.1:(\d+) ->", line)

    async def ends(self):
        """Its exit code, and what it still said."""
        rest = await asyncio.wait_for(self.process.stdout.read(), 30)
        return await self.process.wait(), rest.decode()


@contextlib.asynccontextmanager
async def forwarding(cluster, *arguments, count=1):
    kubeconfig, wanted = str(cluster.server.kubeconfig), "true"  # what kubectl 1.30 has to be told
    env = {**os.environ, "KUBECONFIG": kubeconfig, "KUBECTL_PORT_FORWARD_WEBSOCKETS": wanted}
    process = await asyncio.create_subprocess_exec(
        cluster.kubectl,
        "port-forward",
        *arguments,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    forwarded = Forwarded(process)
    try:
        await forwarded.listens(count)
        yield forwarded
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()


async def get(port, path="/"):
    async with aiohttp.ClientSession() as session:
        return await fetch(session, port, path)


async def fetch(session, port, path="/"):
    async with session.get(f"http://127.0.0.1:{port}{path}", timeout=aiohttp.ClientTimeout(30)) as answer:
        return answer.status, await answer.text()


@pytest.mark.kubectl
@pytest.mark.parametrize("arguments", [["deploy/web", ":80"], ["svc/web", ":8000"], ["svc/web", ":front"]])
async def test_what_stands_for_a_pod_can_be_reached(cluster, arguments):
    async with forwarding(cluster, *arguments) as forwarded:
        status, text = await get(forwarded.ports[0])
        assert (status, "Welcome to nginx!" in text) == (200, True)


@pytest.mark.kubectl
async def test_many_requests_at_once_and_on_one_connection(cluster):
    async with forwarding(cluster, "deploy/web", ":80") as forwarded, aiohttp.ClientSession() as session:
        port = forwarded.ports[0]
        at_once = await asyncio.gather(*(fetch(session, port, f"/{n % 2 * 'nope'}") for n in range(20)))
        assert [status for status, _ in at_once] == [200, 404] * 10
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as one:
            assert {(await fetch(one, port))[0] for _ in range(5)} == {200}


@pytest.mark.kubectl
async def test_several_ports_and_much_data_both_ways(cluster):
    async with forwarding(cluster, "pod/tools", ":80", ":9000", count=2) as forwarded:
        web, echo = forwarded.ports
        assert "Hostname: tools" in (await get(web))[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", echo)
        sent = os.urandom(3_000_000)
        writer.write(sent)
        assert await asyncio.wait_for(reader.readexactly(len(sent)), 30) == sent
        writer.close()


@pytest.mark.kubectl
async def test_an_idle_port_holds_no_time_and_an_answer_gets_the_time_it_takes(cluster):
    clock, load = cluster.cluster.clock, cluster.server.load
    async with forwarding(cluster, "pod/tools", ":80") as forwarded:
        before = clock.now()
        assert (await get(forwarded.ports[0]))[0] == 200
        assert (clock.now(), load()["busy"]) == (before, 0)
        assert (await get(forwarded.ports[0], "/?wait=5s"))[0] == 200
        assert clock.now() == pytest.approx(before + 5, abs=1)
        assert load()["busy"] == load()["waiting"] == 0


@pytest.mark.kubectl
async def test_somebody_who_never_asks_to_the_end_moves_only_so_much_time(cluster):
    clock, load, over = cluster.cluster.clock, cluster.server.load, asyncio.Event()
    async with forwarding(cluster, "pod/tools", ":80") as forwarded:
        before = clock.now()
        clock.call_later(30, over.set)
        _, writer = await asyncio.open_connection("127.0.0.1", forwarded.ports[0])
        writer.write(b"GET / HT")
        await asyncio.wait_for(over.wait(), 30)
        writer.write(b"TP/1.1\r\n")
        assert (await get(forwarded.ports[0], "/?wait=5s"))[0] == 200
        assert clock.now() == pytest.approx(before + 35, abs=1)
        assert load()["busy"] == 0
        writer.close()


@pytest.mark.kubectl
async def test_a_port_that_nobody_listens_on_ends_it(cluster):
    async with forwarding(cluster, "pod/tools", ":81") as forwarded:
        with pytest.raises(aiohttp.ClientError):
            await get(forwarded.ports[0])
        code, said = await forwarded.ends()
        assert code == 1
        assert re.search(
            r"error forwarding port 81 to pod [0-9a-f]{64}, uid : failed to execute portforward in network namespace "
            r".*/var/run/netns/cni-.*: failed to connect to localhost:81 inside namespace .*[0-9a-f]{64}.*, "
            r"IPv4: dial tcp4 127.0.0.1:81: connect: connection refused IPv6 dial tcp6 ",
            said,
        )
        assert said.endswith("error: lost connection to pod\n")


@pytest.mark.kubectl
async def test_a_pod_that_has_gone_ends_it_at_the_next_connection(cluster):
    async with forwarding(cluster, "pod/tools", ":80") as forwarded:
        assert (await get(forwarded.ports[0]))[0] == 200
        await cluster.call("delete", "pod", "tools", "--now")
        await cluster.cluster.clock.advance(5)
        with pytest.raises(aiohttp.ClientError):
            await get(forwarded.ports[0])
        code, said = await forwarded.ends()
        assert (code, "failed to find sandbox" in said) == (1, True)


@pytest.mark.kubectl
@pytest.mark.parametrize(
    ("pod", "words"),
    [
        ("pod/homeless", "error: unable to forward port because pod is not running. Current status=Pending\n"),
        ("pod/nope", 'Error from server (NotFound): pods "nope" not found\n'),
    ],
)
async def test_pods_that_cannot_be_reached(cluster, pod, words):
    assert await cluster.call("port-forward", pod, ":80") == (1, words)


@pytest.mark.kubectl
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the client leaves its sockets to the collector
async def test_the_python_client(cluster):
    def use():
        settings = client.Configuration()
        config.load_kube_config(str(cluster.server.kubeconfig), client_configuration=settings)
        with client.ApiClient(settings) as api:
            connect = client.CoreV1Api(api).connect_get_namespaced_pod_portforward
            forwarded = portforward(connect, "tools", "default", ports="80,81")
            socket = forwarded.socket(80)
            socket.settimeout(30)
            socket.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = b""
            while piece := socket.recv(4096):
                answer += piece
            forwarded.close()
            return answer, forwarded.error(80), forwarded.error(81)

    answer, fine, failed = await asyncio.to_thread(use)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Hostname: tools" in answer
    assert fine is None
    assert failed.startswith("error forwarding port 81 to pod ")
    gc.collect()


# -- the protocols, spoken by hand to a Pod that pretends ------------------------------------------------------


@pytest.fixture
async def dial(served, tmp_path):
    """Open a WebSocket to the ports of a Pod: `async with dial(protocol, query, **headers) as socket`."""
    user = yaml.safe_load(served.server.kubeconfig.read_text())["users"][0]["user"]
    held = tmp_path / "client.pem"
    held.write_bytes(b"".join(base64.b64decode(user[f"client-{part}-data"]) for part in ("key", "certificate")))
    context = ssl.create_default_context(cadata=served.server.ca_certificate)
    context.load_cert_chain(held)

    @contextlib.asynccontextmanager
    async def dial(protocol, query="", **headers):
        url = f"{served.server.url}/api/v1/namespaces/default/pods/p/portforward{query}"
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session,
            session.ws_connect(url, protocols=[protocol], headers=headers) as socket,
        ):
            yield socket

    return dial


class Peer:
    """kubectl's end of a tunnel."""

    def __init__(self, socket):
        self.socket, self.framer = socket, spdy.Framer()

    async def send(self, *frames):
        for frame in frames:
            await self.socket.send_bytes(self.framer.encode(frame))

    async def receive(self, count):
        seen = []
        while len(seen) < count:
            seen += self.framer.received(await asyncio.wait_for(self.socket.receive_bytes(), 30))
        return seen


def stream(number, kind, port="1001", request="0"):
    return spdy.Open(number, {"streamtype": kind, "port": port, "requestid": request})


async def test_streams_of_one_request_belong_together(dial):
    async with dial(TUNNEL) as socket:
        assert socket.protocol == TUNNEL
        peer = Peer(socket)
        await peer.send(stream(1, "error", request="a"), stream(3, "error", "1002", "b"), spdy.Data(1, last=True))
        await peer.send(stream(5, "data", "1002", "b"), spdy.Data(5, b"hi"), spdy.Data(5, last=True))
        assert await peer.receive(3) == [spdy.Reply(1), spdy.Reply(3), spdy.Reply(5)]
        data = await peer.receive(4)
        assert data == [spdy.Data(5, b"1002:"), spdy.Data(5, b"hi"), spdy.Data(3, last=True), spdy.Data(5, last=True)]


async def test_what_is_wrong_comes_on_the_error_stream(dial):
    async with dial(TUNNEL) as socket:
        peer = Peer(socket)
        await peer.send(stream(1, "error", "9"), stream(3, "data", "9"))
        assert (await peer.receive(4))[2:] == [spdy.Data(1, b"nobody listens on 9", last=True), spdy.Data(3, last=True)]


async def test_a_stream_that_is_reset_ends_alone(served, dial):
    async with dial(TUNNEL) as socket:
        peer = Peer(socket)
        await peer.send(stream(1, "error"), stream(3, "data"), stream(5, "error", request="1"))
        await peer.send(stream(7, "data", request="1"))
        assert len(await peer.receive(6)) == 6
        await peer.send(spdy.Reset(3, 5), spdy.Data(3, b"late"), spdy.Data(7, b"still here"))
        assert await peer.receive(2) == [spdy.Data(1, last=True), spdy.Data(7, b"still here")]
        assert served.server.load()["busy"] == 0


@pytest.mark.parametrize(
    "wrong", [stream(3, "other"), stream(3, "error"), stream(3, "data", "0"), stream(3, "data", "")]
)
async def test_a_stream_that_fits_nothing_is_refused(dial, wrong):
    async with dial(TUNNEL) as socket:
        peer = Peer(socket)
        await peer.send(stream(1, "error"), wrong, spdy.Ping(7))
        assert await peer.receive(3) == [spdy.Reply(1), spdy.Reset(3, spdy.REFUSED_STREAM), spdy.Ping(7)]


@pytest.mark.parametrize("end", [spdy.Framer().encode(spdy.GoAway()), b"\x80\x02\0\6\0\0\0\4\0\0\0\1"])
async def test_a_client_that_leaves_or_babbles_is_let_go(dial, end):
    async with dial(TUNNEL) as socket:
        await socket.send_bytes(end)
        assert (await asyncio.wait_for(socket.receive(), 30)).type is aiohttp.WSMsgType.CLOSE


async def test_channels_carry_each_port_and_what_is_wrong_with_it(dial):
    async with dial(CHANNELS, "?ports=1001,9") as socket:
        seen = [await asyncio.wait_for(socket.receive_bytes(), 30) for _ in range(6)]
        assert seen[:4] == [b"\0\xe9\3", b"\1\xe9\3", b"\2\x09\0", b"\3\x09\0"]
        assert sorted(seen[4:]) == [b"\x001001:", b"\3nobody listens on 9"]
        await socket.send_bytes(b"\0hello")
        await socket.send_bytes(b"\1nobody reads this")
        assert await asyncio.wait_for(socket.receive_bytes(), 30) == b"\0hello"


@pytest.mark.parametrize(
    ("protocol", "headers", "code"),
    [(CHANNELS, {}, 400), (TUNNEL, {"Impersonate-User": "jane"}, 403), ("SPDY/3.1+other.k8s.io", {}, 400)],
)
async def test_clients_that_are_refused(dial, protocol, headers, code):
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with dial(protocol, **headers):
            pass
    assert refused.value.status == code
