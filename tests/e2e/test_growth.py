"""bench/growth: the rules that it simulates against their own pages' examples, and its page against its figures."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

import edw

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "bench"
sys.path.insert(0, str(BENCH))
from measure import machine  # noqa: E402
from scaling import chart, draw, keda, limits, model, nodes, page, pod  # noqa: E402
from scaling.simulate import Scenario, simulate  # noqa: E402


def autoscaler(**settings):
    return keda.Autoscaler(keda.Settings(**({"target": 10, "most": 1000} | settings)))


class Autoscaler(unittest.TestCase):
    def test_it_wants_what_the_pages_examples_want(self):
        # kubernetes.io: at twice the target a pod the number doubles, at half of it it halves; within a tenth nothing happens.
        self.assertEqual(autoscaler().demand(4, metric=80), 8)
        self.assertEqual(autoscaler().demand(4, metric=20), 2)
        for metric in (37, 43):
            self.assertEqual(autoscaler().demand(4, metric), 4)
        self.assertEqual(autoscaler().demand(4, metric=45), 5)
        # keda.sh, aws-sqs-queue: where a pod handles 10 messages and there are 30, there are to be 3 pods.
        self.assertEqual(autoscaler().demand(1, metric=30), 3)

    def test_it_adds_four_pods_or_doubles_them_each_fifteen_seconds(self):
        scaler, pods, seen = autoscaler(), 1, []
        for now in range(15, 106, 15):
            pods = scaler.sync(now, pods, metric=10_000)
            seen.append(pods)
        self.assertEqual(seen, [5, 10, 20, 40, 80, 160, 320])

    def test_what_was_added_within_the_period_counts(self):
        scaler = autoscaler()
        self.assertEqual(scaler.sync(0, 1, metric=10_000), 5)
        self.assertEqual(scaler.sync(5, 5, metric=10_000), 5)
        self.assertEqual(scaler.sync(15, 5, metric=10_000), 10)

    def test_it_goes_down_to_the_most_that_was_wanted_in_five_minutes(self):
        scaler = autoscaler()
        self.assertEqual(scaler.sync(0, 10, metric=100), 10)
        self.assertEqual(scaler.sync(15, 10, metric=70), 10)
        for now in range(30, 300, 15):
            self.assertEqual(scaler.sync(now, 10, metric=10), 10, now)
        self.assertEqual(scaler.sync(300, 10, metric=10), 7)
        self.assertEqual(scaler.sync(315, 7, metric=10), 1)

    def test_it_keeps_to_least_and_most_and_leaves_none_alone(self):
        self.assertEqual(autoscaler(most=3).sync(0, 1, metric=10_000), 3)
        self.assertEqual(autoscaler(least=2).sync(0, 2, metric=0), 2)
        self.assertEqual(autoscaler().sync(0, 0, metric=10_000), 0)


class Operator(unittest.TestCase):
    def test_it_starts_one_pod_over_the_activation_value_and_not_at_it(self):
        operator = keda.Operator(keda.Settings(target=5, activation=20))
        self.assertEqual(operator.poll(0, 0, metric=20), 0)
        self.assertEqual(operator.poll(30, 0, metric=21), 1)

    def test_it_takes_all_pods_when_nothing_was_active_for_the_cooldown(self):
        operator = keda.Operator(keda.Settings(target=5, cooldown=60))
        operator.poll(0, 0, metric=1)
        self.assertEqual(operator.poll(30, 7, metric=0), 7)
        self.assertEqual(operator.poll(60, 7, metric=0), 7)
        self.assertEqual(operator.poll(90, 7, metric=0), 0)

    def test_it_leaves_the_least_count(self):
        self.assertEqual(keda.Operator(keda.Settings(target=5, least=2)).poll(900, 2, metric=0), 2)


class Nodes(unittest.TestCase):
    def cluster(self, waiting, **settings):
        cluster = nodes.Cluster(nodes.Settings("aws", **settings))
        cluster.scale(0, waiting)
        return cluster

    def test_what_a_node_keeps_for_itself_is_as_the_vendors_say(self):
        large, d8 = nodes.TYPES["aws"][0], nodes.TYPES["azure"][2]
        self.assertAlmostEqual(large.allocatable_cpu, 1.93)
        self.assertAlmostEqual(nodes.TYPES["aws"][2].allocatable_cpu, 7.91)
        self.assertAlmostEqual(d8.allocatable_cpu, 7.82)
        # learn.microsoft.com: 8 GB and 30 pods leave 7.25 GB.
        self.assertEqual(nodes.aks("x", 2, 8, 0.1, pods=30).allocatable_memory, 8192 - 650 - 100)

    def test_pods_go_onto_few_nodes_each_as_small_as_will_do(self):
        settings = nodes.Settings("aws")
        rooms = [settings.room(kind) for kind in settings.types]
        self.assertEqual(rooms[0], 17)  # (1.93 - 0.2) / 0.1
        self.assertEqual([(kind.name, share) for kind, share in nodes.pack(settings, 17)], [("c7i.large", 17)])
        self.assertEqual([kind.name for kind, _ in nodes.pack(settings, 18)], ["c7i.xlarge"])
        self.assertEqual(sum(share for _, share in nodes.pack(settings, 2000)), 2000)

    def test_the_pools_limit_binds(self):
        self.assertEqual(sum(kind.cpu for kind, _ in nodes.pack(nodes.Settings("aws"), 10_000, cpu_left=100)), 100)

    def test_a_batch_ends_a_second_after_the_last_pod_came_and_after_ten_at_most(self):
        cluster = self.cluster(1)
        cluster.step(0)
        self.assertEqual(len(cluster.nodes), 0)
        cluster.step(1)
        self.assertEqual(len(cluster.nodes), 1)
        growing = self.cluster(1)
        for now in range(10):
            growing.scale(now, now + 1)
            growing.step(now)
        self.assertEqual(len(growing.nodes), 0)
        growing.scale(10, 11)
        growing.step(10)
        self.assertEqual([node.planned for node in growing.nodes], [11])

    def test_a_pod_is_ready_when_its_node_and_its_image_are(self):
        cluster = self.cluster(1, node_start=60, pod_start=2, image_pull=1)
        ready = next(now for now in range(200) if cluster.step(now) or cluster.shares(now, 0.5))
        self.assertEqual(ready, 1 + 60 + 2 + 1)

    def test_a_soft_spread_over_hosts_makes_a_node_for_each_pod_that_waits_and_one_over_zones_three(self):
        for settings, wanted in (({}, 1), ({"zones": 3}, 3), ({"spread_hosts": True}, 6)):
            cluster = self.cluster(6, **settings)
            for now in range(3):
                cluster.step(now)
            self.assertEqual(len(cluster.nodes), wanted, settings)

    def test_pods_that_come_later_take_the_room_of_nodes_on_their_way(self):
        cluster = self.cluster(1)
        for now in range(3):
            cluster.step(now)
        cluster.scale(3, 10)
        for now in range(3, 6):
            cluster.step(now)
        self.assertEqual([node.planned for node in cluster.nodes], [10])

    def test_pods_share_a_node_and_have_no_more_than_their_limit(self):
        cluster = self.cluster(2)
        for now in range(100):
            cluster.step(now)
        self.assertEqual(cluster.shares(100, 0.5), [0.5, 0.5])
        cluster.scale(100, 10)
        for now in range(100, 110):
            cluster.step(now)
        self.assertAlmostEqual(cluster.shares(110, 0.5)[0], 0.173)

    def test_an_empty_node_goes_and_one_that_is_hardly_used_is_emptied(self):
        cluster = self.cluster(18, zones=3)
        for now in range(80):
            cluster.step(now)
        self.assertEqual(len(cluster.nodes), 3)
        cluster.settings = nodes.Settings("aws")  # spread no more
        cluster.scale(80, 6)
        for now in range(80, 200):
            cluster.step(now)
        self.assertEqual((len(cluster.nodes), cluster.pods), (1, 6))
        cluster.scale(200, 0)
        for now in range(200, 259):
            cluster.step(now)
        self.assertEqual(len(cluster.nodes), 1)
        for now in range(259, 275):
            cluster.step(now)
        self.assertEqual(cluster.nodes, [])


class Simulation(unittest.TestCase):
    def scenario(self, arrivals, seconds=600, **more):
        return Scenario(**({"arrivals": arrivals, "seconds": seconds, "keda": keda.Settings(target=128, most=15, cooldown=60),
                            "nodes": nodes.Settings("aws"), "pod_rate": lambda cores: cores * 20_000} | more))

    def test_what_came_was_done_or_is_there(self):
        for arrivals in (lambda now: 50_000 if now == 7 else 0, lambda now: 2_345.5, lambda now: 9_000 * (now % 60 < 20)):
            run = simulate(self.scenario(arrivals, held=0.3))
            self.assertGreater(sum(run.done), 0)
            self.assertAlmostEqual(run.arrived, sum(run.done) + run.depth[-1], delta=1e-3)

    def test_the_services_limit_binds_whatever_the_pods_could_do(self):
        run = simulate(self.scenario(lambda now: 100_000 if now == 1 else 0, service_rate=2_000))
        self.assertLessEqual(max(run.done), 2_000)
        self.assertEqual(run.drained - run.first_pod + 1, 50)
        free = simulate(self.scenario(lambda now: 100_000 if now == 1 else 0))
        self.assertLess(free.drained, run.drained)

    def test_the_first_pod_waits_for_kedas_look_the_batch_the_node_and_the_start(self):
        run = simulate(self.scenario(lambda now: 1_000 if now == 1 else 0))
        self.assertEqual(run.first_pod, 30 + 1 + 60 + 1 + 2)

    def test_afterwards_nobody_is_there(self):
        run = simulate(self.scenario(lambda now: 1_000 if now == 1 else 0, seconds=5_000, until_done=True))
        self.assertLess(len(run.depth), 5_000)
        self.assertEqual((run.depth[-1], run.pods[-1], run.nodes[-1]), (0, 0, 0))

    def test_messages_in_flight_keep_pods_although_nothing_waits(self):
        # 1,000 a second for 0.3 s each are 300 messages in flight: 3 pods at 128 each.
        run = simulate(self.scenario(lambda now: 1_000, seconds=2_000, held=0.3))
        self.assertEqual(set(run.pods[-300:]), {3})
        self.assertEqual(round(run.depth[-1]), 300)


class Limits(unittest.TestCase):
    def test_one_queue_binds_first_then_the_accounts_requests(self):
        self.assertEqual(limits.azure_rate(1, 1, requests=2.06), (2_000, "queue"))
        rate, why = limits.azure_rate(10, 1, requests=2.06)
        self.assertEqual((round(rate), why), (9_709, "account's requests"))
        self.assertEqual(limits.azure_rate(100, 1, requests=1)[0], 20_000)

    def test_fifo_and_in_flight_limits_are_as_published(self):
        self.assertEqual(limits.fifo_rate(1), 3_000)
        self.assertEqual(limits.fifo_rate(1, batch=1), 300)
        self.assertEqual(limits.in_flight_rate(1, 60), 2_000)

    def test_charges_go_by_whole_units(self):
        self.assertEqual([limits.write_units(size) for size in (1, 1024, 1025)], [1, 1, 2])
        self.assertEqual([limits.sqs_charged(size) for size in (10, 65_536, 65_537)], [1, 1, 2])


class Pod(unittest.TestCase):
    COSTS = pod.Costs(cpu_by_size=((600, 50.0), (1600, 150.0)), busy_by_concurrency=((64, 20.0), (1024, 200.0)), requests=1, bytes_by_size=((600, 1),))

    def test_cpu_or_latency_binds(self):
        self.assertEqual(self.COSTS.rate(0.5, 600, 0, 64), 10_000)
        self.assertEqual(self.COSTS.rate(0.5, 1100, 0, 64), 5_000)
        self.assertEqual(self.COSTS.rate(0.5, 600, 0.02, 64), 1_000)
        self.assertEqual(self.COSTS.rate(0.5, 600, 0.02, 32), 500)
        self.assertEqual(self.COSTS.rate(0.5, 600, 0.02, 1024), 10_000)
        self.assertEqual(self.COSTS.rate(1, 600, 0.02, 65_536), 10_000, "no more than was measured is promised")


class Page(unittest.TestCase):
    def test_it_was_made_from_the_published_figures(self):
        results = json.loads((BENCH / "results/published.json").read_text())
        text, pictures = page.pages(model.load(results))
        shown = (ROOT / "docs/growth.md").read_text().split(page.BEGIN)[1].split(page.END)[0].strip()
        self.assertEqual(shown, text, "docs/growth.md, or the chart, was changed: bench/growth --publish makes it anew")
        for name, drawn in pictures.items():
            self.assertEqual((ROOT / f"docs/pictures/{name}.svg").read_text(), drawn, name)
            ElementTree.fromstring(drawn)
            self.assertIn(f"pictures/{name}.svg", text)

    def test_it_says_so_where_others_were_at_work(self):
        self.assertIn("not to be relied on", machine.warning({"others": 0.5}))
        self.assertEqual(machine.warning({"others": 0.02}), "")

    def test_the_charts_values_are_read(self):
        values = chart.read()
        self.assertEqual((values["requestedCpu"], values["cpuLimit"], values["consolidateAfter"]), (0.1, 0.5, 60))
        with self.assertRaises(SystemExit):
            chart.read("autoscaling: {}\n")

    def test_a_scale_has_all_values_in_its_frame(self):
        for log, values in ((True, (0.5, 3, 7_000)), (False, (0, 3, 7_000)), (True, (1_000,))):
            scale = draw.Scale(values, 0, 100, log)
            self.assertTrue(all(0 <= scale(value) <= 100 for value in values), values)

    def test_labels_do_not_touch_and_stay_in_the_frame(self):
        for wanted in ([290] * 8, [40] * 8, [100, 101, 290, 294]):
            found = draw.apart(wanted)
            self.assertTrue(all(after - before >= 15 for before, after in zip(found, found[1:])), found)
            self.assertTrue(0 <= found[0] and found[-1] <= draw.HEIGHT - draw.BOTTOM, found)

    def test_a_measurement_small_is_enough_for_a_page_and_for_a_bill(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "figures.json"
            done = subprocess.run([BENCH / "growth", "--measure", "--quick", "--bin", edw.BIN, "--from", path, "--price", "vcpu-hour=0.05", "--rate", "50000"],
                                  capture_output=True, text=True, timeout=200, check=False)
            self.assertEqual(done.returncode, 0, done.stderr[-3000:])
            self.assertRegex(done.stdout, r"vcpu-hour \| [\d,]+ \| 0.05")
            growth = json.loads(path.read_text())["growth"]
            self.assertEqual(len(growth["by_size"]), 16)
            self.assertTrue(all(row["rate"] > 0 for row in growth["by_latency"]))
            refused = subprocess.run([BENCH / "growth", "--from", path, "--price", "tea=1"], capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(refused.returncode, 2)
            self.assertIn("prices are given for", refused.stderr)


if __name__ == "__main__":
    edw.main()
