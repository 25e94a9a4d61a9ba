"""What several figures share: time axes, colored lanes, labels that do not run into each other, legends.

Law: draws on axes that it is given, with the colors that it is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kubelab.viz.lifelines import MEANING, STATES
from kubelab.viz.palette import Palette
from kubelab.viz.recorded import Span

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CHARACTER = 0.075  # inches that one character of a 8-point label takes, roughly
LANE = 0.62  # height of a lane's bar, in lanes
HATCHES = {"terminating": "///", "backoff": "---", "failed": "\\\\\\"}


class Placed(NamedTuple):
    """A label at a place in time, in one of several rows."""

    t: float
    row: int
    text: str
    warning: bool


def time_axis(axes: Axes, end: float, label: str = "seconds since the recording began") -> None:
    """Seconds along the bottom; minutes when there are many."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

    axes.set_xlim(0, end)
    if end > 300:
        step = next(step for step in (60, 120, 300, 600, 1800, 3600, 7200, 86400) if end / step <= 9 or step == 86400)
        axes.xaxis.set_major_locator(MultipleLocator(step))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / 60:g}"))
        label = label.replace("seconds", "minutes")
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=9, steps=[1, 2, 5, 10]))
    axes.set_xlabel(label)


def lane_axis(axes: Axes, names: Sequence[str]) -> None:
    """One lane a name, the first on top."""
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def bars(axes: Axes, row: float, spans: Iterable[Span], palette: Palette, width: float) -> None:
    """Draw a lane's spans, each labelled inside where its label fits. `width` is the axes' width in inches."""
    end = axes.get_xlim()[1]
    for span in spans:
        color = getattr(palette, span.state)
        axes.barh(
            row, span.end - span.start, LANE, left=span.start, color=color,
            edgecolor=palette.paper, linewidth=0.8, hatch=HATCHES.get(span.state), zorder=2,
        )  # fmt: skip
        room = (span.end - span.start) / end * width
        if len(span.label) * CHARACTER < room:
            axes.text(
                (span.start + span.end) / 2, row, span.label, ha="center", va="center", fontsize=7.5, zorder=4,
                color=palette.ink, bbox={"facecolor": palette.paper, "edgecolor": "none", "pad": 1.2, "alpha": 0.82},
            )  # fmt: skip


def rows(marks: Sequence[tuple[float, str, bool]], end: float, width: float) -> list[Placed]:
    """Put labels into as few rows as they need to stay apart. Labels at (nearly) the same time become one."""
    together = 0.012 * end
    groups: list[tuple[float, list[str], bool]] = []
    for t, text, warning in sorted(marks, key=lambda mark: mark[0]):
        if groups and t - groups[-1][0] <= together and groups[-1][2] == warning:
            if text not in groups[-1][1]:
                groups[-1][1].append(text)
        else:
            groups.append((t, [text], warning))
    placed: list[Placed] = []
    free: list[float] = []
    for t, texts, warning in groups:
        label = ", ".join(texts)
        size = (len(label) + 3) * CHARACTER / width * end
        left = min(t, max(0.0, end - size))
        row = next((row for row, until in enumerate(free) if until <= left), len(free))
        free[row : row + 1] = [left + size]
        placed.append(Placed(t, row, label, warning))
    return placed


def state_legend(axes: Axes, palette: Palette, states: Iterable[str], more: Sequence[Any] = ()) -> None:
    """The states that occur, in their usual order, then `more` handles."""
    from matplotlib.patches import Patch

    used = set(states)
    handles: list[Any] = [
        Patch(
            facecolor=getattr(palette, state), edgecolor=palette.paper, hatch=HATCHES.get(state), label=MEANING[state]
        )
        for state in STATES
        if state in used
    ]
    axes.legend(handles=[*handles, *more], loc="lower left", bbox_to_anchor=(0, 1.0), ncols=7, handlelength=1.4)
