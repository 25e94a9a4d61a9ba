"""Telling people what happened: Event objects about other objects.

Law: an event that repeats is counted, not written again; a source that says too much about one object is cut off.
Failing to write an event never fails the caller.

Models k8s.io/client-go/tools/record (event.go, events_cache.go) and, with `modern`, tools/events
(event_recorder.go), which the scheduler uses.
"""

from __future__ import annotations

import contextlib
from typing import Any, TypeVar

from tinykube import objects
from tinykube.client import Client
from tinykube.clock import Clock
from tinykube.errors import ApiError
from tinykube.objects import Obj

K = TypeVar("K")
V = TypeVar("V")

SIMILAR_LIMIT = 10
"""Events alike but for their message, within `SIMILAR_WINDOW` seconds, before they are combined into one."""
SIMILAR_WINDOW = 600.0
COMBINED = "(combined from similar events): "
BURST, REFILL_SECONDS = 25, 300.0
"""Events one source may write about one object at once, and the seconds until it may write one more."""

REMEMBERED = 4096
"""Things of one kind that a recorder remembers; the oldest are forgotten."""


class Recent(dict[K, V]):
    """A dictionary that forgets what was set longest ago."""

    def __setitem__(self, key: K, value: V) -> None:
        self.pop(key, None)
        super().__setitem__(key, value)
        if len(self) > REMEMBERED:
            del self[next(iter(self))]


class Recorder:
    """Writes events in the name of one component, such as `kubelet` on a host."""

    def __init__(self, client: Client, clock: Clock, component: str, host: str = "", *, modern: bool = False) -> None:
        self._client, self._clock = client, clock
        self._component, self._host, self._modern = component, host, modern
        self._seen: Recent[tuple[Any, ...], tuple[str, int]] = Recent()
        self._similar: Recent[tuple[Any, ...], tuple[float, set[str]]] = Recent()
        self._tokens: Recent[str, tuple[float, float]] = Recent()
        self._last_nanos = 0

    def event(self, about: Obj, type_: str, reason: str, message: str, *, field: str = "", action: str = "") -> None:
        """Record that `reason` happened to `about`. `type_` is Normal or Warning; `field` a path in it, such as
        `spec.containers{web}`; `action` what was done, for modern events."""
        if not self._modern and not self._allowed(about):
            return
        reference = self._reference(about, field)
        said = message if self._modern else self._combine(reference, type_, reason, message)
        identity = self._identity(reference, type_, reason, message if said == message else COMBINED)
        with contextlib.suppress(ApiError):
            known = identity in self._seen
            if not known or not self._count_again(identity, said, objects.namespace(about) or "default"):
                self._write(about, reference, identity, said, action or reason)

    def _identity(self, reference: Obj, type_: str, reason: str, message: str) -> tuple[Any, ...]:
        """What makes two events the same: the modern ones go by the object's version, the others by their message."""
        if self._modern:
            return tuple(sorted(reference.items())), type_, reason, ""
        versionless = {field: value for field, value in reference.items() if field != "resourceVersion"}
        return tuple(sorted(versionless.items())), type_, reason, message

    def _reference(self, about: Obj, field: str) -> Obj:
        ref = {"kind": about["kind"], "apiVersion": about["apiVersion"], "name": objects.name(about)}
        ref |= {
            k: objects.meta(about)[k] for k in ("namespace", "uid", "resourceVersion") if objects.meta(about).get(k)
        }
        if field:
            ref["fieldPath"] = field
            ref.pop("resourceVersion", None)
        return ref

    def _count_again(self, identity: tuple[Any, ...], message: str, namespace: str) -> bool:
        name, count = self._seen[identity]
        now = objects.rfc3339(self._clock.now())
        patch: Obj = {"count": count + 1, "lastTimestamp": now, "message": message}
        if self._modern:
            patch = {"series": {"count": count + 1, "lastObservedTime": objects.rfc3339_micro(self._clock.now())}}
        try:
            self._client.patch("events", namespace, name, patch)
        except ApiError as gone:
            if gone.code == 404:
                return False
            raise
        self._seen[identity] = (name, count + 1)
        return True

    def _write(self, about: Obj, reference: Obj, identity: tuple[Any, ...], message: str, action: str) -> None:
        _, type_, reason, _ = identity
        now = self._clock.now()
        body: Obj = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": f"{reference['name']}.{self._nanos():016x}",
                "namespace": objects.namespace(about) or "default",
            },
            "involvedObject": reference,
            "type": type_,
            "reason": reason,
            "message": message,
        }
        body |= self._modern_fields(now, action) if self._modern else self._classic_fields(now)
        self._create(body)
        self._seen[identity] = (body["metadata"]["name"], 1)

    def _create(self, body: Obj) -> None:
        """Write the event, under another name if a component that spoke at the same instant has taken this one."""
        while True:
            try:
                self._client.create("events", body)
            except ApiError as refused:
                if refused.reason != "AlreadyExists":
                    raise
                body["metadata"]["name"] = f"{body['involvedObject']['name']}.{self._nanos():016x}"
            else:
                return

    def _classic_fields(self, now: float) -> Obj:
        source = {"component": self._component} | ({"host": self._host} if self._host else {})
        return {
            "source": source,
            "firstTimestamp": objects.rfc3339(now),
            "lastTimestamp": objects.rfc3339(now),
            "count": 1,
            "eventTime": None,
            "reportingComponent": self._component,
            "reportingInstance": self._host,
        }

    def _modern_fields(self, now: float, action: str) -> Obj:
        return {
            "source": {},
            "firstTimestamp": None,
            "lastTimestamp": None,
            "eventTime": objects.rfc3339_micro(now),
            "action": action,
            "reportingComponent": self._component,
            "reportingInstance": f"{self._component}-{self._host or 'control-plane'}",
        }

    def _nanos(self) -> int:
        """Nanoseconds since the epoch, never twice the same: they make the event's name."""
        self._last_nanos = max(self._last_nanos + 1, int(self._clock.now() * 1e9))
        return self._last_nanos

    def _combine(self, reference: Obj, type_: str, reason: str, message: str) -> str:
        alike = (reference.get("uid"), reference.get("fieldPath"), type_, reason)
        since, messages = self._similar.get(alike, (self._clock.now(), set()))
        if self._clock.now() - since > SIMILAR_WINDOW:
            since, messages = self._clock.now(), set()
        messages.add(message)
        self._similar[alike] = (since, messages)
        return message if len(messages) < SIMILAR_LIMIT else f"{COMBINED}{message}"

    def _allowed(self, about: Obj) -> bool:
        now = self._clock.now()
        tokens, then = self._tokens.get(objects.uid(about), (float(BURST), now))
        tokens = min(float(BURST), tokens + (now - then) / REFILL_SECONDS)
        allowed = tokens >= 1
        self._tokens[objects.uid(about)] = (tokens - 1 if allowed else tokens, now)
        return allowed
