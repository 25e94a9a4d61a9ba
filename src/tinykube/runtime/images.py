"""Images and the store that knows them: which programs a container finds, and what it runs by default.

Law: the store is filled once, from a catalogue; nothing is ever fetched. References are compared in their full form,
so `nginx`, `nginx:latest` and `docker.io/library/nginx:latest` are one. What is not in the catalogue cannot be run,
and `explain` says so in a sentence.

Models containerd's image store and reference parsing (distribution/reference, normalize.go).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tinykube.runtime.nodes import Directory
from tinykube.runtime.process import DEFAULT_PATH

HUB = "docker.io"
_PART = r"[a-zA-Z0-9]+(?:(?:\.|_|__|-+)[a-zA-Z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?:[a-zA-Z0-9.-]+(?::\d+)?/)?{_PART}(?:/{_PART})*(?::\w[\w.-]{{,127}})?(?:@[a-z0-9]+:[0-9a-f]+)?"
)
"""The grammar of distribution/reference, letters of either case."""


@dataclass(frozen=True)
class Image:
    """One image: `repository` in full form with the `tags` that lead to it, a frozen `root` tree, and its config."""

    repository: str
    tags: tuple[str, ...]
    root: Directory
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    working_dir: str = "/"
    user: str = ""
    ports: tuple[int, ...] = ()
    stop_signal: str = "SIGTERM"
    size: int = 4_000_000
    identity: str = ""  # tells images apart that share repository and tag names over time

    @property
    def id(self) -> str:
        """The image's ID, `sha256:…`: the same in every run."""
        return _digest(f"config {self.repository} {self.identity or self.tags[0]}")

    @property
    def digest(self) -> str:
        """The reference with which a registry would name exactly this image."""
        return f"{self.repository}@" + _digest(f"manifest {self.repository} {self.identity or self.tags[0]}")

    @property
    def full_env(self) -> dict[str, str]:
        """The environment that the image sets, PATH first."""
        return {"PATH": DEFAULT_PATH, **self.env}


def _digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def normalize(reference: str) -> tuple[str, str]:
    """Repository (with its registry) and tag or `@sha256:…` of a reference.

    Raises:
        ValueError: the reference cannot name an image.
    """
    name, at, digest = reference.partition("@")
    head, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        head, tag = name, ""
    if not _REFERENCE.fullmatch(reference) or head != head.lower():
        raise ValueError(f'couldn\'t parse image name "{reference}": invalid reference format')
    registry, slash, rest = head.partition("/")
    if not slash or not ("." in registry or ":" in registry or registry == "localhost"):
        registry, rest = HUB, head
    if registry == "index.docker.io":
        registry = HUB
    if registry == HUB and "/" not in rest:
        rest = f"library/{rest}"
    return f"{registry}/{rest}", f"@{digest}" if at else tag or "latest"


def short(repository: str) -> str:
    """A repository as people write it: without Docker Hub's registry and `library`."""
    return repository.removeprefix(f"{HUB}/library/").removeprefix(f"{HUB}/")


class ImageStore:
    """The images that are present on the node."""

    def __init__(self, catalogue: Iterable[Image]) -> None:
        self.images = list(catalogue)
        self._by_name: dict[tuple[str, str], Image] = {}
        for image in self.images:
            for tag in (*image.tags, "@" + image.digest.partition("@")[2]):
                self._by_name[image.repository, tag] = image

    def find(self, reference: str) -> Image | None:
        """The image that a reference names, or None if the practice cluster does not have it."""
        if reference.startswith("sha256:"):
            return next((image for image in self.images if image.id == reference), None)
        try:
            return self._by_name.get(normalize(reference))
        except ValueError:
            return None

    def references(self) -> list[str]:
        """Every reference with a tag that `find` knows, as people write it, sorted."""
        return sorted(f"{short(image.repository)}:{tag}" for image in self.images for tag in image.tags)

    def explain(self, reference: str) -> str:
        """Why an image is not here, and what to do instead: for the event of the failed pull."""
        return (
            f'the practice cluster has no image "{reference}" and fetches none: it can run '
            f"{self._choice(reference)} (kubelab images lists them); a kind cluster runs the rest "
            "(kubelab up --cluster kind)"
        )

    def _choice(self, reference: str) -> str:
        """The tags of the image that was meant, or else the names of all images."""
        try:
            repository = normalize(reference)[0]
        except ValueError:
            repository = ""
        tags = [tag for image in self.images if image.repository == repository for tag in image.tags]
        if tags:
            return f"{short(repository)} as {', '.join(tags)}"
        return ", ".join(dict.fromkeys(short(image.repository) for image in self.images))
