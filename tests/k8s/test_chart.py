"""What the chart makes of its values, rendered by the real helm."""

import unittest

from cases import MODES, OTHER, VARIANTS, elsewhere, two_queues
from chart import AWS, AZURE, CHART, helm, manifests, merged, nested, one


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


if __name__ == "__main__":
    unittest.main()
