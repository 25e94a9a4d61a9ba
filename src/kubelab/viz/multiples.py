"""Several rollouts side by side, on the same scales: what maxSurge and maxUnavailable change.

Law: each panel is drawn by `rollout`; only the arrangement is made here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kubelab.viz import axes as parts
from kubelab.viz.palette import Palette
from kubelab.viz.picture import Picture, blank
from kubelab.viz.recorded import Recording, count, seconds
from kubelab.viz.rollouts import Counts, draw_area, least_and_most, rollout_counts

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def strategies(
    recordings: Mapping[str, Recording], deployment: str | None = None, title: str = "The same update, done differently"
) -> Picture:
    """Draw several recorded rollouts as small multiples: `strategies({"maxSurge 1": first, "Recreate": second})`.

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
    figure = blank(8.0, 0.9 + 1.9 * rows, palette)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    end = max(counts.end for counts in told.values())
    panels = [axes for row in grid for axes in row]
    handles: dict[str, Any] = {}
    for place, (axes, (name, counts)) in enumerate(zip(panels, told.items(), strict=False)):
        draw_area(axes, counts._replace(end=end), palette)
        parts.time_axis(axes, end, "seconds" if place + columns >= len(told) else "")
        axes.tick_params(axis="x", labelbottom=place + columns >= len(told))
        axes.set_ylabel("Pods" if place % columns == 0 else "")
        axes.set_title(name + (f": {count(counts.failed, 'request')} failed" if counts.requests else ""), fontsize=9)
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            handles.setdefault(label, handle)
    for axes in panels[len(told) :]:
        axes.set_visible(False)
    panels[0].set_ylim(0, max(axes.get_ylim()[1] for axes in panels[: len(told)]))
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=4, handlelength=1.4)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10.5)
    return figure


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
