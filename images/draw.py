"""Draw the book's diagrams: `python images/draw.py` writes NAME-light.svg and NAME-dark.svg beside this file.

Only diagrams of ideas are drawn here. Whatever shows a run is drawn from that run, by kubelab.viz.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Theme:
    """Colors of one theme: paper, ink, and fills for the three roles a box can have."""

    paper: str
    ink: str
    faint: str
    pod: str
    main: str
    helper: str
    store: str


THEMES = {
    "light": Theme("#ffffff", "#1b1f24", "#6a737d", "#eef3f8", "#cfe3f5", "#fbe3c5", "#dcefdc"),
    "dark": Theme("#14181e", "#e6edf3", "#9aa4af", "#1d2630", "#1f4e79", "#7a4a12", "#23572d"),
}


@dataclass
class Drawing:
    """An SVG under construction; coordinates in pixels."""

    width: int
    height: int
    title: str
    alt: str
    theme: Theme
    parts: list[str] = field(default_factory=list)

    def box(
        self, x: int, y: int, w: int, h: int, fill: str, *lines: str, top: bool = False, dashed: bool = False
    ) -> None:
        """A rounded box with centered lines of text; with `top`, the text stands at its upper edge."""
        dash = ' stroke-dasharray="6 4"' if dashed else ""
        self.parts.append(
            f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="8" fill="{fill}" stroke="{self.theme.ink}"{dash}/>'
        )
        first = y + 22 if top else y + h // 2 - 9 * (len(lines) - 1) + 5
        for i, line in enumerate(lines):
            self.text(x + w // 2, first + 18 * i, line, bold=i == 0)

    def text(
        self, x: int, y: int, line: str, *, bold: bool = False, faint: bool = False, anchor: str = "middle"
    ) -> None:
        """One line of text."""
        weight = ' font-weight="600"' if bold else ""
        color = self.theme.faint if faint else self.theme.ink
        self.parts.append(f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{color}"{weight}>{escape(line)}</text>')

    def arrow(self, x1: int, y1: int, x2: int, y2: int, label: str = "", *, dx: int = 0, dy: int = -8) -> None:
        """An arrow, its label beside its middle."""
        self.parts.append(
            f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{self.theme.ink}" stroke-width="1.6" '
            'marker-end="url(#tip)"/>'
        )
        if label:
            self.text((x1 + x2) // 2 + dx, (y1 + y2) // 2 + dy, label, faint=True)

    def svg(self) -> str:
        """The whole picture."""
        body = "\n  ".join(self.parts)
        return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" role="img"
     aria-labelledby="title desc" font-family="system-ui, sans-serif" font-size="14">
  <title id="title">{escape(self.title)}</title>
  <desc id="desc">{escape(self.alt)}</desc>
  <defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">
    <path d="M0 0 L10 5 L0 10 z" fill="{self.theme.ink}"/></marker></defs>
  <rect width="{self.width}" height="{self.height}" fill="{self.theme.paper}"/>
  {body}
</svg>
"""


def sidecar(theme: Theme) -> Drawing:
    """The application writes, the sidecar reads, and they share a volume."""
    d = Drawing(
        720,
        300,
        "Sidecar",
        "One Pod with two containers: the application writes its log into a volume that both "
        "share; the sidecar reads it there and ships it to a log store outside the Pod.",
        theme,
    )
    d.box(30, 30, 460, 240, theme.pod, "Pod: one address, one life", top=True)
    d.box(60, 80, 180, 70, theme.main, "application", "does the work")
    d.box(280, 80, 180, 70, theme.helper, "sidecar", "ships the log")
    d.box(60, 200, 400, 45, theme.store, "shared volume: app.log")
    d.arrow(150, 150, 150, 198, "writes", dx=28, dy=4)
    d.arrow(370, 198, 370, 152, "reads", dx=28, dy=4)
    d.box(560, 80, 130, 70, theme.store, "log store", dashed=True)
    d.arrow(460, 115, 558, 115, "sends", dx=14)
    return d


def ambassador(theme: Theme) -> Drawing:
    """The application talks to localhost; the ambassador knows the way."""
    d = Drawing(
        760,
        280,
        "Ambassador",
        "One Pod with two containers: the application sends every request to localhost; the "
        "ambassador receives it there, finds the right backend outside the Pod, retries, and can be pointed at "
        "another backend.",
        theme,
    )
    d.box(30, 30, 460, 180, theme.pod, "Pod: one address, one life", top=True)
    d.box(60, 90, 170, 80, theme.main, "application", "knows: localhost")
    d.box(300, 90, 170, 80, theme.helper, "ambassador", "knows: the world")
    d.arrow(230, 130, 298, 130, "localhost")
    d.box(590, 40, 140, 70, theme.store, "backend A")
    d.box(590, 160, 140, 70, theme.store, "backend B", dashed=True)
    d.arrow(470, 118, 588, 78, "today", dx=8, dy=-12)
    d.arrow(470, 142, 588, 192, "tomorrow", dx=-22, dy=22)
    d.text(260, 245, "Swapping the backend changes the ambassador only.", faint=True)
    return d


def init_containers(theme: Theme) -> Drawing:
    """One after the other, and only then the application."""
    d = Drawing(
        760,
        250,
        "Init containers",
        "One Pod over time: the first init container runs and ends, then the second runs "
        "and ends, and only then the application container starts. They share a volume, in which the init containers "
        "leave what the application needs.",
        theme,
    )
    d.box(30, 30, 700, 190, theme.pod, "Pod, from left to right in time", top=True)
    d.box(60, 75, 160, 60, theme.helper, "init container 1", "wait for database")
    d.box(260, 75, 160, 60, theme.helper, "init container 2", "prepare the data")
    d.box(460, 75, 240, 60, theme.main, "application", "starts when both succeeded")
    d.arrow(220, 105, 258, 105)
    d.arrow(420, 105, 458, 105)
    d.box(260, 170, 440, 35, theme.store, "shared volume: what was prepared")
    d.arrow(340, 135, 340, 168)
    d.arrow(580, 168, 580, 137)
    return d


def deployment(theme: Theme) -> Drawing:
    """A Deployment owns ReplicaSets, a ReplicaSet owns Pods."""
    d = Drawing(
        760,
        330,
        "Deployment, ReplicaSets, Pods",
        "A Deployment owns two ReplicaSets. The new one, for version 1.1.0, "
        "owns two Pods; the old one, for version 1.0.0, is kept with no Pods so that a rollback can use it. The "
        "Deployment does updates and rollbacks, the ReplicaSets count and replace Pods.",
        theme,
    )
    d.box(270, 25, 220, 55, theme.main, "Deployment", "updates and rollbacks")
    d.box(100, 135, 240, 55, theme.helper, "ReplicaSet  1.1.0", "counts: wants 2, has 2")
    d.box(430, 135, 240, 55, theme.helper, "ReplicaSet  1.0.0", "kept: wants 0, has 0", dashed=True)
    d.arrow(340, 80, 235, 133, "owns", dx=-30, dy=-4)
    d.arrow(420, 80, 540, 133)
    d.box(70, 245, 130, 55, theme.store, "Pod", "1.1.0")
    d.box(240, 245, 130, 55, theme.store, "Pod", "1.1.0")
    d.arrow(190, 190, 140, 243, "owns", dx=-26, dy=2)
    d.arrow(250, 190, 300, 243)
    d.text(550, 262, "An update moves Pods", faint=True)
    d.text(550, 282, "from one ReplicaSet to the other.", faint=True)
    return d


DIAGRAMS: dict[str, Callable[[Theme], Drawing]] = {
    "sidecar": sidecar,
    "ambassador": ambassador,
    "init-containers": init_containers,
    "deployment": deployment,
}


def main() -> None:
    """Write every diagram in both themes."""
    for name, draw in DIAGRAMS.items():
        for theme_name, theme in THEMES.items():
            (HERE / f"{name}-{theme_name}.svg").write_text(draw(theme).svg(), encoding="utf-8")


if __name__ == "__main__":
    main()
