"""alpine: the base of many images: busybox's tools in /bin, and the files of Alpine Linux.

Law: no package manager: `apk` says that the practice cluster installs nothing.

Models docker.io/library/alpine.
"""

from __future__ import annotations

from tinykube.images.base import system_files
from tinykube.images.busybox import binaries
from tinykube.images.busybox.shell.main import main as shell
from tinykube.runtime.filesystem import layer
from tinykube.runtime.images import Image
from tinykube.runtime.nodes import Directory, File, Node
from tinykube.runtime.process import Process

VERSION = "3.22.1"
VERSIONS = {
    VERSION: ("3.22", VERSION, "3", "latest"),
    "3.21.4": ("3.21", "3.21.4"),
    "3.20.7": ("3.20", "3.20.7"),
    "3.19.8": ("3.19", "3.19.8"),
    "3.18.12": ("3.18", "3.18.12"),
}


async def apk(process: Process) -> int:
    """The package manager, which has no network."""
    process.err("ERROR: the practice cluster installs no packages; use an image that has the program\n")
    return 1


def root(files: dict[str, Node | bytes | str] | None = None, version: str = VERSION) -> Directory:
    """An Alpine root file system with `files` on top."""
    release = f'NAME="Alpine Linux"\nID=alpine\nVERSION_ID={version}\nPRETTY_NAME="Alpine Linux v{version[:4]}"\n'
    return layer(
        None,
        {
            **system_files("alpine"),
            **binaries(),
            "/etc/alpine-release": f"{version}\n",
            "/etc/os-release": release,
            "/home": Directory(),
            "/sbin/apk": File(b"\x7fELF apk", 0o755, program=apk),
            **binaries("/usr/bin", frozenset({"env"})),
            **(files or {}),
        },
    )


def bash() -> File:
    """/bin/bash for images that have one: busybox's shell under that name."""
    return File(b"\x7fELF bash", 0o755, program=shell)


def images() -> list[Image]:
    """alpine in the versions that manifests name."""
    return [
        Image("docker.io/library/alpine", tags, root(version=version), cmd=("/bin/sh",), size=3_810_000)
        for version, tags in VERSIONS.items()
    ]
