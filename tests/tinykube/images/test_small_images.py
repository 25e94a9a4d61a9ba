"""The images with one small program each, and the table of all images."""

from __future__ import annotations

import pytest
from tests.tinykube.images.bench import STORE, Bench

from tinykube import images
from tinykube.runtime import signals

MIB = 1024 * 1024


async def test_stress_within_its_limit_runs_until_its_timeout(bench: Bench) -> None:
    args = ["stress", "--vm", "1", "--vm-bytes", "150M", "--vm-hang", "1", "--timeout", "10s"]
    pod = bench.run("pod", "polinux/stress", command=args, memory_limit=200 * MIB)
    assert await bench.exit_code(pod) == 0
    assert bench.logs["pod"] == [
        "stress: info: [1] dispatching hogs: 0 cpu, 0 io, 1 vm, 0 hdd",
        "stress: info: [1] successful run completed in 10s",
    ]
    assert 150 * MIB < pod.cgroup.peak < 160 * MIB


async def test_stress_beyond_its_limit_is_oom_killed(bench: Bench) -> None:
    args = ["stress", "--vm", "1", "--vm-bytes", "250M", "--vm-hang", "1"]
    pod = bench.run("pod", "polinux/stress", command=args, memory_limit=100 * MIB)
    assert (await bench.exit_code(pod), pod.oom_killed) == (137, True)
    assert bench.logs["pod"] == ["stress: info: [1] dispatching hogs: 0 cpu, 0 io, 1 vm, 0 hdd"]


async def test_stress_fails_when_a_worker_is_killed(bench: Bench) -> None:
    pod = bench.run("pod", "polinux/stress", command=["stress", "-c", "2"], cpu_limit=0.5)
    await bench.clock.advance(30)
    assert 14 < pod.cgroup.cpu_seconds < 18
    await bench.sh(pod, "kill", "-9", "7")
    assert await bench.exit_code(pod) == 1
    assert [line.partition("]")[0] for line in bench.logs["pod"][1:]] == [
        "stress: FAIL: [1", "stress: WARN: [1", "stress: FAIL: [1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("args", "status", "last"),
    [
        (["--vm", "many"], 1, "stress: FAIL: [1] argument is not a number: many"),
        (["--nonsense"], 1, "stress: FAIL: [1] unrecognized option: --nonsense"),
        (["--vm"], 1, "stress: FAIL: [1] missing argument to option '--vm'"),
        ([], 0, "Example: stress --cpu 8 --io 4 --vm 2 --vm-bytes 128M --timeout 10s"),
    ],
)
async def test_stress_refuses_what_makes_no_sense(bench: Bench, args: list[str], status: int, last: str) -> None:
    pod = bench.run("pod", "polinux/stress", command=["stress", *args])
    assert (await bench.exit_code(pod), bench.logs["pod"][-1]) == (status, last)


async def test_http_echo_says_one_thing_and_logs_each_request(bench: Bench) -> None:
    web = bench.run("web", "hashicorp/http-echo", "-text=hello")
    await bench.clock.settle()
    page = await bench.get(web, "/x", 5678, headers=[("Host", "web:5678"), ("User-Agent", "test")])
    assert (page.body, page.header("X-App-Name")) == (b"hello\n", "http-echo")
    assert (await bench.get(web, "/health", 5678)).body == b'{"status":"ok"}\n'
    assert bench.logs["web"][0] == "2026/01/01 00:00:00 [INFO] server is listening on :5678"
    assert bench.logs["web"][1].startswith("2026/01/01 00:00:00 web:5678 10.0.0.1:")
    assert bench.logs["web"][1].endswith('"GET /x HTTP/1.1" 200 6 "test" 16µs')


@pytest.mark.parametrize(
    ("args", "status", "first"),
    [
        ([], 127, "Missing -text option OR ENV var TEXT is empty!"),
        (["-text=a", "b"], 127, "Too many arguments!"),
        (["-nonsense"], 2, "flag provided but not defined: -nonsense"),
        (["-version"], 0, "http-echo v1.0.0"),
    ],
)
async def test_http_echo_checks_its_flags(bench: Bench, args: list[str], status: int, first: str) -> None:
    pod = bench.run("pod", "hashicorp/http-echo", *args)
    assert (await bench.exit_code(pod), bench.logs["pod"][0]) == (status, first)


async def test_http_echo_knows_sigint_but_dies_of_sigterm(bench: Bench) -> None:
    for number, last in ((signals.SIGINT, "received interrupt, shutting down..."), (signals.SIGTERM, "on :5678")):
        pod = bench.run("pod", "hashicorp/http-echo", "-text=x")
        await bench.clock.settle()
        pod.signal(number)
        assert await bench.exit_code(pod) == 2
        assert bench.logs["pod"][-1].endswith(last)


async def test_whoami_tells_who_answers_and_what_was_asked(bench: Bench) -> None:
    web = bench.run("web", "traefik/whoami", env={"WHOAMI_NAME": "ada"})
    await bench.clock.settle()
    page = (await bench.get(web, "/x?y=1", headers=[("Host", "web"), ("x-one", "1")])).body.decode()
    lines = page.replace("\r", "").splitlines()
    assert lines[:5] == ["Name: ada", "Hostname: web", "IP: 127.0.0.1", "IP: ::1", f"IP: {web.table.host.ip}"]
    assert lines[5].startswith("RemoteAddr: 10.0.0.1:")
    assert lines[6:] == ["GET /x?y=1 HTTP/1.1", "Host: web", "X-One: 1", ""]


async def test_whoamis_health_is_what_was_posted(bench: Bench) -> None:
    web = bench.run("web", "traefik/whoami")
    await bench.clock.settle()
    await bench.get(web, "/health", method="POST", body=b"503")
    assert (await bench.get(web, "/health")).status == 503
    assert bench.logs["web"][-1] == "Update health check status code [503]"


async def test_hello_world_greets_and_ends(bench: Bench) -> None:
    pod = bench.run("pod", "hello-world")
    assert (await bench.exit_code(pod), bench.logs["pod"][1]) == (0, "Hello from Docker!")


async def test_pause_waits_until_sigterm(bench: Bench) -> None:
    pod = bench.run("pod", "registry.k8s.io/pause:3.10")
    await bench.clock.advance(3600)
    pod.stop()
    assert await bench.exit_code(pod) == 0


async def test_alpine_has_a_shell_but_installs_nothing(bench: Bench) -> None:
    pod = bench.run("pod", "alpine:3.20", "sh", "-c", "cat /etc/alpine-release; apk add curl")
    assert await bench.exit_code(pod) == 1
    assert bench.logs["pod"][0] == "3.20.7"
    assert bench.logs["pod"][1].startswith("ERROR: the practice cluster installs no packages")


def test_the_table_has_a_row_and_words_for_every_image() -> None:
    rows = {row.name: row for row in images.table()}
    assert all(row.about and row.tags for row in rows.values())
    assert all(STORE.find(f"{row.name}:{tag}") for row in rows.values() for tag in row.tags)
    assert len({id(image) for image in STORE.images}) == len({image.digest for image in STORE.images})


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("redis:7", "it can run backend-app, busybox, registry.k8s.io/busybox, nginx, httpd, "),
        ("postgres:16", "a kind cluster runs the rest (kubelab up --cluster kind)"),
        ("backend-app:2.0.0", "it can run backend-app as 1.0.0, 1.1.0, 1.2.0 (kubelab images lists them)"),
    ],
)
def test_an_image_that_is_not_there_is_explained(reference: str, words: str) -> None:
    assert STORE.find(reference) is None
    assert f'no image "{reference}"' in STORE.explain(reference)
    assert words in STORE.explain(reference)
    assert len(STORE.explain(reference)) < 700
