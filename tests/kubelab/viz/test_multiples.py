import pytest

from kubelab.viz import strategies
from tests.kubelab.viz.recorded import answers, load


def test_the_alt_text_compares_the_strategies():
    alt = strategies(
        {
            "surge": load("rollout-surge-1-unavailable-0"),
            "Recreate": load("rollout-recreate", answers(12, 1.0, broken=(5, 8))),
        }
    ).alt

    assert "surge, 13 s: never fewer than 3 Pods ready" in alt
    assert "Recreate, 11 s: never fewer than 0 Pods ready" in alt
    assert "9 requests served, 3 failed" in alt


def test_nothing_to_compare_is_said():
    with pytest.raises(ValueError, match="no recording"):
        strategies({})
