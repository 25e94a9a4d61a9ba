"""Making sure that a container's image is there, or saying why it is not.

Law: the practice cluster fetches nothing; what is in its image store is "already present on the machine", or arrives
at once when the pull policy insists. Everything else fails as it does behind a firewall, with the real back-off.

Models pkg/kubelet/images/image_manager.go (EnsureImageExists).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from tinykube import objects
from tinykube.clock import Clock
from tinykube.node.backoff import Backoff
from tinykube.node.hostfiles import NAME_SERVER
from tinykube.objects import Obj
from tinykube.runtime.images import normalize

if TYPE_CHECKING:
    from tinykube.runtime.images import Image, ImageStore

PULL = (0.4, 1.6)
"""Seconds that a pull takes whose layers are all there."""


class ImageError(Exception):
    """The image is not there. `reason` is what the container waits with; `retry_at` when a back-off ends."""

    def __init__(self, reason: str, message: str, retry_at: float | None = None) -> None:
        super().__init__(message)
        self.reason, self.retry_at = reason, retry_at


Tell = Callable[[str, str, str], None]
"""(type, reason, message) of an event about the container."""


class ImageManager:
    """Images for containers, with one back-off for each Pod and image."""

    def __init__(self, clock: Clock, rng: random.Random, store: ImageStore) -> None:
        self._clock, self._rng, self._store = clock, rng, store
        self._backoff = Backoff()
        self._why: dict[str, str] = {}

    async def ensure(self, pod: Obj, container: Obj, tell: Tell) -> tuple[Image, str]:
        """The container's image, and its name in full form.

        Raises:
            ImageError: it cannot be had.
        """
        reference, policy = container["image"], container.get("imagePullPolicy") or "IfNotPresent"
        full = self._full(reference, tell)
        image = self._store.find(reference)
        if image is None and policy == "Never":
            message = f'Container image "{reference}" is not present with pull policy of Never'
            tell("Warning", "ErrImageNeverPull", message)
            raise ImageError("ErrImageNeverPull", message)
        if image is not None and policy != "Always":
            message = f'Container image "{reference}" already present on machine and can be accessed by the pod'
            tell("Normal", "Pulled", message)
            return image, full
        return await self._pull(pod, reference, full, image, tell), full

    def image(self, reference: str) -> Image:
        """An image of the node's own. Raises LookupError."""
        found = self._store.find(reference)
        if found is None:
            raise LookupError(reference)
        return found

    def forget(self, pod_uid: str) -> None:
        """The Pod is gone."""
        self._backoff.forget(f"{pod_uid}_")
        for key in [k for k in self._why if k.startswith(f"{pod_uid}_")]:
            del self._why[key]

    def _full(self, reference: str, tell: Tell) -> str:
        try:
            repository, tag = normalize(reference)
        except ValueError:
            why = f'couldn\'t parse image name "{reference}": invalid reference format{_case(reference)}'
            message = f'Failed to apply default image tag "{reference}": {why}'
            tell("Warning", "InspectFailed", message)
            raise ImageError("InvalidImageName", message) from None
        return f"{repository}{'' if tag.startswith('@') else ':'}{tag}"

    async def _pull(self, pod: Obj, reference: str, full: str, image: Image | None, tell: Tell) -> Image:
        key = f"{objects.uid(pod)}_{reference}"
        now = self._clock.now()
        retry_at = self._backoff.until(key, self._backoff.raised(key), now)
        if retry_at is not None:
            message = f'Back-off pulling image "{reference}"'
            tell("Normal", "BackOff", message)
            raise ImageError("ImagePullBackOff", f"{message}: ErrImagePull: {self._why.get(key, '')}", retry_at)
        tell("Normal", "Pulling", f'Pulling image "{reference}"')
        if image is None:
            self._fail(key, reference, full, tell)
            raise ImageError("ErrImagePull", self._why[key])
        took = self._rng.uniform(*PULL)
        await self._clock.sleep(took)
        tell("Normal", "Pulled", _pulled(reference, took, image.size))
        return image

    def _fail(self, key: str, reference: str, full: str, tell: Tell) -> None:
        first = key not in self._why
        self._why[key] = unreachable(full)
        tell("Warning", "Failed", f'Failed to pull image "{reference}": {self._why[key]}')
        if first:
            tell("Normal", "ImagesAvailable", _sentence(self._store.explain(reference)))
        self._backoff.raise_for(key, self._clock.now(), self._clock.now())


def pull_secrets_missing(names: list[str]) -> tuple[str, str]:
    """(reason, message) of the event about imagePullSecrets that do not exist."""
    message = f"Unable to retrieve some image pull secrets ({', '.join(names)})"
    return "FailedToRetrieveImagePullSecret", f"{message}; attempting to pull the image may not succeed."


def _case(reference: str) -> str:
    """What else containerd says of a name with capitals."""
    name = reference.partition("@")[0].rpartition(":")[0] or reference
    if name == name.lower() or " " in name:
        return ""
    full = name if "/" in name else f"library/{name}"
    return f": repository name ({full}) must be lowercase"


def _pulled(reference: str, took: float, size: int) -> str:
    seconds = f"{took:.3f}s" if took >= 1 else f"{int(took * 1000)}ms"
    return (
        f'Successfully pulled image "{reference}" in {seconds} ({seconds} including waiting). Image size: {size} bytes.'
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def unreachable(full: str) -> str:
    """What containerd says of a registry that nobody resolves."""
    repository, _, tag = full.partition("@") if "@" in full else full.rpartition(":")
    registry, _, path = repository.partition("/")
    registry = "registry-1.docker.io" if registry == "docker.io" else registry  # where Docker Hub really is
    return (
        f'failed to pull and unpack image "{full}": failed to resolve image: failed to do request: '
        f'Head "https://{registry}/v2/{path}/manifests/{tag}": '
        f"dial tcp: lookup {registry} on {NAME_SERVER}:53: no such host"
    )
