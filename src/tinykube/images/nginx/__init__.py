"""nginx: web server, reverse proxy, load balancer.

Law: it reads its real configuration files from the container and serves with what they say; a directive it does not
implement is either harmless (accepted) or refused with nginx's own words for an unknown directive, never pretended.

Models docker.io/library/nginx.
"""

from __future__ import annotations

from tinykube.images.alpine import bash
from tinykube.images.base import system_files
from tinykube.images.busybox import binaries
from tinykube.images.curl import binary as curl
from tinykube.images.nginx.files import DEFAULT_CONF, FIFTY_X, MIME_TYPES, NGINX_CONF, WELCOME
from tinykube.images.nginx.master import program
from tinykube.runtime.filesystem import layer
from tinykube.runtime.images import Image
from tinykube.runtime.nodes import Directory, File, Symlink

VERSIONS = {
    "1.25": "1.25.5",
    "1.26": "1.26.3",
    "1.27": "1.27.5",
    "1.28": "1.28.0",
    "1.29": "1.29.3",
}
MOVING = {"1.29": ("latest", "mainline", "alpine"), "1.28": ("stable", "stable-alpine")}
TOOLS = frozenset({
    "sh", "ash", "cat", "ls", "env", "hostname", "echo", "printf", "test", "[", "true", "false", "sleep",
    "mkdir", "rmdir", "rm", "cp", "mv", "ln", "touch", "chmod", "chown", "date", "id", "whoami", "pwd",
    "head", "tail", "grep", "egrep", "fgrep", "sed", "awk", "cut", "sort", "uniq", "wc", "tr", "tee",
    "find", "xargs", "basename", "dirname", "seq", "kill", "ps", "printenv", "uname", "df", "du", "stat",
    "mktemp", "timeout", "wget", "which", "readlink", "realpath", "md5sum", "sha256sum", "od", "dd", "yes",
    "nproc", "expr", "tar", "gzip", "gunzip", "mount",
})  # fmt: skip


def images() -> list[Image]:
    """nginx in the versions that manifests name."""
    return [_image(short, version) for short, version in VERSIONS.items()]


def _image(short: str, version: str) -> Image:
    root = layer(
        None,
        {
            **system_files("debian"),
            **binaries(names=TOOLS),
            "/bin/bash": bash(),
            "/usr/bin/curl": curl(),
            "/usr/sbin/nginx": File(b"\x7fELF nginx " + version.encode(), 0o755, program=program(version)),
            "/etc/nginx/nginx.conf": NGINX_CONF,
            "/etc/nginx/mime.types": MIME_TYPES,
            "/etc/nginx/conf.d/default.conf": DEFAULT_CONF,
            "/usr/share/nginx/html/index.html": WELCOME,
            "/usr/share/nginx/html/50x.html": FIFTY_X,
            "/var/log/nginx/access.log": Symlink("/dev/stdout"),
            "/var/log/nginx/error.log": Symlink("/dev/stderr"),
            "/var/cache/nginx": Directory(),
        },
    )
    tags = (short, version, f"{short}-alpine", f"{version}-alpine", *MOVING.get(short, ()))
    return Image(
        "docker.io/library/nginx",
        tags,
        root,
        cmd=("nginx", "-g", "daemon off;"),
        env={"NGINX_VERSION": version},
        ports=(80,),
        stop_signal="SIGQUIT",
        size=72_000_000,
    )
