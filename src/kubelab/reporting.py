"""Saying what is being done, while it is being done, to a terminal or to a log.

Law: writes to standard error only, so that standard output stays fit for other programs; in a notebook, to a line of
its own that is emptied at the end. No widget is needed: programs that run notebooks may wait for a widget's answer for
good.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from kubelab import durations
from kubelab.clusters.base import Progress as Report

_CELLS = 30


@contextmanager
def steps() -> Iterator[Report]:
    """A Progress to hand to a cluster: one line with a spinner and the time it has taken so far in a terminal,
    a line for each step elsewhere.
    """
    if not sys.stderr.isatty():
        yield lambda text: print(text, file=sys.stderr, flush=True)
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.text import Text

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda text: progress.update(task, description=Text(text).plain[: max(20, console.width - 20)])


@contextmanager
def waiting(seconds: float) -> Iterator[Report]:
    """A bar over `seconds` of real waiting; call the result with the seconds passed so far, as text."""
    if _in_a_notebook():
        with _line(seconds) as progress:
            yield progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("waiting {task.fields[total_text]}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=seconds, total_text=durations.show(seconds))
        yield lambda passed: progress.update(task, completed=float(passed))


def _in_a_notebook() -> bool:
    from IPython.core.getipython import get_ipython

    return hasattr(get_ipython(), "kernel")


@contextmanager
def _line(seconds: float) -> Iterator[Report]:
    """The bar as text, drawn again in place once a second."""
    from IPython.display import display

    shown = display({"text/plain": _drawn(0.0, seconds)}, raw=True, display_id=True)
    last = time.monotonic()

    def progress(passed: str) -> None:
        nonlocal last
        if time.monotonic() - last >= 1.0:
            last = time.monotonic()
            shown.update({"text/plain": _drawn(float(passed), seconds)}, raw=True)

    try:
        yield progress
    finally:
        shown.update({"text/plain": ""}, raw=True)


def _drawn(passed: float, seconds: float) -> str:
    done = round(_CELLS * min(1.0, passed / seconds))
    return f"waiting {durations.show(seconds)} {'━' * done}{'·' * (_CELLS - done)} {durations.show(round(passed))}"
