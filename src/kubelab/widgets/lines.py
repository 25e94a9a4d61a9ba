"""Which line of a manifest a refusal is about.

Law: pure. Field paths are those of API servers: `spec.containers[0].image` in validation and strict decoding,
`.spec.containers[name="web"].image` in server-side apply, `spec.containers.ports.containerPort` (no places in lists)
where Go's decoder speaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")


@dataclass(frozen=True)
class Problem:
    """A sentence about one line, counted from 1."""

    line: int
    text: str


class Document:
    """One object of a manifest, with the lines of its fields."""

    def __init__(self, node: yaml.Node, text: str) -> None:
        self._node, self.text = node, text

    @property
    def line(self) -> int:
        """The line where it begins."""
        return self._node.start_mark.line + 1

    def line_of(self, path: str) -> int:
        """The line of the field, or of the innermost of the fields around it that is there."""
        node, line = self._node, self.line
        for name in _steps(path):
            found = _inside(node, name)
            if found is None:
                break
            node, line = found
        return line


def documents(text: str) -> list[Document]:
    """The objects in a manifest.

    Raises:
        yaml.YAMLError: it is not YAML; `problem_mark` has the line.
    """
    found = [node for node in yaml.compose_all(text, Loader=yaml.SafeLoader) if isinstance(node, yaml.Node)]
    return [Document(node, yaml.serialize(node)) for node in found]


def not_yaml(error: yaml.YAMLError) -> Problem:
    """Where reading stopped, and why."""
    mark, why = getattr(error, "problem_mark", None), getattr(error, "problem", None) or str(error)
    return Problem(mark.line + 1 if mark else 1, f"{why}; look at the indentation and colons, here and just above")


def of_status(message: str, causes: Sequence[dict[str, str]]) -> Iterator[tuple[str, str]]:
    """(field path, sentence) for everything that an API server objects to; a path of "" means the whole object."""
    if causes:
        yield from ((one.get("field", ""), _sentence(one.get("field", ""), one.get("message", ""))) for one in causes)
        return
    for pattern, sentence in _TEXTS:
        found = list(pattern.finditer(message))
        if found:
            yield from (
                (one["path"], f"{one['path'].lstrip('.')}: {sentence.format(**one.groupdict())}") for one in found
            )
            return
    yield "", message


def _sentence(path: str, text: str) -> str:
    return f"{path.lstrip('.')}: {text}"


_TEXTS = (
    (re.compile(r'unknown field "(?P<path>[^"]+)"'), "unknown field"),
    (re.compile(r'duplicate field "(?P<path>[^"]+)"'), "this field is there twice"),
    (
        re.compile(r"cannot unmarshal (?P<is>\w+) into Go struct field \w+\.(?P<path>\S+) of type (?P<wanted>\S+)"),
        "{is} found, {wanted} expected",
    ),
    (re.compile(r"(?:^|: )\s*(?P<path>\.[a-z][\w.\[\]=\",/-]*): (?P<said>.+)$", re.MULTILINE), "{said}"),
)
"""How API servers name a field in a sentence: strict decoding, Go's decoder, server-side apply."""


def _steps(path: str) -> list[str]:
    return [bracket or word for bracket, word in _STEP.findall(path)]


def _inside(node: yaml.Node, name: str) -> tuple[yaml.Node, int] | None:
    """What `name` leads to, and its line."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == name.strip('"'):
                return value, key.start_mark.line + 1
        return None
    if not isinstance(node, yaml.SequenceNode):
        return None
    if name.isdigit():
        return _item(node, int(name))
    if "=" in name:
        return next((_at(one) for one in node.value if _is_called(one, name)), None)
    return next((found for one in node.value if (found := _inside(one, name)) is not None), None)


def _item(node: yaml.SequenceNode, place: int) -> tuple[yaml.Node, int] | None:
    return _at(node.value[place]) if place < len(node.value) else None


def _at(node: yaml.Node) -> tuple[yaml.Node, int]:
    return node, node.start_mark.line + 1


def _is_called(node: yaml.Node, keys: str) -> bool:
    """Whether a list's entry has the values of `name="web",protocol="TCP"`; what it leaves out may be a default."""
    if not isinstance(node, yaml.MappingNode):
        return False
    has = {key.value: value.value for key, value in node.value}
    wanted = dict(re.findall(r'(\w+)="?([^",]*)"?', keys))
    return all(has.get(key, value) == value for key, value in wanted.items())
