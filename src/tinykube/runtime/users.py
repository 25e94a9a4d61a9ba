"""Users by the container's own /etc/passwd.

Models passwd(5) as runc reads it (libcontainer/user).
"""

from __future__ import annotations

from typing import NamedTuple

from tinykube.runtime.filesystem import FileSystem


class User(NamedTuple):
    """A row of /etc/passwd."""

    name: str
    uid: int
    gid: int
    home: str


def users(fs: FileSystem) -> list[User]:
    """Everybody in /etc/passwd."""
    try:
        rows = fs.read("/etc/passwd").decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    parts = [row.split(":") for row in rows]
    return [User(p[0], int(p[2]), int(p[3]), p[5]) for p in parts if len(p) >= 6 and p[2].isdigit() and p[3].isdigit()]


def find_user(fs: FileSystem, text: str) -> User:
    """Who an image's `USER name`, `uid` or `uid:gid` means; root if it is empty."""
    name, _, group = text.partition(":")
    for user in users(fs):
        if name in (user.name, str(user.uid)):
            return user
    uid = int(name) if name.isdigit() else 0
    return User(name or "root", uid, int(group) if group.isdigit() else uid, "/")


def home_of(fs: FileSystem, uid: int) -> str:
    """The home directory of a uid: /root for root, / for somebody unknown."""
    return next((user.home for user in users(fs) if user.uid == uid), "/root" if uid == 0 else "/")


def name_of(fs: FileSystem, uid: int) -> str | None:
    """The name of a uid, or None."""
    return next((user.name for user in users(fs) if user.uid == uid), None)
