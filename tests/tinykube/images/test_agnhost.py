"""agnhost's subcommands: what they print, answer, and end with."""

from __future__ import annotations

import re

import pytest
from tests.tinykube.images.bench import Bench

from tinykube.runtime import signals

MIB = 1024 * 1024


async def test_netexec_logs_what_it_started_as_the_tutorials_show(bench: Bench) -> None:
    bench.run("web", "registry.k8s.io/e2e-test-images/agnhost:2.53", "netexec", "--http-port=8080")
    await bench.clock.settle()
    assert bench.logs["web"] == [
        "I0101 00:00:00.000000       1 log.go:195] Started HTTP server on port 8080",
        "I0101 00:00:00.000000       1 log.go:195] Started UDP server on port  8081",
    ]


@pytest.mark.parametrize(
    ("target", "status", "body"),
    [
        ("/hostname", 200, "web"),
        ("/hostName", 200, "web"),
        ("/echo?msg=hello%20world", 200, "hello world"),
        ("/echo?msg=teapot&code=418", 418, "teapot"),
        ("/echo?code=x", 200, "argument 'code' must be an integer or empty, got \"x\"\n"),
        ("/healthz", 200, ""),
        ("/dial?host=web&port=8080&request=hostname&tries=2", 200, '{"responses":["web","web"]}'),
        ("/dial?host=web&port=8080", 400, "request parameter not specified. <nil>\n"),
        ("/exit?wait=soon", 200, "argument 'wait' must be a valid golang duration or empty, got \"soon\"\n"),
    ],
)
async def test_netexec_answers(bench: Bench, target: str, status: int, body: str) -> None:
    web = bench.run("web", "agnhost", "netexec")
    await bench.clock.settle()
    response = await bench.get(web, target, 8080)
    assert (response.status, response.body.decode()) == (status, body)


async def test_netexec_tells_the_time_and_the_client(bench: Bench) -> None:
    web = bench.run("web", "agnhost", "netexec")
    await bench.clock.advance(1.5)
    page = (await bench.get(web, "/", 8080)).body.decode()
    assert page == "NOW: 2026-01-01 00:00:01.500000000 +0000 UTC m=+1.500000000"
    assert re.fullmatch(r"10\.0\.0\.1:\d+", (await bench.get(web, "/clientip", 8080)).body.decode())
    assert [line.partition("] ")[2] for line in bench.logs["web"][2:]] == ["GET /", "GET /clientip"]


@pytest.mark.parametrize("target", ["/shell?cmd=ls", "/upload"])
async def test_netexec_runs_no_commands_and_takes_no_files(bench: Bench, target: str) -> None:
    web = bench.run("web", "agnhost", "netexec")
    await bench.clock.settle()
    assert (await bench.get(web, target, 8080)).status == 501


@pytest.mark.parametrize(("target", "code"), [("/exit?code=3", 3), ("/exit?code=7&wait=5s", 7), ("/shutdown", 0)])
async def test_netexec_ends_without_an_answer(bench: Bench, target: str, code: int) -> None:
    web = bench.run("web", "agnhost", "netexec")
    await bench.clock.settle()
    with pytest.raises(ConnectionResetError):
        await bench.get(web, target, 8080)
    assert await bench.exit_code(web) == code


async def test_netexec_ends_politely_within_a_timeout(bench: Bench) -> None:
    web = bench.run("web", "agnhost", "netexec")
    await bench.clock.settle()
    assert (await bench.get(web, "/exit?code=4&timeout=10s", 8080)).status == 200
    assert await bench.exit_code(web) == 4
    assert bench.logs["web"][-1].endswith("Graceful shutdown completed with: <nil>")


async def test_a_go_program_as_pid_1_ends_with_2_on_sigterm(bench: Bench) -> None:
    web = bench.run("web", "agnhost", "netexec")
    await bench.clock.settle()
    web.stop()
    assert await bench.exit_code(web) == 2


async def test_two_in_one_pod_clash_over_a_port(bench: Bench) -> None:
    first = bench.run("first", "agnhost", "netexec")
    await bench.clock.settle()
    second = bench.run("second", "agnhost", "netexec", pod=first)
    assert await bench.exit_code(second) == 1
    assert bench.logs["second"][-1].endswith("] listen tcp :8080: bind: address already in use")


async def test_serve_hostname_lingers_after_sigterm(bench: Bench) -> None:
    web = bench.run("web", "agnhost", "serve-hostname", "--port", "80")
    await bench.clock.settle()
    assert (await bench.get(web)).body == b"web"
    web.stop()
    await bench.clock.advance(59)
    assert web.running
    assert await bench.exit_code(web) == 0
    words = [line.partition("] ")[2] for line in bench.logs["web"]]
    assert words[0] == "Serving on port 80."
    assert words[-2:] == ["Shutting down after receiving signal: terminated.", "Awaiting pod deletion."]


async def test_porter_serves_what_its_variables_say(bench: Bench) -> None:
    web = bench.run("web", "agnhost", "porter", env={"SERVE_PORT_80": "eighty", "SERVE_TCP_PORT_81": "more"})
    await bench.clock.settle()
    assert [(await bench.get(web, port=port)).body for port in (80, 81)] == [b"eighty", b"more"]


async def test_liveness_is_well_for_ten_seconds(bench: Bench) -> None:
    web = bench.run("web", "agnhost", "liveness")
    await bench.clock.advance(10)
    well = await bench.get(web, "/healthz", 8080)
    await bench.clock.advance(1)
    ill = await bench.get(web, "/healthz", 8080)
    assert [(r.status, r.body) for r in (well, ill)] == [(200, b"ok"), (500, b"error: 11")]
    assert (await bench.get(web, "/started", 8080)).body == b"11s"


async def test_test_webserver_serves_the_containers_files(bench: Bench) -> None:
    web = bench.run("web", "agnhost", "test-webserver")
    await bench.clock.settle()
    assert (await bench.get(web, "/etc/hostname")).body == b"web\n"
    assert (await bench.get(web, "/gone")).status == 404


@pytest.mark.parametrize(
    ("argv", "status", "out", "err"),
    [
        ("connect web:8080", 0, "", ""),
        ("connect web:81", 1, "", "REFUSED\n"),
        ("connect --timeout=2s 10.244.9.9:80", 1, "", "TIMEOUT\n"),
        ("connect 10.244.9.9:80", 1, "", "OTHER: dial tcp 10.244.9.9:80: connect: no route to host\n"),
        ("connect nowhere:80", 1, "", "DNS: lookup nowhere: no such host\n"),
        ("connect web", 1, "", "UNKNOWN: address web: missing port in address\n"),
        ("connect", 1, "", "Error: accepts 1 arg(s), received 0\n"),
        ("dns-suffix", 0, "default.svc.cluster.local\n", ""),
        ("dns-server-list", 0, "10.96.0.10\n", ""),
        ("entrypoint-tester a b", 0, "[/agnhost entrypoint-tester a b]\n", ""),
        ("--version", 0, "app version 2.53\n", ""),
        ("nonsense", 1, "", 'Error: unknown command "nonsense" for "app"\n'),
        ("netexec extra", 1, "", 'Error: unknown command "extra" for "app netexec"\n'),
        ("webhook", 1, "",
         "Error: the practice cluster's agnhost has no \"webhook\"; a kind cluster has (kubelab up --cluster kind)\n"),
    ],
)  # fmt: skip
async def test_tools_and_wrong_command_lines(bench: Bench, argv: str, status: int, out: str, err: str) -> None:
    web = bench.run("web", "agnhost", "netexec")
    await bench.clock.settle()
    assert await bench.sh(web, "/agnhost", *argv.split()) == (status, out, err)


@pytest.mark.parametrize(
    ("argv", "last"),
    [
        ("netexec --nonsense", "Error: unknown flag: --nonsense"),
        ("netexec --http-port", "Error: flag needs an argument: --http-port"),
        ("netexec --http-port=x",
         'Error: invalid argument "x" for "--http-port" flag: strconv.ParseInt: parsing "x": invalid syntax'),
        ("logs-generator -d soon",
         'Error: invalid argument "soon" for "-d, --run-duration" flag: time: invalid duration "soon"'),
    ],
)  # fmt: skip
async def test_a_wrong_flag_shows_the_usage_and_then_the_error(bench: Bench, argv: str, last: str) -> None:
    pod = bench.run("pod", "agnhost", "pause")
    status, _, err = await bench.sh(pod, "/agnhost", *argv.split())
    assert (status, err.splitlines()[-1], err.startswith("Usage:\n  app ")) == (1, last, True)


async def test_the_image_pauses_by_default_until_it_is_told_to_end(bench: Bench) -> None:
    pod = bench.run("pod", "agnhost")
    await bench.clock.advance(3600)
    pod.signal(signals.SIGTERM)
    assert (await bench.exit_code(pod), bench.logs["pod"]) == (2, ["Paused"])


async def test_logs_generator_spreads_its_lines_evenly(bench: Bench) -> None:
    pod = bench.run("pod", "agnhost", "logs-generator", "--log-lines-total", "4", "--run-duration", "8s")
    await bench.clock.advance(3)
    assert len(bench.logs["pod"]) == 2
    assert await bench.exit_code(pod) == 0
    pattern = r"I0101 00:00:0\d\.0{6}       1 logs_generator\.go:78\] \d (GET|POST|PUT) /api/v1/namespaces/\S+ \d{3}"
    assert all(re.fullmatch(pattern, line) for line in bench.logs["pod"])


async def test_stress_is_killed_when_it_takes_more_than_its_limit(bench: Bench) -> None:
    args = ["stress", "--mem-total", "150Mi", "--mem-alloc-size", "10Mi", "--mem-alloc-sleep", "1s"]
    small = bench.run("small", "agnhost", *args, memory_limit=100 * MIB)
    large = bench.run("large", "agnhost", *args, memory_limit=200 * MIB)
    assert await bench.exit_code(small) == 137
    assert (small.oom_killed, small.reason) == (True, "OOMKilled")
    await bench.clock.advance(3600)
    assert (large.running, large.cgroup.memory > 150 * MIB) == (True, True)
    assert bench.logs["large"][-1].endswith('] Allocated "150Mi" memory')
