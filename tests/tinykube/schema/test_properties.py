"""Properties: protobuf loses nothing, and no body makes the decoder raise anything but an ApiError."""

import contextlib
import json
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinykube import schema
from tinykube.errors import ApiError
from tinykube.objects import copy
from tinykube.schema import body, lookup, protobuf

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))
INT32 = st.integers(-(1 << 31), (1 << 31) - 1)
JSON_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 53), 1 << 53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
JSON = st.recursive(
    JSON_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6
)
SCALARS = {
    "string": TEXT,
    "int32": INT32,
    "int64": st.integers(-(1 << 63), (1 << 63) - 1),
    "bool": st.booleans(),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "bytes": st.sampled_from(["", "YQ==", "YWJj"]),
    "quantity": st.sampled_from(["1", "100m", "1.5Gi", "0", "-2", "1e3"]),
    "intstr": INT32 | TEXT,
    "time": TIMES.map(lambda t: t.isoformat(timespec="seconds") + "Z"),
    "microtime": TIMES.map(lambda t: t.isoformat(timespec="microseconds") + "Z"),
    "raw": st.dictionaries(TEXT, JSON, max_size=2),
}
# Said once, in the envelope: a kind inside another object has no place for them in protobuf.
TYPE_META = ("apiVersion", "kind")
KINDS = [
    "v1/Pod",
    "apps/v1/Deployment",
    "batch/v1/CronJob",
    "v1/Service",
    "v1/Secret",
    "v1/Event",
    "v1/Node",
    *("networking.k8s.io/v1/Ingress", "autoscaling/v2/HorizontalPodAutoscaler", "v1/PersistentVolume"),
    *("rbac.authorization.k8s.io/v1/ClusterRole", "coordination.k8s.io/v1/Lease", "v1/Status", "v1/DeleteOptions"),
    *("authorization.k8s.io/v1/SubjectAccessReview", "discovery.k8s.io/v1/EndpointSlice", "policy/v1/Eviction"),
]


@st.composite
def values_of(draw, kind, depth):
    if kind.kind == "list":
        return draw(st.lists(values_of(kind.item, depth), min_size=1, max_size=2))
    if kind.kind == "map":
        return draw(st.dictionaries(NAMES, values_of(kind.item, depth), min_size=1, max_size=2))
    if kind.kind == "struct":
        return draw(objects(lookup.definition(kind.ref), depth + 1))
    return draw(SCALARS[kind.kind])


@st.composite
def objects(draw, definition, depth=0):
    fields = [f for f in definition.fields.values() if f.name not in TYPE_META or not definition.kind_keys]
    if depth > 5:
        fields = [f for f in fields if lookup.struct_of(f.type) is None]
    chosen = draw(st.lists(st.sampled_from(fields), unique_by=lambda f: f.name, max_size=4)) if fields else []
    return {f.name: draw(values_of(f.type, depth)) for f in chosen}


@pytest.mark.parametrize("kind_key", KINDS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_protobuf_loses_nothing(kind_key, data):
    obj = data.draw(objects(lookup.of_kind(kind_key)))
    assert schema.decode(kind_key, obj) == []
    api_version, kind = kind_key.rsplit("/", 1)
    obj = {"apiVersion": api_version, "kind": kind, **obj}
    assert protobuf.decode(protobuf.encode(obj)) == obj


@pytest.mark.parametrize("kind_key", KINDS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_decoding_twice_changes_nothing_more(kind_key, data):
    obj = data.draw(objects(lookup.of_kind(kind_key)))
    schema.decode(kind_key, obj)
    again = copy(obj)
    schema.decode(kind_key, again)
    assert again == obj


@st.composite
def nearly_objects(draw, kind_key):
    """Objects of a kind in which any value may be any JSON."""
    obj = draw(objects(lookup.of_kind(kind_key)))
    for name in list(obj):
        if draw(st.booleans()):
            obj[name] = draw(JSON)
        elif isinstance(obj[name], dict) and obj[name]:
            inner = draw(st.sampled_from(sorted(obj[name])))
            obj[name][inner] = draw(JSON)
    return obj


@pytest.mark.parametrize("kind_key", ["v1/Pod", "apps/v1/Deployment", "v1/Secret", "v1/Event"])
@pytest.mark.parametrize("mode", ["Strict", "Warn", "Ignore"])
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_json_is_read_or_refused(kind_key, mode, data):
    obj = data.draw(st.dictionaries(TEXT, JSON, max_size=3) | nearly_objects(kind_key))
    with contextlib.suppress(ApiError):
        schema.decode(kind_key, obj, mode)
    json.dumps(obj, allow_nan=False)


@settings(max_examples=200, deadline=None)
@given(
    data=st.binary(max_size=60)
    | TEXT.map(str.encode)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=60).map(lambda raw: protobuf.MAGIC + raw),
    media=st.sampled_from([body.JSON, "application/yaml", protobuf.CONTENT_TYPE]),
)
def test_any_bytes_are_read_or_refused(data, media):
    with contextlib.suppress(ApiError):
        assert body.read(data, "v1/Pod", media).object["kind"] == "Pod"
