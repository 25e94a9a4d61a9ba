"""Who owns whom: objects as boxes, from the owner on the left to what it owns on the right; Services point at the
Pods that their selectors choose.

Law: `graph` is the data, read from owner references and labels alone; `ownership` draws it; the alt text is told from
the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kubelab.viz.lifelines import is_ready, pod_state
from kubelab.viz.palette import Palette
from kubelab.viz.picture import Picture, blank
from kubelab.viz.recorded import Obj, count, listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HIDDEN = {"Event", "EndpointSlice", "Endpoints", "ControllerRevision", "Namespace", "Node"}
ORDER = (
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "CronJob",
    "ReplicaSet",
    "Job",
    "Pod",
    "Service",
    "ConfigMap",
    "Secret",
)
WIDE, HIGH = 1.0, 0.62  # a box, in columns and rows
Key = tuple[str, str]
"""(kind, name)."""


class Node(NamedTuple):
    """An object: what it is, what it says of itself in a few words, and the state that colors it."""

    kind: str
    name: str
    note: str
    state: str

    @property
    def key(self) -> Key:
        """What other objects refer to it by."""
        return self.kind, self.name


class Graph(NamedTuple):
    """Objects, who owns whom, and which Services select which Pods."""

    nodes: list[Node]
    owns: list[tuple[Key, Key]]
    selects: list[tuple[Key, Key]]


def graph(objects: Iterable[Obj]) -> Graph:
    """Read the graph from objects as the API sends them. Events, EndpointSlices and their like are left out."""
    shown = [obj for obj in objects if obj.get("kind") not in HIDDEN]
    shown.sort(key=lambda obj: (_rank(obj["kind"]), obj["metadata"]["name"]))
    by_uid = {obj["metadata"].get("uid"): _key(obj) for obj in shown}
    owns = [
        (by_uid[reference["uid"]], _key(obj))
        for obj in shown
        for reference in obj["metadata"].get("ownerReferences") or []
        if reference.get("uid") in by_uid
    ]
    return Graph([_node(obj) for obj in shown], owns, _selected(shown))


def _key(obj: Obj) -> Key:
    return obj["kind"], obj["metadata"]["name"]


def _rank(kind: str) -> int:
    return ORDER.index(kind) if kind in ORDER else len(ORDER)


def _selected(objects: Sequence[Obj]) -> list[tuple[Key, Key]]:
    pods = [obj for obj in objects if obj["kind"] == "Pod"]
    found = []
    for service in objects:
        selector = (service.get("spec") or {}).get("selector") if service["kind"] == "Service" else None
        for pod in pods if selector else []:
            if (selector or {}).items() <= (pod["metadata"].get("labels") or {}).items():
                found.append((_key(service), _key(pod)))
    return found


def _node(obj: Obj) -> Node:
    kind, name = _key(obj)
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    if kind == "Pod":
        state, word = pod_state(obj)
        return Node(kind, name, word + ("" if is_ready(obj) or word != "Running" else ", not ready"), state)
    if kind in ("Deployment", "ReplicaSet", "StatefulSet"):
        desired, ready = spec.get("replicas", 1), status.get("readyReplicas") or 0
        return Node(kind, name, f"{ready} of {desired} ready", "ready" if ready >= desired else "starting")
    if kind == "Job":
        done = status.get("succeeded") or 0
        finished = any(c["type"] == "Complete" and c["status"] == "True" for c in status.get("conditions") or [])
        return Node(kind, name, f"{done} of {spec.get('completions') or 1} done", "done" if finished else "starting")
    notes = {"CronJob": spec.get("schedule", ""), "Service": spec.get("type", "ClusterIP")}
    return Node(kind, name, notes.get(kind, ""), "waiting")


# ---------------------------------------------------------------- layout


def places(told: Graph) -> dict[Key, tuple[float, float]]:
    """(column, row) of each object: owners left of what they own and in the middle of its height, Services right of
    the Pods."""
    children: dict[Key, list[Key]] = {}
    for owner, owned in told.owns:
        children.setdefault(owner, []).append(owned)
    owned_ones = {owned for _, owned in told.owns}
    services = {node.key for node in told.nodes if node.kind == "Service"}
    found: dict[Key, tuple[float, float]] = {}
    row = 0.0
    for node in told.nodes:
        if node.key not in owned_ones and node.key not in services:
            row = _place(node.key, 0, row, children, found)
    _place_services(told, services, found, row)
    return found


def _place(
    key: Key, column: int, row: float, children: dict[Key, list[Key]], found: dict[Key, tuple[float, float]]
) -> float:
    """Place an object and what it owns, from `row` down; the next free row."""
    if key in found:
        return row
    found[key] = (column, row)  # before its children, so that a circle of owners ends
    below = row
    rows = []
    for child in children.get(key, []):
        below = _place(child, column + 1, below, children, found)
        rows.append(found[child][1])
    if rows:
        found[key] = (column, (min(rows) + max(rows)) / 2)
    return max(below, row + 1)


def _place_services(told: Graph, services: set[Key], found: dict[Key, tuple[float, float]], free: float) -> None:
    column = max((place[0] for place in found.values()), default=-1) + 1
    taken: list[float] = []
    for key in sorted(services):
        rows = [found[pod][1] for service, pod in told.selects if service == key]
        row = sum(rows) / len(rows) if rows else free
        while any(abs(row - other) < 1 for other in taken):
            row += 0.5
        taken.append(row)
        found[key] = (column, row)


# ---------------------------------------------------------------- drawing


def ownership(objects: Iterable[Obj], title: str = "Who owns whom") -> Picture:
    """Draw the ownership graph of objects: `ownership(lab.list("all"))`. Solid arrows are owner references; dashed
    ones lead from a Service to the Pods that its selector chooses.

    >>> viz.ownership([{"kind": "Pod", "metadata": {"name": "web"}}])
    Ownership of 1 object. Owned by none: Pod web (Pending).
    """
    told = graph(objects)
    return Picture(lambda palette: _draw(told, palette, title), title, describe(told))


def _draw(told: Graph, palette: Palette, title: str) -> Figure:
    at = places(told)
    columns = int(max((place[0] for place in at.values()), default=0)) + 1
    rows = max((place[1] for place in at.values()), default=0) + 1
    figure = blank(max(4.0, 2.65 * columns), 0.62 + 0.56 * rows, palette)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_xlim(-0.08, (columns - 1) * 1.35 + WIDE + 0.08)
    axes.set_ylim(rows - 0.5, -0.5)
    for pairs, dashed in ((told.owns, False), (told.selects, True)):
        for start, end in pairs:
            _arrow(axes, at[start], at[end], palette, dashed)
    for node in told.nodes:
        _box(axes, node, *at[node.key], palette)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10.5)
    return figure


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], palette: Palette, dashed: bool) -> None:
    rightwards = end[0] > start[0]
    tail = (start[0] * 1.35 + (WIDE if rightwards else 0), start[1])
    head = (end[0] * 1.35 + (0 if rightwards else WIDE), end[1])
    style = {"linestyle": (0, (3, 2)), "color": palette.revision1} if dashed else {"color": palette.muted}
    arrow = {"arrowstyle": "-|>", "linewidth": 1.0, "shrinkA": 1, "shrinkB": 1, "mutation_scale": 9, **style}
    axes.annotate("", xy=head, xytext=tail, arrowprops=arrow, zorder=1)


def _box(axes: Axes, node: Node, column: float, row: float, palette: Palette) -> None:
    from matplotlib.patches import FancyBboxPatch, Rectangle

    left, top = column * 1.35, row - HIGH / 2
    axes.add_patch(
        FancyBboxPatch(
            (left, top), WIDE, HIGH, boxstyle="round,pad=0,rounding_size=0.04",
            facecolor=palette.card, edgecolor=palette.muted, linewidth=0.8, zorder=2,
        )
    )  # fmt: skip
    axes.add_patch(Rectangle((left, top + 0.06), 0.028, HIGH - 0.12, color=getattr(palette, node.state), zorder=3))
    heading = node.kind + (f"  ·  {node.note}" if node.note else "")
    axes.text(left + 0.06, row - 0.14, heading, fontsize=6.8, color=palette.muted, va="center", zorder=4)
    axes.text(left + 0.06, row + 0.13, _shortened(node.name), fontsize=7.8, color=palette.ink, va="center", zorder=4)


def _shortened(name: str, most: int = 28) -> str:
    return name if len(name) <= most else f"{name[: most - 10]}…{name[-9:]}"


def describe(told: Graph) -> str:
    """The graph in words."""
    notes = {node.key: node.note for node in told.nodes}
    said = [f"Ownership of {count(len(told.nodes), 'object')}."]
    for node in told.nodes:
        owned = [end for start, end in told.owns if start == node.key]
        chosen = [end for start, end in told.selects if start == node.key]
        if owned:
            said.append(f"{node.kind} {node.name} ({node.note}) owns {_told(owned, notes)}.")
        if node.kind == "Service":
            said.append(f"Service {node.name} selects {_told(chosen, notes) if chosen else 'no Pod'}.")
    related = {key for pair in (*told.owns, *told.selects) for key in pair}
    alone = [node.key for node in told.nodes if node.key not in related and node.kind != "Service"]
    if alone:
        said.append(f"Owned by none: {_told(alone, notes)}.")
    return " ".join(said)


def _told(keys: Sequence[Key], notes: dict[Key, str]) -> str:
    return listed([f"{kind} {name}" + (f" ({notes[kind, name]})" if notes[kind, name] else "") for kind, name in keys])
