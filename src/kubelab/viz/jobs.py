"""Jobs over time: every run of a Job's Pods, and every Job of a CronJob, each as a bar.

Law: `pod_bands` and `cron_bands` are the data, `job_pods` and `cron_jobs` draw it; the alt text is told from the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from kubelab.viz import axes as parts
from kubelab.viz.lifelines import container_names, runs
from kubelab.viz.palette import Palette
from kubelab.viz.picture import Picture, blank
from kubelab.viz.recorded import Obj, Recording, count, end_of, history, listed, names, owner_of, seconds, the_one

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUCCEEDED, FAILED, STOPPED, RUNNING = "succeeded", "failed", "stopped", "still running"
COLORS = {SUCCEEDED: "ready", FAILED: "failed", STOPPED: "terminating", RUNNING: "starting"}
"""Each outcome's role in the palette."""
SCHEDULED_AT = "batch.kubernetes.io/cronjob-scheduled-timestamp"
BAR = 0.62  # height of a bar, in rows
GAP = 0.7  # between two bands, in rows
DOTTED = (0, (1, 3))
ROW = 0.26  # inches
PLOT = 6.2  # inches of the width that the time axis gets


class Bar(NamedTuple):
    """Something that ran from `start` to `end` seconds, and how that ended."""

    start: float
    end: float
    outcome: str
    label: str = ""


class Band(NamedTuple):
    """What one owner ran: rows of bars. `labels` has a name for each row, or none at all."""

    name: str
    rows: list[list[Bar]]
    labels: list[str]

    @property
    def bars(self) -> list[Bar]:
        """All of them, by their beginning."""
        return sorted((bar for row in self.rows for bar in row), key=lambda bar: bar.start)


# ---------------------------------------------------------------- the data


def pod_bands(recording: Recording, jobs: Sequence[str] = ()) -> list[Band]:
    """For each Job a row for each of its Pods, with a bar for each run of the Pod's (main) container.

    Raises:
        ValueError: the recording has no such Job.
    """
    chosen = [the_one(recording, "Job", job) for job in jobs] or names(recording, "Job") or [_none(recording, "Job")]
    end, found = end_of(recording), []
    for job in chosen:
        pods = [pod for pod in names(recording, "Pod") if _owner(recording, "Pod", pod) == ("Job", job)]
        rows = [(pod, bars) for pod in pods if (bars := _runs(recording, pod, end))]
        rows.sort(key=lambda row: row[1][0].start)
        found.append(Band(job, [bars for _, bars in rows], [pod for pod, _ in rows]))
    return found


def cron_bands(recording: Recording, cron_jobs: Sequence[str] = ()) -> list[Band]:
    """For each CronJob a bar for each of its Jobs; what ran at the same time is in different rows.

    Raises:
        ValueError: the recording has no such CronJob.
    """
    known = names(recording, "CronJob") or [_none(recording, "CronJob")]
    chosen = [the_one(recording, "CronJob", one) for one in cron_jobs] or known
    times, end = schedule(recording), end_of(recording)
    found = []
    for name in chosen:
        jobs = [job for job in names(recording, "Job") if _owner(recording, "Job", job) == ("CronJob", name)]
        found.append(Band(name, _stacked([_whole(recording, job, times, end) for job in jobs]), []))
    return found


def schedule(recording: Recording) -> list[float]:
    """The scheduled times that the recorded Jobs were started for, seconds since the recording began, in order."""
    found = {_scheduled(change.object, recording.t0) for change in history(recording, "Job")}
    return sorted(t for t in found if t is not None and t > 0)


def _none(recording: Recording, kind: str) -> str:
    return the_one(recording, kind, None)


def _owner(recording: Recording, kind: str, name: str) -> tuple[str, str] | None:
    return owner_of(history(recording, kind, name)[-1].object)


def _scheduled(job: Obj, t0: float) -> float | None:
    """When a CronJob's Job was due: its name ends in that time, in minutes since the epoch."""
    metadata = job["metadata"]
    minutes = metadata["name"].rsplit("-", 1)[-1]
    due = (metadata.get("annotations") or {}).get(SCHEDULED_AT)
    if not due or not minutes.isdigit():
        return None
    return int(minutes) * 60 + datetime.fromisoformat(due.replace("Z", "+00:00")).second - t0


def _runs(recording: Recording, pod: str, end: float) -> list[Bar]:
    changes = history(recording, "Pod", pod)
    known = container_names(changes)
    container = next((name for name, role in known if role == "container"), known[-1][0])
    going = next((c.t for c in changes if c.type == "DELETED" or c.object["metadata"].get("deletionTimestamp")), None)
    found = []
    for run in runs(recording, pod, container):
        stopped = going is not None and (run.end is None or run.end >= going)
        until = run.end if run.end is not None else going if going is not None else end
        outcome = STOPPED if stopped else RUNNING if run.end is None else FAILED if run.exit_code else SUCCEEDED
        found.append(Bar(run.start, max(until, run.start), outcome))
    return found


def _whole(recording: Recording, job: str, times: Sequence[float], end: float) -> Bar:
    """The bar of one Job, labelled with the number of the scheduled time that it was started for."""
    changes = history(recording, "Job", job)
    due = _scheduled(changes[-1].object, recording.t0)
    label = str(times.index(due) + 1) if due in times else ""
    for change in changes:
        outcome = STOPPED if change.type == "DELETED" else _outcome(change.object)
        if outcome:
            return Bar(changes[0].t, change.t, outcome, label)
    return Bar(changes[0].t, end, RUNNING, label)


def _outcome(job: Obj) -> str:
    held = {one["type"] for one in (job.get("status") or {}).get("conditions") or [] if one["status"] == "True"}
    return SUCCEEDED if "Complete" in held else FAILED if "Failed" in held else ""


def _stacked(bars: Sequence[Bar]) -> list[list[Bar]]:
    """The bars in as few rows as keep them apart."""
    rows: list[list[Bar]] = []
    for bar in sorted(bar for bar in bars if bar.end > bar.start):
        row = next((row for row in rows if row[-1].end <= bar.start), None)
        if row is None:
            rows.append(row := [])
        row.append(bar)
    return rows


# ---------------------------------------------------------------- the figures


def job_pods(recording: Recording, jobs: Sequence[str] = (), title: str | None = None) -> Picture:
    """Draw when the Pods of Jobs ran: a row for each Pod, a bar for each run of its container, a line where it waited.

    >>> viz.job_pods(retries)
    Job never: 3 Pods, 3 runs, of which 3 failed; at most 1 at a time. They began at 1 s, 12 s ...

    Raises:
        ValueError: the recording has no such Job.
    """
    told, heading = pod_bands(recording, jobs), title or "The Pods of Jobs"
    alt = " ".join(_describe("Job", band) for band in told)
    return Picture(lambda palette: _draw(told, end_of(recording), palette, heading), heading, alt)


def cron_jobs(recording: Recording, cron_jobs: Sequence[str] = (), title: str | None = None) -> Picture:
    """Draw when the Jobs of CronJobs ran; a bar's number says which of the scheduled times (dotted) it was started for.

    >>> viz.cron_jobs(nightly)
    CronJob allow: 2 runs, of which 1 succeeded, 1 still running; at most 2 at a time. They began at 1 min (1) ...

    Raises:
        ValueError: the recording has no such CronJob.
    """
    told, heading = cron_bands(recording, cron_jobs), title or "The Jobs of CronJobs"
    alt = " ".join(_describe("CronJob", band) for band in told)
    times = schedule(recording)
    return Picture(lambda palette: _draw(told, end_of(recording), palette, heading, times), heading, alt)


def _draw(told: list[Band], end: float, palette: Palette, title: str, times: Sequence[float] = ()) -> Figure:
    rows = sum(max(1, len(band.rows)) for band in told) + GAP * (len(told) - 1)
    figure = blank(8.0, ROW * rows + 1.1, palette)
    axes = figure.subplots()
    parts.time_axis(axes, end)
    axes.set_ylim(rows - 0.5, -0.5)
    for t in times:
        axes.axvline(t, color=palette.muted, linewidth=0.8, linestyle=DOTTED, zorder=1)
    ticks: list[tuple[float, str]] = []
    top = 0.0
    for band in told:
        for place, row in enumerate(band.rows):
            _draw_row(axes, top + place, row, palette, end, waits=bool(band.labels))
        height = max(1, len(band.rows))
        ticks += [(top + place, name) for place, name in enumerate(band.labels)] or [
            (top + (height - 1) / 2, band.name)
        ]
        top += height + GAP
    axes.set_yticks([place for place, _ in ticks], [name for _, name in ticks])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    _legend(axes, told, palette, bool(times))
    figure.suptitle(title, x=0.01, ha="left", fontsize=10.5)
    return figure


def _draw_row(axes: Axes, place: float, row: Sequence[Bar], palette: Palette, end: float, *, waits: bool) -> None:
    for bar in row:
        role = COLORS[bar.outcome]
        axes.barh(
            place, bar.end - bar.start, BAR, left=bar.start, color=getattr(palette, role),
            edgecolor=palette.paper, linewidth=0.8, hatch=parts.HATCHES.get(role), zorder=2,
        )  # fmt: skip
        if bar.label and len(bar.label) * parts.CHARACTER < (bar.end - bar.start) / end * PLOT:
            axes.text(
                (bar.start + bar.end) / 2, place, bar.label, ha="center", va="center", fontsize=7.5, zorder=4,
                color=palette.ink, bbox={"facecolor": palette.paper, "edgecolor": "none", "pad": 1.2, "alpha": 0.82},
            )  # fmt: skip
    for before, after in pairwise(row) if waits else ():
        axes.plot([before.end, after.start], [place] * 2, color=palette.backoff, linewidth=1.6, zorder=1)


def _legend(axes: Axes, told: list[Band], palette: Palette, scheduled: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    outcomes = {bar.outcome for band in told for bar in band.bars}
    handles: list[Any] = [
        Patch(facecolor=getattr(palette, role), edgecolor=palette.paper, hatch=parts.HATCHES.get(role), label=outcome)
        for outcome, role in COLORS.items()
        if outcome in outcomes
    ]
    if any(band.labels and len(row) > 1 for band in told for row in band.rows):
        handles.append(Line2D([], [], color=palette.backoff, linewidth=1.6, label="waiting for its restart"))
    if scheduled:
        handles.append(Line2D([], [], color=palette.muted, linewidth=0.8, linestyle=DOTTED, label="scheduled time"))
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=5, handlelength=1.4)


# ---------------------------------------------------------------- in words


def _describe(kind: str, band: Band) -> str:
    bars = band.bars
    if not bars:
        return f"{kind} {band.name}: no run was seen."
    ended = [bar.outcome for bar in bars]
    how = ", ".join(f"{ended.count(one)} {one}" for one in COLORS if one in ended)
    pods = f"{count(len(band.rows), 'Pod')}, " if band.labels else ""
    began = listed([seconds(bar.start) + (f" ({bar.label})" if bar.label else "") for bar in bars])
    return (
        f"{kind} {band.name}: {pods}{count(len(bars), 'run')}, of which {how}; "
        f"at most {most_at_once(bars)} at a time. They began at {began}."
    )


def most_at_once(bars: Sequence[Bar]) -> int:
    """How many ran at the same time, at most."""
    return max((sum(other.start <= bar.start < other.end for other in bars) for bar in bars), default=0)
