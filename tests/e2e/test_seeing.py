"""Runs as people look at them: the page in a browser, the live block on a terminal, two summaries side by side."""

import json
import re

from browser import chromium
from edw import Case, main
from terminal import Tmux


class Report(Case):
    def test_it_shows_what_the_series_says_in_every_light_and_width(self):
        ended = self.producer("--run", "b-a", "--profile", "ramp:20..120/3s", "--series", "s.jsonl",
                              "--report", "r.html")
        rows = [json.loads(line) for line in (self.folder / "s.jsonl").read_text().splitlines()]
        rows = [row for row in rows if row["seconds"] >= 0.2]
        with chromium(self.folder) as page:
            page.open(self.folder / "r.html")
            self.assertIn("b-a", page.ask("return document.title"))
            self.assertIn(str(ended.json["sent"]), page.ask("return document.querySelector('dl').textContent"))
            rate = json.loads(page.ask("return document.querySelector('#rate script').textContent"))
            self.assertEqual(rate["times"], [row["t"] for row in rows])
            for drawn, row in zip(rate["lines"]["sent"], rows):
                self.assertAlmostEqual(drawn, row["sent"] / row["seconds"], 6)
            latency = json.loads(page.ask("return document.querySelector('#latency script').textContent"))
            self.assertEqual(latency["lines"]["p99"], [row["latency_ms"]["p99"] for row in rows])
            # What is drawn is what the data says: as many points, the higher value higher up.
            points = page.ask("return document.querySelector('#rate path[data-name=sent]').getAttribute('d')")
            heights = [float(y) for y in re.findall(r"[ML]\S+ ([\d.]+)", points)]
            self.assertEqual(len(heights), len(rows))
            drawn = sorted(zip(rate["lines"]["sent"], heights))
            self.assertEqual([y for _, y in drawn], sorted(heights, reverse=True))
            self.assertLess(drawn[-1][1], drawn[0][1])
            self.assertEqual(page.ask("return performance.getEntriesByType('resource').length"), 0, "it loads nothing")
            grounds = {}
            for scheme in ("light", "dark"):
                page.prefer(scheme)
                grounds[scheme] = page.ask("return getComputedStyle(document.body).backgroundColor")
            self.assertEqual(grounds, {"light": "rgb(255, 255, 255)", "dark": "rgb(13, 17, 23)"})
            for width, columns in ((1300, 2), (500, 1)):
                page.resize(width, 900)
                self.assertEqual(page.ask("return document.documentElement.scrollWidth <= window.innerWidth"), True)
                lefts = page.ask("return [...document.querySelectorAll('figure')].map(f => Math.round(f.getBoundingClientRect().left))")
                self.assertEqual(len(set(lefts)), columns, f"{width} px wide")
            reading = page.ask("""
                const svg = document.querySelector('#rate svg'), box = svg.getBoundingClientRect();
                svg.dispatchEvent(new PointerEvent('pointermove', {clientX: box.right - 20, clientY: box.top + 9}));
                return document.querySelector('#rate .reading').textContent""")
            self.assertRegex(reading, r"s: asked \d+, started \d+, sent \d+")


class Audit(Case):
    def test_its_page_shows_rows_and_end_to_end_latency_over_time(self):
        self.producer("--run", "a", "--rate", 100, "--duration", "2s", "--series", "sent.jsonl")
        self.consumer("--drain", "--series", "consumed.jsonl")
        audit = self.audit("a", "--report", "r.html", "--with", "sent.jsonl", "--with", "consumed.jsonl")
        self.assert_clean(audit, 200)
        with chromium(self.folder) as page:
            page.open(self.folder / "r.html")
            self.assertIn("200 of 200", page.ask("return document.querySelector('dl').textContent"))
            data = lambda name: json.loads(page.ask(f"return document.querySelector('#{name} script').textContent"))
            rows = data("rows")
            spans = [end - begin for begin, end in zip([0, *rows["times"]], rows["times"])]
            for line in ("produced", "persisted"):
                self.assertEqual(round(sum(rate * span for rate, span in zip(rows["lines"][line], spans))), 200)
            self.assertEqual(data("waiting")["lines"]["waiting"][-1], 0)
            slowest = max(value for value in data("end-to-end")["lines"]["max"] if value is not None)
            self.assertAlmostEqual(slowest, audit.json["end_to_end_ms"]["max"], delta=slowest * 0.01)
            self.assertEqual(sorted(data("with-0-rate")["lines"]), ["asked", "sent", "started"])
            self.assertEqual(sorted(data("with-1-rate")["lines"]), ["acknowledged", "persisted", "received"])

    def test_what_it_cannot_write_or_read_is_found_out_before_the_scan(self):
        self.producer("--run", "a", "--count", 5)
        self.assertIn("--report: no/where can't be written", self.audit("a", "--report", "no/where", code=2).err)
        self.assertIn("--with: none.jsonl can't be read", self.audit("a", "--report", "r.html", "--with", "none.jsonl", code=2).err)
        self.assertIn("--with: runs/a.json, line 1, is no row of a series",
                      self.audit("a", "--report", "r.html", "--with", "runs/a.json", code=2).err)
        self.assertIn("--with needs --report", self.audit("a", "--with", "runs/a.json", code=2).err)


class Compare(Case):
    def test_two_summaries_side_by_side(self):
        for run, count in (("a", 20), ("b", 30)):
            (self.folder / f"{run}.json").write_text(self.producer("--run", run, "--count", count).out)
        shown = self.run_program("producer", "compare", "a.json", "b.json").out
        self.assertRegex(shown, r"(?m)^A  a.json \(run a\)$")
        self.assertRegex(shown, r"(?m)^sent +20 +30 +\+50\.0 %$")
        figures = self.producer("compare", "a.json", "b.json").json["figures"]
        self.assertEqual(figures["sent"], {"a": 20, "b": 30, "difference": 10, "percent": 50})
        self.assertIn("p99", figures["latency_ms"])

    def test_it_takes_two_files_and_no_more(self):
        self.assertIn("compare takes two files", self.run_program("producer", "compare", "a.json", code=2).err)
        self.assertIn("none.json can't be read", self.run_program("producer", "compare", "none.json", "b.json", code=2).err)


class Consumer(Case):
    def test_it_writes_the_same_series_and_page(self):
        self.producer("--run", "a", "--count", 300)
        ended = self.consumer("--drain", "--process", "sleep=20ms", "--series", "s.jsonl", "--report", "r.html",
                              "--threads", 2)
        rows = [json.loads(line) for line in (self.folder / "s.jsonl").read_text().splitlines()]
        for name in ("received", "processed", "persisted", "acknowledged"):
            self.assertEqual(sum(row[name] for row in rows), ended.json[name], name)
        self.assertLessEqual({"t", "seconds", "failed", "errors", "depth", "held", "process_ms", "end_to_end_ms"}, set(rows[0]))
        self.assertGreaterEqual(max(row["process_ms"]["max"] or 0 for row in rows), 20)
        rows = [row for row in rows if row["seconds"] >= 0.2]
        with chromium(self.folder) as page:
            page.open(self.folder / "r.html")
            self.assertIn("300 of 300", page.ask("return document.querySelector('dl').textContent"))
            drawn = json.loads(page.ask("return document.querySelector('#end-to-end script').textContent"))
            self.assertEqual(drawn["lines"]["p99"], [row["end_to_end_ms"]["p99"] for row in rows])
            rate = json.loads(page.ask("return document.querySelector('#rate script').textContent"))
            for value, row in zip(rate["lines"]["acknowledged"], rows):
                self.assertAlmostEqual(value, row["acknowledged"] / row["seconds"], 6)

    def test_a_file_that_cannot_be_made_is_found_out_before_the_run(self):
        self.producer("--run", "a", "--count", 5)
        for option in ("--series", "--report"):
            self.assertIn(f"{option}: no/where can't be written", self.consumer("--drain", option, "no/where", code=2).err)
        self.assertEqual(self.consumer("--drain").json["acknowledged"], 5)


class Live(Case):
    def setUp(self):
        super().setUp()
        self.session = Tmux(self.folder, self.env)
        self.addCleanup(self.session.close)

    def test_the_consumers_block_ends_with_its_summary(self):
        self.producer("--run", "a", "--count", 2000, "--queue", "sqlite:q.db#q")
        self.session.run("consumer --queue sqlite:q.db#q --table sqlite:q.db#t --process sleep=50ms --concurrency 16")
        block = self.session.wait_for(r"rate +\d.*/s +[▁▂▃▄▅▆▇█]", "the live block")
        self.assertRegex(block, r"sqlite:q.db#q → sqlite:q.db#t +00:0\d")
        self.assertRegex(block, r"process +p50 5\d")
        self.session.key("C-c")
        ended = self.session.wait_for("ended 0", "the summary")
        self.assertIn("messages received from sqlite:q.db#q", ended)
        self.assertEqual(ended.count("end to end  p50"), 1, "the block is gone when the summary stands")

    def test_one_calm_block_then_the_summary_after_ctrl_c(self):
        self.session.run("producer --run a --rate 50 --queue sqlite:q.db#q")
        first = self.session.wait_for("(?s)rate .*p99", "the live block")
        self.assertRegex(first, r"run a → sqlite:q.db#q +00:0\d")
        # Drawn over itself: later there still is one of it, further on.
        later = self.session.wait_for(r"00:0[3-9]", "the block to go on")
        self.assertEqual(later.count("run a →"), 1, later)
        self.assertRegex(later, r"rate +5\d/s of 50.0/s asked +█|rate +\d+")
        self.session.key("C-c")
        ended = self.session.wait_for("ended 0", "the summary")
        self.assertIn("messages of run a to sqlite:q.db#q", ended)
        self.assertEqual(ended.count("run a →"), 0, "the block is gone when the summary stands")

    def test_lines_where_there_is_no_terminal(self):
        ended = self.producer("--run", "a", "--rate", 20, "--duration", "6s")
        self.assertRegex(ended.err, r"sent \d+, \d.* a second, p99")
        self.assertNotIn("\x1b", ended.err)


if __name__ == "__main__":
    main()
