"""The alerts by Prometheus's own unit tests, the dashboard's queries by its parser, and both by docs/metrics.md and docs/runbook.md."""

import copy
import functools
import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

from chart import AZURE, ROOT, manifests, merged, nested, one
from promql import documented, strange

HERE = Path(__file__).resolve().parent
ALERTS = merged(AZURE, nested("consumer.metrics-port", 9090), nested("podMonitor.enabled", True), nested("monitoring.alerts.enabled", True))
RENDER = ROOT / "k8s" / "dashboard" / "render"
DASHBOARD = ROOT / "k8s" / "chart" / "dashboards" / "edw.json"


def promtool(*arguments):
    """Its exit code and words."""
    binary = shutil.which("promtool")
    if binary is None:
        raise SystemExit("promtool is missing: scripts/install-test.sh installs Debian's prometheus.")
    done = subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout + done.stderr


@functools.cache
def default_rules():
    return one(manifests(ALERTS), "PrometheusRule")["spec"]


def rules(*layers):
    return one(manifests(ALERTS, *layers), "PrometheusRule")["spec"] if layers else copy.deepcopy(default_rules())


def alerts(*layers):
    return [rule for group in rules(*layers)["groups"] for rule in group["rules"]]


def judged(spec, tests=None):
    """What promtool says of rules, or of unit tests over them."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "alerts.yaml").write_text(yaml.safe_dump(spec))
        if tests is None:
            return promtool("check", "rules", Path(folder) / "alerts.yaml")
        (Path(folder) / "test.yaml").write_text(tests)
        return promtool("test", "rules", Path(folder) / "test.yaml")


class AlertTest(unittest.TestCase):
    TESTS = (HERE / "alerts_test.yaml").read_text()

    def test_prometheus_takes_them(self):
        code, words = judged(rules())
        self.assertEqual((code, f"{len(alerts())} rules found" in words), (0, True), words)

    def test_each_fires_when_it_should_and_only_then(self):
        code, words = judged(rules(), self.TESTS)
        self.assertEqual(code, 0, words)

    def test_each_has_a_test_where_it_fires_and_one_where_it_must_not(self):
        cases = [case for test in yaml.safe_load(self.TESTS)["tests"] for case in test["alert_rule_test"]]
        for rule in alerts():
            firing = {bool(case["exp_alerts"]) for case in cases if case["alertname"] == rule["alert"]}
            self.assertEqual(firing, {True, False}, rule["alert"])

    def test_a_planted_mistake_in_any_of_them_is_found(self):
        for index, rule in enumerate(alerts()):
            with self.subTest(rule["alert"]):
                spoiled = rules()
                spoiled["groups"][0]["rules"][index]["expr"] = "vector(0) > 1"
                code, words = judged(spoiled, self.TESTS)
                self.assertNotEqual(code, 0)
                self.assertIn(rule["alert"], words)

    def test_each_has_its_entry_in_the_runbook_and_links_to_it(self):
        text = (ROOT / "docs" / "runbook.md").read_text()
        entries = re.split("^## ", text, flags=re.MULTILINE)[1:]
        headings = [entry.splitlines()[0] for entry in entries]
        told = [rule["alert"] for rule in alerts()]
        self.assertEqual([heading for heading in headings if heading.startswith("Edw")], told)
        for entry in entries:
            if entry.startswith("Edw"):
                for part in ("**What it means.**", "**How to look.**", "**What to do.**"):
                    self.assertIn(part, entry, entry.splitlines()[0])
        for rule in alerts({"monitoring": {"alerts": {"runbookUrl": "https://wiki.example/runbook"}}}):
            self.assertEqual(rule["annotations"]["runbook_url"], "https://wiki.example/runbook#" + rule["alert"].lower())
            self.assertIn(rule["labels"]["severity"], ("warning", "critical"))
            self.assertTrue(rule["annotations"]["summary"] and rule["annotations"]["description"])

    def test_the_runbook_s_own_queries_are_queries(self):
        text = (ROOT / "docs" / "runbook.md").read_text()
        queries = re.findall("^```promql\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
        self.assertGreater(len(queries), 3)
        known = documented()
        self.assertEqual([said for query in queries for said in strange(query, known)], [])
        self.assertEqual(parsed(queries), [])

    def test_thresholds_are_the_values(self):
        values = {"backlogAgeSeconds": 4321, "deadLetters": 17, "throttledShare": 0.125, "restarts": 23, "leasesLostShare": 0.375}
        found = " ".join(rule["expr"] for rule in alerts({"monitoring": {"alerts": values}}))
        for value in values.values():
            self.assertRegex(found, rf"(>|>=) {value}(\s|$)")

    def test_they_look_at_their_own_release_alone(self):
        for rule in alerts():
            for matchers in re.findall(r"\{([^}]*)\}", rule["expr"]):
                self.assertIn('namespace="edw",pod=~"edw-.+"', matchers.replace(" ", ""))
            self.assertEqual(len(re.findall(r"[a-z]_\w+\{|\bup\{", rule["expr"])), rule["expr"].count("{"))


def parsed(queries):
    """What Prometheus's parser says of queries that it does not take."""
    plain = [query.replace("$__rate_interval", "5m").replace("$__range", "3h").replace("$namespace", "edw").replace("$pod", "edw-.*")
             for query in queries]
    code, words = judged({"groups": [{"name": "queries", "rules": [{"record": f"query{i}", "expr": query} for i, query in enumerate(plain)]}]})
    return [] if code == 0 else [words]


class DashboardTest(unittest.TestCase):
    def setUp(self):
        self.dashboard = json.loads(DASHBOARD.read_text())
        self.panels = [panel for panel in self.dashboard["panels"] if panel["type"] != "row"]

    def test_it_is_what_its_source_makes(self):
        done = subprocess.run([sys.executable, str(RENDER), "--check"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_prometheus_takes_every_query(self):
        self.assertEqual(parsed([target["expr"] for panel in self.panels for target in panel["targets"]]), [])

    def test_the_judges_find_what_is_planted(self):
        self.assertEqual(len(parsed(["sum(rate(edw_retries_total[5m])"])), 1)
        known = documented()
        for query, said in (("edw_retry_total", "no metric edw_retry_total"), ('edw_retries_total{system="x"}', "no label system"),
                            ("sum by (pod, color) (edw_retries_total)", "the label color"), ("1 + 1", "no metric at all"),
                            ("rate(edw_end_to_end_seconds[5m])", "no metric edw_end_to_end_seconds:"),
                            ('edw_abandoned_messages_total{failed="x"}', "no label failed")):
            self.assertIn(said, " ".join(strange(query, known)), query)

    def test_every_metric_is_on_the_dashboard_or_behind_an_alert_or_left_out_knowingly(self):
        queries = [t["expr"] for p in self.panels for t in p["targets"]] + [rule["expr"] for rule in alerts()]
        names = {name for name in documented() if any(re.search(rf"\b{name}\b", query) for query in queries)}
        bases = {re.sub("_(bucket|sum|count)$", "", name) for name in documented()}
        seen = {re.sub("_(bucket|sum|count)$", "", name) for name in names}
        producer = {"messaging_client_sent_messages_total", "edw_send_latency_seconds"}
        endpoint = {"edw_endpoint_requests_total", "edw_endpoint_refused_total", "edw_queue_depth_age_seconds", "edw_queue_reached_age_seconds"}
        self.assertEqual(bases - seen - producer - endpoint, set())

    def test_queries_and_alerts_name_metrics_that_the_programs_have(self):
        known = documented()
        self.assertGreater(len(known), 40)
        queries = [target["expr"] for panel in self.panels for target in panel["targets"]] + [rule["expr"] for rule in alerts()]
        queries += [variable["query"]["query"].removeprefix("label_values(").rpartition(",")[0]
                    for variable in self.dashboard["templating"]["list"] if variable["type"] == "query"]
        self.assertEqual([said for query in queries for said in strange(query, known)], [])

    def test_panels_stand_side_by_side(self):
        taken, numbers = set(), set()
        for panel in self.dashboard["panels"]:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
            self.assertFalse(cells & taken, panel["title"])
            self.assertLessEqual(place["x"] + place["w"], 24)
            taken |= cells
            self.assertNotIn(panel["id"], numbers)
            numbers.add(panel["id"])

    def test_queries_follow_what_the_reader_chose(self):
        for panel in self.panels:
            self.assertEqual(panel["datasource"]["uid"], "${datasource}")
            for target in panel["targets"]:
                for matchers in re.findall(r"\{([^}]*)\}", target["expr"]):
                    self.assertIn('namespace=~"$namespace",pod=~"$pod"', matchers, panel["title"])

    def test_the_chart_carries_it_whole(self):
        found = manifests(AZURE, nested("monitoring.dashboard.enabled", True))
        config = [m for m in found if m["kind"] == "ConfigMap"][0]
        self.assertEqual(config["metadata"]["labels"]["grafana_dashboard"], "1")
        self.assertEqual(json.loads(config["data"]["edw.json"]), self.dashboard)
        self.assertEqual([m for m in manifests(AZURE) if m["kind"] in ("ConfigMap", "PrometheusRule")], [])


if __name__ == "__main__":
    unittest.main()
