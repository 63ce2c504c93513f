"""Many producers as one: disjoint numbers, a common start, one rate and count, summaries that add up, one audit."""

import datetime
import json
import signal
import unittest

import edw
import stores

K = 3


def members(ranges):
    return {seq for first, last, *step in ranges for seq in range(first, last + 1, *step)}


def in_seconds(seconds):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


class Instances(edw.Case):
    def setUp(self):
        super().setUp()
        self.store = stores.Sqlite(self.folder)
        self.producer("--count", 1, "--run", "warm-up", "--queue", self.store.queue)  # the file is there, and its tables

    def sent(self):
        bodies = [json.loads(body) for body in self.store.bodies()]
        return sorted(body["seq"] for body in bodies if body["run"] == "a")

    def one(self, i, *arguments):
        return self.start("producer", "--run", "a", "--instances", K, "--instance", i, "--output", "json", *arguments)

    def all(self, *arguments, first=0):
        """Their summaries, each also in the file I.json."""
        running = [self.one(i, *arguments) for i in range(first, first + K)]
        summaries = []
        for i, each in enumerate(running):
            ended = each.wait()
            self.assertEqual(ended.code, 0, str(ended))
            (self.folder / f"{i}.json").write_text(ended.out)
            summaries.append(ended.json)
        return summaries

    def manifests(self, first=0):
        return [json.loads((self.folder / "runs" / f"a.{i}.json").read_text()) for i in range(first, first + K)]

    def test_share_a_count_and_a_rate_from_a_common_start(self):
        summaries = self.all("--count", 500, "--rate", 200, "--start-at", in_seconds(4))
        self.assertEqual(self.sent(), list(range(1, 501)))
        self.assertEqual([summary["sent"] for summary in summaries], [166, 167, 167])
        self.assertEqual([summary["instance"] for summary in summaries], [0, 1, 2])
        for summary in summaries:
            self.assertAlmostEqual(summary["asked_rate"], 200 / K, delta=1)
        for i, manifest in enumerate(self.manifests()):
            self.assertEqual({seq % K for seq in members(manifest["acknowledged"])}, {i})
            self.assertEqual(manifest["acknowledged"], [[i or K, 498 + i, K]])
        # Sent within a moment of when the whole schedule wants them, whoever sent them.
        stamps = {json.loads(body)["seq"]: json.loads(body)["srcStamp"] for body in self.store.bodies() if '"run":"a"' in body}
        at = {seq: datetime.datetime.fromisoformat(stamp).timestamp() for seq, stamp in stamps.items()}
        halfway = sorted(at[seq] - at[1] for seq in range(230, 271))
        self.assertAlmostEqual(halfway[len(halfway) // 2], 249 / 200, delta=0.5)

        merged = self.producer("merge", "0.json", "1.json", "2.json").json
        self.assertEqual((merged["sent"], merged["merged"], merged["instances"]), (500, [0, 1, 2], 3))
        self.assertAlmostEqual(merged["asked_rate"], 200, delta=3)
        self.assertEqual(merged["latency_ms"]["max"], max(summary["latency_ms"]["max"] for summary in summaries))
        self.assertEqual(sum(count for _, count in merged["latency_histogram"]), 500)
        self.assertIn("3 of 3 instances", self.run_program("producer", "merge", "0.json", "1.json", "2.json").out)
        ended = self.producer("merge", "2.json", "0.json")
        self.assertEqual(ended.json["merged"], [0, 2])
        self.assertIn("these are 2 of 3 instances", ended.err)

        self.consumer("--drain")
        manifests = [word for i in range(K) for word in ("--manifest", f"runs/a.{i}.json")]
        self.assert_clean(self.audit("a", *manifests), 500)
        self.assert_clean(self.audit("a"), 500)
        ended = self.audit("a", *manifests[2:], code=1)
        self.assertIn("no manifest of instance 0 of 3", ended.err)
        self.assertEqual((ended.json["expected"], ended.json["missing"], ended.json["unexpected"]), (334, 0, 166))

    def test_may_be_counted_from_one(self):
        self.all("--count", 20, first=1)
        self.assertEqual(self.sent(), list(range(1, 21)))
        self.assertEqual(members(self.manifests(1)[2]["acknowledged"]), {3, 6, 9, 12, 15, 18})
        self.consumer("--drain")
        self.assert_clean(self.audit("a"), 20)

    def test_end_anywhere_and_leave_gaps(self):
        self.one(1, "--count", 10).wait()
        self.one(2, "--count", 25).wait()
        self.assertEqual(self.sent(), sorted({1, 4, 7, 10} | set(range(2, 26, 3))))
        self.consumer("--drain")
        self.assert_clean(self.audit("a"), 12)

    def test_list_their_own_bad_messages(self):
        self.all("--count", 100, "--poison", "10%")
        bad = set(range(5, 101, 10))
        for i, manifest in enumerate(self.manifests()):
            self.assertEqual(members(manifest["poison"]), {seq for seq in bad if seq % K == i})
        self.assertEqual(self.consumer("--drain", "--max-receives", 1).json["dead_lettered"], 10)
        found = self.audit("a").json
        self.assertEqual((found["expected"], found["found"], found["dead_lettered"]), (100, 90, 10))

    def test_resume_after_a_kill(self):
        running = self.one(2, "--rate", 600)
        path = self.folder / "runs" / "a.2.json"
        edw.wait_for(lambda: path.exists() and json.loads(path.read_text())["acknowledged"], "an acknowledged range on disk")
        running.send(signal.SIGKILL)
        running.wait()
        killed = json.loads(path.read_text())
        self.assertTrue(killed["unknown"])
        self.assertLessEqual(set(self.sent()), members(killed["acknowledged"]) | members(killed["unknown"]))
        last = killed["last"]
        past = in_seconds(-60)
        for i in (0, 1):
            self.assertEqual(self.one(i, "--count", last + 50).wait().code, 0)
        ended = self.one(2, "--count", last + 50, "--resume", "--start-at", past).wait()
        self.assertEqual(ended.code, 0, str(ended))
        resumed = json.loads(path.read_text())
        self.assertLessEqual(set(range(last + K, last + 51, K)), members(resumed["acknowledged"]))
        self.assertEqual(len(self.sent()), len(set(self.sent())), "a number was sent twice")
        self.consumer("--drain")
        found = self.audit("a", code=0).json
        self.assertEqual((found["missing"], found["unexpected"]), (0, 0))

    def test_that_are_stopped_before_the_start_have_sent_nothing(self):
        running = self.one(0, "--count", 9, "--start-at", in_seconds(600))
        edw.wait_for(lambda: "begins at" in running.err, "the wait for the start")
        running.send(signal.SIGINT)
        ended = running.wait()
        self.assertEqual((ended.code, ended.json["sent"]), (0, 0), str(ended))
        self.assertFalse((self.folder / "runs" / "a.0.json").exists())
        self.assertEqual(self.sent(), [])

    def test_bad_input(self):
        for arguments, words in (
            (("--instances", 3), "--instances needs --instance"),
            (("--instance", 3), "--instance needs --instances"),
            (("--instances", 3, "--instance", 4), "--instance: there is no instance 4 of 3; they are 0 to 2, or 1 to 3"),
            (("--instances", 0, "--instance", 0), "--instances: .*least allowed"),
            (("--instances", 10_001, "--instance", 0), "--instances: .*most allowed"),
            (("--start-at", "noon"), "--start-at: \"noon\" is not a moment such as"),
            (("--start-at", "2026-01-01T00:00:00Z"), "--start-at is past by"),
            (("--start-at", "2199-01-01T00:00:00Z"), "--start-at is more than a day ahead"),
        ):
            with self.subTest(arguments):
                ended = self.producer("--run", "a", "--count", 1, *arguments, code=2)
                self.assertRegex(ended.err, words)
                self.assertEqual(ended.err.count("\n"), 1)
        ended = self.producer("--count", 1, "--instances", 2, "--instance", 0, code=2)
        self.assertIn("--instances needs --run", ended.err)
        ended = self.producer("--run", "a", "--instances", 2, "--instance", 0, "--profile", "find-max:p99<50ms", code=2)
        self.assertIn("--instances and --profile contradict", ended.err)

    def test_bad_files(self):
        self.one(1, "--count", 10).wait()
        self.producer("--run", "a", "--instances", 2, "--instance", 0, "--count", 10)
        self.producer("--run", "b", "--count", 10)
        copy = (self.folder / "runs" / "a.1.json").read_text()
        (self.folder / "copy.json").write_text(copy)
        for arguments, words in (
            (("--manifest", "runs/a.1.json", "--manifest", "copy.json"), "copy.json is of instance 1, as another manifest is"),
            (("--manifest", "runs/a.1.json", "--manifest", "runs/a.0.json"), "they do not belong together"),
            (("--manifest", "runs/a.1.json", "--manifest", "runs/b.json"), "runs/b.json is the manifest of run b"),
        ):
            with self.subTest(arguments):
                self.assertIn(words, self.audit("a", *arguments, code=2).err)
        for i, (run, text) in enumerate((("a", ""), ("a", "{}"), ("a", copy))):
            (self.folder / f"bad-{i}.json").write_text(text)
            self.assertIn(f"bad-{i}.json", self.producer("merge", f"bad-{i}.json", code=2).err)
        self.assertIn("merge takes summaries", self.producer("merge", code=2).err)
        ended = self.one(1, "--count", 20).wait()
        self.assertEqual(ended.code, 2)
        self.assertIn("continue it with --resume", ended.err)
        ended = self.producer("--run", "a", "--instances", 4, "--instance", 1, "--count", 20, "--resume", code=2)
        self.assertIn("is of instance 1 of 3, not of instance 1 of 4", ended.err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
