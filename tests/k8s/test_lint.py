"""The linter: each rule finds what it is for, and is silent where that is mended."""

import copy
import unittest

from deployed import GOOD, Deployed, rules


class EndingTest(unittest.TestCase):
    def test_a_good_deployment_has_no_finding(self):
        self.assertEqual(Deployed().rules(), [])

    def test_a_pod_killed_within_its_grace_is_found(self):
        deployed = Deployed()
        deployed.pod["terminationGracePeriodSeconds"] = 25
        self.assertEqual(deployed.rules(), ["grace-cut-short"])

    def test_the_default_of_30_seconds_counts(self):
        deployed = Deployed()
        del deployed.pod["terminationGracePeriodSeconds"]
        self.assertEqual(deployed.rules(), [])
        deployed.env(EDW_GRACE="30s")
        self.assertEqual(deployed.rules(), ["grace-cut-short"])

    def test_the_command_line_wins_over_the_environment(self):
        for arguments in (["run", "--grace", "45"], ["--grace=45s"]):
            deployed = Deployed()
            deployed.env(EDW_GRACE="5")
            deployed.pod["containers"][0]["args"] = arguments
            self.assertEqual(deployed.rules(), ["grace-cut-short"], arguments)

    def test_work_longer_than_the_grace_is_found(self):
        deployed = Deployed()
        deployed.env(EDW_PROCESS="sleep=30s")
        self.assertEqual(deployed.rules(), ["grace-below-drain"])

    def test_work_on_the_processor_adds_up(self):
        deployed = Deployed()
        deployed.env(EDW_PROCESS="cpu=1s")
        self.assertEqual(deployed.rules(), ["grace-below-drain"])
        deployed.env(EDW_PROCESS="cpu=1s", EDW_CONCURRENCY="4")
        self.assertEqual(deployed.rules(), [])

    def test_a_grace_beyond_the_notice_of_a_spot_node_is_found(self):
        deployed = Deployed()
        deployed.pod["tolerations"] = [{"key": "kubernetes.azure.com/scalesetpriority", "operator": "Exists"}]
        self.assertEqual(deployed.rules(), [])
        deployed.env(EDW_GRACE="35")
        self.assertEqual(deployed.rules(), ["grace-beyond-spot-notice"])

    def test_a_lease_shorter_than_the_work_is_found(self):
        deployed = Deployed()
        deployed.env(EDW_PROCESS="sleep=20s", EDW_LEASE="15")
        self.assertEqual(deployed.rules(), ["lease-below-work"])

    def test_a_program_s_time_counts_as_work(self):
        deployed = Deployed()
        deployed.env(EDW_PROCESS="exec=python3 /work.py")
        self.assertEqual(deployed.rules(), [])
        deployed.env(EDW_PROCESS_TIMEOUT="2m")
        self.assertEqual(deployed.rules(), ["lease-below-work"])

    def test_draining_in_a_deployment_is_found(self):
        deployed = Deployed()
        deployed.env(EDW_DRAIN="true")
        self.assertEqual(deployed.rules(), ["drain-in-deployment"])

    def test_a_value_that_only_the_cluster_knows_is_not_guessed(self):
        deployed = Deployed()
        deployed.pod["containers"][0]["env"].append(
            {"name": "EDW_GRACE", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}})
        self.assertEqual(deployed.rules(), [])

    def test_options_from_a_config_map_are_read(self):
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "options", "namespace": "demo"},
                  "data": {"EDW_GRACE": "90"}}
        deployed = Deployed()
        deployed.pod["containers"][0]["envFrom"] = [{"configMapRef": {"name": "options"}}]
        self.assertEqual(deployed.rules(config), ["grace-cut-short"])


class IdentityTest(unittest.TestCase):
    def test_a_missing_pod_label_is_found(self):
        deployed = Deployed()
        del deployed.template["metadata"]["labels"]["azure.workload.identity/use"]
        self.assertEqual(deployed.rules(), ["pod-label-missing"])

    def test_a_label_that_is_no_text_is_found(self):
        deployed = Deployed()
        deployed.template["metadata"]["labels"]["azure.workload.identity/use"] = True
        self.assertEqual(deployed.rules(), ["pod-label-missing"])

    def test_a_label_without_a_client_id_is_found(self):
        deployed = Deployed()
        deployed.account["metadata"]["annotations"] = {}
        self.assertEqual(deployed.rules(), ["client-id-missing"])

    def test_a_service_account_by_another_name_is_found(self):
        deployed = Deployed()
        deployed.pod["serviceAccountName"] = "ap"
        self.assertEqual(deployed.rules(), ["service-account-absent"])

    def test_a_subject_that_matches_no_service_account_is_found(self):
        good = "system:serviceaccount:demo:app"
        self.assertEqual(Deployed().rules(text=f'"sub": "{good}" system:serviceaccount:kube-system:keda-operator'), [])
        self.assertEqual(Deployed().rules(text="system:serviceaccount:default:app"),
                         ["account-without-subject", "subject-without-account"])
        self.assertEqual(Deployed().rules(text=good + " system:serviceaccount:demo:apps"), ["subject-without-account"])

    def test_an_identity_binding_needs_no_subject(self):
        deployed = Deployed()
        deployed.template["metadata"]["annotations"] = {"azure.workload.identity/use-identity-binding": "true"}
        self.assertEqual(deployed.rules(text="system:serviceaccount:kube-system:keda-operator"), [])

    def test_a_role_s_annotation_wants_a_subject_as_well(self):
        deployed = Deployed()
        deployed.template["metadata"]["labels"] = {}
        deployed.account["metadata"]["annotations"] = {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/edw"}
        self.assertEqual(deployed.rules(text="system:serviceaccount:kube-system:keda-operator"), ["account-without-subject"])


class ScalingTest(unittest.TestCase):
    def test_an_activation_that_strands_messages_is_found(self):
        deployed = Deployed()
        deployed.trigger["metadata"]["activationQueueLength"] = "20"
        self.assertEqual(deployed.rules(), ["activation-strands"])
        deployed.scaler["spec"]["minReplicaCount"] = 1
        self.assertEqual(deployed.rules(), [])

    def test_the_activation_of_a_formula_counts_in_its_place(self):
        deployed = Deployed()
        deployed.trigger["metadata"]["activationQueueLength"] = "20"
        deployed.scaler["spec"]["advanced"] = {"scalingModifiers": {"formula": "work * 2", "target": "128"}}
        self.assertEqual(deployed.rules(), [])
        deployed.scaler["spec"]["advanced"]["scalingModifiers"]["activationTarget"] = "2.5"
        self.assertEqual(deployed.rules(), ["activation-strands"])

    def test_a_formula_over_an_unknown_trigger_is_found(self):
        deployed = Deployed()
        deployed.scaler["spec"]["advanced"] = {"scalingModifiers": {"formula": "max(work, poison)", "target": "128"}}
        self.assertEqual(deployed.rules(), ["formula-names-no-trigger"])

    def test_a_threshold_below_the_concurrency_is_found(self):
        deployed = Deployed()
        deployed.trigger["metadata"]["queueLength"] = "5"
        self.assertEqual(deployed.rules(), ["queue-length-below-concurrency"])
        deployed.env(EDW_CONCURRENCY="5")
        self.assertEqual(deployed.rules(), [])

    def test_a_cooldown_below_the_polling_interval_is_found(self):
        deployed = Deployed()
        deployed.scaler["spec"]["cooldownPeriod"] = 10
        self.assertEqual(deployed.rules(), ["cooldown-below-polling"])
        deployed.scaler["spec"]["minReplicaCount"] = 1
        self.assertEqual(deployed.rules(), [])

    def test_a_cooldown_that_does_not_see_work_in_flight_is_found(self):
        deployed = Deployed()
        deployed.trigger["metadata"]["queueLengthStrategy"] = "visibleonly"
        self.assertEqual(deployed.rules(), ["cooldown-below-lease"])
        deployed.scaler["spec"]["cooldownPeriod"] = 61
        self.assertEqual(deployed.rules(), [])

    def test_replicas_beside_a_scaler_are_found_in_files_and_not_in_a_cluster(self):
        deployed = Deployed()
        deployed.deployment["spec"]["replicas"] = 2
        self.assertEqual(deployed.rules(), ["replicas-beside-scaler"])
        self.assertEqual(deployed.rules(live=True), [])

    def test_a_scaler_without_its_target_is_found(self):
        deployed = Deployed()
        deployed.scaler["spec"]["scaleTargetRef"]["name"] = "application"
        self.assertEqual(deployed.rules(), ["scale-target-absent"])

    def test_a_scaler_on_another_queue_is_found(self):
        deployed = Deployed()
        deployed.trigger["metadata"]["queueName"] = "message"
        self.assertEqual(deployed.rules(), ["other-queue-watched"])

    def test_an_absent_authentication_is_found(self):
        deployed = Deployed()
        deployed.trigger["authenticationRef"]["name"] = "other"
        self.assertEqual(deployed.rules(), ["authentication-absent"])

    def test_a_workload_identity_without_an_account_name_is_found(self):
        deployed = Deployed()
        del deployed.trigger["metadata"]["accountName"]
        self.assertEqual(deployed.rules(), ["account-name-missing"])

    def test_an_identity_of_the_other_cloud_is_found(self):
        deployed = Deployed()
        deployed.auth["spec"]["podIdentity"] = {"provider": "aws"}
        self.assertEqual(deployed.rules(), ["identity-of-other-cloud"])

    def test_sqs_is_judged_likewise(self):
        deployed = Deployed()
        url = "https://sqs.eu-west-1.amazonaws.com/123456789012/messages"
        deployed.auth["spec"]["podIdentity"] = {"provider": "aws"}
        deployed.trigger.update(type="aws-sqs-queue", metadata={"queueURL": url, "awsRegion": "eu-west-1", "queueLength": "128"})
        deployed.env(EDW_QUEUE=None, SQS_QUEUE_URL=url)
        self.assertEqual(deployed.rules(), [])
        deployed.trigger["metadata"].update(scaleOnInFlight="false", activationQueueLength="3")
        self.assertEqual(deployed.rules(), ["activation-strands", "cooldown-below-lease"])

    def test_a_scaled_job_may_drain_and_is_judged_by_its_own_pod(self):
        deployed = Deployed()
        deployed.env(EDW_DRAIN="true", EDW_GRACE="40")
        job = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledJob", "metadata": {"name": "job", "namespace": "demo"},
               "spec": {"jobTargetRef": {"template": deployed.template}, "triggers": deployed.scaler["spec"]["triggers"]}}
        self.assertEqual(rules([deployed.account, deployed.auth, job]), ["grace-cut-short"])


class ClusterTest(unittest.TestCase):
    POOL = {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": "pool"}, "spec": {}}

    def test_fields_of_the_server_are_found_in_files_and_not_in_a_cluster(self):
        pool = {**self.POOL, "metadata": {"name": "pool", "resourceVersion": "1"}, "status": {"nodes": 1}}
        self.assertEqual(rules([pool]), ["server-fields"])
        self.assertEqual(rules([pool], live=True), [])

    def test_an_outdated_version_is_found(self):
        self.assertEqual(rules([{**self.POOL, "apiVersion": "karpenter.sh/v1beta1"}]), ["outdated-version"])
        self.assertEqual(rules([self.POOL]), [])

    def test_a_budget_that_holds_nodes_is_found(self):
        budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "b", "namespace": "demo"},
                  "spec": {"minAvailable": 1}}
        deployed = Deployed()
        self.assertEqual(deployed.rules(budget), ["budget-holds-nodes"])
        deployed.scaler["spec"]["minReplicaCount"] = 2
        self.assertEqual(deployed.rules(budget), [])


class ShapeTest(unittest.TestCase):
    def test_no_shape_however_wrong_ends_it(self):
        """Each node of a good deployment in turn becomes something else."""
        for path in paths(GOOD):
            for wrong in (None, "text", 7, [], {}, [None], ["text"], {"a": None}):
                spoiled = copy.deepcopy(GOOD)
                place = spoiled
                for key in path[:-1]:
                    place = place[key]
                place[path[-1]] = wrong
                rules(spoiled)

    def test_a_wrong_shape_is_found(self):
        deployed = Deployed()
        deployed.pod["containers"] = ["consumer"]
        self.assertIn("wrong-shape", deployed.rules())


def paths(value, so_far=()):
    if so_far:
        yield so_far
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(part, (*so_far, key))


if __name__ == "__main__":
    unittest.main()
