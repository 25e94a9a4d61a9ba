"""Show a lab's cell, and what running it really printed, in a chapter.

    ```{lab} 02-first-pod describe-pod
    :output-only:
    ```

shows the cell with id `describe-pod` of `labs/02-first-pod/lab.ipynb`: its input and its outputs. The build fails
when there is no such cell, or when it has not been run. Options: `input-only`, `output-only`, `lines` (which lines
of a text output to keep, such as `1-12`).
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
MAGIC = re.compile(r"%%?\w+")


class LabCell(SphinxDirective):
    """The `lab` directive: two arguments, the lab's folder and the cell's id."""

    required_arguments = 2
    option_spec: ClassVar[dict[str, Any]] = {
        "input-only": directives.flag,
        "output-only": directives.flag,
        "lines": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        """The cell as document nodes."""
        lab, cell_id = self.arguments
        notebook = Path(self.env.srcdir, "labs", lab, "lab.ipynb")
        self.env.note_dependency(str(notebook))
        cell = find_cell(notebook, cell_id)
        shown: list[nodes.Node] = [] if "output-only" in self.options else [self._input(cell)]
        if "input-only" not in self.options:
            shown += self._outputs(cell, f"{notebook.name} of {lab}: cell {cell_id!r}")
        box = nodes.container(classes=["lab-cell"])
        box += shown
        return [box]

    def _input(self, cell: dict[str, Any]) -> nodes.Node:
        source = "".join(cell["source"])
        return literal(source, language_of(source), "lab-input")

    def _outputs(self, cell: dict[str, Any], where: str) -> list[nodes.Node]:
        shown = [node for output in cell.get("outputs", []) for node in self._output(output)]
        if not shown:
            raise ExtensionError(f"{where} shows nothing: it has not been run, or prints nothing")
        return shown

    def _output(self, output: dict[str, Any]) -> list[nodes.Node]:
        if output["output_type"] == "stream":
            return [self._text("".join(output["text"]))]
        if output["output_type"] == "error":
            return [self._text("\n".join(output["traceback"]))]
        return [self._rich(output)]

    def _rich(self, output: dict[str, Any]) -> nodes.Node:
        data = output["data"]
        if "text/html" in data:
            return nodes.raw("", "".join(data["text/html"]), format="html")
        if "image/svg+xml" in data:
            return nodes.raw("", "".join(data["image/svg+xml"]), format="html")
        if "image/png" in data:
            alt = html.escape("".join(data.get("text/plain", "")), quote=True)
            source = "".join(data["image/png"]).replace("\n", "")
            return nodes.raw(
                "", f'<img class="lab-figure" alt="{alt}" src="data:image/png;base64,{source}">', format="html"
            )
        return self._text("".join(data["text/plain"]))

    def _text(self, text: str) -> nodes.Node:
        lines = ANSI.sub("", text).rstrip("\n").split("\n")
        if "lines" in self.options:
            first, _, last = self.options["lines"].partition("-")
            lines = lines[int(first) - 1 : int(last or len(lines))]
        return literal("\n".join(lines), "text", "lab-output")


def find_cell(notebook: Path, cell_id: str) -> dict[str, Any]:
    """The cell of that id.

    Raises:
        ExtensionError: there is no such notebook or cell.
    """
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except OSError as missing:
        raise ExtensionError(f"{notebook}: {missing}") from missing
    for cell in cells:
        if cell.get("id") == cell_id:
            found: dict[str, Any] = cell
            return found
    known = ", ".join(cell.get("id", "?") for cell in cells if cell["cell_type"] == "code")
    raise ExtensionError(f"{notebook} has no cell {cell_id!r}; its code cells are: {known}")


def language_of(source: str) -> str:
    """The Pygments lexer for a cell: YAML under `%%apply`, a shell line for `%kubectl`, else Python."""
    magic = MAGIC.match(source)
    if magic is None:
        return "python"
    return "yaml" if magic.group() == "%%apply" else "text"


def literal(text: str, language: str, css: str) -> nodes.literal_block:
    """A block of code or terminal output."""
    block = nodes.literal_block(text, text, classes=[css])
    block["language"] = language
    block["force"] = True  # a magic's first line, or YAML that is wrong on purpose, is shown as well as it can be
    return block


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("lab", LabCell)
    return {"version": "1", "parallel_read_safe": True}
