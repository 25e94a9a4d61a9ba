"""What counts towards a ResourceQuota, and in which amounts."""

import pytest

from tinykube import quota

NOW = 1_767_225_600.0
LATER, EARLIER = "2026-01-01T00:00:30Z", "2025-12-31T23:59:30Z"


def container(name="c", requests=None, limits=None, **more):
    return {"name": name, "resources": {"requests": requests or {}, "limits": limits or {}}, **more}


def pod(*containers, status=None, meta=None, **spec):
    return {"metadata": meta or {}, "spec": {"containers": list(containers), **spec}, "status": status or {}}


def test_a_pod_counts_as_an_object_as_a_pod_and_for_what_it_asks():
    asked = pod(container(requests={"cpu": "250m", "memory": "64Mi", "example.com/gpu": "1"}, limits={"cpu": "1"}))
    assert quota.usage("pods", asked, NOW) == {
        "count/pods": "1",
        "pods": "1",
        "cpu": "250m",
        "requests.cpu": "250m",
        "memory": "64Mi",
        "requests.memory": "64Mi",
        "requests.example.com/gpu": "1",
        "limits.cpu": "1",
    }


@pytest.mark.parametrize(
    ("more", "cpu"),
    [
        ({}, "300m"),
        ({"initContainers": [container("i", {"cpu": "200m"})]}, "300m"),
        ({"initContainers": [container("i", {"cpu": "2"})]}, "2"),
        ({"initContainers": [container("s", {"cpu": "50m"}, restartPolicy="Always")]}, "350m"),
        (
            {"initContainers": [container("s", {"cpu": "50m"}, restartPolicy="Always"), container("i", {"cpu": "2"})]},
            "2050m",
        ),
        ({"overhead": {"cpu": "1"}}, "1300m"),
    ],
)
def test_containers_add_up_and_init_containers_count_if_they_ask_for_more(more, cpu):
    asked = pod(container("a", {"cpu": "100m"}), container("b", {"cpu": "200m"}), **more)
    assert quota.usage("pods", asked, NOW)["requests.cpu"] == cpu


@pytest.mark.parametrize(
    ("gone", "counts"),
    [
        ({}, True),
        ({"status": {"phase": "Running"}}, True),
        ({"status": {"phase": "Succeeded"}}, False),
        ({"status": {"phase": "Failed"}}, False),
        ({"meta": {"deletionTimestamp": LATER}}, True),
        ({"meta": {"deletionTimestamp": EARLIER}}, False),
    ],
)
def test_a_pod_that_has_ended_counts_only_as_an_object(gone, counts):
    found = quota.usage("pods", pod(container(), **gone), NOW)
    assert found["count/pods"] == "1"
    assert ("pods" in found) == counts


@pytest.mark.parametrize(
    ("spec", "ports", "balancers"),
    [
        ({"ports": [{"port": 80}]}, "0", "0"),
        ({"type": "NodePort", "ports": [{"port": 80}, {"port": 443}]}, "2", "0"),
        ({"type": "LoadBalancer", "ports": [{"port": 80, "nodePort": 30000}]}, "1", "1"),
        ({"type": "LoadBalancer", "ports": [{"port": 80}]}, "0", "1"),
    ],
)
def test_services_count_their_node_ports_and_load_balancers(spec, ports, balancers):
    found = quota.usage("services", {"spec": spec}, NOW)
    assert (found["services"], found["services.nodeports"], found["services.loadbalancers"]) == ("1", ports, balancers)


def test_claims_count_what_they_ask_for_in_all_and_by_storage_class():
    claim = {"spec": {"resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "fast"}}
    assert quota.usage("persistentvolumeclaims", claim, NOW) == {
        "count/persistentvolumeclaims": "1",
        "persistentvolumeclaims": "1",
        "requests.storage": "1Gi",
        "fast.storageclass.storage.k8s.io/requests.storage": "1Gi",
        "fast.storageclass.storage.k8s.io/persistentvolumeclaims": "1",
    }


@pytest.mark.parametrize(
    ("resource", "name", "counts"),
    [
        ("pods", "pods", True),
        ("pods", "count/pods", True),
        ("pods", "limits.memory", True),
        ("pods", "requests.example.com/gpu", True),
        ("pods", "hugepages-2Mi", True),
        ("pods", "services", False),
        ("deployments.apps", "count/deployments.apps", True),
        ("deployments.apps", "count/replicasets.apps", False),
        ("services", "services.nodeports", True),
        ("configmaps", "configmaps", True),
        ("jobs.batch", "jobs.batch", False),
        ("persistentvolumeclaims", "fast.storageclass.storage.k8s.io/requests.storage", True),
    ],
)
def test_which_quota_names_a_resource_counts_towards(resource, name, counts):
    assert quota.counted(resource, name) == counts


def scoped(*names, expressions=()):
    return {"spec": {"scopes": list(names), "scopeSelector": {"matchExpressions": list(expressions)}}}


def important(operator, *values):
    return {"scopeName": "PriorityClass", "operator": operator, "values": list(values)}


@pytest.mark.parametrize(
    ("found", "inside"),
    [
        (scoped(), True),
        (scoped("BestEffort"), True),
        (scoped("NotBestEffort"), False),
        (scoped("Terminating"), False),
        (scoped("NotTerminating"), True),
        (scoped("BestEffort", "Terminating"), False),
        (scoped("CrossNamespacePodAffinity"), False),
        (scoped(expressions=[important("In", "high", "low")]), True),
        (scoped(expressions=[important("NotIn", "high")]), False),
        (scoped(expressions=[important("Exists")]), True),
        (scoped(expressions=[important("DoesNotExist")]), False),
    ],
)
def test_scopes_choose_the_pods_that_a_quota_is_about(found, inside):
    best_effort = pod(container(), status={"qosClass": "BestEffort"}, priorityClassName="high")
    assert quota.concerns(found, "pods", best_effort) == inside


def test_a_quota_with_scopes_is_about_pods_only():
    assert quota.concerns(scoped(), "services", {"spec": {}})
    assert not quota.concerns(scoped("NotTerminating"), "services", {"spec": {}})


def test_every_container_has_to_state_what_the_namespace_limits():
    asked = pod(container("a", {"cpu": "1"}), container("b", limits={"memory": "1Mi"}), initContainers=[container("i")])
    names = ["requests.cpu", "limits.memory", "pods", "requests.ephemeral-storage"]
    assert quota.unstated(asked, names) == "limits.memory for: a,i; requests.cpu for: b,i"
