"""What a file system tree is made of: files, directories, links, devices.

Law: pure data. A node that belongs to an image layer is frozen; whoever wants to change it calls `thaw` and puts the
copy in its place (`filesystem.FileSystem` does), so that any number of containers share one image.

Models Linux's inodes and overlayfs's copy-up (fs/overlayfs/copy_up.c).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinykube.runtime.process import Process
    from tinykube.runtime.streams import Stream

Program = Callable[["Process"], Awaitable[int]]


class Node:
    """One inode: permission bits, owner, and when it last changed (seconds since the epoch)."""

    __slots__ = ("frozen", "gid", "mode", "mtime", "uid")
    kind = "-"  # the letter that `ls -l` prints
    type_bits = 0o100000

    def __init__(self, mode: int, uid: int = 0, gid: int = 0, mtime: float = 0.0) -> None:
        self.mode, self.uid, self.gid, self.mtime = mode, uid, gid, mtime
        self.frozen = False

    def freeze(self) -> None:
        """Make this node, and all below it, part of an image layer."""
        self.frozen = True

    def thaw(self) -> Node:
        """A copy that may be changed; nodes below it stay shared."""
        raise TypeError(f"a {type(self).__name__} is never changed in place")

    @property
    def size(self) -> int:
        """Bytes, as `ls -l` prints them."""
        return 0


class File(Node):
    """A regular file. `program` makes it an executable of the practice cluster; a copy of the file keeps it."""

    __slots__ = ("data", "links", "program")

    def __init__(
        self, data: bytes | bytearray = b"", mode: int = 0o644, *, program: Program | None = None, **owner: Any
    ) -> None:
        super().__init__(mode, **owner)
        self.data: bytes | bytearray = data
        self.program = program
        self.links = 1

    @property
    def size(self) -> int:
        return len(self.data)

    def thaw(self) -> File:
        data = bytes(self.data)  # never share a buffer that can grow
        return File(data, self.mode, program=self.program, uid=self.uid, gid=self.gid, mtime=self.mtime)

    def freeze(self) -> None:
        self.frozen, self.data = True, bytes(self.data)

    def writable(self) -> bytearray:
        """The contents, as something that can grow in place. Whatever is written is no known program any more."""
        self.program = None
        if not isinstance(self.data, bytearray):
            self.data = bytearray(self.data)
        return self.data


class Directory(Node):
    """Names and their nodes."""

    __slots__ = ("entries",)
    kind = "d"
    type_bits = 0o040000

    def __init__(self, entries: dict[str, Node] | None = None, mode: int = 0o755, **owner: Any) -> None:
        super().__init__(mode, **owner)
        self.entries: dict[str, Node] = {} if entries is None else entries

    @property
    def size(self) -> int:
        return 4096

    def lookup(self, name: str, pid: int) -> Node | None:
        """The entry called `name`, as the process `pid` sees it."""
        return self.entries.get(name)

    def names(self) -> list[str]:
        """The names in it, in no particular order."""
        return list(self.entries)

    def thaw(self) -> Directory:
        return Directory(dict(self.entries), self.mode, uid=self.uid, gid=self.gid, mtime=self.mtime)

    def freeze(self) -> None:
        self.frozen = True
        for entry in self.entries.values():
            entry.freeze()


class Symlink(Node):
    """A symbolic link."""

    __slots__ = ("target",)
    kind = "l"
    type_bits = 0o120000

    def __init__(self, target: str, **owner: Any) -> None:
        super().__init__(0o777, **owner)
        self.target = target

    @property
    def size(self) -> int:
        return len(self.target)

    def thaw(self) -> Symlink:
        return Symlink(self.target, uid=self.uid, gid=self.gid, mtime=self.mtime)


class Device(Node):
    """A character device: opening it gives the stream that `opener` returns."""

    __slots__ = ("opener",)
    kind = "c"
    type_bits = 0o020000

    def __init__(self, opener: Callable[[], Stream], mode: int = 0o666) -> None:
        super().__init__(mode)
        self.opener = opener

    def thaw(self) -> Device:
        return Device(self.opener, self.mode)


class Fifo(Node):
    """A named pipe. `pipe` is made by the first process that opens it."""

    __slots__ = ("pipe",)
    kind = "p"
    type_bits = 0o010000

    def __init__(self, mode: int = 0o644, **owner: Any) -> None:
        super().__init__(mode, **owner)
        self.pipe: Any = None

    def thaw(self) -> Fifo:
        return Fifo(self.mode, uid=self.uid, gid=self.gid, mtime=self.mtime)


class Generated(Node):
    """A file whose contents are made when it is read, as in /proc."""

    __slots__ = ("content",)

    def __init__(self, content: Callable[[], bytes], mode: int = 0o444) -> None:
        super().__init__(mode)
        self.content = content

    def thaw(self) -> Generated:
        return Generated(self.content, self.mode)


def copy(node: Node) -> Node:
    """A deep copy that can be changed, as `cp -a` makes it."""
    twin = node.thaw()
    if isinstance(twin, Directory):
        twin.entries = {name: copy(entry) for name, entry in twin.entries.items()}
    return twin


def walk(node: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    """Every node of a tree with its path below `path`, parents first, names in order."""
    yield path or "/", node
    if isinstance(node, Directory):
        for name in sorted(node.names()):
            entry = node.lookup(name, 1)
            if entry is not None:
                yield from walk(entry, f"{path}/{name}")


PAGE = 4096


class Limit:
    """How many bytes, in whole pages, the files of a tree may hold together, as a tmpfs has it."""

    __slots__ = ("_root", "size")

    def __init__(self, root: Node, size: int) -> None:
        self._root, self.size = root, _in_pages(size)

    @property
    def used(self) -> int:
        """Bytes that the files hold now."""
        return sum(_in_pages(entry.size) for _, entry in walk(self._root) if isinstance(entry, File))

    def allows(self, before: int, after: int) -> bool:
        """Whether a file of `before` bytes may become one of `after` bytes."""
        growth = _in_pages(after) - _in_pages(before)
        return growth <= 0 or self.used + growth <= self.size


def _in_pages(count: int) -> int:
    return -(-count // PAGE) * PAGE


def layer_usage(node: Node) -> int:
    """Bytes that files hold which are no longer, or never were, part of an image layer."""
    if node.frozen:
        return 0
    if isinstance(node, Directory):
        return sum(layer_usage(entry) for entry in node.entries.values())
    return node.size if isinstance(node, File) else 0


def disk_usage(node: Node) -> int:
    """Bytes that the files of a tree hold (what an emptyDir's size limit counts)."""
    return sum(entry.size for _, entry in walk(node) if isinstance(entry, File))
