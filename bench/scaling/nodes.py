"""Karpenter's rules (NAP on AKS is the same program), and how the scheduler fills nodes.

Pods that find no room are gathered until none comes for 1 s, for 10 s at most (https://karpenter.sh/docs/reference/settings/), and
packed onto as few nodes as will do, each then of the smallest type that holds its share. Prices are not known here: within a
family they go by the vCPU, so the smallest is the cheapest. An empty node goes consolidateAfter its last pod did; one whose pods
all fit elsewhere is emptied, one node at a time (https://karpenter.sh/docs/concepts/disruption/). A soft spread is kept as if it were
hard as long as nodes can be made (https://github.com/kubernetes-sigs/karpenter/issues/666): over hosts, each pod that waits gets a
node of its own, and none is emptied for another; over zones, those that wait are divided by zones, and each zone keeps a node."""

import math
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Type:
    name: str
    cpu: float  # cores
    memory: float  # MiB
    allocatable_cpu: float
    allocatable_memory: float
    pods: int


def eks(name, cpu, gib, pods):
    """EKS keeps 6 % of the first core, 1 % of the next, 0.5 % of two more, 0.25 % of the rest; 255 MiB and 11 for each pod that the
    type's addresses allow (github.com/awslabs/amazon-eks-ami); Karpenter takes 7.5 % of memory for the hypervisor."""
    kept = 0.06 + 0.01 * (cpu > 1) + 0.005 * min(2, max(0, cpu - 2)) + 0.0025 * max(0, cpu - 4)
    return Type(name, cpu, gib * 1024, cpu - kept, gib * 1024 * 0.925 - (255 + 11 * pods) - 100, pods)


def aks(name, cpu, gib, kept, pods=250):
    """AKS keeps CPU by a table, and 20 MB a pod and 50, or a quarter of memory (learn.microsoft.com/azure/aks/node-resource-reservations)."""
    return Type(name, cpu, gib * 1024, cpu - kept, gib * 1024 - min(20 * pods + 50, gib * 256) - 100, pods)


TYPES = {
    "aws": (eks("c7i.large", 2, 4, 29), eks("c7i.xlarge", 4, 8, 58), eks("c7i.2xlarge", 8, 16, 58), eks("c7i.4xlarge", 16, 32, 234),
            eks("c7i.8xlarge", 32, 64, 234)),
    "azure": (aks("D2s_v5", 2, 8, 0.1), aks("D4s_v5", 4, 16, 0.14), aks("D8s_v5", 8, 32, 0.18), aks("D16s_v5", 16, 64, 0.26),
              aks("D32s_v5", 32, 128, 0.42)),
}


@dataclass(frozen=True)
class Settings:
    cloud: str
    pod_cpu: float = 0.1  # cores asked for
    pod_memory: float = 48  # MiB
    cpu_limit: float = 100  # vCPUs of all nodes of the pool
    consolidate_after: float = 60  # seconds, all below too
    batch_idle: float = 1
    batch_most: float = 10
    node_start: float = 60
    pod_start: float = 2
    image_pull: float = 1
    spread_hosts: bool = False
    zones: int = 1  # that pods are spread over
    daemons_cpu: float = 0.2  # cores that a node's own pods ask for
    daemons_memory: float = 300
    daemons: int = 4
    look: float = 10  # between two looks for a node to be emptied

    def room(self, kind):
        """Pods of ours that an empty node of this type takes."""
        return max(0, min(math.floor((kind.allocatable_cpu - self.daemons_cpu) / self.pod_cpu + 1e-9),
                          math.floor((kind.allocatable_memory - self.daemons_memory) / self.pod_memory), kind.pods - self.daemons))

    @property
    def types(self):
        return TYPES[self.cloud]


def pack(settings, pods, cpu_left=math.inf):
    """(type, pods) of each node that Karpenter would make for so many pods."""
    chosen = []
    while pods > 0:
        allowed = [kind for kind in settings.types if kind.cpu <= cpu_left and settings.room(kind) > 0]
        if not allowed:
            break
        share = 1 if settings.spread_hosts else min(pods, max(settings.room(kind) for kind in allowed))
        kind = min((kind for kind in allowed if settings.room(kind) >= share), key=lambda kind: kind.cpu)
        chosen.append((kind, share))
        pods -= share
        cpu_left -= kind.cpu
    return chosen


@dataclass
class Node:
    kind: Type
    ready_at: float
    planned: int  # pods that it was made for
    zone: int = 0
    pods: list = field(default_factory=list)  # moments when each is ready
    changed: float = 0.0  # when a pod last came or went
    image_at: float | None = None  # when the image is there


class Cluster:
    """Pods on nodes. A pod is the moment when it is ready."""

    def __init__(self, settings):
        self.settings = settings
        self.nodes = []
        self.waiting = 0  # pods that no node has yet
        self.batch = None  # [since, last grown at, pods]
        self.looked = 0.0

    @property
    def pods(self):
        return self.waiting + sum(len(node.pods) for node in self.nodes)

    def scale(self, now, wanted):
        """As a ReplicaSet does it: those go first that wait, then the youngest."""
        self.waiting += max(0, wanted - self.pods)
        while self.pods > wanted:
            if self.waiting:
                self.waiting -= min(self.waiting, self.pods - wanted)
                continue
            node = max((node for node in self.nodes if node.pods), key=lambda node: max(node.pods))
            node.pods.remove(max(node.pods))
            node.changed = now

    def step(self, now):
        self.bind(now)
        self.provision(now)
        self.consolidate(now)

    def free(self, node):
        return self.settings.room(node.kind) - len(node.pods)

    def place(self, now, node):
        if node.image_at is None:
            node.image_at = now + self.settings.image_pull
        node.pods.append(max(now, node.image_at) + self.settings.pod_start)
        node.changed = now

    def bind(self, now):
        """The scheduler: onto the node with the most room that is ready."""
        for node in self.nodes:
            if node.planned and node.ready_at <= now:
                node.planned = 0
        ready = [node for node in self.nodes if node.ready_at <= now]
        while self.waiting and ready:
            node = max(ready, key=self.free)
            if self.free(node) <= 0:
                break
            self.place(now, node)
            self.waiting -= 1

    def provision(self, now):
        settings = self.settings
        without = self.waiting - sum(node.planned for node in self.nodes)
        if without <= 0:
            self.batch = None
            return
        if self.batch is None:
            self.batch = [now, now, without]
        elif without > self.batch[2]:
            self.batch[1:] = [now, without]
        since, grown, _ = self.batch
        if now - grown < settings.batch_idle and now - since < settings.batch_most:
            return
        self.batch = None
        for zone, count in enumerate(self.divide(without)):
            count -= self.plan(now, zone, count)
            for kind, share in pack(settings, count, settings.cpu_limit - self.cores()):
                self.nodes.append(Node(kind, now + settings.node_start, share, zone, changed=now + settings.node_start))

    def divide(self, pods):
        """Those that wait, each to the zone with the fewest."""
        there = [sum(len(node.pods) + node.planned for node in self.nodes if node.zone == zone) for zone in range(self.settings.zones)]
        more = [0] * self.settings.zones
        for _ in range(pods):
            zone = min(range(self.settings.zones), key=lambda zone: there[zone] + more[zone])
            more[zone] += 1
        return more

    def plan(self, now, zone, pods):
        """As many as there is room for on nodes that are on their way."""
        planned = 0
        for node in self.nodes:
            if node.zone == zone and node.ready_at > now and not self.settings.spread_hosts:
                more = min(pods - planned, self.free(node) - node.planned)
                node.planned += more
                planned += more
        return planned

    def consolidate(self, now):
        settings = self.settings
        if now - self.looked < settings.look:
            return
        self.looked = now
        quiet = [node for node in self.nodes if node.ready_at <= now and not node.planned and now - node.changed >= settings.consolidate_after]
        self.nodes = [node for node in self.nodes if node not in quiet or node.pods]
        if settings.spread_hosts or len(self.nodes) <= settings.zones:
            return
        for node in sorted((node for node in quiet if node.pods), key=lambda node: len(node.pods)):
            others = [other for other in self.nodes if other is not node and other.ready_at <= now]
            if sum(max(0, self.free(other)) for other in others) >= len(node.pods):
                self.nodes.remove(node)
                for _ in node.pods:
                    self.place(now, max(others, key=self.free))
                return

    def shares(self, now, most):
        """Cores that each ready pod has: no more than its limit, and an equal part of its node."""
        found = []
        for node in self.nodes:
            ready = sum(1 for moment in node.pods if moment <= now)
            if ready:
                found += [min(most, (node.kind.allocatable_cpu - self.settings.daemons_cpu) / ready)] * ready
        return found

    def cores(self):
        return sum(node.kind.cpu for node in self.nodes)

