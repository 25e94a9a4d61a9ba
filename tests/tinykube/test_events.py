"""Events: repeated ones are counted, floods are cut off, failures do no harm."""

import pytest

from tinykube import errors
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.events import BURST, REMEMBERED, SIMILAR_LIMIT, Recent, Recorder

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "ns", "uid": "u1"}}


class FakeApi:
    def __init__(self):
        self.events = {}

    def create(self, resource, namespace, obj, **_):
        if obj["metadata"]["name"] in self.events:
            raise errors.already_exists("events", obj["metadata"]["name"])
        self.events[obj["metadata"]["name"]] = obj
        return obj

    def patch(self, resource, namespace, name, patch, patch_type, **_):
        if name not in self.events:
            raise errors.not_found("events", name)
        self.events[name] = {**self.events[name], **patch}
        return self.events[name]


@pytest.fixture
def api():
    return FakeApi()


def recorder(api, **kwargs):
    return Recorder(Client(api), Clock(0), "kubelet", "node-1", **kwargs)


def test_a_repeated_event_is_counted(api):
    to = recorder(api)
    for _ in range(3):
        to.event(POD, "Warning", "BackOff", "again", field="spec.containers{main}")
    (event,) = api.events.values()
    assert event["count"] == 3
    assert event["involvedObject"]["fieldPath"] == "spec.containers{main}"
    assert event["source"] == {"component": "kubelet", "host": "node-1"}


def test_components_that_speak_at_the_same_instant_are_all_heard(api):
    for message in ("one", "two", "three"):
        recorder(api).event(POD, "Normal", "Said", message)
    assert [e["message"] for e in api.events.values()] == ["one", "two", "three"]


def test_different_messages_are_different_events_until_there_are_too_many(api):
    to = recorder(api)
    for i in range(SIMILAR_LIMIT + 3):
        to.event(POD, "Normal", "Pulled", f"image {i}")
    combined = [e for e in api.events.values() if e["message"].startswith("(combined from similar events)")]
    assert len(api.events) == SIMILAR_LIMIT
    (one,) = combined
    assert (one["count"], one["message"]) == (4, f"(combined from similar events): image {SIMILAR_LIMIT + 2}")


def test_a_new_version_of_the_object_does_not_make_a_new_event(api):
    to = recorder(api)
    for version in ("1", "2"):
        to.event({**POD, "metadata": {**POD["metadata"], "resourceVersion": version}}, "Normal", "Pulled", "x")
    (event,) = api.events.values()
    assert event["count"] == 2


def test_a_source_that_says_too_much_about_one_object_is_cut_off(api):
    to = recorder(api)
    for i in range(BURST + 10):
        to.event(POD, "Normal", f"Reason{i}", "x")
    assert len(api.events) == BURST


def test_an_event_deleted_meanwhile_is_written_anew(api):
    to = recorder(api)
    to.event(POD, "Normal", "Pulled", "x")
    api.events.clear()
    to.event(POD, "Normal", "Pulled", "x")
    assert len(api.events) == 1


def test_a_modern_event_has_a_time_and_a_reporter_instead_of_a_count(api):
    recorder(api, modern=True).event(POD, "Normal", "Scheduled", "assigned", action="Binding")
    (event,) = api.events.values()
    assert "count" not in event
    assert (event["eventTime"], event["action"]) == ("1970-01-01T00:00:00.000000Z", "Binding")


def test_an_api_that_refuses_events_harms_nobody(api, monkeypatch):
    asked = []

    def refuse(*_, **__):
        asked.append(1)
        raise errors.forbidden("events", "x", "no")

    monkeypatch.setattr(api, "create", refuse)
    recorder(api).event(POD, "Normal", "Pulled", "x")
    assert asked == [1]


def test_what_was_said_long_ago_is_forgotten():
    recent = Recent()
    for i in range(REMEMBERED + 2):
        recent[i] = i
    recent[2] = "again"
    recent["new"] = 1
    assert len(recent) == REMEMBERED
    assert 2 in recent
    assert 3 not in recent
