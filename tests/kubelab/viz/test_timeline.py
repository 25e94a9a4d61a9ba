from kubelab.viz import timeline
from tests.kubelab.viz.recorded import load


def test_a_life_holds_failed_probes_and_restarts():
    told = timeline.life(load("liveness-restarts"))

    assert [(round(t), container, kind) for t, container, kind in told.probes] == [
        (6, "main", "Liveness"),
        (7, "main", "Liveness"),
    ]
    assert [(restart.container, restart.why) for restart in told.restarts] == [("main", "Error (137)")]


def test_a_life_tells_when_the_pod_was_gone():
    assert timeline.life(load("pod-runs-nginx")).gone is not None
    assert timeline.life(load("pod-crashloops")).gone is None


def test_the_alt_text_tells_the_life():
    alt = timeline.pod_life(load("pod-runs-nginx")).alt

    assert "Pod nginx-pod" in alt
    assert "waiting (ContainerCreating) from 1.8 s, ready (Running) from 3 s, terminating (Terminating)" in alt
    assert "It was gone at 9.3 s." in alt


def test_a_long_life_is_told_in_short():
    alt = timeline.pod_life(load("pod-crashloops")).alt

    assert "and so on, 12 states in all" in alt
    assert "3 restarts: at 3.9 s after Error (1), 17 s after Error (1) and 42 s after Error (1)." in alt
