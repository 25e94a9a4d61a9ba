"""Run a recorded scenario on a practice cluster, with the real kubectl, on the stepped clock.

The cluster and its server live in this process; kubectl is a process of its own. Time stands still while kubectl
works and moves while it waits, so a scenario of two minutes takes seconds and always goes the same way.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.parity import facts

from kubelab import quiet
from tinykube.cluster import Cluster
from tinykube.server import Server

NAMESPACE = "recorded"
WATCHED = (
    "pods",
    "replicasets.apps",
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "jobs.batch",
    "cronjobs.batch",
    "services",
    "endpointslices.discovery.k8s.io",
    "events",
    "configmaps",
    "secrets",
)
COMMAND_TAKES = 0.15
"""Seconds of the cluster's time that a kubectl command takes, as on the recorded machine."""
QUIET = 0.04
"""Wall seconds without a sign of life after which kubectl counts as waiting."""


def kubectl_path() -> str | None:
    """The kubectl to test with: the one that set-up put beside this Python, else the one on the path."""
    return shutil.which("kubectl", path=str(Path(os.sys.executable).parent)) or shutil.which("kubectl")


class Runner:
    """A running practice cluster and a kubectl that is set up for it."""

    def __init__(self, cluster: Cluster, server: Server, kubectl: str) -> None:
        self.cluster, self.server, self.kubectl = cluster, server, kubectl

    async def run(self, scenario: dict[str, Any]) -> dict[str, Any]:
        """Do a recording's steps; return what happened, in the same form."""
        await self.call("create", "namespace", NAMESPACE)
        await self._advance(3)
        watches = [self.cluster.store.watch(resource, NAMESPACE) for resource in WATCHED]
        steps = [await self._step(step) for step in scenario["steps"]]
        await self._advance(1)
        changes = [_change(type_, obj) for watch in watches for type_, obj in watch.poll()]
        return {
            "steps": steps,
            "finals": dict(facts.finals(self._final_objects())),
            "lives": facts.lives(changes),
            "events": dict(facts.events(changes)),
        }

    def _final_objects(self) -> dict[str, list[facts.Obj]]:
        kept = {}
        for resource in WATCHED:
            items = [o for o in self.cluster.store.list(resource, NAMESPACE) if resource != "events"]
            items = [o for o in items if o["metadata"]["name"] != "kube-root-ca.crt"]
            if items:
                kept[resource] = [_plain(item) for item in items]
        return kept

    async def _step(self, step: dict[str, Any]) -> dict[str, Any]:
        done = {key: step[key] for key in ("do", "args", "manifest", "seconds", "get", "wanted") if key in step}
        if step["do"] == "wait":
            await self._advance(step["seconds"])
        elif step["do"] == "until":
            await self._until(step["get"], step["wanted"])
        else:
            args = [step["do"], "-f", "-"] if "manifest" in step else shlex.split(step["args"])
            args = [arg.replace("{ns}", NAMESPACE) for arg in args]
            code, output = await self.call("-n", NAMESPACE, *args, stdin=step.get("manifest"))
            done |= {"rc": code, "lines": facts.lines(output.replace(NAMESPACE, "NAMESPACE"))}
        return done

    async def _until(self, get: str, wanted: str) -> None:
        for _ in range(400):
            _, output = await self.call("-n", NAMESPACE, "get", *shlex.split(get))
            if output == wanted:
                return
            await self._advance(0.3)

    async def call(self, *args: str, stdin: str | None = None) -> tuple[int, str]:
        """Run kubectl; while it waits, time passes. Returns its exit code and everything it printed."""
        process = await asyncio.create_subprocess_exec(
            self.kubectl,
            "--kubeconfig",
            str(self.server.kubeconfig),
            *args,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        talk = asyncio.create_task(process.communicate(stdin.encode() if stdin else None))
        told = -1
        while not talk.done():
            await asyncio.wait([talk], timeout=QUIET)
            if await self._waits(process.pid) and self.server.load()["traffic"] == told:
                await self.cluster.clock.step(0.25)
            told = self.server.load()["traffic"]  # told something, it may still be thinking
        output, _ = await talk
        await self._advance(COMMAND_TAKES)
        return process.returncode or 0, output.decode()

    async def _waits(self, kubectl: int) -> bool:
        """Whether kubectl has asked something that takes time, and does nothing itself; on a busy machine it may be
        about to."""
        return bool(self.server.load()["waiting"]) and await asyncio.to_thread(quiet.wait_until_quiet, kubectl)

    async def _advance(self, seconds: float) -> None:
        await self.cluster.clock.advance(seconds)


def _change(type_: str, obj: facts.Obj) -> facts.Obj:
    shown = facts.event_project(obj) if obj["kind"] == "Event" else facts.project(obj)
    return {"type": type_, "kind": obj["kind"], "name": obj["metadata"]["name"], "is": _named(shown)}


def _named(value: Any) -> Any:
    """With the namespace's name replaced, as in the recordings."""
    if isinstance(value, dict):
        return {key: _named(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_named(inner) for inner in value]
    return value.replace(NAMESPACE, "NAMESPACE") if isinstance(value, str) else value


def _plain(item: facts.Obj) -> facts.Obj:
    return _named({**item, "metadata": {k: v for k, v in item["metadata"].items() if k != "managedFields"}})


@contextlib.asynccontextmanager
async def runner(directory: Path, kubectl: str) -> AsyncIterator[Runner]:
    """A fresh practice cluster in this process, stopped in the end."""
    cluster = Cluster("practice")
    server = Server(cluster.api, cluster.clock, directory, name="practice")
    await cluster.start()
    await cluster.clock.advance(5)
    await server.start()
    try:
        yield Runner(cluster, server, kubectl)
    finally:
        await server.stop()
        await cluster.stop()
