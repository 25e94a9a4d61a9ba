"""The journal as a figure: a column for each writer, a line for each write, the first on top."""

from itertools import pairwise

from kubelab.viz import Picture
from kubelab.viz.picture import blank

MARKS = {
    "created": ("o", "ready", "creates an object"),
    "spec": ("s", "revision1", "writes what is wanted (spec, metadata)"),
    "status": ("^", "starting", "writes what it has seen (status)"),
    "deleted": ("X", "failed", "deletes"),
}
LINE, COLUMN, CHARACTER = 0.21, 0.95, 0.068  # inches


def drawn(entries, title):
    """Who wrote what, one line a write; time runs down, from the first write on."""
    return Picture(lambda palette: _figure(entries, title, palette), title, _words(entries))


def _figure(entries, title, palette):
    writers = list(dict.fromkeys(one.who for one in entries))
    room = CHARACTER * max(len(_told(one)) for one in entries)
    figure = blank(0.8 + COLUMN * len(writers) + room, 1.5 + LINE * len(entries), palette)
    axes = figure.subplots()
    axes.set_xlim(-0.6, len(writers) - 0.4 + room / COLUMN)
    axes.set_ylim(len(entries) - 0.4, -0.8)
    for place, _ in enumerate(writers):
        axes.axvline(place, color=palette.grid, linewidth=1.2, zorder=0)
    for line, one in enumerate(entries):
        _write(axes, line, one, writers, palette)
    for line, (before, after) in enumerate(pairwise(entries), 1):
        if after.t - before.t >= 1:
            axes.axhline(line - 0.5, color=palette.muted, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)
    axes.set_xticks(range(len(writers)), [who.replace("-", "-\n") for who in writers])
    axes.xaxis.tick_top()
    axes.set_yticks(range(len(entries)), _times(entries))
    axes.tick_params(length=0, labelsize=8)
    for side in axes.spines.values():
        side.set_visible(False)
    figure.legend(handles=_legend(entries, palette), loc="outside lower left", ncols=2)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10.5)
    return figure


def _write(axes, line, one, writers, palette):
    mark, color, _ = MARKS[one.part]
    place, end = writers.index(one.who), len(writers) - 0.5
    axes.plot([place, end], [line, line], color=palette.grid, linewidth=0.8, zorder=1)
    axes.scatter([place], [line], 34, getattr(palette, color), mark, zorder=3)
    axes.text(end + 0.05, line, _told(one), va="center", fontsize=8, color=palette.ink)


def _told(one):
    return one.object if one.part in ("created", "deleted") else f"{one.object}   {one.fields}"


def _times(entries):
    """The time of each line, where it is another one than above."""
    told = [_since(entries, one) for one in entries]
    return [told[0], *(after if after != before else "" for before, after in pairwise(told))]


def _legend(entries, palette):
    from matplotlib.lines import Line2D

    used = {one.part for one in entries}
    return [
        Line2D([], [], marker=mark, color="none", markerfacecolor=getattr(palette, color), markeredgecolor="none",
               markersize=7, label=label)
        for part, (mark, color, label) in MARKS.items() if part in used
    ]  # fmt: skip


def _words(entries):
    return " ".join(f"{_since(entries, one)}: {one.who}, {one.object}, {one.fields}." for one in entries)


def _since(entries, one):
    return f"{one.t - entries[0].t:.2f} s"
