import pytest

from kubelab.record import Change, Recording
from kubelab.viz import recorded
from tests.kubelab.viz.objects import make, pod
from tests.kubelab.viz.recorded import load


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0 s"), (0.04, "0 s"), (0.44, "0.4 s"), (9.94, "9.9 s"), (12.4, "12 s"), (60, "1 min"), (310.2, "5 min 10 s")],
)
def test_durations_are_said_as_people_do(value, said):
    assert recorded.seconds(value) == said


@pytest.mark.parametrize(
    ("parts", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists_are_said_as_people_do(parts, said):
    assert recorded.listed(parts) == said


def test_events_are_those_about_the_object_each_time_they_were_reported():
    marks = recorded.events_about(load("liveness-restarts"), "Pod", "live")

    assert [mark.label for mark in marks if mark.warning] == ["Unhealthy", "Unhealthy"]
    assert [mark.label for mark in marks].count("Started") == 2


def test_events_from_before_the_recording_are_left_out():
    event = make("Event", "old") | {"involvedObject": {"kind": "Pod", "name": "web"}, "reason": "Started"}

    assert recorded.events_about(Recording(0, [Change(0.0, "ADDED", event)]), "Pod", "web") == []


def test_the_first_object_is_taken_when_none_is_named():
    recording = Recording(0, [Change(0.0, "ADDED", pod("b")), Change(1.0, "ADDED", pod("a"))])

    assert recorded.the_one(recording, "Pod", None) == "b"
    assert recorded.the_one(recording, "Pod", "a") == "a"


@pytest.mark.parametrize(
    ("changes", "name", "said"),
    [([], None, "has no Pod. Was one created"), ([Change(0, "ADDED", pod("a"))], "b", "has no Pod 'b'; it has: a.")],
)
def test_what_was_not_recorded_is_said(changes, name, said):
    with pytest.raises(ValueError, match=said):
        recorded.the_one(Recording(0, changes), "Pod", name)


def test_a_recording_lasts_as_long_as_it_was_told_or_as_its_last_change():
    change = Change(7.0, "ADDED", pod("a"))

    assert recorded.end_of(Recording(0, [change])) == 7.0
    assert recorded.end_of(Recording(0, [change], duration=9.0)) == 9.0
    assert recorded.end_of(Recording(0)) == 1.0
