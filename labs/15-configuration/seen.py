"""What programs saw of their settings, in the course of time: read from their logs and answers, and drawn."""

import json
import re

from kubelab.viz import Picture
from kubelab.viz.picture import blank

MARKS = "osD^"
DAY = 24 * 60 * 60


def seen(lab, pod, ways):
    """What the Pod's log says that it saw in each of these ways: name -> [(seconds since the first line, value)]."""
    lines = [line.split() for line in lab.logs(pod).splitlines()]
    lines = [line for line in lines if len(line) == len(ways) + 1]
    return {
        way: [(seconds_between(lines[0][0], line[0]), line[place]) for line in lines]
        for place, way in enumerate(ways, 1)
    }


def since_start(lab, pod):
    """How many seconds ago the Pod wrote its first line."""
    return seconds_between(lab.logs(pod).split()[0], lab.exec(pod, "date +%T").strip())


def seconds_between(earlier, later):
    """From one time of day, such as 12:04:59, to a later one."""
    return (_seconds(later) - _seconds(earlier)) % DAY


def database(answer):
    """The database's host, out of what backend-app answers at /config."""
    found = re.search(r"//([\w-]+)\.", json.loads(answer)["DB_URL"] or "")
    return found[1] if found else "none"


def databases(recording):
    """Which database each request's answer named: [(seconds, host)]."""
    return [(one.t, database(one.text) if one.ok else "failed") for one in recording.requests]


def drawn(told, moments, title):
    """A row of marks for each way, in time; `moments` are (seconds, what happened then)."""
    return Picture(lambda palette: _figure(told, moments, title, palette), title, _words(told, moments))


def _figure(told, moments, title, palette):
    from matplotlib.ticker import MaxNLocator

    figure = blank(8.0, 1.3 + 0.42 * len(told), palette)
    axes = figure.subplots()
    for place, value in enumerate(_values(told)):
        color, mark = (palette.failed, "X") if value == "failed" else (palette.revision(place), MARKS[place % 4])
        for row, list_ in enumerate(told.values()):
            times = [t for t, one in list_ if one == value]
            axes.scatter(times, [row] * len(times), 34, color, mark, label=value if row == 0 else None)
    for t, what in moments:
        axes.axvline(t, color=palette.muted, linewidth=1.0, linestyle=(0, (4, 2)), zorder=0)
        axes.annotate(
            what, (t, 1.0), (0, 3), xycoords=("data", "axes fraction"), textcoords="offset points",
            fontsize=8, color=palette.muted, ha="center",
        )  # fmt: skip
    axes.set_yticks(range(len(told)), list(told))
    axes.set_ylim(len(told) - 0.5, -0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("seconds")
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10.5)
    return figure


def _values(told):
    """Every value that was seen, in the order of time."""
    marks = sorted((t, value) for list_ in told.values() for t, value in list_)
    return list(dict.fromkeys(value for _, value in marks))


def _words(told, moments):
    happened = "".join(f"At {t:.0f} s: {what}. " for t, what in moments)
    return happened + " ".join(f"{name}: {_spans(list_)}." for name, list_ in told.items())


def _spans(list_):
    times = {value: [t for t, one in list_ if one == value] for _, value in list_}
    return ", ".join(f"{value} from {told[0]:.0f} s to {told[-1]:.0f} s" for value, told in times.items())


def _seconds(time):
    hours, minutes, seconds = map(int, time.split(":"))
    return (hours * 60 + minutes) * 60 + seconds
