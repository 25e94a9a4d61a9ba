"""cp and mv.

Models busybox's coreutils/cp.c, mv.c and libbb/copy_file.c.
"""

from __future__ import annotations

import errno

from tinykube.images.busybox.tools.files import complain
from tinykube.images.busybox.tools.options import Options, UsageError, parse
from tinykube.runtime.nodes import Directory, File, Node, Symlink
from tinykube.runtime.paths import basename
from tinykube.runtime.process import Process


def _destination(process: Process, options: Options, names: list[str]) -> tuple[list[str], str, bool]:
    """The sources, the destination, and whether that is a directory to put them into."""
    if "t" in options:
        return names, options.values["t"], True
    if len(names) < 2:
        raise UsageError("")
    into = isinstance(process.find(names[-1]), Directory) and "T" not in options
    return names[:-1], names[-1], into or len(names) > 2


async def cp(process: Process) -> int:
    """cp, with -r, -a, -p, -f, -n, -u, -v, -L, -t, -T, -s, -l."""
    options, names = parse(process, "arRPLHpfinlsTut:vd")
    if "a" in options:
        options |= {"r", "P", "p"}
    sources, target, into = _destination(process, options, names)
    status = 0
    for source in sources:
        name = f"{target.rstrip('/')}/{basename(source)}" if into else target
        status = max(status, _copy(process, options, source, name))
    return status


def _copy(process: Process, options: Options, source: str, target: str) -> int:
    keep_links = bool(options & {"P", "d"}) or (bool(options & {"r", "R"}) and "L" not in options)
    node = process.find(source, follow=not keep_links)
    if node is None:
        return complain(process, f"can't stat '{source}': No such file or directory")
    if isinstance(node, Directory):
        if not options & {"r", "R"}:
            return complain(process, f"omitting directory '{source}'")
        return _copy_directory(process, options, source, target, node)
    present = process.find(target)
    if present is not None and ("n" in options or ("u" in options and present.mtime >= node.mtime)):
        return 0
    if present is node:
        return complain(process, f"'{source}' and '{target}' are the same file")
    try:
        _copy_file(process, options, source, target, node)
    except OSError as error:
        return complain(process, f"can't create '{target}': {error.strerror}")
    if "v" in options:
        process.out(f"'{source}' -> '{target}'\n")
    return 0


def _copy_file(process: Process, options: Options, source: str, target: str, node: Node) -> None:
    fs, path = process.fs, process.path(target)
    if isinstance(node, Symlink) or options & {"s", "l"}:
        if process.find(target, follow=False) is not None:
            fs.remove(path)
        if "l" in options:
            fs.link(process.path(source), path)
        else:
            fs.symlink(node.target if isinstance(node, Symlink) else source, path)
        return
    exists = process.find(target) is not None
    data = fs.read(process.path(source))
    stream = process.open(target, "w")
    stream.write(data)
    stream.release()
    copy = fs.lookup(path)
    if isinstance(copy, File) and isinstance(node, File):
        copy.program = node.program
    if not exists or "p" in options:
        fs.change(path, mode=node.mode if "p" in options else node.mode & ~process.umask)
    if "p" in options:
        fs.change(path, mtime=node.mtime, uid=node.uid, gid=node.gid)


def _copy_directory(process: Process, options: Options, source: str, target: str, node: Directory) -> int:
    try:
        if process.find(target) is None:
            process.fs.make_directory(process.path(target), node.mode)
        elif not isinstance(process.find(target), Directory):
            return complain(process, f"target '{target}' is not a directory")
    except OSError as error:
        return complain(process, f"can't create directory '{target}': {error.strerror}")
    status = 0
    for name in process.fs.names(process.path(source)):
        status = max(status, _copy(process, options, f"{source.rstrip('/')}/{name}", f"{target.rstrip('/')}/{name}"))
    return status


async def mv(process: Process) -> int:
    """mv, with -f, -n, -v, -t, -T."""
    options, names = parse(process, "finTt:v")
    sources, target, into = _destination(process, options, names)
    status = 0
    for source in sources:
        name = f"{target.rstrip('/')}/{basename(source)}" if into else target
        if "n" in options and process.find(name, follow=False) is not None:
            continue
        status = max(status, _move(process, options, source, name))
    return status


def _move(process: Process, options: Options, source: str, target: str) -> int:
    try:
        process.fs.rename(process.path(source), process.path(target))
    except OSError as error:
        if error.errno != errno.EXDEV:
            return complain(process, f"can't rename '{source}': {error.strerror}")
        across = Options()
        across |= {"r", "P", "p"}
        status = _copy(process, across, source, target)
        if status:
            return status
        _discard(process, source)
    if "v" in options:
        process.out(f"'{source}' -> '{target}'\n")
    return 0


def _discard(process: Process, name: str) -> None:
    if isinstance(process.find(name, follow=False), Directory):
        for child in process.fs.names(process.path(name)):
            _discard(process, f"{name}/{child}")
        process.fs.remove_directory(process.path(name))
    else:
        process.fs.remove(process.path(name))
