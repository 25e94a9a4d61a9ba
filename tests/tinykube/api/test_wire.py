"""Media types and times on the wire."""

import json

import pytest
import yaml

from tinykube.api.messages import Request
from tinykube.api.wire import Shift, Wanted, encode, negotiate, shifted

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


def accept(text, **query):
    headers = {"accept": text, "user-agent": "test"}
    return Request("GET", "/", {k: [v] for k, v in query.items()}, headers)


@pytest.mark.parametrize(
    ("text", "media_type", "kind"),
    [
        ("", "application/json", ""),
        ("*/*", "application/json", ""),
        ("application/yaml", "application/yaml", ""),
        ("application/vnd.kubernetes.protobuf,application/json", "application/json", ""),
        (f"{TABLE},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json", "application/json", "Table"),
        ("application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json", "application/json", ""),
        ("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", "application/json", "PartialObjectMetadata"),
        ("application/json;as=Unknown;v=v1,application/yaml", "application/yaml", ""),
        ("application/json;q=0.8", "application/json", ""),
    ],
)
def test_the_first_acceptable_form_is_chosen(text, media_type, kind):
    wanted = negotiate(accept(text))
    assert (wanted.media_type, wanted.kind) == (media_type, kind)


@pytest.mark.parametrize("text", ["application/vnd.kubernetes.protobuf", "text/html", "application/json;as=Nonsense"])
def test_what_only_accepts_what_is_not_there_is_not_acceptable(refusal, text):
    status = refusal(negotiate, accept(text))
    assert (status["code"], status["reason"]) == (406, "NotAcceptable")


def test_bytes_are_compact_pretty_or_yaml():
    value = {"b": "ü", "a": [1]}
    assert encode(value, Wanted()) == '{"b":"ü","a":[1]}\n'.encode()
    assert json.loads(encode(value, Wanted(pretty=True))) == value
    assert b"\n  " in encode(value, negotiate(accept("", pretty="true")))
    assert yaml.safe_load(encode(value, Wanted("application/yaml"))) == value


@pytest.mark.parametrize(
    ("text", "seconds", "moved"),
    [
        ("2026-01-01T00:00:00Z", 60, "2026-01-01T00:01:00Z"),
        ("2026-01-01T00:00:00Z", -1, "2025-12-31T23:59:59Z"),
        ("2026-01-01T00:00:00.123456Z", 1, "2026-01-01T00:00:01.123456Z"),
        ("2026-01-01T00:00:00.123456789Z", 1, "2026-01-01T00:00:01.123456789Z"),
        ("2026-01-01T02:00:00+02:00", 1, "2026-01-01T02:00:01+02:00"),
        ("9999-12-31T23:59:59Z", 1, "9999-12-31T23:59:59Z"),
        ("not a time", 1, "not a time"),
        ("not a timeZ", 1, "not a timeZ"),
    ],
)
def test_times_are_moved_by_whole_seconds(text, seconds, moved):
    assert shifted(text, seconds) == moved


POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"creationTimestamp": "2026-01-01T00:00:00Z", "annotations": {"t": "2026-01-01T00:00:00Z"}},
    "status": {"conditions": [{"type": "Ready", "lastTransitionTime": "2026-01-01T00:00:05Z"}]},
}


def test_only_times_are_moved_out_and_back():
    shift = Shift(lambda: 3600)
    out = shift.out(POD)
    assert out["metadata"]["creationTimestamp"] == "2026-01-01T01:00:00Z"
    assert out["metadata"]["annotations"] == {"t": "2026-01-01T00:00:00Z"}
    assert out["status"]["conditions"][0]["lastTransitionTime"] == "2026-01-01T01:00:05Z"
    assert shift.back("v1/Pod", out) == POD
    assert POD["metadata"]["creationTimestamp"] == "2026-01-01T00:00:00Z"


def test_lists_and_metadata_are_moved_too():
    shift = Shift(lambda: 1)
    listed = shift.out({"kind": "PodList", "items": [POD]})
    assert listed["items"][0]["metadata"]["creationTimestamp"] == "2026-01-01T00:00:01Z"
    partial = shift.out({"kind": "PartialObjectMetadata", "metadata": POD["metadata"]})
    assert partial["metadata"]["creationTimestamp"] == "2026-01-01T00:00:01Z"


def test_no_shift_shares_the_object():
    assert Shift().out(POD) is POD
