"""Debian's own Prometheus scrapes both programs and answers what operators ask, the dashboard's queries included."""

import json
import re
import shutil
import signal
import subprocess
import urllib.parse
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from edw import main, wait_for
from endpoint import free_port
from test_metrics import STORES, EndpointCase

DASHBOARD = Path(__file__).resolve().parents[2] / "k8s/chart/dashboards/edw.json"
# What Grafana puts in before it asks.
VARIABLES = {"$namespace": ".+", "$pod": ".+", "$__rate_interval": "10s", "$__range": "1m", "$__interval": "1s"}


class Prometheus:
    def __init__(self, port):
        self._base = f"http://127.0.0.1:{port}"

    def ask(self, query):
        """The values of an instant query, by their labels."""
        url = f"{self._base}/api/v1/query?" + urllib.parse.urlencode({"query": query})
        with urllib.request.urlopen(url, timeout=60) as reply:
            answer = json.load(reply)
        assert answer["status"] == "success", answer
        return [(one["metric"], float(one["value"][1])) for one in answer["data"]["result"]]

    def value(self, query):
        """That of the first sample; None where there is none."""
        found = self.ask(query)
        return found[0][1] if found else None

    def ready(self):
        try:
            with urllib.request.urlopen(f"{self._base}/-/ready", timeout=5) as reply:
                return reply.status == 200
        except OSError:
            return False


@contextmanager
def prometheus(folder, targets):
    """Scrapes targets, name -> port, once a second."""
    binary = shutil.which("prometheus")
    if binary is None:
        raise AssertionError("prometheus is missing: scripts/install-test.sh installs Debian's")
    jobs = [{"targets": [f"127.0.0.1:{port}"], "labels": {"namespace": "edw", "pod": name}} for name, port in targets.items()]
    config = {"global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
              "scrape_configs": [{"job_name": "edw", "static_configs": jobs}]}
    file = Path(folder) / "prometheus.json"  # JSON is YAML
    file.write_text(json.dumps(config))
    port = free_port()
    with (Path(folder) / "prometheus.log").open("w") as log:
        process = subprocess.Popen(
            [binary, f"--config.file={file}", f"--storage.tsdb.path={folder}/prometheus", f"--web.listen-address=127.0.0.1:{port}"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    server = Prometheus(port)
    try:
        wait_for(lambda: server.ready() or process.poll() is not None, "Prometheus to start")
        assert process.poll() is None, (Path(folder) / "prometheus.log").read_text()[-3000:]
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def dashboard_queries():
    def walk(node):
        if isinstance(node, dict):
            if isinstance(node.get("expr"), str):
                yield node["expr"]
            for value in node.values():
                yield from walk(value)
        elif isinstance(node, list):
            for value in node:
                yield from walk(value)

    for query in walk(json.loads(DASHBOARD.read_text())):
        for name, value in sorted(VARIABLES.items(), key=lambda pair: -len(pair[0])):
            query = query.replace(name, value)
        yield query


class Scraped(EndpointCase):
    def test_prometheus_scrapes_both_and_answers(self):
        consumer, at_consumer = self.begin("consumer", *STORES, "--process", "sleep=2ms")
        producer, at_producer = self.begin("producer", *STORES[:2], "--rate", 100, "--manifest", "none")
        with prometheus(self.folder, {"consumer": at_consumer.port, "producer": at_producer.port}) as server:
            wait_for(lambda: (server.value('edw_acknowledged_messages_total{error_type=""}') or 0) >= 500, "500 rows in Prometheus")
            for metric in ("up", "edw_ready"):
                wait_for(lambda: [value for _, value in server.ask(metric)] == [1, 1], f"{metric} of both")
            wait_for(lambda: (server.value('sum(rate(edw_acknowledged_messages_total{error_type=""}[5s]))') or 0) > 50, "a rate")
            for metric, of in (("messaging_process_duration_seconds", "consumer"), ("db_client_operation_duration_seconds", "consumer"),
                               ("edw_end_to_end_seconds", "consumer"), ("edw_send_latency_seconds", "producer"),
                               ("messaging_client_operation_duration_seconds", "producer")):
                p99 = wait_for(lambda: server.value(
                    f'histogram_quantile(0.99, sum by (le) (rate({metric}_bucket{{pod="{of}"}}[10s]))) > 0'), metric)
                self.assertLess(p99, 120, metric)
            self.assertGreaterEqual(server.value('histogram_quantile(0.5, sum by (le) (rate(messaging_process_duration_seconds_bucket[10s])))'), 0.001)
            queries = list(dashboard_queries())
            self.assertGreater(len(queries), 10)
            answered = 0
            for query in queries:
                with self.subTest(query):
                    self.assertNotRegex(query, re.compile(r"\$"))
                    answered += bool(server.ask(query))
            # The embedded store has no tokens, throttles or requests; the other panels show something.
            self.assertGreater(answered, len(queries) // 2)
        for running in (producer, consumer):
            running.send(signal.SIGTERM)
            self.assertEqual(running.wait().code, 0)

    def test_promtool_has_no_complaint(self):
        for program in ("consumer", "producer"):
            running, endpoint = self.begin(program, *(STORES if program == "consumer" else (*STORES[:2], "--rate", 20, "--manifest", "none")))
            endpoint.wait_ready()
            checked = subprocess.run(["promtool", "check", "metrics"], input=endpoint.metrics().text, text=True, capture_output=True, timeout=60)
            self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))
            running.send(signal.SIGTERM)
            running.wait()


if __name__ == "__main__":
    main()
