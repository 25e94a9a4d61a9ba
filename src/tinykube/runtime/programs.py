"""Finding the program that a command names.

Models execvpe(3) and the kernel's binfmt handlers (fs/exec.c, fs/binfmt_script.c).
"""

from __future__ import annotations

import errno

from tinykube.runtime.filesystem import EXECUTE, FileSystem
from tinykube.runtime.nodes import File, Program
from tinykube.runtime.oserror import oserror
from tinykube.runtime.paths import join


def which(fs: FileSystem, name: str, search: str, cwd: str) -> str | None:
    """Where in `search` (a PATH) an executable file called `name` is."""
    for directory in search.split(":"):
        path = join(directory or ".", name)
        node = fs.find(join(cwd, path))
        if isinstance(node, File) and fs.allows(node, EXECUTE):
            return path
    return None


def load(fs: FileSystem, path: str, argv: list[str], cwd: str) -> tuple[Program, list[str]]:
    """The program that executing the file at `path` runs, and its arguments.

    Raises:
        OSError: ENOENT, EACCES, or ENOEXEC for a file that is neither a program nor a `#!` script.
    """
    node = fs.lookup(join(cwd, path))
    if not isinstance(node, File) or not fs.allows(node, EXECUTE):
        raise oserror(errno.EACCES, path)
    if node.program is not None:
        return node.program, argv
    first, _, _ = bytes(node.data[:256]).partition(b"\n")
    if not first.startswith(b"#!"):
        raise oserror(errno.ENOEXEC, path)
    interpreter, _, option = first[2:].decode("utf-8", "surrogateescape").strip().partition(" ")
    prefix = [interpreter, option.strip()] if option.strip() else [interpreter]
    return load(fs, interpreter, [*prefix, path, *argv[1:]], cwd)
