"""The tables behind every look-up, read from `data/` when first asked for.

Law: data only; nothing here interprets it. `tools/build_schema.py` writes the files; `lookup` reads the definitions.

| file | holds |
|---|---|
| definitions.json | fields of every definition that a served kind leads to: type, required, merge key, list type |
| enums.json | Go types marked +enum: their values and what each means; kept by hand, after types.go |
| discovery.json | aggregated discovery as recorded: groups, versions, resources, in the server's order |
| protobuf.json | field numbers and types of the API's protobuf messages |
| columns.json | the columns that `kubectl get` prints |
| descriptions.json | descriptions that the Python client does not carry |
"""

from __future__ import annotations

import functools
import json
from importlib import resources
from typing import Any


@functools.cache
def _load(name: str) -> Any:
    return json.loads(resources.files(__package__).joinpath("data", name).read_bytes())


def definitions() -> dict[str, dict[str, Any]]:
    """Short definition name (`core.v1.Pod`) to its fields `f`, its kinds `gvk` and its `map` type."""
    return _load("definitions.json")


def enums() -> dict[str, dict[str, str]]:
    """Go type name (`v1.PullPolicy`) to its values, in alphabetical order, and what each means ("" if unsaid)."""
    return _load("enums.json")


def discovery() -> dict[str, Any]:
    """`/api` and `/apis` to an apidiscovery.k8s.io/v2 APIGroupDiscoveryList each."""
    return _load("discovery.json")


def messages() -> dict[str, dict[str, str]]:
    """Protobuf package to message to its fields, as `number name type;…`."""
    return _load("protobuf.json")


def columns() -> dict[str, list[list[Any]]]:
    """`v1 pods`, `apps/v1 deployments` to columns: [name, type, format, priority]."""
    return _load("columns.json")


def descriptions() -> dict[str, dict[str, str]]:
    """Definition name to field to text; the text of the definition itself is under the empty name."""
    return _load("descriptions.json")
