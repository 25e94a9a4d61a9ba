"""Images together, as the labs put them: ambassador, adapter, clients and servers."""

from __future__ import annotations

from tests.tinykube.images.bench import Bench, volume

from tinykube.runtime import Mount

AMBASSADOR = """\
server {
    listen 80;
    location / {
        proxy_pass http://backend-app:8080;
        proxy_next_upstream error timeout http_503;
        proxy_next_upstream_tries 3;
        proxy_connect_timeout 2s;
    }
}
"""
ADAPTER = """\
while true; do
  line=$(wget -q -O - http://localhost:8080/metrics)
  echo "$line" | sed 's/;/\\n/; s/=/ /g' > /shared/metrics
  sleep 5
done
"""


async def test_nginx_is_an_ambassador_for_backend_app(bench: Bench) -> None:
    bench.run("backend-app", "backend-app:1.1.0", env={"START_SECONDS": "0"})
    await bench.clock.settle()
    bench.names["backend-app.default.svc.cluster.local"] = bench.names["backend-app"]
    conf = volume(bench.clock, {"default.conf": AMBASSADOR})
    proxy = bench.run("proxy", "nginx:1.27", mounts=[Mount("/etc/nginx/conf.d", conf)])
    client = bench.run("client", "busybox:1.36", "sleep", "1d", pod=proxy)
    await bench.clock.settle()
    page = await bench.sh(client, "wget", "-q", "-O", "-", "http://localhost/version")
    assert page == (0, "1.1.0\n", "")
    assert (await bench.get(proxy, "/nothing")).status == 404
    assert any('"GET /version HTTP/1.1" 200 6' in line for line in bench.logs["proxy"])


async def test_the_ambassador_says_502_while_nobody_is_there(bench: Bench) -> None:
    app = bench.run("backend-app", "backend-app:1.1.0", env={"START_SECONDS": "10"})
    conf = volume(bench.clock, {"default.conf": AMBASSADOR})
    proxy = bench.run("proxy", "nginx:1.27", mounts=[Mount("/etc/nginx/conf.d", conf)])
    await bench.clock.settle()
    early = await bench.get(proxy)
    await bench.clock.advance(10)
    late = await bench.get(proxy)
    assert (early.status, late.status, app.running) == (502, 200, True)


async def test_a_busybox_adapter_reads_the_metrics_of_its_neighbor(bench: Bench) -> None:
    shared = volume(bench.clock, {})
    app = bench.run("app", "backend-app:1.1.0", env={"START_SECONDS": "2"})
    bench.run("adapter", "busybox:1.36", "sh", "-c", ADAPTER, pod=app, mounts=[Mount("/shared", shared)])
    reader = bench.run("reader", "busybox:1.36", "sleep", "1d", pod=app, mounts=[Mount("/shared", shared, True)])
    await bench.clock.advance(12)
    assert await bench.sh(reader, "cat", "/shared/metrics") == (0, "requests 2\nhealthy yes\n", "")


async def test_every_client_reaches_every_server(bench: Bench) -> None:
    bench.run("apache", "httpd:2.4")
    bench.run("nginx", "nginx:1.27")
    bench.run("echo", "hashicorp/http-echo", "-text=echo", "-listen=:80")
    client = bench.run("client", "curlimages/curl", "sleep", "1d")
    await bench.clock.settle()
    for name, words in (("apache", "It works!"), ("nginx", "Welcome to nginx!"), ("echo", "echo")):
        for command in (["wget", "-q", "-O", "-", f"http://{name}/"], ["curl", "-s", f"http://{name}"]):
            status, out, _ = await bench.sh(client, *command)
            assert (status, words in out) == (0, True), (name, command)
