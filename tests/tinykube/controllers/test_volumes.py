"""Claims and volumes: from the first consumer to the last, and what is said on the way."""

import pytest
from tests.tinykube.world import node, pod_spec, workload

from tinykube import objects

WAITING = "waiting for first consumer to be created before binding"


def claim(name="data", size="1Gi", **spec):
    body = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, **spec}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": body}


def volume(name="disk", size="5Gi", **spec):
    body = {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": size}, "hostPath": {"path": "/disk"}, **spec}
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": name}, "spec": body}


def user(name="user", of="data", **spec):
    """A Pod that mounts a claim."""
    volumes = [{"name": "v", "persistentVolumeClaim": {"claimName": of}}]
    body = {**pod_spec(), "volumes": volumes, **spec}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": body}


def phase(world, kind, name):
    return world.get(kind, name)["status"]["phase"]


async def test_a_claim_of_the_default_class_waits_for_its_first_consumer(world):
    world.create(claim())
    await world.run(5)
    found = world.get("PersistentVolumeClaim", "data")
    assert found["spec"]["storageClassName"] == "standard"
    assert found["status"]["phase"] == "Pending"
    assert set(world.events("data", "WaitForFirstConsumer")) == {WAITING}


async def test_the_first_consumer_gets_a_volume_on_its_node(worlds):
    world = await worlds(nodes=[node("node-1"), node("node-2")])
    world.create(claim())
    world.create(user(nodeSelector={"kubernetes.io/hostname": "node-2"}))
    await world.run(5)
    found = world.get("PersistentVolumeClaim", "data")
    assert found["status"] == {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}}
    made = world.get("PersistentVolume", found["spec"]["volumeName"])
    assert objects.name(made) == f"pvc-{objects.uid(found)}"
    assert made["status"]["phase"] == "Bound"
    assert made["spec"]["claimRef"]["name"] == "data"
    (term,) = made["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"]
    assert term["matchExpressions"][0]["values"] == ["node-2"]
    assert phase(world, "Pod", "user") == "Running"
    said = [m for m in world.events("data") if m != WAITING]
    assert said[0].startswith("Waiting for a volume to be created either by the external provisioner")
    assert said[1:] == [
        'External provisioner is provisioning volume for claim "default/data"',
        f"Successfully provisioned volume pvc-{objects.uid(found)}",
    ]


async def test_the_next_consumer_has_to_go_where_the_volume_is(worlds):
    world = await worlds(nodes=[node("node-1"), node("node-2")])
    world.create(claim())
    world.create(user(nodeSelector={"kubernetes.io/hostname": "node-2"}))
    await world.run(5)
    world.delete("Pod", "user")
    await world.run(5)
    world.create(user("next"))
    world.create(user("elsewhere", nodeSelector={"kubernetes.io/hostname": "node-1"}))
    await world.run(5)
    assert world.get("Pod", "next")["spec"]["nodeName"] == "node-2"
    assert world.events("elsewhere", "FailedScheduling")[0].startswith(
        "0/2 nodes are available: 1 node(s) didn't match PersistentVolume's node affinity, "
        "1 node(s) didn't match Pod's node affinity/selector. no new claims"
    )


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ([], 'persistentvolumeclaim "data" not found'),
        ([claim(storageClassName="")], "pod has unbound immediate PersistentVolumeClaims"),
        ([claim(storageClassName="nope")], "pod has unbound immediate PersistentVolumeClaims"),
    ],
)
async def test_a_pod_whose_claim_cannot_be_bound_says_why_it_is_pending(world, made, why):
    for each in made:
        world.create(each)
    world.create(user())
    await world.run(3)
    assert world.events("user", "FailedScheduling") == [
        f"0/1 nodes are available: {why}. no new claims to deallocate, preemption: "
        "0/1 nodes are available: 1 Preemption is not helpful for scheduling."
    ]
    world.create(claim()) if not made else world.create(volume(storageClassName=made[0]["spec"]["storageClassName"]))
    await world.run(15)
    assert phase(world, "Pod", "user") == "Running"


@pytest.mark.parametrize(
    ("kind", "reason", "message"),
    [
        ("", "FailedBinding", "no persistent volumes available for this claim and no storage class is set"),
        ("nope", "ProvisioningFailed", 'storageclass.storage.k8s.io "nope" not found'),
    ],
)
async def test_a_claim_that_nothing_fits_says_so(world, kind, reason, message):
    world.create(claim(storageClassName=kind))
    await world.run(1)
    assert set(world.events("data", reason)) == {message}


async def test_a_claim_takes_the_smallest_volume_that_suits_it(world):
    manual = {"storageClassName": "manual"}
    world.create(volume("tiny", "500Mi", **manual))
    world.create(volume("huge", "50Gi", **manual))
    world.create(volume("fits", "2Gi", **manual))
    world.create(volume("other", "1Gi", storageClassName="other"))
    world.create(claim(**manual))
    await world.run(3)
    found = world.get("PersistentVolumeClaim", "data")
    assert found["spec"]["volumeName"] == "fits"
    assert found["status"]["capacity"] == {"storage": "2Gi"}
    states = {name: phase(world, "PersistentVolume", name) for name in ("tiny", "huge", "fits", "other")}
    assert states == {"tiny": "Available", "huge": "Available", "fits": "Bound", "other": "Available"}


async def test_a_deleted_claim_stays_while_a_pod_uses_it_and_then_takes_its_volume_with_it(world):
    world.create(claim())
    world.create(user())
    await world.run(5)
    world.delete("PersistentVolumeClaim", "data")
    await world.run(10)
    assert objects.deleting(world.get("PersistentVolumeClaim", "data"))
    world.delete("Pod", "user")
    await world.run(5)
    assert world.all("PersistentVolumeClaim") == []
    assert world.all("PersistentVolume") == []


async def test_a_volume_that_is_to_be_retained_is_released_and_taken_by_nobody_else(world):
    world.create(volume(storageClassName="manual"))
    world.create(claim(storageClassName="manual"))
    await world.run(3)
    world.delete("PersistentVolumeClaim", "data")
    await world.run(3)
    assert phase(world, "PersistentVolume", "disk") == "Released"
    world.create(claim("other", storageClassName="manual"))
    await world.run(3)
    assert phase(world, "PersistentVolumeClaim", "other") == "Pending"


async def test_a_bound_volume_outlives_its_deletion_until_it_is_free(world):
    world.create(volume(storageClassName="manual"))
    world.create(claim(storageClassName="manual"))
    await world.run(3)
    world.delete("PersistentVolume", "disk")
    await world.run(3)
    assert objects.deleting(world.get("PersistentVolume", "disk"))
    world.delete("PersistentVolumeClaim", "data")
    await world.run(3)
    assert world.all("PersistentVolume") == []


async def test_the_claims_of_a_stateful_set_are_bound_one_after_the_other_and_kept(world):
    template = claim()
    del template["apiVersion"], template["kind"]
    world.create(workload("StatefulSet", "db", 2, volumeClaimTemplates=[template]))
    await world.run(15)
    bound = {objects.name(c): c["spec"]["volumeName"] for c in world.all("PersistentVolumeClaim")}
    assert sorted(bound) == ["data-db-0", "data-db-1"]
    world.delete("Pod", "db-0")
    await world.run(15)
    again = {objects.name(c): c["spec"]["volumeName"] for c in world.all("PersistentVolumeClaim")}
    assert again == bound
    assert phase(world, "Pod", "db-0") == "Running"


@pytest.mark.parametrize(
    ("scaled", "deleted", "after_scaling", "after_deletion"),
    [
        ("Retain", "Retain", ["data-db-0", "data-db-1"], ["data-db-0", "data-db-1"]),
        ("Delete", "Retain", ["data-db-0"], ["data-db-0"]),
        ("Retain", "Delete", ["data-db-0", "data-db-1"], []),
        ("Delete", "Delete", ["data-db-0"], []),
    ],
)
async def test_the_retention_policy_says_which_claims_go(world, scaled, deleted, after_scaling, after_deletion):
    template = claim()
    del template["apiVersion"], template["kind"]
    policy = {"whenScaled": scaled, "whenDeleted": deleted}
    found = workload(
        "StatefulSet", "db", 2, volumeClaimTemplates=[template], persistentVolumeClaimRetentionPolicy=policy
    )
    world.create(found)
    await world.run(15)
    world.change("StatefulSet", "db", {"spec": {"replicas": 1}})
    await world.run(15)
    assert [objects.name(c) for c in world.all("PersistentVolumeClaim")] == after_scaling
    world.change("StatefulSet", "db", {"spec": {"replicas": 2}})
    await world.run(15)
    assert world.get("StatefulSet", "db")["status"]["readyReplicas"] == 2
    world.change("StatefulSet", "db", {"spec": {"replicas": 1}})
    await world.run(15)
    world.delete("StatefulSet", "db")
    await world.run(15)
    assert [objects.name(c) for c in world.all("PersistentVolumeClaim")] == after_deletion


async def test_claims_follow_a_changed_retention_policy(world):
    template = claim()
    del template["apiVersion"], template["kind"]
    db = world.create(workload("StatefulSet", "db", 1, volumeClaimTemplates=[template]))
    await world.run(10)
    assert "ownerReferences" not in world.get("PersistentVolumeClaim", "data-db-0")["metadata"]
    for policy, owners in (("Delete", [objects.owner_reference(db)]), ("Retain", None)):
        wanted = {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": policy}}
        world.change("StatefulSet", "db", {"spec": wanted})
        await world.run(2)
        assert world.get("PersistentVolumeClaim", "data-db-0")["metadata"].get("ownerReferences") == owners


async def test_nothing_is_written_while_claims_wait(world):
    world.create(claim())
    world.create(claim("other", storageClassName=""))
    await world.run(5)
    world.watch_writes()
    await world.run(600)
    assert world.written() == []


def scratch(name="user"):
    """A Pod with a volume of its own."""
    template = {"metadata": {"labels": {"a": "b"}}, "spec": claim()["spec"]}
    volumes = [{"name": "tmp", "ephemeral": {"volumeClaimTemplate": template}}]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {**pod_spec(), "volumes": volumes}}


async def test_an_ephemeral_volume_has_a_claim_that_comes_and_goes_with_its_pod(world):
    made = world.create(scratch())
    await world.run(5)
    found = world.get("PersistentVolumeClaim", "user-tmp")
    assert (found["status"]["phase"], found["metadata"]["labels"]) == ("Bound", {"a": "b"})
    assert objects.controller_of(found)["uid"] == objects.uid(made)
    assert phase(world, "Pod", "user") == "Running"
    world.delete("Pod", "user")
    await world.run(10)
    assert world.all("PersistentVolumeClaim") == []
    assert world.all("PersistentVolume") == []


async def test_a_claim_that_is_somebody_elses_is_no_ephemeral_volume(world):
    world.create(claim("user-tmp"))
    world.create(scratch())
    await world.run(3)
    why = "PVC default/user-tmp was not created for pod default/user (pod is not owner)"
    assert f"ephemeral volume controller: {why}" in world.events("user", "FailedBinding")
    assert why in objects.condition(world.get("Pod", "user"), "PodScheduled")["message"]
