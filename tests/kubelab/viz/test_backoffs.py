import pytest

from kubelab.viz import backoffs
from tests.kubelab.viz.recorded import load


def test_waits_lie_between_an_end_and_the_next_start():
    told = backoffs.waits(load("pod-crashloops"))

    assert [wait.number for wait in told] == [1, 2, 3]
    assert [wait.seconds for wait in told] == pytest.approx([0.24, 10.79, 23.79], abs=0.01)


def test_the_alt_text_tells_each_wait():
    assert backoffs.backoff(load("pod-crashloops")).alt == (
        "Pod crash: 3 restarts. The waits before them: 0.2 s, 11 s and 24 s."
    )


def test_a_pod_that_never_restarted_is_said_so():
    assert backoffs.backoff(load("pod-runs-nginx")).alt == "Pod nginx-pod was not restarted."
