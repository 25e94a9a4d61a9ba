"""The images of the practice cluster: what containers can run.

Law: an image is data and programs for `tinykube.runtime`; each package or module here has `images()`, and `catalogue`
is their sum. Programs know nothing of Kubernetes beyond what a real program could see.

Models the public images that the labs use.
"""

from __future__ import annotations

from tinykube.images import busybox, nginx, pause
from tinykube.runtime.images import Image

SOURCES = (busybox, nginx, pause)


def catalogue() -> list[Image]:
    """Every image, for `runtime.ImageStore`."""
    return [image for source in SOURCES for image in source.images()]
