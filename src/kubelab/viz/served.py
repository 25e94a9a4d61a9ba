"""How requests spread over Pods.

Law: counts and draws; who answered is the caller's to say, by a function or as a list of names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from kubelab.viz.palette import Palette
from kubelab.viz.picture import Picture, blank
from kubelab.viz.recorded import Recording, Request, count

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Answers = Recording | Mapping[str, int] | Iterable[str]


def first_line(request: Request) -> str:
    """Who answered, where the answer begins with the Pod's name."""
    return (request.text.strip().splitlines() or [""])[0]


def answers_per_pod(answers: Answers, who: Callable[[Request], str] = first_line) -> dict[str, int]:
    """How many requests each Pod answered: from a recording (`who` says who answered a request), from counts, or from
    the list of those who answered. Pods come in order of their names."""
    if isinstance(answers, Mapping):
        counts = dict(answers)
    elif isinstance(requests := getattr(answers, "requests", None), Sequence):
        counts = dict(Counter(who(request) for request in requests if request.ok))
    else:
        counts = dict(Counter(cast("Iterable[str]", answers)))
    return dict(sorted(counts.items()))


def requests_per_pod(
    answers: Answers,
    who: Callable[[Request], str] = first_line,
    pods: Iterable[str] = (),
    title: str = "Requests answered by each Pod",
) -> Picture:
    """Draw how many requests each Pod answered. `pods` names Pods to show even if they answered none.

    Example: `requests_per_pod(lab.http("web").text for _ in range(100))`.

    >>> viz.requests_per_pod(["a", "b", "a"])
    3 requests over 2 Pods. Answered: a 2, b 1.
    """
    counts = {**dict.fromkeys(sorted(pods), 0), **answers_per_pod(answers, who)}
    return Picture(lambda palette: _draw(counts, palette, title), title, describe(counts))


def _draw(counts: dict[str, int], palette: Palette, title: str) -> Figure:
    from matplotlib.ticker import MaxNLocator

    figure = blank(8.0, 0.9 + 0.36 * max(1, len(counts)), palette)
    axes = figure.subplots()
    places = range(len(counts))
    drawn = axes.barh(places, list(counts.values()), 0.62, color=palette.revision1)
    axes.bar_label(drawn, padding=4, fontsize=8.5, color=palette.ink)
    axes.set_yticks(places, list(counts))
    axes.set_ylim(max(1, len(counts)) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    axes.set_xlim(0, max([*counts.values(), 1]) * 1.12)
    even = sum(counts.values()) / max(1, len(counts))
    axes.axvline(even, color=palette.muted, linewidth=1.0, linestyle=(0, (4, 2)))
    axes.annotate(
        "even", (even, 1.0), xycoords=("data", "axes fraction"), fontsize=7.5, color=palette.muted, ha="center"
    )
    axes.set_xlabel("requests")
    figure.suptitle(title, x=0.01, ha="left", fontsize=10.5)
    return figure


def describe(counts: dict[str, int]) -> str:
    """The spread in words."""
    each = ", ".join(f"{pod} {number}" for pod, number in counts.items()) or "nobody"
    return f"{count(sum(counts.values()), 'request')} over {count(len(counts), 'Pod')}. Answered: {each}."
