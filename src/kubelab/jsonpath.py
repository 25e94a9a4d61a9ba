"""The part of kubectl's JSONPath that waiting needs: fields, indexes, wildcards and filters. Pure functions.

Models k8s.io/client-go/util/jsonpath. `{.status.conditions[?(@.type=="Ready")].status}` finds ["True"].
"""

from __future__ import annotations

import re
from typing import Any

from kubelab.errors import KubelabError

_TOKEN = re.compile(
    r"""\.(?P<field>(?:\\.|[^.\[\]\\])+)"""
    r"""|\[\s*'(?P<quoted>[^']*)'\s*\]|\[\s*(?P<index>-?\d+)\s*\]|\[(?P<all>\*)\]"""
    r"""|\[\?\(\s*@(?P<left>[^=!<>\s]*)\s*(?P<operator>==|!=)\s*(?P<right>"[^"]*"|'[^']*'|[\w.-]+)\s*\)\]"""
)


def find(obj: Any, path: str) -> list[Any]:
    """Every value at `path`, such as `{.status.phase}` or `.spec.containers[*].image`; none is an empty list.

    Raises:
        KubelabError: `path` is not one that is understood.
    """
    found = [obj]
    for token in _tokens(path):
        found = [value for one in found for value in _follow(one, token)]
    return found


def _tokens(path: str) -> list[re.Match[str]]:
    text = path.strip()
    text = text[1:-1].strip() if text.startswith("{") and text.endswith("}") else text
    text = text.removeprefix("$")
    text = text if text.startswith((".", "[")) or not text else "." + text
    tokens, position = [], 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise KubelabError(f"{path!r} is not a JSONPath that is understood here.", "Such as {.status.phase}.")
        tokens.append(token)
        position = token.end()
    return tokens


def _follow(value: Any, token: re.Match[str]) -> list[Any]:
    if token["operator"]:
        return [one for one in _items(value) if _keeps(one, token)]
    if token["all"] or token["field"] == "*":
        return _items(value)
    if token["index"]:
        return _at(value, int(token["index"]))
    name = token["quoted"] if token["quoted"] is not None else re.sub(r"\\(.)", r"\1", token["field"])
    return [value[name]] if isinstance(value, dict) and name in value else []


def _items(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []


def _at(value: Any, index: int) -> list[Any]:
    return [value[index]] if isinstance(value, list) and -len(value) <= index < len(value) else []


def _keeps(value: Any, token: re.Match[str]) -> bool:
    wanted = token["right"].strip("\"'")
    equal = any(as_text(one) == wanted for one in find(value, token["left"] or "{}"))
    return equal if token["operator"] == "==" else not equal


def as_text(value: Any) -> str:
    """As kubectl prints a found value."""
    return str(value).lower() if isinstance(value, bool) else str(value)
