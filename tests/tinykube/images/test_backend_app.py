"""backend-app in the practice cluster is backend-app in a container: the same source, answers, log and exit codes."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests import ports
from tests.tinykube.images.bench import STORE, Bench

from tinykube.images.backend_app import source
from tinykube.runtime import Container
from tinykube.runtime import http as runtime_http

REQUESTS = [
    ("GET", "/"), ("GET", "/version"), ("GET", "/health"), ("GET", "/config"), ("GET", "/metrics"),
    ("GET", "/nothing/here?x=1"), ("POST", "/health"), ("POST", "/fail"), ("GET", "/health"), ("GET", "/metrics"),
    ("POST", "/recover"), ("GET", "/health"), ("POST", "/fail?seconds=0"), ("GET", "/health"),
    ("GET", "/slow?seconds=0.01"), ("GET", "/slow?seconds=nonsense"), ("PUT", "/"), ("DELETE", "/x"), ("HEAD", "/"),
]  # fmt: skip
SETTINGS = [
    {},
    {"DB_URL": "jdbc:h2:mem", "DB_USERNAME": "ada", "DB_PASSWORD": "secret"},
    {"APP_VERSION": "1.2.0"},
]
Answer = tuple[int, str, str | None, str]


class Real:
    """app.py as the container image runs it, on this machine's loopback."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process, self.port = process, port
        assert process.stdout is not None
        self.lines = [process.stdout.readline().rstrip("\n") for _ in range(2)]

    def ask(self, method: str, target: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, target)
            response = connection.getresponse()
            return response.status, response.reason, response.getheader("Content-Type"), response.read().decode()
        finally:
            connection.close()

    def end(self) -> int:
        assert self.process.stdout is not None
        status = self.process.wait(60)
        self.lines += self.process.stdout.read().splitlines()
        return status


@contextmanager
def real(settings: dict[str, str]) -> Iterator[Real]:
    port = ports.own()
    env = {**os.environ, "START_SECONDS": "0", "PORT": str(port), **settings}
    command = [sys.executable, str(source.path())]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Real(process, port)
        finally:
            process.kill()


def start(bench: Bench, version: str = "1.1.0", pod: Container | None = None, **env: str) -> Container:
    return bench.run("backend", f"backend-app:{version}", pod=pod, env=env)


@pytest.mark.parametrize("settings", SETTINGS, ids=["plain", "database", "broken"])
async def test_answers_and_logs_as_the_container_image_does(bench: Bench, settings: dict[str, str]) -> None:
    with real({"APP_VERSION": "1.1.0", **settings}) as other:
        here = bench.run(
            "backend", "backend-app:1.1.0", hostname=socket.gethostname(),
            env={"START_SECONDS": "0", "PORT": str(other.port), **settings},
        )  # fmt: skip
        await bench.clock.settle()
        for method, target in REQUESTS:
            response = await bench.get(here, target, other.port, method=method)
            body = "" if method == "HEAD" else response.body.decode()
            ours = (response.status, response.reason, response.header("Content-Type"), body)
            assert ours == other.ask(method, target), (method, target)
        other.process.send_signal(signal.SIGTERM)
        here.stop()
        assert (await bench.exit_code(here), bench.logs["backend"]) == (other.end(), other.lines)


async def test_a_crash_answers_first_and_ends_with_1_as_in_the_container_image(bench: Bench) -> None:
    with real({}) as other:
        here = start(bench, START_SECONDS="0")
        await bench.clock.settle()
        response = await bench.get(here, "/crash", 8080, method="POST")
        assert (response.status, response.body.decode()) == other.ask("POST", "/crash")[::3]
        assert await bench.exit_code(here) == other.end() == 1


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0", "1.2.0"])
async def test_the_image_sets_the_version_under_every_name(bench: Bench, version: str) -> None:
    assert STORE.find(f"backend-app:{version}") is STORE.find(f"docker.io/library/backend-app:{version}")
    here = start(bench, version)
    await bench.clock.advance(2)
    assert (await bench.get(here, "/version", 8080)).body.decode() == f"{version}\n"


async def test_the_broken_version_is_never_healthy(bench: Bench) -> None:
    here = start(bench, "1.2.0")
    await bench.clock.advance(2)
    response = await bench.get(here, "/health", 8080)
    assert (response.status, response.body.decode()) == (
        503,
        '{"status": "DOWN", "reason": "no driver for the database"}\n',
    )


async def test_it_does_not_listen_before_it_has_started(bench: Bench) -> None:
    here = start(bench, START_SECONDS="30")
    await bench.clock.advance(29)
    with pytest.raises(ConnectionRefusedError):
        await bench.get(here, "/", 8080)
    await bench.clock.advance(1)
    assert (await bench.get(here, "/", 8080)).body == b"backend-app 1.1.0 on backend\n"


async def test_a_slow_answer_takes_its_time_on_the_clusters_clock(bench: Bench) -> None:
    here = start(bench, START_SECONDS="0")
    await bench.clock.settle()
    began = bench.clock.now()
    assert (await bench.get(here, "/slow?seconds=90", 8080)).body == b"finally\n"
    assert bench.clock.now() - began == 90


async def test_an_illness_passes_with_the_clusters_clock(bench: Bench) -> None:
    here = start(bench, START_SECONDS="0")
    await bench.clock.settle()
    await bench.get(here, "/fail?seconds=60", 8080, method="POST")
    before = (await bench.get(here, "/health", 8080)).status
    await bench.clock.advance(60)
    assert (before, (await bench.get(here, "/health", 8080)).status) == (503, 200)


async def test_after_sigterm_it_serves_on_for_its_shutdown_seconds(bench: Bench) -> None:
    here = start(bench, START_SECONDS="0", SHUTDOWN_SECONDS="20")
    await bench.clock.settle()
    here.stop()
    await bench.clock.advance(19)
    ill, page = await bench.get(here, "/health", 8080), await bench.get(here, "/", 8080)
    assert (ill.status, page.status, here.running) == (503, 200, True)
    await bench.clock.advance(1)
    assert (here.exit_code, bench.logs["backend"][-2:]) == (0, ["received SIGTERM, shutting down", "bye"])


async def test_sigterm_while_it_starts_ends_it_without_a_word(bench: Bench) -> None:
    here = start(bench, START_SECONDS="30")
    await bench.clock.advance(5)
    here.stop()
    assert (await bench.exit_code(here), bench.logs["backend"]) == (0, ["backend-app 1.1.0 starting"])


async def test_it_runs_as_nobody_on_a_read_only_file_system_with_a_shell_beside_it(bench: Bench) -> None:
    here = bench.run("backend", "backend-app:1.0.0", env={"START_SECONDS": "0"}, read_only_root=True)
    await bench.clock.settle()
    assert await bench.sh(here, "sh", "-c", "id -u; pwd; ls") == (0, "65534\n/app\napp.py\n", "")
    assert (await bench.sh(here, "touch", "/app/x"))[0] == 1


@pytest.mark.parametrize(
    ("env", "last"),
    [
        ({"PORT": "http"}, "ValueError: invalid literal for int() with base 10: 'http'"),
        ({"START_SECONDS": "soon"}, "ValueError: could not convert string to float: 'soon'"),
    ],
)
async def test_a_setting_that_makes_no_sense_ends_it_as_python_ends(
    bench: Bench, env: dict[str, str], last: str
) -> None:
    here = start(bench, **env)
    assert (await bench.exit_code(here), bench.logs["backend"][-1]) == (1, last)


async def test_a_second_one_in_the_same_pod_finds_its_port_taken(bench: Bench) -> None:
    first = start(bench, START_SECONDS="0")
    await bench.clock.settle()
    second = start(bench, pod=first, START_SECONDS="0")
    assert await bench.exit_code(second) == 1
    assert bench.logs["backend"][-1] == "OSError: [Errno 98] Address already in use"


async def test_python_runs_nothing_but_app_py_and_says_so(bench: Bench) -> None:
    here = start(bench)
    status, _, words = await bench.sh(here, "python", "-c", "print(1)")
    assert status == 1
    assert "runs no Python but backend-app's own app.py" in words
    assert (await bench.sh(here, "python", "gone.py"))[0] == 2


async def test_a_client_whose_server_dies_is_cut_off(bench: Bench) -> None:
    here = start(bench, START_SECONDS="0")
    await bench.clock.settle()
    bench.clock.call_later(5, here.kill)
    with pytest.raises(ConnectionResetError):
        await bench.moving(runtime_http.request(bench.node, here.table.host.ip, 8080, "/slow?seconds=60"))
