"""The clock: time moves only when told, in order, after all ready work has drained."""

import asyncio

import pytest

from tinykube.clock import EPOCH, Clock


async def test_time_stands_still_until_advanced():
    clock = Clock()
    await clock.settle()
    assert clock.now() == EPOCH
    await clock.advance(90)
    assert clock.now() == EPOCH + 90


async def test_sleepers_wake_in_order_and_see_their_own_instant():
    clock, seen = Clock(0), []

    async def sleeper(seconds):
        await clock.sleep(seconds)
        seen.append((seconds, clock.now()))

    tasks = [asyncio.create_task(sleeper(s)) for s in (3, 1, 2)]
    await clock.advance(2.5)
    assert seen == [(1, 1), (2, 2)]
    await clock.advance(1)
    assert seen[-1] == (3, 3)
    await asyncio.gather(*tasks)


async def test_work_started_by_a_timer_drains_before_time_moves_on():
    clock, seen = Clock(0), []

    async def chain():
        await clock.sleep(1)
        for _ in range(50):
            await asyncio.sleep(0)
        seen.append(clock.now())

    task = asyncio.create_task(chain())
    await clock.advance(1000)
    assert seen == [1]
    await task


async def test_several_settlers_do_not_wait_for_each_other():
    clock = Clock(0)
    await asyncio.wait_for(asyncio.gather(clock.settle(), clock.settle(), clock.settle()), 5)


async def test_step_moves_to_the_next_timer_at_most():
    clock = Clock(0)
    clock.call_later(0.25, lambda: None)
    assert await clock.step(1) == 0.25
    assert await clock.step(1) == 1


async def test_run_until_stops_at_the_instant_the_condition_holds():
    clock, done = Clock(0), []
    clock.call_later(7, lambda: done.append(1))
    assert await clock.run_until(lambda: bool(done), 60)
    assert clock.now() == 7
    assert not await clock.run_until(lambda: False, 3)
    assert clock.now() == 10


async def test_wait_for_times_out_on_this_clock_and_passes_results_on():
    clock = Clock(0)

    async def answer():
        await clock.sleep(1)
        return 42

    fast = asyncio.create_task(clock.wait_for(answer(), 5))
    slow = asyncio.create_task(clock.wait_for(clock.sleep(100), 5))
    await clock.advance(6)
    assert await fast == 42
    with pytest.raises(TimeoutError):
        await slow


async def test_cancelled_timers_never_fire():
    clock, fired = Clock(0), []
    clock.call_later(1, lambda: fired.append(1)).cancel()
    await clock.advance(2)
    assert fired == []
    assert clock.next_timer() is None


async def test_what_goes_wrong_at_its_time_is_logged_and_time_moves_on(caplog):
    clock, fired = Clock(0), []
    clock.call_later(1, lambda: fired.append(1 / 0))
    clock.call_later(2, lambda: fired.append(2))
    await clock.advance(3)
    assert (fired, clock.now()) == ([2], 3)
    assert "ZeroDivisionError" in caplog.text


async def test_following_the_wall_fires_timers_and_keeps_jumps():
    clock, fired = Clock(0), asyncio.Event()
    driver = asyncio.create_task(clock.follow_wall(speed=1000))
    await asyncio.sleep(0)
    clock.call_later(5, fired.set)
    await asyncio.wait_for(fired.wait(), 10)
    assert clock.now() >= 5
    await clock.advance(10_000)
    assert clock.now() >= 10_005
    later = clock.now()
    again = asyncio.Event()
    clock.call_later(5, again.set)
    await asyncio.wait_for(again.wait(), 10)
    assert clock.now() >= later + 5
    driver.cancel()


async def test_the_event_loop_still_has_the_queue_that_settle_reads():
    assert len(asyncio.get_running_loop()._ready) >= 0
