"""The transport: credentials, limits, streams, and what is left when it stops."""

import asyncio
import base64
import io
import json
import socket
import ssl
import stat
from types import SimpleNamespace

import aiohttp
import pytest
import yaml
from kubernetes.client import CoreV1Api
from tests.tinykube.api.examples import config_map

from tinykube.server.server import BODY_LIMIT

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture
async def ask(served, tmp_path):
    """Send a request as the administrator, with a token, or as nobody: (status, body); without `read`, no more than how
    the answer begins."""
    user = yaml.safe_load(served.server.kubeconfig.read_text())["users"][0]["user"]
    held = tmp_path / "client.pem"
    parts = [user["client-key-data"], user["client-certificate-data"]]
    held.write_bytes(b"".join(base64.b64decode(part) for part in parts))

    async def ask(method, path, *, who="admin", token=None, headers=None, read=True, **kwargs):
        context = ssl.create_default_context(cadata=served.server.ca_certificate)
        if who == "admin":
            context.load_cert_chain(held)
        found = {"Authorization": f"Bearer {token}"} if token is not None else {}
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
            url = f"{served.server.url}{path}"
            async with session.request(method, url, headers={**found, **(headers or {})}, **kwargs) as response:
                return response.status, await response.read() if read else b""

    return ask


async def test_the_administrators_certificate_opens_everything(ask):
    status, body = await ask("GET", "/api/v1/nodes")
    assert (status, json.loads(body)["kind"]) == (200, "NodeList")


@pytest.mark.parametrize("path", ["/api", "/version", "/nope", "/practice/clock", "/openapi/v3"])
async def test_nobody_gets_nothing(ask, path):
    status, body = await ask("GET", path, who="nobody")
    assert status == 401
    assert json.loads(body) == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": "Unauthorized",
        "reason": "Unauthorized",
        "code": 401,
    }


async def test_health_is_for_everybody(ask):
    assert await ask("GET", "/readyz", who="nobody") == (200, b"ok")
    assert (await ask("GET", "/readyz?verbose", who="nobody"))[1].endswith(b"readyz check passed\n")


@pytest.mark.parametrize("token", ["wrong", "a.b.c", "", "ü"])
async def test_a_wrong_token_is_nobody_even_with_a_certificate(ask, token):
    assert (await ask("GET", "/api/v1/nodes", token=token))[0] == 401


async def test_a_service_accounts_token_is_that_account(served, ask):
    made = served.api.create("serviceaccounts", "default", {}, subresource="token", name="default")
    status, body = await ask("GET", "/api/v1/nodes", who="nobody", token=made["status"]["token"])
    assert status == 403
    assert 'User "system:serviceaccount:default:default" cannot list' in json.loads(body)["message"]


async def test_a_certificate_of_another_authority_is_refused(served):
    from tinykube.server.pki import Authority

    context = ssl.create_default_context(cadata=served.server.ca_certificate)
    certificate, key = Authority("other").admit("kubernetes-admin", "system:masters")
    held = served.server.kubeconfig.with_name("other.pem")
    held.write_text(key + certificate)
    context.load_cert_chain(held)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        with pytest.raises(aiohttp.ClientError):
            await session.get(f"{served.server.url}/api")


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_that_is_too_large_is_refused(ask, chunked):
    async def pieces():
        for _ in range(4):
            yield b"x" * 1024 * 1024

    data = pieces() if chunked else io.BytesIO(b"x" * (BODY_LIMIT + 1))
    status, body = await ask("POST", CONFIG_MAPS, data=data)
    assert status == 413
    assert json.loads(body)["message"] == "Request entity too large: limit is 3145728"


async def test_files_are_private_and_gone_at_the_end(served):
    path = served.server.kubeconfig
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["kubeconfig"]
    port = int(served.server.url.rpartition(":")[2])
    await served.server.stop()
    assert list(path.parent.iterdir()) == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert len(asyncio.all_tasks()) == 1


async def test_the_server_can_start_again(served):
    await served.server.stop()
    await served.server.start()
    assert served.server.kubeconfig.exists()


async def test_times_are_as_the_clients_clock_has_them(served, ask):
    import time

    served.api.create("configmaps", "default", config_map("c"))
    _, body = await ask("GET", f"{CONFIG_MAPS}/c")
    shown = json.loads(body)["metadata"]["creationTimestamp"]
    from tinykube.objects import parse_time

    assert abs(time.time() - parse_time(shown)) < 60
    assert served.api.get("configmaps", "default", "c")["metadata"]["creationTimestamp"] == "2026-01-01T00:00:00Z"
    sent = {**json.loads(body), "data": {"k": "new"}}
    assert (await ask("PUT", f"{CONFIG_MAPS}/c", json=sent))[0] == 200


async def test_a_reader_that_never_reads_is_dropped(served, monkeypatch):
    """Not the events it left unread, nor its task, are kept."""
    import tinykube.server.server as transport
    import tinykube.store as store

    monkeypatch.setattr(transport, "_STALL_SECONDS", 0.05)
    monkeypatch.setattr(store, "BACKLOG", 50)
    settings = yaml.safe_load(served.server.kubeconfig.read_text())["users"][0]["user"]
    held = served.server.kubeconfig.with_name("client.pem")
    parts = [settings["client-key-data"], settings["client-certificate-data"]]
    held.write_bytes(b"".join(base64.b64decode(part) for part in parts))
    context = ssl.create_default_context(cadata=served.server.ca_certificate)
    context.load_cert_chain(held)
    port = int(served.server.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, limit=1024)
    writer.write(f"GET {CONFIG_MAPS}?watch=1 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    await reader.readline()
    for n in range(400):
        served.api.create("configmaps", "default", config_map(f"c{n}", k="x" * 100_000))
        await asyncio.sleep(0)
    for _ in range(1000):
        if not served.api.store._watches["configmaps"]:
            break
        await asyncio.sleep(0.05)
    assert not served.api.store._watches["configmaps"]
    writer.transport.abort()


# -- /practice -----------------------------------------------------------------------------------------------


async def test_the_clock_is_told_and_moved(served, ask):
    status, body = await ask("GET", "/practice/clock")
    found = json.loads(body)
    assert (status, found["mode"], found["now"], found["waiting"]) == (200, "stepped", 1_767_225_600.0, 0)
    await ask("POST", "/practice/clock", json={"advance": 60})
    assert served.clock.now() == 1_767_225_660.0


async def test_a_step_ends_when_an_object_has_changed(served, ask):
    served.clock.call_later(3, lambda: None)
    made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "made"}}
    served.clock.call_later(5, lambda: served.api.create("configmaps", "default", made))
    revision = served.api.store.revision
    found = json.loads((await ask("POST", "/practice/clock", json={"step": 100}))[1])
    assert (found["moved"], found["before"], found["revision"]) == (5, revision, revision + 1)
    assert json.loads((await ask("POST", "/practice/clock", json={"step": 100}))[1])["moved"] == 100


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/practice/clock", {}, 400),
        ("POST", "/practice/clock", {"advance": -1}, 400),
        ("POST", "/practice/clock", {"advance": "soon"}, 400),
        ("POST", "/practice/clock", {"advance": 1, "step": 1}, 400),
        ("POST", "/practice/clock", [], 400),
        ("DELETE", "/practice/clock", None, 405),
        ("GET", "/practice/nothing", None, 404),
    ],
)
async def test_controls_that_are_none(ask, method, path, body, status):
    assert (await ask(method, path, json=body))[0] == status


async def test_only_the_administrator_has_the_controls(served, ask):
    made = served.api.create("serviceaccounts", "default", {}, subresource="token", name="default")
    status, _ = await ask("GET", "/practice/clock", who="nobody", token=made["status"]["token"])
    assert status == 403


async def test_shutdown_is_passed_on(served, ask):
    await ask("POST", "/practice/shutdown")
    assert served.stopped.is_set()


async def test_waiting_counts_kubectls_open_requests(served, ask):
    async def waiting():
        return json.loads((await ask("GET", "/practice/clock"))[1])["waiting"]

    headers = {"User-Agent": "kubectl/v1.32.4"}
    open_watch = asyncio.create_task(ask("GET", f"{CONFIG_MAPS}?watch=1", headers=headers))
    for _ in range(100):
        if await waiting():
            break
    assert await waiting() == 1
    open_watch.cancel()
    await asyncio.gather(open_watch, return_exceptions=True)
    for _ in range(100):
        if not await waiting():
            break
    assert await waiting() == 0


async def test_a_client_on_its_way_is_waited_for_and_counted(served):
    """A connection that is being made is no client that waits; the clock's answer comes once it is there."""
    before = served.server.load()["traffic"]
    host, port = served.server.url.removeprefix("https://").split(":")
    context = ssl.create_default_context(cadata=served.server.ca_certificate)
    opened = asyncio.create_task(asyncio.open_connection(host, int(port), ssl=context))
    for _ in range(1000):
        if served.server.load()["traffic"] > before:
            break
        await asyncio.sleep(0)
    assert not opened.done()
    await served.server._traffic.arrived()
    assert served.server.load()["traffic"] == before + 2
    _, writer = await opened
    writer.close()


async def test_requests_are_counted_as_they_begin_and_end(served, ask):
    before = served.server.load()
    await ask("GET", CONFIG_MAPS)
    after = served.server.load()
    assert after["traffic"] == before["traffic"] + 4  # connecting, connected, asked, answered
    await ask("GET", "/practice/clock")
    assert served.server.load()["traffic"] == after["traffic"] + 2


async def test_what_may_wake_kubectl_is_told_from_what_wakes_others(served, ask):
    async def grown(query, agent):
        before = served.server.load()
        await ask("GET", f"{CONFIG_MAPS}{query}", headers={"User-Agent": agent}, read=not query)
        return tuple(served.server.load()[counter] - before[counter] for counter in ("told", "watched"))

    assert await grown("", "kubelab") == (2, 0)  # a connection may be anybody's
    assert await grown("", "kubectl/v1.32.4") == (4, 0)
    assert await grown("?watch=1", "kubelab") == (2, 0)
    told, watched = await grown("?watch=1", "kubectl.exe/v1.36.0")
    assert (told > 2, watched) == (True, 1)


async def test_a_command_that_has_ended_keeps_nobody_waiting_while_its_client_says_goodbye(served):
    token = served.api.create("serviceaccounts", "default", {}, subresource="token", name="default")["status"]["token"]
    served.api.create("clusterrolebindings.rbac.authorization.k8s.io", None, {
        "metadata": {"name": "all"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "default"}],
    })  # fmt: skip
    context = ssl.create_default_context(cadata=served.server.ca_certificate)
    address = f"{served.server.url}/api/v1/namespaces/default/pods/p/exec?command=cat&stdin=true&stdout=true"
    headers = {"User-Agent": "kubectl/v1.36.0", "Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(address, ssl=context, protocols=["v5.channel.k8s.io"], headers=headers) as client:
            during = served.server.load()
            await client.send_bytes(b"\xff\x00")  # no more input
            while (await client.receive_bytes())[0] != 3:
                pass
            await served.clock.settle()
            after = served.server.load()

    assert (during["busy"], during["waiting"]) == (1, 1)
    assert (after["busy"], after["waiting"]) == (0, 0)


async def test_a_step_is_made_only_if_nothing_has_passed_since(served, ask):
    async def step(traffic):
        body = json.dumps({"step": 5, "traffic": traffic})
        return json.loads((await ask("POST", "/practice/clock", data=body))[1])["moved"]

    await ask("GET", CONFIG_MAPS)
    seen = served.server.load()["traffic"]
    connecting = 2  # each request of this test connects anew

    assert await step(seen) == 0
    assert await step(served.server.load()["traffic"] + connecting) == 5


async def test_within_a_second_a_connections_times_are_one(served, official, monkeypatch):
    """`kubectl diff` compares two answers, which the wall's second may part."""
    wall = [served.clock.now() + 1000.9]
    monkeypatch.setattr("tinykube.server.server.time", SimpleNamespace(time=lambda: wall[0]))

    def created(api_client):
        for later in (0, 0.2, 1.5):
            wall[0] += later
            yield CoreV1Api(api_client).read_namespaced_pod("p", "default").metadata.creation_timestamp

    first, second, third = await official(lambda api_client: list(created(api_client)))
    assert first == second < third
