"""Creating and changing: identity, generated names, revisions, generations, dry runs, and what a no-op is."""

import pytest
from tests.tinykube.api.examples import config_map, deployment, pod

from tinykube.client import Options
from tinykube.objects import ALPHANUMS, copy

MERGE = "application/merge-patch+json"


def test_a_new_object_gets_identity_and_time(api):
    made = api.create("configmaps", "default", config_map("c"))
    metadata = made["metadata"]
    assert metadata["creationTimestamp"] == "2026-01-01T00:00:00Z"
    assert len(metadata["uid"]) == 36
    assert metadata["namespace"] == "default"
    assert metadata["resourceVersion"] == str(api.store.revision)
    assert (made["apiVersion"], made["kind"]) == ("v1", "ConfigMap")


def test_what_a_client_sends_as_identity_is_not_believed(api):
    sent = config_map("c")
    sent["metadata"] |= {"uid": "mine", "creationTimestamp": "1999-01-01T00:00:00Z", "selfLink": "/x", "generation": 9}
    metadata = api.create("configmaps", "default", sent)["metadata"]
    assert metadata["uid"] != "mine"
    assert metadata["creationTimestamp"].startswith("2026")
    assert "selfLink" not in metadata
    assert "generation" not in metadata


def test_the_clients_object_is_left_alone(api):
    sent = pod()
    before = copy(sent)
    api.create("pods", "default", sent)
    assert sent == before


def test_names_are_generated_from_letters_that_make_no_words(api):
    made = [api.create("pods", "default", {**pod(), "metadata": {"generateName": "web-"}}) for _ in range(3)]
    suffixes = [m["metadata"]["name"].removeprefix("web-") for m in made]
    assert all(len(s) == 5 and set(s) <= set(ALPHANUMS) for s in suffixes)
    assert len(set(suffixes)) == 3


def test_a_name_can_be_taken_only_once(api, refusal):
    api.create("configmaps", "default", config_map("c"))
    status = refusal(api.create, "configmaps", "default", config_map("c"))
    assert (status["code"], status["reason"], status["message"]) == (
        409,
        "AlreadyExists",
        'configmaps "c" already exists',
    )
    assert status["details"] == {"name": "c", "kind": "configmaps"}


def test_a_name_held_by_an_object_that_is_being_deleted_says_so(api, refusal):
    api.create("configmaps", "default", {**config_map("c"), "metadata": {"name": "c", "finalizers": ["a.b/c"]}})
    api.delete("configmaps", "default", "c")
    status = refusal(api.create, "configmaps", "default", config_map("c"))
    assert status["message"] == 'object is being deleted: configmaps "c" already exists'


@pytest.mark.parametrize(
    ("namespace", "change", "code", "message"),
    [
        ("nope", {}, 404, 'namespaces "nope" not found'),
        (None, {}, 400, "an empty namespace may not be set during creation"),
        (
            "default",
            {"namespace": "other"},
            400,
            "the namespace of the provided object does not match the namespace sent on the request",
        ),
        ("default", {"resourceVersion": "1"}, 400, "resourceVersion should not be set on objects to be created"),
    ],
)
def test_what_does_not_fit_its_request_is_not_created(api, refusal, namespace, change, code, message):
    sent = config_map("c")
    sent["metadata"] |= change
    status = refusal(api.create, "configmaps", namespace, sent)
    assert (status["code"], status["message"]) == (code, message)


def test_a_stale_write_is_a_conflict(api, refusal):
    old = api.create("configmaps", "default", config_map("c"))
    api.update("configmaps", "default", "c", {**old, "data": {"k": "1"}})
    status = refusal(api.update, "configmaps", "default", "c", {**old, "data": {"k": "2"}})
    assert (status["code"], status["reason"]) == (409, "Conflict")
    assert status["message"] == (
        'Operation cannot be fulfilled on configmaps "c": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )


def test_a_write_without_a_revision_wins(api):
    api.create("configmaps", "default", config_map("c"))
    made = api.update("configmaps", "default", "c", config_map("c", k="new"))
    assert made["data"] == {"k": "new"}


def test_some_resources_demand_a_revision(api, refusal):
    lease = {"metadata": {"name": "l"}, "spec": {"holderIdentity": "a"}}
    api.create("leases.coordination.k8s.io", "default", lease)
    status = refusal(api.update, "leases.coordination.k8s.io", "default", "l", lease)
    assert "metadata.resourceVersion: Invalid value: 0x0: must be specified for an update" in status["message"]


def test_another_uid_is_another_object(api, refusal):
    api.create("configmaps", "default", config_map("c"))
    sent = config_map("c")
    sent["metadata"]["uid"] = "other"
    status = refusal(api.update, "configmaps", "default", "c", sent)
    assert status["code"] == 409
    assert "Precondition failed: UID in precondition: other" in status["message"]


def test_another_name_is_a_bad_request(api, refusal):
    api.create("configmaps", "default", config_map("c"))
    status = refusal(api.update, "configmaps", "default", "c", config_map("d"))
    assert status["message"] == "the name of the object (d) does not match the name on the URL (c)"


def test_writing_what_is_there_changes_nothing(api):
    old = api.create("deployments.apps", "default", deployment())
    before = api.store.revision
    again = api.update("deployments.apps", "default", "web", copy(old), options=Options(field_manager="other"))
    assert again is old
    assert api.store.revision == before


def test_the_generation_counts_what_is_desired(api):
    api.create("deployments.apps", "default", deployment())

    def generation(patch, subresource=None):
        made = api.patch("deployments.apps", "default", "web", patch, MERGE, subresource=subresource)
        return made["metadata"]["generation"]

    assert generation({"spec": {"replicas": 3}}) == 2
    assert generation({"metadata": {"labels": {"x": "y"}}}) == 2
    assert generation({"metadata": {"annotations": {"x": "y"}}}) == 3  # deployments count these, too
    assert generation({"status": {"replicas": 1}}, "status") == 3


def test_status_and_spec_are_written_apart(api):
    api.create("deployments.apps", "default", {**deployment(), "status": {"replicas": 5}})
    stored = api.get("deployments.apps", "default", "web")
    assert stored["status"] == {}
    patch = {"spec": {"replicas": 9}, "status": {"replicas": 4}}
    through_main = api.patch("deployments.apps", "default", "web", patch, MERGE)
    assert (through_main["spec"]["replicas"], through_main["status"]) == (9, {})
    patch = {"spec": {"replicas": 1}, "status": {"replicas": 4}}
    through_status = api.patch("deployments.apps", "default", "web", patch, MERGE, subresource="status")
    assert (through_status["spec"]["replicas"], through_status["status"]["replicas"]) == (9, 4)


def test_a_dry_run_answers_and_stores_nothing(api):
    dry = Options(dry_run=True)
    before = api.store.revision
    made = api.create("pods", "default", pod(), options=dry)
    assert made["spec"]["restartPolicy"] == "Always"
    api.create("configmaps", "default", config_map("c"))
    assert api.update("configmaps", "default", "c", config_map("c", k="2"), options=dry)["data"] == {"k": "2"}
    api.delete("configmaps", "default", "c", user=dry)
    assert api.get("configmaps", "default", "c")["data"] == {"k": "v"}
    assert api.store.revision == before + 1


def test_what_is_refused_is_refused_whole(api, refusal):
    broken = pod(containers=[{"name": "A_b", "image": ""}])
    before = api.store.revision
    status = refusal(api.create, "pods", "default", broken)
    assert status["code"] == 422
    assert [c["field"] for c in status["details"]["causes"]] == [
        "spec.containers[0].name",
        "spec.containers[0].image",
    ]
    assert api.store.revision == before


@pytest.mark.parametrize("call", ["get", "delete"])
def test_what_is_not_there_is_not_found(api, refusal, call):
    status = refusal(getattr(api, call), "deployments.apps", "default", "nope")
    assert status["message"] == 'deployments.apps "nope" not found'
    assert status["details"] == {"name": "nope", "group": "apps", "kind": "deployments"}


def test_what_is_not_served_is_not_found(api, refusal):
    status = refusal(api.get, "widgets.example.com", "default", "x")
    assert (status["code"], status["message"]) == (404, "the server could not find the requested resource")


def test_a_job_is_tied_to_its_pods_by_its_own_uid(api):
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}
    made = api.create("jobs.batch", "default", {"metadata": {"name": "j"}, "spec": {"template": template}})
    uid = made["metadata"]["uid"]
    assert made["spec"]["selector"] == {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
    assert made["spec"]["template"]["metadata"]["labels"]["job-name"] == "j"
