"""Managed fields: who last set which field of an object (metadata.managedFields).

Law: `record` is called once per write, on the server's copy, before admission; it changes nothing but
`metadata.managedFields`. Fields that the path of the write cannot change are nobody's.

Models k8s.io/apimachinery/pkg/util/managedfields/internal (fieldmanager, structuredmerge, managedfieldsupdater,
capmanagers) and structured-merge-diff/merge/update.go.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from tinykube import objects
from tinykube.api.defaults.wire import always_written
from tinykube.api.patch import fieldset, shape
from tinykube.api.patch.fieldset import Fields
from tinykube.api.patch.shape import Shape
from tinykube.objects import Obj

UPDATE, APPLY = "Update", "Apply"
MAX_UPDATERS = 10
ANCIENT = "ancient-changes"

_SERVER_OWNED = (
    "name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields", "resourceVersion",
    "deletionTimestamp", "deletionGracePeriodSeconds",
)  # fmt: skip


class Manager(NamedTuple):
    """Who manages: the identity of one managedFields entry. Appliers are the same in every version."""

    name: str
    operation: str
    api_version: str
    subresource: str = ""


class Owned(NamedTuple):
    """What a manager owns, in which version it said so, and when (RFC 3339)."""

    fields: Fields
    api_version: str
    time: str | None


Managers = dict[Manager, Owned]


class Writer(NamedTuple):
    """Who writes now."""

    manager: str
    api_version: str
    time: str
    subresource: str = ""

    def identity(self, operation: str) -> Manager:
        """The entry that this write belongs to."""
        version = "" if operation == APPLY else self.api_version
        return Manager(self.manager, operation, version, self.subresource)


# -- entries -------------------------------------------------------------------------------------------------


def decode(entries: list[Obj] | None) -> Managers:
    """The managedFields of an object by manager."""
    found: Managers = {}
    for entry in entries or ():
        operation, version = entry.get("operation", UPDATE), entry.get("apiVersion", "")
        identity = Manager(
            entry.get("manager", ""),
            operation,
            "" if operation == APPLY else version,
            entry.get("subresource", ""),
        )
        found[identity] = Owned(fieldset.decode(entry.get("fieldsV1")), version, entry.get("time"))
    return {manager: owned for manager, owned in found.items() if owned.fields}


def encode(managers: Managers) -> list[Obj]:
    """Managers as managedFields entries, in their order."""
    entries = [_entry(manager, owned) for manager, owned in managers.items()]
    return sorted(entries, key=_order)


def _entry(manager: Manager, owned: Owned) -> Obj:
    entry: Obj = {
        "manager": manager.name,
        "operation": manager.operation,
        "apiVersion": owned.api_version,
        "fieldsType": "FieldsV1",
        "fieldsV1": fieldset.encode(owned.fields),
    }
    if owned.time:
        entry["time"] = owned.time
    if manager.subresource:
        entry["subresource"] = manager.subresource
    return entry


def _order(entry: Obj) -> tuple[str, ...]:
    return tuple(entry.get(k) or "" for k in ("operation", "time", "manager", "apiVersion", "subresource"))


def store(obj: Obj, managers: Managers) -> None:
    """Write managers into an object."""
    if managers:
        obj["metadata"]["managedFields"] = encode(managers)
    else:
        obj["metadata"].pop("managedFields", None)


# -- what counts ---------------------------------------------------------------------------------------------


def ownable(obj: Obj, subresource: str = "") -> Obj:
    """The part of an object that a write through this path sets: no identity, no counters, not the other half."""
    kept = {k: v for k, v in obj.items() if k not in ("apiVersion", "kind", "metadata")}
    if subresource == "status":
        kept = {k: v for k, v in kept.items() if k == "status"}
    elif "spec" in kept:
        kept.pop("status", None)
    kept["metadata"] = {k: v for k, v in objects.meta(obj).items() if k not in _SERVER_OWNED}
    return kept


@cache
def _blank(kind_key: str) -> Obj:
    """A new object of a kind before anything is set: the structs (and container lists) that are always there."""
    blank: Obj = {"metadata": {}}
    always_written(kind_key, blank)
    _add_container_list(blank, shape.of_kind(kind_key))
    return blank


def _add_container_list(value: Obj, of: Shape) -> None:
    if of.fields is not None and "containers" in of.fields:
        value.setdefault("containers", None)
    for name, child in value.items():
        if isinstance(child, dict):
            _add_container_list(child, of.field(name))


def record(kind_key: str, old: Obj | None, new: Obj, writer: Writer) -> None:
    """Note in `new` that the writer set what differs from `old` (None: a new object).

    A client may hand in other managedFields than the stored ones, and `[{}]` to have them forgotten.
    """
    before = objects.meta(old or {}).get("managedFields") or []
    base = objects.meta(new).get("managedFields") or before
    live = ownable(old, writer.subresource) if old else _blank(kind_key)
    difference = fieldset.compare(live, ownable(new, writer.subresource), shape.of_kind(kind_key))
    if any(difference):
        store(new, cap(updated(decode(base), difference, writer)))
    elif base is not before and base != before:
        store(new, decode(base))
    elif before:
        new["metadata"]["managedFields"] = before
    else:
        new["metadata"].pop("managedFields", None)


def updated(managers: Managers, difference: fieldset.Difference, writer: Writer) -> Managers:
    """Managers after an update: the writer owns what it changed, and nobody owns what is gone."""
    changed = difference.added | difference.modified
    me = writer.identity(UPDATE)
    out: Managers = {}
    for manager, owned in managers.items():
        kept = owned.fields - difference.removed if manager == me else owned.fields - difference.removed - changed
        out[manager] = owned._replace(fields=kept)
    mine = out.get(me, Owned(set(), writer.api_version, None))
    fields = mine.fields | changed
    time = mine.time if me in managers and fields == managers[me].fields else writer.time
    out[me] = Owned(fields, writer.api_version, time)
    return {manager: owned for manager, owned in out.items() if owned.fields}


def cap(managers: Managers) -> Managers:
    """Fold the oldest updaters together when there are too many."""
    updaters = sorted((m for m in managers if m.operation == UPDATE), key=lambda m: managers[m].time or "")
    surplus = updaters[: max(0, len(updaters) - MAX_UPDATERS)]
    out = {m: owned for m, owned in managers.items() if m not in surplus}
    for manager in surplus:
        owned = managers[manager]
        ancient = Manager(ANCIENT, UPDATE, owned.api_version)
        known = out.get(ancient)
        out[ancient] = owned._replace(fields=owned.fields | known.fields) if known else owned
    return out
