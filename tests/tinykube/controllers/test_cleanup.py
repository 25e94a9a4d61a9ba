"""Namespaces, garbage, default accounts and Pods without a node."""

import pytest
from tests.tinykube.world import node, workload

from tinykube import errors, objects
from tinykube.controllers import resources


def config(name, owner=None, **meta):
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **meta}}
    if owner is not None:
        obj["metadata"]["ownerReferences"] = [objects.owner_reference(owner)]
    return obj


def configs(world, namespace="default"):
    return {objects.name(c) for c in world.all("ConfigMap", namespace)} - {
        "kube-root-ca.crt",
        "openshift-service-ca.crt",
    }


# -- namespaces and what each has


async def test_a_new_namespace_gets_its_account_and_certificate(world):
    world.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}})
    await world.run(1)
    assert [objects.name(a) for a in world.client.list("serviceaccounts", "team")] == ["default"]
    assert world.get("ConfigMap", "kube-root-ca.crt", "team")["data"].keys() == {"ca.crt"}


async def test_the_account_and_the_certificate_are_put_back(world):
    world.client.delete("serviceaccounts", "default", "default")
    world.change("ConfigMap", "kube-root-ca.crt", {"data": {"ca.crt": "forged"}})
    await world.run(1)
    assert world.client.get("serviceaccounts", "default", "default")
    assert world.get("ConfigMap", "kube-root-ca.crt")["data"]["ca.crt"] != "forged"


async def test_the_published_certificate_reaches_every_namespace(world):
    source = {"name": "extension-apiserver-authentication", "namespace": "kube-system"}
    world.create({**config("x"), "metadata": source, "data": {"client-ca-file": "PEM"}})
    await world.run(1)
    for namespace in ("default", "kube-system", "kube-public"):
        assert world.get("ConfigMap", "kube-root-ca.crt", namespace)["data"] == {"ca.crt": "PEM"}


async def test_a_deleted_namespace_is_emptied_pods_first_and_then_goes(world):
    world.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}})
    await world.run(1)
    made = workload("Deployment", "web", 2)
    made["metadata"]["namespace"] = "team"
    world.create(made)
    world.create(config("settings", namespace="team"))
    await world.run(5)
    world.kubelet.stop_seconds = 8
    world.delete("Namespace", "team")
    await world.run(3)
    namespace = world.get("Namespace", "team")
    remaining = objects.condition(namespace, "NamespaceContentRemaining")
    assert namespace["status"]["phase"] == "Terminating"
    assert remaining["message"] == "Some resources are remaining: pods. has 2 resource instances"
    assert configs(world, "team") == {"settings"}
    await world.run(15)
    with pytest.raises(errors.ApiError, match='namespaces "team" not found'):
        world.get("Namespace", "team")


async def test_an_emptied_namespace_that_is_held_says_that_it_is_empty(world):
    metadata = {"name": "team", "finalizers": ["example.com/hold"]}
    world.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    await world.run(1)
    world.delete("Namespace", "team")
    await world.run(5)
    found = world.get("Namespace", "team")
    assert not found["spec"].get("finalizers")
    assert [(c["reason"], c["status"]) for c in found["status"]["conditions"]] == [
        ("ResourcesDiscovered", "False"),
        ("ParsedGroupVersions", "False"),
        ("ContentDeleted", "False"),
        ("ContentRemoved", "False"),
        ("ContentHasNoFinalizers", "False"),
    ]


# -- owners and dependents


async def test_what_nobody_owns_any_more_is_deleted(world):
    owner = world.create(config("owner"))
    world.create(config("dependent", owner))
    await world.run(1)
    world.delete("ConfigMap", "owner")
    await world.run(1)
    assert configs(world) == set()


async def test_one_owner_left_is_enough(world):
    first, second = world.create(config("first")), world.create(config("second"))
    both = config("dependent")
    both["metadata"]["ownerReferences"] = [
        {**objects.owner_reference(first), "controller": False},
        {**objects.owner_reference(second), "controller": False},
    ]
    world.create(both)
    await world.run(1)
    world.delete("ConfigMap", "first")
    await world.run(1)
    assert configs(world) == {"second", "dependent"}


async def test_an_owner_that_never_was_is_noticed(world):
    ghost = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "ghost", "uid": "no-such-uid"}}
    world.create(config("dependent", ghost))
    await world.run(1)
    assert configs(world) == set()


async def test_an_owner_in_another_namespace_is_none(world):
    owner = world.create(config("owner", namespace="kube-public"))
    await world.run(1)
    world.create(config("dependent", owner))
    await world.run(1)
    assert configs(world) == set()
    (said,) = world.events("dependent", "OwnerRefInvalidNamespace")
    assert said == (
        f"ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: {objects.uid(owner)}] "
        'does not exist in namespace "default"'
    )


async def test_an_owner_by_another_name_is_none(world):
    owner = world.create(config("owner"))
    await world.run(1)
    misnamed = {**owner, "metadata": {**owner["metadata"], "name": "other"}}
    world.create(config("dependent", misnamed))
    await world.run(1)
    assert configs(world) == {"owner"}


async def test_a_name_used_again_is_another_owner(world):
    owner = world.create(config("owner"))
    world.create(config("dependent", owner))
    await world.run(1)
    await world.stop_control_plane()
    world.delete("ConfigMap", "owner")
    world.create(config("owner"))
    await world.start_control_plane()
    await world.run(1)
    assert configs(world) == {"owner"}


async def test_orphaning_keeps_the_dependents(world):
    owner = world.create(config("owner"))
    world.create(config("dependent", owner))
    await world.run(1)
    world.delete("ConfigMap", "owner", propagation="Orphan")
    await world.run(1)
    assert configs(world) == {"dependent"}
    assert not objects.meta(world.get("ConfigMap", "dependent")).get("ownerReferences")


async def test_the_foreground_waits_for_dependents_that_block(world):
    owner = world.create(config("owner"))
    world.create(config("dependent", owner, finalizers=["example.com/hold"]))
    await world.run(1)
    world.delete("ConfigMap", "owner", propagation="Foreground")
    await world.run(1)
    assert configs(world) == {"owner", "dependent"}
    world.change("ConfigMap", "dependent", {"metadata": {"finalizers": None}})
    await world.run(1)
    assert configs(world) == set()


# -- Pods whose node is gone


async def test_pods_of_a_deleted_node_are_removed_after_a_while(worlds):
    world = await worlds(nodes=[node("node-1"), node("node-2")])
    world.create(workload("Deployment", "web", 4))
    await world.run(5)
    world.kubelet.dead_nodes.add("node-2")
    lost = {objects.name(p) for p in world.pods(app="web") if p["spec"]["nodeName"] == "node-2"}
    world.delete("Node", "node-2")
    await world.run(20)
    assert lost <= {objects.name(p) for p in world.all("Pod")}
    await world.run(30)
    assert not lost & {objects.name(p) for p in world.all("Pod")}
    assert {p["spec"]["nodeName"] for p in world.pods(app="web")} == {"node-1"}


def test_the_table_of_resources_is_what_the_api_serves():
    from tinykube.api.resources import served

    known = {r.key: r.namespaced for r in served() if "watch" in r.verbs}
    assert {r: resources.is_namespaced(r) for r in (*resources.COLLECTED, "events")}.items() <= known.items()
    assert resources.of_reference({"apiVersion": "apps/v1", "kind": "Deployment"}) == "deployments.apps"
    assert resources.of_reference({"apiVersion": "example.com/v1", "kind": "Thing"}) is None
