"""busybox in a Pod, where no real one can be asked: names and servers of the cluster, logs that grow."""

import pytest
from tests.tinykube.images.bench import DNS

from tinykube.runtime import Mount
from tinykube.runtime.nodes import Directory


def shell(bench, name, script, **spec):
    """A busybox container that runs a script."""
    return bench.run(name, "busybox:1.36", command=["sh", "-c", script], **spec)


@pytest.fixture
async def pod(bench):
    """A container to run commands in, and a web server called `web`."""
    bench.run("web", "nginx:1.27")
    return shell(bench, "pod", "sleep 100000")


HEADING = f"Server:\t\t{DNS}\nAddress:\t{DNS}:53\n\n"


async def test_nslookup_of_a_full_name_prints_both_answers(bench, pod):
    bench.names["backend.default.svc.cluster.local"] = "10.96.7.7"
    status, out, err = await bench.sh(pod, "nslookup", "backend.default.svc.cluster.local")
    found = "Name:\tbackend.default.svc.cluster.local\nAddress: 10.96.7.7\n"
    assert (status, out, err) == (0, f"{HEADING}{found}\n{found}\n", "")


async def test_nslookup_of_an_unknown_name_fails(bench, pod):
    status, out, _ = await bench.sh(pod, "nslookup", "nope.default.svc.cluster.local")
    missing = "** server can't find nope.default.svc.cluster.local: NXDOMAIN\n\n"
    assert (status, out) == (1, HEADING + missing * 2)


async def test_a_loop_waits_until_a_service_has_a_name(bench):
    waiter = shell(bench, "waiter", "until nslookup backend.default.svc.cluster.local; do echo waiting; sleep 1; done")
    await bench.clock.advance(3.5)
    assert bench.logs["waiter"].count("waiting") == 4
    bench.names["backend.default.svc.cluster.local"] = "10.96.7.7"
    assert await bench.exit_code(waiter, 5) == 0


@pytest.mark.parametrize(
    ("command", "status", "out", "err"),
    [
        ("wget -qO- http://web/ | wc -c", 0, "113\n", ""),
        ("wget -qO- web:80 | wc -c", 0, "113\n", ""),
        (
            "wget http://web/; cat index.html | wc -c; wget http://web/; echo $?",
            0,
            "113\n1\n",
            "Connecting to web (ADDRESS:80)\nsaving to 'index.html'\n"
            "index.html           100% |********************************|   113  0:00:00 ETA\n'index.html' saved\n"
            "Connecting to web (ADDRESS:80)\nwget: can't open 'index.html': File exists\n",
        ),
        ("wget -qO- http://web/nope; echo $?", 0, "1\n", "wget: server returned error: HTTP/1.1 404 Not Found\n"),
        ("wget -q --spider http://web/; echo $?", 0, "0\n", ""),
        ("wget -qO- http://web:81/", 1, "", "wget: can't connect to remote host (ADDRESS): Connection refused\n"),
        ("wget -qO- http://nobody/", 1, "", "wget: bad address 'nobody'\n"),
        ("wget -qO- http://nobody:8080/", 1, "", "wget: bad address 'nobody:8080'\n"),
        ("wget --spider http://web:80/", 0, "", "Connecting to web:80 (ADDRESS:80)\nremote file exists\n"),
        ("wget -T 2 -qO- http://192.0.2.1/", 1, "", "wget: download timed out\n"),
        ("wget -qO- http://10.9.9.9/", 1, "", "wget: can't connect to remote host (10.9.9.9): No route to host\n"),
        ("nc -w 1 web 81; echo $?", 0, "1\n", "nc: can't connect to remote host (ADDRESS): Connection refused\n"),
        ("nc -z web 80; echo $?", 0, "0\n", ""),
        ("printf 'HEAD / HTTP/1.0\\r\\n\\r\\n' | nc web 80 | head -1", 0, "HTTP/1.1 200 OK\r\n", ""),
        ("ping -c1 nobody", 1, "", "ping: bad address 'nobody'\n"),
    ],
)
async def test_clients_reach_servers_or_say_why_not(bench, pod, command, status, out, err):
    address = bench.names["web"]
    assert await bench.sh(pod, "sh", "-c", command) == (status, out, err.replace("ADDRESS", address))


async def test_nc_listens_and_a_shell_loop_makes_a_server(bench, pod):
    reply = "HTTP/1.0 200 OK\\n\\nhello from $(hostname)\\n"
    server = shell(bench, "server", f'while true; do echo -e "{reply}" | nc -l -p 8080; done')
    await bench.clock.advance(1)
    for _ in range(2):
        assert await bench.sh(pod, "wget", "-qO-", "http://server:8080/x") == (0, "hello from server\n\n", "")
    assert bench.logs["server"].count("GET /x HTTP/1.1\r") == 2
    assert server.running


async def test_httpd_serves_files_and_runs_scripts(bench, pod):
    setup = (
        "mkdir -p /www/cgi-bin; echo page > /www/index.html; cd /www/cgi-bin;"
        "printf '#!/bin/sh\\necho Content-type: text/plain\\necho\\necho q=$QUERY_STRING\\n' > ask; chmod +x ask;"
    )
    shell(bench, "server", f"{setup} exec httpd -f -p 8080 -h /www")
    await bench.clock.advance(1)
    assert await bench.sh(pod, "wget", "-qO-", "http://server:8080/") == (0, "page\n", "")
    assert await bench.sh(pod, "wget", "-qO-", "http://server:8080/cgi-bin/ask?a=1") == (0, "q=a=1\n", "")


async def test_two_servers_on_one_port_of_a_pod_clash(bench, pod):
    first = shell(bench, "first", "httpd -f -p 8080")
    second = shell(bench, "second", "httpd -f -p 8080", pod=first)
    assert await bench.exit_code(second, 5) == 1
    assert bench.logs["second"] == ["httpd: bind: Address already in use"]


WRITER = "i=0; while true; do echo line $i >> /logs/app.log; i=$((i+1)); sleep 1; done"


@pytest.mark.parametrize(
    ("script", "seen"),
    [
        ("tail -n+1 -F /logs/app.log", ["line 0", "line 1", "line 2", "line 3", "line 4"]),
        ("tail -n+1 -F /logs/app.log | while read a b; do echo $b; done", ["0", "1", "2", "3", "4"]),
        ("tail -n+1 -F /logs/app.log | awk '$2 % 2 == 0 {print $2}'", ["0", "2", "4"]),
        ("tail -n+1 -F /logs/app.log | tr a-z A-Z", ["LINE 0", "LINE 1", "LINE 2", "LINE 3", "LINE 4"]),
        ("tail -n+1 -F /logs/app.log | grep line", []),  # into a pipe or file, 4096 bytes at a time
        ("tail -n+1 -F /logs/app.log | sed s/line/x/", []),
    ],
)
async def test_a_sidecar_shows_lines_as_they_come_if_its_last_program_does_not_buffer(bench, script, seen):
    logs = Mount("/logs", Directory())
    app = shell(bench, "app", WRITER, mounts=[logs])
    shell(bench, "shipper", script, pod=app, mounts=[logs])
    await bench.clock.advance(4.5)
    assert bench.logs["shipper"] == seen


async def test_a_buffering_program_shows_whole_blocks_and_the_rest_at_its_end(bench):
    container = shell(bench, "pipe", "(yes 0123456 | head -600; sleep 5) | grep 0")
    await bench.clock.advance(1)
    assert len(bench.logs["pipe"]) == 512
    assert await bench.exit_code(container, 10) == 0
    assert len(bench.logs["pipe"]) == 600


async def test_ps_and_top_show_the_containers_processes(bench, pod):
    _, out, _ = await bench.sh(pod, "ps", "-o", "pid,args")
    assert out.splitlines() == ["PID   COMMAND", "    1 sleep 100000", "    7 ps -o pid,args"]
    _, out, _ = await bench.sh(pod, "top", "-bn1")
    assert out.splitlines()[3] == "  PID  PPID USER     STAT   VSZ %VSZ %CPU COMMAND"


async def test_the_clock_is_the_clusters(bench, pod):
    assert await bench.sh(pod, "date", "-u", "+%F") == (0, "2026-01-01\n", "")
    await bench.clock.advance(86400)
    assert await bench.sh(pod, "date", "-u", "+%F %T") == (0, "2026-01-02 00:00:00\n", "")


async def test_what_cannot_be_done_is_said(bench, pod):
    status, _, err = await bench.sh(pod, "vi", "/etc/passwd")
    assert (status, "no full-screen programs" in err) == (1, True)
    status, _, err = await bench.sh(pod, "wget", "-qO-", "https://web/")
    assert (status, "no TLS" in err) == (1, True)
