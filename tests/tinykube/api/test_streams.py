"""Watches as responses: lines of JSON, bookmarks, time limits, and what is gone."""

import asyncio
import json

import pytest
from tests.tinykube.api.examples import config_map

from tinykube.api.http import Http
from tinykube.api.messages import Request

PATH = "/api/v1/namespaces/default/configmaps"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


@pytest.fixture
def watch(api):
    http = Http(api)

    async def watch(path=PATH, accept="application/json", **query):
        query = {"watch": ["true"], **{k: [str(v)] for k, v in query.items()}}
        return await http.handle(Request("GET", path, query, {"accept": accept}))

    return watch


async def read(response, count):
    """The next `count` events of a stream."""
    events = []
    while len(events) < count:
        chunk = await anext(response.stream)
        events += [json.loads(line) for line in chunk.splitlines()]
    return events


async def test_events_are_lines_of_json(api, watch):
    api.create("configmaps", "default", config_map("a"))
    response = await watch()
    api.create("configmaps", "default", config_map("b"))
    api.delete("configmaps", "default", "a")
    events = await read(response, 3)
    assert [(e["type"], e["object"]["metadata"]["name"]) for e in events] == [
        ("ADDED", "a"),
        ("ADDED", "b"),
        ("DELETED", "a"),
    ]
    await response.stream.aclose()
    assert not api.store._watches["configmaps"]


async def test_an_event_is_encoded_once_for_all_who_watch(api, watch):
    api.create("configmaps", "default", config_map("a"))
    lines = [await anext((await watch()).stream) for _ in range(2)]
    assert lines[0] == lines[1]


async def test_tables_are_watched_too(api, watch):
    api.create("configmaps", "default", config_map("a"))
    (event,) = await read(await watch(accept=TABLE, includeObject="Metadata"), 1)
    assert event["object"]["kind"] == "Table"
    assert event["object"]["rows"][0]["cells"][0] == "a"


async def test_a_single_object_can_be_watched_by_its_path(api, watch):
    for name in "ab":
        api.create("configmaps", "default", config_map(name))
    (event,) = await read(await watch(f"{PATH}/b"), 1)
    assert event["object"]["metadata"]["name"] == "b"


async def test_initial_events_are_ended_by_a_bookmark(api, watch):
    api.create("configmaps", "default", config_map("a"))
    query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
    events = await read(await watch(**query), 2)
    assert [e["type"] for e in events] == ["ADDED", "BOOKMARK"]
    assert events[1]["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    for accept in (TABLE, "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"):
        *_, last = await read(await watch(accept=accept, **query), 2)
        assert last["type"] == "BOOKMARK"


async def test_bookmarks_come_every_minute(api, clock, watch):
    response = await watch(resourceVersion=api.store.revision, allowWatchBookmarks="true")
    waiting = asyncio.ensure_future(read(response, 1))
    await clock.settle()
    api.create("namespaces", None, {"metadata": {"name": "elsewhere"}})
    await clock.advance(60)
    (event,) = await waiting
    assert event["type"] == "BOOKMARK"
    await response.stream.aclose()


async def test_a_watch_ends_when_its_time_is_up(clock, watch):
    response = await watch(timeoutSeconds=5, resourceVersion=1)
    waiting = asyncio.ensure_future(anext(response.stream, None))
    await clock.advance(5)
    assert await waiting is None or (await anext(response.stream, None)) is None


async def test_a_revision_that_is_gone_is_an_error_event(api, watch):
    api.store.compact(api.store.revision)
    response = await watch(resourceVersion=1)
    event = json.loads(response.body)
    assert (response.status, event["type"]) == (200, "ERROR")
    assert (event["object"]["code"], event["object"]["reason"]) == (410, "Expired")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"sendInitialEvents": "true"}, 422),
        ({"resourceVersionMatch": "NotOlderThan"}, 422),
        ({"resourceVersion": "tomorrow"}, 400),
        ({"labelSelector": "a b"}, 400),
        ({"accept": "application/yaml"}, 406),
    ],
)
async def test_watches_that_are_refused(watch, query, status):
    assert (await watch(**query)).status == status
