"""The consumer's image as a pod runs it: drains queues of both clouds, hands back on SIGTERM, and is clear about bad input."""

import signal
from pathlib import Path

import yaml

import containers
import edw
import stores

CONSUMER, PRODUCER = "edw/consumer", "edw/producer"
SAMPLE = Path(__file__).with_name("sample-deployment.yaml")


class Drain(containers.Case):
    def drained(self, store, count):
        where = {"EDW_QUEUE": store.queue, "EDW_TABLE": store.table, "EDW_OUTPUT": "json", **store.env}
        sent = self.run_container(PRODUCER, "--count", count, "--run", "a", "--create", "--manifest", "none", env=where)
        self.assertEqual(sent.json["sent"], count)
        done = self.run_container(CONSUMER, "--drain", "--create", env=where)
        self.assertGreaterEqual(done.json["persisted"], count, str(done))  # delivered once or more; the audit tells of rows
        audit = self.run_container(PRODUCER, "audit", "--run", "a", "--count", count, env=where)
        self.assert_clean(audit, count)

    def test_of_azure(self):
        self.drained(stores.Azure(), 500)

    def test_of_aws(self):
        self.drained(stores.Aws(), 200)

    def test_over_tls_with_a_certificate_authority_of_ones_own(self):
        store = stores.Azure(connection="EDW_TEST_AZURITE_HTTPS")
        ca = edw.setting("EDW_TEST_CA_FILE")
        done = self.run_container(CONSUMER, "--drain", "--create", "--queue", store.queue, "--table", store.table, "--output", "json",
                                  "--ca-file", "/ca.pem", env=store.env, options=[f"--volume={ca}:/ca.pem:ro"])
        self.assertEqual(done.json["received"], 0)

    def test_of_a_file_on_a_volume(self):
        self.run_container(PRODUCER, "--count", 100, "--run", "a", options=["--volume=edw-test:/data"])
        self.addCleanup(containers.podman, "volume", "rm", "--force", "edw-test")
        self.run_container(CONSUMER, "--drain", "--queue", "sqlite:/data/edw.db#messages", "--table", "sqlite:/data/edw.db#results",
                           options=["--volume=edw-test:/data"])
        audit = self.run_container(PRODUCER, "audit", "--run", "a", "--output", "json", options=["--volume=edw-test:/data"])
        self.assert_clean(audit, 100)


class SigTerm(containers.Case):
    """As PID 1 nothing happens on a signal that the program does not handle."""

    def visible(self, store):
        if isinstance(store, stores.Azure):
            return len(store.peek(store.queue_name))
        url = store.sqs.get_queue_url(QueueName=store.queue_name)["QueueUrl"]
        return int(store.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["ApproximateNumberOfMessages"])

    def handed_back(self, store):
        store.create()
        for number in range(10):
            store.put(f'{{"msg": "message {number}"}}')
        consumer = self.container(CONSUMER, "--queue", store.queue, "--table", store.table, "--process", "sleep=600s", "--lease", 900,
                                  "--grace", 10, "--output", "json", env=store.env)
        edw.wait_for(lambda: self.visible(store) == 0, "the consumer to take all ten")
        consumer.send(signal.SIGTERM)
        ended = consumer.wait(40)
        self.assertEqual(ended.code, 0, str(ended))
        # A long poll that was under way may bring some of them once more, which go back too.
        self.assertGreaterEqual(ended.json["abandoned"], 10, str(ended))
        self.assertEqual((ended.json["abandoned"], ended.json["persisted"]), (ended.json["received"], 0), str(ended))
        self.assertEqual(self.visible(store), 10)

    def test_hands_back_on_azure(self):
        self.handed_back(stores.Azure())

    def test_hands_back_on_aws(self):
        self.handed_back(stores.Aws())

    def test_ends_an_idle_consumer_with_its_summary(self):
        store = stores.Azure()
        consumer = self.container(CONSUMER, "--queue", store.queue, "--table", store.table, "--create", "--output", "json", env=store.env)
        edw.wait_for(lambda: "consuming" in consumer.err, "a word that it has begun")
        consumer.send(signal.SIGTERM)
        ended = consumer.wait(30)
        self.assertEqual((ended.code, ended.json["received"]), (0, 0), str(ended))


class SamplesDeployment(containers.Case):
    """The sample's own Deployment with only its image changed. A connection string with the emulator's endpoints and key, which
    names the same account, stands in for the cluster's workload identity."""

    def test_works(self):
        self.works({})

    def test_works_by_the_variables_of_its_first_year(self):
        self.works({"AZURE_TABLE_NAME": "AZURE_COSMOSDB_TABLE"}, AZURE_COSMOSDB_ACCOUNT_NAME="unused")

    def works(self, renamed, **more):
        deployment = yaml.safe_load(SAMPLE.read_text())
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        self.assertNotIn("command", container)
        self.assertNotIn("args", container)
        limits = container["resources"]["limits"]
        env = {entry["name"]: entry["value"] for entry in container["env"]}
        store = stores.Azure()
        self.assertEqual(sorted(env), ["AZURE_QUEUE_NAME", "AZURE_STORAGE_ACCOUNT_NAME", "AZURE_TABLE_NAME"])
        store.queue_name, store.table_name = env["AZURE_QUEUE_NAME"], env["AZURE_TABLE_NAME"]
        store.create()
        self.addCleanup(store.queues.delete_queue, store.queue_name)
        self.addCleanup(store.tables.delete_table, store.table_name)
        for number in range(1, 21):
            store.put(f'{{"msg": "Scale Test Message : COUNT {number}", "srcStamp": "2026-11-22 01:02:03.{number:06}"}}')
        pod = self.container(container["image"], env={**{renamed.get(name, name): value for name, value in env.items()}, **more, **store.env},
                             options=[f"--memory={limits['memory'].removesuffix('i').lower()}",
                                      f"--cpus={int(limits['cpu'].removesuffix('m')) / 1000}"])
        edw.wait_for(lambda: store.count() == 20, "20 rows")
        edw.wait_for(lambda: store.queues.get_queue_client(store.queue_name).get_queue_properties().approximate_message_count == 0,
                     "an empty queue")
        pod.send(signal.SIGTERM)
        ended = pod.wait(30)
        self.assertEqual(ended.code, 0, str(ended))
        self.assertEqual({row["data"] for row in store.rows()}, {f"Scale Test Message : COUNT {number}" for number in range(1, 21)})


class BadInput(containers.Case):
    def sentence(self, image, *arguments, **options):
        ended = self.run_container(image, *arguments, code=2, **options)
        self.assertEqual(len(ended.sentences), 1, str(ended))
        self.assertEqual(ended.out, "")
        return ended.sentences[0]

    def test_no_configuration_at_all(self):
        sentence = self.sentence(CONSUMER)
        self.assertIn("--queue and --table", sentence)
        self.assertIn("EDW_QUEUE", sentence)

    def test_no_configuration_at_all_on_a_writable_root(self):
        """Results land in no container's own file system by oversight."""
        self.assertIn("--queue and --table", self.sentence(CONSUMER, options=["--read-only=false"]))

    def test_an_unknown_option(self):
        self.assertIn("--quue", self.sentence(CONSUMER, "--quue", "azure:q"))

    def test_a_manifest_with_nowhere_to_go(self):
        store = stores.Azure()
        sentence = self.sentence(PRODUCER, "--count", 1, "--queue", store.queue, "--create", env=store.env)
        self.assertIn("--manifest", sentence)

    def test_of_a_cloud_without_an_identity(self):
        """In a container there is neither an az CLI nor a home with profiles; it says what it looked for."""
        ended = self.run_container(CONSUMER, "--queue", "azure://edwtest/queue", "--table", "azure://edwtest/table", "--drain", code=2)
        self.assertIn("AZURE_FEDERATED_TOKEN_FILE is not set", ended.err)


if __name__ == "__main__":
    containers.main()
