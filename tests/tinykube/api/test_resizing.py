"""Resizing a Pod through its subresource: what may change, and what may not."""

import pytest

from tinykube.client import STRATEGIC_MERGE_PATCH
from tinykube.errors import ApiError

SMALL = {"requests": {"cpu": "100m", "memory": "32Mi"}, "limits": {"cpu": "200m", "memory": "64Mi"}}
EQUAL = {"requests": {"cpu": "100m", "memory": "32Mi"}, "limits": {"cpu": "100m", "memory": "32Mi"}}
REQUESTS = "spec.containers[0].resources.requests"
MUTABLE = "spec: Forbidden: only cpu and memory resources are mutable"


def create(api, resources, **container):
    main = {"name": "c", "image": "nginx", "resources": resources, **container}
    api.create("pods", "default", {"metadata": {"name": "p"}, "spec": {"containers": [main]}})


def resize(api, **change):
    patch = {"spec": {"containers": [{"name": "c", **change}]}}
    return api.patch("pods", "default", "p", patch, STRATEGIC_MERGE_PATCH, subresource="resize")


def test_cpu_and_memory_of_a_pod_can_be_changed(api):
    create(api, SMALL)
    resized = resize(api, resources={"requests": {"cpu": "150m"}, "limits": {"memory": "128Mi"}})
    assert resized["spec"]["containers"][0]["resources"] == {
        "requests": {"cpu": "150m", "memory": "32Mi"},
        "limits": {"cpu": "200m", "memory": "128Mi"},
    }
    assert resized["metadata"]["generation"] == 2


def test_what_else_a_resize_says_is_dropped(api):
    create(api, SMALL)
    resized = resize(api, image="httpd", resources={"requests": {"cpu": "150m"}})
    assert resized["spec"]["containers"][0]["image"] == "nginx"


def test_the_pod_itself_still_cannot_be_given_other_resources(api):
    create(api, SMALL)
    patch = {"spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": "150m"}}}]}}
    with pytest.raises(ApiError, match="pod updates may not change fields other than"):
        api.patch("pods", "default", "p", patch, STRATEGIC_MERGE_PATCH)


@pytest.mark.parametrize(
    ("before", "change", "words"),
    [
        (
            EQUAL,
            {"requests": {"cpu": "50m"}},
            'spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing',
        ),
        (
            {},
            {"requests": {"cpu": "50m"}},
            'spec: Invalid value: "BestEffort": Pod QOS Class may not change as a result of resizing',
        ),
        (
            SMALL,
            {"limits": {"cpu": None}},
            "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed",
        ),
        (
            {"requests": SMALL["requests"]},
            {"requests": {"memory": None}},
            f"{REQUESTS}: Forbidden: resource requests cannot be removed",
        ),
        (
            SMALL,
            {"requests": {"cpu": "1"}},
            f'{REQUESTS}: Invalid value: "1": must be less than or equal to cpu limit of 200m',
        ),
        (SMALL, {"requests": {"ephemeral-storage": "1Gi"}}, MUTABLE),
    ],
)
def test_what_a_resize_may_not_do(api, before, change, words):
    create(api, before)
    with pytest.raises(ApiError) as refused:
        resize(api, resources=change)
    assert str(refused.value).startswith(f'Pod "p" is invalid: {words}')


def test_a_resize_policy_is_no_resource(api):
    create(api, SMALL)
    with pytest.raises(ApiError, match=MUTABLE):
        resize(api, resizePolicy=[{"resourceName": "cpu", "restartPolicy": "RestartContainer"}])


def test_a_resize_stays_within_its_namespaces_bounds(api):
    limit = {"type": "Container", "max": {"cpu": "500m"}}
    create(api, SMALL)
    api.create("limitranges", "default", {"metadata": {"name": "l"}, "spec": {"limits": [limit]}})
    with pytest.raises(ApiError, match="maximum cpu usage per Container is 500m, but limit is 1"):
        resize(api, resources={"limits": {"cpu": "1"}})
