"""Simple commands: assignments, then a function, a builtin, or a program.

Law: what blocks nothing costs no task: builtins run in place, and programs in the foreground run on the shell's task.
The last command of a script replaces the shell, as in ash, unless a trap is set.

Models busybox's shell/ash.c (evalcommand, find_command, shellexec).
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from tinykube.images.busybox.shell import builtins
from tinykube.images.busybox.shell.errors import Loop, NotRunnable, Return, ShellError
from tinykube.images.busybox.shell.redirect import RedirectError, apply, redirected
from tinykube.images.busybox.shell.syntax import Node, Simple
from tinykube.runtime.paths import join
from tinykube.runtime.process import Exec

if TYPE_CHECKING:
    from tinykube.images.busybox.shell.shell import Shell
    from tinykube.runtime.nodes import Program
    from tinykube.runtime.process import Process
    from tinykube.runtime.streams import Stream

STEP = 0.000002  # seconds of processor time that a builtin takes


async def run_simple(shell: Shell, node: Simple, last: bool) -> int:
    """Run a simple command; its exit status."""
    process = shell.process
    if process.meter.add(STEP) or process.killed_by:
        await process.spend(0.0)
    shell.line = node.line
    shell.substitution_status = 0
    argv = await shell.expander.fields(node.words)
    if not argv:
        return await _assign_only(shell, node)
    if node.assignments:
        values = [(a.name, await shell.expander.text(a.value)) for a in node.assignments]
    else:
        values = []
    if shell.options["x"]:
        _trace(shell, values, argv)
    name = argv[0]
    try:
        function = shell.functions.get(name)
        if function is not None:
            return await _function(shell, function, argv, values, node)
        builtin = builtins.TABLE.get(name)
        if builtin is not None:
            return await _builtin(shell, builtin, argv, values, node)
        return await _external(shell, argv, values, node, last)
    except RedirectError as error:
        shell.complain(str(error))
        if name in builtins.SPECIAL:
            raise ShellError("", 2) from None
        return 1
    except NotRunnable as error:
        shell.complain(str(error))
        return error.status


async def _assign_only(shell: Shell, node: Simple) -> int:
    for assignment in node.assignments:
        value = await shell.expander.text(assignment.value)
        if shell.options["x"]:
            _trace(shell, [(assignment.name, value)], [])
        shell.set(assignment.name, value)
    if node.redirects:
        try:
            async with redirected(shell, node.redirects):
                pass
        except RedirectError as error:
            shell.complain(str(error))
            return 1
    return shell.substitution_status


def _trace(shell: Shell, values: list[tuple[str, str]], argv: list[str]) -> None:
    words = [f"{name}={_quoted(value) if value else ''}" for name, value in values] + [_quoted(word) for word in argv]
    shell.process.err(f"{shell.get('PS4') or ''}{' '.join(words)}\n")


def _quoted(word: str) -> str:
    """A word as `set -x` shows it."""
    if word and all(c.isalnum() or c in "_-./:,%+@]{}^~" for c in word):
        return word
    return builtins.single_quoted(word)


async def _function(shell: Shell, body: Node, argv: list[str], values: list[tuple[str, str]], node: Simple) -> int:
    async with redirected(shell, node.redirects):
        return await call_function(shell, body, argv, values)


async def call_function(shell: Shell, body: Node, argv: list[str], values: list[tuple[str, str]]) -> int:
    """Run a function's body with `argv[1:]` as its positional parameters."""
    from tinykube.images.busybox.shell.interpreter import run

    saved, loops = shell.positional, shell.loops
    shell.positional, shell.loops = argv[1:], 0
    shell.locals.append({})
    for name, value in values:
        shell.local(name, value)
        shell.exported.add(name)
    try:
        return await run(shell, body)
    except Return as back:
        return back.status
    except Loop:
        return shell.status
    finally:
        shell.positional, shell.loops = saved, loops
        shell.leave_function()


async def _builtin(
    shell: Shell, builtin: builtins.Builtin, argv: list[str], values: list[tuple[str, str]], node: Simple
) -> int:
    if argv[0] in builtins.SPECIAL:
        for name, value in values:
            shell.set(name, value)
        values = []
    if argv[0] == "exec" and len(argv) == 1:
        await _permanently(shell, node)
        return 0
    if not node.redirects and not values:
        return await _call(shell, builtin, argv)
    saved = {name: shell.variables.get(name) for name, _ in values}
    try:
        for name, value in values:
            shell.set(name, value)
        async with redirected(shell, node.redirects):
            return await _call(shell, builtin, argv)
    finally:
        for name, old in saved.items():
            if old is None:
                shell.unset(name)
            else:
                shell.set(name, old)


async def _permanently(shell: Shell, node: Simple) -> None:
    """`exec >file`: the redirections stay."""
    await apply(shell, shell.process.fds, node.redirects)


async def _call(shell: Shell, builtin: builtins.Builtin, argv: list[str]) -> int:
    try:
        result = builtin(shell, argv)
        return result if isinstance(result, int) else await result
    except builtins.BuiltinError as error:
        shell.complain(str(error), argv[0])
        if argv[0] in builtins.SPECIAL and not error.harmless:
            raise ShellError("", error.status) from None
        return error.status
    except ShellError as error:
        if argv[0] in builtins.NESTING or not str(error):
            raise
        shell.complain(str(error), argv[0])
        raise ShellError("", error.status) from None


# -- programs ------------------------------------------------------------------------------------------------


async def _external(shell: Shell, argv: list[str], values: list[tuple[str, str]], node: Simple, last: bool) -> int:
    env = {**shell.environment(), **dict(values)} if values else shell.environment()
    process = shell.process
    if last and not shell.traps and not shell.pending:
        await apply(shell, process.fds, node.redirects)
        program, argv = find(shell, argv)
        raise Exec(program, argv, env)
    fds: dict[int, Stream] = {number: stream.retain() for number, stream in process.fds.items()}
    try:
        if node.redirects:
            await apply(shell, fds, node.redirects)
        program, argv = find(shell, argv)
    except BaseException:
        for stream in fds.values():
            stream.release()
        raise
    try:
        child = process.fork(program, argv, env=env, fds=fds)
    except BlockingIOError as error:
        raise ShellError(f"can't fork: {error.strerror}") from None
    status = await process.call(child)
    if child.killed_by:
        shell.death_notice(child.killed_by)
    return status


def find(shell: Shell, argv: list[str]) -> tuple[Program, list[str]]:
    """The program that a command line runs. Raises NotRunnable."""
    name, process = argv[0], shell.process
    path = name
    if "/" not in name:
        search = shell.variables.get("PATH", "")
        known = shell.programs.get(name)
        if known is not None and known[0] == process.fs.version and known[1] == search:
            return known[3], argv
        path = process.which(name, search) or ""
        if not path:
            raise NotRunnable(f"{name}: not found", 127)
    try:
        program, full = process.load(path, argv)
    except OSError as error:
        if error.errno == errno.ENOEXEC:
            return _as_script(path), argv
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            raise NotRunnable(f"{name}: not found", 127) from None
        raise NotRunnable(f"{name}: {error.strerror}", 126) from None
    if path != name and full is argv:
        shell.programs[name] = (process.fs.version, shell.variables.get("PATH", ""), path, program)
    return program, full


async def run_words(shell: Shell, argv: list[str]) -> int:
    """`command ARGV`: run a builtin or a program, but no function."""
    try:
        builtin = builtins.TABLE.get(argv[0])
        if builtin is not None:
            return await _call(shell, builtin, argv)
        return await _external(shell, argv, [], Simple([], [], [], shell.line), False)
    except NotRunnable as error:
        shell.complain(str(error))
        return error.status


def _as_script(path: str) -> Program:
    """An executable file without `#!` is a script for the shell itself."""

    async def main(process: Process) -> int:
        from tinykube.images.busybox.shell.main import run_file

        return await run_file(process, join(process.cwd, path), process.argv)

    return main
