"""Drive the real helm over the chart, as a user would."""

import os
import subprocess
import tempfile
from pathlib import Path

import yaml

from schemas import TOOLS

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "k8s" / "chart"

AZURE = {
    "cloud": "azure",
    "image": {"repository": "registry.example/edw/consumer"},
    "azure": {"storageAccount": "mystorage", "queue": "messages", "table": "results",
              "clientId": "11111111-1111-1111-1111-111111111111"},
}
AWS = {
    "cloud": "aws",
    "image": {"repository": "registry.example/edw/consumer"},
    "aws": {"region": "eu-west-1", "queueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/messages",
            "table": "results", "roleArn": "arn:aws:iam::123456789012:role/edw"},
}


def merged(*layers):
    """Values laid over each other, as helm lays its files."""
    out = {}
    for layer in layers:
        for key, value in layer.items():
            both = isinstance(value, dict) and isinstance(out.get(key), dict)
            out[key] = merged(out[key], value) if both else value
    return out


def nested(path, value):
    """nested("a.b", 1) is {"a": {"b": 1}}."""
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


class Refused(Exception):
    """helm ended with an error: its words."""


def helm(*arguments, values=None):
    binary = TOOLS / "bin" / "helm"
    if not binary.exists():
        raise SystemExit(f"{binary} is missing: tests/k8s/install installs it.")
    with tempfile.TemporaryDirectory() as home:
        command = [str(binary), *arguments]
        if values is not None:
            path = Path(home) / "values.yaml"
            path.write_text(yaml.safe_dump(values))
            command += ["--values", str(path)]
        environment = {"PATH": os.environ["PATH"], "HOME": home, "GOGC": "off"}  # it ends before collecting pays
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300,
                              stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Refused(done.stderr + done.stdout)
    return done.stdout


def render(*layers, release="edw", namespace="edw"):
    """The manifests that `helm template` makes of the values, as text."""
    return helm("template", release, str(CHART), "--namespace", namespace, values=merged(*layers))


def manifests(*layers, **options):
    return [m for m in yaml.load_all(render(*layers, **options), Loader=yaml.CSafeLoader) if m]


def one(found, kind):
    """The only manifest of the kind."""
    matches = [m for m in found if m["kind"] == kind]
    assert len(matches) == 1, f"{len(matches)} of {kind}"
    return matches[0]
