"""Ask a program that runs with --metrics-port, as Prometheus, a kubelet or a person would."""

import re
import socket
import urllib.error
import urllib.request
from pathlib import Path

from edw import wait_for

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/metrics.md"
ROW = re.compile(r"\| `(\w+)` \| (counter|gauge|histogram) \|(.*?)\| (both|producer|consumer) \|")
SAMPLE = re.compile(r"(\w+?)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def free_port():
    with socket.socket(socket.AF_INET6) as probe:
        probe.bind(("::", 0))
        return probe.getsockname()[1]


def documented(program):
    """name -> (type, labels) of the table in docs/metrics.md."""
    rows = [ROW.match(line) for line in DOCUMENT.read_text().splitlines()]
    return {row[1]: (row[2], set(re.findall(r"`(\w+)`(?=,|:|$| *$)", re.sub(r": `[^`]+`(, `[^`]+`)*$", "", row[3].strip()))))
            for row in rows if row and row[4] in ("both", program)}


class Metrics:
    """One answer of /metrics."""

    def __init__(self, text):
        self.text = text
        self.types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.M))
        self.samples = []
        for line in text.splitlines():
            if not line.startswith("#"):
                name, labels, value = SAMPLE.match(line).groups()
                self.samples.append((name, dict(LABEL.findall(labels or "")), float(value)))

    def family(self, name):
        for suffix in ("_bucket", "_sum", "_count"):
            if name.endswith(suffix) and self.types.get(name.removesuffix(suffix)) == "histogram":
                return name.removesuffix(suffix)
        return name

    def sum(self, name, **labels):
        """Over the samples that have these labels; an empty value asks for those without."""
        return sum(value for sample, has, value in self.samples
                   if sample == name and all(has.get(label, "") == wanted for label, wanted in labels.items()))


class Endpoint:
    def __init__(self, port):
        self.port = port

    def ask(self, path, method="GET", headers=None, data=None, timeout=60):
        """Status and text."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def metrics(self):
        status, text = self.ask("/metrics")
        assert status == 200, text
        return Metrics(text)

    def up(self):
        try:
            return self.ask("/healthz")[0] == 200
        except (urllib.error.URLError, ConnectionError):
            return False

    def ready(self):
        try:
            return self.ask("/readyz")[0] == 200
        except (urllib.error.URLError, ConnectionError):
            return False

    def wait_ready(self):
        wait_for(self.ready, "the program to be ready")
        return self

    def raw(self, text, timeout=30):
        """What comes back for these bytes until the other side closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout) as connection:
            connection.sendall(text)
            got = b""
            while chunk := connection.recv(65536):
                got += chunk
            return got
