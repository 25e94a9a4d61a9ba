"""Scale, binding and eviction."""

import pytest
from tests.tinykube.api.examples import bind, deployment, pod

from tinykube.client import MERGE_PATCH, STRATEGIC_MERGE_PATCH

DEPLOYMENTS, BUDGETS = "deployments.apps", "poddisruptionbudgets.policy"


@pytest.fixture
def web(api):
    api.create(DEPLOYMENTS, "default", deployment(replicas=2))
    return api


def test_scale_shows_a_workload_as_a_number(web):
    web.patch(DEPLOYMENTS, "default", "web", {"status": {"replicas": 1}}, MERGE_PATCH, subresource="status")
    scale = web.get(DEPLOYMENTS, "default", "web", subresource="scale")
    assert (scale["kind"], scale["apiVersion"]) == ("Scale", "autoscaling/v1")
    assert scale["spec"] == {"replicas": 2}
    assert scale["status"] == {"replicas": 1, "selector": "app=web"}
    assert set(scale["metadata"]) == {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"}


def test_scaling_changes_the_number_alone(web):
    scale = web.get(DEPLOYMENTS, "default", "web", subresource="scale")
    made = web.update(DEPLOYMENTS, "default", "web", {**scale, "spec": {"replicas": 5}}, subresource="scale")
    assert made["spec"] == {"replicas": 5}
    stored = web.get(DEPLOYMENTS, "default", "web")
    assert (stored["spec"]["replicas"], stored["metadata"]["generation"]) == (5, 2)


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"spec": {"replicas": -1}}, 422, 'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1'),
        ({"metadata": {"name": "web", "resourceVersion": "1"}}, 409, "the object has been modified"),
        ({"metadata": {"name": "web", "uid": "other"}}, 409, "Precondition failed: UID"),
    ],
)
def test_scales_that_are_refused(web, refusal, change, code, words):
    sent = {"metadata": {"name": "web"}, "spec": {"replicas": 1}, **change}
    status = refusal(web.update, DEPLOYMENTS, "default", "web", sent, subresource="scale")
    assert status["code"] == code
    assert words in status["message"]


def test_the_selector_of_a_scale_is_text():
    from tinykube.api.subresources import selector_text

    selector = {
        "matchLabels": {"b": "2"},
        "matchExpressions": [
            {"key": "a", "operator": "In", "values": ["y", "x"]},
            {"key": "c", "operator": "NotIn", "values": ["z"]},
            {"key": "d", "operator": "Exists"},
            {"key": "e", "operator": "DoesNotExist"},
        ],
    }
    assert selector_text(selector) == "a in (x,y),b=2,c notin (z),d,!e"
    assert selector_text({"app": "web"}) == "app=web"


def test_binding_puts_a_pod_on_a_node_once(api, refusal):
    api.create("pods", "default", pod())
    bind(api, node="n1")
    bound = api.get("pods", "default", "p")
    assert bound["spec"]["nodeName"] == "n1"
    (condition,) = bound["status"]["conditions"]
    assert (condition["type"], condition["status"]) == ("PodScheduled", "True")
    assert bound["metadata"]["generation"] == 1
    status = refusal(bind, api, node="n2")
    assert status["message"] == (
        'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n1"'
    )


def test_a_binding_may_be_posted_to_its_own_resource(api):
    api.create("pods", "default", pod())
    api.create("bindings", "default", {"metadata": {"name": "p"}, "target": {"name": "n1"}})
    assert api.get("pods", "default", "p")["spec"]["nodeName"] == "n1"


def test_a_binding_must_name_a_node(api, refusal):
    api.create("pods", "default", pod())
    assert refusal(bind, api, node="")["code"] == 422


# -- ephemeral containers ------------------------------------------------------------------------------------


def debug(api, *containers):
    """Add ephemeral containers as kubectl debug does."""
    change = {"spec": {"ephemeralContainers": list(containers), "nodeName": "elsewhere"}}
    return api.patch("pods", "default", "p", change, STRATEGIC_MERGE_PATCH, subresource="ephemeralcontainers")


def debugger(name="debugger", **more):
    return {"name": name, "image": "busybox", **more}


def test_ephemeral_containers_are_added_and_nothing_else_changes(api):
    before = api.create("pods", "default", pod())
    debug(api, debugger(targetContainerName="main"))
    after = debug(api, debugger("second"))["spec"]
    assert [c["name"] for c in after["ephemeralContainers"]] == ["second", "debugger"]
    assert after["ephemeralContainers"][0]["imagePullPolicy"] == "Always"
    assert {k: v for k, v in after.items() if k != "ephemeralContainers"} == before["spec"]


@pytest.mark.parametrize(
    ("container", "message"),
    [
        (debugger("main"), 'spec.ephemeralContainers[0].name: Duplicate value: "main"'),
        (debugger(targetContainerName="no"), 'spec.ephemeralContainers[0].targetContainerName: Not found: "no"'),
        (debugger(ports=[{"containerPort": 80}]), "spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an"),
        (debugger(image=""), "spec.ephemeralContainers[0].image: Required value"),
    ],
)
def test_a_wrong_ephemeral_container_is_refused(api, refusal, container, message):
    api.create("pods", "default", pod())
    status = refusal(debug, api, container)
    assert (status["code"], message in status["message"]) == (422, True), status["message"]


def test_an_ephemeral_container_stays_as_it_is(api, refusal):
    api.create("pods", "default", pod())
    debug(api, debugger())
    assert "may not be changed" in refusal(debug, api, debugger(image="alpine"))["message"]
    pods = api.get("pods", "default", "p")
    gone = {**pods, "spec": {**pods["spec"], "ephemeralContainers": []}}
    status = refusal(api.update, "pods", "default", "p", gone, subresource="ephemeralcontainers")
    assert 'existing ephemeral containers "debugger" may not be removed' in status["message"]
    assert refusal(api.update, "pods", "default", "p", gone)["code"] == 422


# -- eviction ------------------------------------------------------------------------------------------------


def evict(api, name="p", grace=0):
    body = {"metadata": {"name": name, "namespace": "default"}, "deleteOptions": {"gracePeriodSeconds": grace}}
    return api.create("pods", "default", body, subresource="eviction", name=name)


@pytest.fixture
def running(api):
    api.create("pods", "default", pod())
    bind(api)
    set_ready(api, "True")
    return api


def set_ready(api, value):
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": value}]}
    api.patch("pods", "default", "p", {"status": status}, MERGE_PATCH, subresource="status")


def budget(api, name, allowed, healthy=1, generation=1, conditions=(), **spec):
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app": "p"}}, **spec}
    api.create(BUDGETS, "default", {"metadata": {"name": name}, "spec": spec})
    status = {"disruptionsAllowed": allowed, "desiredHealthy": 1, "currentHealthy": healthy, "expectedPods": 1}
    status |= {"observedGeneration": generation, "conditions": list(conditions)}
    api.patch(BUDGETS, "default", name, {"status": status}, MERGE_PATCH, subresource="status")


def test_eviction_without_a_budget_deletes(running):
    assert evict(running)["status"] == "Success"
    assert running.list("pods", "default")["items"] == []


def test_eviction_spends_what_the_budget_allows(running):
    budget(running, "b", allowed=1)
    evict(running)
    status = running.get(BUDGETS, "default", "b")["status"]
    assert status["disruptionsAllowed"] == 0
    assert list(status["disruptedPods"]) == ["p"]


def test_eviction_against_the_budget_has_to_wait(running, refusal):
    budget(running, "b", allowed=0)
    status = refusal(evict, running)
    assert (status["code"], status["reason"]) == (429, "TooManyRequests")
    assert status["message"] == "Cannot evict pod as it would violate the pod's disruption budget."
    assert status["details"]["causes"] == [
        {
            "reason": "DisruptionBudget",
            "message": "The disruption budget b needs 1 healthy pods and has 1 currently",
        }
    ]


@pytest.mark.parametrize(
    ("healthy", "spec", "goes"),
    [
        (1, {}, True),
        (0, {}, False),
        (0, {"unhealthyPodEvictionPolicy": "IfHealthyBudget"}, False),
        (0, {"unhealthyPodEvictionPolicy": "AlwaysAllow"}, True),
    ],
)
def test_a_pod_that_is_not_ready_goes_if_enough_others_are_or_the_budget_says_so(running, refusal, healthy, spec, goes):
    set_ready(running, "False")
    budget(running, "b", allowed=0, healthy=healthy, **spec)
    if goes:
        assert evict(running)["status"] == "Success"
    else:
        assert refusal(evict, running)["code"] == 429


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ({"generation": 0}, "The disruption budget b is still being processed by the server."),
        (
            {
                "conditions": [
                    {"type": "DisruptionAllowed", "status": "False", "reason": "SyncFailed", "message": "no scale"}
                ]
            },
            "The disruption budget b does not allow evicting pods currently because it failed sync: no scale",
        ),
    ],
)
def test_a_budget_that_knows_no_numbers_refuses(running, refusal, state, why):
    budget(running, "b", allowed=0, **state)
    assert refusal(evict, running)["details"]["causes"][0]["message"] == why


def test_an_evicted_pod_says_why_it_goes(running):
    evict(running, grace=30)
    found = running.get("pods", "default", "p")
    assert found["metadata"]["deletionGracePeriodSeconds"] == 30
    (said,) = [c for c in found["status"]["conditions"] if c["type"] == "DisruptionTarget"]
    assert (said["reason"], said["message"]) == ("EvictionByEvictionAPI", "Eviction API: evicting")
    assert said["observedGeneration"] == 1


def test_a_pod_that_never_ran_needs_no_budget(api):
    api.create("pods", "default", pod())
    budget(api, "b", allowed=0)
    assert evict(api)["status"] == "Success"


def test_two_budgets_are_one_too_many(running, refusal):
    budget(running, "a", allowed=1)
    budget(running, "b", allowed=1)
    assert "more than one PodDisruptionBudget" in refusal(evict, running)["message"]
