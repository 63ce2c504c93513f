"""The measured figures, the chart and what is assumed, put together into what the page tells."""

import functools
import math
from dataclasses import dataclass, replace

from scaling import chart, keda, limits, nodes, pod
from scaling.simulate import Scenario, simulate

CLOUDS = ("azure", "aws")
NAMES = {"azure": "Azure", "aws": "AWS"}
SIZE = 600  # bytes of a message where nothing else is said
BEGINS = 1  # the second after KEDA looked: its next look is the latest


@dataclass(frozen=True)
class Assumed:
    """What nothing here measures."""

    latency: float = 0.005  # seconds a request takes within a region
    node_start: tuple = (("aws", 60), ("azure", 90))  # seconds from the order to a node that is ready
    pod_start: float = 2  # seconds from the scheduler's decision to the container's start
    image_pull: float = 1  # seconds for 31 MB, once a node


@dataclass(frozen=True)
class Model:
    results: dict
    values: dict  # of the chart
    assumed: Assumed = Assumed()

    def costs(self, cloud, action="consume"):
        return pod.costs(self.results, cloud, action)

    def keda(self, most=None):
        values = self.values
        return keda.Settings(target=2 * values["concurrency"], least=values["minReplicas"], most=most or values["maxReplicas"],
                             polling=values["pollingInterval"], cooldown=values["cooldownPeriod"])

    def nodes(self, cloud, spread=None, cpu_limit=None):
        values = self.values
        spread = values["spread"] if spread is None else spread
        return nodes.Settings(cloud, pod_cpu=values["requestedCpu"], pod_memory=values["requestedMemory"],
                              cpu_limit=cpu_limit or values["poolCpu"], consolidate_after=values["consolidateAfter"],
                              node_start=dict(self.assumed.node_start)[cloud], pod_start=self.assumed.pod_start,
                              image_pull=self.assumed.image_pull, spread_hosts="kubernetes.io/hostname" in spread,
                              zones=3 if "topology.kubernetes.io/zone" in spread else 1)

    def pod_rate(self, cloud, cores, size=SIZE, latency=None, concurrency=None):
        return self.costs(cloud).rate(cores, size, self.assumed.latency if latency is None else latency, concurrency or self.values["concurrency"])

    def requests(self, cloud):
        """Of a message in all, sent and consumed."""
        return self.costs(cloud, "send").requests + self.costs(cloud).requests

    def held(self, cloud):
        return self.costs(cloud).seconds_held(self.assumed.latency, self.values["concurrency"])

    def service_rate(self, cloud):
        """Of one queue and one table, once it has grown to its quota."""
        if cloud == "azure":
            return limits.azure_rate(1, 1, self.requests("azure"))[0]
        row = min((entry["size"], entry["row_bytes"]) for entry in self.results["growth"]["by_size"] if "row_bytes" in entry)[1]
        return min(limits.TABLE_UNITS.value / limits.write_units(row), limits.in_flight_rate(1, self.held("aws")))

    def scenario(self, cloud, arrivals, seconds, **more):
        rate = functools.lru_cache(lambda cores: self.pod_rate(cloud, cores))
        return replace(Scenario(arrivals=arrivals, seconds=seconds, keda=self.keda(), nodes=self.nodes(cloud), pod_rate=rate,
                                service_rate=self.service_rate(cloud), held=self.held(cloud), pod_limit=self.values["cpuLimit"]), **more)

    def burst(self, cloud, messages, **more):
        """So many at once, with nothing there."""
        more = {"seconds": 100_000, "until_done": True} | more
        return simulate(self.scenario(cloud, lambda second: messages if second == BEGINS else 0, **more))

    def steady(self, cloud, rate, seconds=1800, **more):
        """So many a second, from nothing."""
        return simulate(self.scenario(cloud, lambda second: rate if second >= BEGINS else 0, seconds, **more))


@dataclass(frozen=True)
class Million:
    """What a rate takes on one cloud."""

    queues: int
    accounts: int
    requests: float  # a second, to queues and tables, sending included
    queue_requests: float
    table_requests: float
    write_units: float  # DynamoDB's, a second
    partitions: int
    send_cores: float
    consume_cores: float
    pods: int
    nodes: tuple  # ((type, count), …)
    bytes: float  # on the wire of the consumers a second


def table_share(cloud):
    """Requests to the table of a message that is consumed: a transaction holds 32 rows of one partition, a batch 25."""
    return 1 / 32 if cloud == "azure" else 1 / 25


def take(model, cloud, rate, size=SIZE, queues=None):
    """Even over the queues and accounts; pods have the CPU that they ask for and no more, as on full nodes."""
    consume, send = model.costs(cloud), model.costs(cloud, "send")
    requests = rate * model.requests(cloud)
    row = min((entry["size"], entry["row_bytes"]) for entry in model.results["growth"]["by_size"] if "row_bytes" in entry)[1] + size - SIZE
    units = rate * limits.write_units(row) if cloud == "aws" else 0
    if cloud == "azure":
        # With all the queues it wants, what does one account carry?
        accounts = math.ceil(rate / limits.azure_rate(10**6, 1, model.requests(cloud))[0])
        queues = queues or max(accounts, math.ceil(rate / limits.QUEUE_MESSAGES.value))
        partitions = math.ceil(rate / limits.PARTITION_ROWS.value)
    else:
        accounts = 0
        queues = queues or math.ceil(rate / limits.in_flight_rate(1, model.held(cloud)))
        partitions = math.ceil(units / limits.PARTITION_UNITS.value)
    each = model.pod_rate(cloud, model.values["requestedCpu"], size)
    pods = queues * math.ceil(rate / queues / each - 1e-9)
    chosen = {}
    for kind, _ in nodes.pack(model.nodes(cloud, spread=[]), pods):
        chosen[kind.name] = chosen.get(kind.name, 0) + 1
    table = rate * table_share(cloud)
    return Million(queues=queues, accounts=accounts, requests=requests, queue_requests=requests - table, table_requests=table, write_units=units,
                   partitions=partitions, send_cores=rate * send.cpu_us(size) / 1e6, consume_cores=rate * consume.cpu_us(size) / 1e6, pods=pods,
                   nodes=tuple(chosen.items()), bytes=rate * consume.wire_bytes(size))


def load(results, assumed=None):
    return Model(results, chart.read(), assumed or Assumed())
