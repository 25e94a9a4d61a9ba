"""A node in a test: the API server and a kubelet in this process, on a stepped clock, with tiny programs."""

import asyncio
import contextlib
import random

import pytest

from tinykube.api import ApiServer
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.errors import ApiError
from tinykube.node import Kubelet
from tinykube.runtime import http, signals
from tinykube.runtime.images import Image, ImageStore
from tinykube.runtime.network import Network
from tinykube.runtime.nodes import Directory, File
from tinykube.store import Store

SHORT = {
    "PodReadyToStartContainers": "sandbox",
    "Initialized": "init",
    "Ready": "ready",
    "ContainersReady": None,
    "PodScheduled": None,
    "PodResizePending": None,
    "PodResizeInProgress": None,
}


async def sleep(process):
    """sleep SECONDS [EXIT CODE]"""
    await process.sleep(float(process.argv[1]))
    return int(process.argv[2]) if len(process.argv) > 2 else 0


async def say(process):
    """say TEXT [EXIT CODE]: print, and end"""
    process.out(process.argv[1] + "\n")
    return int(process.argv[2]) if len(process.argv) > 2 else 0


async def polite(process):
    """polite SECONDS: on TERM, end with 0 that much later"""
    told = asyncio.get_running_loop().create_future()
    process.on_signal(signals.SIGTERM, lambda number: told.done() or told.set_result(None))
    await told
    await process.sleep(float(process.argv[1]))
    process.out("bye\n")
    return 0


async def cat(process):
    """cat FILE: print a file"""
    try:
        process.out(process.fs.read(process.argv[1]))
    except OSError as problem:
        process.err(f"cat: can't open '{process.argv[1]}': {problem.strerror}\n")
        return 1
    return 0


async def flag(process):
    """flag FILE FROM TO: FILE exists from FROM to TO seconds after the start"""
    path, begin, end = process.argv[1], float(process.argv[2]), float(process.argv[3])
    await process.sleep(begin)
    process.fs.write(path, b"")
    await process.sleep(end - begin)
    process.fs.remove(path)
    await process.sleep(1e6)
    return 0


async def last_words(process):
    """last-words TEXT CODE: leave a termination message"""
    process.fs.write("/dev/termination-log", process.argv[1].encode())
    return int(process.argv[2])


async def env(process):
    """env: print the environment, then stay"""
    process.out("".join(f"{k}={v}\n" for k, v in sorted(process.env.items())))
    await process.sleep(1e6)
    return 0


async def eat(process):
    """eat: take more and more memory"""
    while True:
        process.charge(1 << 20)
        await process.sleep(0.01)


async def serve(process):
    """serve PORT [STATUS]: answer HTTP"""

    async def answer(request):
        status = int(process.argv[2]) if len(process.argv) > 2 else 200
        return http.Response(status, [], f"{request.method} {request.path}".encode())

    http.serve(process, int(process.argv[1]), answer)
    await process.sleep(1e9)
    return 0


PROGRAMS = {p.__name__.replace("_", "-"): p for p in (sleep, say, polite, cat, flag, last_words, env, eat, serve)}


def image_store():
    programs = {name: File(b"", 0o755, program=program) for name, program in PROGRAMS.items()}
    root = Directory({"bin": Directory(programs), "etc": Directory(), "tmp": Directory(mode=0o1777)})
    root.freeze()
    return ImageStore([Image("docker.io/library/busybox", ("1.36", "latest"), root)])


class Machine:
    """One node. `life(pod)` is what a watcher saw of a Pod, `events()` what was said about it."""

    def __init__(self):
        self.clock, self.rng, self.network = Clock(), random.Random(1), None
        self.api = ApiServer(Store(), self.clock, self.rng)
        self.network = Network(self.clock)
        self.client = Client(self.api)
        self.kubelet = Kubelet(
            "node-1", Client(self.api, "system:node:node-1"), self.clock, self.rng, self.network, image_store()
        )
        self.api.nodes["node-1"] = self.kubelet
        self.seen = {}
        self.tasks = []

    async def start(self):
        self.api.bootstrap()
        for namespace in ("default", "kube-system", "kube-node-lease"):
            self._try_create("namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        account = {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": "default", "namespace": "default"},
        }
        self._try_create("serviceaccounts", account)
        self.tasks.append(asyncio.create_task(self._record()))
        self.power_on()
        await self.clock.settle()

    def _try_create(self, resource, obj):
        with contextlib.suppress(ApiError):  # some clusters have it from the start
            self.client.create(resource, obj)

    def power_on(self):
        self.running = asyncio.create_task(self.kubelet.run())

    async def power_off(self):
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)

    async def stop(self):
        await self.power_off()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _record(self):
        async for type_, pod in self.api.watch("pods"):
            states = self.seen.setdefault(pod["metadata"]["name"], [])
            state = "DELETED" if type_ == "DELETED" else compact(pod)
            if not states or states[-1] != state:
                states.append(state)

    def create(self, obj):
        obj.setdefault("metadata", {}).setdefault("namespace", "default")
        resource = {"Pod": "pods", "ConfigMap": "configmaps", "Secret": "secrets", "Service": "services"}[obj["kind"]]
        return self.client.create(resource, {"apiVersion": "v1", **obj})

    def run(self, *command, name="p", **spec):
        """Create a Pod with one container, `main`. What is no field of the Pod's spec is one of the container's."""
        of_pod = (
            "restartPolicy",
            "terminationGracePeriodSeconds",
            "initContainers",
            "volumes",
            "activeDeadlineSeconds",
            "imagePullSecrets",
            "os",
        )
        own = {k: v for k, v in spec.items() if k not in of_pod and k != "containers"}
        main = [container(*command, name="main", **own)] if command else []
        pod_spec = {k: v for k, v in spec.items() if k in of_pod}
        pod_spec |= {"containers": [*main, *spec.get("containers", [])], "nodeName": "node-1"}
        pod_spec["automountServiceAccountToken"] = False
        return self.create({"kind": "Pod", "metadata": {"name": name}, "spec": pod_spec})

    def pod(self, name="p"):
        return self.client.get("pods", "default", name)

    def status(self, name="p", container="main"):
        return next(s for s in self.pod(name)["status"]["containerStatuses"] if s["name"] == container)

    def life(self, name="p"):
        return self.seen.get(name, [])

    def events(self, *reasons, name="p"):
        found = sorted(self.client.list("events", "default"), key=lambda e: e["metadata"]["name"])
        mine = [e for e in found if e["involvedObject"]["name"] == name]
        return [(e["reason"], e["message"]) for e in mine if not reasons or e["reason"] in reasons]

    def count(self, reason, name="p"):
        found = [e for e in self.client.list("events", "default") if e["involvedObject"]["name"] == name]
        return sum(e["count"] for e in found if e["reason"] == reason)

    async def logs(self, name="p", container="main", **options):
        return b"".join([c async for c in self.kubelet.logs("default", name, container, options)]).decode()

    async def until(self, condition, seconds=60):
        """Let time pass until the condition holds; it must, within `seconds`."""
        assert await self.clock.run_until(condition, seconds), (self.seen, self.client.list("events", "default"))


def container(*command, name="main", image="busybox:1.36", **more):
    return {"name": name, "image": image, "command": list(command), **more}


def compact(pod):
    """`Phase sandbox init !ready | name:state[/reason][*restarts][ ready]`: enough to tell states apart."""
    status = pod["status"]
    flags = [
        ("" if c["status"] == "True" else "!")
        + SHORT[c["type"]]
        + ("/" + c["reason"] if c["type"] == "Ready" and c.get("reason") else "")
        for c in status.get("conditions", ())
        if SHORT[c["type"]]
    ]
    entries = [_entry(s) for part in ("initContainerStatuses", "containerStatuses") for s in status.get(part, ())]
    gone = ["deleting"] if pod["metadata"].get("deletionTimestamp") else []
    return " ".join([status["phase"], *gone, *flags, *(["|"] if entries else []), *entries])


def _entry(status):
    ((kind, detail),) = status["state"].items()
    text = f"{status['name']}:{kind}"
    if kind == "waiting":
        text += "/" + detail["reason"]
    if kind == "terminated":
        text += f"/{detail['reason']}/{detail['exitCode']}"
    if status["restartCount"]:
        text += f"*{status['restartCount']}"
    return text + ("+" if status["ready"] else "") + ("^" if status.get("started") and not status["ready"] else "")


@pytest.fixture
async def machine():
    found = Machine()
    await found.start()
    yield found
    await found.stop()
