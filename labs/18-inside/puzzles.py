"""Clusters that are nearly whole: in each, one loop does not run."""

from bare import Bare

from tinykube import objects

ENOUGH = ("deployment-controller", "replicaset-controller", "scheduler", "kubelet", "generic-garbage-collector")
"""The loops that a Deployment needs, from its first day to its last."""


async def whole(*, without=""):
    """A cluster with a node and the Deployment `shop`, in which all loops run but one."""
    cluster = Bare()
    cluster.create("manifests/node.yaml")
    for name in ENOUGH:
        if name != without:
            await cluster.start(name)
    cluster.create("manifests/shop.yaml")
    await cluster.clock.advance(60)
    return cluster


async def puzzle(letter):
    """The cluster "a", "b", "c" or "d": one of its loops is missing."""
    return await {"a": _never_placed, "b": _never_scaled, "c": _never_started, "d": _never_cleared}[letter]()


async def _never_placed():
    return await whole(without="scheduler")


async def _never_scaled():
    cluster = await whole()
    await cluster.stop("deployment-controller")
    cluster.you.patch("deployments.apps", "default", "shop", {"spec": {"replicas": 4}})
    await cluster.clock.advance(60)
    return cluster


async def _never_started():
    return await whole(without="kubelet")


async def _never_cleared():
    cluster = await whole(without="generic-garbage-collector")
    cluster.you.delete("deployments.apps", "default", "shop")
    await cluster.clock.advance(60)
    return cluster


def amiss(cluster):
    """What is not as it should be, as a sentence; "" if all is well."""
    sets, pods = cluster.list("replicasets.apps"), cluster.list("pods")
    deployments = cluster.list("deployments.apps")
    known = {objects.uid(one) for one in (*deployments, *sets)}
    for one in (*sets, *pods):
        if (objects.controller_of(one) or {}).get("uid") not in known:
            return f"{objects.name(one)} is still there, and its owner is gone."
    for one in (*deployments, *sets):
        ready = one["status"].get("readyReplicas", 0)
        if ready != one["spec"]["replicas"]:
            return f"the {one['kind']} {objects.name(one)} wants {one['spec']['replicas']} Pods, and {ready} are ready."
    return ""
