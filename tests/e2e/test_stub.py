"""The stub cloud that the benches run against: the programs as they ship work with it, and its counts tell the truth."""

import json
import urllib.request

import edw
import stub

DIGEST = "bea2564b4c828908d0473cae38673bfa"  # of the trace's attribute


class StubCloud(edw.Case):
    def setUp(self):
        super().setUp()
        self.env["EDW_LOG_LEVEL"] = "info"

    def begin(self, *options, scheme="http"):
        self.stub = stub.Stub(self.folder, *options, scheme=scheme)
        self.addCleanup(self.stub.process.stdout.close)
        self.addCleanup(self.stub.process.wait)
        self.addCleanup(self.stub.process.kill)
        self.env.update(self.stub.env)

    def send(self, cloud, count, *options, **how):
        return self.producer("--queue", f"{cloud}:messages", "--count", count, "--run", f"a-{cloud}", *options, **how).json

    def consume(self, cloud, *options):
        return self.consumer("--queue", f"{cloud}:messages", "--table", f"{cloud}:results", "--drain", *options).json

    def through(self, cloud, scheme):
        count = 700
        self.begin(scheme=scheme)
        self.send(cloud, count)
        self.assertEqual(self.consume(cloud)["persisted"], count)
        counts = self.stub.ask("counts")
        self.assertEqual({name: counts[name] for name in ("sent", "received", "deleted", "rows", "distinct_rows", "messages_left")},
                         {"sent": count, "received": count, "deleted": count, "rows": count, "distinct_rows": count, "messages_left": 0})
        self.assert_clean(self.audit(f"a-{cloud}", "--table", f"{cloud}:results"), count)
        self.assertGreater(counts["bytes_in"], count * 200)
        self.assertEqual(sum(counts["actions"].values()), counts["requests"])
        return counts

    def test_azure_over_http(self):
        actions = self.through("azure", "http")["actions"]
        self.assertEqual((actions["PutMessage"], actions["DeleteMessage"]), (700, 700))

    def test_azure_over_https(self):
        self.through("azure", "https")

    def test_aws_over_http(self):
        # One by itself shows that the queue takes messages at all; the rest goes in full batches.
        self.assertEqual(self.through("aws", "http")["actions"]["SendMessageBatch"], 71)

    def test_aws_over_https(self):
        self.through("aws", "https")

    def test_its_certificate_is_trusted_only_where_its_authority_is_named(self):
        self.begin(scheme="https")
        del self.env["EDW_CA_FILE"]
        said = self.producer("--queue", "azure:messages", "--count", 1, code=(1, 2))
        self.assertIn("certificate", said.err)

    def test_attributes_come_back_where_they_are_asked_for(self):
        # The digests are SQS's own: moto gives the same.
        self.begin()
        traced = {"traceparent": {"DataType": "String", "StringValue": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}
        self.assertEqual(self.sqs("SendMessage", MessageBody="first", MessageAttributes=traced)["MD5OfMessageAttributes"], DIGEST)
        self.assertNotIn("MD5OfMessageAttributes", self.sqs("SendMessage", MessageBody="second"))
        named = {"MessageAttributeNames": ["traceparent"]}
        for asked, given in (({}, None), ({"MessageAttributeNames": ["other"]}, None), ({"MessageAttributeNames": ["All"]}, traced), (named, traced)):
            first, second = self.sqs("ReceiveMessage", MaxNumberOfMessages=10, **asked)["Messages"]
            self.assertEqual((first["Body"], first.get("MessageAttributes")), ("first", given))
            self.assertEqual(first.get("MD5OfMessageAttributes"), given and DIGEST)
            self.assertNotIn("MessageAttributes", second)
            self.stub.ask("rewind")

    def sqs(self, action, **members):
        body = json.dumps({"QueueUrl": f"{self.stub.http}/000000000000/attributed", **members}).encode()
        headers = {"X-Amz-Target": f"AmazonSQS.{action}", "Content-Type": "application/x-amz-json-1.0"}
        with urllib.request.urlopen(urllib.request.Request(f"{self.stub.http}/", body, headers), timeout=30) as reply:
            return json.load(reply)

    def test_a_rewound_queue_hands_everything_out_again(self):
        self.begin()
        self.send("aws", 200)
        self.assertEqual(self.consume("aws")["persisted"], 200)
        counts = self.stub.ask("rewind")
        self.assertEqual((counts["messages_left"], counts["distinct_rows"], counts["received"]), (200, 0, 0))
        self.assertEqual(self.consume("aws")["persisted"], 200)
        self.assertEqual(self.stub.ask("reset")["messages_left"], 0)

    def test_a_throttled_stub_refuses_and_nothing_is_lost(self):
        self.begin("--throttle", 400)
        for cloud in ("azure", "aws"):
            sent = self.send(cloud, 200)
            self.assertEqual((sent["sent"], sent["failed"], sent["unknown"]), (200, 0, 0))
        counts = self.stub.stop()
        self.assertEqual(counts["sent"], 400)
        self.assertGreater(counts["throttled"], 0)

    def test_latency_and_a_stall_hold_replies_back(self):
        self.begin("--latency", 20, "--stall", "100:300")
        sent = self.send("azure", 1000)
        self.assertGreaterEqual(sent["seconds"], 0.3)
        self.assertGreaterEqual(sent["service_ms"]["p50"], 20)
        self.stub.ask("set?latency_ms=0")
        self.stub.ask("stall?ms=200")
        self.assertGreaterEqual(self.consume("azure")["seconds"], 0.2)


if __name__ == "__main__":
    edw.main()
