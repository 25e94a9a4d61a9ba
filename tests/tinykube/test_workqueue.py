"""The work queue: each key once, never twice at the same time, failures later and later."""

import asyncio

import pytest

from tinykube.clock import Clock
from tinykube.workqueue import BASE_DELAY, MAX_DELAY, WorkQueue


async def test_a_key_added_twice_is_worked_on_once():
    queue = WorkQueue(Clock(0))
    for key in ("a", "b", "a"):
        queue.add(key)
    assert [await queue.get(), await queue.get()] == ["a", "b"]
    assert len(queue) == 0


async def test_a_key_added_while_it_is_worked_on_comes_back_after_done():
    queue = WorkQueue(Clock(0))
    queue.add("a")
    assert await queue.get() == "a"
    queue.add("a")
    assert len(queue) == 0
    queue.done("a")
    assert await queue.get() == "a"


async def test_a_waiting_reader_is_woken():
    queue = WorkQueue(Clock(0))
    reader = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.add("a")
    assert await reader == "a"


async def test_the_earliest_appointment_of_a_key_stands():
    clock = Clock(0)
    queue = WorkQueue(clock)
    queue.add_after("a", 10)
    queue.add_after("a", 5)
    queue.add_after("a", 20)
    await clock.advance(5)
    assert len(queue) == 1
    assert await queue.get() == "a"
    queue.done("a")
    await clock.advance(100)
    assert len(queue) == 0


@pytest.mark.parametrize(("failures", "delay"), [(0, BASE_DELAY), (1, 0.01), (3, 0.04), (40, MAX_DELAY)])
async def test_failed_keys_come_back_later_each_time(failures, delay):
    clock = Clock(0)
    queue = WorkQueue(clock)
    for _ in range(failures):
        queue._failures["a"] = queue.failures("a") + 1
    queue.add_rate_limited("a")
    assert clock.next_timer() == pytest.approx(delay)
    queue.forget("a")
    assert queue.failures("a") == 0


async def test_shutting_down_cancels_appointments():
    clock = Clock(0)
    queue = WorkQueue(clock)
    queue.add_after("a", 10)
    queue.shut_down()
    assert clock.next_timer() is None
