"""Recordings: every change at its instant, every request counted, the same on each run."""

import pytest

from kubelab import Change, KubelabError, Recording, Request, connecting, record
from kubelab.clusters.base import Tick
from kubelab.lab import Lab
from kubelab.labclock import LabClock
from tests.kubelab.fake_clock import FlowingClock, SteppedClock

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.27"}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""


def record_a_rollout(lab):
    lab.apply(WEB)
    lab.wait_until("deploy/web", "Available")
    with lab.record(requests_to="service/web", every=0.25) as recording:
        lab.patch(
            "deploy/web", {"spec": {"template": {"spec": {"containers": [{"name": "web", "image": "nginx:1.28"}]}}}}
        )
        lab.wait_until("deploy/web", "{.status.updatedReplicas}=2")
        lab.wait(5)
    return recording


def told(recording):
    return [
        (round(one.t, 6), one.type, one.object["kind"], one.object["metadata"]["name"]) for one in recording.changes
    ]


def test_what_was_there_is_added_at_the_beginning(lab):
    recording = record_a_rollout(lab)
    first = {(one.object["kind"], one.object["metadata"]["name"]) for one in recording.changes if one.t == 0}
    assert {("Deployment", "web"), ("Service", "web")} <= first


def test_changes_are_in_order_and_none_is_missing(lab):
    recording = record_a_rollout(lab)
    assert [one.t for one in recording.changes] == sorted(one.t for one in recording.changes)
    deployments = [one.object["metadata"]["generation"] for one in recording.of("Deployment", "web")]
    assert (deployments[0], deployments[-1]) == (1, 2)
    pods = {one.object["metadata"]["name"]: one.type for one in recording.of("Pod")}
    assert sorted(pods.values()) == ["DELETED", "DELETED", "MODIFIED", "MODIFIED"]


def test_a_pod_that_starts_is_seen_in_every_state_at_its_instant(lab):
    with lab.record(kinds=["pods"]) as recording:
        lab.apply(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: 'nginx:1.27'}]}"
        )
        lab.wait_until("pod/p", "Ready")
        ready = lab.now
    changes = recording.of("Pod", "p")
    assert changes[0].type == "ADDED"
    assert changes[-1].t == pytest.approx(ready - recording.t0, abs=1e-3)
    assert len({one.t for one in changes}) > 1


def test_requests_are_sent_at_their_instants(lab):
    recording = record_a_rollout(lab)
    times = [one.t for one in recording.requests]
    assert times[:4] == pytest.approx([0, 0.25, 0.5, 0.75])
    assert recording.served + recording.failed == len(times) == pytest.approx(recording.duration / 0.25, abs=1.5)


def test_a_request_nobody_serves_is_counted_as_failed(lab):
    lab.apply(WEB)
    lab.wait_until("deploy/web", "Available")
    with lab.record(requests_to="service/web") as recording:
        lab.wait(2)
        lab.patch("deploy/web", {"spec": {"replicas": 0}})
        lab.wait(5)
    assert recording.requests[0].status == 200
    assert recording.requests[-1].status == 503
    assert recording.failed >= 3


def test_two_runs_record_the_same():
    seen = []
    for _ in range(2):
        connecting.release()
        with Lab("same") as lab:
            recording = record_a_rollout(lab)
            seen.append((told(recording), [(one.t, one.status) for one in recording.requests]))
    assert seen[0] == seen[1]


def test_over_several_cells(lab):
    lab.start_recording(kinds=["configmaps"])
    lab.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}})
    lab.wait(3)
    lab.delete("configmap/c")
    assert [(one.type, one.t) for one in lab.stop_recording().of("ConfigMap", "c")] == [
        ("ADDED", 0),
        ("DELETED", pytest.approx(3)),
    ]


def test_stopping_what_was_not_begun_is_a_sentence(lab):
    with pytest.raises(KubelabError, match="Nothing is being recorded"):
        lab.stop_recording()


def test_an_error_inside_the_block_comes_out_and_ends_the_watches(lab):
    with pytest.raises(ZeroDivisionError), lab.record() as recording:
        raise ZeroDivisionError
    assert recording.of("Pod") == []


def test_printing():
    pod = {"kind": "Pod", "metadata": {"name": "web"}}
    recording = Recording(
        0, [Change(1.5, "ADDED", pod)], [Request(0, True, 200, "x"), Request(1, False, 503, "x")], 2.4
    )
    assert repr(recording) == "1 changes in 2 s; requests: 1 served, 1 failed"
    assert repr(recording.changes) == "[   1.50s ADDED    pod/web]"


def test_a_watch_that_somebody_ended_is_taken_up_where_it_broke_off(lab, monkeypatch):
    opened, open_ = [], record._Watch._open
    monkeypatch.setattr(record._Watch, "_open", lambda watch: opened.append(open_(watch)) or opened[-1])
    with lab.record(kinds=["configmaps"]) as recording:
        opened[0].close()
        lab.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "late"}})
    assert [one.type for one in recording.of("ConfigMap", "late")] == ["ADDED"]
    assert len(opened) == 2


class TellingClock(FlowingClock):
    """A practice cluster's clock that flows: it tells the store's revision, too."""

    speed = 2.0

    def tick(self):
        return Tick(self.time, revision=7)


def seen(revision, arrived):
    return record._Seen("MODIFIED", {}, arrived, revision)


def test_where_time_flows_a_change_happened_when_it_arrived(monkeypatch):
    monkeypatch.setattr(record.time, "monotonic", lambda: 100.0)
    times = record._Times(LabClock(TellingClock()))
    assert [times.of(seen(3, 0)), times.of(seen(99, 100.0)), times.of(seen(8, 101.5))] == [0, 0, 3]


def test_where_time_stands_still_a_change_belongs_to_the_first_instant_whose_revision_reaches_it():
    stepped = SteppedClock()
    clock = LabClock(stepped)
    times = record._Times(clock)
    with clock.listening(times.note):
        for instant, revision in ((1001.0, 5), (1002.0, 5), (1004.0, 9)):
            stepped.at(instant, lambda revision=revision: setattr(stepped, "revision", revision))
        clock.wait(10)
    assert [times.of(seen(revision, 1.0)) for revision in (1, 4, 5, 6, 9, 10)] == [0, 1, 1, 4, 4, 4]
