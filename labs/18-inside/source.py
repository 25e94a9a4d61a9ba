"""Code and manifests, shown in colors: what runs is what is read."""

import inspect
from pathlib import Path
from textwrap import dedent

from kubelab.text import Manifest, Markdown


class Code(Markdown):
    """Python, shown in colors where there are any."""

    def _repr_markdown_(self):
        return f"```python\n{self.rstrip()}\n```"


def source(*things):
    """The source of functions, methods or classes, taken from the code that runs; or a manifest."""
    if isinstance(things[0], str):
        return Manifest(Path(things[0]).read_text(encoding="utf-8"))
    return Code("\n\n".join(map(_quoted, things)))


def _quoted(one):
    return f"# {one.__module__}: {one.__qualname__}\n{dedent(inspect.getsource(one)).rstrip()}"


def models(*modules):
    """Which files of Kubernetes each module says that it models."""
    return Code("\n\n".join(f"{one.__name__}\n{_models(one)}" for one in modules))


def _models(module):
    _, _, named = module.__doc__.partition("Models ")
    return "\n".join(f"    {line}" for line in named.strip().splitlines())
