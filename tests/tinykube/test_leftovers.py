"""Deleting everything leaves nothing: no task, thread, open file, network host or memory of a Pod."""

import asyncio
import os
import threading
from pathlib import Path

import yaml

from tinykube.client import Client
from tinykube.cluster import Cluster
from tinykube.server import Server

EVERYTHING = """
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers:
      - {name: side, image: busybox, restartPolicy: Always, command: [sh, -c, 'while true; do sleep 1; done']}
      containers:
      - name: web
        image: nginx
        readinessProbe: {httpGet: {port: 80}, periodSeconds: 1}
        livenessProbe: {exec: {command: [cat, /etc/hosts]}}
        lifecycle: {preStop: {sleep: {seconds: 2}}}
---
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 2
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: db, image: busybox, command: [sh, -c, 'nc -l -p 5432 & tail -F /log']}]
---
kind: CronJob
metadata: {name: tick}
spec:
  schedule: '* * * * *'
  jobTemplate:
    spec: {template: {spec: {restartPolicy: Never, containers: [{name: t, image: busybox, command: [date]}]}}}
---
kind: Job
metadata: {name: crash}
spec: {template: {spec: {restartPolicy: OnFailure, containers: [{name: c, image: busybox, command: ['false']}]}}}
---
kind: Pod
metadata: {name: stuck}
spec:
  volumes: [{name: v, configMap: {name: missing}}]
  containers: [{name: c, image: 'example.invalid/none', volumeMounts: [{name: v, mountPath: /v}]}]
---
kind: Pod
metadata: {name: stubborn}
spec: {containers: [{name: c, image: busybox, command: [sh, -c, 'trap "" TERM; while true; do sleep 1; done']}]}
---
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80}]}
"""
RESOURCES = {
    "Deployment": "deployments.apps",
    "StatefulSet": "statefulsets.apps",
    "CronJob": "cronjobs.batch",
    "Job": "jobs.batch",
    "Pod": "pods",
    "Service": "services",
}


def held(cluster):
    """What a running cluster holds on to, by name."""
    parts = cluster.kubelets["practice-control-plane"].parts
    return {
        "tasks": {task.get_name() for task in asyncio.all_tasks()},
        "threads": set(threading.enumerate()),
        "files": set(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else set(),
        "hosts": set(cluster.network.hosts),
        "pods": set(parts.runtime.pods),
        "memories": {name: keys for name, keys in memories(parts, "parts", set()) if keys},
    }


def memories(part, name, seen):
    """The keys of every dict and set that the node's parts have, however deep."""
    if id(part) in seen or not type(part).__module__.startswith("tinykube.node"):
        return
    seen.add(id(part))
    names = getattr(part, "__dict__", {})
    for attribute, value in names.items():
        if isinstance(value, dict | set):
            yield f"{name}.{attribute}", set(value)
        yield from memories(value, f"{name}.{attribute}", seen)


async def test_deleting_everything_leaves_no_task_thread_file_or_memory(tmp_path):
    cluster = Cluster()
    server = Server(cluster.api, cluster.clock, tmp_path / "state", name="practice")
    before = asyncio.all_tasks(), set(threading.enumerate())
    await cluster.start()
    await server.start()
    await cluster.clock.advance(3)
    client, empty = Client(cluster.api), held(cluster)

    manifests = list(yaml.safe_load_all(EVERYTHING))
    for obj in manifests:
        client.create(RESOURCES[obj["kind"]], {**obj, "metadata": {**obj["metadata"], "namespace": "default"}})
    await cluster.clock.advance(150)
    assert len(held(cluster)["pods"]) > 6
    assert sum(bool(keys) for keys in held(cluster)["memories"].values()) > 8
    for obj in manifests:
        client.delete(RESOURCES[obj["kind"]], "default", obj["metadata"]["name"], propagation="Foreground")
    await cluster.clock.advance(120)
    assert client.list("pods") == []
    assert held(cluster) == empty

    await server.stop()
    await cluster.stop()
    await asyncio.sleep(0)
    assert (asyncio.all_tasks(), set(threading.enumerate())) == before
    assert [path for path in (tmp_path / "state").rglob("*") if path.is_file()] == []
