"""A cluster in this process, with nothing in it but a store and an API server: its loops are started one by one.

Law: time stands still until a cell moves the clock. What the practice cluster starts at once (`tinykube.cluster`) is
started here by name, each with a client and informers of its own, as if it were a process of its own.
"""

import asyncio
import random
from functools import partial
from pathlib import Path

import yaml
from journal import Journal

from kubelab.errors import KubelabError
from tinykube import objects
from tinykube.api import ApiServer
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers import CONTROLLERS, resources
from tinykube.images import catalogue
from tinykube.informer import Informers
from tinykube.node import Kubelet
from tinykube.runtime.images import ImageStore
from tinykube.runtime.network import Network
from tinykube.scheduler import Scheduler
from tinykube.store import Store

ACCOUNT = {
    "apiVersion": "v1",
    "kind": "ServiceAccount",
    "metadata": {"name": "default", "namespace": "default"},
    "automountServiceAccountToken": False,
}
"""Without one, no Pod is admitted. In a whole cluster a controller makes it; here, nobody runs yet."""


class Bare:
    """A store and an API server. `you` is your client; `journal` knows who wrote what."""

    def __init__(self, seed=1):
        self.clock, self.rng = Clock(), random.Random(seed)
        self.store = Store()
        self.api = ApiServer(self.store, self.clock, self.rng)
        self.api.bootstrap()
        self.journal = Journal(self.api)
        self.you = Client(self.api, "you")
        self.you.create("serviceaccounts", ACCOUNT)
        self.running = {}
        self.loops = loops(self.clock)

    async def start(self, what):
        """Start a loop, by its name or its class, with an empty memory, and let everybody react."""
        name, kind = self._named(what)
        client = Client(self.api, name)
        informers = Informers(client)
        part = kind(client, informers, self.clock, self.rng)
        informers.start()
        self.running[name] = part, informers, asyncio.create_task(part.run())
        await self.clock.settle()

    def _named(self, what):
        name, kind = (what, self.loops.get(what)) if isinstance(what, str) else (what.name, what)
        if kind is None:
            raise KubelabError(f"There is no loop {what!r}.", f"These can be started: {', '.join(self.loops)}.")
        if name in self.running:
            raise KubelabError(f"{name} runs already.", "Stop it first, to start it with an empty memory.")
        return name, kind

    async def stop(self, *names):
        """Stop loops, and forget what they knew."""
        for name in names:
            _, informers, task = self.running.pop(name)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await informers.stop()

    async def step(self, longest=60.0):
        """Move the clock from timer to timer until somebody has written; return what was written."""
        end = self.clock.now() + longest
        await self.clock.settle()
        while not self.journal.unread and self.clock.now() < end:
            await self.clock.step(end - self.clock.now())
        return self.journal.news()

    def create(self, source):
        """Create an object, or everything in a manifest, as `you`: in the namespace `default`, unless it names one."""
        found = [source] if isinstance(source, dict) else yaml.safe_load_all(Path(source).read_text(encoding="utf-8"))
        for obj in found:
            resource = resources.of_reference(obj)
            space = {"namespace": "default"} if resources.is_namespaced(resource) else {}
            self.you.create(resource, {**obj, "metadata": {**space, **obj["metadata"]}})

    def list(self, resource):
        """The objects of a resource in the namespace `default`, by name."""
        return self.you.list(resource, None if resource == "nodes" else "default")

    def look(self):
        """What is asked for, and what is reported: one line an object."""
        found = [row(obj) for resource in SHOWN for obj in self.list(resource)]
        return Table(["OBJECT", "SPEC", "STATUS"], found)


def loops(clock):
    """What can be started, by name: all from (client, informers, clock, random numbers)."""
    node = partial(_kubelet, Network(clock), ImageStore(catalogue()))
    return {**{kind.name: kind for kind in CONTROLLERS}, "scheduler": Scheduler, "kubelet": node}


def _kubelet(network, images, client, _, clock, rng):
    return Kubelet("node-1", client, clock, rng, network, images)


# -- what can be seen

SHOWN = ("nodes", "deployments.apps", "replicasets.apps", "pods")


class Table(list):
    """Rows that print in columns."""

    def __init__(self, head, rows):
        super().__init__([head, *rows])

    def __repr__(self):
        widths = [max(map(len, column)) for column in zip(*self, strict=True)]
        lines = ("   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in self)
        return "\n".join(line.rstrip() for line in lines)


def row(obj):
    """An object as [name, what its spec asks for, what its status reports]."""
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    if obj["kind"] == "Pod":
        asked, told = f"nodeName: {spec.get('nodeName', '-')}", f"phase: {status['phase']}"
    elif obj["kind"] == "Node":
        asked, told = "", "Ready" if objects.condition_true(obj, "Ready") else "not heard of yet"
    else:
        asked = f"replicas: {spec['replicas']}"
        told = (
            f"replicas: {status['replicas']}, ready: {status.get('readyReplicas', 0)}" if "replicas" in status else "-"
        )
    return [f"{obj['kind'].lower()}/{objects.name(obj)}", asked, "Terminating" if objects.deleting(obj) else told]
