import pytest

from tinykube.api.defaults import default, strategy
from tinykube.objects import copy


def deployment(**meta):
    obj = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d", "uid": "u", **meta},
        "spec": {"template": {"spec": {"containers": [{"name": "a", "image": "b"}]}}},
        "status": {"replicas": 7},
    }
    default("apps/v1/Deployment", obj)
    return obj


def test_a_new_object_has_generation_1_and_no_status_of_its_own():
    obj = deployment(generation=9)
    strategy.prepare_for_create("apps/v1/Deployment", obj)
    assert obj["metadata"]["generation"] == 1
    assert obj["status"] == {}


def test_fields_whose_gates_are_off_are_taken_out():
    obj = deployment()
    spec = obj["spec"]["template"]["spec"]
    spec["schedulingGroup"] = {"podGroupName": "g"}
    hook = {"sleep": {"seconds": 1}}
    spec["containers"][0]["lifecycle"] = {"stopSignal": "SIGUSR1"}
    spec["containers"].append({"name": "c", "image": "b", "lifecycle": {"preStop": hook, "stopSignal": "SIGUSR1"}})
    strategy.prepare_for_create("apps/v1/Deployment", obj)
    assert "schedulingGroup" not in spec
    assert "lifecycle" not in spec["containers"][0]
    assert spec["containers"][1]["lifecycle"] == {"preStop": hook}


def changed_spec(obj):
    obj["spec"]["replicas"] = 5


def changed_annotations(obj):
    obj["metadata"]["annotations"] = {"a": "b"}


def changed_labels(obj):
    obj["metadata"]["labels"] = {"a": "b"}


def changed_status(obj):
    obj["status"] = {"replicas": 3}


@pytest.mark.parametrize(
    ("change", "generation"), [(changed_spec, 2), (changed_annotations, 2), (changed_labels, 1), (changed_status, 1)]
)
def test_generation_counts_changes_of_the_desired_state(change, generation):
    old = deployment()
    strategy.prepare_for_create("apps/v1/Deployment", old)
    new = copy(old)
    change(new)
    strategy.prepare_for_update("apps/v1/Deployment", new, old)
    assert new["metadata"]["generation"] == generation
    assert new["status"] == old["status"]


def test_metadata_left_out_of_an_update_is_taken_over():
    old = deployment(creationTimestamp="2026-01-01T00:00:00Z", deletionTimestamp="2026-01-02T00:00:00Z")
    new = copy(old)
    new["metadata"] = {"name": "d"}
    strategy.keep_metadata(new, old)
    assert new["metadata"] == {k: old["metadata"][k] for k in ("name", "uid", "creationTimestamp", "deletionTimestamp")}


def test_a_status_update_changes_only_the_status():
    old = deployment(labels={"a": "b"}, generation=1)
    new = copy(old)
    changed_spec(new)
    new["metadata"]["labels"] = {}
    new["status"] = {"replicas": 2}
    strategy.prepare_for_status_update("apps/v1/Deployment", new, old)
    assert new["spec"] == old["spec"]
    assert new["metadata"] == old["metadata"]
    assert new["status"] == {"replicas": 2}


def test_a_manual_selector_is_left_alone():
    obj = {
        "metadata": {"name": "j", "uid": "u"},
        "spec": {"manualSelector": True, "selector": {"matchLabels": {"a": "b"}}},
    }
    default("batch/v1/Job", obj)
    strategy.prepare_for_create("batch/v1/Job", obj)
    assert obj["spec"]["selector"] == {"matchLabels": {"a": "b"}}
    assert obj["spec"]["template"]["metadata"] == {}


def test_a_gated_pod_says_why_it_is_not_scheduled():
    meta = {"name": "p", "creationTimestamp": "2026-01-01T00:00:00Z"}
    obj = {"metadata": meta, "spec": {"containers": [], "schedulingGates": [{"name": "g"}]}}
    default("v1/Pod", obj)
    strategy.prepare_for_create("v1/Pod", obj)
    (said,) = obj["status"]["conditions"]
    assert (said["reason"], said["lastTransitionTime"]) == ("SchedulingGated", meta["creationTimestamp"])


def test_a_daemon_set_counts_its_templates():
    old = {"metadata": {"name": "d"}, "spec": {}}
    default("apps/v1/DaemonSet", old)
    strategy.prepare_for_create("apps/v1/DaemonSet", old)
    new = copy(old)
    new["spec"]["template"]["spec"]["hostPID"] = True
    strategy.prepare_for_update("apps/v1/DaemonSet", new, old)
    assert old["metadata"]["annotations"] == {strategy.TEMPLATE_GENERATION: "1"}
    assert new["metadata"]["annotations"] == {strategy.TEMPLATE_GENERATION: "2"}
