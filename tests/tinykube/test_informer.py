"""Informers: a local copy that follows the API and tells handlers what changed."""

import asyncio

from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.informer import Informer, Informers
from tinykube.store import Key, Store


class FakeApi:
    """List and watch straight from a store."""

    def __init__(self, store):
        self.store = store

    def list(self, resource, namespace=None, **_):
        return {"items": self.store.list(resource), "metadata": {"resourceVersion": str(self.store.revision)}}

    def watch(self, resource, namespace=None, *, resource_version="", **_):
        return self.store.watch(resource, namespace, int(resource_version))


def pod(name, owner=""):
    refs = [{"uid": owner, "controller": True}] if owner else []
    return {"metadata": {"name": name, "namespace": "ns", "ownerReferences": refs}}


def key(name):
    return Key("pods", "ns", name)


async def started(store):
    informer = Informer(Client(FakeApi(store)), "pods")
    task = asyncio.create_task(informer.run())
    await Clock().settle()
    return informer, task


async def test_it_holds_what_was_there_and_follows_what_comes():
    store, seen = Store(), []
    store.create(key("a"), pod("a"))
    informer, task = await started(store)
    informer.on_change(
        lambda o: seen.append(("added", o["metadata"]["name"])),
        lambda old, new: seen.append(("updated", new["metadata"]["name"])),
        lambda o: seen.append(("deleted", o["metadata"]["name"])),
    )
    store.create(key("b"), pod("b"))
    store.update(key("a"), pod("a"))
    store.delete(key("b"))
    await Clock().settle()
    assert seen == [("added", "a"), ("added", "b"), ("updated", "a"), ("deleted", "b")]
    assert [o["metadata"]["name"] for o in informer.all()] == ["a"]
    task.cancel()


async def test_indexes_follow_every_change():
    store = Store()
    store.create(key("a"), pod("a", "owner-1"))
    informer, task = await started(store)
    assert [o["metadata"]["name"] for o in informer.indexed("controller", "owner-1")] == ["a"]
    store.update(key("a"), pod("a", "owner-2"))
    await Clock().settle()
    assert informer.indexed("controller", "owner-1") == []
    assert len(informer.indexed("controller", "owner-2")) == 1
    store.delete(key("a"))
    await Clock().settle()
    assert informer.indexed("controller", "owner-2") == []
    task.cancel()


async def test_after_its_watch_ends_it_lists_again_and_misses_nothing():
    store, deleted = Store(), []
    store.create(key("a"), pod("a"))
    informer, task = await started(store)
    informer.on_change(deleted=lambda o: deleted.append(o["metadata"]["name"]))
    (watch,) = store._watches["pods"]
    watch.close()
    store.delete(key("a"))
    store.create(key("b"), pod("b"))
    store.compact(store.revision)
    await Clock().settle()
    assert [o["metadata"]["name"] for o in informer.all()] == ["b"]
    assert deleted == ["a"]
    task.cancel()


async def test_one_informer_serves_all_who_ask():
    informers = Informers(Client(FakeApi(Store())))
    assert informers("pods") is informers("pods")
    informers.start()
    await Clock().settle()
    assert informers("pods").synced
    await informers.stop()
