"""bench/run, small: it produces every figure that it promises, and believes no client."""

import importlib.machinery
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

import edw

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))
from measure import cases, goals, report, run  # noqa: E402


class BenchRun(unittest.TestCase):
    def test_a_quick_run_has_every_figure(self):
        # A sanitizer's runtime bears neither a counted malloc nor a tracer: with it only the cases are run.
        sanitized = "libasan" in subprocess.run(["ldd", edw.BIN / "producer"], capture_output=True, text=True, check=True).stdout
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [BENCH / "run", "--quick", "--bin", edw.BIN, "--out", folder, "--peers", folder, "--python", sys.executable,
                 *(["--only", "."] if sanitized else [])], capture_output=True, text=True, timeout=280, check=False)
            self.assertEqual(done.returncode, 0, done.stderr[-3000:])
            results = json.loads(next(Path(folder).glob("*.json")).read_text())
            ElementTree.parse(next(Path(folder).glob("*.svg")))
        expected = {case.name for case in cases.all_cases(True, ["python-sample", "python"])}
        self.assertEqual(set(results["cases"]), expected)
        for name, case in results["cases"].items():
            self.assertTrue(all(value > 0 for value in case["cpu_us"] + case["rate"]), f"{name}: {case}")
        self.assertLess(results["cases"]["ours-aws-https-send"]["requests"][0], 0.2)
        # With so few messages what differs from run to run outweighs what each of them adds.
        grown = re.compile("allocations_|system_calls_")
        self.assertEqual(sum(1 for name in results["extras"] if grown.match(name)), 0 if sanitized else 8)
        self.assertTrue(all(value > 0 for name, value in results["extras"].items() if not grown.match(name)), results["extras"])
        self.assertTrue(sanitized or results["extras"])
        for goal in goals.all_goals(report.median_of(results), results["extras"]):
            self.assertIn(goal.text, done.stdout)
        self.assertIn("left out", done.stderr)

    def test_a_client_that_claims_more_than_it_did_is_found_out(self):
        case = cases.Case("node", "azure", "https", "consume", 10)
        cases.check(case, {"deleted": 10, "distinct_rows": 10})
        for short in ({"deleted": 9, "distinct_rows": 10}, {"deleted": 10, "distinct_rows": 9}):
            with self.assertRaises(run.Failed):
                cases.check(case, short)
        ran = run.Ran(cpu=1.0, seconds=1.0, rss_mib=1.0, begun=0, out='{"cpu_seconds": 2.0, "seconds": 1.0}')
        with self.assertRaises(run.Failed):
            cases.figure(case, ran, 10)

    def test_an_interrupted_run_ends_at_once_and_leaves_nothing_behind(self):
        with tempfile.TemporaryDirectory() as folder:
            marked = os.environ | {"TMPDIR": folder}
            bench = subprocess.Popen([BENCH / "run", "--only", "ours", "--bin", edw.BIN, "--out", f"{folder}/out", "--peers", folder], env=marked,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            for line in bench.stderr:
                if "2/" in line:
                    break
            bench.terminate()
            self.assertIn("interrupted", bench.stderr.read())
            self.assertEqual(bench.wait(60), 130)
            bench.stderr.close()
            self.assertEqual(os.listdir(folder), [])
            left = [path for path in Path("/proc").glob("[0-9]*/cmdline") if folder in path.read_text(errors="replace")]
            self.assertEqual(left, [])

    def test_the_published_page_was_made_from_the_published_figures(self):
        published = BENCH / "results/published.json"
        page = (BENCH.parent / "docs/performance.md").read_text()
        section = page.split(report.BEGIN)[1].split(report.END)[0].strip()
        if section:
            self.assertEqual(section, report.whole(json.loads(published.read_text()), "performance.svg"))
        self.assertTrue(re.search(r"bench/run --publish", page))

    def test_the_gate_lets_five_percent_more_pass_and_no_more(self):
        gate = importlib.machinery.SourceFileLoader("gate", str(BENCH / "gate")).load_module()
        self.assertTrue(gate.judge({"sign": 1000, "encode": 10}, {"sign": 1049, "encode": 9})[1])
        self.assertFalse(gate.judge({"sign": 1000}, {"sign": 1051})[1])
        self.assertFalse(gate.judge({"sign": 1000}, {"sign": 1000, "decode": 1})[1])
        self.assertFalse(gate.judge({"sign": 1000, "decode": 1}, {"sign": 1000})[1])


if __name__ == "__main__":
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    edw.main()
