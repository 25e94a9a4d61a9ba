"""Lists and watches: pages are of one snapshot, watches lose nothing, double nothing, reorder nothing."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tinykube.api.examples import config_map, pod

from tinykube.api import ApiServer
from tinykube.clock import Clock
from tinykube.errors import ApiError
from tinykube.store import Store


def names(listed):
    return [o["metadata"]["name"] for o in listed["items"]]


@pytest.fixture
def five(api):
    for name in "edcba":
        api.create("configmaps", "default", config_map(name))
    return api


def test_a_list_is_in_the_order_of_keys_and_says_its_revision(five):
    listed = five.list("configmaps", "default")
    assert (listed["kind"], listed["apiVersion"]) == ("ConfigMapList", "v1")
    assert names(listed) == ["a", "b", "c", "d", "e"]
    assert listed["metadata"] == {"resourceVersion": str(five.store.revision)}


def test_pages_come_from_the_snapshot_of_the_first(five):
    first = five.list("configmaps", "default", limit=2)
    assert names(first) == ["a", "b"]
    assert first["metadata"]["remainingItemCount"] == 3
    five.delete("configmaps", "default", "c")
    five.create("configmaps", "default", config_map("cc"))
    five.patch("configmaps", "default", "d", {"data": {"k": "new"}}, "application/merge-patch+json")
    with pytest.raises(ApiError, match="specifying resource version is not allowed when using continue"):
        five.list("configmaps", "default", continue_=first["metadata"]["continue"], resource_version="1")
    rest = five.list("configmaps", "default", limit=9, continue_=first["metadata"]["continue"])
    assert names(rest) == ["c", "d", "e"]
    assert rest["items"][1]["data"] == {"k": "v"}
    assert "continue" not in rest["metadata"]


def test_a_page_of_a_compacted_snapshot_is_expired(five, refusal):
    first = five.list("configmaps", "default", limit=2)
    five.create("configmaps", "default", config_map("x"))
    five.store.compact(five.store.revision)
    status = refusal(five.list, "configmaps", "default", continue_=first["metadata"]["continue"])
    assert (status["code"], status["reason"]) == (410, "Expired")
    assert status["message"].startswith("The provided continue parameter is too old")


def test_a_list_can_be_of_an_earlier_revision(five):
    then = str(five.store.revision)
    five.delete("configmaps", "default", "a")
    exact = five.list("configmaps", "default", resource_version=then, resource_version_match="Exact")
    assert names(exact) == ["a", "b", "c", "d", "e"]
    assert names(five.list("configmaps", "default", resource_version=then)) == ["b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"resource_version": "tomorrow"}, 400),
        ({"resource_version": "99999"}, 504),
        ({"continue_": "%%%"}, 400),
        ({"continue_": "e30"}, 400),
        ({"resource_version_match": "Exact"}, 422),
        ({"resource_version_match": "Exact", "resource_version": "0"}, 422),
        ({"resource_version_match": "Roughly", "resource_version": "1"}, 422),
        ({"resource_version_match": "Exact", "continue_": "x"}, 422),
    ],
)
def test_what_cannot_be_listed_is_refused(five, refusal, query, code):
    assert refusal(five.list, "configmaps", "default", **query)["code"] == code


def test_a_watch_without_a_revision_opens_with_what_is_there(five):
    watch = five.watch("configmaps", "default", field_selector="metadata.name=a")
    assert [(t, o["metadata"]["name"]) for t, o in watch.poll()] == [("ADDED", "a")]


def test_initial_events_end_with_an_annotated_bookmark(five):
    watch = five.watch("configmaps", "default", send_initial_events=True, bookmarks=True)
    *added, (kind, last) = watch.poll()
    assert {t for t, _ in added} == {"ADDED"}
    assert kind == "BOOKMARK"
    assert last["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert last["metadata"]["resourceVersion"] == str(five.store.revision)


def test_an_object_that_stops_matching_is_seen_as_deleted_as_it_was(api):
    api.create("pods", "default", pod("p", labels={"app": "web"}))
    watch = api.watch("pods", "default", resource_version=str(api.store.revision), label_selector="app=web")
    for value in ("db", "web"):
        patch = {"metadata": {"labels": {"app": value}}}
        api.patch("pods", "default", "p", patch, "application/merge-patch+json")
    (gone, before), (back, after) = watch.poll()
    assert (gone, before["metadata"]["labels"]) == ("DELETED", {"app": "web"})
    assert (back, after["metadata"]["labels"]) == ("ADDED", {"app": "web"})
    assert int(before["metadata"]["resourceVersion"]) + 1 == int(after["metadata"]["resourceVersion"])


def test_watching_from_a_compacted_revision_is_gone(five, refusal):
    five.store.compact(five.store.revision)
    status = refusal(five.watch, "configmaps", "default", resource_version="1")
    assert (status["code"], status["reason"]) == (410, "Expired")


writes = st.lists(
    st.tuples(st.sampled_from(["create", "label", "delete"]), st.sampled_from("abc"), st.sampled_from("xyz")),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(before=writes, after=writes, selector=st.sampled_from(["", "v=x", "v!=x", "v in (x,y)"]))
def test_a_list_and_the_watch_from_it_always_add_up_to_the_next_list(before, after, selector):
    api = ApiServer(Store(), Clock(), random.Random(1))
    api.bootstrap()
    write_all(api, before)
    listed = api.list("configmaps", "default", label_selector=selector)
    watch = api.watch(
        "configmaps", "default", resource_version=listed["metadata"]["resourceVersion"], label_selector=selector
    )
    write_all(api, after)
    seen = {o["metadata"]["name"]: o for o in listed["items"]}
    revisions = [int(listed["metadata"]["resourceVersion"])]
    for kind, obj in watch.poll():
        name = obj["metadata"]["name"]
        assert (name in seen) == (kind != "ADDED")
        revisions.append(int(obj["metadata"]["resourceVersion"]))
        if kind == "DELETED":
            del seen[name]
        else:
            seen[name] = obj
    assert revisions == sorted(set(revisions))
    assert [seen[n] for n in sorted(seen)] == api.list("configmaps", "default", label_selector=selector)["items"]


def write_all(api, actions):
    for verb, name, value in actions:
        there = any(o["metadata"]["name"] == name for o in api.list("configmaps", "default")["items"])
        if verb == "create" and not there:
            api.create("configmaps", "default", {"metadata": {"name": name, "labels": {"v": value}}})
        elif verb == "label" and there:
            patch = {"metadata": {"labels": {"v": value}}}
            api.patch("configmaps", "default", name, patch, "application/merge-patch+json")
        elif verb == "delete" and there:
            api.delete("configmaps", "default", name)
