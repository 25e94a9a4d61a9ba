"""nginx: serves, logs and obeys signals as its configuration and the recordings say."""

import pytest
from tests.tinykube.images.bench import volume
from tests.tinykube.images.nginx_bench import WELCOME, body, web

from tinykube.runtime import Mount, signals

# -- the image as it comes


async def test_it_starts_with_its_notices_and_welcomes(bench):
    container = web(bench)
    response = await bench.get(container)
    assert (response.status, response.body, len(response.body)) == (200, WELCOME, 113)
    assert response.header("content-type") == "text/html"
    assert response.header("server") == "nginx/1.27.5"
    assert [line.partition(": ")[2] for line in bench.logs["web"][:6]] == [
        'using the "epoll" event method', "nginx/1.27.5", "OS: Linux 6.12.0", "getrlimit(RLIMIT_NOFILE): 20000:20000",
        "start worker processes", "start worker process 7",
    ]  # fmt: skip


async def test_the_access_log_has_the_recorded_form(bench):
    container = web(bench)
    assert await bench.sh(container, "wget", "-qO-", "http://localhost:80/") == (0, WELCOME.decode(), "")
    line = bench.logs["web"][-1]
    assert line.startswith("127.0.0.1 - - [")
    assert line.endswith('+0000] "GET / HTTP/1.1" 200 113 "-" "Wget" "-"')


@pytest.mark.parametrize("tag", ["1.25", "1.26", "1.27", "1.28", "1.29", "latest", "stable", "alpine", "1.27-alpine"])
async def test_every_tag_runs_and_says_its_version(bench, tag):
    container = web(bench, tag=tag)
    _, _, version = await bench.sh(container, "nginx", "-v")
    assert version.startswith("nginx version: nginx/1.")
    assert (await bench.get(container)).status == 200


async def test_the_image_has_bash(bench):
    assert await bench.sh(web(bench), "bash", "-c", "ls /usr/share/nginx/html") == (0, "50x.html\nindex.html\n", "")


async def test_a_missing_page_is_a_404_and_an_error_log_line(bench):
    container = web(bench)
    response = await bench.get(container, "/nope")
    assert response.status == 404
    assert b"<center><h1>404 Not Found</h1></center>" in response.body
    assert 'open() "/usr/share/nginx/html/nope" failed (2: No such file or directory)' in bench.logs["web"][-2]
    assert bench.logs["web"][-1].split('"')[1:3] == ["GET /nope HTTP/1.1", f" 404 {len(response.body)} "]


async def test_what_a_volume_holds_is_served_at_once(bench):
    html = volume(bench.clock, {"index.html": "one\n"})
    container = web(bench, mounts=[Mount("/usr/share/nginx/html", html)])
    assert await body(bench, container) == (200, "one\n")
    await bench.sh(container, "sh", "-c", "echo two > /usr/share/nginx/html/index.html")
    assert await body(bench, container) == (200, "two\n")
    await bench.sh(container, "rm", "/usr/share/nginx/html/index.html")
    assert (await bench.get(container)).status == 403
    assert 'directory index of "/usr/share/nginx/html/" is forbidden' in bench.logs["web"][-2]


@pytest.mark.parametrize(("method", "status"), [("POST", 405), ("PUT", 405), ("HEAD", 200)])
async def test_files_are_only_read(bench, method, status):
    assert (await bench.get(web(bench), method=method)).status == status


# -- signals


async def test_sigterm_ends_at_once_and_sigquit_gracefully_both_with_success(bench):
    fast, graceful = web(bench, name="fast"), web(bench, name="graceful")
    await bench.clock.advance(1)
    fast.signal(signals.SIGTERM)
    graceful.stop()
    await bench.clock.settle()
    assert (fast.exit_code, graceful.exit_code) == (0, 0)
    assert "signal 15 (SIGTERM) received, exiting" in "\n".join(bench.logs["fast"])
    assert "signal 3 (SIGQUIT) received, shutting down" in "\n".join(bench.logs["graceful"])


async def test_a_graceful_end_finishes_requests_and_a_fast_one_does_not(bench):
    slow = bench.run(
        "slow",
        "busybox:1.36",
        command=["sh", "-c", "while true; do (sleep 3; printf 'HTTP/1.0 200 OK\\n\\nlate\\n') | nc -l -p 80; done"],
    )
    await bench.clock.advance(0.1)
    proxy = "server { listen 80; location / { proxy_pass http://slow; } }"
    graceful, fast = web(bench, proxy, "graceful"), web(bench, proxy, "fast")
    await bench.clock.advance(0.1)
    bench.clock.call_later(1, graceful.stop)
    assert await body(bench, graceful) == (200, "late\n")
    await bench.clock.settle()
    assert graceful.exit_code == 0
    bench.clock.call_later(1, lambda: fast.signal(signals.SIGTERM))
    with pytest.raises(ConnectionResetError):
        await bench.get(fast)
    assert slow.running


async def test_a_killed_worker_is_replaced(bench):
    container = web(bench)
    await bench.clock.settle()
    await bench.sh(container, "kill", "-9", "7")
    await bench.clock.settle()
    assert bench.logs["web"][-2].endswith("worker process 7 exited on signal 9")
    assert (await bench.get(container)).status == 200


async def test_reload_takes_a_new_configuration_and_keeps_the_old_one_if_it_is_wrong(bench):
    container = web(bench)
    write = "echo 'server { listen 81; return 200 new; }' > /etc/nginx/conf.d/new.conf; nginx -s reload"
    assert (await bench.sh(container, "sh", "-c", write))[0] == 0
    assert await body(bench, container, port=81) == (200, "new")
    assert (await bench.get(container)).status == 200
    await bench.sh(container, "sh", "-c", "echo 'nonsense;' > /etc/nginx/conf.d/new.conf; nginx -s reload")
    assert 'unknown directive "nonsense" in /etc/nginx/conf.d/new.conf:1' in bench.logs["web"][-1]
    assert await body(bench, container, port=81) == (200, "new")


async def test_a_port_that_is_taken_ends_it_after_five_tries(bench):
    first = web(bench)
    second = bench.run("second", "nginx:1.27", pod=first)
    assert await bench.exit_code(second, 10) == 1
    assert bench.logs["second"].count("nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)") == 5
    assert bench.logs["second"][-1] == "nginx: [emerg] still could not bind()"
    assert first.running


async def test_in_the_background_pid_1_ends(bench):
    container = bench.run("daemon", "nginx:1.27", command=["nginx"])
    assert await bench.exit_code(container, 5) == 0


async def test_a_read_only_root_is_fatal(bench):
    container = bench.run("ro", "nginx:1.27", read_only_root=True)
    assert await bench.exit_code(container, 5) == 1
    wanted = 'nginx: [emerg] mkdir() "/var/cache/nginx/client_temp" failed (30: Read-only file system)'
    assert bench.logs["ro"][-1] == wanted


# -- configuration


@pytest.mark.parametrize(
    ("conf", "words"),
    [
        ("server { listn 80; }", 'unknown directive "listn" in /etc/nginx/conf.d/default.conf:1'),
        ("server { listen 80 }", 'unexpected "}" in /etc/nginx/conf.d/default.conf:1'),
        ("server {\n listen 80;\n", 'unexpected end of file, expecting "}" in /etc/nginx/conf.d/default.conf:3'),
        ("location / { }", '"location" directive is not allowed here in /etc/nginx/conf.d/default.conf:1'),
        ("server { listen 99999; }", 'invalid port in "99999" of the "listen" directive'),
        (
            "server { location / { proxy_pass http://nowhere; } }",
            'host not found in upstream "nowhere" in /etc/nginx/conf.d/default.conf:1',
        ),
        ("upstream u { }", 'no servers are inside upstream in "u" in /etc/nginx/conf.d/default.conf:1'),
        ("server { location / { proxy_pass backend; } }", "invalid URL prefix"),
    ],
)
async def test_a_wrong_configuration_ends_it_with_nginxs_words(bench, conf, words):
    container = web(bench, conf)
    assert await bench.exit_code(container, 5) == 1
    assert bench.logs["web"][-1].startswith("nginx: [emerg] ")
    assert words in bench.logs["web"][-1]


async def test_a_configuration_can_be_tested(bench):
    container = web(bench)
    status, _, text = await bench.sh(container, "nginx", "-t")
    assert (status, text.splitlines()[-1]) == (0, "nginx: configuration file /etc/nginx/nginx.conf test is successful")
    status, _, text = await bench.sh(container, "sh", "-c", "echo 'x' > /etc/nginx/conf.d/y.conf; nginx -t")
    assert (status, text.splitlines()[-1]) == (1, "nginx: configuration file /etc/nginx/nginx.conf test failed")


LOCATIONS = """
server {
    listen 80;
    root /data;
    location = /exact { return 200 "exact\\n"; }
    location /pre/ { return 200 "prefix $uri\\n"; }
    location ^~ /pre/fix/ { return 200 "hat\\n"; }
    location ~ \\.php$ { return 403; }
    location ~* ^/User/(\\w+)$ { return 200 "user $1\\n"; }
    location /old { return 301 /new; }
    location /away { return 302 http://example.com$request_uri; }
    location /empty { return 204; }
    location /alias/ { alias /data/sub/; }
    location /list/ { alias /data/; autoindex on; }
    location /try { try_files $uri /sub/page.txt; }
    location /tried { try_files $uri =418; }
    location /rewrite/ { rewrite ^/rewrite/(.*)$ /pre/$1 last; }
    location /post { if ($request_method = POST) { return 405; } return 200 "$args\\n"; }
    location /vars { add_header X-Host $host; return 200 "$remote_addr $server_port $http_x_a $arg_q $hostname\\n"; }
    location /deny { deny all; }
    location /status { stub_status; }
    location /big { client_max_body_size 4; return 200 ok; }
    error_page 403 /sub/page.txt;
}
"""


@pytest.mark.parametrize(
    ("target", "status", "text"),
    [
        ("/exact", 200, "exact\n"),
        ("/pre/x?y", 200, "prefix /pre/x\n"),
        ("/pre/fix/a.php", 200, "hat\n"),
        ("/user/ann", 200, "user ann\n"),
        ("/old", 301, None),
        ("/away", 302, None),
        ("/empty", 204, ""),
        ("/alias/page.txt", 200, "page\n"),
        ("/list/", 200, None),
        ("/sub", 301, None),
        ("/try/nope", 200, "page\n"),
        ("/tried", 418, None),
        ("/rewrite/z", 200, "prefix /pre/z\n"),
        ("/post?a=b", 200, "a=b\n"),
        ("/vars?q=7", 200, "10.0.0.1 80 v 7 web\n"),
        ("/a/../exact", 200, "exact\n"),
        ("/x.php", 403, "page\n"),
        ("/deny", 403, "page\n"),
        ("/nope", 404, None),
    ],
)
async def test_locations_and_their_directives(bench, target, status, text):
    data = volume(bench.clock, {})
    container = web(bench, LOCATIONS, mounts=[Mount("/data", data)])
    await bench.sh(container, "sh", "-c", "mkdir /data/sub; echo page > /data/sub/page.txt")
    response = await bench.get(container, target, headers=[("X-A", "v")])
    assert response.status == status
    if text is not None:
        assert response.body.decode() == text


async def test_headers_bodies_and_status(bench):
    container = web(bench, LOCATIONS, mounts=[Mount("/data", volume(bench.clock, {}))])
    assert (await bench.get(container, "/vars", headers=[("Host", "my.host")])).header("x-host") == "my.host"
    assert (await bench.get(container, "/old")).header("location") == f"http://{container.table.host.ip}/new"
    assert (await bench.get(container, "/post", method="POST")).status == 405
    assert "Active connections: 1" in (await body(bench, container, "/status"))[1]
    assert (await bench.get(container, "/big", method="POST", body=b"12345")).status == 200  # return comes first


async def test_servers_are_chosen_by_port_and_name(bench):
    conf = (
        "server { listen 80; server_name a.test; return 200 a; }"
        "server { listen 80 default_server; server_name b.test; return 200 b; }"
        "server { listen 80; server_name *.c.test; return 200 c; }"
        "server { listen 8080; return 200 d; }"
    )
    container = web(bench, conf)
    for host, expected in (("a.test", "a"), ("b.test", "b"), ("x.c.test", "c"), ("other", "b")):
        assert await body(bench, container, headers=[("Host", host)]) == (200, expected)
    assert await body(bench, container, port=8080) == (200, "d")
