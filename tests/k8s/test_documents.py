"""Documents, schema, plain manifests and the consumer itself say the same as the chart."""

import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import yaml

from cases import BASES, MODES
from chart import AWS, AZURE, CHART, ROOT, Refused, manifests, merged, one
from schemas import TOOLS, errors_of

BINARIES = Path(os.environ.get("EDW_BIN", ROOT / "build" / "dev" / "bin"))


def leaves(value, path=""):
    """The names of all values, as values.yaml nests them."""
    for key, part in value.items():
        if isinstance(part, dict) and part and key not in ("requests", "limits"):
            yield from leaves(part, f"{path}{key}.")
        else:
            yield f"{path}{key}"


class DocumentationTest(unittest.TestCase):
    VALUES = yaml.safe_load((CHART / "values.yaml").read_text())

    def test_the_read_me_names_every_value_and_no_other(self):
        rows = [line.split("|")[1] for line in (CHART / "README.md").read_text().splitlines() if line.startswith("| `")]
        told = {name for row in rows for name in re.findall("`([^`]+)`", row)}
        self.assertEqual(told, {name for name in leaves(self.VALUES) if not name.startswith("consumer.")})

    def test_the_schema_has_every_default_and_no_value_without_one(self):
        schema = json.loads((CHART / "values.schema.json").read_text())

        def named(part, path=""):
            for key, sub in part.get("properties", {}).items():
                if "properties" in sub and f"{path}{key}" != "autoscaling.fallback":
                    yield from named(sub, f"{path}{key}.")
                else:
                    yield f"{path}{key}"
        told = {name for name in named(schema) if not name.startswith("consumer.")} - {"global"}
        self.assertEqual(told, {name for name in leaves(self.VALUES) if not name.startswith("consumer.")})

    def test_the_chart_has_the_project_s_version(self):
        version = re.search(r"project\(\S+ VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        self.assertEqual((chart["version"], chart["appVersion"]), (version, version))

    def test_the_consumer_s_options_are_the_schema_s(self):
        told = subprocess.run([str(BINARIES / "consumer"), "run", "--help"], capture_output=True, text=True, timeout=30, check=True).stdout
        options = set(re.findall(r"^  --([a-z-]+)", told, re.MULTILINE)) - {"help", "version"}
        schema = json.loads((CHART / "values.schema.json").read_text())
        given = set(schema["properties"]["consumer"]["properties"])
        names = {name for name in given if name.islower()}
        self.assertEqual(given, names | {re.sub("-(.)", lambda m: m[1].upper(), name) for name in names}, "both spellings")
        self.assertEqual(options - names, set(), "options that values.schema.json lacks under consumer")

    def test_the_consumer_takes_the_variables_that_the_chart_sets(self):
        options = {"max-receives": 3, "retry-delay": "2s", "encoding": "base64", "log-level": "info", "log-format": "json",
                   "output": "json", "threads": 1, "process": "sleep=1ms", "concurrency": 8, "lease": 30, "grace": "5s",
                   "create": True}
        spec = one(manifests(AZURE, MODES["job"], {"consumer": options}), "ScaledJob")["spec"]["jobTargetRef"]["template"]["spec"]
        with tempfile.TemporaryDirectory() as folder:
            environment = {e["name"]: e["value"] for e in spec["containers"][0]["env"]}
            environment.update(EDW_QUEUE=f"sqlite:{folder}/edw.db#q", EDW_TABLE=f"sqlite:{folder}/edw.db#t", HOME=folder)
            done = subprocess.run([str(BINARIES / "consumer"), *spec["containers"][0]["args"]], env=environment, cwd=folder,
                                  capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["received"], 0)
        self.assertNotIn("did you mean", done.stderr)

    def test_every_example_renders(self):
        """Each block of values in the documents, beside the least values of either cloud, or of both where it needs both."""
        whole = merged(AZURE, {"aws": AWS["aws"]})
        blocks = []
        for path in (CHART / "README.md", ROOT / "docs" / "kubernetes.md"):
            blocks += re.findall(r"```yaml\n(.*?)```", path.read_text(), re.DOTALL)
        self.assertGreater(len(blocks), 9)
        for block in blocks:
            with self.subTest(block):
                values, refusals = yaml.safe_load(block), []
                for base in (AZURE, AWS, whole):
                    try:
                        found = manifests(base, values)
                    except Refused as refused:
                        refusals.append(str(refused))
                        continue
                    self.assertEqual([e for m in found for e in errors_of(m)], [])
                self.assertLess(len(refusals), 3, refusals)

    def test_the_plain_manifests_are_what_the_chart_makes(self):
        done = subprocess.run([str(ROOT / "k8s" / "manifests" / "render"), "--check"], capture_output=True, text=True, timeout=300,
                              env=dict(os.environ, HELM=str(TOOLS / "bin" / "helm")))
        self.assertEqual(done.returncode, 0, done.stderr)
        for cloud in BASES:
            text = (ROOT / "k8s" / "manifests" / f"{cloud}.yaml").read_text()
            found = [m for m in yaml.safe_load_all(text) if m["kind"] != "Namespace"]
            self.assertEqual([e for m in found for e in errors_of(m)], [])
            self.assertNotIn("Helm", text)


if __name__ == "__main__":
    unittest.main()
