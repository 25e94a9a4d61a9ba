"""Managed fields: who is noted for what."""

from tinykube.api.patch import managed
from tinykube.api.patch.managed import Manager, Owned, Writer

KIND = "v1/ConfigMap"
ANN, BOB = Writer("ann", "v1", "t1"), Writer("bob", "v1", "t2")


def config_map(**data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": data}


def owners(obj):
    return {e["manager"]: e["fieldsV1"] for e in obj["metadata"].get("managedFields", ())}


def written(old, new, writer):
    managed.record(KIND, old, new, writer)
    return new


def test_the_creator_owns_everything():
    made = written(None, config_map(a="1"), ANN)
    assert made["metadata"]["managedFields"] == [
        {
            "manager": "ann",
            "operation": "Update",
            "apiVersion": "v1",
            "time": "t1",
            "fieldsType": "FieldsV1",
            "fieldsV1": {"f:data": {".": {}, "f:a": {}}},
        }
    ]


def test_whoever_changes_a_field_takes_it():
    first = written(None, config_map(a="1", b="1"), ANN)
    second = written(first, config_map(a="1", b="2", c="2"), BOB)
    assert owners(second) == {
        "ann": {"f:data": {".": {}, "f:a": {}}},
        "bob": {"f:data": {"f:b": {}, "f:c": {}}},
    }


def test_what_is_gone_is_nobodys():
    first = written(None, config_map(a="1", b="1"), ANN)
    assert owners(written(first, config_map(a="1"), BOB)) == {"ann": {"f:data": {".": {}, "f:a": {}}}}


def test_a_write_that_changes_nothing_changes_no_owner_and_no_time():
    first = written(None, config_map(a="1"), ANN)
    again = written(first, config_map(a="1"), BOB)
    assert again["metadata"]["managedFields"] is first["metadata"]["managedFields"]


def test_a_client_may_have_owners_forgotten():
    first = written(None, config_map(a="1"), ANN)
    sent = config_map(a="2")
    sent["metadata"]["managedFields"] = [{}]
    assert owners(written(first, sent, BOB)) == {"bob": {"f:data": {"f:a": {}}}}


def test_status_and_spec_are_noted_apart():
    new = {"metadata": {}, "spec": {"replicas": 1}, "status": {"replicas": 1}}
    assert managed.ownable(new) == {"metadata": {}, "spec": {"replicas": 1}}
    assert managed.ownable(new, "status") == {"metadata": {}, "status": {"replicas": 1}}


def test_the_structs_that_are_always_there_are_nobodys():
    new = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "m"}]}, "status": {}}
    managed.record("v1/Pod", None, new, ANN)
    assert owners(new)["ann"] == {
        "f:metadata": {"f:labels": {".": {}, "f:a": {}}},
        "f:spec": {"f:containers": {'k:{"name":"m"}': {".": {}, "f:name": {}}}},
    }


def test_too_many_updaters_are_folded_together():
    many = {Manager(f"m{n:02}", "Update", "v1"): Owned({(f"f:{n}",)}, "v1", f"t{n:02}") for n in range(13)}
    folded = managed.cap(many)
    assert len(folded) == managed.MAX_UPDATERS + 1
    assert folded[Manager("ancient-changes", "Update", "v1")].fields == {("f:0",), ("f:1",), ("f:2",)}
