"""Traces from the producer to the row: what messages carry, what rows keep, what a collector of spans receives."""

import collections
import json
import re
import socket

import collector
import edw
import stores
from endpoint import Endpoint, free_port

TRACEPARENT = re.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])")


class Traced(edw.Case):
    def setUp(self):
        super().setUp()
        self.collector = self.collecting()

    def collecting(self, *arguments):
        made = collector.Collector(*arguments)
        self.addCleanup(made.close)
        return made

    def trace_all(self, to=None):
        self.env.update({"OTEL_EXPORTER_OTLP_ENDPOINT": (to or self.collector).url, "OTEL_TRACES_SAMPLER": "always_on"})

    def context_of(self, row):
        found = TRACEPARENT.fullmatch(row["traceparent"])
        self.assertTrue(found, row)
        return found.groups()


class FromProducerToRow(Traced):
    def through(self, store, count, batches):
        """Send and consume `count` messages, and follow each from its first span to its row."""
        self.env.update(store.env)
        self.trace_all()
        self.producer("--count", count, "--run", "t", "--queue", store.queue, "--create")
        ended = self.consumer("--drain", "--queue", store.queue, "--table", store.table, "--create")
        self.assertEqual(ended.json["acknowledged"], count, str(ended))
        self.assert_clean(self.audit("t", "--table", store.table), count)

        spans = {span.key: span for span in self.collector.spans}
        by_operation = collections.defaultdict(list)
        for span in spans.values():
            by_operation[span.resource["service.name"], span.operation].append(span)
        rows = store.rows()
        self.assertEqual(len(rows), count)
        for row in rows:
            trace, span, flags = self.context_of(row)
            self.assertEqual(flags, "01")
            process = spans[trace, span]
            self.assertEqual((process.operation, process.kind, process.error), ("process", "consumer", None))
            self.assertEqual(process.attributes["edw.run"], "t")
            self.assertEqual(process.attributes["edw.seq"], stores.number(row["seq"]))
            self.assertEqual(process.attributes["messaging.message.id"], row["messageId"])
            origin = spans[trace, process.parent]
            self.assertEqual((origin.kind, origin.parent), ("producer", None))
            self.assertEqual(origin.attributes["edw.seq"], stores.number(row["seq"]))
            self.assertLessEqual(origin.begun, process.begun)
            sends = [send for send in by_operation["producer", "send"] if origin.key in send.links or send is origin]
            self.assertEqual(len(sends), 1, origin)
            for operation, of in (("receive", origin), ("upsert", process), ("ack", process)):
                linked = [other for other in by_operation["consumer", operation] if of.key in other.links]
                self.assertEqual(len(linked), 1, f"{operation} of {process}")
                self.assertEqual(linked[0].kind, "client")
        for span in spans.values():
            self.assertIsNone(span.error, span)
            if len(span.links) == 1:
                self.assertEqual((span.trace, span.parent), span.links[0], span)
            elif span.links:
                self.assertIsNone(span.parent, span)
        many = [span for span in spans.values() if len(span.links) > 1]
        self.assertEqual({span.operation for span in many} & {"send"}, {"send"} if batches else set())
        self.assertTrue({"receive", "upsert"} <= {span.operation for span in many}, many)
        return spans, rows

    def test_embedded(self):
        store = stores.Sqlite(self.folder)
        self.through(store, 40, batches=True)

    def test_azure(self):
        spans, rows = self.through(stores.Azure(), 40, batches=False)
        self.assertEqual({span.attributes.get("messaging.system") for span in spans.values()}, {"azure_queue", None})
        self.assertEqual({span.attributes.get("db.system.name") for span in spans.values()}, {"azure_table", None})

    def test_aws(self):
        spans, rows = self.through(stores.Aws(), 40, batches=True)
        self.assertEqual({span.attributes.get("messaging.system") for span in spans.values()}, {"aws_sqs", None})
        self.assertEqual({span.attributes.get("db.system.name") for span in spans.values()}, {"aws_dynamodb", None})

    def test_the_body_carries_it_on_the_embedded_queue(self):
        store = stores.Sqlite(self.folder)
        self.trace_all()
        self.producer("--count", 3, "--run", "t")
        for body in store.bodies():
            self.assertEqual(list(json.loads(body)), ["msg", "srcStamp", "run", "seq", "hash", "traceparent"])

    def test_an_attribute_carries_it_on_sqs(self):
        store = stores.Aws()
        url = store.create()
        self.env.update(store.env)
        self.trace_all()
        self.producer("--count", 3, "--run", "t", "--queue", store.queue)
        messages = store.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])["Messages"]
        for message in messages:
            self.assertNotIn("traceparent", json.loads(message["Body"]))
            self.assertRegex(message["MessageAttributes"]["traceparent"]["StringValue"], TRACEPARENT)

    def test_without_tracing_messages_are_as_they_were(self):
        store = stores.Sqlite(self.folder)
        self.producer("--count", 3, "--run", "t")
        for body in store.bodies():
            self.assertEqual(list(json.loads(body)), ["msg", "srcStamp", "run", "seq", "hash"])
        self.consumer("--drain")
        self.assertFalse([row for row in store.rows() if "traceparent" in row])
        self.assertEqual(self.collector.requests, [])

    def test_a_consumer_without_tracing_keeps_the_trace_on_row_and_log(self):
        store = stores.Sqlite(self.folder)
        self.trace_all()
        self.producer("--count", 3, "--run", "t")
        before = {json.loads(body)["seq"]: json.loads(body)["traceparent"] for body in store.bodies()}
        count = len(self.collector.spans)
        ended = self.consumer("--drain", env={"OTEL_SDK_DISABLED": "true"})
        self.assertEqual({row["seq"]: row["traceparent"] for row in store.rows()}, before)
        self.assertEqual(len(self.collector.spans), count)
        lines = [json.loads(line) for line in ended.err.splitlines() if line.startswith("{")]
        done = {line["seq"]: line for line in lines if "acknowledged" in line["message"]}
        self.assertEqual({int(seq): line["trace_id"] for seq, line in done.items()},
                         {seq: context[3:35] for seq, context in before.items()})
        for line in done.values():
            self.assertEqual((line["level"], line["run"]), ("debug", "t"))
            self.assertTrue(line["message_id"])

    def test_unsampled_messages_make_no_spans_and_their_consumer_keeps_to_that(self):
        store = stores.Sqlite(self.folder)
        self.trace_all()
        self.producer("--count", 50, "--run", "t", env={"OTEL_TRACES_SAMPLER": "always_off"})
        self.assertEqual({json.loads(body)["traceparent"][-2:] for body in store.bodies()}, {"00"})
        self.consumer("--drain", env={"OTEL_TRACES_SAMPLER": "parentbased_always_on"})
        self.assertEqual([row for row in store.rows() if "traceparent" in row], [])
        self.assertEqual(self.collector.requests, [])

    def test_by_default_about_one_trace_in_a_hundred_is_kept(self):
        self.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = self.collector.url
        self.producer("--count", 5000, "--run", "t")
        kept = [span for span in self.collector.spans if span.operation == "create"]
        # A fair draw leaves this range once in more than a million runs.
        self.assertTrue(15 <= len(kept) <= 95, len(kept))

    def test_the_size_that_was_asked_for_comes_first(self):
        store = stores.Sqlite(self.folder)
        self.trace_all()
        for run, size in (("small", 220), ("exact", 300), ("large", 1000)):
            self.producer("--count", 2, "--run", run, "--size", size)
        bodies = [(len(body), json.loads(body)) for body in store.bodies()]
        self.assertEqual({(body["run"], size, "traceparent" in body) for size, body in bodies},
                         {("small", 220, False), ("exact", 300, True), ("large", 1000, True)})
        self.consumer("--drain")
        for run in ("small", "exact", "large"):
            self.assert_clean(self.audit(run), 2)

    def test_a_sqs_message_of_the_largest_size_goes_without(self):
        store = stores.Aws()
        url = store.create()
        self.env.update(store.env)
        self.trace_all()
        largest = int(store.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["MaximumMessageSize"])["Attributes"]["MaximumMessageSize"])
        self.producer("--count", 1, "--run", "t", "--queue", store.queue, "--size", largest)
        message, = store.sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
        self.assertEqual((len(message["Body"]), "MessageAttributes" in message), (largest, False))

    def test_a_foreign_trace_goes_on_and_a_malformed_one_does_not(self):
        store = stores.Sqlite(self.folder)
        self.trace_all()
        self.producer("--count", 1, "--run", "t")
        theirs = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        for seq, context in enumerate((theirs, theirs.upper(), "00-" + "0" * 32 + theirs[35:], theirs + "-x", "", "x" * 5000), 2):
            store.put(json.dumps({"msg": str(seq), "srcStamp": "2026-11-22 01:02:03.000004", "traceparent": context}))
        self.consumer("--drain")
        rows = {row["data"]: self.context_of(row) for row in store.rows()}
        self.assertEqual(len(rows), 7)
        self.assertEqual(rows["2"][0], theirs[3:35])
        mine, = [span for span in self.collector.spans if span.trace == theirs[3:35] and span.operation == "process"]
        self.assertEqual((mine.parent, mine.id), (theirs[36:52], rows["2"][1]))
        self.assertEqual(len({trace for trace, _, _ in rows.values()}), 7)

    def test_what_fails_is_told_by_its_span(self):
        stores.Sqlite(self.folder)
        self.trace_all()
        self.producer("--count", 1, "--run", "t")
        self.consumer("--drain", "--max-receives", "1", "--process", "exec=sh -c 'while read l; do echo \"{\\\"error\\\":\\\"bad luck\\\"}\"; done'")
        process, = [span for span in self.collector.spans if span.operation == "process"]
        self.assertIsNotNone(process.error)
        letter, = [span for span in self.collector.spans if span.operation == "dead-letter"]
        self.assertEqual((letter.trace, letter.parent), process.key)

    def test_a_dead_letters_trace_goes_on_after_its_redrive(self):
        store = stores.Aws()
        store.create()
        self.env.update(store.env)
        self.trace_all()
        where = ("--queue", store.queue, "--table", store.table)
        self.producer("--count", 1, "--run", "t", "--queue", store.queue)
        self.consumer("--drain", *where, "--max-receives", "1", "--process", "exec=false")
        self.run_program("consumer", "redrive", *where)
        self.consumer("--drain", *where)
        row, = [row for row in store.rows() if row.get("run") == "t"]
        origin, = [span for span in self.collector.spans if span.kind == "producer"]
        self.assertEqual(self.context_of(row)[0], origin.trace)


class Exports(Traced):
    def test_headers_and_resource_are_as_the_variables_say(self):
        self.trace_all()
        secret = "s3cr3t" + edw.unique()
        self.secrets.append(secret)
        self.env.update({"OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Basic%20{secret},x-tenant=a%2Cb", "OTEL_SERVICE_NAME": "orders",
                         "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test%20bed,service.name=other,team=a"})
        self.producer("--count", 2, "--run", "t")
        headers = {name.lower(): value for name, value in self.collector.requests[0][1].items()}
        self.assertEqual((headers["authorization"], headers["x-tenant"]), (f"Basic {secret}", "a,b"))
        resource = self.collector.spans[0].resource
        self.assertEqual((resource["service.name"], resource["deployment.environment.name"], resource["team"]), ("orders", "test bed", "a"))
        self.assertTrue(resource["service.version"])

    def test_bad_variables_are_told_and_stop_no_message(self):
        self.trace_all()
        for name, value in (("OTEL_TRACES_SAMPLER", "often"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
                            ("OTEL_EXPORTER_OTLP_HEADERS", "no-equals-sign"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
                            ("OTEL_RESOURCE_ATTRIBUTES", "%zz=1"), ("OTEL_TRACES_EXPORTER", "console"), ("OTEL_BSP_SCHEDULE_DELAY", "soon")):
            with self.subTest(name):
                ended = self.producer("--count", 1, env={name: value})
                told = [line for line in ended.err.splitlines() if name in line and '"warning"' in line]
                self.assertEqual(len(told), 1, str(ended))

    def test_a_collector_that_comes_back_gets_its_spans(self):
        to = self.collecting(lambda number: 503 if number == 1 else 200)
        self.trace_all(to)
        self.env["OTEL_BSP_SCHEDULE_DELAY"] = "1"
        running = self.start("producer", "--rate", "20", "--run", "t", "--output", "json")
        edw.wait_for(lambda: len(to.requests) > 1, "the second export")
        running.send(15)
        ended = running.wait()
        self.assertEqual((ended.code, ended.json["failed"]), (0, 0), str(ended))
        self.assertIn("spans are exported again", ended.err)
        self.assertNotIn("dropped", ended.err)

    def test_no_collector_neither_delays_nor_fails_a_message(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # nobody listens: refused
            self.env.update({"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{taken.getsockname()[1]}", "OTEL_TRACES_SAMPLER": "always_on"})
            ended = self.producer("--count", 5000, "--run", "t")
            self.assertEqual(ended.json["sent"], 5000)
            self.assertIn("spans can't be exported", ended.err)
            self.assertRegex(ended.err, r"\d+ spans dropped")
            self.assertEqual(self.consumer("--drain").json["acknowledged"], 5000)
        self.assert_clean(self.audit("t"), 5000)

    def test_metrics_tell_what_became_of_the_spans(self):
        to = self.collecting(lambda number: 200 if number == 1 else 400)
        self.trace_all(to)
        self.env["OTEL_BSP_SCHEDULE_DELAY"] = "1"
        port = free_port()
        running = self.start("producer", "--rate", "20", "--run", "t", "--metrics-port", port)
        endpoint = Endpoint(port).wait_ready()
        told = {"edw_spans_exported_total": 0, "edw_spans_dropped_total": 0}

        def both():
            metrics = endpoint.metrics()
            told.update((name, metrics.sum(name)) for name in told)
            return all(told.values())

        edw.wait_for(both, "spans of either kind")
        first = json.loads(to.requests[0][2])["resourceSpans"][0]["scopeSpans"][0]["spans"]
        self.assertEqual(told["edw_spans_exported_total"], len(first))
        running.send(15)
        self.assertEqual(running.wait().code, 0)

    def test_a_collector_that_hangs_neither_delays_nor_fails_a_message(self):
        self.collector.hold.clear()
        self.trace_all()
        running = self.start("producer", "--count", "20000", "--run", "t", "--output", "json")
        ended = running.wait(60)
        self.assertEqual((ended.code, ended.json["sent"]), (0, 20000), str(ended))
        self.assertRegex(ended.err, r"\d+ spans dropped")


if __name__ == "__main__":
    edw.main()
