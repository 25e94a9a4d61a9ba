"""curl: the HTTP client, and the image that has little else.

Law: what it prints, and its exit codes, are curl's; an option that it does not implement it refuses in curl's words.

Models docker.io/curlimages/curl (its entrypoint.sh lets `curl` be left out of a command line).
"""

from __future__ import annotations

from tinykube.images import alpine
from tinykube.images.curl.program import VERSION, main
from tinykube.runtime.images import Image
from tinykube.runtime.nodes import Directory, File

TAGS = ("latest", VERSION, "8.11.1", "8.10.1", "8.9.1", "8.8.0", "8.7.1", "8.6.0", "8.5.0", "8.4.0", "7.88.1")
ENTRYPOINT = """\
#!/bin/sh
# Runs curl, unless the first word is a command of this image.
if [ "${1#-}" != "$1" ] || ! command -v "$1" > /dev/null; then
  set -- curl "$@"
fi
exec "$@"
"""
PASSWD = "root:x:0:0:root:/root:/bin/sh\ncurl_user:x:100:101:curl_user:/home/curl_user:/sbin/nologin\n"


def binary() -> File:
    """The executable, for other images that have it."""
    return File(b"\x7fELF curl", 0o755, program=main)


def images() -> list[Image]:
    """curlimages/curl."""
    root = alpine.root(
        {
            "/usr/bin/curl": binary(),
            "/entrypoint.sh": File(ENTRYPOINT.encode(), 0o755),
            "/etc/passwd": PASSWD,
            "/home/curl_user": Directory(uid=100, gid=101),
        }
    )
    return [
        Image(
            "docker.io/curlimages/curl",
            TAGS,
            root,
            entrypoint=("/entrypoint.sh",),
            cmd=("curl",),
            user="curl_user",
            size=9_400_000,
            working_dir="/home/curl_user",
        )
    ]
