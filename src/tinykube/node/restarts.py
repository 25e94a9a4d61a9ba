"""Whether a container that has ended is started again.

Law: pure functions of the spec and of what was observed.

Models pkg/kubelet/container/helpers.go (ShouldContainerBeRestarted) and pkg/api/v1/pod/util.go
(IsRestartableInitContainer, ContainerShouldRestart).
"""

from __future__ import annotations

from tinykube import objects
from tinykube.node.observed import PodView
from tinykube.objects import Obj


def is_sidecar(container: Obj, pod: Obj) -> bool:
    """Whether it is an init container that keeps running beside the others (restartPolicy Always)."""
    return container.get("restartPolicy") == "Always" and container in (pod["spec"].get("initContainers") or ())


def sidecars(pod: Obj) -> list[Obj]:
    """The Pod's native sidecars, in order."""
    return [c for c in pod["spec"].get("initContainers") or () if c.get("restartPolicy") == "Always"]


def restarts_after(container: Obj, pod: Obj, exit_code: int) -> bool:
    """Whether the container is started again after that exit code: its rules, its own policy, then the Pod's."""
    for rule in container.get("restartPolicyRules") or ():
        codes = rule.get("exitCodes") or {}
        if (exit_code in (codes.get("values") or ())) == (codes.get("operator", "In") == "In"):
            return bool(rule.get("action") == "Restart")
    policy = container.get("restartPolicy") or pod["spec"].get("restartPolicy", "Always")
    return policy == "Always" or (policy == "OnFailure" and exit_code != 0)


def may_restart(container: Obj, pod: Obj) -> bool:
    """Whether any end of the container could lead to a restart."""
    policy = container.get("restartPolicy") or pod["spec"].get("restartPolicy", "Always")
    return policy != "Never" or bool(container.get("restartPolicyRules"))


def should_be_restarted(container: Obj, pod: Obj, seen: PodView) -> bool:
    """Whether the next sync should start the container: it never ran, or ended and its policy wants it back."""
    if objects.deleting(pod):
        return False
    found = seen.find(container["name"])
    if found is None:
        return True
    if found.running:
        return False
    if found.state != "exited":
        return True
    return restarts_after(container, pod, found.exit_code)
