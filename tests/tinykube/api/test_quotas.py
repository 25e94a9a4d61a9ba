"""What a quota refuses, in the plug-in's words."""

import pytest
from tests.tinykube.api.examples import pod


@pytest.fixture
def granted(api):
    """Put a quota into the namespace whose status is as the controller leaves it."""

    def make(**hard):
        hard = {name.replace("_", "."): text for name, text in hard.items()}
        quota = {"metadata": {"name": "q"}, "spec": {"hard": hard}}
        made = api.create("resourcequotas", "default", quota)
        api.update(
            "resourcequotas",
            "default",
            "q",
            {**made, "status": {"hard": hard, "used": dict.fromkeys(hard, "0")}},
            subresource="status",
        )

    return make


def asking(name="p", **resources):
    return pod(name, containers=[{"name": "c", "image": "busybox", "resources": resources}])


def test_the_next_pod_is_one_too_many(api, granted, refusal):
    granted(pods="1")
    api.create("pods", "default", pod("a"))
    status = refusal(api.create, "pods", "default", pod("b"))
    assert (status["code"], status["reason"]) == (403, "Forbidden")
    assert (
        status["message"]
        == 'pods "b" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1'
    )


def test_every_resource_that_is_exceeded_is_named(api, granted, refusal):
    granted(pods="5", requests_cpu="1", requests_memory="1Gi")
    api.create("pods", "default", asking("a", requests={"cpu": "600m", "memory": "600Mi"}))
    status = refusal(api.create, "pods", "default", asking("b", requests={"cpu": "500m", "memory": "500Mi"}))
    assert status["message"].endswith(
        "exceeded quota: q, requested: requests.cpu=500m,requests.memory=500Mi, used: requests.cpu=600m,"
        "requests.memory=600Mi, limited: requests.cpu=1,requests.memory=1Gi"
    )


def test_a_quota_on_compute_wants_every_container_to_say_what_it_needs(api, granted, refusal):
    granted(limits_cpu="1", requests_memory="1Gi", pods="1")
    status = refusal(api.create, "pods", "default", asking(limits={"memory": "1Mi"}))
    assert status["message"] == 'pods "p" is forbidden: failed quota: q: must specify limits.cpu for: c'


def test_counts_are_kept_for_any_kind(api, granted, refusal):
    granted(**{"count/secrets": "0", "configmaps": "1"})
    api.create("configmaps", "default", {"metadata": {"name": "a"}})
    status = refusal(api.create, "configmaps", "default", {"metadata": {"name": "b"}})
    assert status["message"].endswith("requested: configmaps=1, used: configmaps=1, limited: configmaps=1")
    assert refusal(api.create, "secrets", "default", {"metadata": {"name": "b"}})["code"] == 403


def test_a_service_that_becomes_a_node_port_takes_one(api, granted, refusal):
    granted(services_nodeports="0")
    api.create("services", "default", {"metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}})
    patch = {"spec": {"type": "NodePort"}}
    status = refusal(api.patch, "services", "default", "s", patch, "application/merge-patch+json")
    assert status["message"].endswith(
        "requested: services.nodeports=1, used: services.nodeports=0, limited: services.nodeports=0"
    )


def test_a_quota_counts_once_its_status_says_what_it_grants(api):
    api.create("resourcequotas", "default", {"metadata": {"name": "q"}, "spec": {"hard": {"pods": "0"}}})
    assert api.create("pods", "default", pod("a"))


def test_what_is_invalid_is_called_invalid_before_any_quota(api, granted, refusal):
    granted(pods="0")
    assert refusal(api.create, "pods", "default", pod(containers=[]))["reason"] == "Invalid"
