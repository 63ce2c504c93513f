"""Rules about what scales the pods: thresholds, cool-down, who else sets replicas, which queue is watched."""

import re

from linter.consumer import consumers, whole
from linter.findings import at, span

QUEUES = ("azure-queue", "aws-sqs-queue")


def _number(value, default):
    number = whole(value) if value is not None else None
    return default if number is None else number


def _queues(scaler):
    return [t for t in scaler.at("spec.triggers") or [] if t.get("type") in QUEUES]


def _name(trigger):
    metadata = trigger.get("metadata") or {}
    text = metadata.get("queueName") or metadata.get("queueURL") or ""
    return re.split(r"[/]", str(text).rstrip("/"))[-1]


def _targets(manifests, scaler):
    """The consumers that a scaler makes more of."""
    if scaler.kind == "ScaledJob":
        return [c for c in consumers(manifests)[0] if c.workload == scaler]
    wanted = scaler.at("spec.scaleTargetRef.name")
    kind = scaler.at("spec.scaleTargetRef.kind", "Deployment")
    workload = manifests.named(kind, wanted, scaler)
    return [c for c in consumers(manifests)[0] if c.workload == workload]


def activation(_, scaler):
    least = _number(scaler.at("spec.minReplicaCount"), 0)
    if least > 0:
        return
    if scaler.at("spec.advanced.scalingModifiers.formula"):
        target = str(scaler.at("spec.advanced.scalingModifiers.activationTarget", "0"))
        if re.fullmatch(r"[0-9.]+", target) and float(target) > 0:
            yield at(scaler, "activation-strands",
                     f"with minReplicaCount 0, a formula that stays at {target} or less starts no pod: those messages lie "
                     "there until they expire.",
                     "Set advanced.scalingModifiers.activationTarget to \"0\", or minReplicaCount to 1.")
        return
    for trigger in _queues(scaler):
        threshold = _number((trigger.get("metadata") or {}).get("activationQueueLength"), 0)
        if threshold > 0:
            yield at(scaler, "activation-strands",
                     f"with minReplicaCount 0, up to {threshold} messages in {_name(trigger)} start no pod: they lie there until "
                     "they expire.",
                     "Set activationQueueLength to \"0\", or minReplicaCount to 1.")


def threshold(manifests, scaler):
    for consumer in _targets(manifests, scaler):
        for trigger in _queues(scaler):
            if consumer.queue and _name(trigger) != consumer.queue:
                continue
            length = _number((trigger.get("metadata") or {}).get("queueLength"), 5)
            if consumer.concurrency is not None and length < consumer.concurrency:
                yield at(scaler, "queue-length-below-concurrency",
                         f"it starts a pod for every {length} messages, while one pod of {consumer.workload} holds "
                         f"{consumer.concurrency} at once: most pods find nothing to do.",
                         f"Raise queueLength to {consumer.concurrency} or more (twice that is a good start), or lower "
                         "--concurrency (EDW_CONCURRENCY).")


def cooldown(manifests, scaler):
    if scaler.kind != "ScaledObject" or _number(scaler.at("spec.minReplicaCount"), 0) > 0:
        return
    wait = _number(scaler.at("spec.cooldownPeriod"), 300)
    poll = _number(scaler.at("spec.pollingInterval"), 30)
    if wait < poll:
        yield at(scaler, "cooldown-below-polling",
                 f"cooldownPeriod ({span(wait)}) is less than pollingInterval ({span(poll)}): one look at a queue that is empty "
                 "for a moment takes all pods down at once, and the next message waits for a new one.",
                 f"Set cooldownPeriod to more than {span(poll)}.")
    leases = [c.seconds("lease") for c in _targets(manifests, scaler)]
    lease = max((s for s in leases if s is not None), default=None)
    for trigger in _queues(scaler):
        metadata = trigger.get("metadata") or {}
        blind = (metadata.get("queueLengthStrategy") == "visibleonly" or
                 str(metadata.get("scaleOnInFlight", "true")).lower() == "false")
        if blind and lease is not None and wait <= lease:
            yield at(scaler, "cooldown-below-lease",
                     f"messages that are being worked on in {_name(trigger)} do not count, so after {span(wait)} of cool-down all "
                     f"pods go, at once, while leases last {span(lease)}.",
                     f"Count them (queueLengthStrategy all, scaleOnInFlight true), or set cooldownPeriod above {span(lease)}.")


def replicas(manifests, scaler):
    if scaler.kind != "ScaledObject":
        return
    name = scaler.at("spec.scaleTargetRef.name")
    kind = scaler.at("spec.scaleTargetRef.kind", "Deployment")
    target = manifests.named(kind, name, scaler)
    if target is None:
        if manifests.of(kind):
            yield at(scaler, "scale-target-absent", f"it scales the {kind} {name}, which is not among these manifests.",
                     "Correct scaleTargetRef, or add what it names.")
        return
    if target.at("spec.replicas") is not None:
        yield at(target, "replicas-beside-scaler",
                 f"it sets replicas to {target.at('spec.replicas')}, and {scaler} scales it: each apply throws the scaler's number "
                 "away.",
                 "Leave spec.replicas out.")


def watched_queue(manifests, scaler):
    names = [_name(t) for t in _queues(scaler)]
    for consumer in _targets(manifests, scaler):
        if names and consumer.queue and consumer.queue not in names:
            yield at(scaler, "other-queue-watched",
                     f"it watches {', '.join(names)}, and {consumer.workload} reads {consumer.queue}: the work never starts a "
                     "pod.",
                     "Name the same queue in both.")


def authentication(manifests, scaler):
    for trigger in _queues(scaler):
        name = (trigger.get("authenticationRef") or {}).get("name")
        kind = (trigger.get("authenticationRef") or {}).get("kind", "TriggerAuthentication")
        if name is None:
            continue
        given = manifests.named(kind, name, scaler)
        if given is None:
            if manifests.of(kind):
                yield at(scaler, "authentication-absent", f"it names the {kind} {name}, which is not among these manifests.",
                         "Correct authenticationRef, or add what it names.")
            continue
        provider = given.at("spec.podIdentity.provider")
        if provider == "azure-workload" and not (trigger.get("metadata") or {}).get("accountName"):
            yield at(scaler, "account-name-missing",
                     f"KEDA reads {_name(trigger)} by a workload identity, and then needs the storage account's name.",
                     "Add accountName to the trigger's metadata.")
        expected = "azure-workload" if trigger["type"] == "azure-queue" else "aws"
        if provider not in (None, "none", expected) and not (expected == "aws" and provider == "aws-eks"):
            yield at(given, "identity-of-other-cloud",
                     f"its pod identity is {provider}, and the trigger {trigger['type']} knows only {expected}.",
                     f"Set podIdentity.provider to {expected}.")


def formula(_, scaler):
    text = scaler.at("spec.advanced.scalingModifiers.formula")
    if not text:
        return
    names = {t.get("name") for t in scaler.at("spec.triggers") or []}
    words = set(re.findall(r"\b[A-Za-z_]\w*\b(?!\s*\()", str(text)))
    unknown = sorted(words - names - {"and", "or", "not", "true", "false", "nil", "in", "let"})
    if unknown:
        yield at(scaler, "formula-names-no-trigger",
                 f"its formula speaks of {', '.join(unknown)}, and no trigger has that name.",
                 "Name the trigger so, or correct the formula.")


RULES = (activation, threshold, cooldown, replicas, watched_queue, authentication, formula)
