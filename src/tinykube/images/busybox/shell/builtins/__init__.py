"""The shell's builtin commands: functions of the shell and the argument list.

Law: a builtin returns its status, or a coroutine of it if it may wait. `BuiltinError` is a message and a status. The
special builtins of POSIX keep the assignments before them and end the shell when they fail.

Models busybox's shell/ash.c (builtintab).
"""

from __future__ import annotations

from tinykube.images.busybox.shell.builtins import control, output, signaling, variables
from tinykube.images.busybox.shell.builtins.base import Builtin, BuiltinError, single_quoted

SPECIAL = frozenset((":", ".", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set"))
SPECIAL |= {"shift", "source", "times", "trap", "unset"}
NESTING = frozenset((".", "source", "eval", "command"))  # they run commands, which word their own errors

TABLE: dict[str, Builtin] = {**control.TABLE, **output.TABLE, **signaling.TABLE, **variables.TABLE}

__all__ = ["SPECIAL", "TABLE", "Builtin", "BuiltinError", "single_quoted"]
