"""Desired and observed replicas over time: what was wanted, how many there were, how many were ready.

Law: `replica_counts` is the data, `replicas` draws it; the alt text is told from the data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kubelab.viz import axes as parts
from kubelab.viz.palette import Palette
from kubelab.viz.picture import Picture, blank
from kubelab.viz.recorded import Recording, count, end_of, history, names, owner_of, seconds, the_one

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = ("ReplicaSet", "Deployment", "StatefulSet")


class Replicas(NamedTuple):
    """From `times[i]` on: what `spec.replicas` asked for and what `status` reported. `deaths` are the moments at which
    a Pod of it was deleted or marked to go."""

    kind: str
    name: str
    end: float
    times: list[float]
    desired: list[int]
    observed: list[int]
    ready: list[int]
    deaths: list[tuple[float, str]]


def replica_counts(recording: Recording, name: str | None = None, kind: str | None = None) -> Replicas:
    """The replicas of one ReplicaSet, Deployment or StatefulSet (default: the first one recorded) as data.

    Raises:
        ValueError: the recording has none.
    """
    kind = kind or next(
        (one for one in KINDS if name in names(recording, one) or (not name and names(recording, one))), KINDS[0]
    )
    name = the_one(recording, kind, name)
    told = Replicas(kind, name, end_of(recording), [], [], [], [], _deaths(recording, kind, name))
    for change in history(recording, kind, name):
        status = change.object.get("status") or {}
        gone = change.type == "DELETED"
        told.times.append(change.t)
        told.desired.append(0 if gone else int(change.object["spec"].get("replicas") or 0))
        told.observed.append(0 if gone else int(status.get("replicas") or 0))
        told.ready.append(0 if gone else int(status.get("readyReplicas") or 0))
    return told


def _deaths(recording: Recording, kind: str, name: str) -> list[tuple[float, str]]:
    """When each Pod of it was first seen to be going."""
    sets = {name} if kind != "Deployment" else {
        change.object["metadata"]["name"]
        for change in history(recording, "ReplicaSet")
        if owner_of(change.object) == (kind, name)
    }  # fmt: skip
    found: dict[str, float] = {}
    for change in history(recording, "Pod"):
        owner = owner_of(change.object)
        going = change.type == "DELETED" or change.object["metadata"].get("deletionTimestamp")
        if going and owner and owner[1] in sets:
            found.setdefault(change.object["metadata"]["name"], change.t)
    return sorted((t, pod) for pod, t in found.items())


def replicas(
    recording: Recording, name: str | None = None, kind: str | None = None, title: str | None = None
) -> Picture:
    """Draw desired, observed and ready replicas of a ReplicaSet (or Deployment, StatefulSet) over time.

    >>> viz.replicas(healing)
    ReplicaSet rs over 9.5 s. Desired: 3 from 0.2 s, 1 from 7.6 s. ...

    Raises:
        ValueError: the recording has none of that name.
    """
    told = replica_counts(recording, name, kind)
    heading = title or f"{told.kind} {told.name}: desired and observed"
    return Picture(lambda palette: _draw(told, palette, heading), heading, describe(told))


def _draw(told: Replicas, palette: Palette, title: str) -> Figure:
    from matplotlib.ticker import MaxNLocator

    figure = blank(8.0, 3.0, palette)
    axes = figure.subplots()
    parts.time_axis(axes, told.end)
    times = [*told.times, told.end]
    filled = [*told.ready, told.ready[-1]]
    axes.fill_between(times, filled, step="post", color=palette.ready, alpha=0.55, linewidth=0, label="ready")
    for values, color, style, label in (
        (told.observed, palette.starting, "-", "observed"),
        (told.desired, palette.ink, (0, (4, 2)), "desired"),
    ):
        axes.step(times, [*values, values[-1]], where="post", color=color, linewidth=1.8, linestyle=style, label=label)
    if told.deaths:
        axes.plot(
            [t for t, _ in told.deaths], [0] * len(told.deaths), linestyle="", marker="X", markersize=7,
            color=palette.failed, markeredgecolor=palette.paper, label="a Pod goes", clip_on=False, zorder=5,
        )  # fmt: skip
    axes.set_ylim(0, max([*told.desired, *told.observed, 1]) + 0.6)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel("Pods")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4, handlelength=1.8)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10.5)
    return figure


def describe(told: Replicas) -> str:
    """The replicas in words."""
    said = [f"{told.kind} {told.name} over {seconds(told.end)}."]
    wanted = [
        (t, n) for t, n, before in zip(told.times, told.desired, [None, *told.desired], strict=False) if n != before
    ]
    said.append("Desired: " + ", ".join(f"{n} from {seconds(t)}" for t, n in wanted) + ".")
    if told.deaths:
        said.append(f"{count(len(told.deaths), 'Pod')} went, the first at {seconds(told.deaths[0][0])}.")
    behind = _behind(told)
    said.append(f"Fewer were ready than desired for {seconds(behind)} in all; {told.ready[-1]} ready at the end.")
    return " ".join(said)


def _behind(told: Replicas) -> float:
    """For how many seconds fewer were ready than desired."""
    ends = [*told.times[1:], told.end]
    return sum(
        end - start
        for start, end, desired, ready in zip(told.times, ends, told.desired, told.ready, strict=True)
        if ready < desired
    )
