"""What root may do in a container, through the real shell, its tools, and nginx."""

import pytest

from tinykube.client import Client
from tinykube.cluster import Cluster


@pytest.fixture
async def cluster():
    found = Cluster()
    await found.start()
    yield found
    await found.stop()


async def run(cluster, security, image="busybox:1.36", **container):
    """A Pod's status, and what it prints, with that securityContext."""
    client = Client(cluster.api)
    main = {"name": "c", "image": image, "securityContext": security, **container}
    spec = {"restartPolicy": "Never", "containers": [main]}
    client.create("pods", {"metadata": {"name": "p", "namespace": "default"}, "spec": spec})
    await cluster.clock.advance(5)
    status = client.get("pods", "default", "p")["status"]["containerStatuses"][0]
    log = cluster.kubelets["practice-control-plane"].logs("default", "p", "c", {})
    return status, b"".join([chunk async for chunk in log]).decode()


@pytest.mark.parametrize(
    ("security", "effective", "bounding"),
    [
        ({}, "00000000a80425fb", "00000000a80425fb"),
        ({"capabilities": {"drop": ["ALL"]}}, "0000000000000000", "0000000000000000"),
        ({"capabilities": {"add": ["NET_ADMIN", "SYS_TIME"]}}, "00000000aa0435fb", "00000000aa0435fb"),
        ({"capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}, "0000000000000001", "0000000000000001"),
        ({"capabilities": {"drop": ["ALL"], "add": ["CAP_CHOWN"]}}, "0000000000000000", "0000000000000000"),
        ({"privileged": True}, "000001ffffffffff", "000001ffffffffff"),
        ({"runAsUser": 1000}, "0000000000000000", "00000000a80425fb"),
    ],
)
async def test_proc_shows_which_a_container_has(cluster, security, effective, bounding):
    command = ["sh", "-c", "grep -E 'Cap(Eff|Bnd)' /proc/1/status"]
    _, said = await run(cluster, security, command=command)
    assert said == f"CapEff:\t{effective}\nCapBnd:\t{bounding}\n"


@pytest.mark.parametrize(
    ("drop", "said"),
    [
        ([], ""),
        (["CHOWN"], "chown: /tmp/x: Operation not permitted\n"),
        (["DAC_OVERRIDE"], "cat: can't open '/tmp/x': Permission denied\n"),
    ],
)
async def test_root_cannot_do_what_was_dropped(cluster, drop, said):
    script = "touch /tmp/x; chown 1000 /tmp/x; chmod 000 /tmp/x; cat /tmp/x"
    _, log = await run(cluster, {"capabilities": {"drop": drop}}, command=["sh", "-c", script])
    assert log == said


async def test_nginx_as_root_needs_some_of_its_power(cluster):
    status, log = await run(cluster, {"capabilities": {"drop": ["ALL"]}}, image="nginx:1.27")
    assert status["state"]["terminated"]["exitCode"] == 1
    assert 'chown("/var/cache/nginx/client_temp", 101) failed (1: Operation not permitted)' in log
