"""ResourceQuota: what is refused, what is said, and when what was used is given back."""

import pytest
from tests.tinykube.world import job, pod_spec, workload

from tinykube import objects
from tinykube.errors import ApiError

CPU = {"requests": {"cpu": "100m"}, "limits": {"cpu": "200m"}}


def quota(name="q", **hard):
    spec = {"hard": {key.replace("_", "."): value for key, value in hard.items()}}
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name}, "spec": spec}


def pod(name, resources=None):
    spec = pod_spec()
    spec["containers"][0]["resources"] = resources or {}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


async def put(world, *quotas):
    for each in quotas:
        world.create(each)
    await world.run(1)


def used(world, name="q"):
    return world.get("ResourceQuota", name)["status"]["used"]


def refusal(world, obj):
    with pytest.raises(ApiError) as refused:
        world.create(obj)
    assert refused.value.code == 403
    return str(refused.value)


async def test_the_status_shows_the_limits_and_what_is_there_already(world):
    world.create(pod("a", CPU))
    await put(world, quota(pods="5", requests_cpu="1", **{"count/deployments.apps": "3"}))
    assert world.get("ResourceQuota", "q")["status"] == {
        "hard": {"pods": "5", "requests.cpu": "1", "count/deployments.apps": "3"},
        "used": {"pods": "1", "requests.cpu": "100m", "count/deployments.apps": "0"},
    }


async def test_what_is_created_is_charged_at_once(world):
    await put(world, quota(pods="2"))
    world.create(pod("a"))
    assert used(world) == {"pods": "1"}


async def test_beyond_the_quota_a_pod_is_refused_in_the_real_words(world):
    await put(world, quota(pods="1", requests_cpu="150m"))
    world.create(pod("a", CPU))
    assert refusal(world, pod("b", CPU)) == (
        'pods "b" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=100m, '
        "used: pods=1,requests.cpu=100m, limited: pods=1,requests.cpu=150m"
    )
    assert used(world) == {"pods": "1", "requests.cpu": "100m"}


async def test_only_the_exceeded_names_are_listed(world):
    await put(world, quota(pods="9", limits_cpu="300m"))
    world.create(pod("a", CPU))
    assert refusal(world, pod("b", CPU)).endswith(
        "exceeded quota: q, requested: limits.cpu=200m, used: limits.cpu=200m, limited: limits.cpu=300m"
    )


async def test_a_pod_has_to_state_what_is_limited(world):
    await put(world, quota(limits_cpu="1"))
    assert refusal(world, pod("a")) == 'pods "a" is forbidden: failed quota: q: must specify limits.cpu for: main'


async def test_one_refusing_quota_leaves_the_others_uncharged(world):
    await put(world, quota("a", pods="5"), quota("b", pods="0"))
    refusal(world, pod("x"))
    assert used(world, "a") == {"pods": "0"}


async def test_a_dry_run_is_checked_and_not_charged(world):
    await put(world, quota(pods="1"))
    dry = world.client.options.__class__(dry_run=True)
    world.api.create("pods", "default", pod("a"), options=dry)
    assert used(world) == {"pods": "0"}
    world.create(pod("b"))
    with pytest.raises(ApiError, match="exceeded quota"):
        world.api.create("pods", "default", pod("c"), options=dry)


async def test_other_namespaces_are_free(world):
    await put(world, quota(pods="0"))
    world.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "other"}})
    await world.run(1)
    away = pod("a")
    away["metadata"]["namespace"] = "other"
    world.create(away)
    assert "exceeded quota: q" in refusal(world, pod("a"))


async def test_any_kind_can_be_counted(world):
    await put(world, quota(**{"count/deployments.apps": "1", "secrets": "9"}))
    world.create(workload("Deployment", "a", 0))
    assert "exceeded quota: q, requested: count/deployments.apps=1" in refusal(world, workload("Deployment", "b", 0))
    world.client.create(
        "secrets", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "default"}}
    )
    assert used(world) == {"count/deployments.apps": "1", "secrets": "1"}


async def test_a_service_is_charged_for_what_a_change_adds(world):
    await put(world, quota(services_nodeports="0", services="2"))
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}}
    world.create({**service, "spec": {"ports": [{"port": 80}], "selector": {"app": "web"}}})
    with pytest.raises(ApiError, match=r"requested: services.nodeports=1, used: services.nodeports=0"):
        world.change("Service", "web", {"spec": {"type": "NodePort"}})
    world.change("Service", "web", {"metadata": {"labels": {"app": "web"}}})
    assert used(world) == {"services": "2", "services.nodeports": "0"}  # with the Service `kubernetes`


async def test_a_deleted_object_gives_back_what_it_used(world):
    await put(world, quota(pods="1", services_nodeports="1"))
    world.create(pod("a"))
    world.delete("Pod", "a")
    await world.run(5)
    assert used(world)["pods"] == "0"


async def test_a_pod_that_has_ended_gives_back_all_but_its_place(world):
    await put(world, quota(pods="1", **{"count/pods": "5"}))
    world.create(job())
    await world.run(10)
    assert used(world) == {"pods": "0", "count/pods": "1"}


async def test_a_higher_limit_is_in_force_as_soon_as_the_controller_has_seen_it(world):
    await put(world, quota(pods="1"))
    world.create(pod("a"))
    world.change("ResourceQuota", "q", {"spec": {"hard": {"pods": "2"}}})
    await world.run(1)
    world.create(pod("b"))
    assert used(world) == {"pods": "2"}


async def test_a_deployment_says_that_its_pods_exceed_the_quota_and_goes_on_when_they_do_not(world):
    await put(world, quota(pods="2"))
    world.create(workload("Deployment", "web", 3))
    await world.run(5)
    deployment = world.get("Deployment", "web")
    failure = objects.condition(deployment, "ReplicaFailure")
    assert failure["reason"] == "FailedCreate"
    assert failure["message"].endswith(
        "is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2"
    )
    assert deployment["status"]["replicas"] == 2
    replica_set = world.all("ReplicaSet")[0]
    assert world.events(objects.name(replica_set), "FailedCreate")[0].startswith("Error creating: pods ")
    world.change("ResourceQuota", "q", {"spec": {"hard": {"pods": "3"}}})
    await world.run(600)
    deployment = world.get("Deployment", "web")
    assert deployment["status"]["availableReplicas"] == 3
    assert objects.condition(deployment, "ReplicaFailure") is None


async def test_nothing_is_written_while_nothing_happens(world):
    await put(world, quota(pods="2", requests_memory="1000Mi"))
    world.watch_writes()
    await world.run(1000)
    assert world.written() == []
