"""Every goal beside its figure."""

from dataclasses import dataclass


@dataclass
class Goal:
    text: str
    limit: float
    unit: str
    figure: float | None  # None: not measured in this run
    at_least: bool = False

    @property
    def met(self):
        if self.figure is None:
            return None
        return self.figure >= self.limit if self.at_least else self.figure <= self.limit


# Requests that the protocol needs for a message: Azure deletes each by itself and receives 32; SQS sends, receives and
# deletes 10 in a request, DynamoDB writes 25.
REQUESTS = {("azure", "send"): 1, ("azure", "consume"): 1.06, ("aws", "send"): 0.1, ("aws", "consume"): 0.24}
TIMES_FLOOR = {"azure": 1.5, "aws": 2}
# How many times less than a peer: (azure, aws).
TIMES_LESS = {("python", "send"): (60, 60), ("python", "consume"): (50, 35), ("node", "send"): (25, 25), ("node", "consume"): (14, 35),
              ("go", "send"): (5, 5), ("go", "consume"): (5, 5)}
NAMES = {"azure": "Azure", "aws": "AWS", "python": "the best Python", "node": "Node", "go": "Go"}
VERBS = {"send": "to send", "consume": "to consume"}


def ratio(over, under):
    return None if over is None or not under else over / under


def all_goals(median, extras):
    """`median(name, field)` is a case's median, or None; `extras` are the figures asked once."""
    goals = []
    for (backend, action), requests in REQUESTS.items():
        floor, ours = median(f"wrk-{backend}-https-send", "cpu_us"), median(f"ours-{backend}-https-{action}", "cpu_us")
        times = TIMES_FLOOR[backend]
        goals.append(Goal(f"{NAMES[backend]}, {VERBS[action]}: CPU at most {times} × wrk's × {requests} requests a message", times, "×",
                          ratio(ours, floor and floor * requests)))
        goals.append(Goal(f"{NAMES[backend]}, {VERBS[action]}: requests a message", requests * 1.02, "", median(f"ours-{backend}-https-{action}", "requests")))
    for (peer, action), times in TIMES_LESS.items():
        for backend, least in zip(("azure", "aws"), times):
            theirs, ours = median(f"{peer}-{backend}-https-{action}", "cpu_us"), median(f"ours-{backend}-https-{action}", "cpu_us")
            goals.append(Goal(f"{NAMES[backend]}, {VERBS[action]}: times less CPU than {NAMES[peer]}", least, "×", ratio(theirs, ours), True))
    for backend, least in (("aws", 40_000), ("azure", 30_000)):
        goals.append(Goal(f"consumed from the {NAMES[backend]} stub on one core", least, "msg/s", median(f"ours-{backend}-https-consume", "rate"), True))
    plain = (("sqlite, from send to row, synchronous=FULL", 20_000, "msg/s", "sqlite_rate", True),
             ("sent to Azure at 20 ms of latency over none, 2,048 in flight", 0.95, "×", "latency_20", True),
             ("consumed from Azure at 20 ms of latency over none, 8,192 in flight", 0.95, "×", "latency_20_azure", True),
             ("consumed from AWS at 20 ms of latency over none, 16,384 in flight", 0.95, "×", "latency_20_aws", True),
             ("resident at 64 in flight", 16, "MiB", "rss_64_mib", False), ("resident at 1,024 in flight", 64, "MiB", "rss_1024_mib", False),
             ("exec to first request, http", 10, "ms", "first_request_http_ms", False),
             ("exec to first request, verified TLS", 40, "ms", "first_request_https_ms", False),
             ("CPU of a message at --threads 2 over that at 1", 1.1, "×", "threads_2", False))
    goals += [Goal(text, limit, unit, extras.get(name), at_least) for text, limit, unit, name, at_least in plain]
    return goals
