"""Label and field selectors as clients write them, turned into predicates on objects.

Law: pure functions. A selector that cannot be understood is the client's BadRequest, in the API's own words.

Models k8s.io/apimachinery/pkg/labels/selector.go, pkg/fields/selector.go and the field label conversions of
pkg/apis/*/v1/conversion.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from tinykube import errors, objects
from tinykube.objects import Obj

Predicate = Callable[[Obj], bool]
LabelTest = Callable[[Mapping[str, str]], bool]

_TOKEN = re.compile(r"\s*(?:(?P<symbol>==|!=|=|!|>|<|,|\(|\))|(?P<word>[^\s=!<>,()]+))")
_OPERATORS = "in, notin, =, ==, !=, gt, lt"
_KEY = re.compile(r"(?:([a-z0-9.-]{1,253})/)?([A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)")
_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
_KEY_HELP = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_VALUE_HELP = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)


class _Parser:
    """A recursive-descent parser over the tokens of one label selector."""

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        position, text = 0, text.rstrip()
        while position < len(text):
            found = _TOKEN.match(text, position)
            assert found  # any non-space text is a symbol or a word
            self.tokens.append(found["symbol"] or found["word"])
            position = found.end()
        self.tokens.reverse()

    def look(self) -> str:
        return self.tokens[-1] if self.tokens else ""

    def take(self) -> str:
        return self.tokens.pop() if self.tokens else ""

    def requirements(self) -> list[LabelTest]:
        out: list[LabelTest] = []
        while self.tokens:
            out.append(self.requirement())
            token = self.take()
            if token == "":
                break
            if token != ",":
                raise _unparsable(f"found '{token}', expected: ',' or 'end of string'")
            if not _is_word(self.look()) and self.look() != "!":
                raise _unparsable(f"found '{self.look()}', expected: identifier after ','")
        return out

    def requirement(self) -> LabelTest:
        negated = self.look() == "!"
        if negated:
            self.take()
        key = self.take()
        if not _is_word(key):
            raise _unparsable(f"found '{key}', expected: identifier")
        if not _KEY.fullmatch(key):
            raise _unparsable(f'<nil>: Invalid value: "{key}": {_KEY_HELP}')
        if negated:
            return lambda labels: key not in labels
        if self.look() in ("", ","):
            return lambda labels: key in labels
        return self.comparison(key, self.take())

    def comparison(self, key: str, operator: str) -> LabelTest:
        if operator in ("in", "notin"):
            values = self.values()
            inside = operator == "in"
            return lambda labels: (labels.get(key) in values) if inside else (labels.get(key) not in values)
        if operator not in ("=", "==", "!=", ">", "<"):
            raise _unparsable(f"found '{operator}', expected: {_OPERATORS}")
        value = self.take() if self.look() not in ("", ",") else ""
        if operator in (">", "<"):
            return _numeric(key, operator, value)
        _check_value(key, value)
        if operator == "!=":
            return lambda labels: labels.get(key) != value
        return lambda labels: labels.get(key) == value

    def values(self) -> frozenset[str]:
        if (token := self.take()) != "(":
            raise _unparsable(f"found '{token}' expected: '('")
        out: list[str] = []
        while True:
            token = self.take()
            if token == ")":
                return frozenset(out or [""])
            if token == ",":
                if self.look() in (",", ")"):
                    out.append("")
            elif _is_word(token):
                out.append(token)
            else:
                raise _unparsable(f"found '{token}', expected: ',', or ')'")


def _is_word(token: str) -> bool:
    return bool(token) and token not in ("==", "!=", "=", "!", ">", "<", ",", "(", ")")


def _numeric(key: str, operator: str, value: str) -> LabelTest:
    if not re.fullmatch(r"[+-]?\d+", value):
        raise _unparsable(
            f"values[0]: Invalid value: \"{value}\": for 'Gt', 'Lt' operators, the value must be an integer"
        )
    limit = int(value)

    def test(labels: Mapping[str, str]) -> bool:
        found = labels.get(key, "")
        if not re.fullmatch(r"[+-]?\d+", found):
            return False
        return int(found) > limit if operator == ">" else int(found) < limit

    return test


def _check_value(key: str, value: str) -> None:
    if not _VALUE.fullmatch(value):
        raise _unparsable(f'values[0][{key}]: Invalid value: "{value}": {_VALUE_HELP}')


def _unparsable(why: str) -> errors.ApiError:
    return errors.bad_request(f"unable to parse requirement: {why}")


@lru_cache(maxsize=256)
def labels(text: str) -> Predicate:
    """A label selector such as `app=web,tier in (a, b),!canary` as a predicate on objects.

    Raises:
        errors.ApiError: BadRequest.
    """
    tests = _Parser(text).requirements()
    return lambda obj: all(test(objects.labels(obj)) for test in tests)


# -- fields --------------------------------------------------------------------------------------------------

_METADATA = ("metadata.name", "metadata.namespace")
_INVOLVED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")

_FIELDS: dict[str, tuple[tuple[str, ...], str]] = {
    "pods": (
        (
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
            "spec.hostNetwork", "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
        ),
        "field label not supported: %s",
    ),
    "nodes": (("spec.unschedulable",), "field label not supported: %s"),
    "namespaces": (("status.phase",), "field label not supported: %s"),
    "secrets": (("type",), "field label not supported: %s"),
    "services": (("spec.clusterIP", "spec.type"), "field label not supported: %s"),
    "replicationcontrollers": (("status.replicas",), "field label not supported: %s"),
    "replicasets.apps": (("status.replicas",), "field label not supported for appsv1.ReplicaSet: %s"),
    "statefulsets.apps": (("status.successful",), "field label not supported for appsv1.StatefulSet: %s"),
    "jobs.batch": (("status.successful",), 'field label "%s" not supported for Job'),
    "events": (
        (*(f"involvedObject.{f}" for f in _INVOLVED), "reason", "reportingComponent", "source", "type"),
        "field label not supported: %s",
    ),
    "events.events.k8s.io": (
        (*(f"regarding.{f}" for f in _INVOLVED), "reason", "reportingController", "type"),
        "field label not supported: %s",
    ),
    "certificatesigningrequests.certificates.k8s.io": (("spec.signerName",), "field label not supported: %s"),
}  # fmt: skip
"""Resource id: fields that may be selected besides the name and namespace, and the words for any other."""

_UNKNOWN = '"%s" is not a known field selector: only "metadata.name", "metadata.namespace"'
_FALSE_WHEN_MISSING = ("spec.unschedulable", "spec.hostNetwork")


@lru_cache(maxsize=256)
def fields(resource: str, text: str) -> Predicate:
    """A field selector such as `status.phase=Running,metadata.name!=x` as a predicate on a resource's objects.

    Raises:
        errors.ApiError: BadRequest, also when the resource does not support selecting by that field.
    """
    tests = [_field_test(resource, part) for part in _split_terms(text)]
    return lambda obj: all(test(obj) for test in tests)


def _split_terms(text: str) -> list[str]:
    return [part for part in re.split(r"(?<!\\),", text) if part]


def _term(part: str) -> tuple[str, str, str]:
    found = re.match(r"(.*?)(!=|==|=)(.*)", part, re.DOTALL)
    if not found:
        raise errors.bad_request(f"invalid selector: '{part}'; can't understand '{part}'")
    return found[1], found[2], re.sub(r"\\([\\,=])", r"\1", found[3])


def _field_test(resource: str, part: str) -> Predicate:
    key, operator, value = _term(part)
    known, words = _FIELDS.get(resource, ((), _UNKNOWN))
    if key not in _METADATA and key not in known:
        raise errors.bad_request(words % key)
    wanted = operator != "!="
    return lambda obj: (field_value(obj, key) == value) == wanted


def field_value(obj: Obj, field: str) -> str:
    """A field as selectors see it: a string, empty when it is missing."""
    if field == "source":
        return str(objects.dig(obj, "source", "component", default=""))
    if field == "reportingComponent":
        return str(obj.get("reportingComponent") or obj.get("reportingController") or "")
    value: Any = objects.dig(obj, *field.split("."))
    if value is None:
        return _zero(obj, field)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _zero(obj: Obj, field: str) -> str:
    if field in _FALSE_WHEN_MISSING:
        return "false"
    if field == "status.replicas":
        return "0"
    if field == "status.successful":
        return str(objects.dig(obj, "status", "succeeded", default=0))
    return ""
