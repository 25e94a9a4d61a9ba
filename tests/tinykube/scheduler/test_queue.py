"""The scheduling queue."""

import asyncio

from tinykube.clock import Clock
from tinykube.scheduler.queue import FLUSH_AFTER, SchedulingQueue


def pod(name, priority=0):
    return {"metadata": {"name": name, "namespace": "ns"}, "spec": {"priority": priority}}


async def ready(queue):
    """Everything that can be had now."""
    found = []
    while True:
        try:
            found.append(await asyncio.wait_for(queue.get(), 0.01))
        except TimeoutError:
            return found


def names(found):
    return [w.key.removeprefix("ns/") for w in found]


async def test_the_most_important_pod_comes_first_then_the_oldest():
    queue = SchedulingQueue(Clock())
    for each in (pod("a"), pod("b"), pod("vip", 100)):
        queue.add(each)
    queue.add(pod("a"))
    assert names(await ready(queue)) == ["vip", "a", "b"]


async def test_a_pod_that_fits_nowhere_waits_for_a_change_that_concerns_it():
    queue = SchedulingQueue(clock := Clock())
    queue.add(pod("a"))
    (tried,) = await ready(queue)
    queue.failed(tried, frozenset({"NodeResourcesFit"}))
    await clock.advance(20)
    queue.changed(frozenset({"InterPodAffinity"}))
    assert await ready(queue) == []
    queue.changed(frozenset({"NodeResourcesFit", "NodePorts"}))
    assert names(await ready(queue)) == ["a"]


async def test_it_is_not_tried_again_sooner_than_its_back_off_allows():
    queue = SchedulingQueue(clock := Clock())
    queue.add(pod("a"))
    waits = []
    for _ in range(6):
        (tried,) = await ready(queue)
        queue.failed(tried, frozenset())
        queue.changed()
        started = clock.now()
        while not queue._active:
            await clock.step(100)
        waits.append(clock.now() - started)
    assert waits == [1, 2, 4, 8, 10, 10]


async def test_it_is_tried_again_after_five_minutes_in_any_case():
    queue = SchedulingQueue(clock := Clock())
    queue.add(pod("a"))
    (tried,) = await ready(queue)
    queue.failed(tried, frozenset({"NodeAffinity"}))
    await clock.advance(FLUSH_AFTER - 1)
    assert await ready(queue) == []
    await clock.advance(1)
    assert names(await ready(queue)) == ["a"]


async def test_a_change_during_the_attempt_is_not_missed():
    queue = SchedulingQueue(clock := Clock())
    queue.add(pod("a"))
    (tried,) = await ready(queue)
    queue.changed()
    queue.failed(tried, frozenset({"NodeResourcesFit"}))
    await clock.advance(1)
    assert names(await ready(queue)) == ["a"]


async def test_a_pod_that_is_gone_is_not_tried():
    queue = SchedulingQueue(clock := Clock())
    queue.add(pod("a"))
    queue.add(pod("b"))
    queue.forget("ns/a")
    (tried,) = await ready(queue)
    assert names([tried]) == ["b"]
    queue.forget("ns/b")
    queue.failed(tried, frozenset())
    await clock.advance(FLUSH_AFTER)
    assert await ready(queue) == []
