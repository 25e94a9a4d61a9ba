"""What a Pod asks for as a whole."""

import pytest

from tinykube.podresources import asked, qos_class


def holder(requests=None, limits=None, **more):
    return {"resources": {"requests": requests or {}, "limits": limits or {}}, **more}


BOTH = {"cpu": "1", "memory": "1Gi"}


@pytest.mark.parametrize(
    ("containers", "expected"),
    [
        ([{}], "BestEffort"),
        ([holder()], "BestEffort"),
        ([holder({"cpu": "0"})], "BestEffort"),
        ([holder({"ephemeral-storage": "1Gi"})], "BestEffort"),
        ([holder({"cpu": "1"})], "Burstable"),
        ([holder(BOTH, BOTH)], "Guaranteed"),
        ([holder(BOTH, {"cpu": "1000m", "memory": "1024Mi"})], "Guaranteed"),
        ([holder(BOTH, BOTH), holder()], "Burstable"),
        ([holder({"cpu": "1"}, BOTH)], "Burstable"),
        ([holder({"memory": "24Mi"}, {"memory": "24Mi"})], "Burstable"),
    ],
)
def test_class_from_what_the_containers_ask_for(containers, expected):
    assert qos_class({"containers": containers}) == expected


def test_what_the_pod_states_for_itself_decides_its_class():
    assert qos_class({"containers": [{}], **holder({"cpu": "1"})}) == "Burstable"
    assert qos_class({"containers": [holder({"cpu": "1"})], **holder(BOTH, BOTH)}) == "Guaranteed"


@pytest.mark.parametrize(
    ("spec", "requests"),
    [
        ({"containers": [{}]}, {}),
        ({"containers": [holder({"cpu": "100m"}), holder({"cpu": "150m"})]}, {"cpu": "250m"}),
        ({"containers": [holder({"cpu": "100m"})], "initContainers": [holder({"cpu": "300m"})]}, {"cpu": "300m"}),
        (
            {"containers": [holder({"cpu": "1"})], "initContainers": [holder({"cpu": "1"}, restartPolicy="Always")]},
            {"cpu": "2"},
        ),
        ({"containers": [holder({"memory": "1Gi"})], "overhead": {"memory": "1Gi"}}, {"memory": "2Gi"}),
        ({"containers": [holder({"cpu": "100m"})], **holder({"cpu": "1"})}, {"cpu": "1"}),
        (
            {"containers": [holder({"ephemeral-storage": "1Gi"})], **holder({"cpu": "1"})},
            {"cpu": "1", "ephemeral-storage": "1Gi"},
        ),
    ],
)
def test_requests_are_those_of_the_containers_or_of_the_pod(spec, requests):
    assert asked(spec, "requests") == requests
