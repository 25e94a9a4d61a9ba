"""httpd: Apache's web server with its "It works!" page.

Law: it reads its real configuration file; a directive that it does not know ends it, as an unknown one ends Apache.

Models docker.io/library/httpd.
"""

from __future__ import annotations

from tinykube.images import alpine
from tinykube.images.httpd import config, program
from tinykube.runtime.images import Image
from tinykube.runtime.nodes import Directory, File

TAGS = ("2.4", "latest", "2.4.65", "2", "2.4-alpine", "alpine", "bookworm")
IT_WORKS = "<html><body><h1>It works!</h1></body></html>\n"


def images() -> list[Image]:
    """httpd in the versions that manifests name."""
    binary = File(b"\x7fELF httpd", 0o755, program=program.main)
    root = alpine.root(
        {
            "/usr/local/apache2/bin/httpd": binary,
            "/usr/local/bin/httpd-foreground": File(b"#!/bin/sh\n", 0o755, program=program.foreground),
            config.CONF: config.DEFAULT,
            f"{config.HTDOCS}/index.html": IT_WORKS,
            "/usr/local/apache2/logs": Directory(),
            "/bin/bash": alpine.bash(),
        }
    )
    path = "/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    env = {"PATH": path, "HTTPD_PREFIX": "/usr/local/apache2", "HTTPD_VERSION": program.VERSION}
    return [
        Image(
            "docker.io/library/httpd",
            TAGS,
            root,
            cmd=("httpd-foreground",),
            env=env,
            ports=(80,),
            working_dir="/usr/local/apache2",
            stop_signal="SIGWINCH",
            size=45_500_000,
        )
    ]
