"""What the node says of itself: its Node object, and the heartbeats that keep it Ready.

Law: the object is made once; afterwards only conditions' heartbeat times and the Lease change.

Models pkg/kubelet/kubelet_node_status.go and k8s.io/component-helpers/apimachinery/lease.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from tinykube.client import Client
from tinykube.clock import Clock, Timer
from tinykube.errors import ApiError
from tinykube.events import Recorder
from tinykube.objects import Obj, rfc3339, rfc3339_micro
from tinykube.runtime.images import Image, ImageStore

LEASE_SECONDS, RENEW_SECONDS = 40, 10.0
STATUS_SECONDS = 300.0
"""Seconds between two status updates in which nothing changed (nodeStatusReportFrequency)."""
VERSION = "v1.36.2"
CAPACITY: dict[str, str] = {
    "cpu": "4",
    "ephemeral-storage": "65736140Ki",
    "hugepages-1Gi": "0",
    "hugepages-2Mi": "0",
    "memory": "8139980Ki",
    "pods": "110",
}
_CONDITIONS = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)


@dataclass(frozen=True)
class Identity:
    """Who the node is. `number` tells the nodes of a cluster apart and picks their addresses, from 0."""

    name: str
    number: int
    uid: str

    @property
    def ip(self) -> str:
        """The node's own address."""
        return f"172.18.0.{2 + self.number}"

    @property
    def pod_prefix(self) -> str:
        """The first three numbers of its Pods' addresses."""
        return f"10.244.{self.number}"


def node_labels(who: Identity) -> dict[str, str]:
    """The labels that the node gives itself."""
    labels = {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": who.name,
        "kubernetes.io/os": "linux",
    }
    if who.name.endswith("control-plane"):
        role, no_balancer = "node-role.kubernetes.io/control-plane", "exclude-from-external-load-balancers"
        labels |= {role: "", f"node.kubernetes.io/{no_balancer}": ""}
    return labels


def node_object(who: Identity, images: ImageStore, now: float, taints: Sequence[Obj] = ()) -> Obj:
    """The Node as the kubelet registers it."""
    spec: Obj = {
        "podCIDR": f"{who.pod_prefix}.0/24",
        "podCIDRs": [f"{who.pod_prefix}.0/24"],
        "providerID": f"practice://{who.name}",
    }
    if taints:
        spec["taints"] = list(taints)
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": who.name,
            "labels": node_labels(who),
            "annotations": {
                "node.alpha.kubernetes.io/ttl": "0",
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
        },
        "spec": spec,
        "status": node_status(who, images, now),
    }


def node_status(who: Identity, images: ImageStore, now: float, before: Sequence[Obj] = ()) -> Obj:
    """The Node's status; conditions that did not change keep the times of `before`."""
    return {
        "addresses": [{"type": "InternalIP", "address": who.ip}, {"type": "Hostname", "address": who.name}],
        "allocatable": dict(CAPACITY),
        "capacity": dict(CAPACITY),
        "conditions": [_condition(c, now, before) for c in _CONDITIONS],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "images": [_image(i) for i in images.images],
        "nodeInfo": _node_info(who),
        "runtimeHandlers": [{"features": {"recursiveReadOnlyMounts": True, "userNamespaces": True}, "name": ""}],
    }


def _condition(entry: tuple[str, str, str, str], now: float, before: Sequence[Obj]) -> Obj:
    kind, status, reason, message = entry
    old = next((c for c in before if c["type"] == kind and c["status"] == status), {})
    return {
        "type": kind,
        "status": status,
        "lastHeartbeatTime": rfc3339(now),
        "lastTransitionTime": old.get("lastTransitionTime") or rfc3339(now),
        "reason": reason,
        "message": message,
    }


def _image(image: Image) -> Obj:
    names = [f"{image.repository}:{tag}" for tag in image.tags]
    return {"names": [image.digest, *names], "sizeBytes": image.size}


def _node_info(who: Identity) -> Obj:
    return {
        "architecture": "amd64",
        "bootID": who.uid,
        "containerRuntimeVersion": "containerd://2.1.4",
        "kernelVersion": "6.12.0",
        "kubeProxyVersion": "",
        "kubeletVersion": VERSION,
        "machineID": who.uid.replace("-", ""),
        "operatingSystem": "linux",
        "osImage": "tinykube practice node",
        "systemUUID": who.uid,
    }


def _ready(node: Obj) -> bool:
    return all(c["status"] == "True" for c in node["status"].get("conditions", ()) if c["type"] == "Ready")


class Heart:
    """Registers the node and keeps saying that it lives."""

    def __init__(
        self,
        client: Client,
        clock: Clock,
        images: ImageStore,
        who: Identity,
        taints: Sequence[Obj],
        recorder: Recorder,
    ) -> None:
        self._client, self._clock, self._images, self.who, self._taints = client, clock, images, who, taints
        self._recorder = recorder
        self._timer: Timer | None = None
        self._reported = 0.0
        self._cordoned = False

    def start(self) -> None:
        """Register, and beat from now on."""
        with contextlib.suppress(ApiError):  # it is there already: the node has come back
            self._client.create("nodes", node_object(self.who, self._images, self._clock.now(), self._taints))
        self._reported = 0.0
        self._beat()

    def stop(self) -> None:
        """Fall silent."""
        if self._timer is not None:
            self._timer.cancel()

    def _beat(self) -> None:
        self._timer = self._clock.call_later(RENEW_SECONDS, self._beat)
        with contextlib.suppress(ApiError):
            self._renew_lease()
            node = self._client.get("nodes", "", self.who.name)
            self._note_cordon(bool(node["spec"].get("unschedulable")))
            if self._clock.now() - self._reported >= STATUS_SECONDS or not _ready(node):
                self._report(node)

    def _note_cordon(self, cordoned: bool) -> None:
        """Say that the node was cordoned or uncordoned; what a kubelet says of its node names it for a UID, too."""
        if cordoned == self._cordoned:
            return
        self._cordoned, name = cordoned, self.who.name
        reason = "NodeNotSchedulable" if cordoned else "NodeSchedulable"
        about = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "uid": name}}
        self._recorder.event(about, "Normal", reason, f"Node {name} status is now: {reason}")

    def _report(self, node: Obj) -> None:
        self._reported = self._clock.now()
        fresh = node_status(self.who, self._images, self._clock.now(), node["status"].get("conditions") or ())
        self._client.update_status("nodes", node | {"status": node["status"] | fresh})

    def _renew_lease(self) -> None:
        spec = {
            "holderIdentity": self.who.name,
            "leaseDurationSeconds": LEASE_SECONDS,
            "renewTime": rfc3339_micro(self._clock.now()),
        }
        try:
            self._client.patch("leases.coordination.k8s.io", "kube-node-lease", self.who.name, {"spec": spec})
        except ApiError as problem:
            if problem.code != 404:
                raise
            meta = {"name": self.who.name, "namespace": "kube-node-lease"}
            lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": meta, "spec": spec}
            self._client.create("leases.coordination.k8s.io", lease)
