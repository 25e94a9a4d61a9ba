"""The StatefulSet controller in a small control plane."""

from tests.tinykube.world import workload

from tinykube import objects


def names(world):
    return sorted(objects.name(p) for p in world.pods(app="db"))


def image(name):
    return {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": name}]}}}}


def images(world):
    return {objects.name(p): p["spec"]["containers"][0]["image"] for p in world.pods(app="db")}


async def test_pods_are_created_one_after_the_other(world):
    world.kubelet.start_seconds = 10
    world.create(workload("StatefulSet", "db", 3))
    await world.run(5)
    assert names(world) == ["db-0"]
    await world.run(10)
    assert names(world) == ["db-0", "db-1"]
    await world.run(20)
    assert world.get("StatefulSet", "db")["status"]["readyReplicas"] == 3
    assert world.events("db") == [f"Create Pod db-{i} in StatefulSet db successful" for i in range(3)]


async def test_a_pod_carries_its_identity(world):
    created = world.create(workload("StatefulSet", "db", 1))
    await world.run(3)
    pod = world.get("Pod", "db-0")
    revision = world.get("StatefulSet", "db")["status"]["updateRevision"]
    assert objects.labels(pod) == {
        "app": "db",
        "apps.kubernetes.io/pod-index": "0",
        "controller-revision-hash": revision,
        "statefulset.kubernetes.io/pod-name": "db-0",
    }
    assert (pod["spec"]["hostname"], pod["spec"]["subdomain"]) == ("db-0", "db")
    assert objects.controlled_by(pod, created)


async def test_scaling_down_removes_the_highest_ordinal_first_and_waits(world):
    world.create(workload("StatefulSet", "db", 3))
    await world.run(10)
    world.kubelet.stop_seconds = 5
    world.change("StatefulSet", "db", {"spec": {"replicas": 1}})
    await world.run(2)
    assert names(world) == ["db-0", "db-1"]
    await world.run(20)
    assert names(world) == ["db-0"]


async def test_parallel_pods_start_together(world):
    world.kubelet.start_seconds = 100
    world.create(workload("StatefulSet", "db", 3, podManagementPolicy="Parallel"))
    await world.run(2)
    assert names(world) == ["db-0", "db-1", "db-2"]


async def test_an_update_goes_from_the_highest_ordinal_down_to_the_partition(world):
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}
    world.create(workload("StatefulSet", "db", 3, updateStrategy=strategy))
    await world.run(10)
    world.change("StatefulSet", "db", image("nginx:1.28"))
    await world.run(20)
    assert images(world) == {"db-0": "nginx:1.27", "db-1": "nginx:1.28", "db-2": "nginx:1.28"}
    status = world.get("StatefulSet", "db")["status"]
    assert status["currentRevision"] != status["updateRevision"]
    world.change("StatefulSet", "db", {"spec": {"updateStrategy": {"rollingUpdate": {"partition": 0}}}})
    await world.run(20)
    assert set(images(world).values()) == {"nginx:1.28"}
    status = world.get("StatefulSet", "db")["status"]
    assert status["currentRevision"] == status["updateRevision"]


async def test_a_replaced_pod_below_the_partition_gets_the_old_template(world):
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
    world.create(workload("StatefulSet", "db", 2, updateStrategy=strategy))
    await world.run(10)
    world.change("StatefulSet", "db", image("nginx:1.28"))
    world.delete("Pod", "db-0")
    await world.run(10)
    assert images(world) == {"db-0": "nginx:1.27", "db-1": "nginx:1.27"}


async def test_on_delete_updates_only_what_is_deleted(world):
    world.create(workload("StatefulSet", "db", 2, updateStrategy={"type": "OnDelete"}))
    await world.run(10)
    world.change("StatefulSet", "db", image("nginx:1.28"))
    await world.run(5)
    assert set(images(world).values()) == {"nginx:1.27"}
    world.delete("Pod", "db-1")
    await world.run(5)
    assert images(world) == {"db-0": "nginx:1.27", "db-1": "nginx:1.28"}


async def test_going_back_renumbers_the_old_revision(world):
    world.create(workload("StatefulSet", "db", 1))
    await world.run(5)
    first = world.get("StatefulSet", "db")["status"]["currentRevision"]
    world.change("StatefulSet", "db", image("nginx:1.28"))
    await world.run(10)
    world.change("StatefulSet", "db", image("nginx:1.27"))
    await world.run(10)
    assert world.get("StatefulSet", "db")["status"]["currentRevision"] == first
    revisions = world.client.list("controllerrevisions.apps", "default")
    assert sorted(r["revision"] for r in revisions) == [2, 3]


async def test_claims_are_made_once_and_outlive_the_pod(world):
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    world.create(workload("StatefulSet", "db", 2, volumeClaimTemplates=[claim]))
    await world.run(10)
    assert [objects.name(c) for c in world.all("PersistentVolumeClaim")] == ["data-db-0", "data-db-1"]
    assert world.get("Pod", "db-1")["spec"]["volumes"][0] == {
        "name": "data",
        "persistentVolumeClaim": {"claimName": "data-db-1"},
    }
    assert world.events("db")[0] == "Create Claim data-db-0 Pod db-0 in StatefulSet db success"
    world.change("StatefulSet", "db", {"spec": {"replicas": 0}})
    await world.run(10)
    assert len(world.all("PersistentVolumeClaim")) == 2


async def test_a_failed_pod_is_recreated_under_its_name(world):
    world.create(workload("StatefulSet", "db", 1))
    await world.run(5)
    pod = world.get("Pod", "db-0")
    world.client.update_status("pods", {**pod, "status": {**pod["status"], "phase": "Failed"}})
    await world.run(10)
    assert objects.uid(world.get("Pod", "db-0")) != objects.uid(pod)
    assert "Delete Pod db-0 in StatefulSet db successful" in world.events("db", "SuccessfulDelete")


async def test_ordinals_may_start_elsewhere(world):
    world.create(workload("StatefulSet", "db", 2, ordinals={"start": 5}))
    await world.run(10)
    assert names(world) == ["db-5", "db-6"]


async def test_an_update_replaces_one_pod_at_a_time_whatever_max_unavailable_says(world):
    strategy = {"rollingUpdate": {"maxUnavailable": 3}}
    created = world.create(workload("StatefulSet", "db", 3, podManagementPolicy="Parallel", updateStrategy=strategy))
    assert created["spec"]["updateStrategy"] == {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}
    await world.run(5)
    world.kubelet.start_seconds = 100
    world.change("StatefulSet", "db", image("nginx:1.28"))
    await world.run(10)
    assert images(world) == {"db-0": "nginx:1.27", "db-1": "nginx:1.27", "db-2": "nginx:1.28"}


async def test_a_parallel_set_gets_over_pods_that_never_became_ready(world):
    world.create(workload("StatefulSet", "db", 2, podManagementPolicy="Parallel"))
    await world.run(5)
    world.kubelet.start_seconds = 1000
    world.change("StatefulSet", "db", image("nginx:broken"))
    await world.run(10)
    assert images(world) == {"db-0": "nginx:1.27", "db-1": "nginx:broken"}
    world.kubelet.start_seconds = 1
    world.change("StatefulSet", "db", image("nginx:1.28"))
    await world.run(10)
    assert set(images(world).values()) == {"nginx:1.28"}


async def test_an_orphaning_deletion_leaves_the_revisions_as_they_are(world):
    world.create(workload("StatefulSet", "db", 1))
    await world.run(5)
    world.delete("StatefulSet", "db", propagation="Orphan")
    await world.run(5)
    assert world.all("StatefulSet") == []
    assert [r["revision"] for r in world.client.list("controllerrevisions.apps", "default")] == [1]
    assert names(world) == ["db-0"]
