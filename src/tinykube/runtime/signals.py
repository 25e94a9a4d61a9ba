"""Signal numbers, names and default actions.

Models Linux's signal(7) as far as programs in containers meet it.
"""

from __future__ import annotations

SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL = range(1, 10)
SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGCHLD, SIGCONT, SIGSTOP = range(10, 20)
SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGWINCH, SIGIO = range(20, 30)

NAMES: dict[int, str] = {number: name[3:] for name, number in list(globals().items()) if name.startswith("SIG")}
NUMBERS: dict[str, int] = {name: number for number, name in NAMES.items()}
IGNORED_BY_DEFAULT = frozenset({SIGCHLD, SIGURG, SIGWINCH, SIGCONT})
STOPPING = frozenset({SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU})  # no job control here: they do nothing

# What a shell prints when a command it waited for dies of a signal; the ones not listed print their name.
DEATHS = {
    SIGHUP: "Hangup",
    SIGQUIT: "Quit",
    SIGABRT: "Aborted",
    SIGKILL: "Killed",
    SIGSEGV: "Segmentation fault",
    SIGTERM: "Terminated",
    SIGALRM: "Alarm clock",
    SIGUSR1: "User defined signal 1",
    SIGUSR2: "User defined signal 2",
}


def parse(word: str) -> int | None:
    """The number of a signal named as `TERM`, `SIGTERM`, `sigterm` or `15`; 0 for `0` and `EXIT`; None if unknown."""
    if word.isdigit():
        return int(word) if int(word) <= 64 else None
    name = word.upper().removeprefix("SIG")
    return 0 if name == "EXIT" else NUMBERS.get(name)
