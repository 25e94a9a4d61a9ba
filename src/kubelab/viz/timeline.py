"""The life of one Pod: what it and its containers were from when to when, failed probes, restarts, events.

Law: `life` is the data, `pod_life` draws it; the alt text is told from the data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubelab.viz import axes as parts
from kubelab.viz.lifelines import MEANING, Lane, lanes, restarts
from kubelab.viz.palette import Palette
from kubelab.viz.picture import Picture, blank
from kubelab.viz.recorded import Mark, Recording, count, end_of, events_about, history, listed, seconds, the_one

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

WIDTH = 8.0  # inches
MANY = 9  # states of one lane that the alt text tells one by one
PLOT = 6.4  # inches of that which the time axis gets


class Restart(NamedTuple):
    """A container was started again at `t`; `why` is how its run before had ended."""

    t: float
    container: str
    why: str


class Life(NamedTuple):
    """A Pod's life. `gone` is when it was deleted, or None."""

    pod: str
    end: float
    lanes: list[Lane]
    events: list[Mark]
    probes: list[tuple[float, str, str]]
    """(t, container, "Liveness", "Readiness" or "Startup") for each probe that failed."""
    restarts: list[Restart]
    gone: float | None


def life(recording: Recording, pod: str | None = None) -> Life:
    """The life of `pod` (default: the first one) as data.

    Raises:
        ValueError: the recording has no such Pod.
    """
    name = the_one(recording, "Pod", pod)
    end = end_of(recording)
    told = lanes(recording, name, end)
    again = [Restart(t, lane.name, why) for lane in told[1:] for t, why in restarts(recording, name, lane.name)]
    events = events_about(recording, "Pod", name)
    gone = next((change.t for change in history(recording, "Pod", name) if change.type == "DELETED"), None)
    return Life(name, end, told, events, _failed_probes(recording, name), sorted(again), gone)


def _failed_probes(recording: Recording, pod: str) -> list[tuple[float, str, str]]:
    found = []
    for change in history(recording, "Event"):
        about = change.object.get("involvedObject") or {}
        message = change.object.get("message") or ""
        if about.get("name") == pod and change.object.get("reason") == "Unhealthy" and change.t > 0:
            container = (about.get("fieldPath") or "").partition("{")[2].rstrip("}")
            found.append((change.t, container, message.split(" ", 1)[0]))
    return found


def pod_life(recording: Recording, pod: str | None = None, title: str | None = None) -> Picture:
    """Draw a Pod's life: a lane for the Pod and one for each container, failed probes, restarts, and the events below.

    `pod` names the Pod; by default it is the recording's first.

    >>> viz.pod_life(crashes)
    The life of Pod crash over 44 s. The Pod: waiting (Pending) from 1.2 s, ...

    Raises:
        ValueError: the recording has no such Pod.
    """
    told = life(recording, pod)
    return Picture(lambda palette: _draw(told, palette, title), title or f"The life of Pod {told.pod}", describe(told))


def _draw(told: Life, palette: Palette, title: str | None) -> Figure:
    marks = parts.rows([(mark.t, mark.label, mark.warning) for mark in told.events], told.end, PLOT)
    lines = max((mark.row for mark in marks), default=-1) + 1
    heights = [0.42 * len(told.lanes) + 0.1, 0.24 * lines + 0.2]
    figure = blank(WIDTH, sum(heights) + 1.0, palette)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=heights)
    parts.time_axis(lower, told.end)
    parts.lane_axis(upper, [_name(lane) for lane in told.lanes])
    for row, lane in enumerate(told.lanes):
        parts.bars(upper, row, lane.spans, palette, PLOT)
    _draw_incidents(upper, told, palette)
    _draw_events(lower, marks, lines, palette)
    upper.tick_params(axis="x", length=0, labelbottom=False)
    upper.spines["bottom"].set_visible(False)
    parts.state_legend(
        upper, palette, {span.state for lane in told.lanes for span in lane.spans}, _incident_handles(told, palette)
    )  # fmt: skip
    figure.suptitle(title or f"The life of Pod {told.pod}", x=0.01, ha="left", fontsize=10.5)
    return figure


def _name(lane: Lane) -> str:
    return lane.name if lane.role == "container" else f"{lane.role} {lane.name}" if lane.role != "Pod" else "Pod"


def _draw_incidents(axes: Axes, told: Life, palette: Palette) -> None:
    """Failed probes as triangles, restarts as lines, on the lane of their container."""
    place = {lane.name: row for row, lane in enumerate(told.lanes) if row}
    for t, container, _ in told.probes:
        axes.plot(
            t, place.get(container, 0) - 0.38, marker="v", color=palette.failed, markersize=5, zorder=5, clip_on=False
        )  # fmt: skip
    for restart in told.restarts:
        row = place[restart.container]
        axes.plot([restart.t] * 2, [row - 0.4, row + 0.4], color=palette.ink, linewidth=1.4, zorder=5)


def _incident_handles(told: Life, palette: Palette) -> list[Line2D]:
    from matplotlib.lines import Line2D

    probe = Line2D([], [], linestyle="", marker="v", color=palette.failed, markersize=5, label="failed probe")
    again = Line2D(
        [], [], linestyle="", marker="|", color=palette.ink, markersize=8, markeredgewidth=1.4, label="restart"
    )
    return ([probe] if told.probes else []) + ([again] if told.restarts else [])


def _draw_events(axes: Axes, marks: list[parts.Placed], lines: int, palette: Palette) -> None:
    axes.set_ylim(lines - 0.4 if lines else 0.5, -0.6)
    axes.set_yticks([0] if lines else [], ["events"] if lines else [])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    for mark in marks:
        color = palette.failed if mark.warning else palette.muted
        axes.plot([mark.t, mark.t], [-0.6, mark.row], color=color, linewidth=0.8, zorder=1)
        axes.plot(mark.t, mark.row, marker="D" if mark.warning else "o", color=color, markersize=3.5, zorder=3)
        end = axes.get_xlim()[1]
        late = mark.t + (len(mark.text) + 3) * parts.CHARACTER / PLOT * end > end
        axes.annotate(
            mark.text, (mark.t, mark.row), xytext=(-6 if late else 6, 0), textcoords="offset points",
            ha="right" if late else "left", va="center", fontsize=7.5, color=palette.ink,
            bbox={"facecolor": palette.paper, "edgecolor": "none", "pad": 0.6}, zorder=2, annotation_clip=False,
        )  # fmt: skip


def describe(told: Life) -> str:
    """The life in words."""
    said = [f"The life of Pod {told.pod} over {seconds(told.end)}."]
    for lane in told.lanes:
        what = "The Pod" if lane.role == "Pod" else f"{lane.role.capitalize()} {lane.name}"
        steps = [f"{MEANING[span.state]} ({span.label}) from {seconds(span.start)}" for span in lane.spans]
        if len(steps) > MANY:
            steps = [*steps[: MANY - 1], f"and so on, {len(steps)} states in all"]
        said.append(f"{what}: {', '.join(steps) or 'nothing seen'}.")
    if told.restarts:
        when = listed([f"{seconds(one.t)}" + (f" after {one.why}" if one.why else "") for one in told.restarts])
        said.append(f"{count(len(told.restarts), 'restart')}: at {when}.")
    if told.probes:
        kinds = listed(sorted({kind.lower() for _, _, kind in told.probes}))
        said.append(f"{count(len(told.probes), 'failed probe')} ({kinds}) first at {seconds(told.probes[0][0])}.")
    if told.gone is not None:
        said.append(f"It was gone at {seconds(told.gone)}.")
    return " ".join(said)
