import pytest

from kubelab.record import Change, Recording
from kubelab.viz import rollouts
from kubelab.viz.rollouts import READY, STARTING, TERMINATING
from tests.kubelab.viz.objects import pod
from tests.kubelab.viz.recorded import answers, load

SURGE = "rollout-surge-1-unavailable-0"
OLD, NEW = "784fd946dd", "7bc6475f6f"


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (pod("p"), READY),
        (pod("p", ready=False), STARTING),
        (pod("p", phase="Pending", ready=False), STARTING),
        (pod("p", deleting=True), TERMINATING),
        (pod("p", phase="Failed", ready=False), None),
    ],
)
def test_a_pod_counts_as(seen, state):
    assert rollouts.state_of(seen) == state


def test_pods_are_counted_by_revision_and_state():
    counts = rollouts.rollout_counts(load(SURGE))

    assert counts.revisions == [OLD, NEW]
    assert counts.names[NEW] == f"revision 2 ({NEW})"
    assert max(counts.pods[OLD, READY]) == 3
    assert counts.pods[OLD, READY][-1] == 0
    assert counts.pods[NEW, READY][-1] == 3
    assert max(counts.pods[OLD, TERMINATING]) > 0


def test_max_unavailable_0_never_goes_below_what_is_desired_and_recreate_does():
    assert rollouts.least_and_most(rollouts.rollout_counts(load(SURGE)))[0] == 3
    assert rollouts.least_and_most(rollouts.rollout_counts(load("rollout-recreate")))[0] == 0


def test_a_named_deployment_is_counted_alone():
    assert rollouts.rollout_counts(load(SURGE), "web").revisions == [OLD, NEW]
    with pytest.raises(ValueError, match="has no Pods of a Deployment"):
        rollouts.rollout_counts(load(SURGE), "other")


def test_bare_pods_are_no_rollout():
    with pytest.raises(ValueError, match="has no Pods of a Deployment"):
        rollouts.rollout_counts(Recording(0, [Change(0, "ADDED", pod("bare"))]))


def test_the_alt_text_tells_pods_and_requests():
    alt = rollouts.rollout(load(SURGE, answers(12, 0.5, broken=(7, 8)))).alt

    assert "Once all were up, never fewer than 3 Pods ready" in alt
    assert "24 requests: 22 served, 2 failed, between 7 s and 7.5 s." in alt


def test_evenly_sent_requests_fill_slices_evenly():
    width = rollouts.slice_width([t / 5 for t in range(500)], 100.0)

    assert width == pytest.approx(2.2)
    assert 100.0 / width <= rollouts.BINS


def test_a_single_request_has_a_slice():
    assert rollouts.slice_width([3.0], 10.0) == pytest.approx(10.0)
