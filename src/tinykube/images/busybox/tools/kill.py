"""kill, killall and pidof.

Models busybox's procps/kill.c and libbb/find_pid_by_name.c.
"""

from __future__ import annotations

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


def named(process: Process, name: str) -> list[Process]:
    """The processes that call themselves `name`, newest first."""
    found = [other for other in process.table.processes.values() if other.name == name and other is not process]
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
    """pidof and pgrep by exact name."""
    pids = [str(other.pid) for word in process.argv[1:] for other in named(process, word)]
    if pids:
        separator = "\n" if process.name == "pgrep" else " "
        process.out(separator.join(pids) + "\n")
    return int(not pids)
