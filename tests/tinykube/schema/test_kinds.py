"""Resources and kinds, as a v1.36 server lists them."""

import pytest

from tinykube.schema import kinds


@pytest.mark.parametrize(
    ("key", "kind_key", "namespaced", "short"),
    [
        ("pods", "v1/Pod", True, ("po",)),
        ("nodes", "v1/Node", False, ("no",)),
        ("deployments.apps", "apps/v1/Deployment", True, ("deploy",)),
        ("jobs.batch", "batch/v1/Job", True, ()),
        ("endpointslices.discovery.k8s.io", "discovery.k8s.io/v1/EndpointSlice", True, ()),
        ("horizontalpodautoscalers.autoscaling", "autoscaling/v2/HorizontalPodAutoscaler", True, ("hpa",)),
        ("horizontalpodautoscalers.v1.autoscaling", "autoscaling/v1/HorizontalPodAutoscaler", True, ("hpa",)),
    ],
)
def test_a_resource_leads_to_its_kind(key, kind_key, namespaced, short):
    found = kinds.resource(key)
    assert (found.kind_key, found.namespaced, found.short_names) == (kind_key, namespaced, short)


def test_a_kind_leads_back_to_its_resource():
    assert kinds.of_kind("apps/v1/Deployment").key == "deployments.apps"
    assert kinds.of_kind("v1/PodList") is None
    assert kinds.resource("gizmos") is None


@pytest.mark.parametrize(
    ("resource", "name", "kind_key"),
    [
        ("deployments.apps", "scale", "autoscaling/v1/Scale"),
        ("deployments.apps", "status", "apps/v1/Deployment"),
        ("pods", "eviction", "policy/v1/Eviction"),
        ("pods", "exec", "v1/PodExecOptions"),
        ("serviceaccounts", "token", "authentication.k8s.io/v1/TokenRequest"),
    ],
)
def test_a_subresource_has_a_kind_of_its_own(resource, name, kind_key):
    assert kinds.resource(resource).subresource(name).kind_key == kind_key


def test_every_stored_kind_has_a_definition_and_a_list():
    for each in kinds.all_resources():
        assert kinds.known(each.kind_key), each.key
        assert kinds.known(each.kind_key + "List") == ("list" in each.verbs), each.key


def test_group_versions_come_in_the_servers_order():
    found = kinds.group_versions()
    assert found[0] == "v1"
    assert found.index("autoscaling/v2") < found.index("autoscaling/v1")
    assert [r.name for r in kinds.in_group_version("batch/v1")] == ["cronjobs", "jobs"]


def test_an_object_names_its_kind():
    assert kinds.kind_key({"apiVersion": "apps/v1", "kind": "Deployment"}) == "apps/v1/Deployment"
