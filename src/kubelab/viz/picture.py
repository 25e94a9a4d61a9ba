"""A figure that can be shown, saved and read aloud.

Law: drawing is a function of the palette and touches nothing global; the same data gives the same bytes. In a
notebook or the book a picture is an image with an alt text, and follows the page's light or dark theme.
"""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kubelab.viz.palette import LIGHT, PALETTES, Palette, Theme, exchanges, settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Draw = Callable[[Palette], "Figure"]


class Picture:
    """A drawn figure. `alt` says in words what it shows, made from the same data."""

    def __init__(self, draw: Draw, title: str, alt: str) -> None:
        self._draw = draw
        self.title = title
        self.alt = alt

    def __repr__(self) -> str:
        return self.alt

    def figure(self, theme: Theme = "light") -> Figure:
        """The matplotlib figure, to change or to add to."""
        import matplotlib

        palette = PALETTES[theme]
        with matplotlib.rc_context(settings(palette)):
            return self._draw(palette)

    def png(self, theme: Theme = "light", dpi: int = 144) -> bytes:
        """A PNG; title and description are in its metadata."""
        return self._print("png", theme, {"Title": self.title, "Description": self.alt, "Software": None}, dpi)

    def svg(self, theme: Theme | None = None) -> str:
        """An SVG for one theme, or (None) one that follows the theme of the page it is shown in."""
        drawn = self._print("svg", theme or "light", {"Title": self.title, "Date": None, "Creator": None}, 72).decode()
        described = _describe(drawn, self.title, self.alt)
        return described if theme else _follow_theme(described)

    def save(self, path: str | Path, theme: Theme = "light") -> None:
        """Write a .png or .svg file.

        Raises:
            ValueError: another ending.
        """
        path = Path(path)
        if path.suffix == ".svg":
            path.write_text(self.svg(theme), encoding="utf-8")
        elif path.suffix == ".png":
            path.write_bytes(self.png(theme))
        else:
            raise ValueError(f"{path.name}: a picture can be saved as .png or .svg.")

    def html(self) -> str:
        """An image with its alt text, for a page."""
        data = base64.b64encode(self.svg().encode()).decode()
        alt = html.escape(self.alt, quote=True)
        return f'<img class="kubelab-figure" alt="{alt}" src="data:image/svg+xml;base64,{data}">'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": self.alt}

    def _print(self, kind: str, theme: Theme, metadata: dict[str, str | None], dpi: int) -> bytes:
        import matplotlib
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.backends.backend_svg import FigureCanvasSVG

        palette = PALETTES[theme]
        with matplotlib.rc_context(settings(palette)):
            figure = self._draw(palette)
            canvas = (FigureCanvasAgg if kind == "png" else FigureCanvasSVG)(figure)
            _lay_out(figure, dpi)
            out = io.BytesIO()
            canvas.print_figure(out, format=kind, dpi=dpi, metadata=metadata)
        return out.getvalue()


def _lay_out(figure: Figure, dpi: int) -> None:
    """Find everything's place, once: matplotlib would draw the whole figure for nothing to do the same."""
    figure.set_dpi(dpi)
    if figure.axes and (engine := figure.get_layout_engine()) is not None:
        engine.execute(figure)
        figure.set_layout_engine("none")


def _describe(svg: str, title: str, alt: str) -> str:
    """Give the SVG an accessible name and description, and drop what browsers do not need."""
    svg = re.sub(r"<\?xml.*?\?>\s*<!DOCTYPE.*?>\s*|<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    words = f"<title>{html.escape(title)}</title><desc>{html.escape(alt)}</desc>"
    svg = re.sub(r"<svg\b([^>]*)>", lambda found: f'<svg role="img"{found[1]}>{words}', svg, count=1)
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", svg)  # XML has no control characters


def _follow_theme(svg: str) -> str:
    """Exchange the light palette's colors for variables that a dark page sets otherwise."""
    table = exchanges()
    used = {color for color in table if color in svg}
    svg = re.sub(r"#[0-9a-f]{6}\b", lambda m: f"var(--{table[m[0]][0]})" if m[0] in table else m[0], svg)
    light = "".join(f"--{table[color][0]}:{color};" for color in sorted(used))
    dark = "".join(f"--{table[color][0]}:{table[color][1]};" for color in sorted(used))
    style = f"<style>svg{{{light}}}@media(prefers-color-scheme:dark){{svg{{{dark}}}}}</style>"
    return svg.replace("</desc>", f"</desc>{style}", 1)


def blank(width: float, height: float, palette: Palette = LIGHT) -> Figure:
    """A figure of that size in inches, independent of pyplot."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained", facecolor=palette.paper)
