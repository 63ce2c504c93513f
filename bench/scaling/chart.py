"""What the chart sets, read from it, so that the page cannot drift from it."""

import re
from pathlib import Path

VALUES = Path(__file__).resolve().parents[2] / "k8s/chart/values.yaml"


def quantity(text):
    """cores, or MiB."""
    found = re.fullmatch(r"([\d.]+)(m|Mi|Gi|)", text)
    return float(found[1]) * {"m": 0.001, "Mi": 1, "Gi": 1024, "": 1}[found[2]]


def duration(text):
    """seconds."""
    found = re.fullmatch(r"(\d+)(s|m|h)", text)
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600}[found[2]]


def read(text=None):
    """The values that the simulation needs, by the chart's names."""
    text = VALUES.read_text() if text is None else text

    def one(pattern):
        found = re.search(pattern, text, re.MULTILINE)
        if not found:
            raise SystemExit(f"growth: {VALUES} has nothing like {pattern}: bench/scaling/chart.py is to follow it")
        return found[1]

    return {
        "concurrency": int(one(r"^  concurrency: (\d+)")), "minReplicas": int(one(r"^  minReplicas: (\d+)")),
        "maxReplicas": int(one(r"^  maxReplicas: (\d+)")), "pollingInterval": int(one(r"^  pollingInterval: (\d+)")),
        "cooldownPeriod": int(one(r"^  cooldownPeriod: (\d+)")), "requestedCpu": quantity(one(r"^  requests: \{cpu: (\w+)")),
        "requestedMemory": quantity(one(r"^  requests: \{.*memory: (\w+)")), "cpuLimit": quantity(one(r"^  limits: \{cpu: (\w+)")),
        "consolidateAfter": duration(one(r"^  consolidateAfter: (\w+)")), "poolCpu": float(one(r'^  limits: \{cpu: "(\d+)"')),
        "spread": one(r"^  keys: \[(.*)\]").split(", "),
    }
