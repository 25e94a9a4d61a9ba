"""A lab on a practice cluster: its own namespace, what it changes, how it waits, what it says when things go wrong."""

import pytest

from kubelab import ClusterUnavailable, KubelabError, Lab, NotAManifest, Refused, TimedOut, connecting, namespaces
from tests.kubelab.test_examples import READY

POD = """
apiVersion: v1
kind: Pod
metadata: {name: %s, labels: {app: web}}
spec:
  terminationGracePeriodSeconds: 5
  containers: [{name: c, image: "%s", command: %s}]
"""


def pod(name="web", image="busybox:1.36", command='["sleep", "1000"]'):
    return POD % (name, image, command)


class TestNamespace:
    def test_it_is_named_after_the_lab_on_every_run(self, lab):
        assert lab.namespace == "lab-example"
        assert lab.get("namespace/lab-example")["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "kubelab"

    @pytest.mark.parametrize(
        ("lab_name", "namespace"),
        [("02-first-pod", "lab-02-first-pod"), ("A b!", "lab-a-b"), ("x" * 80, "lab-" + "x" * 59)],
    )
    def test_names(self, lab_name, namespace):
        assert namespaces.name_for(lab_name) == namespace

    def test_what_an_earlier_run_left_is_gone(self, lab):
        lab.apply(pod())
        with Lab("example") as again:
            assert again.list("pods") == []

    def test_close_removes_it_and_nothing_else(self, lab):
        with Lab("other") as other:
            other.apply(pod())
        assert lab.wait_until("namespace/lab-other", "deleted") is None
        assert lab.find("namespace/lab-example") is not None

    def test_closing_twice_does_no_harm(self, lab):
        twice = Lab("twice")
        twice.close()
        twice.close()
        assert lab.wait_until("namespace/lab-twice", "deleted") is None

    def test_one_that_no_lab_made_is_left_alone(self, lab):
        lab.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "lab-precious"}})
        with pytest.raises(KubelabError, match="no lab made it"):
            Lab("precious")
        assert lab.find("namespace/lab-precious") is not None
        lab.delete("namespace/lab-precious")

    def test_one_that_is_deleted_under_the_lab_is_a_sentence(self, lab):
        lab.delete("namespace/lab-example")
        with pytest.raises(Refused, match='namespaces "lab-example" not found') as caught:
            lab.apply(pod())
        assert "from the top" in str(caught.value)


class TestApply:
    def test_created_unchanged_configured(self, lab):
        manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "1"}}
        actions = [lab.apply(one)[0].action for one in (manifest, manifest, {**manifest, "data": {"a": "2"}})]
        assert actions == ["created", "unchanged", "configured"]

    def test_a_field_that_is_dropped_is_removed(self, lab):
        manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "1", "b": "2"}}
        lab.apply(manifest)
        lab.apply({**manifest, "data": {"a": "1"}})
        assert lab.get("configmap/c")["data"] == {"a": "1"}

    @pytest.mark.kubectl
    def test_it_takes_turns_with_kubectl(self, lab, kubectl):
        text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: '1', b: '2'}\n"
        assert str(lab.kubectl("apply -f -", text)) == "configmap/c created\n"
        lab.apply(text.replace(", b: '2'", ""))
        assert lab.get("configmap/c")["data"] == {"a": "1"}
        assert str(lab.kubectl("apply -f -", text)) == "configmap/c configured\n"

    def test_several_documents_and_a_file(self, lab, tmp_path):
        (tmp_path / "all.yaml").write_text(READY)
        assert repr(lab.apply(tmp_path / "all.yaml")).splitlines() == [
            "pod/web created",
            "service/web created",
            "deployment.apps/shop created",
        ]
        lab.delete(tmp_path / "all.yaml")
        assert lab.list("pods", selector="app=web") == []

    REFUSED = [
        (pod(name="Web_1"), 'Invalid value: "Web_1"'),
        (pod().replace("kind: Pod", "kind: Pot"), 'no matches for kind "Pot" in version "v1"'),
        (pod().replace("image", "imgae"), "imgae: field not declared in schema"),
        ("kind: Pod", "no apiVersion"),
    ]

    @pytest.mark.parametrize(("manifest", "words"), REFUSED)
    def test_refusals_are_in_the_apis_words_and_remembered(self, lab, manifest, words):
        with pytest.raises((KubelabError, NotAManifest), match=words):
            lab.apply(manifest)
        assert words in lab.refused
        lab.apply(pod())
        assert lab.refused == ""


class TestWaiting:
    def test_time_passes_only_as_far_as_needed(self, lab):
        lab.apply(pod())
        before = lab.now
        lab.wait_until("pod/web", "Ready", timeout="10m")
        assert 0 < lab.now - before < 10

    def test_a_time_out_says_what_was_last_seen_and_why(self, lab):
        lab.apply(pod(image="example.invalid/none:1"))
        with pytest.raises(TimedOut, match="pod/web was not Ready after 20s") as caught:
            lab.wait_until("pod/web", "Ready", timeout=20)
        assert "ErrImagePull, 0/1 ready" in str(caught.value) or "ImagePullBackOff, 0/1 ready" in str(caught.value)
        assert "Failed" in str(caught.value)

    def test_what_does_not_exist_is_said(self, lab):
        with pytest.raises(TimedOut, match="Last seen: it does not exist"):
            lab.wait_until("pod/web", "Ready", timeout=1)
        with pytest.raises(TimedOut, match="Last seen: there are none"):
            lab.wait_until("pods", "Ready", timeout=1)

    def test_a_deletion_takes_its_grace_period(self, lab):
        lab.apply(pod())
        lab.wait_until("pod/web", "Ready")
        before = lab.now
        lab.delete("pod/web")
        assert 5 <= lab.now - before < 8

    def test_fast_forward_moves_exactly(self, lab):
        before = lab.now
        lab.fast_forward("5m")
        assert lab.now - before == pytest.approx(300)


class TestLooking:
    def test_exec_gives_both_streams_and_the_exit_code(self, lab):
        lab.apply(pod())
        lab.wait_until("pod/web", "Ready")
        found = lab.exec("web", ["sh", "-c", "echo out; echo err >&2; exit 4"])
        assert (found, found.stderr, found.exit_code) == ("out\n", "err\n", 4)
        assert lab.exec("web", ["sh", "-c", "read x; echo got $x"], stdin="hello\n") == "got hello\n"

    def test_exec_lets_the_time_pass_that_the_command_takes(self, lab):
        lab.apply(pod())
        lab.wait_until("pod/web", "Ready")
        before = lab.now
        assert lab.exec("web", ["sh", "-c", "sleep 7; echo done"]) == "done\n"
        assert lab.now - before == pytest.approx(7, abs=0.5)

    MISSING = [
        (lambda lab: lab.get("pod/none"), 'pods "none" not found'),
        (lambda lab: lab.logs("none"), 'pods "none" not found'),
        (lambda lab: lab.exec("none", "true"), 'pods "none" not found'),
        (lambda lab: lab.http("service/none"), 'services "none" not found'),
        (lambda lab: lab.get("pod/web/x"), "could not find the requested resource"),
        (lambda lab: lab.get("pot/web"), "no resource called 'pot'"),
        (lambda lab: lab.get("pods"), "names no object"),
        (lambda lab: lab.exec("web", "no-such-program"), "no-such-program"),
    ]

    @pytest.mark.parametrize(("ask", "words"), MISSING)
    def test_what_is_not_there_is_a_sentence(self, lab, ask, words):
        lab.apply(pod())
        lab.wait_until("pod/web", "Ready")
        with pytest.raises(KubelabError, match=words):
            ask(lab)

    def test_http_answers_of_every_status_are_responses(self, lab):
        lab.apply(READY)
        lab.wait_until("pod/web", "Ready")
        assert lab.http("service/web", "/nothing-here").status == 404
        lab.delete("pod/web")
        assert lab.http("service/web").status == 503

    def test_lists_print_a_line_each(self, lab):
        assert repr(lab.list("pods")) == "(none)"
        lab.apply(pod("a"))
        lab.apply(pod("b"))
        assert repr(lab.list("pods")).splitlines()[0].startswith("pod/a: Pending")
        assert lab.list("pods").names == ["a", "b"]

    def test_events_print_the_seconds_since_the_first(self, lab):
        lab.apply(pod())
        lab.wait_until("pod/web", "Ready")
        lines = repr(lab.events("pod/web")).splitlines()
        assert lines[0].split() == ["AFTER", "TYPE", "REASON", "OBJECT", "MESSAGE"]
        assert lines[1].split()[:4] == ["0s", "Normal", "Scheduled", "pod/web"]

    def test_events_are_not_those_of_a_predecessor_of_the_same_name(self, lab):
        for _ in range(2):
            lab.apply(pod())
            lab.wait_until("pod/web", "Ready")
            lab.delete("pod/web")
        assert [event["reason"] for event in lab.events("pod/web")].count("Scheduled") == 2  # it is gone: by its name
        lab.apply(pod())
        lab.wait_until("pod/web", "Ready")
        assert [event["reason"] for event in lab.events("pod/web")].count("Scheduled") == 1


class TestCluster:
    def test_one_that_is_gone_is_a_sentence_and_a_new_lab_starts_another(self):
        lab = Lab("gone")
        cluster = connecting.own()
        cluster.down()
        with pytest.raises(ClusterUnavailable, match="does not answer"):
            lab.get("pod/web")
        with pytest.raises(ClusterUnavailable):
            lab.wait(1)
        with Lab("gone") as again:
            assert again.list("pods") == []

    def test_the_same_lab_gives_the_same_names_on_a_new_cluster(self):
        seen = []
        for _ in range(2):
            connecting.release()
            with Lab("same") as lab:
                lab.apply(READY)
                lab.wait_until("deploy/shop", "Available")
                seen.append((lab.list("pods").names, lab.get("service/web")["spec"]["clusterIP"], lab.now))
        assert seen[0] == seen[1]

    def test_an_unknown_kind_of_cluster_is_a_sentence(self, monkeypatch):
        monkeypatch.setenv("CLUSTER", "cloud")
        with pytest.raises(KubelabError, match="CLUSTER=cloud names no kind of cluster"):
            Lab("x")

    def test_a_chosen_cluster_that_does_not_run_is_a_sentence(self, monkeypatch):
        monkeypatch.setenv("CLUSTER", "kind")
        with pytest.raises(ClusterUnavailable, match="made no kind cluster") as caught:
            Lab("x")
        assert "kubelab up --cluster kind" in str(caught.value)
