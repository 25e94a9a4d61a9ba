"""The live cluster view: who owns whom, redrawn whenever the cluster changes, with controls to change it.

Law: the drawing follows watches, so it shows what any client does to the namespace; the controls only make the
requests of `hands`, and let a cluster whose time stands still react.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kubelab import durations
from kubelab.connection import Obj
from kubelab.errors import KubelabError
from kubelab.viz.owners import describe, graph, ownership
from kubelab.widgets import hands
from kubelab.widgets.controls import Controls
from kubelab.widgets.shown import Shown, say, told
from kubelab.widgets.stage import Stage, score

if TYPE_CHECKING:
    from kubelab.lab import Lab


class ClusterView(Shown):
    """A lab's namespace as a picture that keeps up, and controls below it."""

    def __init__(self, lab: Lab) -> None:
        self._hands, self._lock = hands.Hands(lab), threading.Lock()
        self._filler = 0  # the thread that is filling the controls in, so that it is not taken for the learner
        self._face, self.controls = Stage(), Controls()
        self._live = lab.follow(self._redraw, self._lost)
        objects = self._live.objects()
        picture = ownership(objects)
        super().__init__(
            lab, self._face, self.controls.below(self._face), {"text/html": picture.html(), "text/plain": picture.alt}
        )
        self._redraw(objects)
        self._listen()

    @property
    def alt(self) -> str:
        """What is drawn now, in words."""
        return str(self._face.alt)

    def close(self) -> None:
        """End the watches and their threads, and leave a figure."""
        self._live.close()
        super().close()

    # -- the picture -----------------------------------------------------------------------------------------------

    def _redraw(self, objects: Sequence[Obj]) -> None:
        with self._lock:
            drawn = graph(objects)
            self._face.alt = describe(drawn)
            self._face.score = score(drawn)
            self._fill(objects)

    def _lost(self, error: KubelabError) -> None:
        say(self._face, str(error), wrong=True)

    def _fill(self, objects: Sequence[Obj]) -> None:
        """Let the controls say what is so, without taking that for the learner's doing."""
        self._filler = threading.get_ident()
        try:
            self.controls.fill(objects)
            self.controls.undo.disabled = not self._hands.can_undo
        finally:
            self._filler = 0

    # -- the controls ----------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        self.controls.workload.observe(lambda _: self._chosen(), "value")
        self.controls.replicas.observe(lambda change: self._is_filling or self._scale(change["new"]), "value")
        self._face.observe(lambda change: self._choose_pod(change["new"]), "chosen")
        for button, action in (
            (self.controls.set, self._set_image),
            (self.controls.delete, self._delete_pod),
            (self.controls.fail, self._fail_pod),
            (self.controls.forward, self._fast_forward),
            (self.controls.undo, self._take_back),
        ):
            button.on_click(action)

    @property
    def _is_filling(self) -> bool:
        return self._filler == threading.get_ident()

    def _chosen(self) -> None:
        if not self._is_filling:
            self._redraw(self._live.objects())

    def _choose_pod(self, key: str) -> None:
        name = key.removeprefix("Pod/")
        if name in self.controls.pod.options:
            self.controls.pod.value = name

    @told
    def _scale(self, replicas: int) -> str:
        return self._then(self._hands.scale(self.controls.workload.value, replicas))

    @told
    def _set_image(self, _: Any) -> str:
        return self._then(self._hands.set_image(self.controls.workload.value, self.controls.image.value.strip()))

    @told
    def _delete_pod(self, _: Any) -> str:
        return self._then(self._hands.delete(self.controls.pod.value))

    @told
    def _fail_pod(self, _: Any) -> str:
        return self._then(self._hands.break_(self.controls.pod.value))

    @told
    def _take_back(self, _: Any) -> str:
        return self._then(self._hands.undo())

    @told
    def _fast_forward(self, _: Any) -> str:
        seconds = durations.parse(self.controls.time.value)
        self.lab.fast_forward(seconds)
        return f"{durations.show(seconds)} later"

    def _then(self, done: str) -> str:
        """Let the cluster react before the sentence is complete."""
        self.controls.undo.disabled = not self._hands.can_undo
        if done:
            say(self._face, f"{done} …")
            self.lab.let_react()
        return f"{done}." if done else "That is how it is already."


def cluster(lab: Lab) -> ClusterView:
    """Show the lab's namespace as a picture that is redrawn whenever something changes, with controls: replicas, image,
    delete a Pod, make one fail, undo, fast-forward. A click on a Pod chooses it.

    >>> widgets.cluster(lab)
    Ownership of 6 objects. Deployment shop (2 of 2 ready) owns ReplicaSet shop-...

    Raises:
        KubelabError: the cluster refuses, or does not answer.
    """
    return ClusterView(lab)
