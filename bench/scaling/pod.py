"""What one pod can do, from the measured figures: the least of its CPU, and of its places in flight over the latency."""

from dataclasses import dataclass


def between(points, at):
    """On the straight lines through (x, y) points, and beyond the last of them in its direction."""
    if len(points) == 1 or at <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if at <= x1 or (x1, y1) == points[-1]:
            return y0 + (y1 - y0) * (at - x0) / (x1 - x0)
    raise AssertionError


@dataclass(frozen=True)
class Costs:
    """Of one way: a cloud, to send or to consume."""

    cpu_by_size: tuple  # (bytes, µs a message), ascending
    busy_by_concurrency: tuple  # (--concurrency, how many messages' worth of latency pass at once: rate × latency), ascending
    requests: float  # a message
    bytes_by_size: tuple  # (bytes, bytes in and out on the wire a message)

    def cpu_us(self, size):
        return between(self.cpu_by_size, size)

    def wire_bytes(self, size):
        return between(self.bytes_by_size, size)

    def busy(self, concurrency):
        """Beyond what was measured nothing is promised; below, places count in proportion."""
        first, last = self.busy_by_concurrency[0], self.busy_by_concurrency[-1]
        if concurrency <= first[0]:
            return first[1] * concurrency / first[0]
        return between(self.busy_by_concurrency, min(concurrency, last[0]))

    def rate(self, cores, size, latency, concurrency):
        """Messages a second of one process with so much CPU (cores), at so much latency (seconds) of each request."""
        by_cpu = cores * 1e6 / self.cpu_us(size)
        return by_cpu if latency <= 0 else min(by_cpu, self.busy(concurrency) / latency)

    def seconds_held(self, latency, concurrency):
        """How long a message is in flight when nothing else holds it up (Little's law): places over rate."""
        return concurrency * latency / self.busy(concurrency)


def costs(results, backend, action):
    """From what bench/run measured."""
    ours = [row for row in results["growth"]["by_size"] if (row["backend"], row["action"]) == (backend, action)]
    late = [row for row in results["growth"]["by_latency"] if (row["backend"], row["action"]) == (backend, action)]
    slowest = max(row["latency_ms"] for row in late)
    return Costs(cpu_by_size=tuple(sorted((row["size"], row["cpu_us"]) for row in ours)),
                 busy_by_concurrency=tuple(sorted((row["concurrency"], row["rate"] * row["latency_ms"] / 1000)
                                                  for row in late if row["latency_ms"] == slowest)),
                 requests=min(ours, key=lambda row: row["size"])["requests"],
                 bytes_by_size=tuple(sorted((row["size"], row["bytes_in"] + row["bytes_out"]) for row in ours)))
