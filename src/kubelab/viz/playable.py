"""What a player plays: lanes, areas, events and words over time, as plain JSON.

Law: pure data, made from the same data as the figures; `player.js` reads it and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kubelab.viz.lifelines import MEANING, Lane, pod_state
from kubelab.viz.palette import exchanges
from kubelab.viz.recorded import Mark, Recording, Span, count, end_of, events_about, history, listed, names
from kubelab.viz.rollouts import LAYERS, READY, STARTING, TERMINATING, Counts, rollout_counts, state_of
from kubelab.viz.timeline import Life, life

Json = dict[str, Any]
OPACITY = {READY: 1.0, STARTING: 0.45, TERMINATING: 0.75}


def pod_score(recording: Recording, pod: str | None = None) -> Json:
    """A Pod's life to be played: a lane for it and each container, its events, what it was at each moment."""
    told = life(recording, pod)
    return {
        **_common(f"The life of Pod {told.pod}", told.end),
        "lanes": [_state_lane(lane) for lane in told.lanes],
        "events": [_event(mark) for mark in told.events],
        "says": [[t, _pod_words(told, t)] for t in _moments(told.lanes)],
    }


def rollout_score(recording: Recording, deployment: str | None = None) -> Json:
    """A rollout to be played: the area of Pods by revision, a lane for each Pod, events, requests."""
    counts = rollout_counts(recording, deployment)
    pods = [pod for pod in names(recording, "Pod") if _revision_of(recording, pod) in counts.revisions]
    marks = [mark for pod in pods for mark in events_about(recording, "Pod", pod)]
    for kind in ("Deployment", "ReplicaSet"):
        marks += [mark for name in names(recording, kind) for mark in events_about(recording, kind, name)]
    return {
        **_common("The rollout", counts.end),
        "areas": {"times": _rounded(counts.times), "layers": _layers(counts), "desired": counts.desired},
        "lanes": [_pod_lane(recording, pod, counts) for pod in pods],
        "events": [_event(mark) for mark in sorted(marks)],
        "requests": [[round(t, 3), int(ok)] for t, ok in counts.requests],
        "says": [[round(t, 3), _rollout_words(counts, place)] for place, t in enumerate(counts.times)],
    }


def _common(title: str, end: float) -> Json:
    colors = {role: [light, dark] for light, (role, dark) in exchanges().items()}
    return {"title": title, "end": round(end, 3), "colors": colors, "areas": None, "requests": []}


def _rounded(times: Iterable[float]) -> list[float]:
    return [round(t, 3) for t in times]


def _event(mark: Mark) -> list[Any]:
    return [round(mark.t, 3), mark.label, mark.detail, int(mark.warning)]


def _span(span: Span, color: str, opacity: float, striped: bool) -> list[Any]:
    return [round(span.start, 3), round(span.end, 3), span.label, color, opacity, int(striped)]


def _state_lane(lane: Lane) -> Json:
    spans = [_span(span, span.state, 1.0, span.state in ("terminating", "failed", "backoff")) for span in lane.spans]
    return {"name": "Pod" if lane.role == "Pod" else lane.name, "spans": spans}


def _pod_words(told: Life, t: float) -> str:
    """ "Pod Running, ready; main Running, ready"."""
    said = []
    for lane in told.lanes:
        now = next((span for span in lane.spans if span.start <= t < span.end), None)
        name = "Pod" if lane.role == "Pod" else lane.name
        if now:
            meaning = MEANING[now.state]
            said.append(f"{name}: {now.label}" + ("" if meaning in now.label.lower() else f" ({meaning})"))
    return "; ".join(said) or "There is no such Pod."


def _moments(lanes: Iterable[Lane]) -> list[float]:
    return sorted({round(t, 3) for lane in lanes for span in lane.spans for t in (span.start, span.end)})


def _revision_of(recording: Recording, pod: str) -> str:
    labels = history(recording, "Pod", pod)[-1].object["metadata"].get("labels") or {}
    return str(labels.get("pod-template-hash"))


def _layers(counts: Counts) -> list[Json]:
    return [
        {
            "name": f"{counts.names[revision].split(' (')[0]}: {state}",
            "color": f"revision{place % 4 + 1}",
            "opacity": OPACITY[state],
            "striped": int(state == TERMINATING),
            "counts": counts.pods[revision, state],
        }
        for place, revision in enumerate(counts.revisions)
        for state in LAYERS
        if any(counts.pods[revision, state])
    ]


def _pod_lane(recording: Recording, pod: str, counts: Counts) -> Json:
    """One Pod of a rollout, in its revision's color."""
    changes = history(recording, "Pod", pod)
    color = f"revision{counts.revisions.index(_revision_of(recording, pod)) % 4 + 1}"
    spans: list[list[Any]] = []
    for change, after in zip(changes, [*changes[1:], None], strict=True):
        state = None if change.type == "DELETED" else state_of(change.object)
        until = after.t if after else end_of(recording)
        if state is None or until <= change.t:
            continue
        word = pod_state(change.object)[1]
        label = word if state != STARTING or word != "Running" else "Running, not ready"
        if spans and spans[-1][2] == label and spans[-1][4] == OPACITY[state]:
            spans[-1][1] = round(until, 3)
        else:
            spans.append(_span(Span(change.t, until, state, label), color, OPACITY[state], state == TERMINATING))
    return {"name": pod, "spans": spans}


def _rollout_words(counts: Counts, place: int) -> str:
    """ "3 Pods ready (2 of revision 1, 1 of revision 2), 1 starting; 3 desired"."""
    by = {revision: counts.pods[revision, READY][place] for revision in counts.revisions}
    each = [f"{number} of {counts.names[revision].split(' (')[0]}" for revision, number in by.items() if number]
    said = [f"{count(sum(by.values()), 'Pod')} ready" + (f" ({listed(each)})" if len(each) > 1 else "")]
    for state in (STARTING, TERMINATING):
        number = sum(counts.pods[revision, state][place] for revision in counts.revisions)
        said += [f"{number} {state}"] if number else []
    desired = counts.desired[place]
    return ", ".join(said) + (f"; {desired} desired" if desired is not None else "")
