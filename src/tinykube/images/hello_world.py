"""hello-world: prints a greeting and ends.

Models docker.io/library/hello-world (hello.c), in its own words.
"""

from __future__ import annotations

from tinykube.runtime.filesystem import layer
from tinykube.runtime.images import Image
from tinykube.runtime.nodes import File
from tinykube.runtime.process import Process

MESSAGE = """
Hello from Docker!
This message shows that your installation appears to be working correctly.

It was printed by a program of the practice cluster: the scheduler chose a node for its Pod, the node's kubelet found
the "hello-world" image, made a container from it, ran the program, and kept what it wrote: you are reading its log.

"""


async def main(process: Process) -> int:
    """The program."""
    process.out(MESSAGE)
    return 0


def images() -> list[Image]:
    """hello-world."""
    root = layer(None, {"/hello": File(b"\x7fELF hello", 0o755, program=main)})
    return [Image("docker.io/library/hello-world", ("latest", "linux"), root, cmd=("/hello",), size=10_000)]
