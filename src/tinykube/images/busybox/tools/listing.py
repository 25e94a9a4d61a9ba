"""ls, stat, readlink, realpath, du, df, mount.

Models busybox's coreutils/ls.c, stat.c, readlink.c, du.c, df.c, util-linux/mount.c.
"""

from __future__ import annotations

from tinykube.images.busybox.tools.dates import format_date
from tinykube.images.busybox.tools.files import complain
from tinykube.images.busybox.tools.options import Options, UsageError, parse
from tinykube.runtime.devices import DISK, NODE_MEMORY
from tinykube.runtime.namespace import Mount
from tinykube.runtime.nodes import Device, Directory, Fifo, File, Node, Symlink
from tinykube.runtime.process import Process
from tinykube.runtime.users import name_of

BLOCK = 4096
_NO_SPACE = ("/proc", "/dev", "/sys/fs/cgroup")
HALF_YEAR = 86400 * 365 // 2


def mode_string(node: Node) -> str:
    """`-rwxr-xr-x`."""
    letters = "".join(c if node.mode >> (8 - i) & 1 else "-" for i, c in enumerate("rwxrwxrwx"))
    for bit, place, marks in ((0o4000, 2, "Ss"), (0o2000, 5, "Ss"), (0o1000, 8, "Tt")):
        if node.mode & bit:
            letters = letters[:place] + marks[letters[place] == "x"] + letters[place + 1 :]
    return node.kind + letters


def human(size: float) -> str:
    """`3.0K`."""
    if size < 1024:
        return f"{size:.0f}"
    units = "KMGT"
    size /= 1024
    while size >= 1024 and len(units) > 1:
        size, units = size / 1024, units[1:]
    return f"{size:.1f}{units[0]}"


def links(node: Node) -> int:
    """How many names it has."""
    if isinstance(node, Directory):
        return 2 + sum(isinstance(entry, Directory) for entry in node.entries.values())
    return node.links if isinstance(node, File) else 1


class _Lister:
    """One run of ls."""

    def __init__(self, process: Process, options: Options) -> None:
        self.process, self.options = process, options
        self.long = bool(options & {"l", "n", "full-time"})
        self.status = 0
        self.printed = False

    def run(self, names: list[str]) -> int:
        files: list[tuple[str, Node]] = []
        directories: list[str] = []
        for name in names:
            node = self.process.find(name, follow=not self.long and "d" not in self.options)
            if node is None:
                self.status = complain(self.process, f"{name}: {self._why(name)}")
            elif isinstance(node, Directory) and "d" not in self.options:
                directories.append(name)
            else:
                files.append((name, node))
        if files:
            self._print(self._sorted(files))
        for name in sorted(directories):
            self._directory(name, titled=len(names) > 1 or "R" in self.options)
        return self.status

    def _why(self, name: str) -> str:
        try:
            self.process.fs.lookup(self.process.path(name))
        except OSError as error:
            return error.strerror or ""
        return ""

    def _directory(self, name: str, titled: bool) -> None:
        if titled:
            self.process.out(("\n" if self.printed else "") + f"{name}:\n")
        self.printed = True
        try:
            names = self.process.fs.names(self.process.path(name), self.process.pid)
        except OSError as error:
            self.status = complain(self.process, f"can't open '{name}': {error.strerror}")
            return
        hidden = [".", ".."] if "a" in self.options else []
        shown = [n for n in names if n[0] != "." or self.options & {"a", "A"}]
        base = name.rstrip("/")
        entries = []
        for entry in [*hidden, *shown]:
            node = self.process.find(f"{base}/{entry}", follow=False)
            if node is not None:
                entries.append((entry, node))
        entries = self._sorted(entries)
        if self.long or "s" in self.options:
            blocks = sum(-(-node.size // BLOCK) * 4 for _, node in entries if not isinstance(node, Symlink))
            self.process.out(f"total {blocks}\n")
        self._print(entries)
        if "R" in self.options:
            for entry, node in entries:
                if isinstance(node, Directory) and entry not in (".", ".."):
                    self._directory(f"{base}/{entry}", True)

    def _sorted(self, entries: list[tuple[str, Node]]) -> list[tuple[str, Node]]:
        ordered = sorted(entries, key=lambda entry: entry[0])
        if "t" in self.options:
            ordered.sort(key=lambda entry: -entry[1].mtime)
        elif "S" in self.options:
            ordered.sort(key=lambda entry: -entry[1].size)
        return ordered[::-1] if "r" in self.options else ordered

    def _print(self, entries: list[tuple[str, Node]]) -> None:
        self.printed = True
        rows = [self._row(name, node) for name, node in entries]
        if not self.long and "1" not in self.options and ("C" in self.options or self.process.stdout.isatty):
            rows = _columns(rows)
        self.process.out("".join(f"{row}\n" for row in rows))

    def _row(self, name: str, node: Node) -> str:
        text = name + self._mark(node)
        if self.long:
            text = self._long_row(node) + " " + text
            if isinstance(node, Symlink):
                text = text.removesuffix("@") + f" -> {node.target}"
        if "i" in self.options:
            text = f"{id(node) // 16 % 10**7:7} {text}"
        return text

    def _mark(self, node: Node) -> str:
        if "p" in self.options:
            return "/" if isinstance(node, Directory) else ""
        if "F" not in self.options:
            return ""
        if isinstance(node, Directory | Symlink | Fifo):
            return {"d": "/", "l": "@", "p": "|"}[node.kind]
        return "*" if isinstance(node, File) and node.mode & 0o111 else ""

    def _long_row(self, node: Node) -> str:
        fs = self.process.fs
        owner = None if "n" in self.options else name_of(fs, node.uid)
        group = None if "n" in self.options else name_of(fs, node.gid)
        size = f"{human(node.size):>7}" if "h" in self.options else f"{node.size:9}"
        if isinstance(node, Device):
            size = "   1,   3"
        now = self.process.clock.now()
        if "full-time" in self.options:
            when = format_date("%Y-%m-%d %H:%M:%S +0000", node.mtime)
        elif now - HALF_YEAR < node.mtime <= now + 900:
            when = format_date("%b %e %H:%M", node.mtime)
        else:
            when = format_date("%b %e  %Y", node.mtime)
        return f"{mode_string(node)} {links(node):4} {owner or node.uid!s:<8} {group or node.gid!s:<8} {size} {when}"


def _columns(cells: list[str]) -> list[str]:
    """The cells in as many columns as 80 characters hold, filled downwards."""
    width = max(map(len, cells), default=0) + 2
    height = -(-len(cells) // max(1, 80 // width))
    return ["".join(f"{cell:<{width}}" for cell in cells[i::height]).rstrip() for i in range(height)]


async def ls(process: Process) -> int:
    """ls."""
    options, names = parse(process, "1AaCxdLHRFplinshrSXvctukw:{full-time}{color}{group-directories-first}")
    return _Lister(process, options).run(names or ["."])


async def readlink(process: Process) -> int:
    """readlink, with -f, -n; realpath."""
    options, names = parse(process, "fnevm")
    status = 0
    for name in names:
        node = process.find(name, follow=False)
        if "f" in options or process.name == "realpath":
            try:
                target: str | None = process.fs.real_path(process.path(name), process.pid)
            except OSError as error:
                status = complain(process, f"{name}: {error.strerror}") if process.name == "realpath" else 1
                continue
        else:
            target = node.target if isinstance(node, Symlink) else None
        if target is None:
            status = 1
        else:
            process.out(target + ("" if "n" in options else "\n"))
    return status


_KINDS = {"d": "directory", "l": "symbolic link", "p": "fifo", "c": "character special file", "-": "regular file"}


async def stat(process: Process) -> int:
    """stat, with -c, -L."""
    options, names = parse(process, "Lc:ft")
    if not names:
        raise UsageError("")
    status = 0
    for name in names:
        node = process.find(name, follow="L" in options)
        if node is None:
            status = complain(process, f"can't stat '{name}': No such file or directory")
            continue
        process.out(_stat_text(process, name, node, options.values.get("c")))
    return status


def _stat_text(process: Process, name: str, node: Node, template: str | None) -> str:
    kind = "regular empty file" if isinstance(node, File) and not node.size else _KINDS[node.kind]
    stamp = format_date("%Y-%m-%d %H:%M:%S.%N +0000", node.mtime)
    owner, group = name_of(process.fs, node.uid) or "UNKNOWN", name_of(process.fs, node.gid) or "UNKNOWN"
    blocks = -(-node.size // BLOCK) * 8
    fields: dict[str, object] = {
        "n": name, "N": f"'{name}'", "s": node.size, "a": f"{node.mode & 0o7777:o}", "A": mode_string(node),
        "F": kind, "u": node.uid, "U": owner, "g": node.gid, "G": group, "h": links(node), "y": stamp, "x": stamp,
        "z": stamp, "Y": int(node.mtime), "X": int(node.mtime), "Z": int(node.mtime), "b": blocks, "B": 512,
        "i": id(node) // 16 % 10**7, "f": f"{node.type_bits | node.mode:x}", "o": BLOCK,
    }  # fmt: skip
    if template is not None:
        out, i = "", 0
        while i < len(template):
            if template[i] == "%" and i + 1 < len(template):
                i += 1
                out += str(fields.get(template[i], template[i]))
            else:
                out += template[i]
            i += 1
        return out + "\n"
    shown = f"{name} -> {node.target}" if isinstance(node, Symlink) else name
    return (
        f"  File: {shown}\n  Size: {node.size:<10}\tBlocks: {blocks:<10} IO Block: {BLOCK}   {kind}\n"
        f"Device: fe00h/65024d\tInode: {fields['i']:<10}  Links: {links(node)}\n"
        f"Access: ({node.mode & 0o7777:04o}/{mode_string(node)})  Uid: ({node.uid:5}/{owner:>8})   "
        f"Gid: ({node.gid:5}/{group:>8})\nAccess: {stamp}\nModify: {stamp}\nChange: {stamp}\n"
    )


async def du(process: Process) -> int:
    """du, with -s, -h, -k, -m, -a, -c, -d."""
    options, names = parse(process, "aHLdshmkcxd:b")
    total = 0
    status = 0
    for name in names or ["."]:
        node = process.find(name, follow=False)
        if node is None:
            status = complain(process, f"{name}: No such file or directory")
            continue
        total += _usage(process, name, node, options, 0)
    if "c" in options:
        process.out(f"{_shown(total, options)}\ttotal\n")
    return status


def _shown(size: int, options: Options) -> str:
    if "h" in options:
        return human(size)
    return str(-(-size // (1024 * 1024 if "m" in options else 1024)))


def _usage(process: Process, name: str, node: Node, options: Options, depth: int) -> int:
    size = 0 if isinstance(node, Symlink) else -(-node.size // BLOCK) * BLOCK
    if isinstance(node, Directory):
        for child in process.fs.names(process.path(name)):
            path = f"{name.rstrip('/')}/{child}"
            entry = process.find(path, follow=False)
            if entry is not None:
                size += _usage(process, path, entry, options, depth + 1)
    shown = depth == 0 or ("s" not in options and (isinstance(node, Directory) or "a" in options))
    if shown and depth <= options.number("d", 1 << 30):
        process.out(f"{_shown(size, options)}\t{name}\n")
    return size


def _mount_of(path: str, mounts: list[Mount]) -> Mount | None:
    """The mount that a path lies in."""
    within = [mount for mount in mounts if f"{path}/".startswith(f"{mount.path.rstrip('/')}/")]
    return max(within, key=lambda mount: len(mount.path), default=None)


async def mount(process: Process) -> int:
    """mount, which shows what is mounted; mounting takes more rights than a container has."""
    _, names = parse(process, "alrwt:o:")
    if names:
        process.err(f"mount: mounting {names[0]} on {names[-1]} failed: Operation not permitted\n")
        return 1
    for row in process.fs.read("/proc/mounts").decode().splitlines():
        device, where, kind, flags, *_ = row.split()
        process.out(f"{device} on {where} type {kind} ({flags})\n")
    return 0


def _space(mount: Mount) -> tuple[int, int]:
    """Bytes that a file system holds at the most, and now."""
    if mount.limit is not None:
        return mount.limit.size, mount.limit.used
    return (NODE_MEMORY, 0) if mount.kind == "tmpfs" else (100 * 1024**3, 20 * 1024**3)


async def df(process: Process) -> int:
    """df, with -h, -m, -k."""
    options, names = parse(process, "hmkPTai")
    shown = ("Size", human) if "h" in options else ("1K-blocks", lambda count: str(int(count) // 1024))
    heading, number = shown
    width = 9 if "h" in options else 10
    process.out(f"Filesystem           {heading:>{width}}      Used Available Use% Mounted on\n")
    mounts = [mount for mount in process.fs.mounts() if mount.path not in _NO_SPACE]
    wanted = [_mount_of(process.fs.real_path(process.path(name)), mounts) for name in names]
    for mount in wanted or mounts:
        if mount is not None:
            device = DISK if mount.kind == "ext4" else mount.kind
            size, used = _space(mount)
            numbers = f"{number(size):>{width}} {number(used):>9} {number(size - used):>9}"
            process.out(f"{device:<20} {numbers} {used * 100 // size:>3}% {mount.path}\n")
    return 0
