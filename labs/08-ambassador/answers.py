"""What the applications of lab 8 were answered: read from their logs, counted and drawn."""

from collections import Counter

from kubelab.viz import Picture
from kubelab.viz.picture import blank

MARKS = {"1.0.0": "o", "1.1.0": "s", "failed": "X"}
COLORS = {"1.0.0": "revision1", "1.1.0": "revision2", "failed": "failed"}
DAY = 24 * 60 * 60


def time_of_day(lab, pod):
    """The time inside the Pod, such as 12:04:59."""
    return lab.exec(pod, "date +%T", "app").strip()


def answers(lab, pod, since):
    """The answers in the log of this Pod's application since that time of day: (seconds later, answer)."""
    lines = (line.split() for line in lab.logs(pod, "app").splitlines())
    told = [(_seconds(line[0]) - _seconds(since), line[1]) for line in lines if len(line) == 2]
    return [(t % DAY, answer) for t, answer in told if t % DAY < DAY / 2]


def ways(lab, pod):
    """What the ambassador wrote into its log: a line for each request of the application."""
    return [line for line in lab.logs(pod, "ambassador").splitlines() if " went to " in line]


def drawn(told):
    """A row of marks for each application, in time; `told` maps a name to its answers."""
    return Picture(lambda palette: _figure(told, palette), "What each application was answered", _words(told))


def _figure(told, palette):
    figure = blank(8.0, 1.2 + 0.5 * len(told), palette)
    axes = figure.subplots()
    for row, list_ in enumerate(told.values()):
        for answer, mark in MARKS.items():
            times = [t for t, one in list_ if one == answer]
            color = getattr(palette, COLORS[answer])
            axes.scatter(times, [row] * len(times), 36, color, mark, label=answer if row == 0 else None)
    axes.set_yticks(range(len(told)), list(told))
    axes.set_ylim(len(told) - 0.5, -0.5)
    axes.set_xlabel("seconds")
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(MARKS))
    figure.suptitle("What each application was answered", x=0.01, ha="left", fontsize=10.5)
    return figure


def _words(told):
    return " ".join(f"{name}: {_counts(list_)}." for name, list_ in told.items())


def _counts(list_):
    counts = Counter(answer for _, answer in list_)
    return ", ".join(f"{counts[answer]} times {answer}" for answer in MARKS if counts[answer])


def _seconds(time):
    hours, minutes, seconds = map(int, time.split(":"))
    return (hours * 60 + minutes) * 60 + seconds
