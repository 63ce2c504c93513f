"""The consumer in a pod: which container it is, and what its options come to."""

import math
import re
from dataclasses import dataclass

from linter.manifests import Manifest

PODS = {"Deployment": "spec.template", "StatefulSet": "spec.template", "ReplicaSet": "spec.template",
        "Job": "spec.template", "ScaledJob": "spec.jobTargetRef.template"}
SAMPLES = {"AZURE_QUEUE_NAME", "SQS_QUEUE_URL"}
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400, "": 1}
SHAPE = (AttributeError, KeyError, TypeError, ValueError)  # what reading an oddly shaped manifest raises
DEFAULTS = {"grace": "25", "lease": "60", "concurrency": "64", "process": "none", "threads": "1"}


def seconds(text):
    """Seconds of a duration as the consumer takes it (25, 500ms, 2m); None where it is none."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(us|ms|s|m|h|d)?", str(text).strip())
    return float(match[1]) * UNITS[match[2] or ""] if match else None


def whole(text):
    """A whole number, or None."""
    digits = str(text).replace("_", "").replace(",", "")
    return int(digits) if digits.isdigit() else None


@dataclass(frozen=True)
class Consumer:
    """One container that runs the consumer, in the workload that makes its pods."""

    workload: Manifest
    pod: dict  # the pod template: metadata and spec
    container: dict
    environment: dict  # None for a value that only the cluster knows

    @property
    def spec(self):
        return self.pod.get("spec") or {}

    @property
    def labels(self):
        return (self.pod.get("metadata") or {}).get("labels") or {}

    def option(self, name):
        """The option's text: from the arguments, else from the environment, else its default, else None."""
        words = [str(w) for w in (self.container.get("command") or []) + (self.container.get("args") or [])]
        for index, word in enumerate(words):
            if word.startswith(f"--{name}="):
                return word.partition("=")[2]
            if word == f"--{name}":
                following = words[index + 1] if index + 1 < len(words) else "true"
                return "true" if following.startswith("--") else following
        variable = "EDW_" + name.upper().replace("-", "_")
        if variable in self.environment:
            return self.environment[variable]
        return DEFAULTS.get(name)

    def seconds(self, name):
        text = self.option(name)
        return None if text is None else seconds(text)

    @property
    def concurrency(self):
        return whole(self.option("concurrency"))

    @property
    def work_seconds(self):
        """How long one message is worked on, where the options tell; else None."""
        process = str(self.option("process") or "")
        kind, _, time = process.partition("=")
        return seconds(time) if kind in ("sleep", "cpu") else 0 if kind == "none" else None

    @property
    def longest_work_seconds(self):
        """How long one message may be worked on: where a program does it, until its time is up."""
        if str(self.option("process") or "").startswith("exec"):
            given = self.option("process-timeout")
            return None if given is None else seconds(given)
        return self.work_seconds

    @property
    def drain_seconds(self):
        """How long a full pod needs to finish what it holds, where the options tell; else None."""
        work = self.work_seconds
        if work is None or self.concurrency is None:
            return None
        if not str(self.option("process")).startswith("cpu"):
            return work
        return work * math.ceil(self.concurrency / (whole(self.option("threads")) or 1))

    @property
    def queue(self):
        """The queue's name as far as the options tell it, else None."""
        uri = self.option("queue")
        if uri is None:
            uri = self.environment.get("AZURE_QUEUE_NAME") or self.environment.get("SQS_QUEUE_URL")
        return None if not uri else re.split(r"[/:#]", str(uri).rstrip("/"))[-1]


def _environment(manifests, workload, container):
    values = {}
    for source in container.get("envFrom") or []:
        name = (source.get("configMapRef") or {}).get("name")
        config = manifests.named("ConfigMap", name, workload) if name else None
        if config:
            prefix = source.get("prefix") or ""
            values.update({prefix + key: str(value) for key, value in (config.data.get("data") or {}).items()})
    for entry in container.get("env") or []:
        value = entry.get("value")
        if value is None and "valueFrom" in entry:
            reference = entry["valueFrom"].get("configMapKeyRef") or {}
            config = manifests.named("ConfigMap", reference.get("name"), workload)
            value = (config.data.get("data") or {}).get(reference.get("key")) if config else None
        values[entry["name"]] = None if value is None else str(value)
    return values


def _in(manifests, workload, is_scaled):
    containers = (workload.at(PODS[workload.kind], {}).get("spec") or {}).get("containers") or []
    both = [(c, _environment(manifests, workload, c)) for c in containers]
    known = [pair for pair in both if SAMPLES & pair[1].keys() or any(n.startswith("EDW_") for n in pair[1])]
    for container, environment in known or (both[:1] if is_scaled else []):
        yield Consumer(workload, workload.at(PODS[workload.kind]), container, environment)


def consumers(manifests):
    """Every container that runs the consumer, known by its variables or by being what a queue scales; and the workloads
    that have not the shape of their kind, each with the error."""
    scaled = {(str(m.at("spec.scaleTargetRef.name")), m.namespace) for m in manifests.of("ScaledObject")}
    found, odd = [], []
    for workload in manifests.of(*PODS):
        is_scaled = workload.kind == "ScaledJob" or (workload.name, workload.namespace) in scaled
        try:
            found += _in(manifests, workload, is_scaled)
        except SHAPE as error:
            odd.append((workload, error))
    return found, odd
