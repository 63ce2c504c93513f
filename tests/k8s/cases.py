"""The values that the chart is tried with."""

import itertools

from chart import AWS, AZURE, merged, nested

BASES = {"azure": AZURE, "aws": AWS}
# What a base needs besides for an end on the other cloud.
OTHER = {"azure": {"aws": AWS["aws"]},
         "aws": merged({"azure": AZURE["azure"]}, nested("azure.tenantId", "22222222-2222-2222-2222-222222222222"))}
MODES = {"deployment": {}, "job": nested("autoscaling.mode", "job"), "fixed": nested("autoscaling.enabled", False)}
POOL = {"nodePool": {"create": True, "nodeClass": {"role": "nodes", "clusterName": "cluster"}}}


def elsewhere(cloud, end):
    """Values that put the queue or the table on the other cloud."""
    other = {"azure": "aws", "aws": "azure"}[cloud]
    return merged(OTHER[cloud], {f"{end}Cloud": other})


VARIANTS = {
    "no network policy": nested("networkPolicy.enabled", False),
    "metrics": merged(nested("consumer.metrics-port", 9090), nested("podMonitor.enabled", True)),
    "alerts and dashboard": merged(nested("consumer.metrics-port", 9090), nested("podMonitor.enabled", True),
                                   nested("monitoring.alerts.enabled", True), nested("monitoring.dashboard.enabled", True)),
    "metrics from one namespace": merged(nested("consumer.metrics-port", 9090), nested("networkPolicy.metricsFrom", [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}])),
    "spot": nested("spot.enabled", True),
    "pool on demand": POOL,
    "pool on spot": merged(POOL, {"nodePool": {"capacityTypes": ["spot"], "weight": 10, "limits": {"cpu": 64, "memory": "256Gi"}}}),
    "pool of both, untainted": merged(POOL, {"nodePool": {"capacityTypes": ["spot", "on-demand"], "taint": False,
                                                          "architectures": ["amd64", "arm64"]}}),
    "pool on a node class that exists": merged(POOL, {"nodePool": {"nodeClass": {"create": False, "name": "default"}}}),
    "nodes with tags": merged(POOL, {"nodePool": {"nodeClass": {"tags": {"team": "orders"}}}}),
    "nodes in a subnet of their own": merged(POOL, {"nodePool": {"nodeClass": {"vnetSubnetId": "/subscriptions/x/resourceGroups/y"}}}),
    "one zone": nested("topologySpread.enabled", False),
    "no budget": nested("podDisruptionBudget.enabled", False),
    "own service account": {"serviceAccount": {"create": False, "name": "there-already"}},
    "named by hand": {"fullnameOverride": "aqs-app", "serviceAccount": {"name": "aqs-app-service-account"}},
    "a digest": nested("image.digest", "sha256:" + "a" * 64),
    "pull secrets": nested("image.pullSecrets", [{"name": "registry"}]),
    "limits alone": {"resources": {"requests": None, "limits": {"cpu": 1, "memory": "64Mi"}}},
    "everything a pod can have": {
        "podLabels": {"team": "orders"}, "podAnnotations": {"note": "x"}, "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "dedicated", "operator": "Exists"}], "priorityClassName": "batch",
        "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
            {"matchExpressions": [{"key": "zone", "operator": "Exists"}]}]}}},
        "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy.example:3128"}],
        "extraVolumes": [{"name": "ca", "configMap": {"name": "ca"}}],
        "extraVolumeMounts": [{"name": "ca", "mountPath": "/etc/ca"}]},
    "more egress": nested("networkPolicy.extraEgress", [{"ports": [{"protocol": "TCP", "port": 3128}]}]),
    "KEDA by a secret": nested("autoscaling.keda.secretName", "queue-reader"),
    "fallback and behaviour": {"autoscaling": {"fallback": {"failureThreshold": 3, "replicas": 2}, "behavior": {
        "scaleDown": {"stabilizationWindowSeconds": 120}}, "annotations": {"autoscaling.keda.sh/paused": "false"}}},
    "no doctor": nested("doctor.enabled", False),
}


def two_queues(cloud):
    more = {"azure": {"name": "priority", "queue": "urgent", "queueLength": 10},
            "aws": {"name": "priority", "queueUrl": AWS["aws"]["queueUrl"] + "-urgent"}}[cloud]
    return nested("autoscaling.additionalQueues", [more])


def cases():
    """Each a name and its values."""
    for cloud, mode in itertools.product(BASES, MODES):
        base = merged(BASES[cloud], MODES[mode])
        yield f"{cloud}, {mode}", base
        for end in ("queue", "table"):
            yield f"{cloud}, {mode}, {end} elsewhere", merged(base, elsewhere(cloud, end))
        yield f"{cloud}, {mode}, both elsewhere", merged(base, elsewhere(cloud, "queue"), elsewhere(cloud, "table"))
        if mode != "fixed":
            yield f"{cloud}, {mode}, two queues", merged(base, two_queues(cloud))
    for cloud, variant in itertools.product(BASES, VARIANTS):
        yield f"{cloud}, {variant}", merged(BASES[cloud], VARIANTS[variant])
    for mode, variant in (("job", "metrics"), ("job", "pool on spot"), ("job", "spot"), ("fixed", "spot")):
        yield f"azure, {mode}, {variant}", merged(AZURE, MODES[mode], VARIANTS[variant])
    yield "azure, managed identity", merged(AZURE, nested("azure.identity", "managed"))
    yield "azure, identity binding", merged(AZURE, nested("azure.identity", "binding"), nested("podAnnotations.note", "x"))
    yield "azure, another environment", merged(AZURE, nested("azure.environment", "AzureChinaCloud"))
    yield "aws, pod identity", merged(AWS, {"aws": {"identity": "podIdentity", "roleArn": ""}})
    yield "aws, the node's role", merged(AWS, {"aws": {"identity": "node", "roleArn": ""}})
    yield "aws, a role for KEDA", merged(AWS, nested("autoscaling.keda.roleArn", "arn:aws:iam::123456789012:role/keda"))
    yield "aws, KEDA as the workload", merged(AWS, nested("autoscaling.keda.identityOwner", "workload"))
    yield "a formula", merged(AZURE, two_queues("azure"), {"autoscaling": {"formula": "work + 4 * priority", "formulaTarget": 100}})
