"""Manifests as web tutorials print them run unchanged, and do what their text says. They are in `tutorials/`.

Each case: the manifest, seconds until one looks, and questions with the answers that a reader expects: a container's
`logs`, what a command prints (`exec`), a field of an object (`get`), or what an event says (`event`).
"""

import asyncio
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from tests.tinykube.world import RESOURCES

from tinykube import objects
from tinykube.client import Client
from tinykube.cluster import Cluster

HERE = Path(__file__).parent / "tutorials"
KINDS = {**RESOURCES, "Secret": "secrets"}
PAGES = {
    "metadata": {"name": "pages", "namespace": "default", "labels": {"app": "pages"}},
    "spec": {"containers": [{"name": "web", "image": "nginx"}]},
}
"""A site for the init container that downloads a page: the real tutorial's is on the internet."""


class Case(NamedTuple):
    seconds: float
    questions: list
    before: tuple = ()


def logs(pod, *lines, container="", previous=False):
    return "logs", pod, (container, previous), lines


def runs(pod, command, *lines, container=""):
    return "runs", pod, (container, command), lines


def has(kind, name, path, value):
    return "has", name, (kind, path), value


def event(name, reason, text):
    return "event", name, reason, text


def service(name):
    """A Service in front of the Pods labelled with its name."""
    meta = {"name": name, "namespace": "default"}
    return {"metadata": meta, "spec": {"selector": {"app": name}, "ports": [{"port": 80}]}}


CASES = {
    "command-demo": Case(6, [logs("command-demo", "command-demo", "tcp://10.96.0.1:443")]),
    "liveness-exec": Case(
        100,
        [
            has("Pod", "liveness-exec", "status.containerStatuses.0.restartCount", 1),
            event("liveness-exec", "Unhealthy", "Liveness probe failed: cat: can't open '/tmp/healthy': No such file"),
            event("liveness-exec", "Killing", "Container liveness failed liveness probe, will be restarted"),
        ],
    ),
    "liveness-http": Case(
        60, [event("liveness-http", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 500")]
    ),
    "readiness-tcp": Case(20, [has("Pod", "web-tcp", "status.containerStatuses.0.ready", True)]),
    "two-containers": Case(
        8,
        [
            runs("two-containers", "curl -s localhost", "Hello from the debian container", container="nginx-container"),
            has("Pod", "two-containers", "status.containerStatuses.0.state.terminated.reason", "Completed"),
        ],
    ),
    "env-vars": Case(6, [event("print-greeting", "ImagesAvailable", 'has no image "bash:5"')]),
    "configmap": Case(
        8,
        [
            runs("configmap-demo-pod", "ls /config", "game.properties", "user-interface.properties"),
            runs("configmap-demo-pod", "echo $PLAYER_INITIAL_LIVES", "3"),
            runs("configmap-demo-pod", "cat /config/*.properties", "enemy.types=aliens,monsters", "color.good=purple"),
        ],
    ),
    "secret": Case(
        8,
        [
            runs("secret-test-pod", "ls /etc/secret-volume", "password", "username"),
            runs("secret-test-pod", "cat /etc/secret-volume/username; echo; echo $password", "my-app", "39528$vdg7Jb"),
        ],
    ),
    "init-demo": Case(
        12,
        [runs("init-demo", "curl localhost | head -1", "<title>Welcome to nginx!</title>")],
        (PAGES, service("pages")),
    ),
    "myapp-init": Case(12, [logs("myapp-pod", "The app is running!", container="myapp-container")]),
    "downward-volume": Case(
        8, [logs("kubernetes-downwardapi-volume-example", 'rack="rack-22"', 'builder="john-doe"', 'build="two"')]
    ),
    "downward-env": Case(
        8, [logs("dapi-envars-resourcefieldref", "1", "1", "33554432", "67108864", "practice-control-plane", "default")]
    ),
    "cronjob-hello": Case(130, [has("CronJob", "hello", "status.lastScheduleTime", objects.rfc3339)]),
    "job-pi": Case(30, [event("pi-", "ImagesAvailable", "kind cluster runs the rest")]),
    "termination-demo": Case(
        14,
        [has("Pod", "termination-demo", "status.containerStatuses.0.lastState.terminated.message", "Sleep expired\n")],
    ),
    "lifecycle-demo": Case(8, [runs("lifecycle-demo", "cat /usr/share/message", "Hello from the postStart handler")]),
    "security-context": Case(
        8,
        [
            runs("security-context-demo", "ps", "    1 1000      0:00 sleep 1h"),
            runs("security-context-demo", "id", "uid=1000 gid=3000 groups=2000,3000,4000"),
            runs("security-context-demo", "ls -ld /data/demo", "drwxrwsrwx", "2000"),
            runs("security-context-demo", "echo hello > /data/demo/testfile; ls -l /data/demo", "1000", "2000", "6"),
        ],
    ),
    "dns-example": Case(
        8,
        [
            runs("dns-example", "cat /etc/resolv.conf", "search ns1.svc.cluster-domain.example my.dns.search.suffix"),
            runs("dns-example", "cat /etc/resolv.conf", "nameserver 192.0.2.1", "options ndots:2 edns0"),
        ],
    ),
    "dns-hostnames": Case(
        8,
        [
            runs("busybox1", "nslookup busybox-2.busybox-subdomain.default.svc.cluster.local", "Address: 10.244.0."),
            runs("busybox1", "hostname -f", "busybox-1.busybox-subdomain.default.svc.cluster.local"),
        ],
    ),
    "frontend-backend": Case(12, [runs("frontend-", "curl -s http://frontend", "Hello")]),
    "counter": Case(
        8, [logs("counter", "0: ", "1: ", container="count-log-1"), logs("counter", "INFO 2", container="count-log-2")]
    ),
    "sidecar-job": Case(45, [has("Job", "myjob", "status.succeeded", 1)]),
    "memory-demo-2": Case(
        20, [has("Pod", "memory-demo-2", "status.containerStatuses.0.lastState.terminated.reason", "OOMKilled")]
    ),
    "share-process-namespace": Case(
        8,
        [
            runs("nginx", "ps", "1 65535     0:00 /pause", "nginx: master process", "sleep 3600", container="shell"),
            runs(
                "nginx",
                "grep http /proc/$(pidof -s nginx)/root/etc/nginx/nginx.conf; kill -HUP $(pgrep -o nginx); ps",
                "http {",
                "nginx: worker process",
                container="shell",
            ),
        ],
    ),
    "projected": Case(
        8,
        [
            runs("volume-test", "cat /projected-volume/my-group/*", "level=debugadmin"),
            runs("volume-test", "cat /projected-volume/cpu_limit", "4"),
        ],
    ),
}


@pytest.fixture
async def cluster():
    found = Cluster()
    await found.start()
    await found.clock.advance(3)
    yield found
    await found.stop()


def pod_named(client, prefix):
    return next(p for p in client.list("pods", "default") if objects.name(p).startswith(prefix))


async def answer_to(cluster, client, kind, name, detail):
    if kind == "has":
        of, path = detail
        value = client.get(KINDS.get(of, f"{of.lower()}s.batch"), "default", name)
        for step in path.split("."):
            value = value[int(step)] if step.isdigit() else value[step]
        return value
    if kind == "event":
        found = client.list("events", "default")
        return "\n".join(
            e["message"] for e in found if e["involvedObject"]["name"].startswith(name) and e["reason"] == detail
        )
    kubelet = cluster.kubelets["practice-control-plane"]
    pod = pod_named(client, name)
    container = detail[0] or pod["spec"]["containers"][0]["name"]
    if kind == "logs":
        return b"".join([c async for c in kubelet.logs("default", objects.name(pod), container, {})]).decode()
    argv = ["sh", "-c", detail[1]]
    session = await kubelet.exec("default", objects.name(pod), container, argv, stdin=False, tty=False)
    task = asyncio.ensure_future(collect(session))
    await cluster.clock.run_until(task.done, 30)
    return await task


async def collect(session):
    return b"".join([data async for _, data in session.output()]).decode()


def test_every_manifest_has_its_questions():
    assert sorted(CASES) == sorted(path.stem for path in HERE.glob("*.yaml"))


@pytest.mark.parametrize("name", CASES)
async def test_a_tutorials_manifest_does_what_its_text_says(cluster, name):
    client, case = Client(cluster.api), CASES[name]
    for obj in case.before:
        client.create("services" if "ports" in obj["spec"] else "pods", obj)
    if case.before:
        await cluster.clock.advance(5)
    for obj in yaml.safe_load_all((HERE / f"{name}.yaml").read_text()):
        obj["metadata"].setdefault("namespace", "default")
        client.create(KINDS[obj["kind"]], obj)
    await cluster.clock.advance(case.seconds)
    for kind, about, detail, wanted in case.questions:
        answer = await answer_to(cluster, client, kind, about, detail)
        if callable(wanted):
            assert answer, (about, detail)
        elif isinstance(answer, str) and kind != "has":
            missing = [part for part in ([wanted] if isinstance(wanted, str) else wanted) if part not in answer]
            assert not missing, (about, detail, answer)
        else:
            assert answer == wanted, (about, detail)
