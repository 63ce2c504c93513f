"""The linter as a person runs it."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

from deployed import GOOD, HERE, ROOT

LINT = ROOT / "k8s" / "lint"


def run(*arguments, text=""):
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
    return subprocess.run([sys.executable, str(LINT), *arguments], input=text, capture_output=True, text=True, timeout=300,
                          env=environment)


class CommandTest(unittest.TestCase):
    def test_the_sample_s_own_manifests_are_found_wanting(self):
        done = run("--output", "json", str(HERE / "sample"))
        self.assertEqual(done.returncode, 1, done.stderr)
        told = json.loads(done.stdout)
        self.assertEqual(told["manifests"], 6)
        self.assertEqual([(f["object"], f["rule"]) for f in told["findings"]], [
            ("Deployment aqs-app", "replicas-beside-scaler"),
            ("NodePool aqs-pool", "outdated-version"),
            ("NodePool aqs-pool", "server-fields"),
            ("ScaledObject aqs-scaler", "activation-strands"),
            ("ScaledObject aqs-scaler", "cooldown-below-polling"),
            ("ScaledObject aqs-scaler", "queue-length-below-concurrency"),
        ])
        for finding in told["findings"]:
            self.assertTrue(finding["file"].endswith(".yaml") and finding["finding"] and finding["todo"], finding)

    def test_text_names_file_object_sentence_and_remedy(self):
        done = run(str(HERE / "sample"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("sample/scaling.yaml: ScaledObject aqs-scaler: with minReplicaCount 0, up to 20 messages in aws2azmsgs "
                      "start no pod", done.stdout)
        self.assertIn("6 manifests, 6 findings.", done.stderr)

    def test_standard_input_is_read_and_a_good_deployment_passes(self):
        done = run("-", text=yaml.safe_dump_all(GOOD))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", "4 manifests, 0 findings.\n"))

    def test_a_list_as_kubectl_prints_it_is_read(self):
        done = run("-", text=yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": GOOD}))
        self.assertEqual((done.returncode, done.stderr), (0, "4 manifests, 0 findings.\n"))

    def test_one_deployment_for_each_of_two_clouds_may_share_a_folder(self):
        done = run(str(ROOT / "k8s" / "manifests"))
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_subjects_in_scripts_beside_the_manifests_are_compared(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "all.yaml").write_text(yaml.safe_dump_all(GOOD))
            Path(folder, "federate.sh").write_text("az … --subject system:serviceaccount:demo:ap\n")
            done = run(folder)
            self.assertEqual(done.returncode, 1)
            self.assertIn("federate.sh: subject system:serviceaccount:demo:ap: ", done.stdout)

    def test_a_subject_on_the_command_line_is_compared(self):
        text = yaml.safe_dump_all(GOOD)
        self.assertEqual(run("-", "--subject", "system:serviceaccount:demo:app", text=text).returncode, 0)
        self.assertEqual(run("-", "--subject", "system:serviceaccount:prod:app", text=text).returncode, 1)
        done = run("-", "--subject", "demo/app", text=text)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--subject demo/app is no subject", done.stderr)

    def test_a_missing_yaml_module_is_one_sentence(self):
        done = subprocess.run([sys.executable, "-I", "-S", str(LINT), "-"], input="", capture_output=True, text=True, timeout=300)
        self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1))
        self.assertIn("apt-get install python3-yaml", done.stderr)

    def test_what_cannot_be_read_is_exit_2_and_one_sentence(self):
        with tempfile.TemporaryDirectory() as folder:
            template = Path(folder, "template.yaml")
            template.write_text("kind: {{ .Values.kind }}\n  x: [\n")
            for arguments, text, sentence in ((["nowhere"], "", "nowhere does not exist"), (["-"], "a: 1\n", "no manifest"),
                                              ([str(template)], "", "is not YAML"), ([folder], "", "template.yaml line 2")):
                done = run(*arguments, text=text)
                self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
                self.assertIn(sentence, done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)


if __name__ == "__main__":
    unittest.main()
