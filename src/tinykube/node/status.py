"""A Pod's status, generated from what runs on the node.

Law: pure; what the probes say and why containers did not start comes in through `Knowledge`.

Models pkg/kubelet/kubelet_pods.go (generateAPIPodStatus, convertToAPIContainerStatuses).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tinykube.node.conditions import all_conditions
from tinykube.node.ephemeral import ephemeral
from tinykube.node.instance import supplementary_groups
from tinykube.node.observed import CREATED, RUNNING, ContainerView, PodView
from tinykube.node.phase import pod_phase, terminal
from tinykube.node.restarts import should_be_restarted
from tinykube.objects import Obj, dig, rfc3339
from tinykube.podresources import asked, qos_class

Reasons = Mapping[str, tuple[str, str]]
"""Container name -> (reason, message) of its latest failed start (the kubelet's reason cache)."""


@dataclass
class Knowledge:
    """What the node knows besides the containers."""

    host_ip: str
    now: float
    reasons: Reasons
    started: Callable[[Obj, ContainerView], bool]
    """Whether a running container's startup probe has passed."""
    ready: Callable[[Obj, ContainerView], bool]
    """Whether a running, started container's readiness probe has passed."""
    previous: Obj
    """The status as last generated, or as the API has it."""
    resizing: Sequence[Obj] = ()
    """Conditions about resources that the Pod asks for and does not have yet."""
    evicted: tuple[str, str] | None = None
    """(reason, message) when the node itself ends the Pod, such as DeadlineExceeded."""


def generate(pod: Obj, seen: PodView, known: Knowledge, *, ended: bool = False) -> Obj:
    """The Pod's status now. `ended`: its containers have been stopped for good."""
    status = _base(pod, seen, known)
    statuses = [*status.get("initContainerStatuses", ()), *status["containerStatuses"]]
    main_started = any(
        (found := seen.find(c["name"])) is not None and found.state in (RUNNING, CREATED)
        for c in pod["spec"]["containers"]
    )
    status["phase"] = pod_phase(pod, statuses, ended=ended, started=main_started)
    _keep_terminal(pod, status, known)
    resizing = [] if terminal(status["phase"]) else known.resizing
    status["conditions"] = [*resizing, *all_conditions(pod, seen, statuses, status["phase"])]
    return status


def _base(pod: Obj, seen: PodView, known: Knowledge) -> Obj:
    status: Obj = {
        "startTime": known.previous.get("startTime") or rfc3339(known.now),
        "qosClass": qos_class(pod["spec"]),
    }
    generation = dig(pod, "metadata", "generation")
    if generation:
        status["observedGeneration"] = generation
    resources = {part: total for part in ("requests", "limits") if (total := asked(pod["spec"], part))}
    status |= {"hostIP": known.host_ip, "hostIPs": [{"ip": known.host_ip}], "resources": resources}
    if requests := status["resources"].get("requests"):
        status["allocatedResources"] = requests
    if ips := list(seen.ips):
        status |= {"podIP": ips[0], "podIPs": [{"ip": ip} for ip in ips]}
    inits = pod["spec"].get("initContainers") or []
    waiting = "PodInitializing" if inits else "ContainerCreating"
    if inits:
        status["initContainerStatuses"] = [container_status(c, pod, seen, known, waiting) for c in inits]
    if debuggers := [_ephemeral_status(c, pod, seen, known, waiting) for c in ephemeral(pod)]:
        status["ephemeralContainerStatuses"] = debuggers
    mains = [container_status(c, pod, seen, known, waiting) for c in pod["spec"]["containers"]]
    status["containerStatuses"] = sorted(mains, key=lambda s: s["name"])
    return status


def _keep_terminal(pod: Obj, status: Obj, known: Knowledge) -> None:
    for phase in (known.previous.get("phase"), dig(pod, "status", "phase")):
        if terminal(phase) and not terminal(status["phase"]):
            status["phase"] = phase
    if terminal(dig(pod, "status", "phase")):
        status["phase"] = pod["status"]["phase"]
    if known.evicted is not None:
        status["phase"], status["reason"], status["message"] = "Failed", *known.evicted
    elif status["phase"] == known.previous.get("phase"):
        status |= {k: known.previous[k] for k in ("reason", "message") if known.previous.get(k)}


# -- one container -------------------------------------------------------------------------------------------


def container_status(container: Obj, pod: Obj, seen: PodView, known: Knowledge, waiting: str) -> Obj:
    """The entry of one container in `containerStatuses` or `initContainerStatuses`."""
    history = [c for c in seen.containers if c.name == container["name"]]
    status = _blank(container, known, waiting)
    if history:
        status |= _described(container, pod, history[0])
        status["state"] = history[0].api_state()
        if len(history) > 1:
            status["lastState"] = history[1].api_state()
        elif history[0].restarts:
            status["lastState"] = _last_state(_previous(known.previous, container["name"]), history[0].id)
    _waiting_again(container, pod, seen, known, status)
    _probed(container, pod, history, known, status)
    return status


def _ephemeral_status(container: Obj, pod: Obj, seen: PodView, known: Knowledge, waiting: str) -> Obj:
    """The entry of an ephemeral container, which is never ready and never restarted."""
    status, found = _blank(container, known, waiting) | {"ready": False}, seen.find(container["name"])
    if found is not None:
        return status | _described(container, pod, found) | {"state": found.api_state()}
    if reason := known.reasons.get(container["name"]):
        status["state"] = {"waiting": {"reason": reason[0], "message": reason[1]}}
    return status


def _blank(container: Obj, known: Knowledge, waiting: str) -> Obj:
    before = _previous(known.previous, container["name"])
    status: Obj = {
        "name": container["name"],
        "image": container["image"],
        "imageID": "",
        "lastState": {},
        "restartCount": before.get("restartCount", 0),
        "state": {"waiting": {"reason": waiting}},
    }
    if mounts := [_mount(m) for m in container.get("volumeMounts") or ()]:
        status["volumeMounts"] = mounts
    return status


def _last_state(before: Obj, id_: str) -> Obj:
    """How the container before this one ended, from the status of before: the runtime has forgotten it."""
    if before.get("containerID") == id_:
        return before.get("lastState") or {}
    state = before.get("state") or {}
    return state if "terminated" in state else before.get("lastState") or {}


def _previous(status: Obj, name: str) -> Obj:
    for found in [*status.get("containerStatuses", ()), *status.get("initContainerStatuses", ())]:
        if found["name"] == name:
            return found
    return {}


def _mount(mount: Obj) -> Obj:
    shown: Obj = {k: mount[k] for k in ("name", "mountPath") if k in mount}
    if mount.get("readOnly"):
        shown |= {"readOnly": True, "recursiveReadOnly": mount.get("recursiveReadOnly") or "Disabled"}
    return shown


def _described(container: Obj, pod: Obj, found: ContainerView) -> Obj:
    resources, granted = found.resources, dig(container, "resources", "requests")
    described: Obj = {
        "containerID": found.id,
        "image": found.image,
        "imageID": found.image_id,
        "restartCount": found.restarts,
        "resources": {k: resources[k] for k in ("limits", "requests") if resources.get(k)},
        "user": {"linux": user(container, pod)},
    }
    if granted:
        described["allocatedResources"] = granted
    return described


def user(container: Obj, pod: Obj) -> Obj:
    """Who the container's first process runs as: uid, gid and supplemental groups."""
    of_pod, own = pod["spec"].get("securityContext") or {}, container.get("securityContext") or {}
    uid = own.get("runAsUser", of_pod.get("runAsUser", 0))
    gid = own.get("runAsGroup", of_pod.get("runAsGroup", 0))
    return {"uid": uid, "gid": gid, "supplementalGroups": list(dict.fromkeys([gid, *supplementary_groups(pod)]))}


def _waiting_again(container: Obj, pod: Obj, seen: PodView, known: Knowledge, status: Obj) -> None:
    """A container that should be started and could not waits, and says why."""
    reason = known.reasons.get(container["name"])
    if reason is None or not should_be_restarted(container, pod, seen):
        return
    if _is_plain_init(container, pod) and (found := seen.find(container["name"])) and found.succeeded:
        return
    if "terminated" in status["state"]:
        status["lastState"] = status["state"]
    status["state"] = {"waiting": {"reason": reason[0]} | ({"message": reason[1]} if reason[1] else {})}


def _is_plain_init(container: Obj, pod: Obj) -> bool:
    return container in (pod["spec"].get("initContainers") or ()) and container.get("restartPolicy") != "Always"


def _probed(container: Obj, pod: Obj, history: list[ContainerView], known: Knowledge, status: Obj) -> None:
    running = "running" in status["state"]
    status["started"] = running and known.started(container, history[0])
    if _is_plain_init(container, pod):
        status["ready"] = dig(status, "state", "terminated", "exitCode") == 0
    else:
        status["ready"] = bool(status["started"]) and known.ready(container, history[0])
