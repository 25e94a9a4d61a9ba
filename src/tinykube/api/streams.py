"""Watches on the wire: one JSON line an event, encoded once however many clients watch.

Law: a stream ends when its time is up, when the client goes, or when it has fallen too far behind.

Models k8s.io/apiserver/pkg/endpoints/handlers/watch.go and the serialization cache of storage/cacher.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncIterator
from typing import Any

from tinykube import errors
from tinykube.api import conversion, present
from tinykube.api.apiserver import ApiServer
from tinykube.api.listing import bookmark
from tinykube.api.messages import Request, Response, Target, dump
from tinykube.api.wire import YAML, Shift, Wanted
from tinykube.errors import Cause
from tinykube.objects import Obj
from tinykube.store import Event, Watch

BOOKMARK_SECONDS = 60
_CACHED = 2048


class Streams:
    """Makes watch responses."""

    def __init__(self, api: ApiServer, shift: Shift) -> None:
        self.api, self.shift = api, shift
        self._cache: OrderedDict[tuple[Any, ...], tuple[Obj, bytes]] = OrderedDict()

    def watch(self, target: Target, request: Request, wanted: Wanted) -> Response:
        """A response that streams events.

        Raises:
            errors.ApiError: BadRequest, Invalid; an expired revision is an ERROR event in the stream.
        """
        if wanted.media_type == YAML:
            raise errors.ApiError(
                errors.status(406, "NotAcceptable", "only the following media types are accepted: application/json")
            )
        _check_initial(request)
        try:
            watch = self._open(target, request)
        except errors.ApiError as error:
            if error.code != 410:
                raise
            return Response(200, dump({"type": "ERROR", "object": error.status}))
        stream = self._stream(watch, target, request, wanted)
        return Response(200, stream=stream, dropped=lambda: watch.dropped)

    def _open(self, target: Target, request: Request) -> Watch:
        fields = request.param("fieldSelector")
        if target.name:
            fields = ",".join(filter(None, [fields, f"metadata.name={target.name}"]))
        initial = request.param("sendInitialEvents")
        return self.api.watch(
            conversion.stored_as(target.resource),
            target.namespace,
            resource_version=request.param("resourceVersion"),
            label_selector=request.param("labelSelector"),
            field_selector=conversion.field_selector(target.resource, fields),
            send_initial_events=request.flag("sendInitialEvents") if initial else None,
            bookmarks=request.flag("allowWatchBookmarks"),
        )

    async def _stream(self, watch: Watch, target: Target, request: Request, wanted: Wanted) -> AsyncIterator[bytes]:
        clock, seconds = self.api.clock, request.number("timeoutSeconds")
        timers = [clock.call_later(seconds, watch.close)] if seconds else []
        ticker = asyncio.create_task(self._bookmarks(watch, target)) if request.flag("allowWatchBookmarks") else None
        try:
            async for event in watch:
                yield b"".join(self._line(e, target, request, wanted) for e in [event, *watch.poll()])
        finally:
            watch.close()
            for timer in timers:
                timer.cancel()
            if ticker is not None:
                ticker.cancel()

    async def _bookmarks(self, watch: Watch, target: Target) -> None:
        while True:
            await self.api.clock.sleep(BOOKMARK_SECONDS)
            watch.push(bookmark(target.resource, watch.revision))

    def _line(self, event: Event, target: Target, request: Request, wanted: Wanted) -> bytes:
        kind, obj = event
        form = (target.resource.kind_key, wanted.kind, request.param("includeObject"))
        key = (id(obj), kind, self.shift.seconds(), *form)
        if wanted.kind != "Table":
            found = self._cache.get(key)
            if found is not None:
                return found[1]
        line = self._encode(kind, obj, target, request, wanted)
        self._cache[key] = (obj, line)  # holding the object keeps its id from being used again
        if len(self._cache) > _CACHED:
            self._cache.popitem(last=False)
        return line

    def _encode(self, kind: str, obj: Obj, target: Target, request: Request, wanted: Wanted) -> bytes:
        shown = obj
        if kind == "BOOKMARK":
            shown = present.bookmark(obj, target, wanted)
        elif kind != "ERROR":
            shown = present.present(obj, target, request, wanted, self.api.clock.now())
        text = json.dumps({"type": kind, "object": self.shift.out(shown)}, separators=(",", ":"), ensure_ascii=False)
        return text.encode() + b"\n"


def _check_initial(request: Request) -> None:
    match, initial = request.param("resourceVersionMatch"), request.param("sendInitialEvents")
    why = ""
    if initial and match != "NotOlderThan":
        why = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
    elif match and not initial:
        why = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
    if why:
        cause = Cause("FieldValueForbidden", "resourceVersionMatch", f"Forbidden: {why}")
        raise errors.invalid("ListOptions", "meta.k8s.io", "", [cause])
