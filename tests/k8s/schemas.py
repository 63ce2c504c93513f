"""Judge manifests by the pinned schemas of their kinds, strictly: an unknown field is an error."""

import functools
import json
import os
import re
from pathlib import Path

import cel
import jsonschema
import kubernetes_validate
import yaml

HERE = Path(__file__).resolve().parent
TOOLS = Path(os.environ.get("EDW_TOOLS", HERE.parents[1] / "build" / "tools"))
KUBERNETES = "1.34"

METADATA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "maxLength": 63, "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"},
        "namespace": {"type": "string"},
        "labels": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 63}},
        "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


def closed(schema):
    """A copy of an OpenAPI schema in which no object takes a property that it does not name."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    out = {}
    for key, value in schema.items():
        if key == "properties":
            out[key] = {name: closed(part) for name, part in value.items()}
        elif key in ("description", "default", "example", "enum", "required") or key.startswith("x-kubernetes-"):
            out[key] = value
        else:
            out[key] = closed(value)
    if "properties" in out and not out.get("x-kubernetes-preserve-unknown-fields"):
        out.setdefault("additionalProperties", False)
    if out.get("x-kubernetes-int-or-string"):
        out.pop("type", None)
        out["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    return out


@functools.cache
def custom():
    """From (apiVersion, kind) to the schemas that such an object must satisfy, every one of them."""
    found = {}
    files = sorted((TOOLS / "crds").glob("*.yaml"))
    if not files:
        raise SystemExit(f"no schemas in {TOOLS / 'crds'}: tests/k8s/install fetches them.")
    for path in [*files, HERE / "aksnodeclass.yaml"]:
        spec = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)["spec"]
        for version in spec["versions"]:
            schema = closed(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = METADATA
            found.setdefault((f"{spec['group']}/{version['name']}", spec["names"]["kind"]), []).append(schema)
    return found


@functools.cache
def scalers():
    """From a KEDA trigger's type to what its metadata may hold: {name: parameter}."""
    told = json.loads((TOOLS / "crds" / "scalers-schema.json").read_text())
    names = {scaler["type"]: {p["name"]: p for p in scaler["parameters"]} for scaler in told["scalers"]}
    names["azure-queue"]["cloud"] = {"name": "cloud", "optional": True}  # KEDA reads it outside of its own list
    return names


def triggers_of(manifest):
    for trigger in manifest["spec"].get("triggers", []):
        known = scalers().get(trigger["type"])
        if known is None:
            yield f"KEDA knows no trigger of the type {trigger['type']}"
            continue
        for name, value in trigger["metadata"].items():
            if name not in known:
                yield f"trigger {trigger['type']}: unknown metadata {name}"
            elif value not in known[name].get("allowedValue", [value]):
                yield f"trigger {trigger['type']}: {name} is {value}, and may be {known[name]['allowedValue']}"
        for name, parameter in known.items():
            if not parameter.get("optional") and "default" not in parameter and name not in trigger["metadata"]:
                yield f"trigger {trigger['type']}: metadata {name} is missing"


@functools.cache
def compiled(rule):
    return cel.compile(rule)


def holds(rule, value):
    """Does a rule of x-kubernetes-validations hold for the value it stands at?"""
    context = cel.Context()
    context.add_variable("self", value)
    # Kubernetes adds these to CEL's own functions.
    context.add_function("find", lambda text, pattern: (re.search(pattern, text) or [""])[0])
    context.add_function("split", lambda text, by: text.split(by))
    return compiled(rule).execute(context)


def broken_rules(schema, value, path=""):
    """The rules in CEL that a value breaks, down through all its parts. Rules about a change need the object before it."""
    for validation in schema.get("x-kubernetes-validations", []):
        if "oldSelf" not in validation["rule"] and not holds(validation["rule"], value):
            yield f"{path}: {validation.get('message', validation['rule'])}"
    if isinstance(value, dict):
        for key, part in value.items():
            below = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
            if isinstance(below, dict):
                yield from broken_rules(below, part, f"{path}.{key}".lstrip("."))
    if isinstance(value, list):
        for index, part in enumerate(value):
            yield from broken_rules(schema.get("items", {}), part, f"{path}.{index}")


def errors_of(manifest):
    """What is wrong with one manifest, a sentence each; nothing where it is as its schema has it."""
    what = f"{manifest.get('kind')} {manifest.get('metadata', {}).get('name')}"
    schemas = custom().get((manifest.get("apiVersion"), manifest.get("kind")))
    if schemas is None:
        try:
            kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{what}: {'.'.join(map(str, error.path))}: {error.message}"
        except kubernetes_validate.SchemaNotFoundError as error:
            yield f"{what}: {error.message}"
        return
    for schema in schemas:
        for error in jsonschema.Draft202012Validator(schema).iter_errors(manifest):
            yield f"{what}: {'.'.join(map(str, error.path))}: {error.message}"
        for sentence in broken_rules(schema, manifest):
            yield f"{what}: {sentence}"
    if manifest["apiVersion"].startswith("keda.sh/"):
        for sentence in triggers_of(manifest):
            yield f"{what}: {sentence}"
