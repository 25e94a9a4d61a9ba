"""busybox: a shell and some hundred tools in one program, the smallest image that labs are made of.

Law: `/bin/busybox` is one program that looks at the name it was called by; all others are links to it. A tool is an
async function of its process; what it cannot do it says.

Models docker.io/library/busybox and busybox's libbb/appletlib.c.
"""

from __future__ import annotations

from tinykube.images.base import system_files
from tinykube.images.busybox.applets import APPLETS, BUFFERED
from tinykube.images.busybox.stdio import buffered
from tinykube.images.busybox.tools.options import BadNumber, UsageError
from tinykube.images.busybox.usage import usage
from tinykube.runtime.filesystem import layer
from tinykube.runtime.images import Image
from tinykube.runtime.nodes import Directory, File, Node
from tinykube.runtime.paths import basename
from tinykube.runtime.process import Process

FAIL_WITH_2 = frozenset(("grep", "egrep", "fgrep", "cmp", "expr", "sort", "awk"))
VERSION = "1.36.1"
KUBERNETES_TAGS = ("1.27.2", "1.27", "latest", "1.24")  # what the tasks on kubernetes.io name
TAGS = ("1.36", "latest", "1.36.1", "1.37", "1.35", "1.34", "stable", "glibc", "musl", "1.36-glibc", "1.28")


async def main(process: Process) -> int:
    """The multi-call program."""
    name = basename(process.argv[0]).removeprefix("-")
    if name == "busybox":
        if len(process.argv) < 2 or process.argv[1] in ("--help", "--list"):
            process.out(_banner() if process.argv[1:] != ["--list"] else "".join(f"{a}\n" for a in sorted(APPLETS)))
            return 0
        process.argv = process.argv[1:]
        name = process.argv[0]
    applet = APPLETS.get(name)
    if applet is None:
        process.err(f"{name}: applet not found\n")
        return 127
    if process.argv[1:] == ["--help"] and name not in ("echo", "true", "false", "test", "[", "[["):
        process.err(usage(name))
        return 0
    buffer = buffered(process) if name in BUFFERED else None
    try:
        status = await applet(process)
        if buffer is not None:
            await buffer.flush()
        return status
    except BadNumber as error:
        process.err(f"{process.name}: {error}\n")
        return 1
    except UsageError as error:
        if str(error):
            process.err(f"{process.name}: {error}\n")
        process.err(usage(name))
        return 2 if name in FAIL_WITH_2 else 1


def _banner() -> str:
    names = ", ".join(sorted(APPLETS))
    return f"BusyBox v{VERSION} multi-call binary of the practice cluster.\n\nCurrently defined functions:\n\t{names}\n"


def binaries(directory: str = "/bin", names: frozenset[str] | None = None) -> dict[str, Node]:
    """Links of all applets (or those of `names`) to one file, for an image layer."""
    file = File(b"\x7fELF busybox", 0o755, program=main)
    chosen = sorted({"busybox", *APPLETS} if names is None else names & set(APPLETS))
    file.links = len(chosen)
    return {f"{directory}/{name}": file for name in chosen}


def images() -> list[Image]:
    """busybox in the versions that manifests name."""
    root = layer(None, {**system_files("busybox"), **binaries(), "/home": Directory(), "/usr/bin/env": _env()})
    repositories = (("docker.io/library/busybox", TAGS), ("registry.k8s.io/busybox", KUBERNETES_TAGS))
    return [Image(name, tags, root, cmd=("sh",), size=2_220_000) for name, tags in repositories]


def _env() -> Node:
    return File(b"\x7fELF busybox", 0o755, program=main)
