"""Volumes as containers see them."""

import pytest
from tests.tinykube.node.conftest import container

from tinykube.node.config import tmpfs_size

MOUNT = {"volumeMounts": [{"name": "v", "mountPath": "/v"}]}


def config_map(**data):
    return {"kind": "ConfigMap", "metadata": {"name": "cfg"}, "data": data}


def files(machine, name="p", container="main"):
    uid = machine.pod(name)["metadata"]["uid"]
    return machine.kubelet.parts.runtime.pods[uid].latest(container).container.fs


async def running(machine, **spec):
    machine.run("sleep", "10000", **spec)
    await machine.clock.advance(3)
    assert machine.life()[-1].startswith("Running"), machine.events()
    return files(machine)


async def test_a_config_map_shows_its_keys_read_only_and_follows_updates(machine):
    machine.create(config_map(a="1", b="2"))
    fs = await running(machine, volumes=[{"name": "v", "configMap": {"name": "cfg"}}], **MOUNT)
    assert fs.names("/v")[-2:] == ["a", "b"]
    with pytest.raises(OSError, match="Read-only file system"):
        fs.write("/v/a", b"x")
    machine.client.patch("configmaps", "default", "cfg", {"data": {"a": "new", "b": None}})
    await machine.clock.advance(10)
    assert fs.read("/v/a") == b"1"
    await machine.clock.advance(80)
    assert fs.read("/v/a") == b"new"
    assert not fs.exists("/v/b")


async def test_a_sub_path_never_changes(machine):
    machine.create(config_map(a="1"))
    mount = {"name": "v", "mountPath": "/etc/a.conf", "subPath": "a"}
    fs = await running(machine, volumes=[{"name": "v", "configMap": {"name": "cfg"}}], volumeMounts=[mount])
    machine.client.patch("configmaps", "default", "cfg", {"data": {"a": "new"}})
    await machine.clock.advance(120)
    assert fs.read("/etc/a.conf") == b"1"


async def test_an_empty_dir_is_shared_and_outlives_a_container(machine):
    other = container("sleep", "10000", name="other", volumeMounts=[{"name": "v", "mountPath": "/other"}])
    machine.run("sleep", "5", containers=[other], volumes=[{"name": "v", "emptyDir": {}}], **MOUNT)
    await machine.clock.advance(3)
    files(machine).write("/v/x", b"data")
    assert files(machine, container="other").read("/other/x") == b"data"
    await machine.clock.advance(5)
    assert machine.status()["restartCount"] == 1
    assert files(machine).read("/v/x") == b"data"


async def test_an_empty_dir_beyond_its_limit_evicts_the_pod(machine):
    fs = await running(machine, volumes=[{"name": "v", "emptyDir": {"sizeLimit": "1Ki"}}], **MOUNT)
    fs.write("/v/x", bytes(2000))
    await machine.clock.advance(15)
    status = machine.pod()["status"]
    message = 'Usage of EmptyDir volume "v" exceeds the limit "1Ki". '
    assert (status["phase"], status["reason"], status["message"]) == ("Failed", "Evicted", message)
    assert machine.events("Evicted") == [("Evicted", message)]


async def test_a_host_path_outlives_its_pod(machine):
    volumes = [{"name": "v", "hostPath": {"path": "/data", "type": "DirectoryOrCreate"}}]
    machine.run("sleep", "10000", volumes=volumes, **MOUNT)
    await machine.clock.advance(3)
    files(machine).write("/v/x", b"kept")
    machine.run("cat", "/v/x", name="later", restartPolicy="Never", volumes=volumes, **MOUNT)
    await machine.clock.advance(4)
    assert await machine.logs("later") == "kept"


async def test_downward_labels_follow_the_pod(machine):
    items = [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]
    fs = await running(machine, volumes=[{"name": "v", "downwardAPI": {"items": items}}], **MOUNT)
    assert fs.read("/v/labels") == b""
    machine.client.patch("pods", "default", "p", {"metadata": {"labels": {"tier": "web"}}})
    await machine.clock.advance(1)
    assert fs.read("/v/labels") == b'tier="web"'


async def test_a_change_of_the_pod_brings_its_volumes_up_to_date_at_once_and_for_good(machine):
    machine.create(config_map(a="1"))
    items = [{"path": "note", "fieldRef": {"fieldPath": "metadata.annotations['note']"}}]
    sources = [{"configMap": {"name": "cfg"}}, {"downwardAPI": {"items": items}}]
    fs = await running(machine, volumes=[{"name": "v", "projected": {"sources": sources}}], **MOUNT)
    machine.client.patch("configmaps", "default", "cfg", {"data": {"a": "new"}})
    await machine.clock.advance(1)
    assert fs.read("/v/a") == b"1"
    machine.client.patch("pods", "default", "p", {"metadata": {"annotations": {"note": "look"}}})
    await machine.clock.advance(1)
    assert (fs.read("/v/a"), fs.read("/v/note")) == (b"new", b"look")
    await machine.clock.advance(90)  # the node's own look, which the ConfigMap's change brought about
    assert (fs.read("/v/a"), fs.read("/v/note")) == (b"new", b"look")


async def test_a_service_account_token(machine):
    sources = [{"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}}]
    fs = await running(machine, volumes=[{"name": "v", "projected": {"sources": sources}}], **MOUNT)
    assert fs.read("/v/token").count(b".") == 2


async def test_what_is_not_part_of_the_practice_cluster_says_so(machine):
    volumes = [{"name": "v", "nfs": {"server": "files", "path": "/"}}]
    machine.run("sleep", "1", volumes=volumes, **MOUNT)
    await machine.clock.advance(3)
    ((reason, message),) = machine.events()
    assert reason == "FailedMount"
    assert "nfs volumes are not part of the practice cluster" in message


def bind(machine, **source):
    """A claim, and the volume it is bound to."""
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": "manual"}
    disk = {**spec, "capacity": {"storage": "1Gi"}, **source}
    machine.client.create("persistentvolumes", {"metadata": {"name": "disk"}, "spec": disk})
    wanted = {**spec, "resources": {"requests": {"storage": "1Gi"}}, "volumeName": "disk"}
    meta = {"name": "data", "namespace": "default"}
    found = machine.client.create("persistentvolumeclaims", {"metadata": meta, "spec": wanted})
    machine.client.update_status("persistentvolumeclaims", {**found, "status": {"phase": "Bound"}})


CLAIM = [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]


async def test_a_claim_shows_its_volume_and_the_next_pod_finds_what_was_written(machine):
    bind(machine, hostPath={"path": "/srv/data"})
    fs = await running(machine, volumes=CLAIM, **MOUNT)
    fs.write("/v/x", b"kept")
    machine.client.delete("pods", "default", "p", grace_period=0)
    await machine.clock.advance(3)
    machine.run("sleep", "10000", name="next", volumes=CLAIM, **MOUNT)
    await machine.clock.advance(3)
    assert files(machine, "next").read("/v/x") == b"kept"


async def test_a_claim_that_is_not_bound_is_waited_for(machine):
    machine.run("sleep", "1", volumes=CLAIM, **MOUNT)
    await machine.clock.advance(1)
    assert machine.events()[0][1].endswith('persistentvolumeclaims "data" not found')
    bind(machine, hostPath={"path": "/srv/data"})
    await machine.clock.advance(3)
    assert machine.life()[-1].startswith("Running")


async def test_a_claim_for_a_volume_of_another_kind_says_so(machine):
    bind(machine, nfs={"server": "files", "path": "/"})
    machine.run("sleep", "1", volumes=CLAIM, **MOUNT)
    await machine.clock.advance(3)
    assert "nfs volumes are not part of the practice cluster" in machine.events()[0][1]


async def test_files_that_the_node_manages(machine):
    fs = await running(machine)
    assert fs.read("/etc/hostname") == b"p\n"
    assert fs.read("/etc/hosts").endswith(b"10.244.0.2\tp\n")
    assert fs.read("/etc/resolv.conf").startswith(b"search default.svc.cluster.local ")


async def test_a_volume_in_memory_holds_no_more_than_its_limit(machine):
    memory = {"medium": "Memory", "sizeLimit": "8Ki"}
    fs = await running(machine, volumes=[{"name": "v", "emptyDir": memory}], **MOUNT)
    fs.write("/v/x", bytes(4000))
    fs.write("/v/x", bytes(4001))
    fs.write("/v/y", bytes(1))  # each file takes whole pages
    with pytest.raises(OSError, match="No space left on device"):
        fs.write("/v/z", bytes(1))
    await machine.clock.advance(15)
    assert machine.pod()["status"]["phase"] == "Running"


@pytest.mark.parametrize(
    ("volume", "limits", "size"),
    [
        ({"emptyDir": {"medium": "Memory"}}, [None], 4096),
        ({"emptyDir": {"medium": "Memory", "sizeLimit": "1Ki"}}, ["2Ki"], 1024),
        ({"emptyDir": {"medium": "Memory", "sizeLimit": "3Ki"}}, ["2Ki"], 2048),
        ({"emptyDir": {"medium": "Memory"}}, ["1Ki", "2Ki"], 3072),
        ({"emptyDir": {"medium": "Memory"}}, ["1Ki", None], 4096),
        ({"secret": {}}, ["2Ki"], 2048),
    ],
)
def test_how_large_a_volume_in_memory_is(volume, limits, size):
    containers = [{"resources": {"limits": {"memory": limit}}} if limit else {} for limit in limits]
    assert tmpfs_size(volume, {"containers": containers}, {"memory": "4Ki"}) == size


@pytest.mark.parametrize(
    ("extra", "path", "message"),
    [
        ({}, "/tmp/x", "Pod ephemeral local storage usage exceeds the total limit of containers 1Ki. "),
        (
            {"volumes": [{"name": "v", "emptyDir": {}}], **MOUNT},
            "/v/x",
            "Pod ephemeral local storage usage exceeds the total limit of containers 1Ki. ",
        ),
        (
            {"containers": [container("sleep", "1000", name="o", resources={"limits": {"ephemeral-storage": "1Mi"}})]},
            "/tmp/x",
            'Container main exceeded its local ephemeral storage limit "1Ki". ',
        ),
    ],
)
async def test_a_pod_that_fills_more_disk_than_it_may_is_evicted(machine, extra, path, message):
    fs = await running(machine, resources={"limits": {"ephemeral-storage": "1Ki"}}, **extra)
    fs.write(path, bytes(2000))
    await machine.clock.advance(15)
    assert machine.pod()["status"]["message"] == message


async def test_a_sub_path_needs_the_variables_that_it_names(machine):
    mount = {"name": "v", "mountPath": "/v", "subPathExpr": "$(NAME)/$(NOPE)"}
    env = [{"name": "NAME", "value": "x"}]
    machine.run("sleep", "1", volumes=[{"name": "v", "emptyDir": {}}], volumeMounts=[mount], env=env)
    await machine.clock.advance(3)
    assert ("Failed", "Error: missing value for NOPE") in machine.events()
