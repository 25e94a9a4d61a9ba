"""The Deployment controller in a small control plane."""

import pytest
from tests.tinykube.world import workload

from tinykube import objects


def image(name):
    return {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": name}]}}}}


def progressing(world):
    return objects.condition(world.get("Deployment", "web"), "Progressing")


def sizes(world):
    return {
        objects.annotations(rs)["deployment.kubernetes.io/revision"]: rs["spec"]["replicas"]
        for rs in world.all("ReplicaSet")
    }


@pytest.fixture
async def web(world):
    world.create(workload("Deployment", "web", 4))
    await world.run(5)
    return world


async def test_a_new_deployment_creates_one_replica_set_and_says_so(web):
    (replica_set,) = web.all("ReplicaSet")
    name = objects.name(replica_set)
    deployment = web.get("Deployment", "web")
    assert name == f"web-{objects.labels(replica_set)['pod-template-hash']}"
    assert replica_set["spec"]["selector"]["matchLabels"] == objects.labels(replica_set)
    assert objects.annotations(replica_set) == {
        "deployment.kubernetes.io/desired-replicas": "4",
        "deployment.kubernetes.io/max-replicas": "5",
        "deployment.kubernetes.io/revision": "1",
    }
    assert objects.annotations(deployment)["deployment.kubernetes.io/revision"] == "1"
    assert web.events("web") == [f"Scaled up replica set {name} from 0 to 4"]
    messages = {c["type"]: (c["status"], c["reason"], c["message"]) for c in deployment["status"]["conditions"]}
    assert messages == {
        "Available": ("True", "MinimumReplicasAvailable", "Deployment has minimum availability."),
        "Progressing": ("True", "NewReplicaSetAvailable", f'ReplicaSet "{name}" has successfully progressed.'),
    }


async def test_a_new_image_rolls_step_by_step(web):
    seen = []
    web.informers("deployments.apps").on_change(updated=lambda _, new: seen.append(new["status"]))
    web.change("Deployment", "web", image("nginx:1.28"))
    await web.run(20)
    assert max(s.get("replicas", 0) for s in seen) <= 5
    assert min(s.get("availableReplicas", 0) for s in seen) >= 3
    assert sizes(web) == {"1": 0, "2": 4}
    assert {p["spec"]["containers"][0]["image"] for p in web.pods(app="web")} == {"nginx:1.28"}


async def test_undoing_gives_the_old_replica_set_the_next_revision(web):
    web.change("Deployment", "web", image("nginx:1.28"))
    await web.run(20)
    web.change("Deployment", "web", image("nginx:1.27"))
    await web.run(20)
    assert sizes(web) == {"2": 0, "3": 4}
    third = next(rs for rs in web.all("ReplicaSet") if rs["spec"]["replicas"])
    assert objects.annotations(third)["deployment.kubernetes.io/revision-history"] == "1"


async def test_recreate_waits_until_every_old_pod_is_gone(world):
    world.kubelet.stop_seconds = 5
    world.create(workload("Deployment", "web", 3, strategy={"type": "Recreate"}))
    await world.run(5)
    world.change("Deployment", "web", image("nginx:1.28"))
    await world.run(3)
    assert sizes(world) == {"1": 0}
    assert world.pods(app="web") == []
    await world.run(10)
    assert sizes(world) == {"1": 0, "2": 3}


async def test_a_paused_deployment_scales_but_does_not_roll(web):
    web.change("Deployment", "web", {"spec": {"paused": True}})
    await web.run(1)
    assert (progressing(web)["status"], progressing(web)["reason"]) == ("Unknown", "DeploymentPaused")
    web.change("Deployment", "web", image("nginx:1.28") | {})
    web.change("Deployment", "web", {"spec": {"replicas": 6}})
    await web.run(5)
    assert sizes(web) == {"1": 6}
    web.change("Deployment", "web", {"spec": {"paused": None}})
    await web.run(30)
    assert sizes(web) == {"1": 0, "2": 6}


async def test_scaling_in_mid_rollout_is_proportional(world):
    world.kubelet.broken_images.add("broken")
    world.create(workload("Deployment", "web", 10, strategy={"rollingUpdate": {"maxSurge": 3, "maxUnavailable": 2}}))
    await world.run(5)
    world.change("Deployment", "web", image("broken"))
    await world.run(5)
    assert sizes(world) == {"1": 8, "2": 5}
    world.change("Deployment", "web", {"spec": {"replicas": 20}})
    await world.run(5)
    assert sizes(world) == {"1": 14, "2": 9}
    world.change("Deployment", "web", {"spec": {"replicas": 10}})
    await world.run(5)
    assert sum(sizes(world).values()) == 13


async def test_a_stuck_rollout_runs_into_its_deadline_and_recovers(world):
    world.kubelet.broken_images.add("broken")
    world.create(workload("Deployment", "web", 3, progressDeadlineSeconds=8))
    await world.run(5)
    world.change("Deployment", "web", image("broken"))
    await world.run(6)
    assert progressing(world)["reason"] == "ReplicaSetUpdated"
    await world.run(6)
    stuck = progressing(world)
    assert (stuck["status"], stuck["reason"]) == ("False", "ProgressDeadlineExceeded")
    assert stuck["message"].endswith("has timed out progressing.")
    world.change("Deployment", "web", image("nginx:1.27"))
    await world.run(5)
    assert progressing(world)["reason"] == "NewReplicaSetAvailable"


async def test_old_replica_sets_beyond_the_history_limit_are_deleted(world):
    world.create(workload("Deployment", "web", 1, revisionHistoryLimit=2))
    for version in range(6):
        world.change("Deployment", "web", image(f"nginx:{version}"))
        await world.run(10)
    assert sorted(sizes(world)) == ["4", "5", "6"]


async def test_a_name_taken_by_another_template_counts_as_a_collision(world):
    world.create(workload("Deployment", "probe", 1))
    await world.run(3)
    (found,) = world.all("ReplicaSet")
    world.delete("Deployment", "probe")
    await world.run(3)
    squatter = workload("ReplicaSet", objects.name(found), 1, image="other")
    squatter["spec"]["selector"] = {"matchLabels": {"app": objects.name(found)}}
    world.create(squatter)
    await world.run(3)
    world.create(workload("Deployment", "probe", 1))
    await world.run(5)
    assert world.get("Deployment", "probe")["status"]["collisionCount"] == 1
    assert world.get("Deployment", "probe")["status"]["readyReplicas"] == 1


async def test_annotations_are_copied_to_the_new_replica_set(web):
    web.change("Deployment", "web", {"metadata": {"annotations": {"kubernetes.io/change-cause": "because"}}})
    await web.run(1)
    (replica_set,) = web.all("ReplicaSet")
    assert objects.annotations(replica_set)["kubernetes.io/change-cause"] == "because"


async def test_deleting_takes_replica_sets_and_pods_along(web):
    web.delete("Deployment", "web")
    await web.run(5)
    assert web.all("ReplicaSet") == []
    assert web.all("Pod") == []


async def test_deleting_in_the_foreground_keeps_the_deployment_until_the_pods_are_gone(web):
    web.kubelet.stop_seconds = 4
    web.delete("Deployment", "web", propagation="Foreground")
    await web.run(2)
    assert objects.deleting(web.get("Deployment", "web"))
    await web.run(5)
    assert web.all("Deployment") == []
    assert web.all("Pod") == []


async def test_nothing_is_written_when_nothing_changes(web):
    await web.run(60)
    web.watch_writes()
    await web.run(600)
    assert web.written() == []
