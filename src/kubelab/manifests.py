"""Reading manifests: a file, a directory, or text; one document or many; lists taken apart.

Law: reads, never writes; knows no cluster. What is not YAML is refused with the line at fault.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from kubelab.errors import NotAManifest

Obj = dict[str, Any]
_ENDINGS = (".yaml", ".yml", ".json")


def read(source: str | Path | Obj) -> list[Obj]:
    """The objects in `source`: a path, YAML or JSON text, or an object that is already one.

    Raises:
        NotAManifest: no such file, not text, not YAML, or YAML that describes no object.
    """
    if isinstance(source, dict):
        return _flatten(source, "the object")
    path = _as_path(source)
    if path is None:
        return parse(str(source))
    if not path.exists():
        raise NotAManifest(f"There is no file {path}.", f"The working directory is {Path.cwd()}.")
    return [obj for file in _files(path) for obj in parse(_text(file), str(file))]


def parse(text: str, origin: str = "the text") -> list[Obj]:
    """The objects in YAML or JSON `text`; `origin` names it in refusals."""
    try:
        documents = [one for one in yaml.safe_load_all(text) if one is not None]
    except yaml.YAMLError as error:
        raise NotAManifest(
            f"{origin} is not YAML: {_where(error)}", "Look at that line's indentation and colons."
        ) from error
    objects = [obj for one in documents for obj in _flatten(one, origin)]
    if not objects:
        raise NotAManifest(f"There is no object in {origin}.", "A manifest has apiVersion, kind and metadata.")
    return objects


def _as_path(source: str | Path) -> Path | None:
    if isinstance(source, Path):
        return source
    looks_like_one = "\n" not in source and ":" not in source.replace(":\\", "").replace(":/", "")
    return Path(source) if looks_like_one else None


def _files(path: Path) -> list[Path]:
    """The file, or a directory's manifests."""
    if not path.is_dir():
        return [path]
    found = sorted(one for one in path.iterdir() if one.suffix in _ENDINGS)
    if not found:
        raise NotAManifest(f"There is no manifest in {path}.", f"Their names end in {', '.join(_ENDINGS)}.")
    return found


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise NotAManifest(f"{file} is not text in UTF-8.", "Save it again, in that encoding.") from error


def _flatten(document: Any, origin: str) -> list[Obj]:
    if not isinstance(document, dict):
        raise NotAManifest(
            f"{origin} describes {_called(document)}, not an object.", "A manifest starts with apiVersion:."
        )
    missing = [key for key in ("apiVersion", "kind") if not document.get(key)]
    if missing:
        raise NotAManifest(
            f"The manifest in {origin} has no {' and no '.join(missing)}.", "Both name what it describes."
        )
    if str(document["kind"]).endswith("List") and isinstance(document.get("items"), list):
        return [obj for item in document["items"] for obj in _flatten(item, origin)]
    return [document]


def _called(value: object) -> str:
    names: dict[type, str] = {list: "a list", str: "a text"}
    return names.get(type(value), f"a {type(value).__name__}")


def _where(error: yaml.YAMLError) -> str:
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None) or str(error)
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else problem
