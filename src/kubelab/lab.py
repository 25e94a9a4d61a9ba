"""`Lab`: what a notebook does with a cluster, the same on every cluster.

Law: everything happens in a namespace of the lab's own, which is empty at the start and removed at the end; nothing
outside it is touched. Which cluster it is, no lab asks.
"""

from __future__ import annotations

import atexit
import json
import shlex
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

from kubelab import (
    applying,
    connecting,
    durations,
    execs,
    http,
    kubectl_line,
    magics,
    manifests,
    namespaces,
    record,
    waiting,
)
from kubelab.clusters import Cluster
from kubelab.connection import Connection, Obj
from kubelab.discovery import Discovery, ResourceType
from kubelab.errors import KubelabError, Refused, TimedOut
from kubelab.kubectl import Finished, Kubectl
from kubelab.labclock import LabClock
from kubelab.record import Recording
from kubelab.resources import Events, Resource, Resources, in_order
from kubelab.text import Manifest, Terminal

Patch = Literal["merge", "strategic", "json"]
_PATCHES = {
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "json": "application/json-patch+json",
}


class Lab:
    """A lab's hands on a cluster. `lab = Lab("02-first-pod")` gives it the empty namespace `lab-02-first-pod`.

    A target is written as kubectl writes it: "pod/web", "deploy/web", "pods". Time-outs and durations are seconds of
    cluster time, or text such as "5m".
    """

    def __init__(self, name: str, *, cluster: Cluster | None = None, namespace: str | None = None) -> None:
        self.name = name
        self.namespace = namespace or namespaces.name_for(name)
        self._cluster = cluster or connecting.choose()
        access = self._cluster.access()
        self._connection = Connection(access)
        self._discovery = Discovery(self._connection)
        self._clock = LabClock(self._cluster.clock())
        self._kubectl = Kubectl(access, self.namespace, self._clock)
        self.refused: str = ""
        """What the learner's last command said when it failed; "" if it did not."""
        self.refused_input: str = ""
        """The manifest that it was given, if any."""
        self._recordings = ExitStack()
        self._recorded: Recording | None = None
        namespaces.prepare(self._connection, self._clock, self.namespace)
        _close_at_exit(self)
        magics.use(self)

    def __repr__(self) -> str:
        return f"Lab {self.name}, in the namespace {self.namespace}"

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the lab's namespace with everything in it. Closing twice does no harm."""
        if self._connection is not None and not getattr(self, "_closed", False):
            self._closed = True
            self._recordings.close()
            try:
                namespaces.remove(self._connection, self.namespace)
            finally:
                self._connection.close()

    @property
    def client(self) -> Any:
        """The official client's `ApiClient`, for its typed API: `kubernetes.client.CoreV1Api(lab.client)`."""
        return self._connection.client

    # -- change ----------------------------------------------------------------------------------------------------

    def apply(self, source: str | Path | Obj) -> applying.AppliedList:
        """Apply a manifest: a path, YAML text or an object, as `kubectl apply --server-side` does.

        Raises:
            NotAManifest: it is not one.
            Refused: the API server refuses it.
        """
        with self._remembering_refusals():
            objects = manifests.read(source)
            return applying.apply(self._connection, self._discovery, self.namespace, objects)

    def delete(self, target: str | Path | Obj, *, wait: bool = True, grace: float | None = None) -> None:
        """Delete "pod/web", or everything in a manifest, and wait until it is gone; gone already is fine."""
        if isinstance(target, str) and "/" in target and not Path(target).suffix and "\n" not in target:
            paths = [self._path(target)]
        else:
            paths = [self._path_of(obj) for obj in manifests.read(target)]
        options = {"propagationPolicy": "Background", **({} if grace is None else {"gracePeriodSeconds": int(grace)})}
        for path in paths:
            self._find_path("DELETE", path, options)
        for path in paths if wait else []:
            self._await_end(path)

    def patch(self, target: str, change: Obj | Sequence[Obj], how: Patch = "strategic") -> Resource:
        """Change part of an object: `lab.patch("deploy/web", {"spec": {"replicas": 3}})`."""
        return Resource(self._connection.json("PATCH", self._path(target), None, change, _PATCHES[how]))

    # -- look ------------------------------------------------------------------------------------------------------

    def get(self, target: str) -> Resource:
        """One object: `lab.get("pod/web")`.

        Raises:
            Refused: there is none.
        """
        return Resource(self._connection.get(self._path(target)))

    def find(self, target: str) -> Resource | None:
        """One object, or None."""
        found = self._find_path("GET", self._path(target))
        return None if found is None else Resource(found)

    def list(self, target: str, selector: str = "", fields: str = "") -> Resources:
        """Several objects: `lab.list("pods", selector="app=web")`; in no particular order but the API server's."""
        kind = self._discovery.find(target)
        return self._list(kind, selector, fields)

    def events(self, target: str = "") -> Events:
        """What was reported, in order: all of the namespace, or about one object ("pod/web")."""
        fields = ""
        if target:
            kind, name = self._discovery.split(target)
            fields = f"involvedObject.kind={kind.kind}" + (f",involvedObject.name={name}" if name else "")
        return in_order(self._list(self._discovery.find("events"), "", fields))

    def logs(
        self, pod: str, container: str | None = None, *, previous: bool = False, tail: int | None = None
    ) -> Terminal:
        """What a container has printed: `lab.logs("web")`; `previous` for the one before the last restart."""
        query = {"container": container, "previous": previous or None, "tailLines": tail}
        reply = self._connection.request("GET", self._path(_pod(pod)) + "/log", query)
        if reply.status >= 400:
            raise Refused(_status(reply), reply.status)
        return Terminal(reply.text)

    def exec(
        self, pod: str, command: str | Sequence[str], container: str | None = None, stdin: str | None = None
    ) -> execs.Output:
        """Run a command in a container: `lab.exec("web", "cat /etc/hostname")`. No shell, unless you call one."""
        argv = shlex.split(command) if isinstance(command, str) else list(command)
        path = self._path(_pod(pod))
        return self._clock.during(lambda: execs.run(self._connection, path, argv, container, stdin))

    def http(self, target: str, path: str = "/", *, method: str = "GET", body: Any = None) -> http.Response:
        """Ask a Service or Pod over HTTP: `lab.http("service/web", "/health")`, `lab.http("pod/web:8080")`."""
        where = self._http_path(target, path)
        return self._clock.during(lambda: http.send(self._connection, method, where, body))

    def show(self, source: str | Path) -> Manifest:
        """A manifest, shown with its colors: `lab.show("manifests/pod.yaml")`."""
        path = Path(source) if "\n" not in str(source) else None
        text = path.read_text(encoding="utf-8") if path is not None and path.exists() else str(source)
        return Manifest(text)

    # -- wait ------------------------------------------------------------------------------------------------------

    def wait_until(
        self, target: str, what: str | waiting.Predicate, timeout: float | str = 60, selector: str = ""
    ) -> Resource | Resources | None:
        """Let time pass until "pod/web" is "Ready", "{.status.phase}=Running", "deleted", …, and return it.

        A target without a name ("pods") means all that `selector` selects: a text must hold for every one of them, a
        predicate judges the list.

        Raises:
            TimedOut: it did not happen in time; says what was last seen.
        """
        kind, name = self._discovery.split(target)
        seconds = durations.parse(timeout)
        goal = waiting.goal(what)
        look = (lambda: self.find(target)) if name else (lambda: self._list(kind, selector, ""))
        seen: list[Any] = [None]

        def reached() -> bool | None:
            seen[0] = look()
            if name:
                return True if goal.holds(seen[0]) else None
            return True if (what(seen[0]) if callable(what) else goal.all_hold(seen[0])) else None

        if self._clock.until(reached, seconds) is None:
            raise self._timed_out(target, goal, seconds, seen[0])
        return seen[0]

    def wait(self, duration: float | str) -> None:
        """Let cluster time pass: `lab.wait(10)`."""
        self._clock.wait(durations.parse(duration))

    def fast_forward(self, duration: float | str) -> None:
        """Let cluster time pass as fast as the cluster can: `lab.fast_forward("5m")`; a real one takes 5 minutes."""
        self._clock.fast_forward(durations.parse(duration))

    @property
    def now(self) -> float:
        """The cluster's time, in seconds since the epoch."""
        return self._clock.now()

    # -- record ----------------------------------------------------------------------------------------------------

    @contextmanager
    def record(
        self, *, kinds: Sequence[str] = record.KINDS, requests_to: str = "", path: str = "/", every: float = 1.0
    ) -> Iterator[Recording]:
        """Collect every change in the namespace while the block runs, and optionally ask a Service all the while.

        `with lab.record(requests_to="service/web", every=0.5) as recording: …` sends a request each half second of
        cluster time; afterwards `recording.changes` and `recording.requests` hold what happened when.
        """
        types = [self._discovery.find(kind) for kind in kinds]
        with record.recording(self._connection, self._clock, self.namespace, types) as made:
            if not requests_to:
                yield made
                return
            where = self._http_path(requests_to, path)
            ask = partial(http.send, self._connection, "GET", where)
            with record.requesting(self._clock, made, requests_to, ask, every):
                yield made

    def start_recording(self, **options: Any) -> None:
        """Record from here on, over several cells, until `stop_recording`; options as for `record`."""
        self._recordings.close()
        self._recorded = self._recordings.enter_context(self.record(**options))

    def stop_recording(self) -> Recording:
        """End the recording begun by `start_recording`, and return it.

        Raises:
            KubelabError: none was begun.
        """
        self._recordings.close()
        if self._recorded is None:
            raise KubelabError("Nothing is being recorded.", "Run the cell with `lab.start_recording()` first.")
        return self._recorded

    # -- kubectl ---------------------------------------------------------------------------------------------------

    def kubectl(self, line: str, stdin: str | None = None) -> Terminal:
        """Run the real kubectl and return what it printed: `lab.kubectl("get pods -o name").split()`."""
        parts: list[str] = []
        finished = self.terminal(line, stdin, parts.append)
        return Terminal("".join(parts), finished.code)

    def terminal(self, line: str, stdin: str | None, sink: Callable[[str], None]) -> Finished:
        """Run the real kubectl, handing its output to `sink` as it comes; what the magics use."""
        finished = self._kubectl.run(kubectl_line.parse(line), sink, stdin)
        failed = finished.code and not finished.cut
        self.refused, self.refused_input = (finished.output.strip(), stdin or "") if failed else ("", "")
        return finished

    # -- inside ----------------------------------------------------------------------------------------------------

    def _path(self, target: str) -> str:
        kind, name = self._discovery.split(target)
        if not name:
            raise KubelabError(f"{target!r} names no object.", f'Such as "{kind.singular}/web".')
        return kind.path(self.namespace, name)

    def _path_of(self, obj: Obj) -> str:
        kind = self._discovery.of(obj)
        metadata = obj.get("metadata") or {}
        return kind.path(metadata.get("namespace") or self.namespace, metadata.get("name", ""))

    def _http_path(self, target: str, path: str) -> str:
        name, _, port = target.partition(":")
        found = self.get(name if "/" in name else f"service/{name}")
        return http.proxy_path(self.namespace, found, port, path)

    def _find_path(self, method: str, path: str, body: Any = None) -> Obj | None:
        try:
            return self._connection.json(method, path, None, body)
        except Refused as refusal:
            if refusal.code == 404:
                return None
            raise

    def _await_end(self, path: str) -> None:
        if self._clock.until(lambda: None if self._find_path("GET", path) else True, 300.0) is None:
            raise TimedOut(f"{path.rsplit('/', 1)[-1]!r} was not gone after 300 seconds.", "A finalizer may hold it.")

    def _list(self, kind: ResourceType, selector: str, fields: str) -> Resources:
        answer = self._connection.get(kind.path(self.namespace), labelSelector=selector, fieldSelector=fields)
        head = {"apiVersion": kind.api_version, "kind": kind.kind}
        return Resources(Resource({**head, **item}) for item in answer.get("items") or [])

    def _timed_out(self, target: str, goal: waiting.Goal, seconds: float, seen: Any) -> TimedOut:
        last = repr(seen) if seen else "it does not exist" if seen is None else "there are none"
        about = target if "/" in target else ""
        told = self.events(about)[-3:]
        said = "".join(f"\n  {one['reason']}: {(one.get('message') or '').strip()}" for one in told)
        return TimedOut(
            f"{target} was not {goal.text} after {durations.show(seconds)}. Last seen: {last}.",
            f"Its last events:{said}" if said else "",
        )

    @contextmanager
    def _remembering_refusals(self) -> Iterator[None]:
        self.refused = self.refused_input = ""
        try:
            yield
        except KubelabError as error:
            self.refused = str(error)
            raise


def _pod(target: str) -> str:
    return target if "/" in target else f"pod/{target}"


def _status(reply: Any) -> Obj:
    try:
        return dict(json.loads(reply.body))
    except ValueError:
        return {"message": reply.text}


def _close_at_exit(lab: Lab) -> None:
    """Also when the kernel is interrupted or restarted; a lab that was dropped is not kept alive for it."""
    reference = weakref.ref(lab)

    def close() -> None:
        if (still := reference()) is not None:
            try:
                still.close()
            except KubelabError:
                return  # the cluster went first, and the namespace with it

    atexit.register(close)
