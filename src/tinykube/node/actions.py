"""What one sync of a Pod has to do: which containers to start, which to kill, whether the sandbox must go.

Law: a pure decision from the spec, what was observed and the probes' verdicts.

Models pkg/kubelet/kuberuntime/kuberuntime_manager.go (computePodActions) and kuberuntime_container.go
(computeInitContainerActions).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tinykube.node.ephemeral import to_start
from tinykube.node.observed import CREATED, EXITED, RUNNING, ContainerView, PodView
from tinykube.node.resizing import differs, needs_restart
from tinykube.node.restarts import may_restart, restarts_after, should_be_restarted
from tinykube.objects import Obj

LIVENESS, STARTUP = "livenessProbe", "startupProbe"
Verdict = Callable[[str, str], bool | None]
"""(probe kind, container id) -> passed, failed, or None: not known yet."""


@dataclass
class Kill:
    """A container to be stopped, and the sentence for its event."""

    container: ContainerView
    spec: Obj
    message: str
    probe: str = ""
    """Which probe asked for it; its own grace period then counts."""


@dataclass
class Actions:
    """The outcome; the containers to start are specs, in order."""

    kill_pod: bool = False
    create_sandbox: bool = False
    start_init: list[Obj] = field(default_factory=list)
    start: list[Obj] = field(default_factory=list)
    start_ephemeral: list[Obj] = field(default_factory=list)
    kill: list[Kill] = field(default_factory=list)
    resize: list[tuple[ContainerView, Obj]] = field(default_factory=list)
    """Running containers, and the spec with the resources that they are to run with."""


def compute_actions(pod: Obj, seen: PodView, verdict: Verdict) -> Actions:
    """Decide what to do for the Pod now."""
    if seen.sandbox != "ready":
        return _new_sandbox(pod, seen)
    actions = Actions(start_ephemeral=to_start(pod, seen))
    if not _init_actions(pod, seen, verdict, actions):
        return actions
    kept = sum(_keep(container, pod, seen, verdict, actions) for container in pod["spec"]["containers"])
    if not kept and not actions.start:
        actions.kill_pod, actions.start_init = True, []
    return actions


def _new_sandbox(pod: Obj, seen: PodView) -> Actions:
    actions = Actions(kill_pod=True, create_sandbox=True)
    again = any(may_restart(c, pod) for c in pod["spec"]["containers"])
    if not again and seen.sandbox and seen.containers:
        actions.create_sandbox = False
        return actions
    wanted = [c for c in pod["spec"]["containers"] if not _done(c, pod, seen)]
    inits = pod["spec"].get("initContainers") or []
    if inits and wanted:
        actions.start_init = inits[:1]
    elif wanted:
        actions.start = wanted
    else:
        actions.create_sandbox = False
    return actions


def _done(container: Obj, pod: Obj, seen: PodView) -> bool:
    found = seen.find(container["name"])
    return found is not None and found.state == EXITED and not restarts_after(container, pod, found.exit_code)


def _keep(container: Obj, pod: Obj, seen: PodView, verdict: Verdict, actions: Actions) -> bool:
    """Whether the regular container runs and may go on; otherwise say what to do with it."""
    found = seen.find(container["name"])
    if found is None or not found.running:
        if should_be_restarted(container, pod, seen):
            actions.start.append(container)
        return False
    message, probe, again = _complaint(container, pod, found, verdict)
    if not message:
        return _resized(container, found, actions)
    if again:
        message += ", will be restarted"
        actions.start.append(container)
    actions.kill.append(Kill(found, container, message, probe))
    return False


def _resized(container: Obj, found: ContainerView, actions: Actions) -> bool:
    """Whether the container runs on, with other resources if need be."""
    changed = differs(found.resources, container.get("resources") or {})
    if needs_restart(container, changed):
        actions.kill.append(Kill(found, container, f"Container {container['name']} resize requires restart"))
        actions.start.append(container)
        return False
    if changed:
        actions.resize.append((found, container))
    return True


def _complaint(container: Obj, pod: Obj, found: ContainerView, verdict: Verdict) -> tuple[str, str, bool]:
    name, again = container["name"], may_restart(container, pod)
    if found.spec_image != container["image"]:
        return f"Container {name} definition changed", "", True
    if verdict(LIVENESS, found.id) is False:
        return f"Container {name} failed liveness probe", LIVENESS, again
    if verdict(STARTUP, found.id) is False:
        return f"Container {name} failed startup probe", STARTUP, again
    return "", "", False


# -- init containers -----------------------------------------------------------------------------------------


def _init_actions(pod: Obj, seen: PodView, verdict: Verdict, actions: Actions) -> bool:
    """Decide about init containers; return whether the Pod is initialized."""
    inits = pod["spec"].get("initContainers") or []
    if not inits:
        return True
    mains = [seen.find(c["name"]) for c in pod["spec"]["containers"]]
    initialized = passed = any(m is not None and m.state in (RUNNING, CREATED) for m in mains)
    for index in reversed(range(len(inits))):
        found = seen.find(inits[index]["name"])
        sidecar = inits[index].get("restartPolicy") == "Always"
        if found is None:
            if passed and sidecar:
                actions.start_init.append(inits[index])
            continue
        if passed and not sidecar:
            continue
        step = _Init(pod, inits, index, found, passed)
        done = step.sidecar(verdict, actions) if sidecar else step.plain(actions)
        if actions.kill_pod:
            return False
        initialized, passed = initialized or done, True
    if not passed:
        actions.start_init.append(inits[0])
    actions.start_init.reverse()
    return initialized


@dataclass
class _Init:
    pod: Obj
    inits: list[Obj]
    index: int
    found: ContainerView
    passed: bool
    """Whether a later init container, or a regular one, has already been reached."""

    def _next(self, actions: Actions) -> bool:
        """The one after this may start; True if there is none: the Pod is initialized."""
        if self.index == len(self.inits) - 1:
            return True
        actions.start_init.append(self.inits[self.index + 1])
        return False

    def plain(self, actions: Actions) -> bool:
        spec = self.inits[self.index]
        if self.found.running:
            return False
        if self.found.state == CREATED:
            actions.start_init.append(spec)
            return False
        if self.found.succeeded:
            return self._next(actions)
        if restarts_after(spec, self.pod, self.found.exit_code):
            actions.start_init.append(spec)
        else:
            actions.kill_pod, actions.start_init = True, []
        return False

    def sidecar(self, verdict: Verdict, actions: Actions) -> bool:
        spec = self.inits[self.index]
        if not self.found.running:
            actions.start_init.append(spec)
            return False
        if spec.get(STARTUP):
            started = verdict(STARTUP, self.found.id)
            if started is False:
                self._replace(spec, "startup", STARTUP, actions)
            if not started:
                return False
        done = False if self.passed else self._next(actions)
        changed = differs(self.found.resources, spec.get("resources") or {})
        if changed and not needs_restart(spec, changed):
            actions.resize.append((self.found, spec))
        elif changed:
            actions.kill.append(Kill(self.found, spec, f"Init container {spec['name']} resize requires restart"))
            actions.start_init.append(spec)
        if spec.get(LIVENESS) and verdict(LIVENESS, self.found.id) is False:
            self._replace(spec, "liveness", LIVENESS, actions)
        return done

    def _replace(self, spec: Obj, kind: str, probe: str, actions: Actions) -> None:
        message = f"Init container {spec['name']} failed {kind} probe"
        actions.kill.append(Kill(self.found, spec, message, probe))
        actions.start_init.append(spec)
