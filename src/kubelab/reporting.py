"""Saying what is being done, while it is being done, to a terminal or to a log.

Law: writes to standard error only, so that standard output stays fit for other programs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from kubelab import durations
from kubelab.clusters.base import Progress as Report


@contextmanager
def steps(console: Console | None = None) -> Iterator[Report]:
    """A Progress to hand to a cluster: one line with a spinner and the time it has taken so far in a terminal,
    a line for each step elsewhere.
    """
    console = console or Console(stderr=True)
    if not console.is_terminal:
        yield lambda text: console.print(Text(text), soft_wrap=True)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda text: progress.update(task, description=Text(text).plain[: max(20, console.width - 20)])


@contextmanager
def waiting(seconds: float, console: Console | None = None) -> Iterator[Report]:
    """A bar over `seconds` of real waiting; call the result with the seconds passed so far, as text."""
    console = console or Console(stderr=True)
    columns = (TextColumn("waiting {task.fields[total_text]}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=seconds, total_text=durations.show(seconds))
        yield lambda passed: progress.update(task, completed=float(passed))
