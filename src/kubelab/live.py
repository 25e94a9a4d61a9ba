"""The objects of a namespace as they are now, kept up to date by watches.

Law: reads only, in threads of its own, which are gone when `close` returns. Whoever listens hears soon after a change,
once for many that come together.

Models client-go's informers: list, watch from there, list again when the watch ends.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from typing import Any

from kubelab.connection import Connection, Obj, Stream
from kubelab.discovery import ResourceType
from kubelab.errors import ClusterUnavailable, KubelabError

KINDS = (
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "cronjobs.batch",
    "replicasets.apps",
    "jobs.batch",
    "pods",
    "services",
)
"""What an ownership graph shows."""
_TOGETHER = 0.05
"""Wall seconds for which changes are collected before the listener hears of them."""
_AGAIN = 1.0
"""Wall seconds after which a watch that failed is tried again."""


class Live:
    """What is in a namespace. `heard(objects)` is called from a thread; `lost(error)` when the cluster is silent."""

    def __init__(
        self,
        connection: Connection,
        kinds: Sequence[ResourceType],
        namespace: str,
        heard: Callable[[Sequence[Obj]], Any],
        lost: Callable[[KubelabError], Any],
    ) -> None:
        self._heard, self._lost = heard, lost
        self._changed, self._ended = threading.Event(), threading.Event()
        self._watches = [_Watch(connection, kind, namespace, self) for kind in kinds]
        self._teller = threading.Thread(target=self._tell, name="kubelab-view", daemon=True)

    def __enter__(self) -> Live:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> Live:
        """List everything, then watch.

        Raises:
            KubelabError: the cluster refuses, or does not answer.
        """
        for watch in self._watches:
            watch.look()
        for watch in self._watches:
            watch.thread.start()
        self._teller.start()
        return self

    def objects(self) -> list[Obj]:
        """All objects, as last seen."""
        return [one for watch in self._watches for one in list(watch.seen.values())]

    def close(self) -> None:
        """End every thread. Closing twice does no harm."""
        self._ended.set()
        self._changed.set()
        for watch in self._watches:
            watch.stop()
        for thread in [*(watch.thread for watch in self._watches), self._teller]:
            if thread.is_alive() and thread is not threading.current_thread():
                thread.join(timeout=5)

    @property
    def ended(self) -> bool:
        """Whether it was closed."""
        return self._ended.is_set()

    def changed(self) -> None:
        """Something is not as it was."""
        self._changed.set()

    def lost(self, error: KubelabError) -> None:
        """A watch ended in an error. It will be tried again, after a while."""
        if not self.ended:
            self._lost(error)
        self._ended.wait(_AGAIN)

    def _tell(self) -> None:
        while self._changed.wait() and not self.ended:
            self._ended.wait(_TOGETHER)
            self._changed.clear()
            if not self.ended:
                self._heard(self.objects())


class _Watch:
    """One resource."""

    def __init__(self, connection: Connection, kind: ResourceType, namespace: str, live: Live) -> None:
        self.seen: dict[str, Obj] = {}
        self.thread = threading.Thread(target=self._run, name=f"kubelab-view-{kind.plural}", daemon=True)
        self._connection, self._kind, self._live = connection, kind, live
        self._path = kind.path(namespace)
        self._version = ""
        self._stream: Stream | None = None

    def look(self) -> None:
        """What is there now."""
        answer = self._connection.get(self._path)
        self.seen = {item["metadata"]["uid"]: self._named(item) for item in answer.get("items") or []}
        self._version = str(answer["metadata"]["resourceVersion"])

    def stop(self) -> None:
        """End the stream, and with it the thread."""
        if self._stream is not None:
            self._stream.close()

    def _run(self) -> None:
        while not self._live.ended:
            try:
                self._follow()
                if not self._live.ended:
                    self.look()
                    self._live.changed()
            except KubelabError as error:
                self._live.lost(error)
            except (ValueError, KeyError) as error:  # not what an API server sends
                self._live.lost(ClusterUnavailable(f"The cluster's answer cannot be understood ({error})."))

    def _follow(self) -> None:
        self._stream = self._connection.stream(self._path, watch=True, resourceVersion=self._version)
        if self._live.ended:
            self._stream.close()
            return
        for line in self._stream:
            event = json.loads(line) if line.strip() else {}
            if event.get("type") in ("ADDED", "MODIFIED", "DELETED"):
                self._note(event["type"], event["object"])

    def _note(self, what: str, item: Obj) -> None:
        if what == "DELETED":
            self.seen.pop(item["metadata"]["uid"], None)
        else:
            self.seen[item["metadata"]["uid"]] = self._named(item)
        self._version = str(item["metadata"]["resourceVersion"])
        self._live.changed()

    def _named(self, item: Obj) -> Obj:
        """Items of a list carry neither kind nor version."""
        return {"apiVersion": self._kind.api_version, "kind": self._kind.kind, **item}
