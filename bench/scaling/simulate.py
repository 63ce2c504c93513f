"""One queue, its pods and their nodes, second by second. Nothing is left to chance."""

from dataclasses import dataclass, field

from scaling import keda, nodes


@dataclass(frozen=True)
class Scenario:
    arrivals: object  # of the second: messages that come in it
    seconds: int
    keda: keda.Settings
    nodes: nodes.Settings
    pod_rate: object  # of the cores that a pod has: messages a second
    service_rate: float = float("inf")  # messages a second that the service lets through
    held: float = 0.0  # seconds that a message is in flight at the least
    pod_limit: float = 0.5  # cores
    pods: int = 0  # at the start, on nodes that are there
    until_done: bool = False  # end when nothing is left and nobody is there


@dataclass
class Run:
    """Each list has one value a second, as at its end."""

    depth: list = field(default_factory=list)
    pods: list = field(default_factory=list)
    ready: list = field(default_factory=list)
    nodes: list = field(default_factory=list)
    done: list = field(default_factory=list)
    cores: list = field(default_factory=list)
    arrived: float = 0.0

    @property
    def first_pod(self):
        """The second in which the first pod was ready, or None."""
        return next((second for second, ready in enumerate(self.ready) if ready), None)

    @property
    def drained(self):
        """The second from which on nothing was left, or None."""
        last = max((second for second, depth in enumerate(self.depth) if depth >= 1), default=-1) + 1
        return last if last < len(self.depth) else None

    @property
    def core_seconds(self):
        return sum(self.cores)

    @property
    def pod_seconds(self):
        return sum(self.pods)


def simulate(scenario):
    run, depth, pods = Run(), 0.0, scenario.pods
    operator, autoscaler, cluster = keda.Operator(scenario.keda), keda.Autoscaler(scenario.keda), nodes.Cluster(scenario.nodes)
    for kind, share in nodes.pack(scenario.nodes, pods, scenario.nodes.cpu_limit):
        cluster.nodes.append(nodes.Node(kind, ready_at=0, planned=0, pods=[0] * share, image_at=0))
    for now in range(scenario.seconds):
        arrived = scenario.arrivals(now)
        run.arrived += arrived
        shares = cluster.shares(now, scenario.pod_limit)
        able = min(sum(scenario.pod_rate(share) for share in shares), scenario.service_rate)
        # What has just come is still in flight: the scaler sees it.
        there = depth + arrived
        done = max(0.0, min(there - min(there, arrived * scenario.held), able))
        depth = there - done
        if depth < 1e-6:
            depth = 0.0
        metric = int(depth)
        if now % scenario.keda.polling == 0:
            pods = operator.poll(now, pods, metric)
        if now % scenario.keda.sync == 0:
            pods = autoscaler.sync(now, pods, metric)
        cluster.scale(now, pods)
        cluster.step(now)
        for series, value in ((run.depth, depth), (run.pods, pods), (run.ready, len(shares)), (run.nodes, len(cluster.nodes)),
                              (run.done, done), (run.cores, cluster.cores())):
            series.append(value)
        if scenario.until_done and run.arrived and depth == 0 and pods == 0 and not cluster.nodes:
            break
    return run
