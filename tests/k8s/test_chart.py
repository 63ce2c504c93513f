"""The chart, rendered by the real helm: valid by the pinned schemas, sound by the linter, and refusing what is not whole."""

import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

from chart import AWS, AZURE, CHART, ROOT, Refused, helm, manifests, merged, nested, one, render
from schemas import TOOLS, errors_of

sys.path.insert(0, str(ROOT / "k8s"))

from linter.command import lint  # noqa: E402
from linter.manifests import Manifests  # noqa: E402

BINARIES = Path(os.environ.get("EDW_BIN", ROOT / "build" / "dev" / "bin"))
BASES = {"azure": AZURE, "aws": AWS}
OTHER = {"azure": merged({"aws": AWS["aws"]}), "aws": merged({"azure": AZURE["azure"]}, nested("azure.tenantId", "2" * 8 + "-2222" * 3 + "-" + "2" * 12))}
MODES = {"deployment": {}, "job": nested("autoscaling.mode", "job"), "fixed": nested("autoscaling.enabled", False)}
POOL = {"nodePool": {"create": True, "nodeClass": {"role": "nodes", "clusterName": "cluster"}}}


def only_queue(cloud):
    return {"azure": {"azure": {"table": ""}}, "aws": {"aws": {"table": ""}}}[cloud]


def elsewhere(cloud, end):
    """Values that put the queue or the table on the other cloud."""
    other = {"azure": "aws", "aws": "azure"}[cloud]
    return merged(OTHER[cloud], {f"{end}Cloud": other})


VARIANTS = {
    "no network policy": nested("networkPolicy.enabled", False),
    "metrics": merged(nested("consumer.metrics-port", 9090), nested("podMonitor.enabled", True)),
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


class RenderedTest(unittest.TestCase):
    def test_every_render_is_valid_by_the_schemas_and_sound_by_the_linter(self):
        count = 0
        for name, values in cases():
            with self.subTest(name):
                found = manifests(values)
                self.assertEqual([e for m in found for e in errors_of(m)], [])
                together = Manifests()
                for m in found:
                    together.add("chart", m)
                self.assertEqual([f.text() for f in lint(together)], [])
                count += len(found)
        self.assertGreater(count, 500)

    def test_lint_passes_on_both_clouds(self):
        for cloud, base in BASES.items():
            with self.subTest(cloud):
                self.assertIn("0 chart(s) failed", helm("lint", "--strict", str(CHART), values=base))

    def test_names_stay_within_what_keda_and_labels_take(self):
        found = manifests(AZURE, release="r" * 53)
        self.assertEqual([e for m in found for e in errors_of(m)], [])
        self.assertLessEqual(len("keda-hpa-" + one(found, "ScaledObject")["metadata"]["name"]), 63)


class DeploymentTest(unittest.TestCase):
    def pod(self, *layers):
        return one(manifests(*layers), "Deployment")["spec"]["template"]["spec"]

    def environment(self, *layers):
        return {e["name"]: e["value"] for e in self.pod(*layers)["containers"][0]["env"]}

    def test_replicas_are_set_only_where_nothing_scales_them(self):
        self.assertNotIn("replicas", one(manifests(AZURE), "Deployment")["spec"])
        fixed = manifests(AZURE, MODES["fixed"], {"replicas": 3})
        self.assertEqual(one(fixed, "Deployment")["spec"]["replicas"], 3)
        self.assertNotIn("ScaledObject", [m["kind"] for m in fixed])

    def test_the_pod_runs_without_privileges(self):
        for found in (manifests(AZURE), manifests(AZURE, MODES["job"])):
            pods = [m["spec"]["template"]["spec"] for m in found if m["kind"] == "Deployment"]
            pods += [m["spec"]["jobTargetRef"]["template"]["spec"] for m in found if m["kind"] == "ScaledJob"]
            pods += [one(found, "Pod")["spec"]]
            self.assertEqual(len(pods), 2)
            for pod in pods:
                self.assertEqual((pod["securityContext"]["runAsUser"], pod["securityContext"]["runAsNonRoot"]), (65532, True))
                self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
                self.assertFalse(pod["automountServiceAccountToken"])
                for container in pod["containers"]:
                    self.assertEqual(container["securityContext"], {
                        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}})

    def test_resources_are_at_most_the_sample_s(self):
        resources = self.pod(AZURE)["containers"][0]["resources"]
        self.assertEqual(resources["limits"], {"cpu": "500m", "memory": "128Mi"})
        self.assertLessEqual(int(resources["requests"]["cpu"].removesuffix("m")), 250)
        self.assertLessEqual(int(resources["requests"]["memory"].removesuffix("Mi")), 64)

    def test_the_pod_outlives_the_grace(self):
        for grace, seconds in ((25, 40), ("90s", 105), ("2m", 135), ("1500ms", 17), (0.5, 16)):
            self.assertEqual(self.pod(AZURE, nested("consumer.grace", grace))["terminationGracePeriodSeconds"], seconds)
        self.assertEqual(self.pod(AZURE, {"terminationGracePeriodSeconds": 300})["terminationGracePeriodSeconds"], 300)

    def test_queue_and_table_are_named_by_uri(self):
        environment = self.environment(AZURE)
        self.assertEqual((environment["EDW_QUEUE"], environment["EDW_TABLE"]),
                         ("azure://mystorage/messages", "azure://mystorage/results"))
        environment = self.environment(AWS)
        self.assertEqual((environment["EDW_QUEUE"], environment["EDW_TABLE"], environment["AWS_REGION"]),
                         (AWS["aws"]["queueUrl"], "aws://eu-west-1/results", "eu-west-1"))
        own = merged(AZURE, MODES["fixed"], {"azure": {"queue": "", "table": ""}},
                     {"consumer": {"queue": "azure://a/b", "table": "azure://c/d"}})
        environment = self.environment(own)
        self.assertEqual((environment["EDW_QUEUE"], environment["EDW_TABLE"]), ("azure://a/b", "azure://c/d"))

    def test_any_option_of_the_consumer_is_taken_by_its_name(self):
        environment = self.environment(AZURE, {"consumer": {"max-receives": 3, "retryDelay": "2s", "concurrency": 1000000,
                                                            "encoding": "base64", "create": True, "log-level": "debug"}})
        self.assertEqual({n: v for n, v in environment.items() if n.startswith("EDW_")}, {
            "EDW_MAX_RECEIVES": "3", "EDW_RETRY_DELAY": "2s", "EDW_CONCURRENCY": "1000000", "EDW_ENCODING": "base64",
            "EDW_CREATE": "true", "EDW_LOG_LEVEL": "debug", "EDW_GRACE": "25", "EDW_LEASE": "60",
            "EDW_QUEUE": "azure://mystorage/messages", "EDW_TABLE": "azure://mystorage/results"})

    def test_probes_come_with_the_metrics_port(self):
        self.assertNotIn("livenessProbe", self.pod(AZURE)["containers"][0])
        container = self.pod(AZURE, nested("consumer.metrics-port", 9090))["containers"][0]
        self.assertEqual(container["ports"], [{"name": "metrics", "containerPort": 9090, "protocol": "TCP"}])
        self.assertEqual((container["livenessProbe"]["httpGet"]["path"], container["readinessProbe"]["httpGet"]["path"]),
                         ("/healthz", "/readyz"))

    def test_a_pool_of_its_own_is_selected_and_tolerated(self):
        found = manifests(AZURE, VARIANTS["pool on spot"])
        pool, pod = one(found, "NodePool"), one(found, "Deployment")["spec"]["template"]["spec"]
        self.assertEqual(pod["nodeSelector"], {"karpenter.sh/nodepool": pool["metadata"]["name"]})
        taint = pool["spec"]["template"]["spec"]["taints"][0]
        self.assertIn((taint["key"], taint["value"], taint["effect"]),
                      [(t["key"], t["value"], t["effect"]) for t in pod["tolerations"]])
        self.assertIn("kubernetes.azure.com/scalesetpriority", [t["key"] for t in pod["tolerations"]])
        self.assertEqual(pool["spec"]["template"]["spec"]["nodeClassRef"],
                         {"group": "karpenter.azure.com", "kind": "AKSNodeClass", "name": "edw"})

    def test_the_test_pod_runs_the_doctor_as_the_consumer_would(self):
        found = manifests(AZURE)
        doctor = one(found, "Pod")
        consumer = one(found, "Deployment")["spec"]["template"]
        self.assertEqual(doctor["metadata"]["annotations"]["helm.sh/hook"], "test")
        self.assertEqual(doctor["spec"]["containers"][0]["args"], ["doctor"])
        self.assertEqual(doctor["spec"]["serviceAccountName"], consumer["spec"]["serviceAccountName"])
        self.assertEqual(doctor["spec"]["containers"][0]["env"], consumer["spec"]["containers"][0]["env"])
        selector = one(found, "Deployment")["spec"]["selector"]["matchLabels"]
        self.assertFalse(selector.items() <= doctor["metadata"]["labels"].items(), "the Deployment would count it as its own")


class IdentityTest(unittest.TestCase):
    def parts(self, *layers):
        found = manifests(*layers)
        template = one(found, "Deployment")["spec"]["template"]
        account = one(found, "ServiceAccount")["metadata"].get("annotations", {})
        environment = {e["name"]: e["value"] for e in template["spec"]["containers"][0]["env"]}
        audiences = {v["name"]: v["projected"]["sources"][0]["serviceAccountToken"]["audience"]
                     for v in template["spec"].get("volumes", [])}
        return template["metadata"]["labels"], account, environment, audiences

    def test_aks_gets_label_and_annotations_and_no_token_of_ours(self):
        tenant = "33333333-3333-3333-3333-333333333333"
        labels, account, environment, audiences = self.parts(AZURE, nested("azure.tenantId", tenant))
        self.assertEqual(labels["azure.workload.identity/use"], "true")
        self.assertEqual(account, {"azure.workload.identity/client-id": AZURE["azure"]["clientId"],
                                   "azure.workload.identity/tenant-id": tenant})
        self.assertEqual(audiences, {})
        self.assertNotIn("AZURE_FEDERATED_TOKEN_FILE", environment)

    def test_an_identity_binding_is_asked_for_and_allowed(self):
        found = manifests(AZURE, nested("azure.identity", "binding"))
        pod = one(found, "Deployment")["spec"]["template"]["metadata"]
        self.assertEqual(pod["labels"]["azure.workload.identity/use"], "true")
        self.assertEqual(pod["annotations"], {"azure.workload.identity/use-identity-binding": "true"})
        self.assertEqual(one(found, "Pod")["metadata"]["annotations"]["azure.workload.identity/use-identity-binding"], "true")
        self.assertEqual(one(found, "ClusterRole")["rules"], [{
            "apiGroups": ["cid.wi.aks.azure.com"], "resources": [AZURE["azure"]["clientId"]], "verbs": ["use-managed-identity"]}])
        subject = one(found, "ClusterRoleBinding")["subjects"][0]
        self.assertEqual((subject["namespace"], subject["name"]), ("edw", one(found, "ServiceAccount")["metadata"]["name"]))

    def test_eks_gets_the_role_s_annotation_and_pod_identity_none(self):
        labels, account, _, audiences = self.parts(AWS)
        self.assertEqual(account, {"eks.amazonaws.com/role-arn": AWS["aws"]["roleArn"]})
        self.assertNotIn("azure.workload.identity/use", labels)
        self.assertEqual(audiences, {})
        self.assertEqual(self.parts(AWS, {"aws": {"identity": "podIdentity", "roleArn": ""}})[1], {})

    def test_a_pod_on_aks_reaches_aws_by_a_projected_token(self):
        labels, account, environment, audiences = self.parts(AZURE, elsewhere("azure", "queue"))
        self.assertEqual(audiences, {"aws-token": "sts.amazonaws.com"})
        self.assertEqual(environment["AWS_ROLE_ARN"], AWS["aws"]["roleArn"])
        self.assertEqual(environment["AWS_WEB_IDENTITY_TOKEN_FILE"], "/var/run/secrets/edw/aws/token")
        self.assertEqual(environment["AWS_REGION"], "eu-west-1")
        self.assertNotIn("eks.amazonaws.com/role-arn", account)
        self.assertEqual(labels["azure.workload.identity/use"], "true", "its table is on Azure")

    def test_a_pod_on_aks_with_both_ends_on_aws_needs_no_azure_identity(self):
        both = merged(elsewhere("azure", "queue"), elsewhere("azure", "table"), nested("azure.clientId", ""))
        labels, account, _, audiences = self.parts(AZURE, both)
        self.assertNotIn("azure.workload.identity/use", labels)
        self.assertEqual((account, audiences), ({}, {"aws-token": "sts.amazonaws.com"}))

    def test_a_pod_on_eks_reaches_azure_by_a_projected_token(self):
        _, account, environment, audiences = self.parts(AWS, elsewhere("aws", "table"))
        self.assertEqual(audiences, {"azure-token": "api://AzureADTokenExchange"})
        self.assertEqual(environment["AZURE_CLIENT_ID"], AZURE["azure"]["clientId"])
        self.assertEqual(environment["AZURE_TENANT_ID"], OTHER["aws"]["azure"]["tenantId"])
        self.assertEqual(environment["AZURE_FEDERATED_TOKEN_FILE"], "/var/run/secrets/edw/azure/token")
        self.assertEqual(environment["AZURE_AUTHORITY_HOST"], "https://login.microsoftonline.com/")
        self.assertEqual(account, {"eks.amazonaws.com/role-arn": AWS["aws"]["roleArn"]}, "its queue is on AWS")


class ScalingTest(unittest.TestCase):
    def trigger(self, *layers):
        return one(manifests(*layers), "ScaledObject")["spec"]["triggers"][0]

    def test_nothing_strands(self):
        for base in (AZURE, AWS):
            self.assertEqual(self.trigger(base)["metadata"]["activationQueueLength"], "0")

    def test_the_threshold_follows_the_concurrency(self):
        self.assertEqual(self.trigger(AZURE)["metadata"]["queueLength"], "128")
        self.assertEqual(self.trigger(AZURE, nested("consumer.concurrency", 10))["metadata"]["queueLength"], "20")
        self.assertEqual(self.trigger(AZURE, nested("autoscaling.queueLength", 300))["metadata"]["queueLength"], "300")

    def test_keda_reads_as_it_is_told(self):
        def identity(*layers):
            return one(manifests(*layers), "TriggerAuthentication")["spec"]
        self.assertEqual(identity(AZURE)["podIdentity"], {"provider": "azure-workload", "identityId": AZURE["azure"]["clientId"]})
        self.assertEqual(identity(AWS)["podIdentity"], {"provider": "aws"})
        by_secret = identity(AWS, VARIANTS["KEDA by a secret"])
        self.assertEqual([r["parameter"] for r in by_secret["secretTargetRef"]], ["awsAccessKeyID", "awsSecretAccessKey"])

    def test_two_queues_can_be_weighed(self):
        spec = one(manifests(AZURE, two_queues("azure"), {"autoscaling": {"formula": "work + 4 * priority"}}), "ScaledObject")["spec"]
        self.assertEqual([t["name"] for t in spec["triggers"]], ["work", "priority"])
        self.assertEqual(spec["advanced"]["scalingModifiers"], {
            "formula": "work + 4 * priority", "target": "128", "activationTarget": "0", "metricType": "AverageValue"})

    def test_jobs_drain_and_end(self):
        found = manifests(AZURE, MODES["job"])
        spec = one(found, "ScaledJob")["spec"]["jobTargetRef"]["template"]["spec"]
        self.assertEqual(spec["restartPolicy"], "Never")
        self.assertIn({"name": "EDW_DRAIN", "value": "true"}, spec["containers"][0]["env"])
        self.assertEqual({"Deployment", "PodDisruptionBudget", "ScaledObject"} & {m["kind"] for m in found}, set())


class NetworkTest(unittest.TestCase):
    def egress(self, *layers):
        """{(port, …): {cidr, …}}."""
        policy = one(manifests(*layers), "NetworkPolicy")["spec"]
        return {tuple(sorted({p["port"] for p in rule["ports"]})): {t["ipBlock"]["cidr"] for t in rule.get("to", [])}
                for rule in policy["egress"]}, policy["ingress"]

    def test_only_names_and_https_go_out_and_nothing_comes_in(self):
        self.assertEqual(self.egress(AZURE), ({(53,): set(), (443,): {"0.0.0.0/0", "::/0"}}, []))

    def test_metadata_is_reached_only_where_the_identity_comes_from_there(self):
        node = {"169.254.169.254/32"}
        self.assertEqual(self.egress(AZURE, nested("azure.identity", "managed"))[0][(80,)], node)
        self.assertEqual(self.egress(AWS, nested("aws.identity", "node"))[0][(80,)], node)
        self.assertEqual(self.egress(AWS, nested("aws.identity", "podIdentity"))[0][(80,)], {"169.254.170.23/32", "fd00:ec2::23/128"})

    def test_the_metrics_port_opens_for_who_is_named(self):
        ingress = self.egress(AZURE, VARIANTS["metrics from one namespace"])[1]
        self.assertEqual(ingress[0]["ports"], [{"protocol": "TCP", "port": 9090}])
        self.assertEqual(ingress[0]["from"][0]["namespaceSelector"]["matchLabels"], {"kubernetes.io/metadata.name": "monitoring"})


class NotesTest(unittest.TestCase):
    def notes(self, *layers):
        text = helm("install", "edw", str(CHART), "--namespace", "demo", "--dry-run=client", values=merged(*layers))
        return text.partition("NOTES:")[2]

    def test_they_say_what_runs_and_what_is_next(self):
        for layers, lines in (
                ((AZURE,), ("azure://mystorage/messages", "helm test edw --namespace demo", "one for every 128 messages",
                            "system:serviceaccount:demo:edw")),
                ((AWS, MODES["job"]), ("kubectl get scaledjob,jobs", "trust policy of " + AWS["aws"]["roleArn"])),
                ((AWS, {"aws": {"identity": "podIdentity"}}), ("association for the service account edw in demo",)),
                ((AZURE, MODES["fixed"], VARIANTS["no doctor"]), ("1 pods, not scaled", "  1. Send something"))):
            told = self.notes(*layers)
            for line in lines:
                self.assertIn(line, told)


class RefusalTest(unittest.TestCase):
    def refusal(self, *layers):
        with self.assertRaises(Refused) as caught:
            render(*layers)
        return str(caught.exception)

    def test_each_missing_value_names_itself(self):
        missing = [
            (AZURE, "cloud"), (AZURE, "image.repository"), (AZURE, "azure.storageAccount"), (AZURE, "azure.queue"),
            (AZURE, "azure.table"), (AZURE, "azure.clientId"),
            (AWS, "aws.region"), (AWS, "aws.queueUrl"), (AWS, "aws.table"), (AWS, "aws.roleArn"),
            (merged(AWS, elsewhere("aws", "table")), "azure.clientId"), (merged(AWS, elsewhere("aws", "table")), "azure.tenantId"),
            (merged(AZURE, elsewhere("azure", "queue")), "aws.roleArn"),
            (merged(AZURE, elsewhere("azure", "queue")), "aws.region"),
            (merged(AZURE, VARIANTS["own service account"]), "serviceAccount.name"),
            (merged(AWS, POOL), "nodePool.nodeClass.clusterName"), (merged(AWS, POOL), "nodePool.nodeClass.role"),
            (merged(AZURE, VARIANTS["pool on a node class that exists"]), "nodePool.nodeClass.name"),
        ]
        for base, name in missing:
            with self.subTest(name):
                self.assertRegex(self.refusal(base, nested(name, "")), rf"{re.escape(name)} is missing: \w")
        both = merged(AZURE, elsewhere("azure", "table"), {"azure": {"identity": "managed", "clientId": ""}})
        self.assertIn("autoscaling.keda.clientId is missing, and so is azure.clientId", self.refusal(both))

    def test_a_second_queue_names_what_it_lacks(self):
        for base, name in ((AZURE, "queue"), (AWS, "queueUrl")):
            values = merged(base, nested("autoscaling.additionalQueues", [{"name": "more"}]))
            self.assertIn(f"autoscaling.additionalQueues[more].{name} is missing", self.refusal(values))

    def test_a_misspelt_value_is_refused_wherever_it_stands(self):
        for path in ("clowd", "image.repo", "azure.storageAcount", "aws.queueURL", "consumer.max-recieves", "autoscaling.minReplica",
                     "autoscaling.keda.clientID", "autoscaling.job.retries", "nodePool.capacityType", "nodePool.nodeClass.diskSize",
                     "networkPolicy.enable", "podMonitor.intervall", "serviceAccount.nam", "resources.limit", "spot.on"):
            with self.subTest(path):
                self.assertIn(f"additional properties '{path.rpartition('.')[2]}' not allowed", self.refusal(AZURE, nested(path, "x")))

    def test_a_value_out_of_range_is_refused_by_its_name(self):
        for path, value in (("cloud", "gcp"), ("azure.storageAccount", "My-Storage"), ("azure.clientId", "abc"),
                            ("azure.queue", "Upper"), ("aws.queueUrl", "messages"), ("aws.roleArn", "role/edw"),
                            ("consumer.concurrency", "many"), ("consumer.grace", "soon"), ("consumer.log-level", "loud"),
                            ("autoscaling.maxReplicas", 0), ("autoscaling.mode", "daemon"), ("nodePool.capacityTypes", ["cheap"]),
                            ("podDisruptionBudget.maxUnavailable", "some"), ("terminationGracePeriodSeconds", "long")):
            with self.subTest(path):
                self.assertIn("at '/" + path.replace(".", "/"), self.refusal(AZURE, nested(path, value)))

    def test_values_that_contradict_each_other_are_one_sentence(self):
        no_queue = nested("azure.queue", "")
        for values, sentence in (
                (nested("consumer.drain", True), "consumer.drain ends the pod"),
                (nested("consumer.count", 5), "consumer.count ends the pod"),
                (nested("consumer.queue", "azure://a/b"), "consumer.queue and azure.queue both say"),
                (nested("consumer.table", "azure://a/b"), "consumer.table and azure.table both say"),
                (merged(no_queue, nested("consumer.queue", "azure://a/b")), "consumer.queue hides the queue from the scaler"),
                (nested("terminationGracePeriodSeconds", 25), "terminationGracePeriodSeconds (25) must be more than consumer.grace"),
                ({"autoscaling": {"minReplicas": 9, "maxReplicas": 3}}, "autoscaling.minReplicas is more than"),
                ({"autoscaling": {"formula": "work"}}, "autoscaling.additionalQueues is empty"),
                (merged(two_queues("azure"), {"autoscaling": {"formula": "work", "mode": "job"}}), "does nothing for jobs"),
                (nested("podMonitor.enabled", True), "podMonitor.enabled needs consumer.metrics-port"),
                ({"consumer": {"maxReceives": 1, "max-receives": 2}}, "is given twice")):
            with self.subTest(sentence):
                self.assertIn(sentence, self.refusal(AZURE, values))
        self.assertIn("exclude each other", self.refusal(AWS, {"autoscaling": {"keda": {
            "identityOwner": "keda", "roleArn": "arn:aws:iam::123456789012:role/keda"}}}))


class ValidatorTest(unittest.TestCase):
    """The judge itself: a planted mistake in each kind is found."""

    def test_an_unknown_field_is_found_in_every_kind(self):
        found = manifests(AZURE, POOL, VARIANTS["metrics"])
        found += manifests(AWS, POOL) + manifests(AZURE, MODES["job"])
        kinds = set()
        for manifest in found:
            if "spec" not in manifest or manifest["kind"] in kinds:
                continue
            kinds.add(manifest["kind"])
            for path in ((), ("spec",), ("metadata",)):
                spoiled = yaml.safe_load(yaml.safe_dump(manifest))
                place = spoiled
                for key in path:
                    place = place[key]
                place["replcias"] = 1
                self.assertTrue(any("replcias" in e for e in errors_of(spoiled)), f"{manifest['kind']} {path}")
        self.assertEqual(kinds, {"Deployment", "ScaledObject", "ScaledJob", "TriggerAuthentication", "NetworkPolicy", "Pod",
                                 "PodDisruptionBudget", "PodMonitor", "NodePool", "AKSNodeClass", "EC2NodeClass"})

    def test_a_mistake_deep_in_a_job_s_pod_is_found(self):
        job = one(manifests(AZURE, MODES["job"]), "ScaledJob")
        job["spec"]["jobTargetRef"]["template"]["spec"]["containers"][0]["securityContext"]["readOnlyRootFileSystem"] = True
        self.assertTrue(any("readOnlyRootFileSystem" in e for e in errors_of(job)))

    def test_the_schemas_own_rules_are_asked(self):
        pool, node_class = (one(manifests(AWS, POOL), kind) for kind in ("NodePool", "EC2NodeClass"))
        pool["spec"]["template"]["spec"]["requirements"][0]["values"] = []
        self.assertTrue(any("operator 'In' must have a value" in e for e in errors_of(pool)))
        node_class["spec"]["instanceProfile"] = "nodes"
        self.assertTrue(any("role" in e and "instanceProfile" in e for e in errors_of(node_class)))
        node_class["spec"].pop("instanceProfile")
        node_class["spec"]["amiSelectorTerms"] = [{"alias": "al2023"}]
        self.assertTrue(any("alias" in e for e in errors_of(node_class)))

    def test_a_trigger_s_metadata_is_judged_as_well(self):
        for change, sentence in (({"queuelength": "5"}, "unknown metadata queuelength"),
                                 ({"queueLengthStrategy": "some"}, "queueLengthStrategy is some"), ({"queueName": None}, "queueName is missing")):
            scaler = one(manifests(AZURE), "ScaledObject")
            metadata = scaler["spec"]["triggers"][0]["metadata"]
            metadata.update(change)
            scaler["spec"]["triggers"][0]["metadata"] = {k: v for k, v in metadata.items() if v is not None}
            self.assertTrue(any(sentence in e for e in errors_of(scaler)), sentence)

    def test_a_kind_without_a_schema_is_an_error(self):
        self.assertTrue(list(errors_of({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "x"}})))


def leaves(value, path=""):
    """The names of all values, as values.yaml nests them."""
    for key, part in value.items():
        if isinstance(part, dict) and part and key not in ("requests", "limits"):
            yield from leaves(part, f"{path}{key}.")
        else:
            yield f"{path}{key}"


class DocumentationTest(unittest.TestCase):
    VALUES = yaml.safe_load((CHART / "values.yaml").read_text())

    def test_the_read_me_names_every_value_and_no_other(self):
        rows = [line.split("|")[1] for line in (CHART / "README.md").read_text().splitlines() if line.startswith("| `")]
        told = {name for row in rows for name in re.findall("`([^`]+)`", row)}
        self.assertEqual(told, {name for name in leaves(self.VALUES) if not name.startswith("consumer.")})

    def test_the_schema_has_every_default_and_no_value_without_one(self):
        schema = json.loads((CHART / "values.schema.json").read_text())

        def named(part, path=""):
            for key, sub in part.get("properties", {}).items():
                if "properties" in sub and f"{path}{key}" != "autoscaling.fallback":
                    yield from named(sub, f"{path}{key}.")
                else:
                    yield f"{path}{key}"
        told = {name for name in named(schema) if not name.startswith("consumer.")} - {"global"}
        self.assertEqual(told, {name for name in leaves(self.VALUES) if not name.startswith("consumer.")})

    def test_the_chart_has_the_project_s_version(self):
        version = re.search(r"project\(\S+ VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        self.assertEqual((chart["version"], chart["appVersion"]), (version, version))

    def test_the_consumer_s_options_are_the_schema_s(self):
        told = subprocess.run([str(BINARIES / "consumer"), "run", "--help"], capture_output=True, text=True, timeout=30, check=True).stdout
        options = set(re.findall(r"^  --([a-z-]+)", told, re.MULTILINE)) - {"help", "version"}
        schema = json.loads((CHART / "values.schema.json").read_text())
        given = set(schema["properties"]["consumer"]["properties"])
        names = {name for name in given if name.islower()}
        self.assertEqual(given, names | {re.sub("-(.)", lambda m: m[1].upper(), name) for name in names}, "both spellings")
        self.assertEqual(options - names, set(), "options that values.schema.json lacks under consumer")

    def test_the_consumer_takes_the_variables_that_the_chart_sets(self):
        options = {"max-receives": 3, "retry-delay": "2s", "encoding": "base64", "log-level": "info", "log-format": "json",
                   "output": "json", "threads": 1, "process": "sleep=1ms", "concurrency": 8, "lease": 30, "grace": "5s",
                   "create": True}
        spec = one(manifests(AZURE, MODES["job"], {"consumer": options}), "ScaledJob")["spec"]["jobTargetRef"]["template"]["spec"]
        with tempfile.TemporaryDirectory() as folder:
            environment = {e["name"]: e["value"] for e in spec["containers"][0]["env"]}
            environment.update(EDW_QUEUE=f"sqlite:{folder}/edw.db#q", EDW_TABLE=f"sqlite:{folder}/edw.db#t", HOME=folder)
            done = subprocess.run([str(BINARIES / "consumer"), *spec["containers"][0]["args"]], env=environment, cwd=folder,
                                  capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["received"], 0)
        self.assertNotIn("did you mean", done.stderr)

    def test_every_example_renders(self):
        """Each block of values in the documents, beside the least values of either cloud, or of both where it needs both."""
        whole = merged(AZURE, {"aws": AWS["aws"]})
        blocks = []
        for path in (CHART / "README.md", ROOT / "docs" / "kubernetes.md"):
            blocks += re.findall(r"```yaml\n(.*?)```", path.read_text(), re.DOTALL)
        self.assertGreater(len(blocks), 9)
        for block in blocks:
            with self.subTest(block):
                values, refusals = yaml.safe_load(block), []
                for base in (AZURE, AWS, whole):
                    try:
                        found = manifests(base, values)
                    except Refused as refused:
                        refusals.append(str(refused))
                        continue
                    self.assertEqual([e for m in found for e in errors_of(m)], [])
                self.assertLess(len(refusals), 3, refusals)

    def test_the_plain_manifests_are_what_the_chart_makes(self):
        done = subprocess.run([str(ROOT / "k8s" / "manifests" / "render"), "--check"], capture_output=True, text=True, timeout=60,
                              env=dict(os.environ, HELM=str(TOOLS / "bin" / "helm")))
        self.assertEqual(done.returncode, 0, done.stderr)
        for cloud in BASES:
            text = (ROOT / "k8s" / "manifests" / f"{cloud}.yaml").read_text()
            found = [m for m in yaml.safe_load_all(text) if m["kind"] != "Namespace"]
            self.assertEqual([e for m in found for e in errors_of(m)], [])
            self.assertNotIn("Helm", text)


if __name__ == "__main__":
    unittest.main()
