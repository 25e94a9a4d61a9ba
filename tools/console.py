"""How the set-up speaks: one line a step, a moving line while something long runs, sentences when it fails.

Law: standard library only; everything goes to standard output at once, so that nobody waits without a word.
"""

import io
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path


class SetupError(Exception):
    """Something that cannot be had; the text is a sentence with a next step."""


def speak_every_language() -> None:
    """Print any letter wherever the output goes: on Windows a file or a pipe takes those of one code page only."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def say(text: str) -> None:
    """Print one line now, whatever the output is connected to."""
    print(text, flush=True)


class Ticker:
    """A line that moves on a terminal; elsewhere a line every few seconds."""

    EVERY = 5.0  # seconds between lines where the output is a file or a CI log

    def __init__(self) -> None:
        self._moving = sys.stdout.isatty()
        self._last = time.monotonic()

    def show(self, text: str) -> None:
        """Show what is happening now; may drop it when the last word was a moment ago."""
        if self._moving:
            width = shutil.get_terminal_size().columns - 1
            print("\r" + f"    {text}"[:width].ljust(width), end="", flush=True)
        elif time.monotonic() - self._last >= self.EVERY:
            self._last = time.monotonic()
            say(f"    {text}")

    def done(self) -> None:
        """Leave the line clean for the next one."""
        if self._moving:
            width = shutil.get_terminal_size().columns - 1
            print("\r" + " " * width + "\r", end="", flush=True)


def last_word(line: str) -> str:
    """What a moving line shows of a command's line: the line itself."""
    return line.strip()


def run(
    command: list[str], log: Path, env: dict[str, str] | None = None, shown: Callable[[str], str] = last_word
) -> list[str]:
    """Run a command that talks a lot: its lines go to `log`, and what `shown` makes of the latest one is shown
    ("" for nothing). Returns its last lines.

    Raises SetupError with the command and its last lines when it exits with another code than 0.
    """
    ticker, tail = Ticker(), []
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            text=True, encoding="utf-8", errors="replace", env=env,
        )  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:
            file.write(line)
            if line.strip():
                tail = [*tail[-14:], line.rstrip()]
                if text := shown(line):
                    ticker.show(text)
        code = process.wait()
    ticker.done()
    if code != 0:
        told = "\n".join(f"      {line}" for line in tail)
        raise SetupError(f"`{' '.join(command[:6])} …` stopped with exit code {code}. Its last lines:\n{told}")
    return tail
