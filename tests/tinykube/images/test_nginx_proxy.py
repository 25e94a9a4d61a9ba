"""nginx as a proxy and a balancer."""

import pytest
from tests.tinykube.images.nginx_bench import body, web


def backend(bench, name):
    """A server that answers with its name."""
    return web(
        bench,
        f'server {{ listen 80; location / {{ return 200 "{name} $request_uri $host $http_x_real_ip\\n"; }} }}',
        name,
    )


@pytest.mark.parametrize(
    ("passed", "target", "seen"),
    [
        ("http://app", "/api/x?y=1", "app /api/x?y=1 app"),
        ("http://app/", "/api/x?y=1", "app /x?y=1 app"),
        ("http://app/v2/", "/api/x", "app /v2/x app"),
        ("http://app:80", "/api/", "app /api/ app"),
    ],
)
async def test_proxy_pass_maps_the_uri(bench, passed, target, seen):
    backend(bench, "app")
    proxy = web(bench, f"server {{ listen 80; location /api/ {{ proxy_pass {passed}; }} }}", "proxy")
    assert await body(bench, proxy, target) == (200, f"{seen} \n")


async def test_proxied_headers_can_be_set(bench):
    backend(bench, "app")
    conf = (
        "server { listen 80; location / { proxy_pass http://app; proxy_set_header Host $host; "
        "proxy_set_header X-Real-IP $remote_addr; } }"
    )
    proxy = web(bench, conf, "proxy")
    assert await body(bench, proxy, headers=[("Host", "front.test")]) == (200, "app / front.test 10.0.0.1\n")


UPSTREAM = "upstream app { server one%s; server two%s; } server { listen 80; location / { proxy_pass http://app; } }"


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("", "", {"one": 4, "two": 4}),
        (" weight=3", "", {"one": 6, "two": 2}),
        ("", " backup", {"one": 8}),
        (" down", "", {"two": 8}),
    ],
)
async def test_requests_are_spread_over_an_upstream(bench, one, two, expected):
    backend(bench, "one")
    backend(bench, "two")
    proxy = web(bench, UPSTREAM % (one, two), "proxy")
    seen = [(await body(bench, proxy))[1].split()[0] for _ in range(8)]
    assert {name: seen.count(name) for name in set(seen)} == expected


async def test_a_dead_server_is_skipped_and_left_out_for_a_while(bench):
    first = backend(bench, "one")
    backend(bench, "two")
    proxy = web(bench, UPSTREAM % ("", " backup"), "proxy")
    first.kill()
    await bench.clock.settle()
    assert (await body(bench, proxy))[1].startswith("two")
    failures = [line for line in bench.logs["proxy"] if "connect() failed (111: Connection refused)" in line]
    assert len(failures) == 1
    assert 'while connecting to upstream, client: 10.0.0.1, server: , request: "GET / HTTP/1.1"' in failures[0]
    assert (await body(bench, proxy))[1].startswith("two")
    assert len([line for line in bench.logs["proxy"] if "connect() failed" in line]) == 1  # not tried again at once
    await bench.clock.advance(11)
    await body(bench, proxy)
    assert len([line for line in bench.logs["proxy"] if "connect() failed" in line]) == 2


@pytest.mark.parametrize(
    ("conf", "status", "words"),
    [
        (
            "proxy_pass http://127.0.0.1:9;",
            502,
            "connect() failed (111: Connection refused) while connecting to upstream",
        ),
        (
            "proxy_pass http://10.9.9.9; proxy_connect_timeout 2s;",
            504,
            "upstream timed out (110: Connection timed out)",
        ),
        ("proxy_pass http://10.9.9.9;", 502, "connect() failed (113: No route to host) while connecting to upstream"),
    ],
)
async def test_an_unreachable_upstream_is_a_gateway_error(bench, conf, status, words):
    proxy = web(bench, f"server {{ listen 80; location / {{ {conf} }} }}", "proxy")
    response = await bench.get(proxy)
    assert response.status == status
    assert words in bench.logs["proxy"][-2]


async def test_a_bad_answer_can_be_tried_elsewhere(bench):
    web(bench, "server { listen 80; return 503; }", "one")
    backend(bench, "two")
    conf = UPSTREAM % (" max_fails=0", " backup")
    plain = web(bench, conf, "plain")
    assert (await bench.get(plain)).status == 503
    careful = web(bench, conf.replace("proxy_pass", "proxy_next_upstream error http_503; proxy_pass"), "careful")
    assert await body(bench, careful) == (200, "two / app \n")


async def test_a_log_format_tells_the_upstream(bench):
    one = backend(bench, "one")
    conf = (
        "log_format up '$upstream_addr $upstream_status $status'; access_log /dev/stdout up;"
        "server { listen 80; location / { proxy_pass http://one; } }"
    )
    proxy = web(bench, conf, "proxy")
    await bench.get(proxy)
    assert bench.logs["proxy"][-1] == f"{one.table.host.ip}:80 200 200"


async def test_a_variable_upstream_needs_a_resolver_and_follows_the_name(bench):
    backend(bench, "one")
    conf = 'server { listen 80; %s set $target "http://one"; location / { proxy_pass $target; } }'
    without = web(bench, conf % "", "without")
    assert (await bench.get(without)).status == 502
    assert "no resolver defined to resolve one" in bench.logs["without"][-2]
    resolved = web(bench, conf % "resolver 10.96.0.10;", "resolved")
    assert (await body(bench, resolved))[1].startswith("one")
