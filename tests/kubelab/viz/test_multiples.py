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


def drawn(recordings):
    figure = strategies(recordings).figure()
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    return labels, [axes.get_title("left") for axes in figure.axes]


def test_revisions_are_named_by_their_order_in_the_one_legend():
    one = load("rollout-surge-1-unavailable-0")

    labels, _ = drawn({"first": one, "again": one})

    assert sorted(labels) == [
        "desired", "new: ready", "new: starting", "old: ready", "old: starting", "old: terminating",
    ]  # fmt: skip


def test_under_each_panel_stand_its_requests():
    surge, recreate = load("rollout-surge-1-unavailable-0"), load("rollout-recreate")
    served, failed = answers(12, 1.0), answers(12, 1.0, broken=(5, 8))

    _, titles = drawn({"surge": load("rollout-surge-1-unavailable-0", served), "all": load("rollout-recreate", failed)})
    _, without = drawn({"surge": surge, "all": recreate})

    assert titles == ["surge", "all", "12 served (up), 0 failed (down)", "9 served (up), 3 failed (down)"]
    assert without == ["surge", "all"]
