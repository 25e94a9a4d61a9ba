"""tar, gzip, gunzip, zcat: what `kubectl cp` speaks.

Law: an archive is built and read in memory; nothing is written outside the directory that it is unpacked in.

Models busybox's archival/tar.c and gzip.c.
"""

from __future__ import annotations

import errno
import gzip as codec
import io
import tarfile
import zlib
from typing import TYPE_CHECKING

from tinykube.images.busybox.tools import lines
from tinykube.images.busybox.tools.files import complain
from tinykube.images.busybox.tools.options import Options, UsageError, parse, parse_words
from tinykube.runtime.nodes import Directory, Node, Symlink
from tinykube.runtime.oserror import oserror
from tinykube.runtime.paths import join

if TYPE_CHECKING:
    from tinykube.runtime.process import Process

TAR = (
    "cxtzvkmopOhf:C:X:T:{no-same-permissions}{no-same-owner}{exclude:}{strip-components:}{overwrite}{numeric-owner}"
    "{no-recursion}{warning:}"
)
LETTERS = {Directory: tarfile.DIRTYPE, Symlink: tarfile.SYMTYPE}


async def tar(process: Process) -> int:
    """tar, with -c, -x, -t and -f, -z, -C, -v, -O, -h, --exclude, --strip-components."""
    words = process.argv[1:]
    if words and not words[0].startswith("-"):
        words = ["-" + words[0], *words[1:]]
    options, names = parse_words(_spread(words), TAR)
    modes = options & {"c", "x", "t"}
    if len(modes) != 1:
        raise UsageError
    work = {"c": _create, "x": _extract, "t": _list}[modes.pop()]
    home = process.path(options.values.get("C", "."))
    if not isinstance(process.find(home), Directory):
        return complain(process, f"can't change directory to '{options.values['C']}': No such file or directory")
    return await work(process, options, names, home)


def _spread(words: list[str]) -> list[str]:
    """`-czf x` and the old `czfC x dir` with each value right behind its letter."""
    if not words or words[0].startswith("--") or not words[0].startswith("-"):
        return words
    letters, rest, spread = words[0][1:], words[1:], []
    for index, letter in enumerate(letters):
        spread.append(f"-{letter}")
        if letter in "fCXT":
            value = letters[index + 1 :] if not rest else rest.pop(0)
            spread.append(value)
    return spread + rest


# -- making --------------------------------------------------------------------------------------------------


async def _create(process: Process, options: Options, names: list[str], home: str) -> int:
    if not names:
        return complain(process, "empty archive")
    buffer, status = io.BytesIO(), 0
    with tarfile.open(fileobj=buffer, mode="w:gz" if "z" in options else "w", format=tarfile.GNU_FORMAT) as archive:
        for name in names:
            node = process.fs.find(join(home, name), follow=False)
            if node is None:
                status = complain(process, f"{name}: No such file or directory")
                continue
            if name.startswith("/"):
                process.err("tar: removing leading '/' from member names\n")
            _add(process, options, archive, name, join(home, name), node)
    if status:
        process.err("tar: error exit delayed from previous errors\n")
    target = options.values.get("f", "-")
    if target == "-":
        process.out(buffer.getvalue())
        await process.drain()
    else:
        process.fs.write(process.path(target), buffer.getvalue())
    return status


def _add(process: Process, options: Options, archive: tarfile.TarFile, name: str, path: str, node: Node) -> None:
    if name in options.all.get("exclude", ()):
        return
    if "h" in options and isinstance(node, Symlink):
        node = process.fs.lookup(path)
    entry = tarfile.TarInfo(name.lstrip("/"))
    entry.type = LETTERS.get(type(node), tarfile.REGTYPE)
    entry.mode, entry.uid, entry.gid, entry.mtime = node.mode, node.uid, node.gid, int(node.mtime)
    entry.linkname = node.target if isinstance(node, Symlink) else ""
    data = process.fs.read(path) if entry.type == tarfile.REGTYPE else b""
    entry.size = len(data)
    if "v" in options:
        say = process.err if options.values.get("f", "-") == "-" else process.out
        say(f"{entry.name}{'/' if isinstance(node, Directory) else ''}\n")
    archive.addfile(entry, io.BytesIO(data))
    for child in process.fs.names(path) if isinstance(node, Directory) else ():
        below = process.fs.find(join(path, child), follow=False)
        if below is not None:
            _add(process, options, archive, f"{name.rstrip('/')}/{child}", join(path, child), below)


# -- reading -------------------------------------------------------------------------------------------------


async def _open(process: Process, options: Options) -> tarfile.TarFile | None:
    name = options.values.get("f", "-")
    try:
        source = lines.open_input(process, name)
    except OSError as error:
        complain(process, f"can't open '{name}': {error.strerror}")
        return None
    data = bytearray()
    while piece := await source.read():
        data += piece
    source.release()
    try:
        return tarfile.open(fileobj=io.BytesIO(bytes(data)), mode="r:*")
    except (tarfile.TarError, EOFError, zlib.error):
        complain(process, "short read" if len(data) < tarfile.BLOCKSIZE else "invalid tar magic")
        return None


def _wanted(name: str, names: list[str]) -> bool:
    return not names or any(name == each or name.startswith(each.rstrip("/") + "/") for each in names)


async def _list(process: Process, options: Options, names: list[str], home: str) -> int:
    archive = await _open(process, options)
    if archive is None:
        return 1
    for entry in archive:
        if _wanted(entry.name, names):
            process.out(f"{entry.name}{'/' if entry.isdir() else ''}\n")
    return 0


async def _extract(process: Process, options: Options, names: list[str], home: str) -> int:
    archive = await _open(process, options)
    if archive is None:
        return 1
    for entry in archive:
        parts = [part for part in entry.name.split("/") if part not in ("", ".")][
            options.number("strip-components", 0) :
        ]
        if ".." in parts:
            return complain(process, f"name with '..' encountered: '{entry.name}'")
        if not parts or not _wanted(entry.name, names):
            continue
        if "v" in options:
            process.out(f"{entry.name}\n")
        held = archive.extractfile(entry) if entry.isfile() else None
        data = held.read() if held is not None else b""
        if "O" in options:
            process.out(data)
        else:
            _unpack(process, entry, join(home, "/".join(parts)), data, own_time="m" not in options)
    return 0


def _unpack(process: Process, entry: tarfile.TarInfo, path: str, data: bytes, *, own_time: bool) -> None:
    fs = process.fs
    fs.make_directories(path.rpartition("/")[0] or "/")
    present = fs.find(path, follow=False)
    if entry.isdir():
        fs.make_directories(path)
    elif isinstance(present, Directory):
        raise oserror(errno.EISDIR, path)
    else:
        if present is not None:
            fs.remove(path)
        if entry.issym():
            fs.symlink(entry.linkname, path)
            return
        fs.write(path, data)
    fs.change(path, mode=entry.mode & 0o7777, mtime=float(entry.mtime) if own_time else process.clock.now())


# -- compression ---------------------------------------------------------------------------------------------


async def gzip(process: Process) -> int:
    """gzip, gunzip and zcat, with -c, -d, -k, -f."""
    options, names = parse(process, "cdkftnq123456789")
    unpack = "d" in options or process.name in ("gunzip", "zcat")
    to_output = "c" in options or process.name == "zcat"
    status = 0
    for name in names or ["-"]:
        status |= await _convert(process, name, unpack=unpack, to_output=to_output or name == "-", keep="k" in options)
    return status


async def _convert(process: Process, name: str, *, unpack: bool, to_output: bool, keep: bool) -> int:
    if unpack and name != "-" and not name.endswith((".gz", ".tgz")):
        return complain(process, f"{name}: unknown suffix - ignored")
    try:
        source = lines.open_input(process, name)
    except OSError as error:
        return complain(process, f"{name}: {error.strerror}")
    data = bytearray()
    while piece := await source.read():
        data += piece
    source.release()
    try:
        result = codec.decompress(bytes(data)) if unpack else codec.compress(bytes(data), mtime=0)
    except (OSError, EOFError, zlib.error):
        return complain(process, "invalid magic" if data else "corrupted data")
    if to_output:
        process.out(result)
        return 0
    target = (name.removesuffix(".gz").replace(".tgz", ".tar")) if unpack else f"{name}.gz"
    process.fs.write(process.path(target), result)
    if not keep:
        process.fs.remove(process.path(name))
    return 0
