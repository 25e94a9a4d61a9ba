"""`Lab`: what a notebook does with a cluster, the same on every cluster.

Law: everything happens in a namespace of the lab's own, which is empty at the start and removed at the end; nothing
outside it is touched. Which cluster it is, no lab asks. The examples run in a namespace with a Pod and a Service
named web, and a Deployment named shop.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

from kubelab import applying, connecting, durations, ending, execs, http, magics, manifests, namespaces, record
from kubelab import waiting as goals
from kubelab.clusters import Cluster
from kubelab.connection import Connection, Obj
from kubelab.errors import KubelabError, TimedOut
from kubelab.kubectl import Finished, Kubectl
from kubelab.kubectl_line import parse
from kubelab.labclock import LabClock
from kubelab.live import KINDS, Live
from kubelab.record import Recording
from kubelab.resources import Events, Resource, Resources, in_order
from kubelab.targets import Targets
from kubelab.text import Manifest, Terminal

Patch = Literal["merge", "strategic", "json"]
_PATCHES = {
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "json": "application/json-patch+json",
}
_GONE = 300.0


class Lab:
    """A lab's hands on a cluster. `lab = Lab("02-first-pod")` gives it the empty namespace `lab-02-first-pod`.

    A target is written as kubectl writes it: "pod/web", "deploy/web", "pods". Time-outs and durations are seconds of
    cluster time, or text such as "5m".

    >>> lab
    Lab example, in the namespace lab-example
    """

    def __init__(self, name: str, *, cluster: Cluster | None = None, namespace: str | None = None) -> None:
        self.name = name
        self.namespace = namespace or namespaces.name_for(name)
        self.refused = ""
        """What the learner's last command said when it failed; "" if it did not."""
        self.refused_input = ""
        """The manifest that it was given, if any."""
        self._closed = False
        self._recordings = ExitStack()
        self.followers = ExitStack()
        """What ends before the lab does."""
        self._recorded: Recording | None = None
        chosen = cluster or connecting.choose()
        access = chosen.access()
        self._connection = Connection(access)
        self._targets = Targets(self._connection, self.namespace)
        self._clock = LabClock(chosen.clock())
        self._kubectl = Kubectl(access, self.namespace, self._clock)
        namespaces.prepare(self._connection, self._clock, self.namespace)
        ending.close_at_exit(self)
        magics.use(self)

    def __repr__(self) -> str:
        return f"Lab {self.name}, in the namespace {self.namespace}"

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the lab's namespace with everything in it. Closing twice does no harm."""
        if self._closed:
            return
        self._closed = True
        try:
            self.followers.close()
            self._recordings.close()
            namespaces.remove(self._connection, self.namespace)
        finally:
            for part in (self._connection, self._clock, self._kubectl):
                part.close()

    @property
    def client(self) -> Any:
        """The official client's `ApiClient`, for its typed API.

        >>> from kubernetes.client import CoreV1Api
        >>> CoreV1Api(lab.client).read_namespaced_pod("web", lab.namespace).status.phase
        'Running'
        """
        return self._connection.client

    # -- change ----------------------------------------------------------------------------------------------------

    def apply(self, source: str | Path | Obj, *, dry_run: bool = False) -> applying.AppliedList:
        """Apply a manifest: a path, YAML text or an object, as `kubectl apply --server-side` does.

        With `dry_run`, the API server only says what it would do, or why it would refuse.

        >>> lab.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "colors"}})
        configmap/colors created

        Raises:
            NotAManifest: it is not one.
            Refused: the API server refuses it.
        """
        with self._remembering_refusals():
            objects = manifests.read(source)
            return applying.apply(self._connection, self._targets.discovery, self.namespace, objects, dry_run=dry_run)

    def delete(self, target: str | Path | Obj, *, wait: bool = True, grace: float | None = None) -> None:
        """Delete one object, or everything in a manifest, and wait until it is gone; gone already is fine.

        >>> lab.delete("configmap/colors")
        >>> lab.find("configmap/colors") is None
        True
        """
        paths = self._targets.paths(target)
        options = {"propagationPolicy": "Background", **({} if grace is None else {"gracePeriodSeconds": int(grace)})}
        for path in paths:
            self._targets.try_path("DELETE", path, options)
        for path in paths if wait else ():
            self._await_end(path)

    def patch(self, target: str, change: Obj | Sequence[Obj], how: Patch = "strategic") -> Resource:
        """Change part of an object, by a strategic merge, JSON merge or JSON patch.

        >>> lab.patch("deploy/shop", {"spec": {"replicas": 2}})["spec"]["replicas"]
        2
        """
        return Resource(self._connection.json("PATCH", self._targets.path(target), None, change, _PATCHES[how]))

    # -- look ------------------------------------------------------------------------------------------------------

    def get(self, target: str) -> Resource:
        """One object, a dict that prints as one line.

        >>> lab.get("pod/web")
        pod/web: Running, 1/1 ready
        >>> lab.get("pod/web")["status"]["phase"]
        'Running'

        Raises:
            Refused: there is none.
        """
        return self._targets.get(target)

    def find(self, target: str) -> Resource | None:
        """One object, or None.

        >>> lab.find("pod/nobody") is None
        True
        """
        return self._targets.find(target)

    def list(self, target: str, selector: str = "", fields: str = "") -> Resources:
        """All objects of a resource, or of "all", that the label and field selectors select, in the API server's order.

        >>> lab.list("pods", selector="app=web")
        pod/web: Running, 1/1 ready
        """
        return self._targets.list(target, selector, fields)

    def events(self, target: str = "") -> Events:
        """What was reported, in order: in the whole namespace, or about one object.

        >>> {"Scheduled", "Pulled", "Created", "Started"} <= {event["reason"] for event in lab.events("pod/web")}
        True
        """
        return in_order(self._targets.events(target))

    def logs(
        self, pod: str, container: str | None = None, *, previous: bool = False, tail: int | None = None
    ) -> Terminal:
        """What a container has printed; `previous` asks for the one before the last restart.

        >>> "start worker processes" in lab.logs("web")
        True

        Raises:
            Refused: there is no such Pod, container or log.
        """
        query = {"container": container, "previous": previous or None, "tailLines": tail}
        return Terminal(self._connection.text(self._targets.path(_pod(pod)) + "/log", query))

    def exec(
        self, pod: str, command: str | Sequence[str], container: str | None = None, stdin: str | None = None
    ) -> execs.Output:
        """Run a command in a container; without a shell, unless you call one.

        >>> lab.exec("web", "hostname")
        web
        >>> lab.exec("web", ["sh", "-c", "exit 3"]).exit_code
        3

        Raises:
            Refused: there is no such Pod or container, it does not run, or it has no such program.
        """
        argv = shlex.split(command) if isinstance(command, str) else list(command)
        path = self._targets.path(_pod(pod))
        return self._clock.during(lambda: execs.run(self._connection, path, argv, container, stdin))

    def http(self, target: str, path: str = "/", *, method: str = "GET", body: Any = None) -> http.Response:
        """Ask a Service or Pod over HTTP, through the API server; its first port, unless ":PORT" follows the name.

        >>> lab.http("service/web").status
        200
        >>> "nginx" in lab.http("pod/web:80", "/index.html").text
        True
        """
        where = self._http_path(target, path)
        return self._clock.during(lambda: http.send(self._connection, method, where, body))

    def show(self, source: str | Path) -> Manifest:
        """A manifest file, or the text of one, in colors.

        >>> lab.show("kind: Pod")
        kind: Pod
        """
        path = Path(source) if "\n" not in str(source) else None
        text = path.read_text(encoding="utf-8") if path is not None and path.is_file() else str(source)
        return Manifest(text)

    # -- wait ------------------------------------------------------------------------------------------------------

    def wait_until(
        self, target: str, what: str | goals.Predicate, timeout: float | str = 60, selector: str = ""
    ) -> Resource | Resources | None:
        """Let time pass until it is so, and return what was waited for.

        What: a condition ("Ready", "Available", "Ready=False"), a word of the column STATUS ("CrashLoopBackOff"),
        "{.status.phase}=Running", "rolled out" as `kubectl rollout status` means it, "exists", "deleted", or a
        predicate. A target without a name means all that `selector` selects: a text must hold for every one of them, a
        predicate judges the list. A predicate that misses a field says "not yet": what a node has not reported is not
        there.

        >>> lab.wait_until("deploy/shop", "Available")
        deployment/shop: 2/2 ready
        >>> len(lab.wait_until("pods", lambda pods: len(pods) == 2, selector="app=shop"))
        2

        Raises:
            TimedOut: it did not happen in time; says what was last seen.
        """
        seconds, goal, name = durations.parse(timeout), goals.goal(what), self._targets.split(target)[1]
        last = goals.Last(lambda: self.find(target) if name else self.list(target, selector))

        def so(seen: Any) -> bool:
            if name:
                return goal.holds(seen)
            return goals.is_so(what, seen) if callable(what) else goal.all_hold(seen)

        if self._clock.until(lambda revision: so(last.at(revision)) or None, seconds) is None:
            raise goals.timed_out(target, goal, seconds, last.seen, self.events(target if "/" in target else ""))
        return last.seen

    def wait(self, duration: float | str) -> None:
        """Let cluster time pass.

        >>> before = lab.now
        >>> lab.wait("2s")
        >>> lab.now - before >= 2
        True
        """
        self._clock.wait(durations.parse(duration))

    def fast_forward(self, duration: float | str) -> None:
        """Let cluster time pass as fast as the cluster can: at once on a practice cluster, by waiting on a real one.

        >>> lab.fast_forward("3s")
        """
        self._clock.fast_forward(durations.parse(duration))

    @property
    def now(self) -> float:
        """The cluster's time, in seconds since the epoch."""
        return self._clock.now()

    def let_react(self, seconds: float = 10.0) -> None:
        """Where time stands still, let it pass in steps that somebody can watch; elsewhere it passes anyway.

        >>> lab.let_react(2)
        """
        self._clock.unroll(seconds)

    # -- record ----------------------------------------------------------------------------------------------------

    @contextmanager
    def record(
        self, *, kinds: Sequence[str] = record.KINDS, requests_to: str = "", path: str = "/", every: float = 1.0
    ) -> Iterator[Recording]:
        """Collect every change in the namespace while the block runs; ask a Service all the while, if one is named.

        >>> with lab.record(requests_to="service/web", every=0.5) as recording:
        ...     lab.wait(2)
        >>> recording.served, recording.failed
        (5, 0)
        """
        types = [self._targets.discovery.find(kind) for kind in kinds]
        with record.recording(self._connection, self._clock, self.namespace, types) as made:
            if not requests_to:
                yield made
                return
            ask = partial(http.send, self._connection, "GET", self._http_path(requests_to, path))
            with record.requesting(self._clock, made, requests_to, ask, every):
                yield made

    def start_recording(self, **options: Any) -> None:
        """Record from here on, over several cells, until `stop_recording`; options as for `record`.

        >>> lab.start_recording(kinds=["pods"])
        >>> lab.stop_recording().of("Pod", "web")
        [   0.00s ADDED    pod/web]
        """
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

    def follow(
        self, heard: Callable[[Sequence[Obj]], Any], lost: Callable[[KubelabError], Any], kinds: Sequence[str] = KINDS
    ) -> Live:
        """Call `heard`, from a thread, with all objects soon after one has changed, until it or the lab is closed; and
        `lost` when the cluster does not answer.

        >>> with lab.follow(print, print, kinds=["services"]) as services:
        ...     [one["metadata"]["name"] for one in services.objects()]
        ['web']
        """
        types = [self._targets.discovery.find(kind) for kind in kinds]
        return self.followers.enter_context(Live(self._connection, types, self.namespace, heard, lost).start())

    # -- kubectl ---------------------------------------------------------------------------------------------------

    def kubectl(self, line: str, stdin: str | None = None) -> Terminal:
        """Run the real kubectl and return what it printed; `code` is its exit code.

        >>> lab.kubectl("get pods -l app=web -o name")
        pod/web
        >>> lab.kubectl("get pod nobody").code
        1
        """
        parts: list[str] = []
        finished = self.terminal(line, stdin, parts.append)
        return Terminal("".join(parts), finished.code)

    def terminal(self, line: str, stdin: str | None, sink: Callable[[str], None]) -> Finished:
        """Run the real kubectl, handing its output to `sink` as it comes; what the magics use."""
        finished = self._kubectl.run(parse(line), sink, stdin)
        failed = finished.code and not finished.cut
        self.refused, self.refused_input = (finished.output.strip(), stdin or "") if failed else ("", "")
        return finished

    # -- inside ----------------------------------------------------------------------------------------------------

    def _http_path(self, target: str, path: str) -> str:
        name, _, port = target.partition(":")
        found = self.get(name if "/" in name else f"service/{name}")
        return http.proxy_path(self.namespace, found, port, path)

    def _await_end(self, path: str) -> None:
        if self._clock.until(lambda _: None if self._targets.try_path("GET", path) else True, _GONE) is None:
            raise TimedOut(
                f"{path.rsplit('/', 1)[-1]!r} is still there after {_GONE:.0f} seconds.", "A finalizer may hold it."
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
