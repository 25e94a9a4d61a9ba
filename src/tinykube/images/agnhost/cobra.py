"""The command `agnhost`: its subcommands, their flags, and what it says to a wrong command line.

Law: a subcommand is a `Command`: data and an async function of the program, its flags' values and its arguments.

Models test/images/agnhost/agnhost.go with github.com/spf13/cobra and k8s.io/component-base/cli.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tinykube.images.golang import flags
from tinykube.images.golang.flags import Flag, FlagError, HelpWanted
from tinykube.images.golang.program import GoProgram
from tinykube.runtime.process import Process

VERSION = "2.53"
# klog's flags, which every subcommand accepts; they change nothing here.
GLOBAL_FLAGS = [Flag("v", 0, short="v"), Flag("logtostderr", True), Flag("alsologtostderr", False)]
Run = Callable[[GoProgram, dict[str, Any], list[str]], Awaitable[int]]


@dataclass(frozen=True)
class Command:
    """One subcommand. `arguments` is how many it takes."""

    name: str
    short: str
    run: Run
    flags: list[Flag] = field(default_factory=list)
    long: str = ""
    use: str = ""
    arguments: int = 0
    any_arguments: bool = False

    def usage(self) -> str:
        """The usage text."""
        head = f"Usage:\n  app {self.use or self.name} [flags]\n\nFlags:\n"
        return head + flags.pflag_usages(self.flags, self.name)


async def execute(process: Process, commands: list[Command], elsewhere: frozenset[str]) -> int:
    """Run the command line. `elsewhere`: real subcommands that are not here."""
    words = process.argv[1:]
    if not words or words[0] in ("-h", "--help", "help"):
        process.out(root_usage(commands))
        return 0
    if words[0] == "--version":
        process.out(f"app version {VERSION}\n")
        return 0
    command = next((command for command in commands if command.name == words[0]), None)
    if command is None:
        process.err(f"Error: {_unknown(words[0], elsewhere)}\n")
        return 1
    return await _run(process, command, words[1:])


def _unknown(word: str, elsewhere: frozenset[str]) -> str:
    if word in elsewhere:
        return f'the practice cluster\'s agnhost has no "{word}"; a kind cluster has (kubelab up --cluster kind)'
    if word.startswith("-"):
        return f"unknown flag: {word}" if word.startswith("--") else f"unknown shorthand flag: '{word[1:2]}' in {word}"
    return f'unknown command "{word}" for "app"'


async def _run(process: Process, command: Command, words: list[str]) -> int:
    if command.any_arguments:
        return await command.run(GoProgram(process, klog=True), {}, words)
    try:
        values, arguments = flags.parse_pflags(words, [*command.flags, *GLOBAL_FLAGS])
        _check_arguments(command, arguments)
    except HelpWanted:
        process.out(f"{command.long or command.short}\n\n{command.usage()}")
        return 0
    except FlagError as error:
        process.err(f"{command.usage()}\nError: {error}\n")
        return 1
    except ValueError as error:
        process.err(f"Error: {error}\n")
        return 1
    return await command.run(GoProgram(process, klog=True), values, arguments)


def _check_arguments(command: Command, arguments: list[str]) -> None:
    if command.arguments and len(arguments) != command.arguments:
        raise ValueError(f"accepts {command.arguments} arg(s), received {len(arguments)}")
    if not command.arguments and arguments:
        raise ValueError(f'unknown command "{arguments[0]}" for "app {command.name}"')


def root_usage(commands: list[Command]) -> str:
    """What `agnhost` alone prints."""
    rows = "".join(f"  {command.name:26} {command.short}\n" for command in sorted(commands, key=lambda c: c.name))
    return (
        "Usage:\n  app [command]\n\nAvailable Commands:\n"
        + rows
        + "\nFlags:\n  -h, --help      help for app\n  -v, --version   version for app\n"
        + '\nUse "app [command] --help" for more information about a command.\n'
    )
