"""Label selectors as fields of objects.

Law: pure.

Models k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go.
"""

from __future__ import annotations

from tinykube.api.validation import field, metadata, names
from tinykube.api.validation.field import Causes
from tinykube.errors import Obj
from tinykube.objects import matches


def label_selector(selector: Obj | None, path: str) -> Causes:
    """A LabelSelector; absent is fine."""
    if selector is None:
        return []
    found = metadata.labels(selector.get("matchLabels"), f"{path}.matchLabels")
    for index, requirement in enumerate(selector.get("matchExpressions") or ()):
        found += _requirement(requirement, f"{path}.matchExpressions[{index}]")
    return found


def _requirement(requirement: Obj, path: str) -> Causes:
    operator, values = requirement.get("operator") or "", requirement.get("values") or []
    found: Causes = []
    if operator in ("In", "NotIn"):
        if not values:
            found.append(field.required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            found.append(field.forbidden(f"{path}.values", detail))
    else:
        found.append(field.invalid(f"{path}.operator", operator, "not a valid selector operator"))
    key = requirement.get("key") or ""
    found += field.each_invalid(f"{path}.key", key, names.qualified_name(key))
    for index, value in enumerate(values):
        found += field.each_invalid(f"{path}.values[{index}]", value, names.label_value(value))
    return found


def empty(selector: Obj | None) -> bool:
    """Whether the selector is there and selects everything."""
    return selector is not None and not selector.get("matchLabels") and not selector.get("matchExpressions")


def usable(selector: Obj | None) -> bool:
    """Whether the selector can be evaluated (metav1.LabelSelectorAsSelector gives no error)."""
    return not label_selector(selector, "")


def template_labels(selector: Obj | None, template: Obj, path: str) -> Causes:
    """The selector must select the Pods that the template makes. No selector selects nothing."""
    labels = (template.get("metadata") or {}).get("labels")
    if not usable(selector) or matches(selector, labels or {}):
        return []
    shown = dict(sorted(labels.items())) if labels else None
    return [field.invalid(f"{path}.metadata.labels", shown, "`selector` does not match template `labels`")]


def ordered(selector: Obj | None) -> Obj | None:
    """The selector as Go writes it in an error: labels first, in order."""
    if selector is None:
        return None
    found: Obj = {}
    if selector.get("matchLabels"):
        found["matchLabels"] = dict(sorted(selector["matchLabels"].items()))
    if selector.get("matchExpressions"):
        keys = ("key", "operator", "values")
        found["matchExpressions"] = [{k: e[k] for k in keys if k in e} for e in selector["matchExpressions"]]
    return found
