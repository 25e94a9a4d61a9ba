"""The difference of two specs as the API server shows it when it refuses an update.

Law: pure text.

Models k8s.io/apimachinery/pkg/util/diff/diff.go (Diff, as it is built since v1.34: a unified diff of the internal types
as indented JSON).
"""

from __future__ import annotations

import difflib
import json

from tinykube.api.validation.field import escaped
from tinykube.api.validation.golang import encode, internal_spec
from tinykube.errors import Obj

_HEADER = 2
"""Lines that name the two sides, which have no names here."""


def pod_spec(old: Obj, new: Obj) -> str:
    """The difference between two Pod specs, as lines that end in a newline."""
    return report("PodSpec", internal_spec(old), internal_spec(new))


def report(struct: str, old: Obj, new: Obj) -> str:
    """The difference between two values of an internal struct, as lines that end in a newline."""
    found = list(difflib.unified_diff(_lines(struct, old), _lines(struct, new), n=3, lineterm=""))
    return "".join(f"{line}\n" for line in found[_HEADER:])


def _lines(struct: str, obj: Obj) -> list[str]:
    return escaped(json.dumps(encode(struct, obj), ensure_ascii=False, indent=1)).split("\n")
