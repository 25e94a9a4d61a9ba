"""Logs, exec, attach and requests to Pods."""

import asyncio
import re

import pytest

from tinykube.errors import ApiError


async def collect(session):
    out = {1: b"", 2: b""}
    async for number, data in session.output():
        out[number] += data
    return await session.wait(), out[1].decode(), out[2].decode()


async def test_logs_of_a_living_and_a_dead_container(machine):
    machine.run("say", "hello", restartPolicy="Never")
    await machine.clock.advance(3)
    assert await machine.logs() == "hello\n"


async def test_previous_logs_are_there_while_the_next_container_runs(machine):
    machine.run("sleep", "3", "1")
    await machine.clock.advance(2)
    with pytest.raises(ApiError, match='previous terminated container "main" in pod "p" not found'):
        await machine.logs(previous=True)
    await machine.until(lambda: machine.status()["restartCount"] == 1)
    assert await machine.logs(previous=True) == ""
    await machine.until(lambda: "terminated" in machine.status()["state"])
    assert (await machine.logs(previous=True)).startswith("unable to retrieve container logs for containerd://")


@pytest.mark.parametrize(
    ("image", "seconds", "why"),
    [
        ("example.invalid/x:1", 0.05, "ContainerCreating"),
        ("example.invalid/x:1", 3, "image can't be pulled"),
        ("example.invalid/x:1", 18, "trying and failing to pull image"),
    ],
)
async def test_a_container_that_waits_has_no_log(machine, image, seconds, why):
    machine.run("sleep", "1", image=image)
    await machine.clock.advance(seconds)
    with pytest.raises(ApiError) as problem:
        await machine.logs()
    assert str(problem.value) == f'container "main" in pod "p" is waiting to start: {why}'
    assert problem.value.code == 400


async def test_exec_runs_a_command_and_tells_its_exit_code(machine):
    machine.run("sleep", "100")
    await machine.clock.advance(3)
    run = {"stdin": False, "tty": False}
    session = await machine.kubelet.exec("default", "p", "main", ["say", "hi", "3"], **run)
    assert await collect(session) == (3, "hi\n", "")
    failed = await machine.kubelet.exec("default", "p", "main", ["nope"], **run)
    with pytest.raises(
        ApiError, match=r'failed to start exec "[0-9a-f]{64}": OCI runtime .* not found in \$PATH: unknown'
    ):
        await collect(failed)
    with pytest.raises(ApiError, match='container not found \\("other"\\)'):
        await machine.kubelet.exec("default", "p", "other", ["say", "hi"], **run)
    with pytest.raises(ApiError, match='pods "q" not found'):
        await machine.kubelet.exec("default", "q", "main", ["say", "hi"], **run)


async def test_attach_shows_output_from_now_on(machine):
    machine.run("polite", "1")
    await machine.clock.advance(3)
    session = await machine.kubelet.attach("default", "p", "main", stdin=False, tty=False)
    reading = asyncio.create_task(collect(session))
    machine.client.delete("pods", "default", "p")
    await machine.clock.advance(5)
    assert await reading == (0, "bye\n", "")


async def test_http_to_a_pod(machine):
    machine.run("serve", "80")
    await machine.clock.advance(3)
    answer = await machine.kubelet.http("default", "p", 80, "GET", "/x", {}, b"")
    assert (answer.status, answer.body) == (200, b"GET /x")
    with pytest.raises(ApiError) as problem:
        await machine.kubelet.http("default", "p", 81, "GET", "/x", {}, b"")
    assert problem.value.code == 503
    assert str(problem.value) == "error trying to reach service: dial tcp 10.244.0.2:81: connect: connection refused"


async def talk(ports, port, text):
    connection = await ports.connect(port)
    await connection.write(text)
    answer = await connection.read()
    connection.close()
    return answer


async def test_ports_inside_a_pod_can_be_connected_to(machine):
    machine.run("serve", "80")
    await machine.clock.advance(3)
    ports = await machine.kubelet.port_forward("default", "p")
    answer = await talk(ports, 80, b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b"GET /x")


async def test_a_connection_whose_client_has_ended_lasts_a_moment_more(machine):
    machine.run("serve", "80")
    await machine.clock.advance(3)
    accepted = []
    machine.network.hosts["10.244.0.2"].listen(90, accepted.append)
    connection = await (await machine.kubelet.port_forward("default", "p")).connect(90)
    connection.finish()
    assert await accepted[0].read() == b""
    accepted[0].write(b"last words")
    assert await connection.read() == b"last words"
    reading = asyncio.create_task(connection.read())
    await machine.clock.advance(0.9)
    assert not reading.done()
    await machine.clock.advance(0.2)
    assert await reading == await connection.read() == b""


async def test_ports_that_cannot_be_connected_to_say_so_in_containerds_words(machine):
    machine.run("serve", "80")
    await machine.clock.advance(0.05)
    with pytest.raises(ApiError, match='pod not found \\("p_default"\\)'):
        await machine.kubelet.port_forward("default", "p")
    await machine.clock.advance(3)
    ports = await machine.kubelet.port_forward("default", "p")
    with pytest.raises(ConnectionError) as refused:
        await ports.connect(81)
    assert re.fullmatch(
        r"error forwarding port 81 to pod ([0-9a-f]{64}), uid : failed to execute portforward in network namespace "
        r'"/var/run/netns/cni-[0-9a-f-]{36}": failed to connect to localhost:81 inside namespace "\1", '
        r"IPv4: dial tcp4 127.0.0.1:81: connect: connection refused "
        r"IPv6 dial tcp6 \[::1\]:81: connect: connection refused ",
        str(refused.value),
    )
    machine.client.delete("pods", "default", "p", grace_period=0)
    await machine.clock.advance(3)
    with pytest.raises(ConnectionError, match=r'failed to find sandbox "[0-9a-f]{64}" in store: not found'):
        await ports.connect(80)


async def test_a_node_without_power_does_not_answer(machine):
    machine.run("say", "x")
    await machine.clock.advance(3)
    await machine.power_off()
    with pytest.raises(ApiError, match="does not answer"):
        await machine.logs()
