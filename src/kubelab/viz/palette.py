"""Colors and type of every figure, light and dark.

Law: one place for every color. The hues are Okabe and Ito's, told apart with any color vision; wherever a color
means something, a label, a hatch or a position says the same. Each role has a color of its own, so that a drawn SVG
can be made to follow the page's theme by exchanging one for the other.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

Theme = Literal["light", "dark"]


@dataclass(frozen=True)
class Palette:
    """The roles. All values are lower-case hex, as matplotlib writes them into SVG."""

    paper: str
    ink: str
    muted: str
    grid: str
    waiting: str
    starting: str
    ready: str
    terminating: str
    backoff: str
    failed: str
    done: str
    revision1: str
    revision2: str
    revision3: str
    revision4: str
    served: str
    card: str

    def revision(self, number: int) -> str:
        """The hue of the revision in place `number`, counted from 0."""
        return str(getattr(self, f"revision{number % 4 + 1}"))


LIGHT = Palette(
    paper="#fefefe", ink="#1b1f24", muted="#5b6470", grid="#d9dde3",
    waiting="#c3c9d1", starting="#56b4e9", ready="#009e73", terminating="#cc79a7", backoff="#e69f00",
    failed="#d55e00", done="#8a929c",
    revision1="#0072b2", revision2="#e09a02", revision3="#019c70", revision4="#ca77a4",
    served="#7f8c9a", card="#f1f3f6",
)  # fmt: skip
DARK = Palette(
    paper="#14181e", ink="#e8ebef", muted="#a3adb9", grid="#343b45",
    waiting="#4d5663", starting="#3f93c4", ready="#1fae85", terminating="#c274a0", backoff="#d99a1c",
    failed="#e0702a", done="#7c8691",
    revision1="#3b93cf", revision2="#e3a532", revision3="#2bb28a", revision4="#d68bb5",
    served="#93a0ae", card="#202730",
)  # fmt: skip
PALETTES: dict[Theme, Palette] = {"light": LIGHT, "dark": DARK}


def settings(palette: Palette) -> Any:
    """matplotlib's settings: the palette, and everything that makes the same figure the same file."""
    return {
        "font.family": ["DejaVu Sans"],
        "font.size": 9.0,
        "axes.titlesize": 10.0,
        "axes.titlelocation": "left",
        "axes.facecolor": palette.paper,
        "axes.edgecolor": palette.muted,
        "axes.labelcolor": palette.muted,
        "axes.titlecolor": palette.ink,
        "axes.grid": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": False,
        "figure.facecolor": palette.paper,
        "savefig.facecolor": palette.paper,
        "text.color": palette.ink,
        "text.parse_math": False,  # names and answers are what they are, dollars too
        "xtick.color": palette.muted,
        "ytick.color": palette.muted,
        "grid.color": palette.grid,
        "legend.frameon": False,
        "legend.fontsize": 8.0,
        "hatch.linewidth": 0.7,
        "svg.fonttype": "path",
        "svg.hashsalt": "kubelab",
        "path.simplify": True,
    }


def exchanges() -> dict[str, tuple[str, str]]:
    """For each color of the light palette: its role and its dark counterpart."""
    return {getattr(LIGHT, field.name): (field.name, getattr(DARK, field.name)) for field in fields(Palette)}
