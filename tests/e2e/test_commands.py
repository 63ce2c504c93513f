"""What scripts and newcomers hold on to: --help, --version, the summaries' keys, exit codes."""

import re

import edw
import stores

QUANTILES = ["p50", "p90", "p99", "p999", "max"]
BOTH = ["queue", "table", "create", "encoding", "ca-file", "threads", "log-level", "log-format", "output", "config"]


class Help(edw.Case):
    def options(self, text):
        return set(re.findall(r"--([a-z][a-z-]*)", text))

    def test_names_every_option_of_the_contract(self):
        for command, options in {
            ("producer", "send"): ["count", "duration", "rate", "size", "concurrency", "delay", "ttl", "group-id", "run", "manifest", "resume"],
            ("producer", "audit"): ["run", "table", "manifest", "count"],
            ("consumer", "run"): ["concurrency", "lease", "max-receives", "count", "drain", "grace"],
        }.items():
            with self.subTest(" ".join(command)):
                ended = self.run_program(*command, "--help")
                self.assertLessEqual({*BOTH, *options}, self.options(ended.out))
                self.assertEqual(ended.err, "")

    def test_teaches(self):
        for program, words in {
            "producer": ["audit", "EDW_", "sqlite:", "azure:", "aws:", "--run", "Exit code"],
            "consumer": ["EDW_", "sqlite:", "azure:", "aws:", "--drain", "Exit code"],
        }.items():
            with self.subTest(program):
                for arguments in (["--help"], ["-h"]):
                    text = self.run_program(program, *arguments).out
                    for word in words:
                        self.assertIn(word, text)
                    self.assertLessEqual(max(map(len, text.splitlines())), 130)

    def test_version_is_one_line(self):
        for program in ("producer", "consumer"):
            self.assertRegex(self.run_program(program, "--version").out, rf"\A{program} \d+\.\d+\.\d+\n\Z")


class Summaries(edw.Case):
    def assert_quantiles(self, found):
        self.assertEqual(list(found), QUANTILES)
        values = list(found.values())
        self.assertEqual(values, sorted(values))

    def test_as_json_have_the_contracts_keys_and_no_others(self):
        sent = self.producer("--count", 20, "--run", "a").json
        self.assertEqual(list(sent), ["run", "queue", "sent", "failed", "unknown", "seconds", "rate", "latency_ms", "service_ms"])
        self.assert_quantiles(sent["latency_ms"])
        self.assert_quantiles(sent["service_ms"])
        handled = self.consumer("--drain").json
        self.assertEqual(list(handled), ["received", "processed", "persisted", "acknowledged", "abandoned", "dead_lettered",
                                         "lease_lost", "seconds", "rate", "end_to_end_ms"])
        self.assertEqual([handled[key] for key in ("received", "processed", "persisted", "acknowledged", "abandoned",
                                                   "dead_lettered", "lease_lost")], [20, 20, 20, 20, 0, 0, 0])
        self.assert_quantiles(handled["end_to_end_ms"])
        found = self.audit("a").json
        self.assertEqual(list(found), ["run", "expected", "found", "missing", "duplicated", "corrupt", "unexpected",
                                       "dead_lettered", "missing_seq", "end_to_end_ms"])
        self.assert_quantiles(found["end_to_end_ms"])

    def test_as_text_are_for_people(self):
        self.assertIn("20", self.run_program("producer", "--count", 20, "--run", "a").out)
        self.assertIn("20", self.run_program("consumer", "--drain").out)
        self.assertIn("20", self.run_program("producer", "audit", "--run", "a").out)

    def test_rate_is_kept_and_latency_counts_from_when_a_message_was_due(self):
        sent = self.producer("--count", 100, "--rate", 200, "--run", "a").json
        self.assertGreater(sent["seconds"], 0.4)
        self.assertLess(sent["rate"], 260)

    def test_duration_ends_a_run(self):
        sent = self.producer("--duration", "300ms", "--rate", 100, "--run", "a", limit=30).json
        self.assertGreater(sent["sent"], 0)
        self.assertLessEqual(sent["sent"], 60)

    def test_count_ends_a_consumer(self):
        self.producer("--count", 100, "--run", "a")
        handled = self.consumer("--count", 30, limit=30).json
        self.assertEqual(handled["acknowledged"], 30)
        self.assertEqual(self.consumer("--drain", limit=30).json["acknowledged"], 70)

    def test_size_is_that_of_the_encoded_body(self):
        self.producer("--count", 3, "--size", 1_000, "--run", "a")
        self.assertEqual([len(body.encode()) for body in stores.Sqlite(self.folder).bodies()], [1_000] * 3)
        self.consumer("--drain")
        self.assert_clean(self.audit("a"), 3)


if __name__ == "__main__":
    edw.main()
