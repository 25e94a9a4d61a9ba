"""A rollout as an area: how many Pods of each revision were starting, ready or terminating, and under it the requests
served and failed meanwhile.

Law: `rollout_counts` is the data, `rollout` draws it; the alt text is told from the data.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from kubelab.viz import axes as parts
from kubelab.viz.lifelines import is_ready
from kubelab.viz.palette import Palette
from kubelab.viz.picture import Picture, blank
from kubelab.viz.recorded import Obj, Recording, count, end_of, history, owner_of, seconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STARTING, READY, TERMINATING = "starting", "ready", "terminating"
LAYERS = (READY, STARTING, TERMINATING)
HASH = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
BINS = 48  # columns of the requests' histogram, at most


class Counts(NamedTuple):
    """From `times[i]` until `times[i + 1]` seconds, `pods[(revision, state)][i]` Pods were in that state.

    `revisions` are template hashes in order of appearance, `names` what to call them. `desired[i]` is the Deployment's
    `spec.replicas`, or None.
    """

    times: list[float]
    end: float
    revisions: list[str]
    names: dict[str, str]
    pods: dict[tuple[str, str], list[int]]
    desired: list[int | None]
    requests: list[tuple[float, bool]]

    def ready(self, place: int) -> int:
        """How many Pods were ready, of whatever revision."""
        return sum(self.pods[revision, READY][place] for revision in self.revisions)

    @property
    def served(self) -> int:
        """How many requests were served."""
        return sum(ok for _, ok in self.requests)

    @property
    def failed(self) -> int:
        """How many requests failed."""
        return len(self.requests) - self.served


def state_of(pod: Obj) -> str | None:
    """starting, ready or terminating; None for a Pod that has ended by itself."""
    if pod["metadata"].get("deletionTimestamp"):
        return TERMINATING
    if (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
        return None
    return READY if is_ready(pod) else STARTING


def rollout_counts(recording: Recording, deployment: str | None = None) -> Counts:
    """Count the Pods of a Deployment (default: of all that have a revision) at every instant something changed.

    Raises:
        ValueError: the recording has no such Pods.
    """
    sets = _replica_sets(recording, deployment)
    now: dict[str, tuple[str, str]] = {}
    revisions: list[str] = []
    times: list[float] = []
    snapshots: list[Counter[tuple[str, str]]] = []
    for change in history(recording, "Pod"):
        revision = _revision(change.object, sets, deployment)
        if revision is None:
            continue
        if revision not in revisions:
            revisions.append(revision)
        state = None if change.type == "DELETED" else state_of(change.object)
        now.pop(change.object["metadata"]["name"], None)
        if state:
            now[change.object["metadata"]["name"]] = (revision, state)
        if times and times[-1] == change.t:
            times.pop(), snapshots.pop()
        times.append(change.t)
        snapshots.append(Counter(now.values()))
    if not revisions:
        raise ValueError("The recording has no Pods of a Deployment. Was it recorded in the right namespace?")
    pods = {(r, s): [snapshot[r, s] for snapshot in snapshots] for r in revisions for s in LAYERS}
    desired = _desired(recording, deployment, times)
    asked = [(request.t, request.ok) for request in recording.requests]
    return Counts(times, end_of(recording), revisions, _names(recording, revisions), pods, desired, asked)


def _replica_sets(recording: Recording, deployment: str | None) -> dict[str, str | None]:
    """Which Deployment each ReplicaSet belongs to."""
    found: dict[str, str | None] = {}
    for change in history(recording, "ReplicaSet"):
        owner = owner_of(change.object)
        found[change.object["metadata"]["name"]] = owner[1] if owner else None
    return found


def _revision(pod: Obj, sets: dict[str, str | None], deployment: str | None) -> str | None:
    """The template hash of a Pod, if it belongs to the Deployment asked for."""
    owner = owner_of(pod)
    revision = (pod["metadata"].get("labels") or {}).get(HASH)
    if owner is None or revision is None or owner[0] != "ReplicaSet":
        return None
    whose = sets.get(owner[1], owner[1].removesuffix(f"-{revision}"))
    return str(revision) if deployment in (None, whose) else None


def _names(recording: Recording, revisions: list[str]) -> dict[str, str]:
    """ "revision 2 (7bc6475f6f)", by the annotation of its ReplicaSet when it was first seen."""
    numbers: dict[str, str] = {}
    for change in history(recording, "ReplicaSet"):
        metadata = change.object["metadata"]
        number = (metadata.get("annotations") or {}).get(REVISION)
        if number:
            numbers.setdefault(metadata["name"].rsplit("-", 1)[-1], number)
    return {r: f"revision {numbers[r]} ({r})" if r in numbers else r for r in revisions}


def _desired(recording: Recording, deployment: str | None, times: list[float]) -> list[int | None]:
    seen = [
        (change.t, change.object.get("spec", {}).get("replicas"))
        for change in history(recording, "Deployment", deployment or "")
    ]
    return [next((replicas for t, replicas in reversed(seen) if t <= instant), None) for instant in times]


# ---------------------------------------------------------------- drawing


def rollout(recording: Recording, deployment: str | None = None, title: str | None = None) -> Picture:
    """Draw a rollout: Pods by revision and state, stacked over time, the number desired as a line, requests below.

    >>> viz.rollout(update)
    Pods by revision over 13 s. Revision 1 (784fd946dd): at most 3 ready, 0 at the end. ...

    Raises:
        ValueError: the recording has no Pods of that Deployment.
    """
    counts = rollout_counts(recording, deployment)
    return Picture(lambda palette: _draw(counts, palette, title), title or "Pods by revision", describe(counts))


def _draw(counts: Counts, palette: Palette, title: str | None) -> Figure:
    figure = blank(8.0, 4.2 if counts.requests else 3.2, palette)
    if counts.requests:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        draw_requests(lower, counts, palette)
        parts.time_axis(lower, counts.end)
        upper.tick_params(axis="x", labelbottom=False)
    else:
        upper = figure.subplots()
        parts.time_axis(upper, counts.end)
    draw_area(upper, counts, palette)
    upper.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4, handlelength=1.4)
    figure.suptitle(title or "Pods by revision", x=0.01, ha="left", fontsize=10.5)
    return figure


def draw_area(axes: Axes, counts: Counts, palette: Palette, called: Mapping[str, str] | None = None) -> None:
    """The stacked area on given axes; labels are set for a legend, with other names for the revisions if `called`."""
    from matplotlib.ticker import MaxNLocator

    called = called or {revision: name.split(" (")[0] for revision, name in counts.names.items()}

    times = [0.0, *counts.times, counts.end]
    base = [0] * len(times)
    for place, revision in enumerate(counts.revisions):
        for state in LAYERS:
            values = [0, *counts.pods[revision, state]]
            values.append(values[-1])
            if not any(values):
                continue
            top = [below + value for below, value in zip(base, values, strict=True)]
            axes.fill_between(
                times, base, top, step="post", linewidth=0.6, edgecolor=palette.paper,
                label=f"{called.get(revision, revision)}: {state}", **_look(palette, place, state),
            )  # fmt: skip
            base = top
    if any(desired is not None for desired in counts.desired):
        line = [float("nan") if one is None else one for one in (None, *counts.desired, counts.desired[-1])]
        axes.step(times, line, where="post", color=palette.ink, linewidth=1.3, linestyle=(0, (4, 2)), label="desired")
    axes.set_ylim(0, most_in_all(counts) + 0.6)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel("Pods")


def _look(palette: Palette, place: int, state: str) -> dict[str, Any]:
    """Ready is the revision's full color, starting a pale one, terminating hatched."""
    color = palette.revision(place)
    if state == READY:
        return {"facecolor": color}
    if state == STARTING:
        return {"facecolor": color, "alpha": 0.45}
    return {"facecolor": color, "alpha": 0.75, "hatch": "///"}


def most_in_all(counts: Counts) -> int:
    """The most Pods that there were at any instant; at least 1."""
    return max([*_totals(counts), 1])


def _totals(counts: Counts) -> list[int]:
    return [sum(values[place] for values in counts.pods.values()) for place in range(len(counts.times))]


def draw_requests(axes: Axes, counts: Counts, palette: Palette) -> None:
    """Requests served (up) and failed (down) in equal slices of time."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    width = slice_width([t for t, _ in counts.requests], counts.end)
    slices = math.ceil(counts.end / width)
    good, bad = [0] * slices, [0] * slices
    for t, ok in counts.requests:
        (good if ok else bad)[min(slices - 1, int(t / width + 1e-9))] += 1
    _columns(axes, good, width, facecolor=palette.served)
    _columns(axes, [-one for one in bad], width, facecolor=palette.failed, hatch="xx", edgecolor=palette.paper)
    axes.axhline(0, color=palette.muted, linewidth=0.8)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(value):g}"))
    axes.set_ylabel("requests")
    axes.set_title(f"{counts.served} served (up), {counts.failed} failed (down)", fontsize=8.5, color=palette.muted)


def _columns(axes: Axes, heights: list[int], width: float, **look: Any) -> None:
    """Columns from zero, one a slice, as one artist: `bar` would make each an artist of its own."""
    from matplotlib.collections import PolyCollection

    left = [(number + 0.07) * width for number in range(len(heights))]
    right = [(number + 0.93) * width for number in range(len(heights))]
    corners = [
        [(x, 0), (x, height), (end, height), (end, 0)]
        for x, end, height in zip(left, right, heights, strict=True)
        if height
    ]
    made = PolyCollection(corners, linewidth=0, **look)
    made.sticky_edges.y.append(0)
    axes.add_collection(made)
    axes.autoscale_view()


def slice_width(times: list[float], end: float) -> float:
    """A width that holds the same number of evenly sent requests in every slice, and gives at most BINS slices."""
    gaps = sorted(after - before for before, after in pairwise(sorted(times)) if after > before)
    every = gaps[len(gaps) // 2] if gaps else end
    return every * math.ceil(end / BINS / every)


def describe(counts: Counts) -> str:
    """The rollout in words."""
    said = [f"Pods by revision over {seconds(counts.end)}."]
    for revision in counts.revisions:
        most = max(counts.pods[revision, READY])
        last = counts.pods[revision, READY][-1]
        said.append(f"{counts.names[revision].capitalize()}: at most {most} ready, {last} at the end.")
    extremes = least_and_most(counts)
    if extremes:
        least, most = extremes
        said.append(f"Once all were up, never fewer than {count(least, 'Pod')} ready, never more than {most} in all.")
    if counts.requests:
        told = f"{counts.served} served, {counts.failed} failed{_when(counts)}"
        said.append(f"{count(len(counts.requests), 'request')}: {told}.")
    return " ".join(said)


def least_and_most(counts: Counts) -> tuple[int, int] | None:
    """The fewest ready and the most in all, from when as many as desired were ready first; None if they never were."""
    enough = [place for place, desired in enumerate(counts.desired) if desired and counts.ready(place) >= desired]
    if not enough:
        return None
    return min(map(counts.ready, range(enough[0], len(counts.times)))), max(_totals(counts)[enough[0] :])


def _when(counts: Counts) -> str:
    failed = [t for t, ok in counts.requests if not ok]
    return f", between {seconds(failed[0])} and {seconds(failed[-1])}" if failed else ""
