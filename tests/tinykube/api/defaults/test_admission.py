import random

import pytest

from tinykube.api.defaults import admission
from tinykube.errors import ApiError


def pod(**spec):
    return {"metadata": {"name": "p", "namespace": "n"}, "spec": {"containers": [{"name": "a"}], **spec}}


def test_the_token_is_mounted_into_every_container():
    obj = pod(initContainers=[{"name": "i"}])
    admission.service_account(obj, {}, random.Random(1))
    volume = obj["spec"]["volumes"][0]
    mount = {"name": volume["name"], "readOnly": True, "mountPath": admission.TOKEN_PATH}
    assert volume["name"].startswith("kube-api-access-")
    assert len(volume["name"]) == len("kube-api-access-") + 5
    assert [c["volumeMounts"] for c in obj["spec"]["containers"] + obj["spec"]["initContainers"]] == [[mount], [mount]]
    assert obj["spec"]["serviceAccountName"] == obj["spec"]["serviceAccount"] == "default"


@pytest.mark.parametrize(
    ("spec", "account"),
    [({"automountServiceAccountToken": False}, {}), ({}, {"automountServiceAccountToken": False})],
)
def test_no_token_where_it_is_not_wanted(spec, account):
    obj = pod(**spec)
    admission.service_account(obj, account, random.Random(1))
    assert "volumes" not in obj["spec"]


def test_a_missing_account_is_refused():
    with pytest.raises(ApiError) as refused:
        admission.service_account(pod(serviceAccountName="ghost"), None, random.Random(1))
    assert str(refused.value) == (
        'pods "p" is forbidden: error looking up service account n/ghost: serviceaccount "ghost" not found'
    )


def test_own_tolerations_are_kept():
    own = {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}
    obj = pod(tolerations=[own])
    admission.default_tolerations(obj)
    assert obj["spec"]["tolerations"] == [
        own,
        {**own, "key": "node.kubernetes.io/unreachable", "tolerationSeconds": 300},
    ]


HIGH = {"metadata": {"name": "high"}, "value": 1000, "preemptionPolicy": "Never"}


def test_priority_comes_from_the_class():
    obj = pod(priorityClassName="high")
    admission.priority(obj, [HIGH])
    assert (obj["spec"]["priority"], obj["spec"]["preemptionPolicy"]) == (1000, "Never")


def test_the_default_class_is_named_in_the_pod():
    obj = pod()
    admission.priority(obj, [{**HIGH, "globalDefault": True}])
    assert obj["spec"]["priorityClassName"] == "high"


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"priorityClassName": "ghost"}, "no PriorityClass with name ghost was found"),
        (
            {"priority": 7},
            "the integer value of priority (7) must not be provided in pod spec; "
            "priority admission controller computed 0 from the given PriorityClass name",
        ),
    ],
)
def test_priority_refusals(spec, why):
    with pytest.raises(ApiError) as refused:
        admission.priority(pod(**spec), [HIGH])
    assert str(refused.value) == f'pods "p" is forbidden: {why}'


RUNTIME = {
    "metadata": {"name": "heavy"},
    "handler": "runc",
    "overhead": {"podFixed": {"memory": "64Mi"}},
    "scheduling": {"nodeSelector": {"size": "big"}, "tolerations": [{"key": "big", "operator": "Exists"}]},
}


def test_a_runtime_class_adds_its_overhead_and_chooses_nodes():
    obj = pod(runtimeClassName="heavy", nodeSelector={"disk": "ssd"})
    admission.runtime_class(obj, [RUNTIME])
    spec = obj["spec"]
    assert (spec["overhead"], spec["nodeSelector"]) == ({"memory": "64Mi"}, {"disk": "ssd", "size": "big"})
    assert spec["tolerations"] == RUNTIME["scheduling"]["tolerations"]


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ({"runtimeClassName": "ghost"}, 'pod rejected: RuntimeClass "ghost" not found'),
        (
            {"runtimeClassName": "heavy", "overhead": {"memory": "1Mi"}},
            "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
        ),
        (
            {"overhead": {"memory": "1Mi"}},
            "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
        ),
        (
            {"runtimeClassName": "heavy", "nodeSelector": {"size": "small"}},
            "conflict: runtimeClass.scheduling.nodeSelector[size] = big; pod.spec.nodeSelector[size] = small",
        ),
    ],
)
def test_runtime_class_refusals(spec, why):
    with pytest.raises(ApiError) as refused:
        admission.runtime_class(pod(**spec), [RUNTIME])
    assert str(refused.value) == f'pods "p" is forbidden: {why}'


def test_a_claim_gets_the_newest_default_class():
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    classes = [
        {"metadata": {"name": n, "annotations": default, "creationTimestamp": t}}
        for n, t in (("old", "1"), ("new", "2"))
    ]
    claim = {"metadata": {}, "spec": {}}
    admission.claim_defaults(claim, classes)
    assert claim == {
        "metadata": {"finalizers": ["kubernetes.io/pvc-protection"]},
        "spec": {"storageClassName": "new"},
    }
