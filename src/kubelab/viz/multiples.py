"""Several rollouts side by side, on the same scales: what maxSurge and maxUnavailable change.

Law: each panel is drawn as `rollout` draws it; only the arrangement is made here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kubelab.viz import axes as parts
from kubelab.viz.palette import Palette
from kubelab.viz.picture import Picture, blank
from kubelab.viz.recorded import Recording, count, seconds
from kubelab.viz.rollouts import Counts, draw_area, draw_requests, least_and_most, most_in_all, rollout_counts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def strategies(
    recordings: Mapping[str, Recording], deployment: str | None = None, title: str = "The same update, done differently"
) -> Picture:
    """Draw several recorded rollouts as small multiples: `strategies({"maxSurge 1": first, "Recreate": second})`.

    >>> viz.strategies({"surge": update})
    surge, 13 s: never fewer than 3 Pods ready, never more than 5 in all; 60 requests served, 0 failed.

    Raises:
        ValueError: a recording has no Pods of a Deployment, or there is no recording.
    """
    if not recordings:
        raise ValueError("There is no recording to draw.")
    told = {name: rollout_counts(recording, deployment) for name, recording in recordings.items()}
    return Picture(lambda palette: _draw(told, palette, title), title, describe(told))


def _draw(told: dict[str, Counts], palette: Palette, title: str) -> Figure:
    columns = 1 if len(told) == 1 else 2
    rows = -(-len(told) // columns)
    asked = any(counts.requests for counts in told.values())
    figure = blank(8.0, 0.9 + (2.7 if asked else 1.9) * rows, palette)
    grid = figure.subplots(
        rows * (2 if asked else 1), columns, sharex=True, sharey="row", squeeze=False,
        height_ratios=[3, 1] * rows if asked else None,
    )  # fmt: skip
    panels = [axes for row in grid[:: 2 if asked else 1] for axes in row]
    strips = [axes for row in grid[1::2] for axes in row] if asked else [None] * len(panels)
    end = max(counts.end for counts in told.values())
    for place, (axes, strip, (name, counts)) in enumerate(zip(panels, strips, told.items(), strict=False)):
        _panel(axes, strip, name, counts._replace(end=end), palette)
        _edges(strip or axes, end, bottom=place + columns >= len(told))
        axes.set_ylabel("Pods" if place % columns == 0 else "")
    for axes in (*panels[len(told) :], *filter(None, strips[len(told) :])):
        axes.set_visible(False)
    for axes in panels:
        axes.set_ylim(0, max(most_in_all(counts) for counts in told.values()) + 0.6)
    handles = _legend(panels)
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=5, handlelength=1.4)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10.5)
    return figure


def _panel(axes: Axes, strip: Axes | None, name: str, counts: Counts, palette: Palette) -> None:
    """One recording: the Pods, and below them the requests, if any were sent."""
    draw_area(axes, counts, palette, _by_age(counts))
    axes.tick_params(axis="x", labelbottom=strip is None)
    axes.set_title(name, fontsize=9)
    if strip is not None and counts.requests:
        draw_requests(strip, counts, palette)
        strip.set_ylabel("")


def _edges(axes: Axes, end: float, *, bottom: bool) -> None:
    parts.time_axis(axes, end, "seconds" if bottom else "")
    axes.tick_params(axis="x", labelbottom=bottom)


def _by_age(counts: Counts) -> dict[str, str]:
    """What to call the revisions where several recordings share a legend: by their order, not by their numbers."""
    words = ("old", "new") if len(counts.revisions) <= 2 else ("first", "second", "third", "fourth")
    return dict(zip(counts.revisions, words, strict=False))


def _legend(panels: Sequence[Axes]) -> dict[str, Any]:
    handles: dict[str, Any] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    return handles


def describe(told: dict[str, Counts]) -> str:
    """Each rollout in words."""
    return " ".join(_in_short(name, counts) for name, counts in told.items())


def _in_short(name: str, counts: Counts) -> str:
    extremes = least_and_most(counts)
    pods = (
        f"never fewer than {count(extremes[0], 'Pod')} ready, never more than {extremes[1]} in all" if extremes else ""
    )
    requests = f"{counts.served} requests served, {counts.failed} failed" if counts.requests else ""
    return f"{name}, {seconds(counts.end)}: {'; '.join(filter(None, [pods, requests]))}."
