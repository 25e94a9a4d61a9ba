"""Small programs that print or wait: cat, sleep, true, false, env, hostname, id and their like.

Models busybox's coreutils and procps programs of the same names.
"""

from __future__ import annotations

import asyncio
import errno
import re

from tinykube.images.busybox.tools import lines
from tinykube.images.busybox.tools.options import UsageError, parse
from tinykube.runtime import signals
from tinykube.runtime.devices import KERNEL, NODE_CORES
from tinykube.runtime.oserror import STRERROR
from tinykube.runtime.process import Process
from tinykube.runtime.users import name_of

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)([smhd]?)")


def duration(text: str) -> float | None:
    """Seconds of `5`, `0.2`, `3m`, `1h`; None if it is no duration."""
    if text in ("inf", "infinity"):
        return float("inf")
    match = _DURATION.fullmatch(text)
    return None if match is None else float(match.group(1)) * _UNITS[match.group(2)]


async def sleep(process: Process) -> int:
    """sleep."""
    words = process.argv[1:]
    if not words:
        raise UsageError("")
    total = 0.0
    for word in words:
        seconds = duration(word)
        if seconds is None:
            process.err(f"{process.name}: invalid number '{word}'\n")
            return 1
        total += seconds
    if total == float("inf"):
        await asyncio.get_running_loop().create_future()
    await process.sleep(total)
    return 0


async def true(process: Process) -> int:
    """true."""
    return 0


async def false(process: Process) -> int:
    """false."""
    return 1


async def cat(process: Process) -> int:
    """cat, with -n, -b, -e, -t, -v, -A."""
    flags, words = parse(process, "nbAetvu")
    status = 0
    number = 0
    for name in words or ["-"]:
        try:
            stream = lines.open_input(process, name)
        except OSError as error:
            process.err(f"{process.name}: can't open '{name}': {error.strerror}\n")
            status = 1
            continue
        try:
            if flags:
                number = await _numbered(process, stream, flags, number)
            else:
                while data := await stream.read():
                    if not process.out(data):
                        await process.drain()
        except IsADirectoryError as error:
            process.err(f"{process.name}: read error: {error.strerror}\n")
            status = 1
        finally:
            stream.release()
    return status


async def _numbered(process: Process, stream: lines.Stream, flags: set[str], number: int) -> int:
    while line := await stream.readline():
        ended = line.endswith(b"\n")
        text = line[:-1] if ended else line
        if flags & {"A", "t"}:
            text = text.replace(b"\t", b"^I")
        if flags & {"A", "e"}:
            text += b"$" if ended else b""
        if "n" in flags or ("b" in flags and text):
            number += 1
            text = b"%6d\t" % number + text
        process.out(text + (b"\n" if ended else b""))
        await process.drain()
    return number


async def env(process: Process) -> int:
    """env, with -i, -u NAME, NAME=VALUE and a command."""
    words = process.argv[1:]
    env = dict(process.env)
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word in ("-i", "-"):
            env = {}
        elif word == "-u" and words:
            env.pop(words.pop(0), None)
        elif word == "--":
            break
        else:
            raise UsageError(f"invalid option -- '{word[1:2]}'")
    while words and "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        env[name] = value
    if words:
        return await lines.run_command(process, words, env)
    process.out("".join(f"{name}={value}\n" for name, value in env.items()))
    return 0


async def printenv(process: Process) -> int:
    """printenv."""
    words = process.argv[1:]
    if not words:
        return await env(process)
    values = [process.env.get(word) for word in words]
    process.out("".join(f"{value}\n" for value in values if value is not None))
    return int(None in values)


def _full_name(process: Process, name: str) -> str:
    """What /etc/hosts calls the address with this name first."""
    for row in process.fs.read("/etc/hosts").decode("utf-8", "replace").splitlines():
        names = row.partition("#")[0].split()[1:]
        if name in names:
            return names[0]
    return name


async def hostname(process: Process) -> int:
    """hostname, with -i, -s, -f, -d."""
    flags, words = parse(process, "sfidF")
    if words:
        process.err(f"{process.name}: sethostname: {STRERROR[errno.EPERM]}\n")
        return 1
    name = process.table.hostname
    if flags & {"f", "d"}:
        name = _full_name(process, name)
    if "i" in flags:
        name = process.host.ip
    elif "s" in flags:
        name = name.partition(".")[0]
    elif "d" in flags:
        name = name.partition(".")[2]
    process.out(name + "\n")
    return 0


async def id_(process: Process) -> int:
    """id, with -u, -g, -n, -r, -G."""
    flags, _ = parse(process, "ugnrG")
    fs = process.fs
    user = name_of(fs, fs.uid)
    group = {0: "root"}.get(fs.gid)
    if "G" in flags:
        process.out(" ".join(map(str, sorted({fs.gid, *fs.groups}))) + "\n")
        return 0
    if flags:
        number, name = (fs.gid, group) if "g" in flags else (fs.uid, user)
        process.out(f"{name if 'n' in flags and name else number}\n")
        return 0
    person = f"{fs.uid}({user})" if user else str(fs.uid)
    people = f"{fs.gid}({group})" if group else str(fs.gid)
    others = sorted({fs.gid, *fs.groups})
    shown = ",".join(people if number == fs.gid else str(number) for number in others)
    process.out(f"uid={person} gid={people} groups={shown}\n")
    return 0


async def whoami(process: Process) -> int:
    """whoami."""
    name = name_of(process.fs, process.fs.uid)
    if name is None:
        process.err(f"{process.name}: unknown uid {process.fs.uid}\n")
        return 1
    process.out(name + "\n")
    return 0


async def pwd(process: Process) -> int:
    """pwd."""
    process.out(process.fs.real_path(process.cwd) + "\n")
    return 0


async def uname(process: Process) -> int:
    """uname."""
    flags, _ = parse(process, "asnrvmpio")
    fields = {
        "s": "Linux",
        "n": process.table.hostname,
        "r": KERNEL,
        "v": "#1 SMP practice cluster",
        "m": "x86_64",
        "o": "GNU/Linux",
    }
    chosen = fields.values() if "a" in flags else [fields[f] for f in "snrvmo" if f in flags] or [fields["s"]]
    process.out(" ".join(chosen) + "\n")
    return 0


async def nproc(process: Process) -> int:
    """nproc."""
    process.out(f"{NODE_CORES}\n")
    return 0


async def yes(process: Process) -> int:
    """yes: until nobody reads."""
    line = (" ".join(process.argv[1:]) or "y") + "\n"
    block = line.encode("utf-8", "surrogateescape") * 256
    while True:
        if not process.out(block):
            await process.drain()
        await process.spend(0.0001)


async def timeout(process: Process) -> int:
    """timeout [-s SIGNAL] [-k SECONDS] SECONDS COMMAND."""
    words = process.argv[1:]
    number: int | None = signals.SIGTERM
    kill_after: float | None = None
    while words and words[0].startswith("-"):
        option = words.pop(0)
        value = option[2:] or (words.pop(0) if words else "")
        if option[:2] == "-s":
            number = signals.parse(value)
        elif option[:2] == "-k":
            kill_after = duration(value)
    seconds = duration(words[0]) if words else None
    if seconds is None or number is None or len(words) < 2:
        raise UsageError("")
    child = lines.command(process, words[1:])
    if child is None:
        return 127
    timers = [process.clock.call_later(seconds, lambda: child.signal(number))]
    if kill_after is not None:
        timers.append(process.clock.call_later(seconds + kill_after, lambda: child.signal(signals.SIGKILL)))
    child.start()
    try:
        status = await child.wait()
    finally:
        for timer in timers:
            timer.cancel()
    if child.killed_by:  # the real one becomes the command, so its death is the command's
        process.die(child.killed_by)
        process.check()
    return status


async def clear(process: Process) -> int:
    """clear."""
    process.out("\033[H\033[J")
    return 0
