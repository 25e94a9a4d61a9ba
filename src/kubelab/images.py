"""The images the labs use: which are public, which are ours, and how ours are built.

Law: reads `labs/images/images.yaml`, the one list; runs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from kubelab import paths
from kubelab.errors import KubelabError


@dataclass(frozen=True)
class Image:
    """One image; `source` is the directory with its Dockerfile if it is ours, else None."""

    name: str
    source: Path | None = None

    @property
    def tag(self) -> str:
        """The version part of the name."""
        return self.name.rsplit(":", 1)[-1]


def load(file: Path | None = None) -> list[Image]:
    """Every image of the labs, ours first.

    Raises:
        KubelabError: the list is not found, so this is not the book's repository.
    """
    file = file or _default_file()
    document = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    ours = [
        Image(f"{name}:{version}", file.parent / name)
        for name, versions in (document.get("ours") or {}).items()
        for version in versions
    ]
    return ours + [Image(name) for name in document.get("public") or []]


def _default_file() -> Path:
    root = paths.repository()
    file = root / "labs" / "images" / "images.yaml" if root else None
    if file is None or not file.exists():
        raise KubelabError("labs/images/images.yaml was not found.", "Run this inside the book's repository.")
    return file
