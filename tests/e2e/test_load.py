"""The load generator as people use it: profiles, a rate that can't be reached, the search for the highest, the series."""

import json

from browser import chromium
from edw import Case, main, unique
from stub import Stub


class Profiles(Case):
    def test_a_profile_sends_the_area_below_its_line(self):
        ended = self.producer("--run", "a", "--profile", "ramp:0..200/2s+constant:100/1s+step:0,50/500ms")
        self.assertEqual(ended.json["sent"], 200 + 100 + 25)
        self.assertEqual(ended.json["not_sent"], 0)

    def test_a_profile_may_stand_in_a_file(self):
        (self.folder / "day.profile").write_text("# a day in short\nramp:0..40/1s\nsine:40±40/1s*2\n")
        self.assertEqual(self.producer("--run", "a", "--profile", "@day.profile").json["sent"], 20 + 80)

    def test_recorded_moments_are_replayed(self):
        (self.folder / "r.csv").write_text("time,who\n" + "".join(f"{1000 + i / 50},x\n" for i in range(60)))
        ended = self.producer("--run", "a", "--profile", "replay=r.csv")
        self.assertEqual(ended.json["sent"], 60)
        self.assertGreaterEqual(ended.json["seconds"], 59 / 50)

    def test_a_wrong_profile_is_shown_with_a_mark(self):
        ended = self.producer("--profile", "ramp:0..5x0/60s", code=2)
        self.assertEqual(ended.sentences[1:], ["  ramp:0..5x0/60s", "           ^"])
        self.assertIn("--profile", ended.sentences[0])

    def test_rate_and_profile_contradict_each_other(self):
        self.assertIn("--rate and --profile contradict", self.producer("--rate", 5, "--profile", "constant:5", code=2).err)


class Pace(Case):
    IMPOSSIBLE = ("--rate", 2_000_000, "--duration", "1s", "--concurrency", 1)

    def test_a_rate_out_of_reach_is_said_and_is_no_failure(self):
        ended = self.producer("--run", "a", *self.IMPOSSIBLE)
        self.assertIn("the rate asked for was not reached", ended.err)
        self.assertIn("give a higher --concurrency", ended.err)
        self.assertLess(ended.json["reached_rate"], ended.json["asked_rate"])
        self.assertGreater(ended.json["not_sent"], 0)

    def test_strict_rate_makes_it_a_failure(self):
        self.producer("--run", "a", "--strict-rate", *self.IMPOSSIBLE, code=1)

    def test_a_rate_within_reach_is_kept_message_for_message(self):
        ended = self.producer("--run", "a", "--rate", 50, "--duration", "3s", "--strict-rate")
        self.assertEqual(ended.json["sent"], 150)


class CoordinatedOmission(Case):
    def test_a_stall_is_told_by_latency_and_not_by_service_time(self):
        stub = Stub(self.folder, "--stall", "2000:1000")
        self.addCleanup(stub.stop)
        ended = self.producer("--run", "a", "--queue", "azure:messages", "--rate", 100, "--duration", "5s",
                              "--concurrency", 2, env=stub.env).json
        self.assertEqual(ended["sent"], 500)
        # A hundred of the five hundred were due while nothing was answered, and two at most were on their way.
        self.assertGreaterEqual(ended["latency_ms"]["p90"], 450)
        self.assertGreaterEqual(ended["held_back"], 90)
        self.assertGreaterEqual(ended["service_ms"]["max"], 950)
        self.assertLess(ended["service_ms"]["p99"], ended["latency_ms"]["p90"])


class FindMax(Case):
    def test_it_finds_what_a_throttled_service_takes(self):
        stub = Stub(self.folder, "--throttle", 60)
        self.addCleanup(stub.stop)
        found = self.producer("--run", "a", "--queue", "azure:messages", "--profile", "find-max:p99<150ms,from=20/1s",
                              env=stub.env, code=(0, 1)).json["find_max"]
        # Never more than the service takes, whatever else the machine does meanwhile.
        self.assertLess(found["rate"], 80)
        self.assertNotEqual(found["limit"], "to")
        self.assertGreater(max(step["rate"] for step in found["steps"]), 60)

    def test_it_tells_each_rate_that_it_tried(self):
        # As high as it may go is within reach of any machine, so that is what it finds.
        ended = self.producer("--run", "a", "--profile", "find-max:p99<10s,from=20,to=40/1s", "--report", "r.html")
        found = ended.json["find_max"]
        self.assertEqual((found["rate"], found["confirmed"], found["limit"]), (40, True, "to"))
        self.assertEqual([(step["rate"], step["seconds"], step["confirming"]) for step in found["steps"]],
                         [(20, 1, False), (40, 1, False), (40, 2, True)])
        # The first message of all asks whether the queue takes any.
        self.assertEqual(ended.json["sent"], 1 + sum(step["sent"] for step in found["steps"]))
        self.assertEqual(self.manifest("a")["acknowledged"], [[1, ended.json["sent"]]])
        with chromium(self.folder) as page:
            page.open(self.folder / "r.html")
            rows = page.ask("return [...document.querySelectorAll('#steps tr')].map(r => r.lastChild.textContent)")
            self.assertEqual(rows, ["what came of it", "kept", "kept", "confirmed"])
            page.resize(500, 900)
            self.assertEqual(page.ask("return document.documentElement.scrollWidth <= window.innerWidth"), True)

    def test_a_wrong_bound_is_shown_with_a_mark(self):
        ended = self.producer("--profile", "find-max:p99<soon/5s", code=2)
        self.assertEqual(ended.sentences[1:], ["  find-max:p99<soon/5s", "               ^"])

    def test_it_ends_by_itself(self):
        self.assertIn("contradict each other", self.producer("--profile", "find-max:p99<1s", "--count", 5, code=2).err)


class Series(Case):
    def test_its_seconds_add_up_to_the_summary(self):
        ended = self.producer("--run", "a", "--rate", 100, "--duration", "3s", "--series", "s.jsonl", "--threads", 2)
        rows = [json.loads(line) for line in (self.folder / "s.jsonl").read_text().splitlines()]
        self.assertEqual([row["t"] // 1 for row in rows[:2]], [1, 2])
        self.assertEqual(sum(row["sent"] for row in rows), ended.json["sent"])
        self.assertEqual([row["asked"] for row in rows[:2]], [100] * 2)
        self.assertLessEqual({"t", "seconds", "started", "failed", "errors", "depth", "latency_ms", "service_ms"}, set(rows[0]))

    def test_a_file_that_cannot_be_made_is_found_out_before_the_run(self):
        for option in ("--series", "--report"):
            ended = self.producer("--run", unique(), "--count", 5, option, "no/where", code=2)
            self.assertIn(f"{option}: no/where can't be written", ended.err)
            self.assertFalse(list((self.folder / "runs").glob("*.json")), "nothing was sent, so no manifest stays")


if __name__ == "__main__":
    main()
