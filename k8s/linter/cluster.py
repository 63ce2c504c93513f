"""Rules about what stands around the pods: nodes, budgets, federated identities."""

from linter.consumer import PODS, whole
from linter.findings import Finding, at
from linter.pods import AZURE_CLIENT

OUTDATED = {
    ("karpenter.sh/v1alpha5", "Provisioner"): "NodePool of karpenter.sh/v1",
    ("karpenter.sh/v1beta1", "NodePool"): "karpenter.sh/v1",
    ("karpenter.azure.com/v1alpha2", "AKSNodeClass"): "karpenter.azure.com/v1beta1",
    ("karpenter.k8s.aws/v1beta1", "EC2NodeClass"): "karpenter.k8s.aws/v1",
    ("keda.k8s.io/v1alpha1", "ScaledObject"): "keda.sh/v1alpha1",
}
SERVERS = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink")
# KEDA's own service account is federated beside the consumer's, and stands in no manifest here.
KEDA = {"keda-operator"}
BINDING = "azure.workload.identity/use-identity-binding"
IRSA = "eks.amazonaws.com/role-arn"


def outdated(manifests):
    for manifest in manifests.all:
        now = OUTDATED.get((manifest.api, manifest.kind))
        if now:
            yield at(manifest, "outdated-version", f"{manifest.api} is no longer served by current releases.", f"Use {now}.")


def of_the_server(manifests):
    for manifest in manifests.all:
        metadata = manifest.data.get("metadata") or {}
        fields = [name for name in SERVERS if metadata.get(name) is not None]
        if manifest.data.get("status"):
            fields.append("status")
        if fields:
            yield at(manifest, "server-fields",
                     f"it carries what only the API server sets ({', '.join(fields)}), as a copy of a live object does: "
                     "applied elsewhere, it conflicts.",
                     "Leave those fields out.")


def budget(manifests):
    for manifest in manifests.of("PodDisruptionBudget"):
        least = manifest.at("spec.minAvailable")
        scalers = [m for m in manifests.of("ScaledObject") if m.namespace == manifest.namespace]
        if least is None or not scalers:
            continue
        pods = min(whole(m.at("spec.minReplicaCount", 0)) or 0 for m in scalers)
        if str(least) == "100%" or (whole(least) or 0) >= max(pods, 1):
            yield at(manifest, "budget-holds-nodes",
                     f"minAvailable {least} keeps a node with the last pod from ever being drained, since the scaler goes down to "
                     f"{pods}.",
                     "Use maxUnavailable, e.g. 25%: what an evicted pod holds goes back to the queue.")


def _bound(manifests):
    """Names of the service accounts whose pods use an AKS identity binding, which federates no subject of theirs."""
    templates = [m.at(PODS[m.kind]) or {} for m in manifests.of(*PODS)]
    return {(t.get("spec") or {}).get("serviceAccountName") for t in templates
            if ((t.get("metadata") or {}).get("annotations") or {}).get(BINDING) == "true"}


def federation(manifests):
    accounts = manifests.of("ServiceAccount")
    if not accounts or not manifests.subjects:
        return

    def matches(subject, account):
        return subject.account == account.name and account.namespace in (None, subject.namespace)

    for subject in manifests.subjects:
        if subject.account not in KEDA and not any(matches(subject, a) for a in accounts):
            names = ", ".join(f"{a.namespace or '(any namespace)'}/{a.name}" for a in accounts)
            yield Finding(subject.file, f"subject {subject}", "subject-without-account",
                          f"the federated subject names no service account of these manifests, which have {names}: its tokens "
                          "are refused.",
                          "Let namespace and service account agree, letter by letter.")
    bound = _bound(manifests)
    for account in accounts:
        if account.name in bound:
            continue
        annotations = account.at("metadata.annotations") or {}
        wants = AZURE_CLIENT in annotations or IRSA in annotations
        if wants and account.name not in KEDA and not any(matches(s, account) for s in manifests.subjects):
            yield at(account, "account-without-subject",
                     "no federated subject read here names it, so the identity in its annotation does not trust its tokens.",
                     f"Federate system:serviceaccount:{account.namespace or 'NAMESPACE'}:{account.name} with that identity.")


RULES = (outdated, of_the_server, budget, federation)
