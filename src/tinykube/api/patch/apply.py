"""Server-side apply: what a manager says it wants, merged into the object, with ownership of every field.

Law: pure. `plan` takes the live object and a configuration and returns the wanted object with its new managedFields,
or raises `Conflicts`. Storing it is the caller's part.

Models structured-merge-diff/merge/update.go (Apply) and
k8s.io/apimachinery/pkg/util/managedfields/internal (structuredmerge, lastappliedmanager, lastappliedupdater).
"""

from __future__ import annotations

import json
from typing import Any

from tinykube import errors, objects
from tinykube.api.patch import fieldset, managed, shape, typed
from tinykube.api.patch.fieldset import Fields, Path
from tinykube.api.patch.managed import APPLY, UPDATE, Manager, Managers, Owned, Writer
from tinykube.api.patch.shape import Shape
from tinykube.objects import Obj

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
BEFORE_FIRST_APPLY = "before-first-apply"
_KUBECTL = "kubectl"


class Conflicts(Exception):
    """Other managers own fields that this configuration wants to be different."""

    def __init__(self, fields: dict[Manager, Fields], versions: dict[Manager, str]) -> None:
        super().__init__()
        self.fields, self.versions = fields, versions

    def error(self) -> errors.ApiError:
        """409 in the API's own words."""
        found = [(self._label(m), path) for m in self.fields for path in sorted(self.fields[m])]
        causes = [
            {"reason": "FieldManagerConflict", "message": f"conflict with {label}", "field": fieldset.show(path)}
            for label, path in found
        ]
        return errors.ApiError(errors.status(409, "Conflict", _conflict_message(found), {"causes": causes}))

    def _label(self, manager: Manager) -> str:
        label = f'"{manager.name}"'
        if manager.subresource:
            label += f' with subresource "{manager.subresource}"'
        return f"{label} using {self.versions[manager]}" if manager.operation == UPDATE else label


def _conflict_message(found: list[tuple[str, Path]]) -> str:
    if len(found) == 1:
        label, path = found[0]
        return f"Apply failed with 1 conflict: conflict with {label}: {fieldset.show(path)}"
    lines = []
    for label in sorted({label for label, _ in found}):
        lines.append(f"conflicts with {label}:")
        lines += [f"- {fieldset.show(path)}" for other, path in found if other == label]
    return f"Apply failed with {len(found)} conflicts: " + "\n".join(lines)


def new_object(kind_key: str, config: Obj, writer: Writer) -> Obj:
    """The object that applying creates where there was none."""
    made = typed.merge({}, config, shape.of_kind(kind_key))
    made.setdefault("metadata", {})
    own = _own_fields(kind_key, config, writer)
    managed.store(made, {writer.identity(APPLY): Owned(own, writer.api_version, writer.time)} if own else {})
    return made


def plan(kind_key: str, live: Obj, config: Obj, writer: Writer, force: bool) -> Obj:
    """The object that applying makes of `live`.

    Raises:
        Conflicts: and `force` is not set.
    """
    try:
        return _plan(kind_key, live, config, writer, force)
    except Conflicts as conflicts:
        if writer.manager != _KUBECTL or not _all_last_applied(kind_key, live, conflicts):
            raise
        return _plan(kind_key, live, config, writer, True)


def _plan(kind_key: str, live: Obj, config: Obj, writer: Writer, force: bool) -> Obj:
    of_kind, me = shape.of_kind(kind_key), writer.identity(APPLY)
    managers = _live_managers(live, of_kind)
    own = _own_fields(kind_key, config, writer)
    wanted = typed.merge(live, config, of_kind)
    before = managers.get(me, Owned(set(), "", None))
    others = {m: owned for m, owned in managers.items() if m != me}
    wanted = _prune(wanted, before.fields - own, [own, *(owned.fields for owned in others.values())], of_kind)
    changes = fieldset.compare(managed.ownable(live), managed.ownable(wanted), of_kind)
    managers = _take(managers, me, changes, force)
    same = own == before.fields and not any(changes)
    managers[me] = Owned(own, writer.api_version, before.time if same else writer.time)
    if writer.manager == _KUBECTL:
        _refresh_last_applied(wanted, config)
    managed.store(wanted, {m: owned for m, owned in managers.items() if owned.fields})
    return wanted


def _own_fields(kind_key: str, config: Obj, writer: Writer) -> Fields:
    fields = fieldset.of(managed.ownable(config, writer.subresource), shape.of_kind(kind_key))
    return fields - {(), ("f:metadata",)}


def _live_managers(live: Obj, of_kind: Shape) -> Managers:
    managers = managed.decode(objects.meta(live).get("managedFields"))
    if managers:
        return managers
    version = str(live["apiVersion"])
    fields = fieldset.of(managed.ownable(live), of_kind) - {(), ("f:metadata",)}
    return {Manager(BEFORE_FIRST_APPLY, UPDATE, version): Owned(fields, version, None)}


def _prune(wanted: Obj, dropped: Fields, owned: list[Fields], of_kind: Shape) -> Obj:
    """Remove what the manager applied before and does not any more, unless it holds something that is wanted.

    A struct goes as a whole, with the defaults in it that nobody owns, once nothing in it is owned any more: a probe
    that is not applied any more leaves no timeoutSeconds behind.
    """
    kept = {path[:n] for fields in owned for path in fields for n in range(1, len(path) + 1)}
    structs = {path[:n] for path in dropped for n in range(1, len(path)) if path[n - 1].startswith("f:")}
    doomed = (dropped | structs) - kept
    pruned = typed.remove(wanted, doomed, of_kind) if doomed else wanted
    return pruned if isinstance(pruned, dict) else {}


def _take(managers: Managers, me: Manager, changes: fieldset.Difference, force: bool) -> Managers:
    touched = changes.added | changes.modified
    conflicts = {m: owned.fields & touched for m, owned in managers.items() if m != me and owned.fields & touched}
    if conflicts and not force:
        raise Conflicts(conflicts, {m: managers[m].api_version for m in conflicts})
    return {
        m: owned if m == me else owned._replace(fields=owned.fields - touched - changes.removed)
        for m, owned in managers.items()
    }


# -- kubectl's own annotation --------------------------------------------------------------------------------


def _all_last_applied(kind_key: str, live: Obj, conflicts: Conflicts) -> bool:
    """Whether kubectl itself, applying on the client's side, had set every field in conflict."""
    text = objects.annotations(live).get(LAST_APPLIED)
    try:
        config: Any = json.loads(text or "")
    except ValueError:
        return False
    if not isinstance(config, dict):
        return False
    allowed = fieldset.of(managed.ownable(config), shape.of_kind(kind_key))
    return all(fields <= allowed for fields in conflicts.fields.values())


def _refresh_last_applied(wanted: Obj, config: Obj) -> None:
    if LAST_APPLIED not in objects.annotations(wanted):
        return
    text = json.dumps(config, separators=(",", ":"), sort_keys=True) + "\n"
    wanted["metadata"] = {
        **wanted["metadata"],
        "annotations": {**objects.annotations(wanted), LAST_APPLIED: text},
    }
