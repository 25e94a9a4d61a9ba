"""What admission adds to a Pod and refuses in its name."""

import pytest
from tests.tinykube.api.examples import pod


def test_a_pod_is_given_its_account_its_token_and_its_patience(api):
    spec = api.create("pods", "default", pod())["spec"]
    assert (spec["serviceAccountName"], spec["serviceAccount"]) == ("default", "default")
    (volume,) = spec["volumes"]
    assert volume["name"].startswith("kube-api-access-")
    assert spec["containers"][0]["volumeMounts"] == [
        {
            "name": volume["name"],
            "readOnly": True,
            "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
        }
    ]
    assert [t["key"] for t in spec["tolerations"]] == [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    ]
    assert (spec["priority"], spec["preemptionPolicy"]) == (0, "PreemptLowerPriority")


def test_a_pod_may_decline_the_token(api):
    spec = api.create("pods", "default", pod(automountServiceAccountToken=False))["spec"]
    assert "volumes" not in spec


def test_an_account_that_is_not_there_is_forbidden(api, refusal):
    status = refusal(api.create, "pods", "default", pod(serviceAccountName="nope"))
    assert (status["code"], status["message"]) == (
        403,
        'pods "p" is forbidden: error looking up service account default/nope: serviceaccount "nope" not found',
    )


def test_a_priority_class_becomes_a_number(api, refusal):
    api.create("priorityclasses.scheduling.k8s.io", None, {"metadata": {"name": "high"}, "value": 1000})
    assert api.create("pods", "default", pod("a", priorityClassName="high"))["spec"]["priority"] == 1000
    status = refusal(api.create, "pods", "default", pod("b", priorityClassName="nope"))
    assert status["message"] == 'pods "b" is forbidden: no PriorityClass with name nope was found'


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        ("customresourcedefinitions.apiextensions.k8s.io", "custom resources are not part of the practice cluster"),
        ("validatingwebhookconfigurations.admissionregistration.k8s.io", "admission webhooks and policies are not"),
        ("apiservices.apiregistration.k8s.io", "aggregated API servers are not"),
    ],
)
def test_what_nothing_here_would_act_on_is_refused_in_words(api, refusal, resource, said):
    status = refusal(api.create, resource, None, {"metadata": {"name": "x.example.com"}})
    assert status["code"] == 403
    assert f"{said}" in status["message"]
    assert status["message"].endswith("run this on a kind cluster")


def test_a_runtime_that_no_node_has_is_refused_in_words(api, refusal):
    made = {"metadata": {"name": "sandboxed"}, "handler": "gvisor"}
    assert "no other handler than runc" in refusal(api.create, "runtimeclasses.node.k8s.io", None, made)["message"]
    api.create("runtimeclasses.node.k8s.io", None, {**made, "handler": "runc"})
    assert api.create("pods", "default", pod(runtimeClassName="sandboxed"))["spec"]["runtimeClassName"] == "sandboxed"
    status = refusal(api.create, "pods", "default", pod("b", runtimeClassName="nope"))
    assert status["message"] == 'pods "b" is forbidden: pod rejected: RuntimeClass "nope" not found'


def test_variables_from_files_are_not_read_here_and_nobody_pretends(api, refusal):
    variable = {"name": "A", "valueFrom": {"fileKeyRef": {"volumeName": "v", "path": "env", "key": "A"}}}
    wanted = {"name": "main", "image": "busybox:1.36", "env": [variable]}
    status = refusal(api.create, "pods", "default", pod(containers=[wanted], volumes=[{"name": "v", "emptyDir": {}}]))
    assert status["message"].startswith('pods "p" is forbidden: environment variables from files are not part of')
