"""The images of the practice cluster: what containers can run.

Law: an image is data and programs for `tinykube.runtime`; each package or module in `SOURCES` has `images()`, and
`catalogue` is their sum; its docstring begins with what it is, which `table` shows. Programs know nothing of Kubernetes
beyond what a real program could see.

Models the public images that the labs and ordinary tutorials use.
"""

from __future__ import annotations

from typing import NamedTuple

from tinykube.images import (
    agnhost,
    alpine,
    backend_app,
    busybox,
    curl,
    hello_world,
    http_echo,
    httpd,
    nginx,
    pause,
    stress,
    whoami,
)
from tinykube.runtime.images import Image, short

SOURCES = (
    backend_app, busybox, nginx, httpd, curl, alpine, agnhost, pause, stress, http_echo, whoami, hello_world,
)  # fmt: skip


class Row(NamedTuple):
    """One repository: its name as people write it, its tags, and what it is."""

    name: str
    tags: tuple[str, ...]
    about: str


def catalogue() -> list[Image]:
    """Every image, for `runtime.ImageStore`."""
    return [image for source in SOURCES for image in source.images()]


def table() -> list[Row]:
    """What the practice cluster can run, one row a repository."""
    rows: list[Row] = []
    for source in SOURCES:
        about = (source.__doc__ or "").partition("\n")[0].partition(": ")[2].rstrip(".")
        tags: dict[str, tuple[str, ...]] = {}
        for image in source.images():
            name = short(image.repository)
            tags[name] = (*tags.get(name, ()), *image.tags)
        rows += [Row(name, names, about) for name, names in tags.items()]
    return rows
