"""What is passed on to nodes: logs, exec and attach, forwarded ports, HTTP to Pods and Services."""

import json
import re

import pytest
from tests.tinykube.api.examples import bind, pod, service
from tests.tinykube.server.fakes import FakeKubelet

from tinykube.api import nodes
from tinykube.api.http import Http
from tinykube.api.messages import Request, target

POD = "/api/v1/namespaces/default/pods/p"
SLICES = "endpointslices.discovery.k8s.io"


@pytest.fixture
def kubelet(api):
    found = api.nodes["node-1"] = FakeKubelet()
    return found


@pytest.fixture
def running(api, kubelet):
    """A Pod with two containers and an init container on a node."""
    containers = [{"name": n, "image": "i", "ports": [{"containerPort": 8080}]} for n in ("main", "side")]
    api.create("pods", "default", pod("p", containers=containers, initContainers=[{"name": "init", "image": "i"}]))
    bind(api)
    return api


@pytest.fixture
def send(api):
    async def send(path, method="GET", headers=None, body=b"", shift=0, **query):
        found = {k: v if isinstance(v, list) else [str(v)] for k, v in query.items()}
        response = await Http(api, shift=lambda: shift).handle(Request(method, path, found, headers or {}, body))
        if response.stream is None:
            return response.status, response.body
        return response.status, b"".join([chunk async for chunk in response.stream])

    return send


async def test_logs_are_streamed(running, kubelet, send):
    assert await send(f"{POD}/log", container="main", tailLines=5, sinceSeconds=10) == (200, b"one\ntwo\n")
    assert kubelet.asked == [
        (
            "p",
            "main",
            {"follow": False, "previous": False, "timestamps": False, "tailLines": 5, "sinceSeconds": 10},
        )
    ]


async def test_timestamps_of_logs_are_in_the_clients_time(running, kubelet, send):
    _, text = await send(f"{POD}/log", container="main", timestamps="true", shift=3600)
    assert text == b"2026-01-01T01:00:00.5Z one\n2026-01-01T01:00:01Z two\n"
    await send(f"{POD}/log", container="main", sinceTime="2026-01-01T01:00:00Z", shift=3600)
    assert kubelet.asked[-1][2]["sinceTime"] == 1_767_225_600.0


async def test_timestamps_are_found_across_chunks():
    async def chunks():
        for chunk in [b"2026-01-01T00:", b"00:00Z on", b"e\n2026-01-01T00:00:01Z two"]:
            yield chunk

    moved = [chunk async for chunk in nodes._shift_lines(chunks(), 1)]
    assert b"".join(moved) == b"2026-01-01T00:00:01Z one\n2026-01-01T00:00:02Z two"


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        (
            {},
            400,
            "a container name must be specified for pod p, choose one of: [main side] "
            "or one of the init containers: [init]",
        ),
        ({"container": "nope"}, 400, "container nope is not valid for pod p"),
        (
            {"container": "main", "previous": "true"},
            400,
            'previous terminated container "main" in pod "p" not found',
        ),
        (
            {"container": "main", "tailLines": -1},
            422,
            'PodLogOptions "" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
        ),
        (
            {"container": "main", "limitBytes": 0},
            422,
            'PodLogOptions "" is invalid: limitBytes: Invalid value: 0: must be greater than 0',
        ),
        ({"container": "main", "sinceTime": "noon"}, 400, 'parsing time "noon"'),
        ({"container": "main", "tailLines": "many"}, 400, 'tailLines: Invalid value: "many"'),
    ],
)
async def test_logs_that_are_refused(running, send, query, code, message):
    status, body = await send(f"{POD}/log", **query)
    assert status == code
    assert json.loads(body)["message"].startswith(message)


async def test_a_pod_without_a_node_has_no_logs_yet(api, send):
    api.create("pods", "default", pod())
    assert await send(f"{POD}/log") == (200, b"")


async def test_the_only_main_container_need_not_be_named(api, kubelet, send):
    api.create("pods", "default", pod(initContainers=[{"name": "init", "image": "i"}]))
    bind(api)
    await send(f"{POD}/log")
    assert kubelet.asked[-1][1] == pod()["spec"]["containers"][0]["name"]


async def test_a_silent_node_is_said_so(running, send):
    running.nodes.clear()
    status, body = await send(f"{POD}/log", container="main")
    assert (status, "the kubelet of node node-1 does not answer" in json.loads(body)["message"]) == (500, True)


# -- exec ----------------------------------------------------------------------------------------------------


def ask(api, path=f"{POD}/exec", **query):
    request = Request("GET", path, {k: v if isinstance(v, list) else [v] for k, v in query.items()})
    return nodes.open_session(api, target(path), request)


async def test_exec_opens_a_session_with_the_streams_asked_for(running, kubelet):
    session, streams = await ask(
        running, container="main", command=["echo", "hi"], stdin="true", stdout="true", stderr="1", tty="true"
    )
    assert kubelet.sessions == [session]
    assert session.argv == ["echo", "hi"]
    assert streams == nodes.Streams(stdin=True, stdout=True, stderr=False, tty=True)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"container": "main", "command": ["x"]}, "you must specify at least 1 of stdin, stdout, stderr"),
        ({"container": "main", "stdout": "true"}, "you must specify a command"),
        ({"command": ["x"], "stdout": "true"}, "a container name must be specified"),
        ({"container": "main", "command": ["missing"], "stdout": "true"}, "container not found"),
    ],
)
async def test_sessions_that_are_refused(running, kubelet, query, words):
    from tinykube.errors import ApiError

    with pytest.raises(ApiError, match=words):
        await ask(running, **query)


@pytest.mark.parametrize(
    ("agent", "command", "words"),
    [
        ("kubectl/v1.28.1 (linux/amd64)", "echo", "use kubectl 1.30 or newer"),
        ("kubectl/v1.32.4 (linux/amd64)", "echo", "use kubectl 1.30 or newer"),
        ("kubectl/v1.32.4 (linux/amd64)", "missing", "container not found"),
    ],
)
async def test_spdy_is_refused_aloud(running, kubelet, send, agent, command, words):
    headers = {"upgrade": "SPDY/3.1", "user-agent": agent}
    status, body = await send(f"{POD}/exec", "POST", headers, container="main", command=command, stdout="true")
    assert status in (400, 500)
    assert words in json.loads(body)["message"]
    assert all(session.killed for session in kubelet.sessions)


@pytest.mark.parametrize("path", [f"{POD}/exec", f"{POD}/attach", f"{POD}/portforward"])
async def test_without_an_upgrade_there_is_no_session(running, send, path):
    status, body = await send(path, "POST")
    assert (status, json.loads(body)["message"]) == (400, "Upgrade request required")


# -- port-forward --------------------------------------------------------------------------------------------


async def test_a_pods_ports_are_its_kubelets(running, kubelet):
    await nodes.open_ports(running, target(f"{POD}/portforward"))
    assert kubelet.asked == [("portforward", "default", "p")]


@pytest.mark.parametrize(
    ("name", "words"), [("nope", 'pods "nope" not found'), ("q", "pod q does not have a host assigned")]
)
async def test_pods_whose_ports_cannot_be_forwarded(running, name, words):
    from tinykube.errors import ApiError

    running.create("pods", "default", pod("q"))
    with pytest.raises(ApiError, match=words):
        await nodes.open_ports(running, target(f"/api/v1/namespaces/default/pods/{name}/portforward"))


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("kubectl/v1.30.1 (linux/amd64)", "use kubectl 1.31 or newer .with 1.30, set KUBECTL_PORT_FORWARD_WEBSOCKETS"),
        ("kubectl/v1.36.2 (linux/amd64)", "use kubectl 1.31 or newer"),
    ],
)
async def test_ports_over_spdy_alone_are_refused_aloud(running, send, agent, words):
    status, body = await send(f"{POD}/portforward", "POST", {"upgrade": "SPDY/3.1", "user-agent": agent})
    assert status == 400
    assert re.search(words, json.loads(body)["message"])


async def test_a_client_that_was_refused_hears_why_again(running, send):
    path = "/api/v1/namespaces/default/pods/nope/portforward"
    headers = {"upgrade": "SPDY/3.1", "user-agent": "kubectl/v1.36.2 (linux/amd64)"}
    assert (await send(path, "POST", headers))[0] == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"ports": ["80,81", "82"]}, [80, 81, 82]),
        ({}, 'query parameter "port" is required'),
        ({"ports": ["80,x"]}, 'unable to parse "x" as a port'),
        ({"ports": ["65536"]}, 'unable to parse "65536" as a port'),
        ({"ports": ["0"]}, 'port "0" must be > 0'),
    ],
)
def test_ports_that_a_query_names(query, found):
    from tinykube.errors import ApiError

    request = Request("GET", f"{POD}/portforward", query)
    if isinstance(found, list):
        assert nodes.wanted_ports(request) == found
        return
    with pytest.raises(ApiError, match=found):
        nodes.wanted_ports(request)


# -- proxy ---------------------------------------------------------------------------------------------------


async def test_http_goes_to_the_pod_without_credentials(running, send):
    headers = {"authorization": "secret", "accept": "text/plain"}
    status, body = await send(f"{POD}:9090/proxy/a/b", "POST", headers, b"body", x="1")
    assert (status, body) == (200, b"POST p:9090/a/b?x=1 ['accept'] body")


async def test_a_pods_first_port_is_the_default(running, send):
    assert (await send(f"{POD}/proxy/"))[1] == b"GET p:8080/ [] "


async def test_a_missing_slash_is_a_redirect(running, api):
    response = await Http(api).handle(Request("GET", f"{POD}/proxy"))
    assert (response.status, response.headers) == (301, [("Location", f"{POD}/proxy/")])


@pytest.fixture
def served(running):
    """A Service with two ports, and the endpoint slice that a controller would make."""
    ports = [{"name": "http", "port": 80}, {"name": "admin", "port": 81}]
    running.create("services", "default", service("web", ports=ports))
    endpoints = [
        {"addresses": ["10.244.0.8"], "conditions": {"ready": False}, "targetRef": {"kind": "Pod", "name": "q"}},
        {"addresses": ["10.244.0.9"], "conditions": {"ready": True}, "targetRef": {"kind": "Pod", "name": "p"}},
    ]
    made = {
        "metadata": {"name": "web-1", "labels": {"kubernetes.io/service-name": "web"}},
        "addressType": "IPv4",
        "endpoints": endpoints,
        "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
    }
    running.create(SLICES, "default", made)
    return running


@pytest.mark.parametrize("port", ["80", "http"])
async def test_a_services_request_goes_to_a_ready_pod(served, send, port):
    status, body = await send(f"/api/v1/namespaces/default/services/web:{port}/proxy/x")
    assert (status, body) == (200, b"GET p:8080/x [] ")


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("web:81", 503, 'no endpoints available for service "web:81"'),
        ("web:99", 503, 'no service port "99" found for service "web"'),
        ("web", 503, 'no service port "" found for service "web"'),
        ("nope:80", 404, 'services "nope" not found'),
        ("http:web:80", 200, "GET p:8080"),
    ],
)
async def test_where_a_services_request_can_go(served, send, name, code, words):
    status, body = await send(f"/api/v1/namespaces/default/services/{name}/proxy/")
    assert status == code
    assert words in body.decode().replace('\\"', '"')
