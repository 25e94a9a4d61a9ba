"""The ReplicaSet controller in a small control plane."""

import pytest
from tests.tinykube.world import phase, workload

from tinykube import errors, objects


def names(pods):
    return {objects.name(p) for p in pods}


async def test_as_many_pods_as_asked_for(world):
    world.create(workload("ReplicaSet", "rs", 3))
    await world.run(3)
    assert len(world.pods(app="rs")) == 3
    assert world.get("ReplicaSet", "rs")["status"] == {
        "replicas": 3,
        "fullyLabeledReplicas": 3,
        "readyReplicas": 3,
        "availableReplicas": 3,
        "terminatingReplicas": 0,
        "observedGeneration": 1,
    }


async def test_a_replication_controller_does_the_same(world):
    made = workload("ReplicationController", "rc", 2)
    made["apiVersion"], made["spec"]["selector"] = "v1", {"app": "rc"}
    owner = world.create(made)
    await world.run(3)
    assert all(objects.controlled_by(pod, owner) for pod in world.pods(app="rc"))
    assert world.get("ReplicationController", "rc")["status"] == {
        "replicas": 2,
        "fullyLabeledReplicas": 2,
        "readyReplicas": 2,
        "availableReplicas": 2,
        "observedGeneration": 1,
    }
    world.change("ReplicationController", "rc", {"spec": {"replicas": 1}})
    await world.run(3)
    assert len(world.pods(app="rc")) == 1


async def test_a_deleted_pod_is_replaced_before_it_is_gone(world):
    world.kubelet.stop_seconds = 10
    world.create(workload("ReplicaSet", "rs", 2))
    await world.run(3)
    world.delete("Pod", objects.name(world.pods(app="rs")[0]))
    await world.run(3)
    assert len(world.pods(app="rs")) == 2
    assert world.get("ReplicaSet", "rs")["status"]["terminatingReplicas"] == 1
    await world.run(10)
    assert world.get("ReplicaSet", "rs")["status"]["terminatingReplicas"] == 0


async def test_scaling_down_deletes_the_youngest(world):
    world.create(workload("ReplicaSet", "rs", 1))
    await world.run(60)
    (oldest,) = world.pods(app="rs")
    world.change("ReplicaSet", "rs", {"spec": {"replicas": 3}})
    await world.run(5)
    world.change("ReplicaSet", "rs", {"spec": {"replicas": 1}})
    await world.run(5)
    assert names(world.pods(app="rs")) == {objects.name(oldest)}


async def test_an_orphan_that_matches_is_adopted_and_one_that_does_not_is_released(world):
    loose = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "loose", "labels": {"app": "rs"}}}
    loose["spec"] = {"containers": [{"name": "c", "image": "nginx:1.27"}]}
    world.create(loose)
    await world.run(2)
    owner = world.create(workload("ReplicaSet", "rs", 2))
    await world.run(3)
    assert objects.controlled_by(world.get("Pod", "loose"), owner)
    assert len(world.pods(app="rs")) == 2
    world.change("Pod", "loose", {"metadata": {"labels": {"app": "free"}}})
    await world.run(3)
    assert objects.controller_of(world.get("Pod", "loose")) is None
    assert len(world.pods(app="rs")) == 2
    assert "loose" not in names(world.pods(app="rs"))


async def test_a_pod_of_somebody_else_is_left_alone(world):
    world.create(workload("ReplicaSet", "one", 1))
    await world.run(2)
    other = workload("ReplicaSet", "two", 1)
    other["spec"]["selector"] = {"matchLabels": {"app": "two"}}
    world.create(other)
    await world.run(2)
    owners = {objects.controller_of(p)["name"] for p in world.all("Pod")}
    assert owners == {"one", "two"}


async def test_a_pod_becomes_available_by_waiting_alone(world):
    world.create(workload("ReplicaSet", "rs", 1, minReadySeconds=10))
    await world.run(5)
    status = world.get("ReplicaSet", "rs")["status"]
    assert (status["readyReplicas"], status.get("availableReplicas", 0)) == (1, 0)
    await world.run(8)
    assert world.get("ReplicaSet", "rs")["status"]["availableReplicas"] == 1


async def test_refused_pods_become_a_condition_and_are_tried_again(world, monkeypatch):
    create = world.api.create
    tried = []

    def refuse(resource, *args, **kwargs):
        if resource == "pods":
            tried.append(1)
            raise errors.forbidden("pods", "rs-x", "exceeded quota")
        return create(resource, *args, **kwargs)

    monkeypatch.setattr(world.api, "create", refuse)
    world.create(workload("ReplicaSet", "rs", 100))
    await world.run(1)
    condition = objects.condition(world.get("ReplicaSet", "rs"), "ReplicaFailure")
    assert (condition["status"], condition["reason"]) == ("True", "FailedCreate")
    assert 1 < len(tried) < 20, "slow start: one Pod at a time while they are refused"
    monkeypatch.setattr(world.api, "create", create)
    await world.run(60)
    assert len(world.pods(app="rs")) == 100
    assert objects.condition(world.get("ReplicaSet", "rs"), "ReplicaFailure") is None


async def test_orphaning_leaves_the_pods(world):
    world.create(workload("ReplicaSet", "rs", 2))
    await world.run(3)
    world.delete("ReplicaSet", "rs", propagation="Orphan")
    await world.run(3)
    assert world.all("ReplicaSet") == []
    assert [objects.controller_of(p) for p in world.pods(app="rs")] == [None, None]


@pytest.mark.parametrize("ended", ["Failed", "Succeeded"])
async def test_a_finished_pod_counts_no_longer(world, ended):
    world.create(workload("ReplicaSet", "rs", 1))
    await world.run(3)
    (pod,) = world.pods(app="rs")
    world.client.update_status("pods", {**pod, "status": {**pod["status"], "phase": ended}})
    await world.run(3)
    assert sorted(map(phase, world.all("Pod"))) == sorted([ended, "Running"])
