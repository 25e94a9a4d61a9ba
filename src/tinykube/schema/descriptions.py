"""Descriptions of kinds and fields, as `kubectl explain` prints them.

Law: read on demand, never at import. The text of most fields comes from the docstrings of the installed `kubernetes`
client (its model files are read as text: importing them takes seconds); `data/descriptions.json` adds what the
client does not carry: the texts of fields that refer to another type, and those that changed between releases.

Models the descriptions in api/openapi-spec/v3 of kubernetes/kubernetes.
"""

from __future__ import annotations

import ast
import functools
import importlib.util
import re
from importlib import metadata
from pathlib import Path

from tinykube.schema import tables

_FIELD = re.compile(r"^    (\w+): .*?= Field\((.*)\)$", re.MULTILINE)
_ALIAS = re.compile(r'(?:serialization_alias|alias)="([^"]+)"')
_TEXT = re.compile(r'description=("(?:[^"\\]|\\.)*")')
_CLASS = re.compile(r'^class \w+\(BaseModel\):\n    """\n    (.*?)\n\n    Attributes:', re.MULTILINE | re.DOTALL)


def of_definition(name: str) -> str:
    """What the definition `core.v1.Pod` is, in prose; empty when nobody says."""
    own = tables.descriptions().get(name, {})
    return own[""] if "" in own else _client(name).get("", "")


def of_field(definition: str, field: str) -> str:
    """What one field of a definition means; empty when nobody says."""
    own = tables.descriptions().get(definition, {})
    return own[field] if field in own else _client(definition).get(field, "")


def client_texts(definition: str) -> dict[str, str]:
    """The texts that the installed client has for a definition: JSON field names, and "" for the definition."""
    return dict(_client(definition))


def client() -> str:
    """Version of the installed Python client; empty without one."""
    try:
        return metadata.version("kubernetes")
    except metadata.PackageNotFoundError:
        return ""


@functools.lru_cache(maxsize=1024)
def _client(definition: str) -> dict[str, str]:
    path = _model_file(definition)
    return _parse(path.read_text(encoding="utf-8")) if path else {}


def _parse(source: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    if found := _CLASS.search(source):
        texts[""] = found[1]
    for attribute, arguments in _FIELD.findall(source):
        text, alias = _TEXT.search(arguments), _ALIAS.search(arguments)
        if text:
            texts[alias[1] if alias else attribute] = ast.literal_eval(text[1])
    return texts


@functools.cache
def _models() -> Path | None:
    spec = importlib.util.find_spec("kubernetes")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "client" / "models"


def _model_file(definition: str) -> Path | None:
    models = _models()
    if models is None:
        return None
    group, version, kind = definition.rsplit(".", 2) if definition.count(".") >= 2 else ("", "", definition)
    stem = _snake(kind)
    for candidate in (f"{group}_{version}_{stem}.py", f"{version}_{stem}.py"):
        if (models / candidate).is_file():
            return models / candidate
    return None


def _snake(name: str) -> str:
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", name).lower()
