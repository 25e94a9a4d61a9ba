"""The store: one revision, conflicts on stale writes, watches that lose nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinykube.errors import ApiError
from tinykube.store import BACKLOG, Key, Store

POD = Key("pods", "default", "a")


def pod(name="a", **spec):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"}, "spec": spec}


def test_every_write_gets_the_next_revision_and_carries_it():
    store = Store()
    first = store.create(POD, pod())
    second = store.update(POD, {**first, "spec": {"x": 1}})
    assert (first["metadata"]["resourceVersion"], second["metadata"]["resourceVersion"]) == ("1", "2")
    assert store.get(POD) is second
    store.delete(POD)
    assert store.get(POD) is None
    assert store.revision == 3


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (lambda s: s.create(POD, pod()), "AlreadyExists"),
        (lambda s: s.update(POD, pod(), expected="99"), "Conflict"),
        (lambda s: s.delete(POD, expected="99"), "Conflict"),
        (lambda s: s.update(POD._replace(name="b"), pod("b")), "NotFound"),
        (lambda s: s.delete(POD._replace(name="b")), "NotFound"),
    ],
)
def test_refused_writes_change_nothing(write, reason):
    store = Store()
    store.create(POD, pod())
    with pytest.raises(ApiError) as refused:
        write(store)
    assert refused.value.reason == reason
    assert store.revision == 1


def test_listing_is_sorted_and_by_namespace():
    store = Store()
    for space, name in [("b", "z"), ("a", "y"), ("a", "x")]:
        store.create(Key("pods", space, name), pod(name))
    assert [o["metadata"]["name"] for o in store.list("pods")] == ["x", "y", "z"]
    assert [o["metadata"]["name"] for o in store.list("pods", "b")] == ["z"]
    assert store.list("jobs.batch") == []


def test_a_watch_that_asks_for_a_compacted_revision_is_told_it_is_gone():
    store = Store()
    for i in range(5):
        store.create(POD._replace(name=str(i)), pod(str(i)))
    store.compact(3)
    with pytest.raises(ApiError) as gone:
        store.watch("pods", since=2)
    assert gone.value.code == 410
    assert [o["metadata"]["name"] for _, o in store.watch("pods", since=3).poll()] == ["3", "4"]


def test_a_reader_that_falls_too_far_behind_is_dropped():
    store = Store()
    watch = store.watch("pods")
    obj = store.create(POD, pod())
    for _ in range(BACKLOG):
        obj = store.update(POD, obj)
    assert watch.dropped
    assert len(watch.poll()) == BACKLOG


@given(
    writes=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["put", "delete"])), max_size=60),
    since=st.integers(0, 60),
)
def test_a_watch_from_any_revision_sees_each_later_change_once_and_in_order(writes, since):
    store = Store()
    live = store.watch("pods")
    for name, what in writes:
        key = POD._replace(name=name)
        exists = store.get(key) is not None
        if what == "put":
            (store.update if exists else store.create)(key, pod(name))
        elif exists:
            store.delete(key)
    seen = [int(o["metadata"]["resourceVersion"]) for _, o in live.poll()]
    assert seen == list(range(1, store.revision + 1))
    since = min(since, store.revision)
    replayed = [int(o["metadata"]["resourceVersion"]) for _, o in store.watch("pods", since=since).poll()]
    assert replayed == list(range(since + 1, store.revision + 1))


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=80))
def test_replaying_a_watch_rebuilds_the_store(writes):
    store, copy = Store(), {}
    watch = store.watch("pods")
    for name, put in writes:
        key = POD._replace(name=name)
        if put:
            (store.create if store.get(key) is None else store.update)(key, pod(name))
        elif store.get(key):
            store.delete(key)
    for type_, obj in watch.poll():
        if type_ == "DELETED":
            del copy[obj["metadata"]["name"]]
        else:
            copy[obj["metadata"]["name"]] = obj
    assert sorted(copy) == [o["metadata"]["name"] for o in store.list("pods")]
    assert list(copy.values()) == [] or all(store.get(POD._replace(name=n)) is o for n, o in copy.items())
