"""Back-off: how long a failing container was kept waiting before each new start.

Law: `waits` is the data, `backoff` draws it; the alt text is told from the data.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from kubelab.viz.lifelines import container_names, runs
from kubelab.viz.palette import Palette
from kubelab.viz.picture import Picture, blank
from kubelab.viz.recorded import Recording, count, history, listed, seconds, the_one

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Wait(NamedTuple):
    """Before start number `number` (1 is the first restart) the container waited `seconds`; it ended at `ended`."""

    number: int
    ended: float
    seconds: float


def waits(recording: Recording, pod: str | None = None, container: str | None = None) -> list[Wait]:
    """The waits of a container (default: the Pod's first that is no init container) as data.

    Raises:
        ValueError: the recording has no such Pod.
    """
    name = the_one(recording, "Pod", pod)
    chosen = container or _main(recording, name)
    told = runs(recording, name, chosen)
    return [
        Wait(after.number, before.end, after.start - before.end)
        for before, after in pairwise(told)
        if before.end is not None
    ]


def _main(recording: Recording, pod: str) -> str:
    known = container_names(history(recording, "Pod", pod))
    return next((name for name, role in known if role == "container"), known[-1][0])


def backoff(
    recording: Recording, pod: str | None = None, container: str | None = None, title: str | None = None
) -> Picture:
    """Draw how long a failing container waited before each restart.

    >>> viz.backoff(crashes)
    Pod crash: 3 restarts. The waits before them: 0.2 s, 11 s and 24 s.

    Raises:
        ValueError: the recording has no such Pod.
    """
    name = the_one(recording, "Pod", pod)
    told = waits(recording, name, container)
    heading = title or f"Back-off of Pod {name}: the wait before each restart"
    return Picture(lambda palette: _draw(told, palette, heading), heading, describe(name, told))


def _draw(told: list[Wait], palette: Palette, title: str) -> Figure:
    figure = blank(8.0, 3.0, palette)
    axes = figure.subplots()
    places = range(len(told))
    drawn = axes.bar(places, [one.seconds for one in told], 0.62, color=palette.backoff)
    axes.bar_label(drawn, [seconds(one.seconds) for one in told], padding=3, fontsize=8.5, color=palette.ink)
    axes.set_xticks(places, [f"{one.number}" for one in told])
    axes.set_xlim(-0.6, max(3, len(told)) - 0.4)
    axes.set_ylim(0, max([one.seconds for one in told] + [1]) * 1.15)
    axes.set_xlabel("restart")
    axes.set_ylabel("seconds waited")
    figure.suptitle(title, x=0.01, ha="left", fontsize=10.5)
    return figure


def describe(pod: str, told: list[Wait]) -> str:
    """The waits in words."""
    if not told:
        return f"Pod {pod} was not restarted."
    each = listed([seconds(one.seconds) for one in told])
    return f"Pod {pod}: {count(len(told), 'restart')}. The waits before them: {each}."
