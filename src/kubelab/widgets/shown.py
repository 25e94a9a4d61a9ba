"""What all widgets have in common: how they are shown, what they leave behind, and what they say when something fails.

Law: the saved output holds no live widget. A widget's model has another name on every run and nothing to show without
its kernel; when the widget ends, the figure of the moment at which its cell ran takes its place.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import ipywidgets
from IPython.display import publish_display_data

from kubelab import ending
from kubelab.errors import KubelabError
from kubelab.viz.palette import exchanges

if TYPE_CHECKING:
    from kubelab.lab import Lab

HERE = Path(__file__).parent
VIEW = "application/vnd.jupyter.widget-view+json"
_open: dict[tuple[str, type], Shown] = {}
"""One widget of a kind for each namespace: a cell that is run again replaces what it had made."""


class _Saying(Protocol):
    """What has a place for a sentence, a synchronized trait of its widget."""

    said: str
    wrong: bool


Shows = TypeVar("Shows", bound="Shown")


class Shown:
    """A widget as a cell's last line: live in a notebook, a figure everywhere else."""

    def __init__(self, lab: Lab, face: Any, box: ipywidgets.Widget, figure: dict[str, str]) -> None:
        self.lab, self._face, self._box = lab, face, box
        self._figure = figure
        self._displays: list[tuple[str, dict[str, str]]] = []
        self.closed = False
        key = (lab.namespace, type(self))
        if key in _open:
            _open[key].close()
        _open[key] = self
        lab.followers.callback(self.close)

    @property
    def alt(self) -> str:
        """What is shown, in words."""
        return self._figure["text/plain"]

    @property
    def said(self) -> str:
        """The last sentence that the widget showed."""
        return str(self._face.said)

    def __repr__(self) -> str:
        return self.alt

    def close(self) -> None:
        """End it, and leave its figure in its place. Closing twice does no harm."""
        if self.closed:
            return
        self.closed = True
        _open.pop((self.lab.namespace, type(self)), None)
        if ending.leaving():
            return
        for name, figure in self._displays:
            publish_display_data(figure, transient={"display_id": name}, update=True)
        for widget in _family(self._box):
            widget.close()

    def _ipython_display_(self) -> None:
        figure = dict(self._figure)
        live = {VIEW: {"version_major": 2, "version_minor": 0, "model_id": self._box.model_id}}
        name = f"kubelab-{self._box.model_id}-{len(self._displays)}"
        self._displays.append((name, figure))
        publish_display_data(figure | ({} if self.closed else live), transient={"display_id": name})


def told(action: Callable[..., str | None]) -> Callable[..., None]:
    """Make a callback that shows the sentence its action returns, or the one it fails with; nothing is raised."""

    @functools.wraps(action)
    def callback(self: Any, *arguments: Any) -> None:
        try:
            say(self._face, action(self, *arguments) or "")
        except (KubelabError, KeyboardInterrupt) as error:
            say(self._face, str(error) or "Interrupted.", wrong=True)
        except Exception as error:  # a traceback in a widget's callback would be lost in a log
            say(self._face, f"That did not work: {type(error).__name__}: {error}", wrong=True)

    return callback


def say(face: _Saying, sentence: str, wrong: bool = False) -> None:
    """Show a sentence, as bad news or not."""
    face.wrong = wrong
    face.said = sentence


def script(name: str) -> str:
    """A widget's script, after what the scripts of all widgets share."""
    return "".join((HERE / part).read_text(encoding="utf-8") for part in ("common.js", name))


def colors() -> dict[str, list[str]]:
    """Each role's color, light and dark, for a widget's script."""
    return {role: [light, dark] for light, (role, dark) in exchanges().items()}


def _family(widget: ipywidgets.Widget) -> list[ipywidgets.Widget]:
    children = getattr(widget, "children", ())
    return [*(one for child in children for one in _family(child)), widget]
