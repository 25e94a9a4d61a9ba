"""Deletion: grace for Pods, finalizers, propagation, preconditions, and how namespaces go."""

import pytest
from tests.tinykube.api.examples import bind, config_map, deployment, pod

from tinykube.client import Options

MERGE = "application/merge-patch+json"


@pytest.fixture
def watched(api):
    """A Pod on a node, and everything that happens to it from now on."""
    api.create("pods", "default", pod("p", terminationGracePeriodSeconds=30))
    bind(api)
    return api, api.watch("pods", "default", resource_version=str(api.store.revision))


def seen(watch):
    return [(kind, obj["metadata"].get("deletionGracePeriodSeconds")) for kind, obj in watch.poll()]


def test_a_running_pod_is_given_its_grace(watched):
    api, watch = watched
    left = api.delete("pods", "default", "p")
    assert left["metadata"]["deletionTimestamp"] == "2026-01-01T00:00:30Z"
    assert left["metadata"]["generation"] == 2
    assert seen(watch) == [("MODIFIED", 30)]


def test_a_second_delete_can_only_shorten_the_grace(watched):
    api, watch = watched
    for asked in (None, {"gracePeriodSeconds": 60}, {"gracePeriodSeconds": 5}):
        left = api.delete("pods", "default", "p", asked)
    assert left["metadata"]["deletionTimestamp"] == "2026-01-01T00:00:05Z"
    assert seen(watch) == [("MODIFIED", 30), ("MODIFIED", 5)]


def test_grace_zero_marks_and_removes(watched):
    api, watch = watched
    api.delete("pods", "default", "p", {"gracePeriodSeconds": 0})
    assert seen(watch) == [("MODIFIED", 0), ("DELETED", 0)]
    assert api.list("pods", "default")["items"] == []


def test_a_kubelet_ends_what_was_waiting(watched):
    api, watch = watched
    api.delete("pods", "default", "p")
    api.delete("pods", "default", "p", {"gracePeriodSeconds": 0})
    assert [kind for kind, _ in seen(watch)] == ["MODIFIED", "MODIFIED", "DELETED"]


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_pod_that_has_ended_goes_at_once(watched, phase):
    api, _ = watched
    api.patch("pods", "default", "p", {"status": {"phase": phase}}, MERGE, subresource="status")
    api.delete("pods", "default", "p")
    assert api.list("pods", "default")["items"] == []


def test_a_pod_without_a_node_goes_at_once(api):
    api.create("pods", "default", pod("p"))
    api.delete("pods", "default", "p")
    assert api.list("pods", "default")["items"] == []


def test_a_negative_grace_is_one_second(watched):
    api, watch = watched
    api.delete("pods", "default", "p", {"gracePeriodSeconds": -1})
    assert seen(watch) == [("MODIFIED", 1)]


def test_finalizers_hold_an_object_until_the_last_is_taken_away(api):
    sent = config_map("c")
    sent["metadata"]["finalizers"] = ["a.example/x", "b.example/y"]
    api.create("configmaps", "default", sent)
    held = api.delete("configmaps", "default", "c")
    assert held["metadata"]["deletionTimestamp"] == "2026-01-01T00:00:00Z"
    watch = api.watch("configmaps", "default", resource_version=str(api.store.revision))
    for finalizers in (["b.example/y"], None):
        api.patch("configmaps", "default", "c", {"metadata": {"finalizers": finalizers}}, MERGE)
    assert [kind for kind, _ in watch.poll()] == ["MODIFIED", "DELETED"]


@pytest.mark.parametrize(
    ("options", "finalizers"),
    [
        (None, None),
        ({"propagationPolicy": "Background"}, None),
        ({"propagationPolicy": "Foreground"}, ["foregroundDeletion"]),
        ({"propagationPolicy": "Orphan"}, ["orphan"]),
        ({"orphanDependents": True}, ["orphan"]),
        ({"orphanDependents": False}, None),
    ],
)
def test_propagation_is_left_to_the_garbage_collector_by_a_finalizer(api, options, finalizers):
    api.create("deployments.apps", "default", deployment())
    left = api.delete("deployments.apps", "default", "web", options)
    assert left["metadata"].get("finalizers") == finalizers
    assert bool(api.list("deployments.apps", "default")["items"]) == bool(finalizers)


def test_a_job_deleted_without_a_policy_leaves_its_pods_and_says_so(api):
    from tinykube.client import Options

    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}
    api.create("jobs.batch", "default", {"metadata": {"name": "j"}, "spec": {"template": template}})
    user = Options()
    left = api.delete("jobs.batch", "default", "j", user=user)
    assert left["metadata"]["finalizers"] == ["orphan"]
    assert user.warnings[0].startswith("child pods are preserved by default when jobs are deleted")


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({"preconditions": {"uid": "other"}}, 409, "Precondition failed: UID in precondition: other, UID in object"),
        ({"preconditions": {"resourceVersion": "1"}}, 409, "Precondition failed: ResourceVersion in precondition: 1"),
        ({"propagationPolicy": "Sideways"}, 422, 'Unsupported value: "Sideways"'),
        ({"propagationPolicy": "Orphan", "orphanDependents": True}, 422, "cannot be both set"),
    ],
)
def test_deletions_that_are_refused(api, refusal, options, code, words):
    api.create("configmaps", "default", config_map("c"))
    status = refusal(api.delete, "configmaps", "default", "c", options)
    assert status["code"] == code
    assert words in status["message"]


def test_a_collection_is_deleted_by_selector(api):
    for name, app in [("a", "x"), ("b", "x"), ("c", "y")]:
        api.create("pods", "default", pod(name, labels={"app": app}))
    deleted = api.delete_collection("pods", "default", label_selector="app=x")
    assert [o["metadata"]["name"] for o in deleted["items"]] == ["a", "b"]
    assert [o["metadata"]["name"] for o in api.list("pods", "default")["items"]] == ["c"]


def test_a_namespace_terminates_until_it_is_finalized(api, refusal):
    api.create("namespaces", None, {"metadata": {"name": "n"}})
    left = api.delete("namespaces", None, "n")
    assert left["status"]["phase"] == "Terminating"
    assert left["spec"]["finalizers"] == ["kubernetes"]
    status = refusal(api.create, "configmaps", "n", config_map("c"))
    assert (status["code"], status["message"]) == (
        403,
        'configmaps "c" is forbidden: unable to create new content in namespace n because it is being terminated',
    )
    assert status["details"]["causes"][0]["reason"] == "NamespaceTerminating"
    api.update("namespaces", None, "n", {**left, "spec": {"finalizers": []}}, subresource="finalize")
    assert refusal(api.get, "namespaces", None, "n")["code"] == 404


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public"])
def test_some_namespaces_stay(api, refusal, name):
    status = refusal(api.delete, "namespaces", None, name)
    assert status["message"] == f'namespaces "{name}" is forbidden: this namespace may not be deleted'


async def test_the_apis_own_service_comes_back(api, clock, refusal):
    api.delete("services", "default", "kubernetes")
    assert refusal(api.get, "services", "default", "kubernetes")["code"] == 404
    await clock.advance(10)
    assert api.get("services", "default", "kubernetes")["spec"]["clusterIP"] == "10.96.0.1"


@pytest.mark.parametrize("resource", ["endpoints", "endpointslices.discovery.k8s.io"])
async def test_what_says_where_the_api_listens_comes_back(api, clock, resource):
    api.address = "172.18.0.2"
    api.bootstrap()
    before = api.get(resource, "default", "kubernetes")
    api.delete(resource, "default", "kubernetes")
    await clock.advance(10)
    assert api.get(resource, "default", "kubernetes")["metadata"]["uid"] != before["metadata"]["uid"]


async def test_only_seeming_to_delete_the_apis_own_service_sets_off_nothing(api, clock, caplog):
    api.delete("services", "default", "kubernetes", user=Options(dry_run=True))
    await clock.advance(10)
    assert api.get("services", "default", "kubernetes")["spec"]["clusterIP"] == "10.96.0.1"
    assert caplog.text == ""
