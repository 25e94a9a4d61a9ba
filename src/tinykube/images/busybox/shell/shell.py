"""A shell's state: variables, functions, options, positional parameters, traps, jobs.

Law: state and its rules only; running commands is `interpreter`'s. A subshell gets a copy. Large values count towards
the container's memory, so that a script that doubles a string meets its limit.

Models busybox's shell/ash.c (globals_var, setvar, trap).
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from tinykube.images.busybox.shell.errors import ShellError
from tinykube.images.busybox.shell.expand import WHITE, Expander
from tinykube.images.busybox.shell.scanner import NAME
from tinykube.runtime import signals
from tinykube.runtime.process import ignore

if TYPE_CHECKING:
    from tinykube.images.busybox.shell.jobs import Job
    from tinykube.images.busybox.shell.syntax import Node
    from tinykube.runtime.nodes import Program
    from tinykube.runtime.process import Process

OPTIONS = {
    "e": "errexit", "f": "noglob", "I": "ignoreeof", "m": "monitor", "n": "noexec", "x": "xtrace", "v": "verbose",
    "C": "noclobber", "a": "allexport", "b": "notify", "u": "nounset", "E": "errtrace", "V": "vi", "P": "pipefail",
}  # fmt: skip
LARGE = 4096  # bytes from which a value counts
LARGEST = 128 * 1024**2  # bytes that no value may exceed, limit or not


class Engine(NamedTuple):
    """What the interpreter does for the state: handed in, because the interpreter stands on this module."""

    substitute: Callable[[Shell, Node | None], Awaitable[str]]
    evaluate: Callable[[Shell, str], Awaitable[int]]
    run_words: Callable[[Shell, list[str]], Awaitable[int]]
    find: Callable[[Shell, list[str]], tuple[Program, list[str]]]
    builtins: Mapping[str, object]
    special: frozenset[str]


class Shell:
    """One shell or subshell."""

    def __init__(self, process: Process, name: str, engine: Engine) -> None:
        self.process = process
        self.engine = engine
        self.name = name  # $0 and the start of every message
        self.script = False  # messages name the line
        self.first_line = 0  # what the line numbers of `-c` count from
        self.interactive = False
        self.variables: dict[str, str] = {}
        self.exported: set[str] = set()
        self.readonly: set[str] = set()
        self.functions: dict[str, Node] = {}
        self.positional: list[str] = []
        self.options = dict.fromkeys(OPTIONS, False)
        self.main_pid = process.pid  # $$, also in subshells
        self.status = 0
        self.substitution_status = 0
        self.background_pid = ""
        self.traps: dict[int, str] = {}
        self.pending: list[int] = []
        self.jobs: list[Job] = []
        self.aliases: dict[str, str] = {}
        self.option_index, self.option_offset = 1, 1  # where getopts stands
        self.interrupted = False
        self.locals: list[dict[str, str | None]] = []
        self.loops = 0
        self.tested = 0  # inside a condition: errexit does not apply
        self.line = 1
        self.waits_for_signals = False  # a builtin waits and wants to be interrupted
        self.programs: dict[str, tuple[int, str, str, Program]] = {}
        self._environment: dict[str, str] | None = None
        self._random: random.Random | None = None
        self.expander = Expander(self)

    @classmethod
    def started(cls, process: Process, name: str, engine: Engine) -> Shell:
        """A shell with the variables that its environment gives it."""
        shell = cls(process, name, engine)
        for key, value in process.env.items():
            if NAME.fullmatch(key):
                shell.variables[key] = value
                shell.exported.add(key)
        level = shell.variables.get("SHLVL", "0")
        shell.export("SHLVL", str(int(level) + 1 if level.isdigit() else 1))
        shell.export("PWD", process.cwd)
        shell.variables.update(IFS=WHITE, OPTIND="1", PS1="\\w \\$ ", PS2="> ", PS4="+ ")
        shell.variables["PPID"] = str(process.parent.pid if process.parent is not None else 0)
        shell.variables.setdefault("PATH", "/sbin:/usr/sbin:/bin:/usr/bin")
        return shell

    def copy(self) -> Shell:
        """A subshell's state; its process is set when it has one."""
        twin = Shell(self.process, self.name, self.engine)
        twin.main_pid = self.main_pid
        twin.script, twin.first_line, twin.line = self.script, self.first_line, self.line
        twin.variables = dict(self.variables)
        twin.exported, twin.readonly = set(self.exported), set(self.readonly)
        twin.functions = dict(self.functions)
        twin.positional = list(self.positional)
        twin.options = dict(self.options)
        twin.status, twin.background_pid = self.status, self.background_pid
        twin.traps = {number: action for number, action in self.traps.items() if action == ""}
        twin.locals = [dict(frame) for frame in self.locals]
        twin.tested = self.tested
        twin.programs = self.programs  # what one finds, all have found
        twin._environment = self._environment
        return twin

    # -- messages --------------------------------------------------------------------------------------------

    def complain(self, message: str, builtin: str = "") -> None:
        """Print an error as ash words it: `sh: message`, `script: line 3: message`, `sh: cd: line 0: message`."""
        line = self.line - self.first_line
        if builtin:
            prefix = f"{self.name}: {builtin}: line {line}: "
        else:
            prefix = f"{self.name}: line {line}: " if self.script else f"{self.name}: "
        self.process.err(f"{prefix}{message}\n")

    # -- variables -------------------------------------------------------------------------------------------

    def get(self, name: str) -> str | None:
        """The value of a variable or special parameter, or None if it is not set."""
        value = self.variables.get(name)
        if value is not None:
            return value
        if name.isdigit():
            index = int(name)
            if index == 0:
                return self.name
            return self.positional[index - 1] if index <= len(self.positional) else None
        special = _SPECIAL.get(name)
        return None if special is None else special(self)

    def set(self, name: str, value: str) -> None:
        """Assign. Raises ShellError for a read-only variable."""
        if name in self.readonly:
            raise ShellError(f"{name}: is read only")
        old = self.variables.get(name)
        if len(value) > LARGE or (old is not None and len(old) > LARGE):
            self._account(len(value) - len(old or ""))
        self.variables[name] = value
        if self.options["a"]:
            self.exported.add(name)
        if name in self.exported:
            self._environment = None

    def _account(self, growth: int) -> None:
        self.process.charge(growth)
        if growth > LARGEST // 2:  # without a limit the node's own memory is the limit
            self.process.table.cgroup.out_of_memory()
            self.process.check()
        self.process.meter.debt += max(0, growth) * 1e-8

    def unset(self, name: str) -> None:
        """Forget a variable."""
        if name in self.readonly:
            raise ShellError(f"{name}: is read only")
        old = self.variables.pop(name, None)
        if old is not None and len(old) > LARGE:
            self.process.charge(-len(old))
        self.exported.discard(name)
        self._environment = None

    def export(self, name: str, value: str | None = None) -> None:
        """Give a variable to the commands that are run."""
        if value is not None:
            self.set(name, value)
        self.exported.add(name)
        self._environment = None

    def local(self, name: str, value: str | None) -> None:
        """Make a variable local to the running function; it keeps its value unless one is given."""
        frame = self.locals[-1]
        if name not in frame:
            frame[name] = self.variables.get(name)
        if value is not None:
            self.set(name, value)

    def leave_function(self) -> None:
        """Put back what the function's locals hid."""
        for name, value in self.locals.pop().items():
            self.readonly.discard(name)
            if value is None:
                self.unset(name)
            else:
                self.set(name, value)

    def environment(self) -> dict[str, str]:
        """What a command is given; not to be changed."""
        if self._environment is None:
            self._environment = {n: v for n, v in self.variables.items() if n in self.exported}
        return self._environment

    def random(self) -> str:
        """$RANDOM: the same series in every run."""
        if self._random is None:
            self._random = random.Random(f"{self.process.pid} {self.process.table.hostname}")
        return str(self._random.randrange(32768))

    # -- signals ---------------------------------------------------------------------------------------------

    def trap(self, number: int, action: str | None) -> None:
        """Run `action` on a signal (0: on exit); "" ignores it, None restores the default."""
        if action is None:
            self.traps.pop(number, None)
        else:
            self.traps[number] = action
        if number:
            self.process.on_signal(number, None if action is None else ignore if not action else self._signaled)

    def _signaled(self, number: int) -> None:
        self.pending.append(number)
        if self.waits_for_signals and self.process.task is not None:
            self.waits_for_signals = False
            self.process.task.cancel()

    def trap_interrupts(self) -> None:
        """An interactive shell survives Ctrl-C: the running command ends, and the prompt comes back."""
        self.process.on_signal(signals.SIGINT, self._interrupt)
        self.process.on_signal(signals.SIGTERM, ignore)

    def _interrupt(self, number: int) -> None:
        self.interrupted = True
        self._signaled(number)

    def death_notice(self, killed_by: int) -> None:
        """Say that a command died of a signal, as ash does for most signals."""
        if killed_by and killed_by not in (signals.SIGINT, signals.SIGPIPE):
            name = signals.DEATHS.get(killed_by, f"Signal {killed_by}")
            self.process.err(f"{name}\n")


def _flags(shell: Shell) -> str:
    on = "".join(letter for letter in "efImnxvCabu" if shell.options[letter])
    return ("c" if shell.first_line else "") + on


_SPECIAL = {
    "@": lambda shell: " ".join(shell.positional),
    "*": lambda shell: (shell.variables.get("IFS", WHITE)[:1]).join(shell.positional),
    "#": lambda shell: str(len(shell.positional)),
    "?": lambda shell: str(shell.status),
    "$": lambda shell: str(shell.main_pid),
    "!": lambda shell: shell.background_pid or None,
    "-": _flags,
    "RANDOM": Shell.random,
    "LINENO": lambda shell: str(shell.line - shell.first_line),
    "EPOCHSECONDS": lambda shell: str(int(shell.process.clock.now())),
}
