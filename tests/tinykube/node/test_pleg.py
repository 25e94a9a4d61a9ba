import asyncio

import pytest

from tinykube.clock import Clock
from tinykube.node.observed import ContainerView, PodView
from tinykube.node.pleg import Pleg, worth_a_sync


def container(id_, state):
    return ContainerView(id_, "c", state, "i", "x", 0, 0.0)


def view(*containers, sandbox="ready"):
    return PodView(sandbox, 0, (), tuple(container(i, s) for i, s in containers))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (PodView(), view(), True),
        (view(), view(("1", "running")), True),
        (view(("1", "running")), view(("1", "running")), False),
        (view(("1", "running")), view(("1", "exited")), True),
        (view(("1", "exited")), view(), False),
        (view(("1", "running")), view(), True),
        (view(("1", "exited")), view(("2", "exited"), ("1", "exited")), True),
        (view(), view(sandbox="notready"), True),
    ],
)
def test_what_is_worth_a_sync(old, new, expected):
    assert worth_a_sync(old, new) is expected


class World:
    def __init__(self):
        self.clock = Clock(100.0)
        self.now = PodView()
        self.syncs = []
        self.pleg = Pleg(self.clock, lambda uid: self.now, lambda uid: self.syncs.append(self.clock.now()), 0.25)


async def test_a_change_is_noticed_at_the_next_relist_only():
    world = World()
    await world.clock.advance(0.5)
    world.now = view(("1", "running"))
    world.pleg.touched("u")
    assert world.pleg.view("u") == PodView()
    await world.clock.advance(1)
    assert world.pleg.view("u") == world.now
    assert world.syncs == [101.25]


async def test_a_single_pod_is_relisted_on_demand():
    world = World()
    world.now = view(("1", "running"))
    world.pleg.request_relist("u")
    await world.clock.advance(0.01)
    assert world.syncs == [pytest.approx(100.004)]


async def test_who_wants_news_waits_for_the_next_relist():
    world = World()
    assert await world.pleg.newer_than("u", 0.0) == PodView()
    task = asyncio.create_task(world.pleg.newer_than("u", 100.0))
    await world.clock.advance(0.2)
    assert not task.done()
    await world.clock.advance(0.1)
    assert task.done()


async def test_nobody_relists_while_nothing_happens():
    world = World()
    await world.clock.advance(60)
    assert world.clock.next_timer() is None
