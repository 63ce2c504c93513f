"""The embedded default: three commands without an option, one process killed, several at once."""

import signal

import edw
import stores

class EmbeddedDefault(edw.Case):
    def setUp(self):
        super().setUp()
        self.store = stores.Sqlite(self.folder)

    def test_ten_thousand_messages_pass_through_three_commands(self):
        sent = self.producer("--count", 10_000, "--run", "a").json
        self.assertEqual((sent["run"], sent["sent"], sent["failed"], sent["unknown"]), ("a", 10_000, 0, 0))
        handled = self.consumer("--drain").json
        self.assertEqual((handled["persisted"], handled["acknowledged"]), (10_000, 10_000))
        self.assert_clean(self.audit("a"), 10_000)

    def test_a_killed_consumer_loses_nothing(self):
        self.producer("--count", 10_000, "--run", "a")
        first = self.start("consumer", "--drain", "--lease", 5)
        edw.wait_for(lambda: self.store.count() >= 2_000 or first.process.poll() is not None, "2,000 rows")
        first.send(signal.SIGKILL)
        self.assertEqual(first.wait().code, -signal.SIGKILL, "it had ended before it was killed: give it more messages")
        self.assertLess(self.store.count(), 10_000, "it was killed too late to show anything")
        self.consumer("--drain")
        self.assert_clean(self.audit("a"), 10_000)

    def test_a_killed_producer_and_a_killed_consumer_lose_nothing_acknowledged(self):
        producer = self.start("producer", "--count", 100_000, "--run", "a")
        consumer = self.start("consumer", "--lease", 5)
        edw.wait_for(lambda: self.store.count() >= 1_000, "1,000 rows")
        producer.send(signal.SIGKILL)
        consumer.send(signal.SIGKILL)
        producer.wait(), consumer.wait()
        self.consumer("--drain")
        found = self.audit("a").json
        self.assertEqual(found["found"], found["expected"])

    def test_four_producers_and_four_consumers_share_one_file(self):
        consumers = [self.start("consumer", "--output", "json") for _ in range(4)]
        producers = [self.start("producer", "--count", 2_000, "--run", f"p{i}") for i in range(4)]
        for producer in producers:
            ended = producer.wait()
            self.assertEqual(ended.code, 0, str(ended))
        self.consumer("--drain")
        for consumer in consumers:
            consumer.send(signal.SIGTERM)
        summaries = []
        for consumer in consumers:
            ended = consumer.wait()
            self.assertEqual(ended.code, 0, str(ended))
            summaries.append(ended.json)
        for i in range(4):
            self.assert_clean(self.audit(f"p{i}"), 2_000)
        self.assertEqual(self.store.count(), 8_000)
        self.assertGreater(sum(summary["persisted"] for summary in summaries), 0)

    def test_a_file_named_by_uris_is_the_same_as_the_default(self):
        self.producer("--count", 10, "--run", "a", "--queue", "sqlite:other.db#in")
        self.consumer("--drain", "--queue", "sqlite:other.db#in", "--table", "sqlite:other.db#out")
        self.assert_clean(self.audit("a", "--table", "sqlite:other.db#out"), 10)
        self.assertFalse((self.folder / "edw.db").exists())


if __name__ == "__main__":
    edw.main()
