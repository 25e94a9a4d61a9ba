"""Whose files are a Pod's: fsGroup and supplementary groups, through the real shell and its `id` and `ls`."""

import pytest

from tinykube.client import Client
from tinykube.cluster import Cluster

CONTEXT = {"runAsUser": 1000, "runAsGroup": 3000, "fsGroup": 2000, "supplementalGroups": [4000]}


@pytest.fixture
async def cluster():
    found = Cluster()
    await found.start()
    yield found
    await found.stop()


async def said(cluster, script, volume, context=CONTEXT):
    """What a script prints in a Pod with a volume at /data."""
    client = Client(cluster.api)
    client.create("configmaps", {"metadata": {"name": "cm", "namespace": "default"}, "data": {"key": "value"}})
    mounts = [{"name": "data", "mountPath": "/data"}]
    container = {"name": "c", "image": "busybox:1.36", "command": ["sh", "-c", script], "volumeMounts": mounts}
    spec = {"restartPolicy": "Never", "securityContext": context, "containers": [container]}
    spec["volumes"] = [{"name": "data", **volume}]
    client.create("pods", {"metadata": {"name": "p", "namespace": "default"}, "spec": spec})
    await cluster.clock.advance(10)
    log = cluster.kubelets["practice-control-plane"].logs("default", "p", "c", {})
    return b"".join([chunk async for chunk in log]).decode()


async def test_id_prints_every_group(cluster):
    assert await said(cluster, "id; id -G", {"emptyDir": {}}) == (
        "uid=1000 gid=3000 groups=2000,3000,4000\n2000 3000 4000\n"
    )


async def test_an_empty_dir_belongs_to_the_group_and_hands_it_down(cluster):
    script = "cd /data; touch file; mkdir dir; stat -c '%A %u %g' . file dir"
    assert await said(cluster, script, {"emptyDir": {}}) == (
        "drwxrwsrwx 0 2000\n-rw-r--r-- 1000 2000\ndrwxr-sr-x 1000 2000\n"
    )


async def test_the_group_may_read_what_its_owner_keeps_to_itself(cluster):
    volume = {"configMap": {"name": "cm", "defaultMode": 0o400}}
    assert await said(cluster, "stat -Lc '%A %g' /data/key; cat /data/key", volume) == "-r--r----- 2000\nvalue"


async def test_without_the_group_nobody_else_may(cluster):
    volume = {"configMap": {"name": "cm", "defaultMode": 0o400}}
    said_to_others = await said(cluster, "cat /data/key", volume, {"runAsUser": 1000})
    assert said_to_others == "cat: can't open '/data/key': Permission denied\n"
