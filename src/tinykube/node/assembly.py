"""Putting a node together: every part of the kubelet with what it needs from the others.

Law: only wiring. What survives a power failure (the Pods' dead containers, the node's disk) is handed over from the
parts of before.

Models pkg/kubelet/kubelet.go (NewMainKubelet).
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinykube import objects
from tinykube.errors import ApiError
from tinykube.node.backoff import Backoff
from tinykube.node.config import Configurator
from tinykube.node.deadline import MESSAGE, REASON, Deadlines
from tinykube.node.eviction import Evictions
from tinykube.node.fields import with_runtime_fields
from tinykube.node.killing import Killer
from tinykube.node.node_status import CAPACITY, Heart, Identity
from tinykube.node.payload import SetUpError, Sources
from tinykube.node.pleg import Pleg
from tinykube.node.pod_runtime import PodRuntime
from tinykube.node.pod_workers import PodWorkers
from tinykube.node.probe import Prober
from tinykube.node.probes import ProbeManager, Surroundings
from tinykube.node.pulls import ImageManager
from tinykube.node.resizing import Resizes
from tinykube.node.sandbox import AddressPool
from tinykube.node.starting import Starter
from tinykube.node.status_manager import StatusManager
from tinykube.node.volumes import VolumeManager
from tinykube.objects import Obj
from tinykube.runtime.network import Host

if TYPE_CHECKING:
    from tinykube.node.kubelet import Kubelet


@dataclass
class Parts:
    """The parts of a running kubelet."""

    who: Identity
    host: Host
    heart: Heart
    images: ImageManager
    volumes: VolumeManager
    runtime: PodRuntime
    pleg: Pleg
    workers: PodWorkers
    statuses: StatusManager
    probes: ProbeManager
    deadlines: Deadlines
    evictions: Evictions
    resizes: Resizes
    pool: AddressPool


def assemble(kubelet: Kubelet, before: Parts | None) -> Parts:
    """Make the parts; `before`: those of the same node before its power failed."""
    clock, rng = kubelet.clock, kubelet.rng
    who = before.who if before else _identity(kubelet)
    host = before.host if before else kubelet.network.add_host(who.ip, who.name)
    pool = before.pool if before else AddressPool(who.pod_prefix)
    images = ImageManager(clock, rng, kubelet.images)
    volumes = VolumeManager(
        clock, rng, lambda pod: _sources(kubelet, pod), lambda pod, message: _mount_failed(kubelet, pod, message)
    )
    starter = _starter(kubelet, who, host, images, volumes)
    runtime = PodRuntime(clock, rng, kubelet.network, host, pool, starter)
    if before:
        runtime.pods, volumes.host = before.runtime.pods, before.volumes.host
    pleg = Pleg(clock, runtime.view, lambda uid: _noticed(workers, runtime, uid), rng.random())
    workers = PodWorkers(clock, rng, pleg, kubelet, kubelet.gone)
    statuses = StatusManager(kubelet.client, clock, rng, workers.could_run)
    runtime.sandbox_ready = statuses.sandbox_ready
    around = Surroundings(
        clock, rng, Prober(clock, rng, host), statuses.get, kubelet.instance, kubelet.tell, kubelet.verdict
    )
    return Parts(
        who=who,
        host=host,
        heart=Heart(kubelet.client, clock, kubelet.images, who, kubelet.taints, kubelet.recorder),
        images=images,
        volumes=volumes,
        runtime=runtime,
        pleg=pleg,
        workers=workers,
        statuses=statuses,
        probes=ProbeManager(around),
        deadlines=Deadlines(clock, workers.poke, lambda pod: kubelet.recorder.event(pod, "Normal", REASON, MESSAGE)),
        evictions=Evictions(clock, volumes, runtime.disk_usage, kubelet.evict),
        resizes=before.resizes if before else Resizes(CAPACITY, kubelet.recorder.event),
        pool=pool,
    )


def _noticed(workers: PodWorkers, runtime: PodRuntime, uid: str) -> None:
    workers.poke(uid)
    runtime.prune(uid)


def _identity(kubelet: Kubelet) -> Identity:
    others = [objects.name(node) for node in kubelet.client.list("nodes")]
    return Identity(kubelet.name, len([n for n in others if n != kubelet.name]), objects.new_uid(kubelet.rng))


def _starter(kubelet: Kubelet, who: Identity, host: Host, images: ImageManager, volumes: VolumeManager) -> Starter:
    clock = kubelet.clock
    config = Configurator(
        clock=clock,
        find=lambda resource, namespace, name: find(kubelet, resource, namespace, name),
        services=lambda: kubelet.informers("services").all(),
        volumes=volumes,
        host_ip=who.ip,
        allocatable=CAPACITY,
    )
    return Starter(
        clock=clock,
        rng=kubelet.rng,
        images=images,
        config=config,
        killer=Killer(clock, host),
        backoff=Backoff(),
        tell=kubelet.tell,
        touched=kubelet.touched,
    )


def find(kubelet: Kubelet, resource: str, namespace: str, name: str) -> Obj | None:
    """An object of the API, or None."""
    with contextlib.suppress(ApiError):
        return kubelet.client.get(resource, namespace, name)
    return None


def _mount_failed(kubelet: Kubelet, pod: Obj, message: str) -> None:
    kubelet.recorder.event(pod, "Warning", "FailedMount", message)


def _sources(kubelet: Kubelet, pod: Obj) -> Sources:
    space = objects.namespace(pod)
    parts = kubelet.parts
    ip = parts.runtime.view(objects.uid(pod)).ips if parts else ()
    return Sources(
        pod=with_runtime_fields(pod, parts.who.ip if parts else "", list(ip)),
        config_map=lambda name: find(kubelet, "configmaps", space, name),
        secret=lambda name: find(kubelet, "secrets", space, name),
        token=lambda spec: _token(kubelet, pod, spec),
        allocatable=CAPACITY,
        claimed=lambda name: _claimed(kubelet, pod, name),
    )


def _claimed(kubelet: Kubelet, pod: Obj, name: str) -> Obj:
    """The spec of the volume that a claim of the Pod is bound to."""
    claim = find(kubelet, "persistentvolumeclaims", objects.namespace(pod), name)
    if claim is None:
        raise SetUpError(f'failed to fetch PVC from API server: persistentvolumeclaims "{name}" not found')
    if objects.dig(claim, "status", "phase") != "Bound":
        raise SetUpError("PVC is not bound")
    volume = find(kubelet, "persistentvolumes", "", claim["spec"]["volumeName"])
    if volume is None:
        raise SetUpError(f'persistentvolumes "{claim["spec"]["volumeName"]}" not found')
    found: Obj = volume["spec"]
    return found


def _token(kubelet: Kubelet, pod: Obj, spec: Obj) -> str:
    """A token for the Pod's service account, bound to the Pod (TokenRequest)."""
    account = pod["spec"].get("serviceAccountName") or "default"
    bound = {"apiVersion": "v1", "kind": "Pod", "name": objects.name(pod), "uid": objects.uid(pod)}
    request: Obj = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "metadata": {"name": account, "namespace": objects.namespace(pod)},
        "spec": {
            "audiences": [spec["audience"]] if spec.get("audience") else [],
            "expirationSeconds": spec.get("expirationSeconds", 3600),
            "boundObjectRef": bound,
        },
    }
    try:
        answer = kubelet.client.create_sub("serviceaccounts", "token", objects.namespace(pod), account, request)
    except ApiError as problem:
        raise SetUpError(f"failed to fetch token: {problem}") from None
    return str(objects.dig(answer, "status", "token", default=""))
