"""The cluster view's controls: what they look like, and what they offer.

Law: knows no cluster; `fill` makes them say what the objects say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets

from kubelab.connection import Obj
from kubelab.widgets import hands

NONE = "(none)"


class Controls:
    """Sliders, fields and buttons, in four rows."""

    def __init__(self) -> None:
        self.workload: Any = ipywidgets.Dropdown(options=[NONE], description="workload")
        self.replicas: Any = ipywidgets.IntSlider(0, 0, 10, description="replicas", continuous_update=False)
        self.image: Any = ipywidgets.Text(description="image", continuous_update=False)
        self.set = _button("set image", "Give the Pod template another image")
        self.undo = _button("undo", "Take the last change back: a changed image is rolled back")
        self.pod: Any = ipywidgets.Dropdown(options=[NONE], description="Pod")
        self.delete = _button("delete", "Delete this Pod")
        self.fail = _button("make it fail", "Give this Pod an image that does not exist")
        self.time: Any = ipywidgets.Text("30s", description="time", continuous_update=False)
        self.forward = _button("fast-forward", "Let that much cluster time pass")
        self._image = ""

    def below(self, face: Any) -> ipywidgets.VBox:
        """Everything, under a picture."""
        rows = (
            (self.workload, self.replicas),
            (self.image, self.set, self.undo),
            (self.pod, self.delete, self.fail),
            (self.time, self.forward),
        )
        wrap = ipywidgets.Layout(flex_flow="row wrap", align_items="center")
        return ipywidgets.VBox([face, *(ipywidgets.HBox(row, layout=wrap) for row in rows)])

    def fill(self, objects: Sequence[Obj]) -> None:
        """Offer what is there, and keep what was chosen if it still is."""
        _offer(self.workload, hands.workloads(objects))
        _offer(self.pod, hands.pods(objects))
        self.delete.disabled = self.fail.disabled = self.pod.value == NONE
        found = next((one for one in objects if hands.target(one) == self.workload.value), None)
        self.replicas.disabled = found is None or found["kind"] not in hands.SCALED
        self.image.disabled = self.set.disabled = found is None
        if found is not None:
            self._show(found)

    def _show(self, workload: Obj) -> None:
        if not self.replicas.disabled:
            wanted = workload["spec"].get("replicas", 1)
            self.replicas.max = max(10, wanted)
            self.replicas.value = wanted
        image = hands.first(workload["spec"]["template"]).get("image", "")
        if image != self._image:  # what somebody is writing there stays
            self.image.value = self._image = image


def _button(text: str, tooltip: str) -> Any:
    return ipywidgets.Button(description=text, tooltip=tooltip, layout=ipywidgets.Layout(width="auto"))


def _offer(choice: Any, names: list[str]) -> None:
    options = names or [NONE]
    if list(choice.options) != options:
        kept = choice.value if choice.value in options else options[0]
        choice.options = options
        choice.value = kept
