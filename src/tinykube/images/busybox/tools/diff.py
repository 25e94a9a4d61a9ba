"""diff: how two files, or the files of two directories, differ.

Models busybox's editors/diff.c, which speaks the unified format only.
"""

from __future__ import annotations

import difflib

from tinykube.images.busybox.tools.options import Options, UsageError, parse
from tinykube.runtime.nodes import Directory
from tinykube.runtime.process import Process

CONTEXT = 3
NO_NEWLINE = "\\ No newline at end of file\n"


async def main(process: Process) -> int:
    """diff, with -q, -r, -s, -u, -b, -i, -w, -B, -U, -N."""
    options, names = parse(process, "qrsubiwBNatTdU:L:S:")
    if len(names) != 2:
        raise UsageError
    nodes = [None if name == "-" else process.find(name) for name in names]
    for name, node in zip(names, nodes, strict=True):
        if node is None and name != "-":
            process.err(f"{process.name}: can't stat '{name}': No such file or directory\n")
            return 2
    if all(isinstance(node, Directory) for node in nodes):
        return await _directories(process, options, names[0], names[1])
    for index in (0, 1):  # a file and a directory: the file of that name in it
        if isinstance(nodes[index], Directory):
            names[index] = f"{names[index].rstrip('/')}/{names[1 - index].rpartition('/')[2]}"
    return await _files(process, options, names[0], names[1])


async def _directories(process: Process, options: Options, first: str, second: str) -> int:
    here, there = (set(process.fs.names(process.path(name))) for name in (first, second))
    status = 0
    for name in sorted(here | there):
        paths = [f"{directory.rstrip('/')}/{name}" for directory in (first, second)]
        if name not in here & there:
            process.out(f"Only in {first if name in here else second}: {name}\n")
            status = 1
        elif not isinstance(process.find(paths[0]), Directory):
            status |= await _files(process, options, *paths)
        elif "r" in options:
            status |= await _directories(process, options, *paths)
        else:
            process.out(f"Common subdirectories: {paths[0]} and {paths[1]}\n")
    return status


async def _files(process: Process, options: Options, first: str, second: str) -> int:
    here, there = await _lines(process, first), await _lines(process, second)
    if _compared(here, options) == _compared(there, options):
        if "s" in options:
            process.out(f"Files {first} and {second} are identical\n")
        return 0
    if "q" in options:
        process.out(f"Files {first} and {second} differ\n")
        return 1
    names = [*options.all.get("L", []), first, second][:2] if "L" in options else [first, second]
    process.out(f"--- {names[0]}\n+++ {names[1]}\n")
    for line in list(difflib.unified_diff(here, there, n=options.number("U", CONTEXT)))[2:]:
        process.out(line if line.endswith("\n") else f"{line}\n{NO_NEWLINE}")
    return 1


async def _lines(process: Process, name: str) -> list[str]:
    stream = process.stdin.retain() if name == "-" else process.open(name)
    data = bytearray()
    while piece := await stream.read():
        data += piece
    stream.release()
    return data.decode("utf-8", "surrogateescape").splitlines(keepends=True)


def _compared(text: list[str], options: Options) -> list[str]:
    """The lines as far as they count."""
    if "w" in options:
        text = ["".join(line.split()) for line in text]
    elif "b" in options:
        text = [" ".join(line.split()) for line in text]
    if "i" in options:
        text = [line.lower() for line in text]
    return [line for line in text if line.strip()] if "B" in options else text
