"""What messages hold: their size, a template's or a file's text, how compressible it is, and whose group they are of."""

import base64
import collections
import hashlib
import json
import re
import statistics
import unittest
import uuid
import zlib

import edw
import stores


class Payloads(edw.Case):
    def setUp(self):
        super().setUp()
        self.store = stores.Sqlite(self.folder)

    def send(self, count, *arguments):
        """The texts of the messages as they stand in the queue, in the order of their numbers."""
        self.producer("--count", count, "--run", "a", *arguments)
        texts = sorted(self.store.bodies(), key=lambda text: json.loads(text)["seq"])
        for text in texts:
            body = json.loads(text)
            self.assertEqual(list(body)[:5], ["msg", "srcStamp", "run", "seq", "hash"])
            self.assertEqual(body["hash"], hashlib.sha256((body["msg"] + body.get("payload", "")).encode()).hexdigest())
        return texts

    def persisted(self, count):
        self.consumer("--drain")
        self.assert_clean(self.audit("a"), count)

    def test_a_size_is_exact(self):
        self.assertEqual({len(text) for text in self.send(20, "--size", 600)}, {600})
        self.persisted(20)

    def test_a_size_is_exact_in_base64_too(self):
        sizes = [len(body) for body in self.encoded("--size", 600)]
        self.assertEqual(set(sizes), {600})

    def encoded(self, *arguments):
        self.producer("--count", 5, "--run", "a", "--encoding", "base64", *arguments)
        for body in self.store.bodies():
            self.assertEqual(json.loads(base64.b64decode(body))["run"], "a")
        return self.store.bodies()

    def test_sizes_are_drawn_within_their_bounds(self):
        sizes = [len(text) for text in self.send(400, "--size", "uniform:300..500")]
        self.assertTrue(min(sizes) >= 300 and max(sizes) <= 500, sizes)
        self.assertAlmostEqual(statistics.mean(sizes), 400, delta=15)
        self.assertGreater(len(set(sizes)), 100)
        self.persisted(400)

    def test_sizes_are_the_same_for_the_same_run(self):
        first = [len(text) for text in self.send(30, "--size", "lognormal:800,0.5")]
        (self.folder / "edw.db").unlink()
        self.assertEqual(first, [len(text) for text in self.send(30, "--size", "lognormal:800,0.5", "--manifest", "none")])

    def test_a_template_is_filled_in_for_each_message(self):
        template = '{"id":"{{uuid}}","n":{{seq}},"at":"{{now}}","who":"{{random:choose:ada|bob}}","cents":{{random:int:1..99}}}'
        payloads = [json.loads(json.loads(text)["payload"]) for text in self.send(50, "--template", template)]
        self.assertEqual([payload["n"] for payload in payloads], list(range(1, 51)))
        self.assertEqual(len({uuid.UUID(payload["id"]) for payload in payloads}), 50)
        self.assertEqual({payload["who"] for payload in payloads}, {"ada", "bob"})
        self.assertTrue(all(1 <= payload["cents"] <= 99 for payload in payloads))
        self.assertRegex(payloads[0]["at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        self.persisted(50)
        rows = {stores.number(row["seq"]): row for row in self.store.rows()}
        self.assertEqual(json.loads(rows[7]["payload"])["n"], 7)

    def test_a_template_may_stand_in_a_file(self):
        (self.folder / "order.txt").write_text("order {{seq}}\nof \"{{run}}\" äöü\n")
        texts = self.send(3, "--template", "order.txt")
        self.assertEqual(json.loads(texts[1])["payload"], 'order 2\nof "a" äöü')
        self.persisted(3)

    def test_the_lines_of_a_file_are_sent_in_turn(self):
        (self.folder / "lines.txt").write_text('{"a":1}\r\n\nthird \\ line\t"x"\n')
        texts = self.send(7, "--lines", "lines.txt")
        self.assertEqual([json.loads(text).get("payload", "") for text in texts], (['{"a":1}', "", 'third \\ line\t"x"'] * 3)[:7])
        self.persisted(7)

    def test_what_fills_up_is_as_compressible_as_asked(self):
        for ratio, asked in ((1.33, []), (4, ["--compressible", "on"]), (10, ["--compressible", 10])):
            with self.subTest(ratio=ratio):
                payload = json.loads(self.send(1, "--size", 30_000, *asked)[0])["payload"]
                self.assertAlmostEqual(len(payload) / len(zlib.compress(payload.encode())), ratio, delta=ratio * 0.15)
                (self.folder / "edw.db").unlink()
                (self.folder / "runs" / "a.json").unlink()

    def test_groups_are_as_unequal_as_asked(self):
        texts = self.send(600, "--groups", 20, "--skew", "zipf:1.1", "--template", "for {{group}}")
        groups = collections.Counter(json.loads(text)["group"] for text in texts)
        self.assertLessEqual(set(groups), {f"group-{i}" for i in range(20)})
        weights = [1 / k ** 1.1 for k in range(1, 21)]
        self.assertAlmostEqual(groups["group-0"] / 600, weights[0] / sum(weights), delta=0.07)
        self.assertGreater(groups["group-0"], groups["group-1"])
        self.assertEqual({json.loads(text)["payload"] for text in texts}, {f"for {group}" for group in groups})
        self.persisted(600)


class Fifo(edw.Case):
    def test_skewed_groups_are_the_message_groups(self):
        store = stores.Aws(fifo=True)
        self.env.update(store.env)
        store.create()
        self.producer("--count", 60, "--run", "a", "--queue", store.queue, "--skew", "zipf:1.5", "--group-id", "payer")
        url = store.sqs.get_queue_url(QueueName=store.queue_name)["QueueUrl"]
        received = store.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["MessageGroupId"])["Messages"]
        for message in received:
            group = message["Attributes"]["MessageGroupId"]
            self.assertRegex(group, r"^payer-\d+$")
            self.assertEqual(json.loads(message["Body"])["group"], group)
        store.sqs.change_message_visibility_batch(QueueUrl=url, Entries=[
            {"Id": str(i), "ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0} for i, message in enumerate(received)])
        self.consumer("--queue", store.queue, "--table", store.table, "--drain")
        self.assert_clean(self.audit("a", "--table", store.table), 60)


class BadInput(edw.Case):
    def refused(self, *arguments):
        ended = self.producer("--run", "a", "--count", 3, *arguments, code=2)
        self.assertEqual(ended.out, "")
        self.assertFalse((self.folder / "runs").exists(), "nothing was sent")
        return ended.err

    def test_is_pointed_at(self):
        for arguments, tail in (
            (("--size", "uniform:300..x"), "  uniform:300..x\n               ^"),
            (("--size", "normal:300"), "  normal:300\n            ^"),
            (("--template", "a {{sek}} b"), "  a {{sek}} b\n      ^"),
            (("--template", "{{random:int:9..1}}"), "  {{random:int:9..1}}\n                  ^"),
        ):
            with self.subTest(arguments):
                err = self.refused(*arguments)
                self.assertTrue(err.startswith(f"producer: {arguments[0]}: "), err)
                self.assertTrue(err.endswith(tail + "\n"), err)

    def test_in_a_file_is_pointed_at(self):
        (self.folder / "order.txt").write_text("first\nsecond {{random:hex:no}}\nthird\n")
        self.assertIn("\n  second {{random:hex:no}}\n                      ^", self.refused("--template", "order.txt"))
        (self.folder / "lines.bin").write_bytes(b"fine\n\xff\xfe\n")
        self.assertIn("line 2 is not UTF-8", self.refused("--lines", "lines.bin"))

    def test_is_one_sentence(self):
        (self.folder / "empty").write_text("")
        for arguments, words in (
            (("--template", "nowhere.txt"), "--template: .*can't be read: nowhere.txt: No such file"),
            (("--template", "."), "--template: .*can't be read: .: Is a directory"),
            (("--template", "empty"), "--template: .*empty"),
            (("--lines", "nowhere.txt"), "--lines: .*can't be read: nowhere.txt: No such file"),
            (("--lines", "empty"), "--lines: .*without a line"),
            (("--compressible", "0.5"), "--compressible: .*1 to 20"),
            (("--compressible", "on"), "--compressible needs --size"),
            (("--template", "{{seq}}", "--size", 600), "--template and --size contradict"),
            (("--template", "{{seq}}", "--lines", "empty"), "--lines: "),
            (("--template", "{{group}}"), "--template has {{group}}: give --groups or --skew"),
            (("--groups", 0), "--groups: .*least allowed"),
            (("--groups", 1_000_001), "--groups: .*most allowed"),
            (("--skew", "zipf:0"), "--skew: .*exponent between 0 and 10"),
            (("--skew", "pareto"), "--skew: .*neither even nor zipf"),
            (("--size", "uniform:10..500"), "--size: a body of this run takes at least"),
            (("--group-id", "x"), "--group-id is only for FIFO queues"),
        ):
            with self.subTest(arguments):
                err = self.refused(*arguments)
                self.assertEqual(err.count("\n"), 1, err)
                self.assertRegex(err, words)

    def test_bodies_that_the_queue_cannot_carry_are_refused_before_the_first(self):
        store = stores.Azure()
        self.env.update(store.env)
        store.create()
        (self.folder / "long.txt").write_text("short\n" + "x" * 70_000 + "\n")
        for arguments, words in (
            (("--lines", "long.txt"), r"--lines: line 2: 7\d{4} bytes are more than this queue carries"),
            (("--template", "{{random:text:70000}}"), r"--template: 7\d{4} bytes are more"),
            (("--size", "uniform:300..70000"), r"--size: 70000 bytes are more"),
        ):
            with self.subTest(arguments):
                self.assertRegex(self.refused("--queue", store.queue, *arguments), words)

    def test_a_wide_distribution_stays_within_what_the_queue_carries(self):
        store = stores.Azure()
        self.env.update(store.env)
        store.create()
        self.producer("--run", "a", "--count", 30, "--size", "lognormal:30000,1.5", "--queue", store.queue)
        sizes = [len(message.content) for message in store.peek(store.queue_name)]
        self.assertEqual(max(sizes), 65_536)
        self.assertGreater(len(set(sizes)), 5)

    def test_a_resumed_run_goes_on_with_the_same_text(self):
        self.producer("--run", "a", "--count", 5, "--template", "{{uuid}}")
        self.producer("--run", "a", "--count", 9, "--template", "{{uuid}}", "--resume")
        parts = {json.loads(text)["seq"]: json.loads(text)["payload"] for text in stores.Sqlite(self.folder).bodies()}
        (self.folder / "edw.db").unlink()
        self.producer("--run", "a", "--count", 9, "--template", "{{uuid}}", "--manifest", "none")
        whole = {json.loads(text)["seq"]: json.loads(text)["payload"] for text in stores.Sqlite(self.folder).bodies()}
        self.assertEqual(parts, whole)
        self.assertTrue(all(re.fullmatch(r"[0-9a-f-]{36}", payload) for payload in parts.values()))


if __name__ == "__main__":
    unittest.main(verbosity=2)
