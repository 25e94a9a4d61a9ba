"""Programs that make, move and remove files: mkdir, rmdir, rm, touch, ln, chmod, chown, mktemp, truncate, mkfifo.

Models busybox's coreutils programs of the same names.
"""

from __future__ import annotations

import errno
import random
import re
import string

from tinykube.images.busybox.tools.dates import parse_date
from tinykube.images.busybox.tools.options import UsageError, parse
from tinykube.runtime.nodes import Directory
from tinykube.runtime.paths import basename
from tinykube.runtime.process import Process
from tinykube.runtime.users import users


def complain(process: Process, message: str) -> int:
    """Print an error; the exit status 1."""
    process.err(f"{process.name}: {message}\n")
    return 1


async def mkdir(process: Process) -> int:
    """mkdir, with -p, -m, -v."""
    options, names = parse(process, "pm:v")
    if not names:
        raise UsageError("")
    mode = int(options.values.get("m", "0"), 8) if options.values.get("m", "0").isdigit() else 0o755
    mode = mode or 0o777 & ~process.umask
    status = 0
    for name in names:
        try:
            if "p" in options:
                process.fs.make_directories(process.path(name), mode)
            else:
                process.fs.make_directory(process.path(name), mode)
        except OSError as error:
            if error.errno == errno.ENOTDIR:
                name = _up_to_file(process, name)
            status = complain(process, f"can't create directory '{name}': {error.strerror}")
    return status


def _up_to_file(process: Process, name: str) -> str:
    """The start of a path up to the component that is a file, as mkdir's message shows it."""
    parts = name.split("/")
    for end in range(1, len(parts)):
        path = "/".join(parts[:end])
        if path and not isinstance(process.find(path), Directory):
            return path + "/"
    return name


async def rmdir(process: Process) -> int:
    """rmdir, with -p."""
    options, names = parse(process, "p{ignore-fail-on-non-empty}")
    status = 0
    for name in names:
        try:
            process.fs.remove_directory(process.path(name))
            while "p" in options and "/" in name.rstrip("/"):
                name = name.rstrip("/").rpartition("/")[0]
                process.fs.remove_directory(process.path(name))
        except OSError as error:
            status = complain(process, f"'{name}': {error.strerror}")
    return status


async def rm(process: Process) -> int:
    """rm, with -r, -f, -v, -i."""
    options, names = parse(process, "rRfivd")
    if not names and "f" not in options:
        raise UsageError("")
    status = 0
    for name in names:
        if basename(name) in (".", ".."):
            status = complain(process, f"can't remove '{name}': Invalid argument")
            continue
        node = process.find(name, follow=False)
        if node is None and "f" in options:
            continue
        if "i" in options:
            process.err(f"{process.name}: remove '{name}'? ")
            if not (await process.stdin.readline()).lower().startswith(b"y"):
                continue
        if isinstance(node, Directory) and not options & {"r", "R"}:
            status = complain(process, f"'{name}' is a directory")
            continue
        status = max(status, _remove(process, name, "v" in options))
    return status


def _remove(process: Process, name: str, verbose: bool) -> int:
    node = process.find(name, follow=False)
    status = 0
    try:
        if isinstance(node, Directory):
            for child in process.fs.names(process.path(name)):
                status = max(status, _remove(process, f"{name.rstrip('/')}/{child}", verbose))
            process.fs.remove_directory(process.path(name))
        else:
            process.fs.remove(process.path(name))
    except OSError as error:
        return complain(process, f"can't remove '{name}': {error.strerror}")
    if verbose:
        process.out(f"removed '{name}'\n")
    return status


async def touch(process: Process) -> int:
    """touch, with -c, -d, -r."""
    options, names = parse(process, "chamd:t:r:")
    if not names:
        raise UsageError("")
    when = process.clock.now()
    if "r" in options:
        when = process.fs.lookup(process.path(options.values["r"])).mtime
    elif "d" in options:
        parsed = parse_date(options.values["d"], when)
        if parsed is None:
            return complain(process, f"invalid date '{options.values['d']}'")
        when = parsed
    status = 0
    for name in names:
        try:
            if process.find(name) is None:
                if "c" in options:
                    continue
                process.open(name, "a").release()
            process.fs.change(process.path(name), mtime=when)
        except OSError as error:
            status = complain(process, f"{name}: {error.strerror}")
    return status


async def ln(process: Process) -> int:
    """ln, with -s, -f, -n."""
    options, names = parse(process, "sfnbvT")
    if not names:
        raise UsageError("")
    targets, link = (names[:-1], names[-1]) if len(names) > 1 else (names, basename(names[0]))
    into = isinstance(process.find(link, follow="n" not in options), Directory) and "T" not in options
    status = 0
    for target in targets:
        name = f"{link.rstrip('/')}/{basename(target)}" if into else link
        try:
            if "f" in options and process.find(name, follow=False) is not None:
                process.fs.remove(process.path(name))
            if "s" in options:
                process.fs.symlink(target, process.path(name))
            else:
                process.fs.link(process.path(target), process.path(name))
        except OSError as error:
            missing = "s" not in options and process.find(target) is None
            status = complain(process, f"{target if missing else name}: {error.strerror}")
    return status


# -- modes and owners ----------------------------------------------------------------------------------------

_CLAUSE = re.compile(r"([ugoa]*)((?:[-+=][rwxXst]*)+)")
_BITS = {"r": 4, "w": 2, "x": 1}


def new_mode(text: str, mode: int, directory: bool, umask: int) -> int | None:
    """The mode that `755` or `u+x,g-w` makes of a mode; None if it makes no sense."""
    if re.fullmatch(r"[0-7]{1,4}", text):
        return int(text, 8)
    for clause in text.split(","):
        match = _CLAUSE.fullmatch(clause)
        if match is None:
            return None
        who = match.group(1)
        allowed = 0o7777 if who else ~umask & 0o7777
        shifts = [{"u": 6, "g": 3, "o": 0}[c] for c in (who.replace("a", "ugo") or "ugo")]
        for operator, letters in re.findall(r"([-+=])([rwxXst]*)", match.group(2)):
            bits = sum({_BITS[c] for c in letters if c in _BITS})
            if "X" in letters and (directory or mode & 0o111):
                bits |= 1
            mask = sum(bits << shift for shift in set(shifts)) & allowed
            mask |= 0o1000 if "t" in letters else 0
            mask |= sum({6: 0o4000, 3: 0o2000, 0: 0}[shift] for shift in set(shifts)) if "s" in letters else 0
            if operator == "-":
                mode &= ~mask
            elif operator == "+":
                mode |= mask
            else:
                mode = mode & ~sum(7 << shift for shift in set(shifts)) | mask
    return mode


def _below(process: Process, name: str, recursive: bool) -> list[str]:
    if not recursive or not isinstance(process.find(name, follow=False), Directory):
        return [name]
    found = [name]
    for child in process.fs.names(process.path(name)):
        found += _below(process, f"{name.rstrip('/')}/{child}", True)
    return found


async def chmod(process: Process) -> int:
    """chmod, with -R."""
    words = process.argv[1:]
    recursive = "-R" in words
    words = [word for word in words if word not in ("-R", "-v", "-f", "-c")]
    if len(words) < 2:
        raise UsageError("")
    status = 0
    for name in [path for word in words[1:] for path in _below(process, word, recursive)]:
        try:
            node = process.fs.lookup(process.path(name))
            mode = new_mode(words[0], node.mode, isinstance(node, Directory), process.umask)
            if mode is None:
                return complain(process, f"invalid mode '{words[0]}'")
            process.fs.change(process.path(name), mode=mode)
        except OSError as error:
            status = complain(process, f"{name}: {error.strerror}")
    return status


async def chown(process: Process) -> int:
    """chown and chgrp, with -R."""
    options, names = parse(process, "RhvfcLHP")
    if len(names) < 2:
        raise UsageError("")
    owner, _, group = names[0].partition(":")
    if process.name == "chgrp":
        owner, group = "", names[0]
    attributes: dict[str, int] = {}
    for field, word in (("uid", owner), ("gid", group)):
        if word:
            number = next((u.uid if field == "uid" else u.gid for u in users(process.fs) if u.name == word), None)
            if number is None and not word.isdigit():
                return complain(process, f"unknown {'user' if field == 'uid' else 'group'} {word}")
            attributes[field] = int(word) if number is None else number
    status = 0
    for name in [path for word in names[1:] for path in _below(process, word, "R" in options)]:
        try:
            if process.fs.uid:
                raise PermissionError(1, "Operation not permitted")
            process.fs.change(process.path(name), follow=True, **attributes)
        except OSError as error:
            status = complain(process, f"{name}: {error.strerror}")
    return status


async def mktemp(process: Process) -> int:
    """mktemp, with -d, -t, -p, -u."""
    options, names = parse(process, "dqtup:")
    template = names[0] if names else "tmp.XXXXXX"
    if not template.endswith("XXXXXX"):
        return complain(process, "(null): Invalid argument")
    if not names or options & {"t", "p"}:
        template = f"{options.values.get('p') or process.env.get('TMPDIR') or '/tmp'}/{template}"
    chance = random.Random(f"{process.table.hostname} {process.pid} {process.clock.now()}")
    path = template[:-6] + "".join(chance.choice(string.ascii_letters) for _ in range(6))
    try:
        if "d" in options:
            process.fs.make_directory(process.path(path), 0o700)
        elif "u" not in options:
            process.fs.write(process.path(path), b"", 0o600)
    except OSError as error:
        return complain(process, f"{template}: {error.strerror}")
    process.out(path + "\n")
    return 0


async def truncate(process: Process) -> int:
    """truncate, with -s, -c."""
    options, names = parse(process, "cs:")
    match = re.fullmatch(r"(\d+)([kKmMgG]?)", options.values.get("s", ""))
    if match is None or not names:
        raise UsageError("")
    size = int(match.group(1)) * {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}[match.group(2).lower()]
    for name in names:
        stream = process.open(name, "a")
        stream.release()
        data = process.fs.read(process.path(name))[:size]
        process.fs.write(process.path(name), data + bytes(size - len(data)))
    return 0


async def mkfifo(process: Process) -> int:
    """mkfifo."""
    _, names = parse(process, "m:")
    status = 0
    for name in names:
        try:
            process.fs.make_fifo(process.path(name))
        except OSError as error:
            status = complain(process, f"{name}: {error.strerror}")
    return status
