"""What can be waited for, as `kubectl wait --for` spells it, and a few words more.

Law: a `Goal` judges what was last seen; only `Last` looks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kubelab import durations, jsonpath
from kubelab.errors import TimedOut
from kubelab.resources import Resource, Resources, has_condition, pod_status, rolled_out

Obj = dict[str, Any]
Predicate = Callable[[Any], Any]


@dataclass(frozen=True)
class Goal:
    """`holds(obj)` for one object, None if it does not exist; `text` completes "web was not …"."""

    text: str
    holds: Callable[[Resource | None], bool]

    def all_hold(self, objects: Resources) -> bool:
        """For several objects: every one, and at least one; for a deletion, none left."""
        if self.holds(None):
            return not objects
        return bool(objects) and all(self.holds(one) for one in objects)


class Last:
    """What was last seen. `at(revision)` looks again only if objects have changed since, or that cannot be told."""

    def __init__(self, look: Callable[[], Any]) -> None:
        self._look = look
        self._revision: int | None = None
        self.seen: Any = None

    def at(self, revision: int | None) -> Any:
        """What is there at this revision of the cluster's objects."""
        if revision is None or revision != self._revision:
            self.seen, self._revision = self._look(), revision
        return self.seen


def is_so(predicate: Predicate, seen: Any) -> bool:
    """What a predicate says; one that misses a field, as before a node has reported anything, says "not yet"."""
    try:
        return bool(predicate(seen))
    except LookupError:
        return False


def goal(spec: str | Predicate) -> Goal:
    """Understand `spec`: "Ready", "Ready=False", "condition=Available", "delete", "exists", "rolled out",
    "{.status.phase}=Running", a word from the STATUS column of `kubectl get pods`, or a predicate on the object.
    """
    if callable(spec):
        name = getattr(spec, "__name__", "")
        text = "as wanted" if name in ("", "<lambda>") else name.replace("_", " ")
        return Goal(text, lambda one: one is not None and is_so(spec, one))
    text = spec.strip()
    if text in ("delete", "deleted", "gone"):
        return Goal("gone", lambda one: one is None)
    if text in ("create", "created", "exists"):
        return Goal("there", lambda one: one is not None)
    if text == "rolled out":
        return Goal(text, lambda one: one is not None and rolled_out(one))
    if text.startswith(("{", "jsonpath=")):
        return _path_goal(text.removeprefix("jsonpath="))
    kind, _, value = text.removeprefix("condition=").partition("=")
    bare = not (text.startswith("condition=") or value)
    return Goal(text.removeprefix("condition="), lambda one: one is not None and _is(one, kind, value or "True", bare))


def timed_out(target: str, goal: Goal, seconds: float, seen: Any, events: Sequence[Obj]) -> TimedOut:
    """What to say when it did not happen: what was last seen, and the last of the `events`."""
    last = repr(seen) if seen else "it does not exist" if seen is None else "there are none"
    said = "".join(f"\n  {one['reason']}: {(one.get('message') or '').strip()}" for one in events[-3:])
    return TimedOut(
        f"{target} was not {goal.text} after {durations.show(seconds)}. Last seen: {last}.",
        f"Its last events:{said}" if said else "",
    )


def _is(obj: Resource, kind: str, value: str, bare: bool) -> bool:
    """The condition, not one from before the last change of the spec; or, for a bare word, a Pod's STATUS."""
    if bare and obj.kind == "Pod" and pod_status(obj).lower() == kind.lower():
        return True
    status = obj.get("status") or {}
    if status.get("observedGeneration", 1 << 62) < obj["metadata"].get("generation", 0):
        return False
    types = {one["type"].lower(): one["type"] for one in status.get("conditions") or []}
    return has_condition(status, types.get(kind.lower(), kind), value[:1].upper() + value[1:])


def _path_goal(text: str) -> Goal:
    end = text.rfind("}")
    path, value = (text[: end + 1], text[end + 1 :]) if end >= 0 else (text, "")
    wanted = value.removeprefix("=").strip("'\"") if value.startswith("=") else None

    def holds(one: Resource | None) -> bool:
        found = [jsonpath.as_text(value) for value in jsonpath.find(one, path)] if one is not None else []
        return bool(found) if wanted is None else bool(found) and all(value == wanted for value in found)

    return Goal(text, holds)
