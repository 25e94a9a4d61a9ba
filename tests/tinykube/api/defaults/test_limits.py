import pytest

from tinykube.api.defaults import limits
from tinykube.errors import ApiError


def ranges(*items):
    return [{"spec": {"limits": list(items)}}]


def pod(requests=None, limit=None, **more):
    resources = {k: v for k, v in (("requests", requests), ("limits", limit)) if v}
    return {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "a", "resources": resources}], **more}}


def test_defaults_are_filled_in_and_noted():
    obj = pod(requests={"cpu": "1"})
    item = {
        "type": "Container",
        "default": {"cpu": "2", "memory": "1Gi"},
        "defaultRequest": {"cpu": "1", "memory": "1Gi"},
    }
    limits.fill_pod(obj, ranges(item))
    assert obj["spec"]["containers"][0]["resources"] == {
        "requests": {"cpu": "1", "memory": "1Gi"},
        "limits": {"cpu": "2", "memory": "1Gi"},
    }
    assert obj["metadata"]["annotations"] == {
        limits.ANNOTATION: "LimitRanger plugin set: memory request for container a; cpu, memory limit for container a"
    }


def test_without_limit_ranges_nothing_happens():
    obj = pod()
    limits.fill_pod(obj, [])
    assert obj == pod()


REFUSED = [
    (pod(), {"max": {"cpu": "1"}}, "maximum cpu usage per Container is 1.  No limit is specified"),
    (pod(limit={"cpu": "2"}), {"max": {"cpu": "1"}}, "maximum cpu usage per Container is 1, but limit is 2"),
    (pod(), {"min": {"cpu": "1"}}, "minimum cpu usage per Container is 1.  No request is specified"),
    (pod({"cpu": "500m"}), {"min": {"cpu": "1"}}, "minimum cpu usage per Container is 1, but request is 500m"),
    (
        pod({"cpu": "1"}, {"cpu": "3"}),
        {"maxLimitRequestRatio": {"cpu": "2"}},
        "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000",
    ),
    (
        pod({"cpu": "1"}, {"cpu": "3", "memory": "2Gi"}),
        {"max": {"cpu": "2", "memory": "1Gi"}},
        "[maximum cpu usage per Container is 2, but limit is 3, maximum memory usage per Container is 1Gi, but limit "
        "is 2Gi]",
    ),
]


@pytest.mark.parametrize(("obj", "item", "why"), REFUSED)
def test_out_of_bounds(obj, item, why):
    with pytest.raises(ApiError) as refused:
        limits.check_pod(obj, ranges({"type": "Container", **item}))
    assert str(refused.value) == f'pods "p" is forbidden: {why}'


def test_a_pod_is_the_sum_of_its_containers_or_its_largest_init_container():
    obj = pod(limit={"memory": "600Mi"}, initContainers=[{"name": "i", "resources": {"limits": {"memory": "2Gi"}}}])
    with pytest.raises(ApiError, match="maximum memory usage per Pod is 1Gi, but limit is 2Gi"):
        limits.check_pod(obj, ranges({"type": "Pod", "max": {"memory": "1Gi"}}))


def test_claims():
    claim = {"metadata": {"name": "c"}, "spec": {"resources": {"requests": {"storage": "5Gi"}}}}
    limits.check_claim(claim, ranges({"type": "PersistentVolumeClaim", "max": {"storage": "10Gi"}}))
    with pytest.raises(ApiError) as refused:
        limits.check_claim(claim, ranges({"type": "PersistentVolumeClaim", "max": {"storage": "1Gi"}}))
    assert str(refused.value) == (
        'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request '
        "is 5Gi"
    )
