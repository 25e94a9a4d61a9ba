"""The live drawing of an ownership graph: what is drawn where, for the script that draws it.

Law: `score` is data made from the same graph as the figure `viz.ownership`; the drawing itself is stage.js, which needs
no network.
"""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from kubelab.viz.owners import Graph, Key, places
from kubelab.widgets.shown import HERE, colors, script


class Stage(anywidget.AnyWidget):
    """Draws `score`; `chosen` is the Pod that was clicked, `said` the sentence below."""

    _esm = script("stage.js")
    _css = HERE / "stage.css"
    score = traitlets.Dict().tag(sync=True)
    colors = traitlets.Dict(colors()).tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    wrong = traitlets.Bool(False).tag(sync=True)


def score(told: Graph) -> dict[str, Any]:
    """Boxes with their column and row, and arrows between them, by keys such as "Pod/web"."""
    at = places(told)
    boxes = [
        {"key": _name(node.key), "kind": node.kind, "name": node.name, "note": node.note, "state": node.state,
         "column": at[node.key][0], "row": at[node.key][1]}
        for node in told.nodes
    ]  # fmt: skip
    arrows = [
        {"from": _name(start), "to": _name(end), "dashed": dashed}
        for pairs, dashed in ((told.owns, False), (told.selects, True))
        for start, end in pairs
    ]
    return {"boxes": boxes, "arrows": arrows}


def _name(key: Key) -> str:
    return "/".join(key)
