"""What is missing, misspelt, out of range or contradictory is refused by its name."""

import re
import unittest

from cases import POOL, VARIANTS, elsewhere, two_queues
from chart import AWS, AZURE, Refused, merged, nested, render


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
                     "networkPolicy.enable", "podMonitor.intervall", "monitoring.alerts.label", "monitoring.dashboards", "serviceAccount.nam", "resources.limit", "spot.on"):
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
                (nested("monitoring.alerts.enabled", True), "monitoring.alerts.enabled needs podMonitor.enabled"),
                ({"consumer": {"maxReceives": 1, "max-receives": 2}}, "is given twice")):
            with self.subTest(sentence):
                self.assertIn(sentence, self.refusal(AZURE, values))
        self.assertIn("exclude each other", self.refusal(AWS, {"autoscaling": {"keda": {
            "identityOwner": "keda", "roleArn": "arn:aws:iam::123456789012:role/keda"}}}))


if __name__ == "__main__":
    unittest.main()
