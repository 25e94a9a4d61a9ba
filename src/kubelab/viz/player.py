"""Players: a recorded rollout or Pod life that a reader scrubs through, in a notebook and in the static book.

Law: one piece of HTML with everything in it: data, style and script. It loads nothing, needs no kernel, and where
scripts do not run the figure is shown instead.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import Any

from kubelab.viz.picture import Picture
from kubelab.viz.playable import Json, pod_score, rollout_score
from kubelab.viz.recorded import Recording
from kubelab.viz.rollouts import rollout
from kubelab.viz.timeline import pod_life


class Player:
    """A figure with a time line to move along. `score` is what it plays, `picture` the figure that stands in for it."""

    def __init__(self, score: Json, picture: Picture) -> None:
        self.score = score
        self.picture = picture

    @property
    def alt(self) -> str:
        """What it shows, in words."""
        return self.picture.alt

    def __repr__(self) -> str:
        return self.alt

    def html(self) -> str:
        """The player, for a page."""
        score = json.dumps(self.score, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
        name = "kubelab-player-" + hashlib.sha256(score.encode()).hexdigest()[:10]
        style = json.dumps(_part("player.css")).replace("<", "\\u003c")
        script = f"(function(){{{_part('player.js')}\nplay({json.dumps(name)},{style},{score});}})();"
        return f'<div class="kubelab-player" id="{name}">{self.picture.html()}</div><script>{script}</script>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": self.alt}


def rollout_player(recording: Recording, deployment: str | None = None, title: str | None = None) -> Player:
    """A rollout to scrub through: Pods by revision, each Pod's life, requests, events.

    >>> viz.rollout_player(update)
    Pods by revision over 13 s. ...

    Raises:
        ValueError: the recording has no Pods of that Deployment.
    """
    score = rollout_score(recording, deployment)
    return Player(score | ({"title": title} if title else {}), rollout(recording, deployment, title))


def pod_player(recording: Recording, pod: str | None = None, title: str | None = None) -> Player:
    """A Pod's life to scrub through: the Pod, its containers, events.

    >>> viz.pod_player(crashes)
    The life of Pod crash over 44 s. ...

    Raises:
        ValueError: the recording has no such Pod.
    """
    score = pod_score(recording, pod)
    return Player(score | ({"title": title} if title else {}), pod_life(recording, pod, title))


@cache
def _part(name: str) -> str:
    return files("kubelab.viz").joinpath(name).read_text(encoding="utf-8")
