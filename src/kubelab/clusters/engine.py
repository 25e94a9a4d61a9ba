"""The container engine under kind: Docker or Podman, and what it says when something is missing.

Law: asks the engine, changes nothing but its images. Every refusal names the cause and the next step.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kubelab import paths
from kubelab.clusters import commands
from kubelab.clusters.base import Progress
from kubelab.errors import CommandFailed, ToolMissing

_GIB = 2**30
_MEMORY, _DISK = 2 * _GIB, 6 * _GIB
_ASK, _FETCH = 60.0, 900.0
"""Seconds: for a question, and for an image to be pulled or built."""
_OR_PRACTICE = "The practice cluster needs none of this: `kubelab up`."
_NOT_RUNNING = (
    "cannot connect",
    "failed to connect to the docker api",
    "is the docker daemon running",
    "error during connect",
    "connection refused",
)


@dataclass(frozen=True)
class Engine:
    """Docker or Podman, known to answer."""

    program: str

    @property
    def environment(self) -> dict[str, str]:
        """What kind must be told to use this engine."""
        return {} if self.program == "docker" else {"KIND_EXPERIMENTAL_PROVIDER": self.program}

    def full(self, image: str) -> str:
        """The name under which the nodes will look for the image. Docker takes the short one for it; Podman calls what
        it has built localhost/…, and may ask which registry is meant."""
        return image if self.program == "docker" else f"docker.io/library/{image}"

    def has_image(self, image: str) -> bool:
        """Whether the image is on this machine."""
        try:
            commands.run([self.program, "image", "inspect", self.full(image)], timeout=_ASK)
        except commands.Failed:
            return False
        return True

    def platform(self, image: str) -> str:
        """The platform that this machine has the image for, such as linux/arm64."""
        asked = [self.program, "image", "inspect", "--format", "{{.Os}}/{{.Architecture}}", self.full(image)]
        return commands.run(asked, timeout=_ASK).strip()

    def pull(self, image: str, progress: Progress) -> None:
        """Fetch a public image."""
        progress(f"Pulling {image}")
        try:
            commands.run([self.program, "pull", self.full(image)], timeout=_FETCH, progress=progress)
        except commands.Failed as failure:
            raise _pull_failed(image, failure) from failure

    def build(self, image: str, directory: Path, version: str, progress: Progress) -> None:
        """Build one of our own images from its Dockerfile."""
        progress(f"Building {image}")
        argv = [self.program, "build", "--tag", self.full(image), "--build-arg", f"VERSION={version}", str(directory)]
        try:
            commands.run(argv, timeout=_FETCH, progress=progress)
        except commands.Failed as failure:
            raise CommandFailed(
                f"Building {image} failed: {'it took too long' if failure.code is None else failure.last_line}",
                f"Run `{' '.join(argv)}` to see all of it.",
                failure.output,
            ) from failure


def find() -> Engine:
    """The engine to use: $KIND_EXPERIMENTAL_PROVIDER, else Docker, else Podman; the first that works.

    Raises:
        ToolMissing: none is installed; or one is, and does not run or may not be used.
    """
    wanted = os.environ.get("KIND_EXPERIMENTAL_PROVIDER")
    candidates = [wanted] if wanted else ["docker", "podman"]
    installed = [Engine(name) for name in candidates if paths.program(name)]
    refusals = []
    for engine in installed:
        try:
            _info(engine)
        except ToolMissing as refusal:
            refusals.append(refusal)
        else:
            return engine
    if refusals:
        raise refusals[0]
    missing = f"{wanted} is not" if wanted else "neither Docker nor Podman is"
    raise ToolMissing(
        f"kind runs its nodes as containers, and {missing} installed.",
        f"Install one (https://docs.docker.com/get-docker/ or https://podman.io/docs/installation). {_OR_PRACTICE}",
    )


def check_room(engine: Engine) -> None:
    """Whether a cluster of three nodes and the labs' images would fit.

    Raises:
        ToolMissing: there is too little memory or disk.
    """
    _check_room(_info(engine))


def _info(engine: Engine) -> dict[str, Any]:
    try:
        output = commands.run([engine.program, "info", "--format", "{{json .}}"], timeout=_ASK)
    except commands.Failed as failure:
        raise _not_usable(engine.program, failure) from failure
    line = next((line for line in output.splitlines() if line.startswith("{")), "{}")
    try:
        return dict(json.loads(line))
    except ValueError:
        return {}


def _not_usable(program: str, failure: commands.Failed) -> ToolMissing:
    name, said = program.capitalize(), failure.output.lower()
    if failure.code is None:
        return ToolMissing(f"{name} did not answer within a minute.", f"Restart {name}. {_OR_PRACTICE}")
    if "permission denied" in said:
        return ToolMissing(
            f"You have no permission to use {name}.",
            f"Add yourself to its group (`sudo usermod -aG docker $USER`, then log in again). {_OR_PRACTICE}",
        )
    if any(words in said for words in _NOT_RUNNING):
        start = "`podman machine start`" if program == "podman" else "Docker Desktop, or `sudo systemctl start docker`"
        return ToolMissing(f"{name} is installed but not running.", f"Start it ({start}). {_OR_PRACTICE}")
    return ToolMissing(
        f"{name} does not work: {failure.last_line}", f"`{program} info` shows all of it. {_OR_PRACTICE}"
    )


def _check_room(info: dict[str, Any]) -> None:
    """Docker says MemTotal and DockerRootDir; Podman host.memTotal and store.graphRoot."""
    memory = info.get("MemTotal") or (info.get("host") or {}).get("memTotal") or 0
    if 0 < memory < _MEMORY:
        raise ToolMissing(
            f"The container engine has {memory / _GIB:.1f} GiB of memory; three kind nodes need at least "
            f"{_MEMORY / _GIB:.0f} GiB.",
            f"Give it more (Docker Desktop: Settings, Resources). {_OR_PRACTICE}",
        )
    root = info.get("DockerRootDir") or (info.get("store") or {}).get("graphRoot") or ""
    free = shutil.disk_usage(root).free if root and Path(root).is_dir() else _DISK
    if free < _DISK:
        raise ToolMissing(
            f"There are {free / _GIB:.1f} GiB free where the container engine keeps its images ({root}); "
            f"the node and lab images need about {_DISK / _GIB:.0f} GiB.",
            f"Free some (`docker system prune`). {_OR_PRACTICE}",
        )


def _pull_failed(image: str, failure: commands.Failed) -> CommandFailed:
    said = failure.output.lower()
    if failure.code is None:
        step = "The network is slow or the registry does not answer; try again, what was fetched is kept."
    elif "toomanyrequests" in said or "rate limit" in said:
        step = "The registry limits anonymous pulls; log in (`docker login`) or try again in an hour."
    elif "no such host" in said or "timeout" in said or "network" in said or "connection" in said:
        step = "Check the network connection and any proxy, then try again."
    else:
        step = "Try again; if it persists, run the same pull by hand."
    why = "it took too long" if failure.code is None else failure.last_line
    return CommandFailed(f"Pulling {image} failed: {why}", step, failure.output)
