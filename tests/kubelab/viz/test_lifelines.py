import pytest

from kubelab.record import Change, Recording
from kubelab.viz import lifelines
from tests.kubelab.viz.objects import pod
from tests.kubelab.viz.recorded import load

WAITING = {"waiting": {"reason": "ContainerCreating"}}
BACKOFF = {"waiting": {"reason": "ImagePullBackOff"}}
PULL = {"waiting": {"reason": "ErrImagePull"}}
DONE = {"terminated": {"exitCode": 0, "reason": "Completed"}}
KILLED = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
UNNAMED = {"terminated": {"exitCode": 3}}


@pytest.mark.parametrize(
    ("seen", "state", "word"),
    [
        (pod("p"), "ready", "Running"),
        (pod("p", ready=False), "starting", "Running"),
        (pod("p", phase="Pending", ready=False, state=WAITING), "waiting", "ContainerCreating"),
        (pod("p", phase="Pending", ready=False, containerStatuses=[]), "waiting", "Pending"),
        (pod("p", phase="Pending", ready=False, state=BACKOFF), "backoff", "ImagePullBackOff"),
        (pod("p", phase="Pending", ready=False, state=PULL), "failed", "ErrImagePull"),
        (pod("p", phase="Succeeded", ready=False, state=DONE), "done", "Completed"),
        (pod("p", phase="Failed", ready=False, state=KILLED), "failed", "OOMKilled"),
        (pod("p", phase="Failed", ready=False, state=UNNAMED), "failed", "ExitCode:3"),
        (pod("p", phase="Failed", ready=False, containerStatuses=[], reason="Evicted"), "failed", "Evicted"),
        (pod("p", deleting=True), "terminating", "Terminating"),
    ],
)
def test_a_pod_is_described_as_kubectl_does(seen, state, word):
    assert lifelines.pod_state(seen) == (state, word)


@pytest.mark.parametrize(
    ("states", "word"),
    [
        ([{"running": {}}, {"waiting": {"reason": "PodInitializing"}}], "Init:0/2"),
        ([DONE, {"running": {}}], "Init:1/2"),
        ([DONE, {"terminated": {"exitCode": 1, "reason": "Error"}}], "Init:Error"),
        ([DONE, {"waiting": {"reason": "CrashLoopBackOff"}}], "Init:CrashLoopBackOff"),
        ([DONE, DONE], "PodInitializing"),
    ],
)
def test_init_containers_show_how_far_they_are(states, word):
    seen = pod("p", phase="Pending", ready=False, state={"waiting": {"reason": "PodInitializing"}})
    seen["spec"]["initContainers"] = [{"name": "a"}, {"name": "b"}]
    seen["status"]["initContainerStatuses"] = [
        {"name": name, "state": state} for name, state in zip("ab", states, strict=True)
    ]

    assert lifelines.status_word(seen) == word


def test_a_started_sidecar_does_not_hold_up_the_pods_word():
    recording = load("native-sidecar-order", sidecars=("proxy",))
    words = [span.label for span in lifelines.lanes(recording, "native", 7.0)[0].spans]

    assert words == ["Pending", "Init:0/2", "Init:1/2", "PodInitializing", "Running", "Terminating"]


def test_lanes_are_the_pod_then_its_containers_init_containers_first():
    recording = load("native-sidecar-order", sidecars=("proxy",))

    assert [(lane.name, lane.role) for lane in lifelines.lanes(recording, "native", 7.0)] == [
        ("native", "Pod"),
        ("setup", "init"),
        ("proxy", "sidecar"),
        ("app", "container"),
    ]


def test_spans_end_where_the_next_begins_and_when_the_object_is_deleted():
    recording = load("pod-runs-nginx")
    spans = lifelines.lanes(recording, "nginx-pod", 10.0)[0].spans

    assert [span.end for span in spans[:-1]] == [span.start for span in spans[1:]]
    assert spans[-1].end == recording.changes[-1].t
    assert [span.state for span in spans] == ["waiting", "waiting", "ready", "terminating"]


def test_runs_tell_when_a_container_started_and_how_it_ended():
    told = lifelines.runs(load("pod-crashloops"), "crash", "main")

    assert [run.number for run in told] == [0, 1, 2, 3]
    assert {(run.exit_code, run.reason) for run in told} == {(1, "Error")}
    assert [round(run.start) for run in told] == [3, 4, 17, 42]


def test_a_restart_between_two_changes_is_seen_from_the_state_before():
    (restart,) = lifelines.restarts(load("liveness-restarts"), "live", "main")

    assert restart == (8.83, "Error (137)")


def test_the_objects_own_stamp_is_believed_when_the_change_was_seen_late():
    state = {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": "1970-01-01T00:01:41Z",
                            "finishedAt": "1970-01-01T00:01:50Z"}}  # fmt: skip
    recording = Recording(100.0, [Change(30.0, "MODIFIED", pod("p", ready=False, state=state))])

    (run,) = lifelines.runs(recording, "p", "main")

    assert (run.start, run.end) == (1.0, 10.0)


def stopped(ends, born="1970-01-01T00:01:40Z"):
    """A Pod made at 1 s, and the news at 30 s that it had ended at `ends`, by the stamps of another clock."""
    state = {"terminated": {"exitCode": 0, "reason": "Completed", "finishedAt": ends}}
    first, last = pod("p"), pod("p", ready=False, state=state)
    for one in (first, last):
        one["metadata"]["creationTimestamp"] = born
    return Recording(7.0, [Change(1.0, "ADDED", first), Change(30.0, "MODIFIED", last)], duration=40.0)


@pytest.mark.parametrize(
    ("ends", "at"),
    [("1970-01-01T00:01:45Z", 6.0), ("1970-01-01T00:02:08Z", 30.0), ("1970-01-01T00:01:20Z", 1.0)],
    ids=["long before the news", "just before the news", "before it was seen to run"],
)
def test_a_run_is_drawn_to_where_it_ended_not_to_where_that_was_reported(ends, at):
    _, lane = lifelines.lanes(stopped(ends), "p", 40.0)

    assert lane.spans[-1].start == at
    assert [span.state for span in lane.spans if span.start < at] == (["ready"] if at > 1 else [])
