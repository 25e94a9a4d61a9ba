"""The interpreter: runs syntax trees.

Law: everything runs on the shell's own task; only what runs at the same time (all but the last command of a pipeline,
background commands) gets one of its own. Traps run between commands, as in ash: a signal does not interrupt the
command in the foreground. Every command costs a little processor time, so no loop can stop the clock.

Models busybox's shell/ash.c (evaltree and its family).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tinykube.images.busybox.shell import builtins, jobs, pattern
from tinykube.images.busybox.shell.errors import Exit, Loop, Return, ShellError
from tinykube.images.busybox.shell.redirect import RedirectError, apply, redirected
from tinykube.images.busybox.shell.scanner import ShellSyntaxError
from tinykube.images.busybox.shell.script import parse
from tinykube.images.busybox.shell.shell import Engine, Shell
from tinykube.images.busybox.shell.simple import find, run_simple, run_words
from tinykube.images.busybox.shell.syntax import (
    AndOr,
    Background,
    Case,
    For,
    Function,
    Group,
    If,
    Node,
    Pipeline,
    Sequence,
    Simple,
    Subshell,
    While,
)
from tinykube.runtime import signals
from tinykube.runtime.pipe import Capture, pipe
from tinykube.runtime.streams import NullStream

if TYPE_CHECKING:
    from tinykube.runtime.process import Process
    from tinykube.runtime.streams import Stream


async def run(shell: Shell, node: Node, last: bool = False) -> int:
    """Run one node; its exit status. `last`: nothing follows, so the shell may become the command."""
    return await _RUN[type(node)](shell, node, last)


async def run_body(shell: Shell, node: Node, last: bool) -> int:
    """Run a node of any kind and then the traps that are due."""
    status = await _RUN[type(node)](shell, node, last)
    if shell.pending:
        await run_traps(shell)
    return status


async def _simple(shell: Shell, node: Simple, last: bool) -> int:
    shell.status = status = await run_simple(shell, node, last)
    if shell.pending:
        await run_traps(shell)
    if status:
        errexit(shell, status)
    return status


def errexit(shell: Shell, status: int) -> None:
    """`set -e`: leave the shell if a command failed that nobody tests."""
    if status and shell.options["e"] and not shell.tested:
        raise Exit(status)


async def _sequence(shell: Shell, node: Sequence, last: bool) -> int:
    status = 0
    commands = node.commands
    final = len(commands) - 1
    for index, command in enumerate(commands):
        status = await _RUN[type(command)](shell, command, last and index == final)
    return status


async def _and_or(shell: Shell, node: AndOr, last: bool) -> int:
    shell.tested += 1
    try:
        status = await run(shell, node.left)
    finally:
        shell.tested -= 1
    if (status == 0) == (node.op == "&&"):
        status = await run(shell, node.right, last)
    return status


async def _if(shell: Shell, node: If, last: bool) -> int:
    if await _test(shell, node.test) == 0:
        return await run(shell, node.body, last)
    if node.otherwise is not None:
        return await run(shell, node.otherwise, last)
    shell.status = 0
    return 0


async def _test(shell: Shell, node: Node) -> int:
    shell.tested += 1
    try:
        return await run(shell, node)
    finally:
        shell.tested -= 1


async def _while(shell: Shell, node: While, last: bool) -> int:
    status = 0
    shell.loops += 1
    try:
        while True:
            try:
                if (await _test(shell, node.test) == 0) == node.until:
                    break
                status = await run(shell, node.body)
            except Loop as jump:
                if not _continues(jump):
                    break
    finally:
        shell.loops -= 1
    shell.status = status
    return status


def _continues(jump: Loop) -> bool:
    """Whether this loop goes on; a jump through more levels is raised again."""
    if jump.levels > 1:
        jump.levels -= 1
        raise jump
    return jump.again


async def _for(shell: Shell, node: For, last: bool) -> int:
    values = list(shell.positional) if node.words is None else await shell.expander.fields(node.words)
    status = 0
    shell.loops += 1
    try:
        for value in values:
            shell.set(node.name, value)
            try:
                status = await run(shell, node.body)
            except Loop as jump:
                if not _continues(jump):
                    break
    finally:
        shell.loops -= 1
    shell.status = status
    return status


async def _case(shell: Shell, node: Case, last: bool) -> int:
    value = await shell.expander.text(node.word)
    for item in node.items:
        for word in item.patterns:
            if pattern.matches(await shell.expander.pattern(word), value):
                if item.body is None:
                    shell.status = 0
                    return 0
                return await run(shell, item.body, last)
    shell.status = 0
    return 0


async def _function(shell: Shell, node: Function, last: bool) -> int:
    shell.functions[node.name] = node.body
    shell.status = 0
    return 0


async def _group(shell: Shell, node: Group, last: bool) -> int:
    if not node.redirects:
        return await run(shell, node.body, last)
    try:
        async with redirected(shell, node.redirects):
            return await run(shell, node.body)
    except RedirectError as error:
        shell.complain(str(error))
        shell.status = 1
        errexit(shell, 1)
        return 1


# -- what runs in a process of its own -----------------------------------------------------------------------


def fork(shell: Shell, node: Node | None, fds: dict[int, Stream] | None = None) -> Process:
    """A subshell that has not started. Raises ShellError when there are too many processes."""
    twin = shell.copy()  # as the shell is now, not when the subshell first runs

    async def main(process: Process) -> int:
        twin.process = process
        return await run_subshell(twin, node)

    try:
        return shell.process.fork(main, shell.process.argv, env=shell.environment(), fds=fds)
    except BlockingIOError as error:
        raise ShellError(f"can't fork: {error.strerror}") from None


async def run_subshell(shell: Shell, node: Node | None) -> int:
    """Run a subshell's body to the end, its EXIT trap included."""
    return await to_the_end(shell, lambda: _body(shell, node))


async def _body(shell: Shell, node: Node | None) -> int:
    return 0 if node is None else await run(shell, node, True)


async def to_the_end(shell: Shell, body: Callable[[], Awaitable[int]]) -> int:
    """Run `body`, then the EXIT trap; the status with which the shell ends."""
    try:
        status = await _guarded(shell, body)
        while shell.pending:
            await run_traps(shell)
    except Exit as leave:
        status = leave.status
    action = shell.traps.pop(0, "")
    if not action:
        return status
    shell.status = status
    try:
        await _guarded(shell, lambda: evaluate(shell, action))
    except Exit as leave:
        return leave.status
    return status


async def _guarded(shell: Shell, body: Callable[[], Awaitable[int]]) -> int:
    try:
        return await body()
    except ShellError as error:
        if str(error):
            shell.complain(str(error))
        raise Exit(error.status) from None
    except ShellSyntaxError as error:
        where = f"line {error.line}: " if shell.script else ""
        shell.process.err(f"{shell.name}: {where}{error}\n")
        raise Exit(2) from None
    except (Return, Loop) as jump:
        return jump.status if isinstance(jump, Return) else shell.status
    except RecursionError:
        shell.complain("functions nest too deeply for the practice cluster's shell")
        raise Exit(139) from None


async def _subshell(shell: Shell, node: Subshell, last: bool) -> int:
    fds = {number: stream.retain() for number, stream in shell.process.fds.items()}
    try:
        await apply(shell, fds, node.redirects)
    except RedirectError as error:
        shell.complain(str(error))
        for stream in fds.values():
            stream.release()
        shell.status = 1
        return 1
    return await _foreground(shell, fork(shell, node.body, fds))


async def _foreground(shell: Shell, child: Process) -> int:
    status = await shell.process.call(child)
    shell.death_notice(child.killed_by)
    shell.status = status
    if shell.pending:
        await run_traps(shell)
    errexit(shell, status)
    return status


async def _pipeline(shell: Shell, node: Pipeline, last: bool) -> int:
    if len(node.commands) == 1:
        status = await _test(shell, node.commands[0])
    else:
        status = await _connected(shell, node)
    if node.negated:
        shell.status = int(not status)
        return shell.status
    shell.status = status
    if shell.pending:
        await run_traps(shell)
    errexit(shell, status)
    return status


async def _connected(shell: Shell, node: Pipeline) -> int:
    process = shell.process
    children: list[Process] = []
    source: Stream | None = None
    for index, command in enumerate(node.commands):
        fds = {number: stream.retain() for number, stream in process.fds.items()}
        if source is not None:
            _replace(fds, 0, source)
        if index < len(node.commands) - 1:
            source, sink = pipe()
            _replace(fds, 1, sink)
        try:
            children.append(fork(shell, command, fds))
        except ShellError:
            for child in children:
                child.finish(0)
            raise
    for child in children[:-1]:
        child.start()
    statuses = [await process.call(children[-1])]
    for child in children[:-1]:
        statuses.append(await child.wait())
    for child in children:
        shell.death_notice(child.killed_by)
    if shell.options["P"]:
        ordered = [*statuses[1:], statuses[0]]
        return next((status for status in reversed(ordered) if status), 0)
    return statuses[0]


def _replace(fds: dict[int, Stream], number: int, stream: Stream) -> None:
    if number in fds:
        fds[number].release()
    fds[number] = stream


async def _background(shell: Shell, node: Background, last: bool) -> int:
    fds = {number: stream.retain() for number, stream in shell.process.fds.items()}
    _replace(fds, 0, NullStream())
    child = fork(shell, node.command, fds)
    jobs.add(shell, child)
    child.start()
    shell.status = 0
    return 0


async def substitute(shell: Shell, body: Node | None) -> str:
    """The output of `$(body)`, without newlines at its end."""
    if body is None:
        shell.substitution_status = 0
        return ""
    capture = Capture()
    fds = {number: stream.retain() for number, stream in shell.process.fds.items()}
    _replace(fds, 1, capture)
    child = fork(shell, body, fds)
    shell.substitution_status = await shell.process.call(child)
    shell.death_notice(child.killed_by)
    data = await capture.finished()
    return data.replace(b"\0", b"").rstrip(b"\n").decode("utf-8", "surrogateescape")


# -- scripts inside scripts ----------------------------------------------------------------------------------


async def evaluate(shell: Shell, text: str, last: bool = False) -> int:
    """Run a text as `eval` does, command by command."""
    status = 0
    for command, final in parse(text).commands():
        status = await run_body(shell, command, last and final)
    return status


async def run_traps(shell: Shell) -> None:
    """Run the actions of the signals that have arrived."""
    status = shell.status
    while shell.pending:
        number = shell.pending.pop(0)
        action = shell.traps.get(number, "")
        if action:
            await evaluate(shell, action)
            shell.status = status
        elif number == signals.SIGINT and number not in shell.traps:
            raise Exit(128 + number)


_RUN: dict[type, Callable[[Shell, Any, bool], Awaitable[int]]] = {
    Simple: _simple,
    Pipeline: _pipeline,
    AndOr: _and_or,
    Sequence: _sequence,
    Background: _background,
    Group: _group,
    Subshell: _subshell,
    If: _if,
    While: _while,
    For: _for,
    Case: _case,
    Function: _function,
}

ENGINE = Engine(substitute, evaluate, run_words, find, builtins.TABLE, builtins.SPECIAL)
