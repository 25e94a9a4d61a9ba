"""The manifest editor: a text, what the API server would say to it, at the lines it is about, and a button to apply it.

Law: only the API server judges; the editor finds the line for each of its words. Checking is a dry run and changes
nothing.
"""

from __future__ import annotations

from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import ipywidgets
import traitlets
import yaml

from kubelab.errors import ClusterUnavailable, KubelabError, NotAManifest, Refused
from kubelab.viz.palette import LIGHT
from kubelab.viz.recorded import count, listed
from kubelab.widgets import lines
from kubelab.widgets.lines import Problem
from kubelab.widgets.shown import HERE, Shown, colors, script, told

if TYPE_CHECKING:
    from kubelab.lab import Lab


class _Sheet(anywidget.AnyWidget):
    """Line numbers, the text, and the problems; `said` is the sentence below."""

    _esm = script("editor.js")
    _css = HERE / "editor.css"
    text = traitlets.Unicode().tag(sync=True)
    problems: Any = traitlets.List().tag(sync=True)
    colors = traitlets.Dict(colors()).tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    wrong = traitlets.Bool(False).tag(sync=True)


class ManifestEditor(Shown):
    """A manifest on a lab's desk."""

    problems: list[Problem]
    """What the API server objects to, line by line, as of the last check."""

    def __init__(self, lab: Lab, text: str) -> None:
        self._face, self.problems = _Sheet(text=text), []
        check = ipywidgets.Button(description="check", tooltip="Ask the API server, without changing anything")
        apply = ipywidgets.Button(description="apply", tooltip="Hand it to the API server")
        box = ipywidgets.VBox([self._face, ipywidgets.HBox([check, apply])])
        self.lab = lab
        self._judge(dry_run=True)
        figure = {"text/html": _figure(text, self.problems, self.said), "text/plain": self._words()}
        super().__init__(lab, self._face, box, figure)
        check.on_click(lambda _: self.check())
        apply.on_click(lambda _: self.apply())

    @property
    def text(self) -> str:
        """The manifest as it stands."""
        return str(self._face.text)

    @text.setter
    def text(self, text: str) -> None:
        self._face.text = text

    @property
    def alt(self) -> str:
        """The text and what is wrong with it, in words."""
        return self._words()

    def check(self) -> None:
        """Ask the API server what it would say, without changing anything."""
        self._judge(dry_run=True)

    def apply(self) -> None:
        """Hand the text to the API server."""
        self._judge(dry_run=False)

    def _judge(self, dry_run: bool) -> None:
        self.problems.clear()
        self._try(dry_run)
        self.problems.sort(key=lambda one: one.line)
        self._face.problems = [asdict(one) for one in self.problems]

    @told
    def _try(self, dry_run: bool) -> str:
        """Object by object; those before a refused one are applied."""
        done: list[str] = []
        try:
            found = lines.documents(self.text)
        except yaml.YAMLError as error:
            self.problems.append(lines.not_yaml(error))
            raise KubelabError("This is not YAML.") from error
        for document in found:
            self._hand_over(document, dry_run, done)
        if not (found or self.problems):
            raise NotAManifest("There is no manifest here yet.", "It starts with apiVersion, kind and metadata.")
        if self.problems:
            applied = f"Applied before that: {listed(done)}." if done else "Nothing is applied."
            raise KubelabError(f"Refused, for {count(len(self.problems), 'reason')}.", "" if dry_run else applied)
        return "; ".join(done)

    def _hand_over(self, document: lines.Document, dry_run: bool, done: list[str]) -> None:
        try:
            would = self.lab.apply(document.text, dry_run=True)  # says more than a refusal to apply
            done += map(repr, would if dry_run else self.lab.apply(document.text))
        except Refused as refusal:
            causes = (refusal.status.get("details") or {}).get("causes") or []
            named = lines.of_status(str(refusal.status.get("message", refusal)), causes)
            self.problems += [Problem(document.line_of(path), text) for path, text in named]
        except ClusterUnavailable:
            raise
        except KubelabError as error:  # no such kind, or not an object at all
            self.problems.append(Problem(document.line_of("kind"), error.what))

    def _words(self) -> str:
        found = [f"line {one.line}: {one.text}" for one in self.problems]
        lines_ = count(len(self.text.rstrip("\n").split("\n")), "line")
        return "\n".join([f"A manifest of {lines_}. {self.said}", *found])


def editor(lab: Lab, source: str | Path) -> ManifestEditor:
    """Edit a manifest, from a file or a text: the API server's refusals stand at the lines they are about.

    >>> widgets.editor(lab, '''
    ... apiVersion: v1
    ... kind: Pod
    ... metadata: {name: box}
    ... spec:
    ...   conatiners: []
    ... ''')
    A manifest of 5 lines. Refused, for 1 reason.
    line 5: spec.conatiners: unknown field
    """
    path = Path(source) if "\n" not in str(source) else None
    text = path.read_text(encoding="utf-8") if path is not None and path.is_file() else str(source)
    return ManifestEditor(lab, text.strip("\n"))


def _figure(text: str, problems: list[Problem], said: str) -> str:
    """The text with its problems, for a page without a kernel."""
    rows = []
    for number, line in enumerate(text.rstrip("\n").split("\n"), 1):
        here = [one.text for one in problems if one.line == number]
        rows.append(f"<span style='{_NUMBER}'>{'✘ ' if here else ''}{number}</span>{escape(line)}")
        rows += [f"<span style='{_PROBLEM}'><b style='color:{LIGHT.failed}'>✘</b> {escape(one)}</span>" for one in here]
    body = "\n".join(f"<span style='display:block'>{row}</span>" for row in rows).replace(">\n<", "><")
    return (
        f"<figure class='kubelab-manifest' style='{_BOX}'><pre style='{_PRE}'>{body}</pre>"
        f"<figcaption style='font-weight:600'>{escape(said)}</figcaption></figure>"
    )


_BOX = "border:1px solid #9996;border-radius:.4em;padding:.5em 1em;margin:.5em 0"
_PRE = "margin:0 0 .5em;padding:0;border:0;background:none;line-height:1.5;white-space:pre-wrap"
_NUMBER = "display:inline-block;width:3em;margin-right:1em;text-align:right;opacity:.7;user-select:none"
_PROBLEM = (
    f"display:block;margin-left:4em;padding:.1em .6em;border-left:3px solid {LIGHT.failed};"
    "background:#d55e001a;font-family:system-ui,sans-serif"
)
