"""Which file a path leads to: mounts, symbolic links, permissions.

Law: this half of the file system changes nothing. Paths are absolute strings; `pid` says whose /proc/self is meant.

Models Linux's path walk and mount namespaces (fs/namei.c, fs/namespace.c).
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, NamedTuple

from tinykube.runtime import capabilities
from tinykube.runtime.nodes import Directory, Limit, Node, Symlink
from tinykube.runtime.oserror import oserror
from tinykube.runtime.paths import split

if TYPE_CHECKING:
    from tinykube.clock import Clock

MOST_LINKS = 40
READ, WRITE, EXECUTE = 4, 2, 1


class Mount:
    """A tree shown at a path."""

    __slots__ = ("kind", "limit", "node", "path", "read_only")

    def __init__(self, path: str, node: Node, read_only: bool, kind: str = "ext4", limit: Limit | None = None) -> None:
        self.path, self.node, self.read_only, self.kind, self.limit = path, node, read_only, kind, limit


class Step(NamedTuple):
    """One component of a resolved path."""

    name: str
    node: Node
    mount: Mount
    top: bool  # the node is the root of its mount: it cannot be copied up, removed or renamed


class MountNamespace:
    """A root tree with volumes mounted into it, seen by one user."""

    def __init__(self, root: Directory, clock: Clock, *, read_only: bool = False, uid: int = 0, gid: int = 0) -> None:
        own = root.thaw() if root.frozen else root
        self.clock = clock
        self.uid, self.gid = uid, gid
        self.groups: tuple[int, ...] = ()  # supplementary ones
        self.capabilities = capabilities.DEFAULT
        self.version = 0  # grows with every change of names in this view; caches of look-ups compare it
        self._root = Mount("/", own, read_only, "overlay")
        self._mounts: dict[str, Mount] = {"/": self._root}
        self._mount_names: set[str] = set()  # last components of mount points: few names need a closer look

    @property
    def root(self) -> Node:
        """The directory that everything is in, without what is mounted below."""
        return self._root.node

    def mounts(self) -> list[Mount]:
        """What is mounted where, in the order of mounting."""
        return list(self._mounts.values())

    def _resolve(self, path: str, pid: int, follow: bool = True) -> tuple[list[Step], str | None]:
        """The steps to `path`; if only its last component is missing, the steps to its parent and that name."""
        steps = [Step("", self._root.node, self._root, True)]
        todo = split(path)
        todo.reverse()
        links = 0
        while todo:
            name = todo.pop()
            if name == "..":
                if len(steps) > 1:
                    steps.pop()
                continue
            here = steps[-1]
            if not isinstance(here.node, Directory):
                raise oserror(errno.ENOTDIR, path)
            self._check(here.node, EXECUTE, path)
            step = self._enter(here.node, steps, name, pid)
            if step is None:
                if not todo:
                    return steps, name
                raise oserror(errno.ENOENT, path)
            if isinstance(step.node, Symlink) and (todo or follow):
                links += 1
                if links > MOST_LINKS:
                    raise oserror(errno.ELOOP, path)
                target = step.node.target
                if target.startswith("/"):
                    del steps[1:]
                todo.extend(reversed(split(target)))
                continue
            steps.append(step)
        return steps, None

    def _enter(self, directory: Directory, steps: list[Step], name: str, pid: int) -> Step | None:
        if name in self._mount_names:
            mount = self._mounts.get("/".join([step.name for step in steps]) + "/" + name)
            if mount is not None:
                return Step(name, mount.node, mount, True)
        node = directory.lookup(name, pid)
        return None if node is None else Step(name, node, steps[-1].mount, False)

    def lookup(self, path: str, *, follow: bool = True, pid: int = 1) -> Node:
        """The node at `path`. Raises FileNotFoundError, NotADirectoryError, PermissionError or ELOOP."""
        steps, missing = self._resolve(path, pid, follow or path.endswith("/"))
        if missing is not None:
            raise oserror(errno.ENOENT, path)
        if path.endswith("/") and not isinstance(steps[-1].node, Directory):
            raise oserror(errno.ENOTDIR, path)
        return steps[-1].node

    def find(self, path: str, *, follow: bool = True, pid: int = 1) -> Node | None:
        """The node at `path`, or None when there is none that can be reached."""
        try:
            return self.lookup(path, follow=follow, pid=pid)
        except OSError:
            return None

    def exists(self, path: str) -> bool:
        """Whether `path` leads to something."""
        return self.find(path) is not None

    def real_path(self, path: str, pid: int = 1) -> str:
        """`path` without symbolic links and dots; its last component may be missing."""
        steps, missing = self._resolve(path, pid)
        names = [step.name for step in steps] + ([] if missing is None else [missing])
        return "/".join(names) or "/"

    def names(self, path: str, pid: int = 1) -> list[str]:
        """The names in a directory, sorted."""
        node = self.lookup(path, pid=pid)
        if not isinstance(node, Directory):
            raise oserror(errno.ENOTDIR, path)
        self._check(node, READ, path)
        return sorted(node.names())

    @property
    def effective(self) -> int:
        """The capabilities that programs run with: what the container has, for root alone."""
        return 0 if self.uid else self.capabilities

    def _check(self, node: Node, want: int, path: str) -> None:
        if (self.uid or not self.capabilities & capabilities.DAC_OVERRIDE) and not self.allows(node, want):
            raise oserror(errno.EACCES, path)

    def allows(self, node: Node, want: int) -> bool:
        """Whether this view's user may do `want` (READ, WRITE or EXECUTE) with a node."""
        if self.effective & capabilities.DAC_OVERRIDE:
            return want != EXECUTE or isinstance(node, Directory) or bool(node.mode & 0o111)
        if node.uid == self.uid:
            return bool(node.mode >> 6 & want)
        return bool((node.mode >> 3 if node.gid == self.gid or node.gid in self.groups else node.mode) & want)

    def writable(self, path: str) -> bool:
        """Whether the file at `path` could be changed, as access(2) answers."""
        steps, missing = self._resolve(path, 1)
        return missing is None and not steps[-1].mount.read_only and self.allows(steps[-1].node, WRITE)
