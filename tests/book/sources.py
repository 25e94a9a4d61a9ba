"""The book's sources, read once: table of contents, chapters, notebooks, and what they refer to."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK_KINDS = ("lab", "exercises", "solutions")
LAB_DIRECTIVE = re.compile(r"^[`:]{3,}\{lab\}\s+(\S+)\s+(\S+)", re.MULTILINE)
INCLUDE_DIRECTIVE = re.compile(r"^[`:]{3,}\{(?:literalinclude|include|figure|image)\}\s+(\S+)", re.MULTILINE)
CODE_DIRECTIVE = re.compile(r"^[`:]{3,}\{literalinclude\}\s+(\S+)\n(?::.*\n)*?:pyobject:\s+(\S+)", re.MULTILINE)
FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1\s*$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Notebook:
    """One notebook of a lab."""

    path: Path

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def content(self) -> dict[str, Any]:
        return _json(self.path)

    @property
    def cells(self) -> list[dict[str, Any]]:
        return self.content["cells"]

    @property
    def code(self) -> list[dict[str, Any]]:
        return [cell for cell in self.cells if cell["cell_type"] == "code" and "".join(cell["source"]).strip()]


@cache
def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def chapters() -> list[Path]:
    """The numbered chapters and appendices."""
    return sorted(path for path in (ROOT / "book").glob("*.md") if path.stem != "index")


def labs() -> list[Path]:
    """The labs' folders."""
    return sorted(path for path in (ROOT / "labs").iterdir() if re.match(r"\d\d-", path.name))


def notebooks() -> list[Notebook]:
    return [Notebook(path) for lab in labs() for path in sorted(lab.glob("*.ipynb"))]


def contents() -> list[str]:
    """Every page that the table of contents names, without suffix."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    pages, rest = [toc["root"]], [toc]
    while rest:
        entry = rest.pop()
        for key in ("parts", "chapters", "sections", "subtrees", "entries"):
            rest.extend(entry.get(key, []))
        if "file" in entry:
            pages.append(entry["file"])
    return pages


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose(path: Path) -> str:
    """A chapter without its fenced blocks, or a notebook's Markdown cells."""
    if path.suffix == ".ipynb":
        cells = Notebook(path).cells
        return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return FENCE.sub("", text(path))


def page_file(page: str) -> Path | None:
    """The source of a page of the table of contents, or None."""
    return next((path for suffix in (".md", ".ipynb") if (path := ROOT / f"{page}{suffix}").exists()), None)
