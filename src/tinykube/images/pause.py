"""pause: does nothing, until a signal ends it.

Models build/pause/linux/pause.c.
"""

from __future__ import annotations

import asyncio

from tinykube.runtime import signals
from tinykube.runtime.filesystem import layer
from tinykube.runtime.images import Image
from tinykube.runtime.nodes import File
from tinykube.runtime.process import Process


async def main(process: Process) -> int:
    """The program."""
    if "-v" in process.argv:
        process.out("pause.c practice cluster\n")
        return 0
    ended = asyncio.get_running_loop().create_future()

    def handle(number: int) -> None:
        process.err("Shutting down, got signal\n")
        if not ended.done():
            ended.set_result(None)

    process.on_signal(signals.SIGINT, handle)
    process.on_signal(signals.SIGTERM, handle)
    await ended
    return 0


def images() -> list[Image]:
    """pause in the versions that manifests name."""
    root = layer(None, {"/pause": File(b"\x7fELF pause", 0o755, program=main)})
    tags = ("3.10", "3.9", "3.10.1", "latest")
    return [
        Image(repository, tags, root, entrypoint=("/pause",), user="65535:65535", size=740_000)
        for repository in ("registry.k8s.io/pause", "docker.io/rancher/mirrored-pause")
    ]
