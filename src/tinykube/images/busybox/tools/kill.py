"""kill, killall and pidof.

Models busybox's procps/kill.c and libbb/find_pid_by_name.c.
"""

from __future__ import annotations

import re

from tinykube.images.busybox.tools.options import Options, parse, parse_words
from tinykube.runtime import signals
from tinykube.runtime.process import Process


def send(process: Process, words: list[str], name: str) -> int:
    """`kill WORDS`; the exit status."""
    if words[:1] == ["-l"]:
        return _list(process, words[1:], name)
    number: int | None = signals.SIGTERM
    if words and words[0].startswith("-") and words[0] != "--":
        word = words[0][1:]
        words = words[1:]
        if word == "s" and words:
            word, words = words[0], words[1:]
        number = signals.parse(word)
        if number is None:
            process.err(f"{name}: bad signal name '{word}'\n")
            return 1
    if words[:1] == ["--"]:
        words = words[1:]
    if not words:
        process.err(f"{name}: you need to specify whom to kill\n")
        return 1
    return max(_send_one(process, word, number or 0, name) for word in words)


def _send_one(process: Process, word: str, number: int, name: str) -> int:
    try:
        pid = int(word)
    except ValueError:
        process.err(f"{name}: invalid number '{word}'\n")
        return 1
    table = process.table.processes
    if pid <= 0:  # a process group, or everybody: here all of the container but pid 1
        targets = [other for other in table.values() if other.pid != 1]
    else:
        targets = [table[pid]] if pid in table else []
    if not targets:
        process.err(f"{name}: can't kill pid {pid}: No such process\n")
        return 1
    for target in targets:
        target.signal(number)
    return 0


def _list(process: Process, words: list[str], name: str) -> int:
    if not words:
        process.out("".join(f"{number:2}) {label}\n" for number, label in sorted(signals.NAMES.items())))
        return 0
    for word in words:
        number = signals.parse(word)
        if number is None:
            process.err(f"{name}: unknown signal '{word}'\n")
            return 1
        process.out(f"{signals.NAMES.get(number & 0x7F, number) if word.isdigit() else number}\n")
    return 0


async def main(process: Process) -> int:
    """kill."""
    status = send(process, process.argv[1:], process.name)
    process.check()
    return status


def _calls_itself(process: Process, name: str) -> bool:
    """By its program's name; one that shows what it does, such as `nginx: worker process`, by what is before that."""
    return process.name == name or process.argv[0].startswith(f"{name}: ")


def named(process: Process, name: str) -> list[Process]:
    """The processes that call themselves `name`, newest first."""
    found = [other for other in process.table.processes.values() if _calls_itself(other, name) and other is not process]
    return sorted(found, key=lambda other: -other.pid)


async def killall(process: Process) -> int:
    """killall."""
    words = process.argv[1:]
    number: int | None = signals.SIGTERM
    quiet = "-q" in words
    words = [word for word in words if word != "-q"]
    if words and words[0].startswith("-"):
        number = signals.parse(words.pop(0)[1:])
        if number is None:
            process.err(f"{process.name}: bad signal name\n")
            return 1
    status = 0
    for word in words:
        targets = named(process, word)
        if not targets:
            status = 1
            if not quiet:
                process.err(f"{process.name}: {word}: no process killed\n")
        for target in targets:
            target.signal(number or 0)
    process.check()
    return status


async def pidof(process: Process) -> int:
    """pidof, with -s."""
    options, words = parse(process, "so:")
    pids = [str(other.pid) for word in words for other in named(process, word)]
    if pids:
        process.out(" ".join(pids[:1] if "s" in options else pids) + "\n")
    return int(not pids)


async def pgrep(process: Process) -> int:
    """pgrep, with -f, -l, -a, -n, -o, -v, -x; pkill, with a signal besides."""
    number = signals.SIGTERM
    words = process.argv[1:]
    if process.name == "pkill" and words and (named_signal := signals.parse(words[0].removeprefix("-"))):
        number, words = named_signal, words[1:]
    options, patterns = parse_words(words, "flanovx")
    found = [other for other in _by_age(process) if _matches(other, options, patterns)]
    found = found[:1] if "o" in options else found[-1:] if "n" in options else found
    for other in found:
        if process.name == "pkill":
            other.signal(number)
        else:
            about = f" {' '.join(other.argv)}" if "a" in options else f" {_comm(other)}" if "l" in options else ""
            process.out(f"{other.pid}{about}\n")
    process.check()
    return int(not found)


def _by_age(process: Process) -> list[Process]:
    others = [other for other in process.table.processes.values() if other is not process]
    return sorted(others, key=lambda other: other.pid)


def _comm(process: Process) -> str:
    return process.name.partition(":")[0]


def _matches(process: Process, options: Options, patterns: list[str]) -> bool:
    text = " ".join(process.argv) if "f" in options else _comm(process)
    look = re.fullmatch if "x" in options else re.search
    return all(look(pattern, text) is not None for pattern in patterns) != ("v" in options)
