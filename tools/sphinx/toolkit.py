"""List what a notebook can say, from the docstrings of the code itself.

    ```{toolkit} kubelab.lab Lab
    ```

shows a class with its public methods, in the order of the source; with a module alone, everything in its `__all__`.
Paragraphs, code between backquotes and examples (`>>>`) are kept; nothing is copied, so nothing can be out of date. A
click group is shown as its commands.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any, ClassVar

import click
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

CODE = re.compile(r"`([^`]+)`")
MAGIC = {"kubectl": "%kubectl", "apply": "%%apply", "fast_forward": "%fast_forward"}


class Toolkit(SphinxDirective):
    """The `toolkit` directive: a module, and perhaps names in it."""

    required_arguments = 1
    optional_arguments = 20
    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        """A definition list for each thing named."""
        module = importlib.import_module(self.arguments[0])
        self.env.note_dependency(inspect.getsourcefile(module) or "")
        names = self.arguments[1:] or [name for name in module.__all__ if inspect.getdoc(getattr(module, name))]
        shown = nodes.definition_list(classes=["toolkit"])
        for name in names:
            shown += list(entries(name, getattr(module, name)))
        return [shown]


def entries(name: str, thing: Any) -> Iterator[nodes.Node]:
    """What is said about one name: itself, then its methods."""
    if isinstance(thing, click.Group):
        for command in thing.commands.values():
            yield entry(f"kubelab {command.name} {' '.join(map(option, command.params))}".strip(), command.help or "")
        return
    magics = hasattr(thing, "magics")
    if not magics:
        yield entry(name + signature(thing), documentation(name, thing))
    for method, member in vars(thing).items() if inspect.isclass(thing) else ():
        if method.startswith("_") or not (callable(member) or isinstance(member, property)):
            continue
        title = MAGIC.get(method) if magics else f".{method}{signature(member)}"
        if title and inspect.getdoc(member):
            yield entry(title, documentation(method, member))


def option(parameter: click.Parameter) -> str:
    """A parameter as in a usage line."""
    if isinstance(parameter, click.Option):
        return f"[{parameter.opts[0]}]"
    return (parameter.name or "").upper()


def documentation(name: str, thing: Any) -> str:
    """The docstring.

    Raises:
        ExtensionError: there is none.
    """
    found = inspect.getdoc(thing)
    if not found:
        raise ExtensionError(f"{name} has no docstring to show")
    return found


def signature(thing: Any) -> str:
    """The parameters and their defaults; "" for what notebooks do not call: values that they are given, errors."""
    made_elsewhere = inspect.isclass(thing) and "__init__" not in vars(thing)
    if not callable(thing) or made_elsewhere or (inspect.isclass(thing) and issubclass(thing, Exception)):
        return ""
    parameters, star = [], False
    for one in inspect.signature(thing).parameters.values():
        if one.name == "self":
            continue
        if one.kind is one.KEYWORD_ONLY and not star:
            parameters.append("*")
        star = star or one.kind in (one.KEYWORD_ONLY, one.VAR_POSITIONAL)
        mark = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        default = "" if one.default is one.empty else f"={default_of(one.default)}"
        parameters.append(f"{mark}{one.name}{default}")
    return f"({', '.join(parameters)})"


def default_of(value: Any) -> str:
    """A default as somebody would write it."""
    if inspect.isfunction(value):
        return value.__name__
    return "…" if value is ... or repr(value).startswith("<") else repr(value)


def entry(title: str, text: str) -> nodes.Node:
    """One name and what is said about it."""
    term = nodes.term("", "", nodes.literal(title, title))
    return nodes.definition_list_item("", term, nodes.definition("", *paragraphs(text)))


def paragraphs(text: str) -> Iterator[nodes.Node]:
    """A docstring's paragraphs; examples and what is indented as blocks of code."""
    for part in re.split(r"\n\s*\n", text):
        if part.startswith((">>>", "    ")):
            block = nodes.literal_block(part, inspect.cleandoc(part))
            block["language"] = "pycon" if part.startswith(">>>") else "text"
            yield block
        elif part.startswith("Raises:"):
            yield paragraph("Raises:")
            lines = inspect.cleandoc(part.partition("\n")[2]).splitlines()
            yield nodes.bullet_list("", *(nodes.list_item("", paragraph(line)) for line in lines))
        else:
            yield paragraph(" ".join(part.split()))


def paragraph(text: str) -> nodes.Node:
    """A sentence or more, with code."""
    shown = nodes.paragraph()
    for place, part in enumerate(CODE.split(text)):
        if part:
            shown += nodes.literal(part, part) if place % 2 else nodes.Text(part)
    return shown


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("toolkit", Toolkit)
    return {"version": "1", "parallel_read_safe": True}
