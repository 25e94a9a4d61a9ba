"""Waiting, the same on every clock."""

import threading

import pytest

from kubelab import TimedOut, labclock
from kubelab.labclock import LabClock
from tests.kubelab.fake_clock import FlowingClock, SteppedClock


@pytest.fixture
def stepped():
    return SteppedClock()


def test_waiting_on_a_clock_that_stands_still_is_one_jump(stepped):
    LabClock(stepped).wait(300)
    assert (stepped.time, stepped.moves) == (1300.0, [("advance", 300)])


def test_waiting_on_a_clock_that_flows_takes_as_long():
    flowing = FlowingClock()
    LabClock(flowing).wait(1.0)
    assert flowing.time == pytest.approx(5001.0)


def test_fast_forward_really_waits_where_nobody_can_move_time():
    flowing = FlowingClock()
    LabClock(flowing).fast_forward(1.5)
    assert flowing.time == pytest.approx(5001.5)


def test_until_stops_at_the_timer_that_brings_it(stepped):
    done = []
    stepped.at(1007.5, lambda: done.append("ready"))
    stepped.at(1060.0)
    assert LabClock(stepped).until(lambda _: done[0] if done else None, 60) == "ready"
    assert stepped.time == 1007.5


def test_until_gives_up_when_the_time_is_over(stepped):
    assert LabClock(stepped).until(lambda _: None, 60) is None
    assert stepped.time == 1060.0


def test_until_is_more_patient_with_slow_machines():
    flowing = FlowingClock()
    assert LabClock(flowing).until(lambda _: None, 10) is None
    assert flowing.time >= 5030.0


def test_a_look_that_succeeds_at_once_moves_nothing(stepped):
    assert LabClock(stepped).until(lambda _: "there", 60) == "there"
    assert stepped.moves == []


def test_regular_work_happens_at_its_instants_whoever_moves_the_clock(stepped):
    clock, seen = LabClock(stepped), []
    stepped.at(1000.7)
    with clock.every(0.5, seen.append):
        clock.wait(1.2)
        clock.until(lambda _: None, 0.5)
    clock.wait(10)
    assert seen == pytest.approx([1000.0, 1000.5, 1001.0, 1001.5])


def test_time_has_come_to_the_instant_when_regular_work_is_done(stepped):
    clock, seen = LabClock(stepped), []
    with clock.every(0.5, lambda instant: seen.append((instant, stepped.time))):
        clock.wait(1.2)
    assert seen == [(1000.0, 1000.0), (1000.5, 1000.5), (1001.0, 1001.0)]


def test_listeners_hear_every_instant(stepped):
    clock, heard = LabClock(stepped), []
    stepped.at(1001.0)
    stepped.at(1002.0)
    with clock.listening(lambda tick: heard.append(tick.now)):
        clock.wait(5)
    assert list(dict.fromkeys(heard)) == [1000.0, 1001.0, 1002.0, 1005.0]


def test_to_whole_second_rounds_up_once(stepped):
    clock = LabClock(stepped)
    stepped.time = 1000.25
    clock.to_whole_second()
    clock.to_whole_second()
    assert stepped.time == 1001.0


def test_a_call_that_needs_cluster_time_gets_it(stepped):
    answered = threading.Event()
    stepped.busy = 1

    def answer():
        stepped.busy = 0
        answered.set()

    stepped.at(1003.0, answer)
    assert LabClock(stepped).during(lambda: answered.wait(60) and "answer") == "answer"
    assert stepped.time == 1003.0


def test_a_call_that_answers_at_once_moves_nothing(stepped):
    assert LabClock(stepped).during(lambda: "answer") == "answer"
    assert stepped.moves == []


def test_a_call_that_never_answers_ends_in_a_sentence(stepped, monkeypatch):
    monkeypatch.setattr(labclock, "_LAST_MOMENT", 0.01)
    stepped.busy, never = 1, threading.Event()
    with pytest.raises(TimedOut, match="There is no answer after 5m of the cluster's time"):
        LabClock(stepped).during(never.wait)
    never.set()
    assert stepped.time == 1300.0


def test_an_error_of_the_call_comes_out(stepped):
    def fail():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        LabClock(stepped).during(fail)


class InterruptedClock(FlowingClock):
    def _pass(self, seconds):
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    "wait", [lambda c: c.wait(5), lambda c: c.fast_forward(5), lambda c: c.until(lambda _: None, 5)]
)
def test_an_interrupted_wait_ends_in_a_sentence(wait):
    with pytest.raises(KeyboardInterrupt, match="The cluster goes on") as caught:
        wait(LabClock(InterruptedClock()))
    assert caught.value._render_traceback_() == [str(caught.value)]
