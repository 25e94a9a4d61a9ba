"""A container's view of files: looking them up, and the operations of the system calls.

Law: paths are absolute strings, errors are `OSError`s with Linux's words, times come from the clock. Image layers are
frozen and copied up, node by node, when something in them is changed. A read-only mount refuses every change with
EROFS. `uid` is the user on whose behalf everything happens; 0 may do what its capabilities let it.

Models Linux's VFS (fs/namei.c, fs/open.c) with overlayfs below.
"""

from __future__ import annotations

import errno
from typing import Any

from tinykube.runtime import capabilities, nodes
from tinykube.runtime.namespace import EXECUTE, READ, WRITE, Mount, MountNamespace, Step
from tinykube.runtime.nodes import Device, Directory, Fifo, File, Generated, Limit, Node, Symlink
from tinykube.runtime.oserror import oserror
from tinykube.runtime.paths import split
from tinykube.runtime.pipe import pipe
from tinykube.runtime.streams import BytesStream, FileStream, Stream

IMAGE_TIME = 1_735_689_600.0  # 2025-01-01: when the files of images were made

SET_GID = 0o2000  # on a directory: what is made in it gets its group

__all__ = ["EXECUTE", "READ", "WRITE", "FileSystem", "Mount", "layer"]


class FileSystem(MountNamespace):
    """One mount namespace that can be changed."""

    # -- mounts ----------------------------------------------------------------------------------------------

    def mount(
        self, path: str, node: Node, *, read_only: bool = False, kind: str = "ext4", limit: Limit | None = None
    ) -> None:
        """Show `node` (a directory or a file of a volume) at `path`, making the mount point if need be. What is
        written there beyond `limit` is refused with ENOSPC."""
        self._make_mount_point(path, isinstance(node, Directory))
        where = self.real_path(path)
        self._mounts[where] = Mount(where, node, read_only, kind, limit)
        self._mount_names.add(where.rpartition("/")[2])
        self.version += 1

    def _make_mount_point(self, path: str, directory: bool) -> None:
        read_only, self._root.read_only = self._root.read_only, False
        try:
            if not self.exists(path):
                self.make_directories(path if directory else path.rpartition("/")[0] or "/")
                if not directory:
                    self.write(path, b"")
        finally:
            self._root.read_only = read_only

    # -- changing --------------------------------------------------------------------------------------------

    def _own(self, steps: list[Step], path: str) -> Any:
        """Make the last node of `steps` changeable: copy up whatever is frozen on the way. Return it."""
        if steps[-1].mount.read_only:
            raise oserror(errno.EROFS, path)
        for index, step in enumerate(steps):
            if step.node.frozen and not step.top:
                own = step.node.thaw()
                parent = steps[index - 1].node
                assert isinstance(parent, Directory)
                parent.entries[step.name] = own
                steps[index] = step._replace(node=own)
                self.version += 1
        return steps[-1].node

    def _parent(self, path: str, pid: int = 1) -> tuple[Directory, str, Step | None]:
        """The changeable directory that holds (or would hold) `path`, the name in it, and its present entry."""
        steps, missing = self._resolve(path, pid, follow=False)
        entry = None
        if missing is None:
            entry = steps.pop()
            if not steps:
                raise oserror(errno.EBUSY, path)
            missing = entry.name
        if steps[-1].mount.read_only:
            raise oserror(errno.EROFS, path)
        self._check(steps[-1].node, WRITE, path)
        return self._own(steps, path), missing, entry

    def _add(self, path: str, node: Node, pid: int = 1) -> None:
        parent, name, entry = self._parent(path, pid)
        if entry is not None:
            raise oserror(errno.EEXIST, path)
        node.uid, node.gid = self.uid, self._group_in(parent)
        if isinstance(node, Directory):
            node.mode |= parent.mode & SET_GID
        self._put(parent, name, node)

    def _group_in(self, parent: Directory) -> int:
        """The group of what is made in a directory: its own, if it hands that down."""
        return parent.gid if parent.mode & SET_GID else self.gid

    def _put(self, parent: Directory, name: str, node: Node | None) -> None:
        if type(parent) is not Directory:  # /proc
            raise oserror(errno.EPERM)
        now = self.clock.now()
        if node is None:
            del parent.entries[name]
        else:
            parent.entries[name] = node
            node.mtime = node.mtime or now
        parent.mtime = now
        self.version += 1

    def make_directory(self, path: str, mode: int = 0o755) -> None:
        """Make one directory; its parent must exist."""
        self._add(path, Directory(mode=mode))

    def make_directories(self, path: str, mode: int = 0o755) -> None:
        """Make a directory and the parents it lacks; one that exists is fine."""
        for end in range(1, len(parts := split(path)) + 1):
            part = "/" + "/".join(parts[:end])
            node = self.find(part)
            if node is None:
                self.make_directory(part, mode)
            elif not isinstance(node, Directory):
                raise oserror(errno.ENOTDIR if end < len(parts) else errno.EEXIST, part)

    def symlink(self, target: str, path: str) -> None:
        """Make a symbolic link at `path` that leads to `target`."""
        self._add(path, Symlink(target))

    def make_fifo(self, path: str, mode: int = 0o644) -> None:
        """Make a named pipe."""
        self._add(path, Fifo(mode))

    def link(self, existing: str, path: str) -> None:
        """Give a file a second name."""
        steps, missing = self._resolve(existing, 1)
        if missing is not None:
            raise oserror(errno.ENOENT, existing)
        node = self._own(steps, existing)
        if isinstance(node, Directory):
            raise oserror(errno.EPERM, path)
        if isinstance(node, File):
            node.links += 1
        self._add(path, node)

    def remove(self, path: str) -> None:
        """Remove a name that is not a directory's."""
        parent, name, entry = self._parent(path)
        if entry is None:
            raise oserror(errno.ENOENT, path)
        if isinstance(entry.node, Directory):
            raise oserror(errno.EISDIR, path)
        if entry.top:
            raise oserror(errno.EBUSY, path)
        if isinstance(entry.node, File):
            entry.node.links -= not entry.node.frozen
        self._put(parent, name, None)

    def remove_directory(self, path: str) -> None:
        """Remove an empty directory."""
        parent, name, entry = self._parent(path)
        if entry is None:
            raise oserror(errno.ENOENT, path)
        if not isinstance(entry.node, Directory):
            raise oserror(errno.ENOTDIR, path)
        if entry.top:
            raise oserror(errno.EBUSY, path)
        if entry.node.names():
            raise oserror(errno.ENOTEMPTY, path)
        self._put(parent, name, None)

    def rename(self, old: str, new: str) -> None:
        """Give a node another name, in place of what had it. Raises EXDEV between mounts, as rename(2) does."""
        source, name, entry = self._parent(old)
        if entry is None:
            raise oserror(errno.ENOENT, old)
        target, new_name, present = self._parent(new)
        if entry.top or (present is not None and present.top):
            raise oserror(errno.EBUSY, new)
        if self._mount_of(old) is not self._mount_of(new):
            raise oserror(errno.EXDEV, new)
        if present is not None and isinstance(present.node, Directory):
            if not isinstance(entry.node, Directory):
                raise oserror(errno.EISDIR, new)
            if present.node.names():
                raise oserror(errno.ENOTEMPTY, new)
        if (new.rstrip("/") + "/").startswith(old.rstrip("/") + "/") and isinstance(entry.node, Directory):
            raise oserror(errno.EINVAL, new)
        self._put(source, name, None)
        self._put(target, new_name, entry.node)

    def _mount_of(self, path: str) -> Mount:
        steps, missing = self._resolve(path, 1, follow=False)
        return steps[-1 if missing is not None else -2].mount

    def change(self, path: str, *, follow: bool = True, **attributes: Any) -> None:
        """Set `mode`, `uid`, `gid` or `mtime` of a node (chmod, chown, touch)."""
        steps, missing = self._resolve(path, 1, follow)
        if missing is not None:
            raise oserror(errno.ENOENT, path)
        if not self._may_change(steps[-1].node, attributes):
            raise oserror(errno.EPERM, path)
        node = self._own(steps, path)
        for name, value in attributes.items():
            setattr(node, name, value)
        self.version += 1

    def _may_change(self, node: Node, attributes: dict[str, Any]) -> bool:
        """A node is its owner's to change, and root's with FOWNER; giving it away takes CHOWN."""
        if "uid" in attributes and attributes["uid"] != node.uid:
            return bool(self.effective & capabilities.CHOWN)
        if "gid" in attributes and attributes["gid"] not in (node.gid, self.gid, *self.groups):
            return bool(self.effective & capabilities.CHOWN)
        return node.uid == self.uid or bool(self.effective & capabilities.FOWNER)

    # -- contents --------------------------------------------------------------------------------------------

    def open(self, path: str, mode: str = "r", *, pid: int = 1, umask: int = 0o022) -> Stream:
        """Open a file. `mode`: r (read), w (truncate or create), a (append or create), + (read and write)."""
        steps, missing = self._resolve(path, pid)
        writing = mode != "r"
        if missing is not None:
            if mode[0] == "r":
                raise oserror(errno.ENOENT, path)
            node: Node = self._create(steps, missing, path, umask)
        else:
            node = steps[-1].node
            self._check_open(node, writing, mode, path)
            if writing and isinstance(node, File):
                node = self._own(steps, path)
        return self._stream(node, mode, path, steps[-1].mount.limit)

    def _create(self, steps: list[Step], name: str, path: str, umask: int) -> File:
        if path.endswith("/"):
            raise oserror(errno.EISDIR, path)
        if steps[-1].mount.read_only:
            raise oserror(errno.EROFS, path)
        self._check(steps[-1].node, WRITE, path)
        parent = self._own(steps, path)
        file = File(bytearray(), 0o666 & ~umask, uid=self.uid, gid=self._group_in(parent), mtime=self.clock.now())
        self._put(parent, name, file)
        return file

    def _check_open(self, node: Node, writing: bool, mode: str, path: str) -> None:
        if isinstance(node, Directory) and writing:
            raise oserror(errno.EISDIR, path)
        if writing:
            self._check(node, WRITE, path)
        if not writing or "+" in mode:
            self._check(node, READ, path)

    def _stream(self, node: Node, mode: str, path: str, limit: Limit | None) -> Stream:
        if isinstance(node, File):
            if mode[0] == "w":
                node.data = bytearray()
                node.program = None
                node.mtime = self.clock.now()
            return FileStream(node, self.clock, writable=mode != "r", append=mode[0] == "a", limit=limit)
        if isinstance(node, Device):
            return node.opener()
        if isinstance(node, Generated):
            if mode != "r":
                raise oserror(errno.EACCES, path)
            return BytesStream(node.content())
        if isinstance(node, Fifo):
            return _open_fifo(node, mode)
        if isinstance(node, Directory):
            return _DirectoryStream()
        raise oserror(errno.EINVAL, path)

    def read(self, path: str) -> bytes:
        """The contents of a file."""
        node = self.lookup(path)
        if isinstance(node, Directory):
            raise oserror(errno.EISDIR, path)
        self._check(node, READ, path)
        if isinstance(node, Generated):
            return node.content()
        return bytes(node.data) if isinstance(node, File) else b""

    def write(self, path: str, data: bytes, mode: int | None = None) -> None:
        """Replace the contents of a file, making it if need be."""
        stream = self.open(path, "w")
        stream.write(data)
        stream.release()
        if mode is not None:
            self.change(path, mode=mode)

    def install(self, path: str, node: Node) -> None:
        """Put a ready-made node at `path` with the parents it needs, in place of what is there."""
        self.make_directories(path.rpartition("/")[0] or "/")
        parent, name, _ = self._parent(path)
        self._put(parent, name, node)


class _DirectoryStream(Stream):
    """What open(2) gives for a directory: reading it fails."""

    __slots__ = ()

    async def read(self, limit: int = 0) -> bytes:
        raise oserror(errno.EISDIR)

    async def readline(self) -> bytes:
        raise oserror(errno.EISDIR)


def _open_fifo(node: Fifo, mode: str) -> Stream:
    if node.pipe is None or not any(end.references for end in node.pipe):
        node.pipe = pipe()
        for end in node.pipe:
            end.references = 0
    return node.pipe[mode != "r"].retain()


def layer(base: Directory | None, files: dict[str, Node | bytes | str]) -> Directory:
    """A frozen image layer: `base` with `files` (path → node or contents) on top; `base` is left as it is."""
    root = nodes.Directory() if base is None else base.thaw()
    for path, value in files.items():
        parent = root
        *directories, name = split(path)
        for part in directories:
            child = parent.entries.get(part)
            if not isinstance(child, Directory):
                child = Directory()
            elif child.frozen:
                child = child.thaw()
            parent.entries[part] = child
            parent = child
        if isinstance(value, str):
            value = value.encode()
        parent.entries[name] = File(value) if isinstance(value, bytes) else value
    for _, node in nodes.walk(root):
        node.mtime = node.mtime or IMAGE_TIME
    root.freeze()
    return root
