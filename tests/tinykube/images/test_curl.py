"""curl: requests, output and exit codes as the real one has them."""

from __future__ import annotations

import pytest
from tests.tinykube.images.bench import Bench

from tinykube.images.curl import options, urls
from tinykube.runtime import Container


def client(bench: Bench) -> Container:
    """A container to run curl in."""
    return bench.run("client", "curlimages/curl", "sleep", "1d")


async def server(bench: Bench) -> Container:
    """agnhost's netexec on port 8080, as `web`."""
    web = bench.run("web", "agnhost", "netexec")
    await bench.clock.settle()
    return web


PAGES = [
    ("-s http://web:8080/hostname", 0, "web", ""),
    ("-s web:8080/echo?msg=hi", 0, "hi", ""),
    ("-s -o /dev/null -w %{http_code} web:8080/", 0, "200", ""),
    ("-s -o /dev/null -w %{http_code}\\n%{size_download}\\n web:8080/hostname", 0, "200\n3\n", ""),
    ("-s -w [%{content_type}][%{remote_port}][%{nonsense}] web:8080/hostname", 0,
     "web[text/plain; charset=utf-8][8080][]", "curl: unknown --write-out variable: 'nonsense'\n"),
    ("-sf web:8080/echo?msg=no&code=404", 22, "", ""),
    ("-sSf web:8080/echo?msg=no&code=503", 22, "", "curl: (22) The requested URL returned error: 503\n"),
    ("-sS --fail-with-body web:8080/echo?msg=no&code=404", 22, "no",
     "curl: (22) The requested URL returned error: 404\n"),
    ("-s web:8080/redirect?location=/hostname -w %{http_code}>%{redirect_url}", 0,
     '<a href="/hostname">Found</a>.\n\n302>http://web:8080/hostname', ""),
    ("-sL web:8080/redirect?location=/hostname", 0, "web", ""),
    ("-sSL --max-redirs 2 web:8080/redirect?location=/redirect?location=/hostname", 0, "web", ""),
    ("-sSL --max-redirs 1 web:8080/redirect?location=/redirect?location=/hostname", 47, "",
     "curl: (47) Maximum (1) redirects followed\n"),
    ("-s -d msg=posted web:8080/echo", 0, "posted", ""),
    ("-s -G -d msg=got -d code=201 web:8080/echo -w %{http_code}", 0, "got201", ""),
    ("-s --data-urlencode msg=a&b=c web:8080/echo", 0, "a&b=c", ""),
    ("-s web:8080/echo?msg=[1-3] web:8080/echo?msg={a,b}", 0, "123ab", ""),
    ("-sS http://nowhere/", 6, "", "curl: (6) Could not resolve host: nowhere\n"),
    ("-s http://nowhere/", 6, "", ""),
    ("-sS http://web:81/", 7, "",
     "curl: (7) Failed to connect to web port 81 after 0 ms: Could not connect to server\n"),
    ("-sS -m 2 http://10.244.9.9/", 28, "", "curl: (28) Connection timed out after 2000 milliseconds\n"),
    ("-sS --connect-timeout 1.5 http://10.244.9.9/", 28, "",
     "curl: (28) Connection timed out after 1500 milliseconds\n"),
    ("-sS http://10.244.9.9/", 7, "",
     "curl: (7) Failed to connect to 10.244.9.9 port 80 after 3000 ms: Could not connect to server\n"),
    ("-sS --max-time 3 web:8080/exit?wait=1h", 28, "",
     "curl: (28) Operation timed out after 3000 milliseconds with 0 bytes received\n"),
    ("-sS web:8080/shutdown", 52, "", "curl: (52) Empty reply from server\n"),
    ("-sS https://web", 4, "", "curl: (4) TLS is not spoken in the practice cluster's network: use http://\n"),
    ("-sS gopher://web", 1, "", 'curl: (1) Protocol "gopher" not supported\n'),
    ("-sS http://web:port/", 3, "",
     "curl: (3) URL rejected: Port number was not a decimal number between 0 and 65535\n"),
    ("--nonsense", 2, "", f"curl: option --nonsense: is unknown\n{options.HINT}"),
    ("-H", 2, "", f"curl: option -H: requires parameter\n{options.HINT}"),
    ("", 2, "", f"curl: (2) no URL specified\n{options.HINT}"),
    ("-s --resolve other:8080:WEB http://other:8080/hostname", 0, "web", ""),
    ("-s -o page web:8080/hostname", 0, "", ""),
    ("-sS -o /nowhere/page web:8080/hostname", 23, "",
     "Warning: Failed to open the file /nowhere/page: No such file or directory\n"
     "curl: (23) client returned ERROR on write, size, was not written\n"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "status", "out", "err"), PAGES, ids=[case[0] or "nothing" for case in PAGES])
async def test_pages_and_failures(bench: Bench, words: str, status: int, out: str, err: str) -> None:
    web = await server(bench)
    argv = words.replace("WEB", web.table.host.ip).replace("\\n", "\n").split(" ") if words else []
    assert await bench.sh(client(bench), "curl", *argv) == (status, out, err)


async def test_the_progress_meter_is_shown_when_the_output_is_no_terminal(bench: Bench) -> None:
    await server(bench)
    status, out, err = await bench.sh(client(bench), "curl", "web:8080/hostname")
    assert (status, out) == (0, "web")
    assert err == (
        "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
        "                                 Dload  Upload   Total   Spent    Left  Speed\n"
        "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0"
        "\r100     3  100     3    0     0   3000      0 --:--:-- --:--:-- --:--:--  3000\n"
    )


async def test_include_and_head_show_the_headers(bench: Bench) -> None:
    await server(bench)
    head = (
        "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n\r\n"
    )
    pod = client(bench)
    assert (await bench.sh(pod, "curl", "-si", "web:8080/hostname"))[1] == head + "web"
    assert (await bench.sh(pod, "curl", "-sI", "web:8080/hostname"))[1] == head
    assert (await bench.sh(pod, "curl", "-s", "-D", "-", "-o", "/dev/null", "web:8080/hostname"))[1] == head


async def test_verbose_tells_every_step(bench: Bench) -> None:
    web = await server(bench)
    address = web.table.host.ip
    err = (await bench.sh(client(bench), "curl", "-sv", "-H", "X-Who: me", "-A", "test", "web:8080/hostname"))[2]
    assert err.replace("\r", "").splitlines() == [
        "* Host web:8080 was resolved.", "* IPv6: (none)", f"* IPv4: {address}", f"*   Trying {address}:8080...",
        f"* Connected to web ({address}) port 8080", "* using HTTP/1.x",
        "> GET /hostname HTTP/1.1", "> Host: web:8080", "> User-Agent: test", "> Accept: */*", "> X-Who: me", "> ",
        "* Request completely sent off",
        "< HTTP/1.1 200 OK", "< Date: Thu, 01 Jan 2026 00:00:00 GMT", "< Content-Type: text/plain; charset=utf-8",
        "< Content-Length: 3", "< ", "{ [3 bytes data]", "* Connection #0 to host web left intact",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["-d", "a=1"], {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": "3"}),
        (["--json", "{}"], {"Content-Type": "application/json", "Accept": "application/json"}),
        (["-u", "ada:pw"], {"Authorization": "Basic YWRhOnB3"}),
        (["-H", "Host: other"], {"Host": "other"}),
        (["-b", "a=b"], {"Cookie": "a=b"}),
    ],
)
async def test_request_headers(bench: Bench, given: list[str], expected: dict[str, str]) -> None:
    bench.run("who", "traefik/whoami")
    await bench.clock.settle()
    text = (await bench.sh(client(bench), "curl", "-s", *given, "who"))[1].replace("\r", "")
    for name, value in expected.items():
        assert f"\n{name}: {value}\n" in text


async def test_a_header_can_be_removed(bench: Bench) -> None:
    bench.run("who", "traefik/whoami")
    await bench.clock.settle()
    assert "Accept" not in (await bench.sh(client(bench), "curl", "-s", "-H", "Accept:", "who"))[1]


async def test_retry_waits_longer_each_time_and_gives_up(bench: Bench) -> None:
    await server(bench)
    began = bench.clock.now()
    status, out, err = await bench.sh(client(bench), "curl", "--no-progress-meter", "--retry", "3",
                                      "web:8080/echo?msg=busy&code=503")  # fmt: skip
    assert (status, out, bench.clock.now() - began) == (0, "busy", 7)
    assert err == (
        "Warning: Problem: HTTP error. Will retry in 1 second. 3 retries left.\n"
        "Warning: Problem: HTTP error. Will retry in 2 seconds. 2 retries left.\n"
        "Warning: Problem: HTTP error. Will retry in 4 seconds. 1 retry left.\n"
    )


async def test_retry_connrefused_waits_for_a_server_to_start(bench: Bench) -> None:
    bench.run("app", "backend-app:1.0.0", env={"START_SECONDS": "12"})
    argv = ["curl", "-s", "--retry", "10", "--retry-delay", "5", "--retry-connrefused", "app:8080/version"]
    assert await bench.sh(client(bench), *argv) == (0, "1.0.0\n", "")


@pytest.mark.parametrize(
    ("args", "log"),
    [
        (["-s", "web:8080/hostname"], ["web"]),
        (["curl", "-s", "web:8080/hostname"], ["web"]),
        (["sh", "-c", "echo shell"], ["shell"]),
    ],
)
async def test_the_images_entrypoint_runs_curl_unless_a_command_is_given(
    bench: Bench, args: list[str], log: list[str]
) -> None:
    await server(bench)
    pod = bench.run("pod", "curlimages/curl:8.12.1", *args)
    assert (await bench.exit_code(pod), bench.logs["pod"]) == (0, log)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a[01-03]b", ["a01b", "a02b", "a03b"]),
        ("[a-e:2]{x,y}", ["ax", "ay", "cx", "cy", "ex", "ey"]),
        ("plain", ["plain"]),
    ],
)
def test_patterns_stand_for_several_urls(text: str, expected: list[str]) -> None:
    assert [url for url, _ in urls.expand(text)] == expected
