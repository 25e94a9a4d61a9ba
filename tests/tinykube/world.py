"""A control plane in a test: store, API, informers, controllers and scheduler on a stepped clock, with a kubelet that
only pretends.

The pretended kubelet makes every Pod that has a node Running and Ready after `start_seconds`, ends the Pods of Jobs
after `run_seconds` with the exit code in their annotation `exit`, and lets deleted Pods go after `stop_seconds`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from typing import Any

from tinykube import objects
from tinykube.api import ApiServer
from tinykube.client import Client, Events
from tinykube.clock import Clock
from tinykube.controllers import CONTROLLERS, Controller, resources
from tinykube.errors import ApiError
from tinykube.informer import Informer, Informers
from tinykube.objects import Obj
from tinykube.scheduler import Scheduler
from tinykube.store import Store

RESOURCES = {
    "Pod": "pods",
    "Service": "services",
    "Namespace": "namespaces",
    "Node": "nodes",
    "ConfigMap": "configmaps",
    "PersistentVolume": "persistentvolumes",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "StorageClass": "storageclasses.storage.k8s.io",
    "Deployment": "deployments.apps",
    "ReplicaSet": "replicasets.apps",
    "ReplicationController": "replicationcontrollers",
    "StatefulSet": "statefulsets.apps",
    "DaemonSet": "daemonsets.apps",
    "Job": "jobs.batch",
    "CronJob": "cronjobs.batch",
    "ResourceQuota": "resourcequotas",
    "PodDisruptionBudget": "poddisruptionbudgets.policy",
    "HorizontalPodAutoscaler": "horizontalpodautoscalers.autoscaling",
    "Endpoints": "endpoints",
    "EndpointSlice": "endpointslices.discovery.k8s.io",
}


CLUSTER_SCOPED = ("Namespace", "Node", "PersistentVolume", "StorageClass")


def node(name: str, cpu: str = "64", **spec: Any) -> Obj:
    """A node that is ready and has room."""
    capacity = {"cpu": cpu, "memory": "256Gi", "pods": "6000", "ephemeral-storage": "1Ti"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
        "spec": spec,
        "status": {
            "capacity": capacity,
            "allocatable": capacity,
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
        },
    }


class Lagging(Informer):
    """An informer that shows changes late, each by another while."""

    def __init__(self, client: Client, resource: str, clock: Clock, rng: random.Random) -> None:
        super().__init__(client, resource)
        self._clock, self._rng = clock, rng

    async def _follow(self, watch: Events) -> None:
        async for type_, obj in watch:
            await self._clock.sleep(self._rng.choice([0, 0, 0, 0.01, 0.3, 2]))
            (self._remove if type_ == "DELETED" else self._put)(obj)


class LaggingInformers(Informers):
    """Informers that all lag."""

    def __init__(self, client: Client, clock: Clock, rng: random.Random) -> None:
        super().__init__(client)
        self._clock, self._rng = clock, rng

    def __call__(self, resource: str, field_selector: str = "") -> Informer:
        if (resource, field_selector) not in self._informers:
            self._informers[resource, field_selector] = Lagging(self._client, resource, self._clock, self._rng)
        return self._informers[resource, field_selector]


class Kubelet:
    """Says what a kubelet would say, without running anything."""

    def __init__(self, world: World) -> None:
        self._world, self._clock = world, world.clock
        self._client = Client(world.api, "system:node:pretended")
        self._started: set[str] = set()
        self._stopping: set[str] = set()
        self._address = 1
        self.broken_images: set[str] = set()
        """Pods with these images never become ready."""
        self.dead_nodes: set[str] = set()
        """Nodes whose kubelet has fallen silent."""
        self.start_seconds, self.stop_seconds, self.run_seconds = 1.0, 1.0, 2.0
        self.failing = False
        """Whether programs that end now fail, whatever their annotation says."""

    def watch(self, informers: Informers) -> None:
        """Follow the Pods, and keep the nodes' leases fresh."""
        self._pods = informers("pods")
        self._pods.on_change(self._seen, lambda _, new: self._seen(new))
        self._beat()

    def revive(self, name: str) -> None:
        """A silent node's kubelet comes back, says so, and then looks at its Pods."""
        self.dead_nodes.discard(name)
        self._beat_once(name)
        self._clock.call_later(5.0, lambda: self._look_again(name))

    def _look_again(self, name: str) -> None:
        for pod in self._pods.all():
            if pod["spec"].get("nodeName") == name and phase(pod) not in ("Failed", "Succeeded"):
                self._started.discard(objects.uid(pod))
                self._seen(pod)

    def _beat(self) -> None:
        for found in self._world.all("Node"):
            if objects.name(found) not in self.dead_nodes:
                self._beat_once(objects.name(found))
        self._clock.call_later(10.0, self._beat)

    def _beat_once(self, name: str) -> None:
        spec = {"renewTime": objects.rfc3339_micro(self._clock.now()), "leaseDurationSeconds": 40}
        found = self._world.get("Node", name)
        if not objects.condition_true(found, "Ready"):
            ready = {"type": "Ready", "status": "True", "reason": "KubeletReady"}
            self._client.update_status("nodes", {**found, "status": {**found["status"], "conditions": [ready]}})
        try:
            self._client.patch("leases.coordination.k8s.io", "kube-node-lease", name, {"spec": spec})
        except ApiError:
            meta = {"name": name, "namespace": "kube-node-lease"}
            lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": meta, "spec": spec}
            self._client.create("leases.coordination.k8s.io", lease)

    def _seen(self, pod: Obj) -> None:
        uid, host = objects.uid(pod), pod["spec"].get("nodeName")
        if not host or host in self.dead_nodes:
            return
        if objects.deleting(pod) and uid not in self._stopping:
            self._stopping.add(uid)
            self._clock.call_later(self.stop_seconds, lambda: self._gone(pod))
        elif uid not in self._started and not objects.deleting(pod):
            self._started.add(uid)
            self._clock.call_later(self.start_seconds, lambda: self._run(pod))

    def _gone(self, pod: Obj) -> None:
        if pod["spec"]["nodeName"] in self.dead_nodes:
            self._stopping.discard(objects.uid(pod))
            return
        try:
            self._client.delete("pods", objects.namespace(pod), objects.name(pod), uid=objects.uid(pod), grace_period=0)
        except ApiError as refused:
            if refused.code not in (404, 409):
                raise

    def _run(self, pod: Obj) -> None:
        image = pod["spec"]["containers"][0]["image"]
        if image in self.broken_images or pod["spec"]["nodeName"] in self.dead_nodes:
            return
        self._address += 1
        address = f"10.244.{self._address // 256}.{self._address % 256}"
        self._set(pod, "Running", ready=True, podIP=address, podIPs=[{"ip": address}])
        if pod["spec"]["restartPolicy"] != "Always":
            self._clock.call_later(self.run_seconds, lambda: self._end(pod))

    def _end(self, pod: Obj) -> None:
        if pod["spec"]["nodeName"] in self.dead_nodes:
            return
        code = 1 if self.failing else int(objects.annotations(pod).get("exit", "0"))
        now = objects.rfc3339(self._clock.now())
        ended = {"exitCode": code, "reason": "Error" if code else "Completed", "startedAt": now, "finishedAt": now}
        self._set(pod, "Failed" if code else "Succeeded", ready=False, state={"terminated": ended})

    def _set(self, pod: Obj, phase: str, *, ready: bool, state: Obj | None = None, **more: Any) -> None:
        now = objects.rfc3339(self._clock.now())
        try:
            current = objects.copy(self._client.get("pods", objects.namespace(pod), objects.name(pod)))
        except ApiError:
            return
        if objects.uid(current) != objects.uid(pod):
            return
        status = current.setdefault("status", {})
        others = [c for c in status.get("conditions", []) if c["type"] != "Ready"]
        condition = {"type": "Ready", "status": "True" if ready else "False", "lastTransitionTime": now}
        container = current["spec"]["containers"][0]
        status.update(phase=phase, conditions=[*others, condition], startTime=now, **more)
        status["containerStatuses"] = [
            {
                "name": container["name"],
                "image": container["image"],
                "imageID": "",
                "ready": ready,
                "restartCount": 0,
                "state": state or {"running": {"startedAt": now}},
            }
        ]
        self._client.update_status("pods", current)


class World:
    """The control plane, and what a test does with it."""

    def __init__(
        self,
        seed: int = 1,
        nodes: Iterable[Obj] = (),
        controllers: Iterable[type[Controller]] = CONTROLLERS,
        *,
        lagging: bool = False,
    ) -> None:
        self.clock = Clock()
        self.rng = random.Random(seed)
        self.store = Store()
        self.api = ApiServer(self.store, self.clock, self.rng)
        self.client = Client(self.api)
        self.controllers = tuple(controllers)
        self.lagging = lagging
        self.kubelet = Kubelet(self)
        self._kubelets = Informers(Client(self.api, "system:nodes"))
        self._nodes = list(nodes) or [node("node-1")]
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def start(self) -> World:
        """Bring everything up."""
        self.api.bootstrap()
        for each in self._nodes:
            created = self.client.create("nodes", {**each, "status": {}})
            self.client.update_status("nodes", {**created, "status": each["status"]})
        self.kubelet.watch(self._kubelets)
        self.watch_replica_sets()
        self._kubelets.start()
        await self.start_control_plane()
        return self

    async def start_control_plane(self) -> None:
        """Start the controllers and the scheduler with empty memory."""
        client = Client(self.api, "system:kube-controller-manager")
        lag = random.Random(self.rng.random())
        self.informers = LaggingInformers(client, self.clock, lag) if self.lagging else Informers(client)
        self.running: dict[str, Any] = {}
        for kind in self.controllers:
            client = Client(self.api, f"system:serviceaccount:kube-system:{kind.name}")
            self.running[kind.name] = kind(client, self.informers, self.clock, self.rng)
        client = Client(self.api, "system:kube-scheduler")
        self.running["scheduler"] = Scheduler(client, self.informers, self.clock, self.rng)
        for name, part in self.running.items():
            self._tasks[name] = asyncio.create_task(part.run(), name=name)
        self.informers.start()
        await self.clock.settle()

    async def stop_control_plane(self) -> None:
        """Drop the controllers and everything they remember; the store is kept."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()
        await self.informers.stop()

    async def restart_control_plane(self) -> None:
        """What a crash of kube-controller-manager and kube-scheduler does."""
        await self.stop_control_plane()
        await self.start_control_plane()

    async def stop(self) -> None:
        """End every task."""
        await self.stop_control_plane()
        await self._kubelets.stop()

    # -- what a test does

    def create(self, obj: Obj) -> Obj:
        """Create an object, in the namespace `default` unless it says otherwise."""
        obj = objects.copy(obj)
        if obj["kind"] not in CLUSTER_SCOPED:
            obj.setdefault("metadata", {}).setdefault("namespace", "default")
        return self.client.create(RESOURCES[obj["kind"]], obj)

    def get(self, kind: str, name: str, namespace: str = "default") -> Obj:
        """An object as the API has it."""
        return self.client.get(RESOURCES[kind], "" if kind in CLUSTER_SCOPED else namespace, name)

    def all(self, kind: str, namespace: str = "default") -> list[Obj]:
        """The objects of a kind."""
        return self.client.list(RESOURCES[kind], None if kind in CLUSTER_SCOPED else namespace)

    def pods(self, **labels: str) -> list[Obj]:
        """The Pods with these labels that are neither finished nor being deleted."""
        found = (p for p in self.all("Pod") if objects.matches_labels(labels, objects.labels(p)))
        return [p for p in found if not objects.deleting(p) and phase(p) not in ("Failed", "Succeeded")]

    def change(self, kind: str, name: str, change: Obj, namespace: str = "default") -> Obj:
        """Merge a change into an object."""
        return self.client.patch(RESOURCES[kind], "" if kind in CLUSTER_SCOPED else namespace, name, change)

    def delete(self, kind: str, name: str, namespace: str = "default", **options: Any) -> None:
        """Delete an object."""
        where = "" if kind in CLUSTER_SCOPED else namespace
        self.client.delete(RESOURCES[kind], where, name, **options)

    async def run(self, seconds: float) -> None:
        """Let time pass."""
        await self.clock.advance(seconds)

    def watch_pods(self) -> Informer:
        """An informer of the Pods that never lags."""
        return self._kubelets("pods")

    def watch_replica_sets(self) -> Informer:
        """An informer of the ReplicaSets that never lags."""
        return self._kubelets("replicasets.apps")

    def watch_writes(self) -> None:
        """Take note of writes from now on, but for heartbeats and events, which expire."""
        watched = (r for r in resources.COLLECTED if r != "leases.coordination.k8s.io")
        self._watches = [self.store.watch(resource) for resource in watched]

    def written(self) -> list[str]:
        """What has been written since `watch_writes`."""
        seen = [(type_, obj) for watch in self._watches for type_, obj in watch.poll()]
        return [f"{type_} {obj['kind']} {objects.key(obj)}" for type_, obj in seen]

    def events(self, name: str = "", reason: str = "") -> list[str]:
        """Messages of the events about an object, in order."""
        found = self.client.list("events", "default")
        return [
            e["message"]
            for e in sorted(found, key=lambda e: int(e["metadata"]["resourceVersion"]))
            if (not name or e["involvedObject"]["name"] == name) and (not reason or e["reason"] == reason)
        ]


def phase(pod: Obj) -> str:
    """status.phase."""
    return objects.dig(pod, "status", "phase", default="")


def pod_spec(image: str = "nginx:1.27", **more: Any) -> Obj:
    """A Pod spec with one container."""
    return {"containers": [{"name": "main", "image": image}], **more}


def workload(kind: str, name: str = "web", replicas: int | None = 3, image: str = "nginx:1.27", **spec: Any) -> Obj:
    """A Deployment, ReplicaSet, StatefulSet or DaemonSet whose Pods carry app=NAME."""
    labels = {"app": name}
    body: Obj = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod_spec(image)},
        **spec,
    }
    if replicas is not None:
        body["replicas"] = replicas
    if kind == "StatefulSet":
        body.setdefault("serviceName", name)
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "labels": labels}, "spec": body}


def job(name: str = "job", code: int = 0, **spec: Any) -> Obj:
    """A Job whose Pods end with that exit code."""
    template = {"metadata": {"annotations": {"exit": str(code)}}, "spec": pod_spec("busybox", restartPolicy="Never")}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": {"template": template, **spec}}
