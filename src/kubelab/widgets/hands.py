"""What the cluster view's controls do, and how each of it is taken back.

Law: plain requests to the API, such as kubectl makes; every action returns a sentence, and remembers its opposite.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kubelab.connection import Obj
from kubelab.errors import KubelabError

if TYPE_CHECKING:
    from kubelab.lab import Lab

SCALED = ("Deployment", "ReplicaSet", "StatefulSet")
"""Kinds with a number of replicas."""
TEMPLATED = (*SCALED, "DaemonSet")
"""Kinds with a Pod template whose image can be changed."""
BROKEN = "no-such-version"
"""A tag that no repository has."""


def workloads(objects: Sequence[Obj]) -> list[str]:
    """What the controls can act on, such as "deployment/web": kinds with a template, those that nothing owns."""
    free = [one for one in objects if one["kind"] in TEMPLATED and not one["metadata"].get("ownerReferences")]
    free.sort(key=lambda one: (TEMPLATED.index(one["kind"]), one["metadata"]["name"]))
    return [target(one) for one in free]


def target(obj: Obj) -> str:
    """What a lab calls the object, such as "deployment/web"."""
    return f"{obj['kind'].lower()}/{obj['metadata']['name']}"


def pods(objects: Sequence[Obj]) -> list[str]:
    """The names of the Pods that are not on their way out."""
    alive = [one for one in objects if one["kind"] == "Pod" and not one["metadata"].get("deletionTimestamp")]
    return sorted(one["metadata"]["name"] for one in alive)


class Hands:
    """Changes the cluster for somebody who watches it."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._back: list[tuple[str, Callable[[], object]]] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back."""
        return bool(self._back)

    def scale(self, target: str, replicas: int) -> str:
        """Ask for that many replicas."""
        before = self._lab.get(target)["spec"].get("replicas", 1)
        if before == replicas:
            return ""
        self._patch(target, {"spec": {"replicas": replicas}})
        self._back.append(
            (f"{target} has {before} replicas again", lambda: self._patch(target, {"spec": {"replicas": before}}))
        )
        return f"{target}: {replicas} replicas wanted instead of {before}"

    def set_image(self, target: str, image: str) -> str:
        """Give the first container of the Pod template another image."""
        container = first(self._lab.get(target)["spec"]["template"])
        name, before = container["name"], container.get("image", "")
        if not image or image == before:
            return ""
        self._patch(target, _template(name, image))
        self._back.append((f"{target} is back at {before}", lambda: self._patch(target, _template(name, before))))
        return f"{target}: image {image} instead of {before}"

    def delete(self, pod: str) -> str:
        """Delete a Pod; nothing brings that one back, so there is nothing to undo."""
        self._lab.delete(f"pod/{pod}", wait=False)
        return f"pod/{pod} is asked to end"

    def break_(self, pod: str) -> str:
        """Give the Pod's first container an image that does not exist: it is stopped, and cannot start again."""
        container = first(self._lab.get(f"pod/{pod}"))
        name, before = container["name"], container.get("image", "")
        broken = f"{_repository(before)}:{BROKEN}"
        if before == broken:
            return f"pod/{pod} cannot start already"
        self._patch(f"pod/{pod}", _container(name, broken))
        self._back.append(
            (f"pod/{pod} has its image {before} again", lambda: self._patch(f"pod/{pod}", _container(name, before)))
        )
        return f"pod/{pod}: image {broken}, which does not exist"

    def undo(self) -> str:
        """Take the last change back.

        Raises:
            KubelabError: there is none, or its object is gone.
        """
        if not self._back:
            raise KubelabError("There is nothing to take back.")
        said, back = self._back.pop()
        back()
        return said

    def _patch(self, target: str, change: Obj) -> object:
        return self._lab.patch(target, change)


def first(template: Obj) -> Obj:
    """The first container of a Pod or a Pod template."""
    found: Obj = template["spec"]["containers"][0]
    return found


def _container(name: str, image: str) -> Obj:
    return {"spec": {"containers": [{"name": name, "image": image}]}}


def _template(name: str, image: str) -> Obj:
    return {"spec": {"template": _container(name, image)}}


def _repository(image: str) -> str:
    """The image without tag or digest; a colon before the last slash is a registry's port."""
    bare = image.partition("@")[0]
    head, slash, tail = bare.rpartition("/")
    return head + slash + tail.partition(":")[0]
