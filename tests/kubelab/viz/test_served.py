import pytest

from kubelab.record import Recording
from kubelab.viz import served
from tests.kubelab.viz.recorded import answers

RECORDED = Recording(0.0, [], answers(10, 1.0, broken=(4, 6), by=("web-b\nhello", "web-a\nhello")))


@pytest.mark.parametrize(
    ("given", "counted"),
    [
        (["b", "a", "b"], {"a": 1, "b": 2}),
        ({"b": 5, "a": 0}, {"a": 0, "b": 5}),
        ((name for name in "aab"), {"a": 2, "b": 1}),
        (RECORDED, {"web-a": 4, "web-b": 4}),
        ([], {}),
    ],
)
def test_answers_are_counted_by_pod(given, counted):
    assert served.answers_per_pod(given) == counted


def test_the_caller_may_say_who_answered():
    assert served.answers_per_pod(RECORDED, lambda request: request.target) == {"service/web": 8}


def test_pods_that_answered_nothing_are_shown_when_named():
    alt = served.requests_per_pod(["a", "a"], pods=["b", "a"]).alt

    assert alt == "2 requests over 2 Pods. Answered: a 2, b 0."
