"""A whole cluster in one process: boots every part in order, and stops them in reverse.

Law: only wiring. Read this file as the table of contents of tinykube.

Models what `kubeadm init` brings up: etcd, kube-apiserver, kube-controller-manager, kube-scheduler, a kubelet a
node, kube-proxy and CoreDNS.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from typing import Any

from tinykube.api import ApiServer
from tinykube.client import Client
from tinykube.clock import EPOCH, Clock
from tinykube.controllers import CONTROLLERS
from tinykube.images import catalogue
from tinykube.informer import Informers
from tinykube.node import Kubelet
from tinykube.node.dns import Dns
from tinykube.node.proxy import Proxy
from tinykube.runtime.images import ImageStore
from tinykube.runtime.network import Network
from tinykube.scheduler import Scheduler
from tinykube.store import Store

CONTROL_PLANE_TAINT = {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}
"""Keeps Pods off the control plane, as soon as there are workers for them (kubeadm)."""

CONTROL_PLANE_ADDRESS = "172.18.0.2"
"""The first node's, where the API would be found if a Pod could speak TLS."""


class Cluster:
    """The parts of a cluster. The same seed and the same requests give the same names, addresses and outputs."""

    def __init__(self, name: str = "practice", nodes: int = 1, seed: int = 1, start: float = EPOCH) -> None:
        self.name, self.nodes = name, nodes
        self.clock = Clock(start)
        self.rng = random.Random(seed)
        self.store = Store()
        self.api = ApiServer(self.store, self.clock, self.rng, CONTROL_PLANE_ADDRESS)
        self.network = Network(self.clock)
        self.images = ImageStore(catalogue())
        self.informers = Informers(self._client("system:kube-controller-manager"))
        self.kubelets = {node: self._kubelet(node) for node in node_names(name, nodes)}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Bring every part up and let the cluster settle."""
        self.api.bootstrap()
        self._start_control_plane()
        self._start_network()
        self.informers.start()
        for node in self.kubelets:
            self.start_node(node)
        await self.clock.settle()

    async def stop(self) -> None:
        """Stop every part; no task is left."""
        tasks = list(reversed(self._tasks.values()))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.informers.stop()
        self._tasks.clear()

    # -- nodes

    def start_node(self, node: str) -> None:
        """Start a node's kubelet, or start it again after `stop_node`."""
        self.api.nodes[node] = self.kubelets[node]
        self._spawn(f"kubelet {node}", self.kubelets[node].run())

    async def stop_node(self, node: str) -> None:
        """Make a node fall silent, as if its power had gone."""
        task = self._tasks.pop(f"kubelet {node}")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        self.api.nodes.pop(node, None)

    # -- wiring

    def _start_control_plane(self) -> None:
        for controller in CONTROLLERS:
            client = self._client(f"system:serviceaccount:kube-system:{controller.name}")
            self._spawn(controller.name, controller(client, self.informers, self.clock, self.rng).run())
        scheduler = Scheduler(self._client("system:kube-scheduler"), self.informers, self.clock, self.rng)
        self._spawn("scheduler", scheduler.run())

    def _start_network(self) -> None:
        Proxy(self.informers, self.network, self.rng).start()
        Dns(self.informers, self.network).start()

    def _kubelet(self, node: str) -> Kubelet:
        client = self._client(f"system:node:{node}")
        taints = [CONTROL_PLANE_TAINT] if self.nodes > 1 and node.endswith("-control-plane") else []
        return Kubelet(node, client, self.clock, self.rng, self.network, self.images, taints=taints)

    def _client(self, user: str) -> Client:
        return Client(self.api, user)

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks[name] = asyncio.create_task(work, name=name)


def node_names(cluster: str, nodes: int) -> list[str]:
    """The names kind gives to nodes: `practice-control-plane`, `practice-worker`, `practice-worker2` …"""
    workers = [f"{cluster}-worker{i if i > 1 else ''}" for i in range(1, nodes)]
    return [f"{cluster}-control-plane", *workers]
