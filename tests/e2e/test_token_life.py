"""Tokens that end while the work goes on, and a thousand senders who all need one at once."""

import signal
import time

import edw
import stores
import token_service

LIVES = 20


class Tokens(edw.Case):
    def setUp(self):
        super().setUp()
        self.service = token_service.TokenService()
        self.addCleanup(self.service.close)
        self.secrets = self.service.issued
        self.pod = token_service.Pod(self.service, self.service.aks, self.folder)
        self.env.update(self.pod.env)

    def ran_for(self, lives, *queues_and_tables):
        """Producer and consumer beside each other, for so many lives of a token; nothing fails and nothing is lost."""
        running = []
        for number, (queue, table) in enumerate(queues_and_tables):
            where = ["--queue", queue.queue, "--create", "--output", "json"]
            running.append((f"run-{number}", table,
                            self.start("producer", "--duration", f"{lives * self.service.life}s", "--rate", 5, "--run", f"run-{number}", *where),
                            self.start("consumer", *where, "--table", table.table)))
        for run, table, producer, consumer in running:
            sent = producer.wait().json
            self.assertEqual((sent["failed"], sent["unknown"]), (0, 0), producer.err[-3000:])
            self.assertGreaterEqual(sent["sent"], lives * self.service.life * 4)
            edw.wait_for(lambda table=table, sent=sent: table.count() >= sent["sent"], "all rows")
            consumer.send(signal.SIGTERM)
            ended = consumer.wait()
            self.assertEqual(ended.code, 0, str(ended))
            self.assertEqual(ended.json["dead_lettered"], 0)
            self.assert_clean(self.audit(run, "--table", table.table), sent["sent"])
            for said in (producer.err, ended.err):
                self.assertNotIn('"level":"error"', said)

    def test_a_run_of_twenty_lives_of_a_token_fails_no_message(self):
        """Azurite refuses a bearer token after its end, the token service a session: nothing here is lenient."""
        self.service.life = 3
        begun = time.monotonic()
        self.ran_for(LIVES, (stores.Azure(connection="EDW_TEST_AZURITE_HTTPS"), stores.Aws()),
                     (stores.Aws(), stores.Azure(connection="EDW_TEST_AZURITE_HTTPS")))
        self.assertGreaterEqual(time.monotonic() - begun, LIVES * self.service.life)
        # Two programs by two runs use each cloud, beside one that only sends to it.
        for service in ("entra", "sts"):
            self.assertGreaterEqual(self.service.count(service), 3 * LIVES)

    def cold_start(self, store, service):
        store.create()
        self.service.before[service] = lambda: time.sleep(1)  # long enough for every sender to have come
        ended = self.producer("--concurrency", 1000, "--count", 1000, "--run", "a", "--queue", store.queue)
        self.assertEqual((ended.json["sent"], ended.json["failed"], ended.json["unknown"]), (1000, 0, 0), str(ended))
        self.assertEqual(self.service.asked, [service])
        self.assertEqual(self.service.count(service), 1)

    def test_a_thousand_senders_on_azure_cost_one_exchange(self):
        self.cold_start(stores.Azure(connection="EDW_TEST_AZURITE_HTTPS"), "entra")

    def test_a_thousand_senders_on_aws_cost_one_exchange(self):
        self.cold_start(stores.Aws(), "sts")


if __name__ == "__main__":
    edw.main()
