"""What figures are drawn from: the shape of a recording, and look-ups in it.

Law: pure data, no drawing. The Protocols describe `kubelab.record.Recording` by shape, so that figures depend on
nothing and can be drawn from anything that looks like one. Times are seconds since the recording began.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

Obj = dict[str, Any]


class Change(Protocol):
    """One change of one object."""

    @property
    def t(self) -> float: ...
    @property
    def type(self) -> str: ...
    @property
    def object(self) -> Obj: ...


class Request(Protocol):
    """One request and whether it was served."""

    @property
    def t(self) -> float: ...
    @property
    def ok(self) -> bool: ...
    @property
    def text(self) -> str: ...


class Recording(Protocol):
    """What happened, in order."""

    @property
    def t0(self) -> float: ...
    @property
    def changes(self) -> Sequence[Change]: ...
    @property
    def requests(self) -> Sequence[Request]: ...
    @property
    def duration(self) -> float: ...


class Span(NamedTuple):
    """Something that was so from `start` to `end` seconds."""

    start: float
    end: float
    state: str
    label: str


class Mark(NamedTuple):
    """Something that happened at `t` seconds; `warning` if it bodes ill."""

    t: float
    label: str
    detail: str
    warning: bool


def end_of(recording: Recording) -> float:
    """When the recording ended; at least a second, so that there is a picture to draw."""
    times = [change.t for change in recording.changes] + [request.t for request in recording.requests]
    return max([recording.duration, *times, 1.0])


def history(recording: Recording, kind: str, name: str = "") -> list[Change]:
    """The changes of one kind ("Pod"), or of one object."""
    return [
        one
        for one in recording.changes
        if one.object.get("kind") == kind and name in ("", one.object["metadata"]["name"])
    ]


def names(recording: Recording, kind: str) -> list[str]:
    """The objects of one kind, in the order in which they appeared."""
    return list(dict.fromkeys(change.object["metadata"]["name"] for change in history(recording, kind)))


def the_one(recording: Recording, kind: str, name: str | None) -> str:
    """`name`, or the only (else the first) object of that kind.

    Raises:
        ValueError: there is none of that kind, or not that one; says which there are.
    """
    known = names(recording, kind)
    if name is not None and name not in known:
        raise ValueError(f"The recording has no {kind} {name!r}; it has: {', '.join(known) or 'none'}.")
    if not known:
        raise ValueError(f"The recording has no {kind}. Was one created or changed while it ran?")
    return name or known[0]


def owner_of(obj: Obj) -> tuple[str, str] | None:
    """(kind, name) of the controller that owns an object, or None."""
    references = obj["metadata"].get("ownerReferences") or []
    chosen = next((one for one in references if one.get("controller")), references[0] if references else None)
    return (chosen["kind"], chosen["name"]) if chosen else None


def events_about(recording: Recording, kind: str, name: str) -> list[Mark]:
    """The events about one object, each time one was reported (a repeated event is reported again)."""
    marks = []
    for change in history(recording, "Event"):
        about = change.object.get("involvedObject") or {}
        if (about.get("kind"), about.get("name")) == (kind, name) and change.type != "DELETED" and change.t > 0:
            reason, message = change.object.get("reason", ""), (change.object.get("message") or "").strip()
            marks.append(Mark(change.t, reason, message, change.object.get("type") == "Warning"))
    return marks


def seconds(value: float) -> str:
    """A duration as people say it: "0.4 s", "12 s", "5 min 10 s"."""
    if value < 9.95:
        return f"{value:.1f} s".replace(".0 s", " s")
    minutes, rest = divmod(round(value), 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def count(number: int, noun: str) -> str:
    """ "1 Pod", "3 Pods"."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def listed(parts: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]])) if parts else ""
