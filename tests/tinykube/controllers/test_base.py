"""The loop that every controller runs."""

import asyncio
import random

import pytest

from tinykube import errors
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.controllers import CONTROLLERS
from tinykube.controllers.base import Controller
from tinykube.informer import Informers


class Quiet:
    """An API without objects."""

    def list(self, resource, namespace=None, **_):
        return {"items": [], "metadata": {"resourceVersion": "1"}}

    def watch(self, resource, namespace=None, **_):
        return Never()


class Never:
    """A watch that sees nothing."""

    def __aiter__(self):
        return self

    async def __anext__(self):
        await asyncio.Future()

    def poll(self):
        return []

    def close(self):
        """Nothing to close."""


class Trying(Controller):
    """Writes down when it was asked to reconcile, and fails as told."""

    name = "trying"

    def __init__(self, *args):
        super().__init__(*args)
        self.informer("pods")
        self.calls = []
        self.failures = []

    def reconcile(self, key):
        self.calls.append((key, self.clock.now()))
        if self.failures:
            raise self.failures.pop(0)


@pytest.fixture
async def running():
    """A controller whose caches are filled, its clock, and its informers."""
    clock, client = Clock(0), Client(Quiet())
    informers = Informers(client)
    controller = Trying(client, informers, clock, random.Random(1))
    informers.start()
    task = asyncio.create_task(controller.run())
    yield controller, clock
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await informers.stop()


async def test_a_key_is_reconciled_once_however_often_it_is_queued(running):
    controller, clock = running
    for _ in range(3):
        controller.queue.add("a")
    await clock.settle()
    assert [key for key, _ in controller.calls] == ["a"]


@pytest.mark.parametrize("failure", [errors.conflict("pods", "a", "changed"), RuntimeError("a bug")])
async def test_a_failed_key_comes_back_later_each_time(running, failure):
    controller, clock = running
    controller.failures = [failure] * 3
    controller.queue.add("a")
    await clock.advance(1)
    assert [round(at, 3) for _, at in controller.calls] == [0, 0.005, 0.015, 0.035]


async def test_one_key_that_fails_does_not_hold_up_others(running):
    controller, clock = running
    controller.failures = [RuntimeError("a bug")]
    controller.queue.add("a")
    controller.queue.add("b")
    await clock.settle()
    assert [key for key, _ in controller.calls] == ["a", "b"]


async def test_nothing_is_reconciled_before_the_caches_are_filled():
    clock, client = Clock(0), Client(Quiet())
    controller = Trying(client, Informers(client), clock, random.Random(1))
    controller.queue.add("a")
    task = asyncio.create_task(controller.run())
    for _ in range(20):
        await asyncio.sleep(0)
    assert controller.calls == []
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_every_controller_has_a_name_of_its_own_and_says_what_it_models():
    names = [c.name for c in CONTROLLERS]
    assert len(set(names)) == len(names)
    for controller in CONTROLLERS:
        module = __import__(controller.__module__, fromlist=["x"])
        assert "Models k8s.io/kubernetes pkg/controller/" in module.__doc__, controller.__module__
