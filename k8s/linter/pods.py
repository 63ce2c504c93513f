"""Rules about a pod: how it ends, how long it works, how it proves who it is."""

from linter.findings import at, span

AZURE_LABEL = "azure.workload.identity/use"
AZURE_CLIENT = "azure.workload.identity/client-id"
AZURE_SPOT = "kubernetes.azure.com/scalesetpriority"
SPOT_NOTICE = 30  # seconds from Azure's notice of eviction to the end


def ending(_, consumer):
    grace = consumer.seconds("grace")
    if grace is None:
        return
    kill = float(consumer.spec.get("terminationGracePeriodSeconds") or 30)
    if kill <= grace:
        yield at(consumer.workload, "grace-cut-short",
                 f"the pod is killed {span(kill)} after SIGTERM, and the consumer takes up to {span(grace)} to hand back what "
                 "it holds.",
                 f"Set terminationGracePeriodSeconds to more than {span(grace)}, or lower --grace (EDW_GRACE).")
    drain = consumer.drain_seconds
    if drain is not None and grace <= drain and drain > 0:
        yield at(consumer.workload, "grace-below-drain",
                 f"finishing what a full pod holds takes {span(drain)}, and --grace is {span(grace)}: each scale-in throws "
                 "begun work away, to be done again.",
                 f"Raise --grace above {span(drain)} and terminationGracePeriodSeconds above that, or lower --concurrency.")
    spot = any(t.get("key") == AZURE_SPOT for t in consumer.spec.get("tolerations") or [])
    if spot and grace >= SPOT_NOTICE:
        yield at(consumer.workload, "grace-beyond-spot-notice",
                 f"a spot node is gone {SPOT_NOTICE} s after its notice, and --grace is {span(grace)}.",
                 f"Lower --grace below {SPOT_NOTICE} s.")


def lease(_, consumer):
    held, work = consumer.seconds("lease"), consumer.longest_work_seconds
    if held is not None and work is not None and held < work:
        yield at(consumer.workload, "lease-below-work",
                 f"one message may be worked on for {span(work)}, and its lease is {span(held)}: it lives by renewals alone, and "
                 "one that is late makes it come twice.",
                 f"Set --lease (EDW_LEASE) to more than {span(work)}.")


def drains_and_restarts(_, consumer):
    if consumer.workload.kind not in ("Deployment", "StatefulSet", "ReplicaSet"):
        return
    if str(consumer.option("drain")).lower() in ("true", "1", "yes", "on"):
        yield at(consumer.workload, "drain-in-deployment",
                 f"--drain ends the pod when the queue is empty, and a {consumer.workload.kind} starts it again without end.",
                 "Leave --drain out, or run it by a ScaledJob.")


def identity(manifests, consumer):
    name = consumer.spec.get("serviceAccountName") or consumer.spec.get("serviceAccount") or "default"
    account = manifests.named("ServiceAccount", name, consumer.workload)
    label = consumer.labels.get(AZURE_LABEL)
    if account is None:
        siblings = [a for a in manifests.of("ServiceAccount") if a.namespace == consumer.workload.namespace]
        if siblings and name != "default":
            yield at(consumer.workload, "service-account-absent",
                     f"its service account {name} is not among these manifests, and "
                     f"{', '.join(a.name for a in siblings)} is.",
                     "Name the service account that exists, or add it.")
        return
    client = (account.at("metadata.annotations") or {}).get(AZURE_CLIENT)
    if client and label != "true":
        why = "is missing" if label is None else f'is {label!r}, which is not the text "true"'
        yield at(consumer.workload, "pod-label-missing",
                 f"the label {AZURE_LABEL} on its pods {why}, so no token is put into them and {account.name}'s identity is "
                 "out of reach.",
                 f'Set spec.template.metadata.labels."{AZURE_LABEL}" to "true".')
    if label == "true" and not client and "AZURE_CLIENT_ID" not in consumer.environment:
        yield at(account, "client-id-missing",
                 f"pods of {consumer.workload} ask for a workload identity, and the service account names none.",
                 f"Add the annotation {AZURE_CLIENT} with the client id of the managed identity.")


RULES = (ending, lease, drains_and_restarts, identity)
