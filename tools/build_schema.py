"""Builds the tables of `tinykube.schema` from the published API schema and recorded facts of a real API server.

    python tools/build_schema.py --discovery discovery-aggregated.json --protobuf protobuf-fields.json \\
        --columns table-columns.json [--schemas DIR] [--out DIR]

`--schemas` is a directory of kubernetes-validate (PyPI) with the definitions of one Kubernetes release; without it
the v1.36 one that is installed is read. The JSON written is compact, in a fixed order, and committed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
from pathlib import Path
from typing import Any

from go_types import GO_TYPES, PLAIN_SCALARS, POINTER_STRINGS, RESOURCE_LIST, VALUE_DESCRIPTIONS
from tinykube.schema import descriptions

RELEASE = "v1.36.0-local"
META = "io.k8s.apimachinery.pkg.apis.meta.v1."
# Kinds that clients send or read although discovery lists no resource of theirs.
EXTRA_ROOTS = [
    *(META + n for n in ("Status", "DeleteOptions", "WatchEvent", "APIGroup", "APIGroupList", "APIResourceList")),
    *(META + n for n in ("APIVersions", "Patch", "LabelSelector", "ListMeta")),
    "io.k8s.apimachinery.pkg.version.Info",
    "io.k8s.api.authentication.v1.TokenRequest",
]
# Definitions that are one value on the wire, whatever their Go struct looks like.
SCALARS = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "intstr",
    META + "Time": "time",
    META + "MicroTime": "microtime",
    META + "FieldsV1": "raw",
    META + "Patch": "raw",
    "io.k8s.apimachinery.pkg.runtime.RawExtension": "raw",
}
# Groups whose kinds a learner hardly explains: the client's wording will do.
RARE_GROUPS = {"admissionregistration", "apiextensions", "apiregistration", "certificates", "flowcontrol", "resource"}
PREFIXES = {
    "io.k8s.api.": "",
    "io.k8s.apimachinery.pkg.apis.": "",
    "io.k8s.apiextensions-apiserver.pkg.apis.": "",
    "io.k8s.kube-aggregator.pkg.apis.": "",
    "io.k8s.apimachinery.pkg.": "pkg.",
}


def short(name: str) -> str:
    """`io.k8s.api.core.v1.Pod` -> `core.v1.Pod`."""
    prefix = next(p for p in PREFIXES if name.startswith(p))
    return PREFIXES[prefix] + name.removeprefix(prefix)


def fact_key(name: str) -> str:
    """The key of go_types.py for a definition: `Pod`, `apps/Deployment`, `meta/ObjectMeta`."""
    group, _, kind = short(name).rsplit(".", 2)
    return kind if group == "core" else f"{group}/{kind}"


def ref(schema: dict[str, Any]) -> str | None:
    """The definition that a schema refers to, or None."""
    target = schema.get("$ref")
    return target.rsplit("/", 1)[1] if target else None


def scalar_code(target: str, package: str) -> str:
    """Quantities, times and the like; `raw@NAME` is any JSON value, known by the name of its definition."""
    if target.endswith(".JSONSchemaProps"):
        return "#" + short(target).removeprefix(package + ".")
    code = SCALARS.get(target, "raw")
    return f"raw@{short(target)}" if code == "raw" else code


def type_code(schema: dict[str, Any], package: str) -> str:
    """`[]Container`, `{}string`, `int32`, `#meta.v1.ObjectMeta`; names of the same package stand alone."""
    target = ref(schema)
    if target:
        if target in SCALARS or (
            target.startswith("io.k8s.apiextensions") and target.split(".")[-1].startswith("JSON")
        ):
            return scalar_code(target, package)
        return "#" + short(target).removeprefix(package + ".")
    kinds = schema.get("type")
    kind = kinds if isinstance(kinds, str) else next(k for k in kinds or ["raw"] if k != "null")
    if kind == "array":
        return "[]" + type_code(schema["items"], package)
    if kind == "object":
        extra = schema.get("additionalProperties")
        return "{}" + type_code(extra, package) if extra else "raw"
    form = {"byte": "bytes", "double": "double"}.get(schema.get("format", ""), schema.get("format", kind))
    return {"boolean": "bool", "date-time": "time"}.get(form, form)


GO_OF = {
    f.lstrip("[]{}"): ("[]" if f[0] == "[" else "{}" if f[0] == "{" else "") + go
    for go, fs in GO_TYPES.items()
    for f in fs
}


def field_code(owner: str, name: str, schema: dict[str, Any], required: bool) -> str:
    """One line per field: the type code, then its marks."""
    package, key = short(owner).rsplit(".", 1)[0], f"{fact_key(owner)}.{name}"
    code = type_code(schema, package)
    marks = [code]
    if required:
        marks.append("req")
    for mark, extension in (
        ("ps", "patch-strategy"),
        ("mk", "patch-merge-key"),
        ("list", "list-type"),
        ("map", "map-type"),
    ):
        if value := schema.get("x-kubernetes-" + extension):
            marks.append(f"{mark}:{value}")
    if keys := schema.get("x-kubernetes-list-map-keys"):
        marks.append("keys:" + ",".join(keys))
    go = GO_OF.get(key) or (RESOURCE_LIST if code == "{}quantity" and "io.k8s.api.core" in owner else None)
    if go:
        marks.append("go:" + go)
    if key in PLAIN_SCALARS:
        marks.append("plain")
    if key in POINTER_STRINGS:
        marks.append("ptr")
    return " ".join(marks)


def definition_table(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A definition: its fields ("f"), the kinds it is the type of ("gvk"), and how it is merged ("map")."""
    required = set(schema.get("required", ()))
    table: dict[str, Any] = {
        "f": {f: field_code(name, f, s, f in required) for f, s in sorted(schema.get("properties", {}).items())}
    }
    if map_type := schema.get("x-kubernetes-map-type"):
        table["map"] = map_type
    if gvks := schema.get("x-kubernetes-group-version-kind"):
        table["gvk"] = sorted("/".join(filter(None, (g["group"], g["version"], g["kind"]))) for g in gvks)
    return table


def reachable(schemas: dict[str, Any], roots: list[str]) -> list[str]:
    """All definitions that the roots lead to, themselves included, sorted."""
    seen: set[str] = set()
    todo = list(roots)
    while todo:
        name = todo.pop()
        if name in seen or name in SCALARS or name not in schemas:
            continue
        seen.add(name)
        for field in schemas[name].get("properties", {}).values():
            for schema in (field, field.get("items", {}), field.get("additionalProperties") or {}):
                if isinstance(schema, dict) and (target := ref(schema)):
                    todo.append(target)
                inner = schema.get("items", {}) if isinstance(schema, dict) else {}
                if target := ref(inner):
                    todo.append(target)
    return sorted(seen)


def served_kinds(discovery: dict[str, Any]) -> set[tuple[str, str, str]]:
    """(group, version, kind) of everything that the server serves, and of lists of it."""
    found = set()
    for group, version, resource in resources_of(discovery):
        for entry in (resource, *resource.get("subresources", ())):
            kind = entry["responseKind"]
            found.add((kind["group"] or group, kind["version"] or version, kind["kind"]))
            found.add((kind["group"] or group, kind["version"] or version, kind["kind"] + "List"))
    return found


def resources_of(discovery: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """(group, version, resource) of everything in the recorded discovery documents."""
    return [
        (group["metadata"].get("name", ""), version["version"], resource)
        for path in discovery.values()
        for group in path["items"]
        for version in group["versions"]
        for resource in version["resources"]
    ]


def roots_of(schemas: dict[str, Any], discovery: dict[str, Any]) -> list[str]:
    """The definitions of what is served; all others are reached from them."""
    served = served_kinds(discovery)
    found = [
        name
        for name, schema in schemas.items()
        for g in schema.get("x-kubernetes-group-version-kind", ())
        if (g["group"], g["version"], g["kind"]) in served
    ]
    return found + [name for name in EXTRA_ROOTS if name in schemas]


def protobuf_table(messages: dict[str, Any]) -> dict[str, Any]:
    """{package: {Message: "1 metadata k8s…ObjectMeta;2 …"}}; message names of the same package stand alone."""
    out: dict[str, dict[str, str]] = {}
    for full, fields in sorted(messages.items()):
        package, name = full.rsplit(".", 1)
        if ".testapigroup." in full:
            continue
        rows = sorted(fields.items(), key=lambda item: int(item[0]))
        out.setdefault(package, {})[name] = ";".join(f"{number} {field} {kind}" for number, (field, kind) in rows)
    return out


def column_table(columns: dict[str, Any]) -> dict[str, list[list[Any]]]:
    """The columns of each resource's table, as a real server sent them."""
    return {resource: entry["columns"] for resource, entry in columns.items()}


def load(path: Path) -> Any:
    """What a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def missing_descriptions(schemas: dict[str, Any], names: list[str]) -> dict[str, dict[str, str]]:
    """What the installed Python client leaves out, or words differently in its own release."""
    out = {}
    for name in names:
        schema, known = schemas[name], descriptions.client_texts(short(name))
        published = {"": schema.get("description", "")}
        published |= {f: s.get("description", "") for f, s in schema.get("properties", {}).items()}
        if lacking := {f: text for f, text in published.items() if not told(name, known.get(f, ""), text)}:
            out[short(name)] = lacking
    values = {short(n): schemas[n].get("description", "") for n in SCALARS if n in schemas} | VALUE_DESCRIPTIONS
    return out | {name: {"": text} for name, text in values.items() if text}


def told(name: str, known: str, text: str) -> bool:
    """Is the client's text good enough? It has lost line ends, which matters where the course sends readers."""
    if short(name).split(".")[0] in RARE_GROUPS:
        return known != "" or text == ""
    return known == text


def write(path: Path, value: Any) -> None:
    """One entry of the top level a line: small, and a change shows as a line in review."""
    if isinstance(value, dict):
        lines = [f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'))}" for k, v in value.items()]
        text = "{\n" + ",\n".join(lines) + "\n}\n"
    else:
        text = "[\n" + ",\n".join(json.dumps(v, separators=(",", ":")) for v in value) + "\n]\n"
    path.write_text(text, encoding="utf-8")
    print(f"{path.name}: {len(text):,} bytes")


def installed_schemas() -> Path:
    """Where kubernetes-validate keeps the release's definitions."""
    spec = importlib.util.find_spec("kubernetes_validate")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("kubernetes-validate is not installed; install it, or name its directory with --schemas")
    return Path(spec.submodule_search_locations[0]) / "kubernetes-json-schema" / RELEASE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("discovery", "protobuf", "columns"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--schemas", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "src/tinykube/schema/data")
    args = parser.parse_args()
    schemas = load((args.schemas or installed_schemas()) / "_definitions.json")["$defs"]
    discovery = load(args.discovery)
    names = reachable(schemas, roots_of(schemas, discovery))
    write(args.out / "definitions.json", {short(n): definition_table(n, schemas[n]) for n in names})
    write(args.out / "discovery.json", discovery)
    write(args.out / "protobuf.json", protobuf_table(load(args.protobuf)))
    write(args.out / "columns.json", column_table(load(args.columns)))
    write(args.out / "descriptions.json", missing_descriptions(schemas, names))


if __name__ == "__main__":
    main()
