import pytest

from tinykube.node.qos import add, pod_resources, qos_class


def pod(*containers, init=()):
    def container(resources):
        return {"name": "c", "image": "i", "resources": resources}

    return {"spec": {"containers": [container(r) for r in containers], "initContainers": list(init)}}


FULL = {"limits": {"cpu": "50m", "memory": "32Mi"}, "requests": {"cpu": "50m", "memory": "32Mi"}}


@pytest.mark.parametrize(
    ("containers", "expected"),
    [
        ([{}], "BestEffort"),
        ([FULL], "Guaranteed"),
        ([{"limits": FULL["limits"]}], "Guaranteed"),
        ([FULL, {}], "Burstable"),
        ([{"requests": {"cpu": "10m"}}], "Burstable"),
        ([{"limits": {"memory": "24Mi"}, "requests": {"memory": "24Mi"}}], "Burstable"),
        ([{"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1", "memory": "512Mi"}}], "Burstable"),
        ([{"requests": {"ephemeral-storage": "1Gi"}}], "BestEffort"),
    ],
)
def test_class_from_what_the_containers_ask_for(containers, expected):
    assert qos_class(pod(*containers)) == expected


def test_resources_are_summed_and_init_containers_count_as_the_largest():
    init = [{"name": "i", "resources": {"requests": {"cpu": "300m"}}}]
    both = pod(
        {"requests": {"cpu": "100m", "memory": "16Mi"}}, {"requests": {"cpu": "150m", "memory": "16Mi"}}, init=init
    )
    assert pod_resources(both) == {"requests": {"cpu": "300m", "memory": "32Mi"}}


def test_nothing_asked_for_is_nothing_reported():
    assert pod_resources(pod({})) == {}


@pytest.mark.parametrize(
    ("name", "amounts", "expected"),
    [
        ("cpu", ["500m", "1500m"], "2"),
        ("cpu", ["1", "50m"], "1050m"),
        ("memory", ["1Gi", "512Mi"], "1536Mi"),
        ("memory", ["1"], "1"),
    ],
)
def test_sums_are_written_as_kubernetes_writes_them(name, amounts, expected):
    assert add(name, amounts) == expected
