"""The files that every image has: users, temporary directories, where programs live.

Models the base layer of a small Linux image.
"""

from __future__ import annotations

from tinykube.runtime.nodes import Directory, Node

PASSWD = """\
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
bin:x:2:2:bin:/bin:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
nginx:x:101:101:nginx:/nonexistent:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
"""
GROUP = "root:x:0:\ndaemon:x:1:\nbin:x:2:\nwww-data:x:33:\nnginx:x:101:\nnogroup:x:65534:\n"


def system_files(name: str) -> dict[str, Node | bytes | str]:
    """The base layer's files; `name` is what /etc/os-release says."""
    return {
        "/etc/passwd": PASSWD,
        "/etc/group": GROUP,
        "/etc/os-release": f'NAME="{name}"\nID={name}\nPRETTY_NAME="{name}, as the practice cluster has it"\n',
        "/etc/hosts": "127.0.0.1\tlocalhost\n",
        "/etc/resolv.conf": "",
        "/root": Directory(mode=0o700),
        "/tmp": Directory(mode=0o1777),
        "/var/tmp": Directory(mode=0o1777),
        "/var/log": Directory(),
        "/var/run": Directory(),
        "/run": Directory(),
        "/mnt": Directory(),
        "/opt": Directory(),
        "/srv": Directory(),
        "/sys": Directory(),
        "/usr/local/bin": Directory(),
    }
