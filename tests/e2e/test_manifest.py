"""The manifest: what was acknowledged, what failed, what nobody knows, also after a SIGKILL; and --resume."""

import json
import signal

import edw
import stores


def members(ranges):
    return {seq for first, last in ranges for seq in range(first, last + 1)}


class Manifest(edw.Case):
    def setUp(self):
        super().setUp()
        self.store = stores.Sqlite(self.folder)

    def sent(self):
        return sorted(json.loads(body)["seq"] for body in self.store.bodies())

    def test_of_a_finished_run_acknowledges_each_message(self):
        self.producer("--count", 100, "--run", "a")
        manifest = self.manifest("a")
        self.assertEqual(manifest["run"], "a")
        self.assertEqual(members(manifest["acknowledged"]), set(range(1, 101)))
        self.assertEqual((manifest["failed"], manifest["unknown"]), ([], []))
        self.assertEqual(self.sent(), list(range(1, 101)))

    def test_after_a_kill_covers_every_message_that_was_sent(self):
        running = self.start("producer", "--rate", 1_000, "--run", "a")
        path = self.folder / "runs" / "a.json"
        edw.wait_for(lambda: path.exists() and members(self.manifest("a")["acknowledged"]), "an acknowledged range on disk")
        running.send(signal.SIGKILL)
        running.wait()
        manifest = self.manifest("a")
        acknowledged, failed, unknown = (members(manifest[key]) for key in ("acknowledged", "failed", "unknown"))
        self.assertFalse(acknowledged & failed | acknowledged & unknown | failed & unknown)
        self.assertLessEqual(acknowledged, set(self.sent()))
        self.assertLessEqual(set(self.sent()), acknowledged | unknown, "sent, and the manifest knows nothing of it")
        self.assertTrue(unknown, "its tail is unknown")
        self.consumer("--drain")
        found = self.audit("a", code=0).json
        self.assertEqual((found["expected"], found["missing"], found["unexpected"]), (len(acknowledged), 0, 0))

    def test_resume_continues_after_the_last(self):
        running = self.start("producer", "--rate", 1_000, "--run", "a")
        path = self.folder / "runs" / "a.json"
        edw.wait_for(lambda: path.exists() and members(self.manifest("a")["acknowledged"]), "an acknowledged range on disk")
        running.send(signal.SIGKILL)
        running.wait()
        before = self.manifest("a")
        last = max(members(before["acknowledged"]) | members(before["unknown"]))
        self.producer("--count", last + 100, "--run", "a", "--resume")
        after = self.manifest("a")
        self.assertLessEqual(set(range(last + 1, last + 101)), members(after["acknowledged"]))
        self.assertEqual(len(self.sent()), len(set(self.sent())), "a sequence number was sent twice")
        self.consumer("--drain")
        self.audit("a", code=0)

    def test_resume_of_a_finished_run_sends_nothing_more(self):
        self.producer("--count", 50, "--run", "a")
        self.producer("--count", 50, "--run", "a", "--resume")
        self.assertEqual(self.sent(), list(range(1, 51)))

    def test_none_is_written_where_none_is_wanted(self):
        self.producer("--count", 5, "--run", "a", "--manifest", "none")
        self.assertFalse((self.folder / "runs").exists())
        self.consumer("--drain")
        self.assert_clean(self.audit("a", "--count", 5), 5)

    def test_two_instances_of_a_run_are_audited_together(self):
        self.producer("--count", 60, "--run", "a", "--manifest", "one.json")
        text = json.loads((self.folder / "one.json").read_text())
        half = dict(text, acknowledged=[[1, 30]], unknown=[[31, 60]])
        rest = dict(text, acknowledged=[[31, 60]], unknown=[[1, 30]])
        for name, part in (("half.json", half), ("rest.json", rest)):
            (self.folder / name).write_text(json.dumps(part))
        self.consumer("--drain")
        self.assert_clean(self.audit("a", "--manifest", "half.json", "--manifest", "rest.json"), 60)

    def test_run_ids_sort_by_time_where_none_is_given(self):
        ids = [self.producer("--count", 1).json["run"] for _ in range(3)]
        self.assertEqual(ids, sorted(set(ids)))


if __name__ == "__main__":
    edw.main()
