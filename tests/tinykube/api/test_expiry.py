"""Events go an hour after they were last written."""

EVENT = {
    "metadata": {"name": "e"},
    "involvedObject": {"kind": "Pod", "name": "p", "namespace": "default"},
    "reason": "Tested",
    "count": 1,
}


def left(api):
    return [o["metadata"]["name"] for o in api.list("events", "default")["items"]]


async def test_an_event_is_kept_for_an_hour(api, clock):
    api.create("events", "default", EVENT)
    await clock.advance(3599)
    assert left(api) == ["e"]
    watch = api.watch("events", "default", resource_version=str(api.store.revision))
    await clock.advance(1)
    assert left(api) == []
    assert [kind for kind, _ in watch.poll()] == ["DELETED"]


async def test_an_event_that_is_written_again_stays(api, clock):
    api.create("events", "default", EVENT)
    await clock.advance(3000)
    api.patch("events", "default", "e", {"count": 2}, "application/merge-patch+json")
    await clock.advance(3000)
    assert left(api) == ["e"]
    await clock.advance(601)
    assert left(api) == []


async def test_an_event_that_was_deleted_may_come_again(api, clock):
    api.create("events", "default", EVENT)
    api.delete("events", "default", "e")
    await clock.advance(1800)
    api.create("events", "default", EVENT)
    await clock.advance(1801)
    assert left(api) == ["e"]
    await clock.advance(1800)
    assert left(api) == []
