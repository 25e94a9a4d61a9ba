"""Where a Pod may run: node selectors, affinity, tolerations, topology spread, scheduling gates; and node taints.

Law: pure.

Models pkg/apis/core/validation/validation.go (validateAffinity, ValidateTolerations,
validateTopologySpreadConstraints, validateNodeTaints).
"""

from __future__ import annotations

from tinykube.api.validation import field, names
from tinykube.api.validation.field import Causes
from tinykube.api.validation.selectors import label_selector
from tinykube.errors import Obj

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


# -- affinity ------------------------------------------------------------------------------------------------


def affinity(found: Obj | None, path: str) -> Causes:
    """Node affinity, Pod affinity and Pod anti-affinity."""
    causes: Causes = []
    found = found or {}
    if found.get("nodeAffinity") is not None:
        causes += _node_affinity(found["nodeAffinity"], f"{path}.nodeAffinity")
    for kind in ("podAffinity", "podAntiAffinity"):
        if found.get(kind) is not None:
            causes += _pod_affinity(found[kind], f"{path}.{kind}")
    return causes


def _node_affinity(found: Obj, path: str) -> Causes:
    causes: Causes = []
    if found.get(_REQUIRED) is not None:
        causes += node_selector(found[_REQUIRED], f"{path}.{_REQUIRED}")
    for index, term in enumerate(found.get(_PREFERRED) or ()):
        here = f"{path}.{_PREFERRED}[{index}]"
        causes += _weight(term, here)
        causes += _node_term(term.get("preference") or {}, f"{here}.preference", values=False)
    return causes


def _weight(term: Obj, path: str) -> Causes:
    weight = term.get("weight") or 0
    return [] if 1 <= weight <= 100 else [field.invalid(f"{path}.weight", weight, "must be in the range 1-100")]


def node_selector(found: Obj, path: str) -> Causes:
    """A NodeSelector: at least one term."""
    terms = found.get("nodeSelectorTerms") or []
    here = f"{path}.nodeSelectorTerms"
    if not terms:
        return [field.required(here, "must have at least one node selector term")]
    return [c for index, term in enumerate(terms) for c in _node_term(term, f"{here}[{index}]", values=True)]


def _node_term(term: Obj, path: str, *, values: bool) -> Causes:
    causes: Causes = []
    for index, requirement in enumerate(term.get("matchExpressions") or ()):
        causes += _node_requirement(requirement, f"{path}.matchExpressions[{index}]", values=values)
    for index, requirement in enumerate(term.get("matchFields") or ()):
        causes += _node_field(requirement, f"{path}.matchFields[{index}]")
    return causes


def _node_requirement(found: Obj, path: str, *, values: bool) -> Causes:
    operator, wanted, key = found.get("operator") or "", found.get("values") or [], found.get("key") or ""
    causes: Causes = []
    if operator in ("In", "NotIn"):
        if not wanted:
            causes.append(field.required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in ("Exists", "DoesNotExist"):
        if wanted:
            detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            causes.append(field.forbidden(f"{path}.values", detail))
    elif operator in ("Gt", "Lt"):
        if len(wanted) != 1:
            detail = "must be specified single value when `operator` is 'Lt' or 'Gt'"
            causes.append(field.required(f"{path}.values", detail))
    else:
        causes.append(field.invalid(f"{path}.operator", operator, "not a valid selector operator"))
    causes += field.each_invalid(f"{path}.key", key, names.qualified_name(key))
    for index, value in enumerate(wanted if values else ()):
        causes += field.each_invalid(f"{path}.values[{index}]", value, names.label_value(value))
    return causes


def _node_field(found: Obj, path: str) -> Causes:
    operator, wanted, key = found.get("operator") or "", found.get("values") or [], found.get("key") or ""
    causes: Causes = []
    if operator not in ("In", "NotIn"):
        causes.append(field.invalid(f"{path}.operator", operator, "not a valid selector operator"))
    elif len(wanted) != 1:
        detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        causes.append(field.required(f"{path}.values", detail))
    if key != "metadata.name":
        return [*causes, field.invalid(f"{path}.key", key, "not a valid field selector key")]
    for index, value in enumerate(wanted):
        causes += field.each_invalid(f"{path}.values[{index}]", value, names.dns_subdomain(value))
    return causes


def _pod_affinity(found: Obj, path: str) -> Causes:
    causes: Causes = []
    for index, term in enumerate(found.get(_REQUIRED) or ()):
        causes += _pod_term(term, f"{path}.{_REQUIRED}[{index}]")
    for index, weighted in enumerate(found.get(_PREFERRED) or ()):
        here = f"{path}.{_PREFERRED}[{index}]"
        causes += _weight(weighted, here) + _pod_term(weighted.get("podAffinityTerm") or {}, f"{here}.podAffinityTerm")
    return causes


def _pod_term(term: Obj, path: str) -> Causes:
    causes = label_selector(term.get("labelSelector"), f"{path}.labelSelector")
    causes += label_selector(term.get("namespaceSelector"), f"{path}.namespaceSelector")
    for name in term.get("namespaces") or ():
        causes += field.each_invalid(f"{path}.namespace", name, names.dns_label(name))
    causes += _label_keys(term, path)
    key = term.get("topologyKey") or ""
    if not key:
        causes.append(field.required(f"{path}.topologyKey", "can not be empty"))
    return causes + field.each_invalid(f"{path}.topologyKey", key, names.qualified_name(key))


def _label_keys(term: Obj, path: str) -> Causes:
    """matchLabelKeys and mismatchLabelKeys, which add to a selector."""
    match, mismatch, selector = term.get("matchLabelKeys") or [], term.get("mismatchLabelKeys") or [], "labelSelector"
    causes: Causes = []
    for name, keys in (("matchLabelKeys", match), ("mismatchLabelKeys", mismatch)):
        if keys and term.get(selector) is None:
            detail = "must not be specified when labelSelector is not set"
            causes.append(field.forbidden(f"{path}.{name}", detail))
            continue
        for index, key in enumerate(keys):
            causes += field.each_invalid(f"{path}.{name}[{index}]", key, names.qualified_name(key))
    for index, key in enumerate(match):
        if key in mismatch:
            detail = "exists in both matchLabelKeys and mismatchLabelKeys"
            causes.append(field.invalid(f"{path}.matchLabelKeys[{index}]", key, detail))
    return causes


# -- taints and tolerations ----------------------------------------------------------------------------------


def tolerations(found: list[Obj], path: str) -> Causes:
    """A Pod's tolerations."""
    return [c for index, toleration in enumerate(found) for c in _toleration(toleration, f"{path}[{index}]")]


def _toleration(found: Obj, path: str) -> Causes:
    key, operator = found.get("key") or "", found.get("operator") or ""
    value, effect = found.get("value") or "", found.get("effect") or ""
    causes = field.each_invalid(f"{path}.key", key, names.qualified_name(key)) if key else []
    if not key and operator != "Exists":
        detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
        causes.append(field.invalid(f"{path}.operator", operator, detail))
    if found.get("tolerationSeconds") is not None and effect != "NoExecute":
        detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
        causes.append(field.invalid(f"{path}.effect", effect, detail))
    if operator in ("Equal", ""):
        messages = names.label_value(value)
        causes += [field.invalid(f"{path}.operator", value, ";".join(messages))] if messages else []
    elif operator == "Exists":
        detail = "value must be empty when `operator` is 'Exists'"
        causes += [field.invalid(f"{path}.operator", value, detail)] if value else []
    else:
        known = ("Equal", "Exists", "Lt", "Gt") if operator in ("Lt", "Gt") else ("Equal", "Exists")
        causes.append(field.not_supported(f"{path}.operator", operator, known))
    if effect and effect not in EFFECTS:
        causes.append(field.not_supported(f"{path}.effect", effect, EFFECTS))
    return causes


def taints(found: list[Obj], path: str) -> Causes:
    """A node's taints."""
    causes: Causes = []
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(found):
        here, key, effect = f"{path}[{index}]", taint.get("key") or "", taint.get("effect") or ""
        causes += field.each_invalid(f"{here}.key", key, names.qualified_name(key))
        messages = names.label_value(taint.get("value") or "")
        causes += [field.invalid(f"{here}.value", taint["value"], ";".join(messages))] if messages else []
        causes += field.one_of(f"{here}.effect", effect, EFFECTS)
        if (key, effect) in seen:
            causes.append(field.duplicate(here, _go_taint(taint), "taints must be unique by key and effect pair"))
        seen.add((key, effect))
    return causes


def _go_taint(taint: Obj) -> Obj:
    internal = (("Key", "key"), ("Value", "value"), ("Effect", "effect"))
    return {go: taint.get(name) or "" for go, name in internal} | {"TimeAdded": taint.get("timeAdded")}


# -- spread and gates ----------------------------------------------------------------------------------------


def topology_spread(found: list[Obj], path: str) -> Causes:
    """topologySpreadConstraints."""
    causes: Causes = []
    pairs = [(c.get("topologyKey") or "", c.get("whenUnsatisfiable") or "") for c in found]
    for index, constraint in enumerate(found):
        here = f"{path}[{index}]"
        causes += _spread(constraint, here)
        if pairs[index] in pairs[index + 1 :]:
            shown = f"{{{', '.join(pairs[index])}}}"
            causes.append(field.duplicate(f"{here}.{{topologyKey, whenUnsatisfiable}}", shown))
        causes += _spread_details(constraint, here) + _label_keys(constraint, here)
        causes += label_selector(constraint.get("labelSelector"), f"{here}.labelSelector")
    return causes


def _spread(constraint: Obj, path: str) -> Causes:
    skew, key = constraint.get("maxSkew") or 0, constraint.get("topologyKey") or ""
    causes = [] if skew > 0 else [field.invalid(f"{path}.maxSkew", skew, "must be greater than zero")]
    if not key:
        causes.append(field.required(f"{path}.topologyKey", "can not be empty"))
    policy, modes = constraint.get("whenUnsatisfiable") or "", ("DoNotSchedule", "ScheduleAnyway")
    return causes + ([] if policy in modes else [field.not_supported(f"{path}.whenUnsatisfiable", policy, modes)])


def _spread_details(constraint: Obj, path: str) -> Causes:
    causes: Causes = []
    policy = constraint.get("whenUnsatisfiable") or ""
    minimum = constraint.get("minDomains")
    if minimum is not None:
        if minimum <= 0:
            causes.append(field.invalid(f"{path}.minDomains", minimum, "must be greater than zero"))
        if policy != "DoNotSchedule":
            detail = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {policy}"
            causes.append(field.invalid(f"{path}.minDomains", minimum, detail))
    for name in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
        chosen = constraint.get(name)
        if chosen is not None and chosen not in ("Honor", "Ignore"):
            causes.append(field.not_supported(f"{path}.{name}", chosen, ("Honor", "Ignore")))
    return causes


def gates(found: list[Obj], path: str) -> Causes:
    """schedulingGates: qualified names, each once."""
    causes: Causes = []
    seen: set[str] = set()
    for index, gate in enumerate(found):
        name = gate.get("name") or ""
        causes += field.each_invalid(f"{path}[{index}]", name, names.qualified_name(name))
        causes += [field.duplicate(f"{path}[{index}]", name)] if name in seen else []
        seen.add(name)
    return causes


def readiness_gates(found: list[Obj], path: str) -> Causes:
    """readinessGates: names of conditions."""
    causes: Causes = []
    for index, gate in enumerate(found):
        kind = gate.get("conditionType") or ""
        causes += field.each_invalid(f"{path}[{index}].conditionType", kind, names.qualified_name(kind))
    return causes
