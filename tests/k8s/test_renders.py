"""Every render is valid by the pinned schemas and sound by the linter; and the judges themselves find what is planted."""

import sys
import unittest

import yaml

from cases import BASES, MODES, POOL, VARIANTS, cases
from chart import AWS, AZURE, CHART, ROOT, helm, manifests, one
from schemas import errors_of

sys.path.insert(0, str(ROOT / "k8s"))

from linter.command import lint  # noqa: E402
from linter.manifests import Manifests  # noqa: E402


class RenderedTest(unittest.TestCase):
    def test_every_render_is_valid_by_the_schemas_and_sound_by_the_linter(self):
        count = 0
        for name, values in cases():
            with self.subTest(name):
                found = manifests(values)
                self.assertEqual([e for m in found for e in errors_of(m)], [])
                together = Manifests()
                for m in found:
                    together.add("chart", m)
                self.assertEqual([f.text() for f in lint(together)], [])
                count += len(found)
        self.assertGreater(count, 500)

    def test_lint_passes_on_both_clouds(self):
        for cloud, base in BASES.items():
            with self.subTest(cloud):
                self.assertIn("0 chart(s) failed", helm("lint", "--strict", str(CHART), values=base))

    def test_names_stay_within_what_keda_and_labels_take(self):
        found = manifests(AZURE, release="r" * 53)
        self.assertEqual([e for m in found for e in errors_of(m)], [])
        self.assertLessEqual(len("keda-hpa-" + one(found, "ScaledObject")["metadata"]["name"]), 63)


class ValidatorTest(unittest.TestCase):
    """The judge itself: a planted mistake in each kind is found."""

    def test_an_unknown_field_is_found_in_every_kind(self):
        found = manifests(AZURE, POOL, VARIANTS["metrics"])
        found += manifests(AWS, POOL) + manifests(AZURE, MODES["job"])
        kinds = set()
        for manifest in found:
            if "spec" not in manifest or manifest["kind"] in kinds:
                continue
            kinds.add(manifest["kind"])
            for path in ((), ("spec",), ("metadata",)):
                spoiled = yaml.safe_load(yaml.safe_dump(manifest))
                place = spoiled
                for key in path:
                    place = place[key]
                place["replcias"] = 1
                self.assertTrue(any("replcias" in e for e in errors_of(spoiled)), f"{manifest['kind']} {path}")
        self.assertEqual(kinds, {"Deployment", "ScaledObject", "ScaledJob", "TriggerAuthentication", "NetworkPolicy", "Pod",
                                 "PodDisruptionBudget", "PodMonitor", "NodePool", "AKSNodeClass", "EC2NodeClass"})

    def test_a_mistake_deep_in_a_job_s_pod_is_found(self):
        job = one(manifests(AZURE, MODES["job"]), "ScaledJob")
        job["spec"]["jobTargetRef"]["template"]["spec"]["containers"][0]["securityContext"]["readOnlyRootFileSystem"] = True
        self.assertTrue(any("readOnlyRootFileSystem" in e for e in errors_of(job)))

    def test_the_schemas_own_rules_are_asked(self):
        pool, node_class = (one(manifests(AWS, POOL), kind) for kind in ("NodePool", "EC2NodeClass"))
        pool["spec"]["template"]["spec"]["requirements"][0]["values"] = []
        self.assertTrue(any("operator 'In' must have a value" in e for e in errors_of(pool)))
        node_class["spec"]["instanceProfile"] = "nodes"
        self.assertTrue(any("role" in e and "instanceProfile" in e for e in errors_of(node_class)))
        node_class["spec"].pop("instanceProfile")
        node_class["spec"]["amiSelectorTerms"] = [{"alias": "al2023"}]
        self.assertTrue(any("alias" in e for e in errors_of(node_class)))

    def test_a_trigger_s_metadata_is_judged_as_well(self):
        for change, sentence in (({"queuelength": "5"}, "unknown metadata queuelength"),
                                 ({"queueLengthStrategy": "some"}, "queueLengthStrategy is some"), ({"queueName": None}, "queueName is missing")):
            scaler = one(manifests(AZURE), "ScaledObject")
            metadata = scaler["spec"]["triggers"][0]["metadata"]
            metadata.update(change)
            scaler["spec"]["triggers"][0]["metadata"] = {k: v for k, v in metadata.items() if v is not None}
            self.assertTrue(any(sentence in e for e in errors_of(scaler)), sentence)

    def test_a_kind_without_a_schema_is_an_error(self):
        self.assertTrue(list(errors_of({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "x"}})))


if __name__ == "__main__":
    unittest.main()
