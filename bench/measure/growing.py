"""What docs/growth.md is made of: CPU of a message by its size, messages a second by latency, bytes of a row."""

import json
import statistics
import urllib.request

from measure import cases
from measure.cases import Case

SIZES = (600, 4_000, 16_000, 48_000)  # bytes of a message's body; 64 KiB is Azure's most
LATENCIES = (0, 5, 20)  # ms
CONCURRENCIES = (64, 1024)
WAYS = (("azure", "send"), ("azure", "consume"), ("aws", "send"), ("aws", "consume"))


def count_for(size, quick):
    """Messages that take some tenths of a second."""
    return 64 if quick else 320 * max(4, 40 * 600 // (size + 600))


def run(bench, case, more=(), size=cases.SIZE, setting=None):
    """One run of ours, after the queue was filled where it is to be emptied: its figure and the stub's counts."""
    service = bench.to_send if case.action == "send" else bench.to_consume
    if case.action == "consume":
        service.ask("reset")
        bench.filled = None
        bench.ours(Case("ours", case.backend, "http", "send", case.count), service, size=size)
        service.ask("rewind")
    else:
        service.ask("reset")
    if setting:
        service.ask(setting)
    try:
        ran = bench.ours(case, service, more, size=size)
    finally:
        service.ask("set?latency_ms=0")
    counts = service.ask("counts")
    cases.check(case, counts)
    return cases.figure(case, ran, counts["requests"]), counts


def row_bytes(bench):
    """A row's size by DynamoDB's rule: names and values of its attributes."""
    request = urllib.request.Request(bench.to_consume.urls["http"] + "/", json.dumps({"TableName": "results", "Limit": 1}).encode(),
                                     {"X-Amz-Target": "DynamoDB_20120810.Scan", "Content-Type": "application/x-amz-json-1.0"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        item = json.load(reply)["Items"][0]
    return sum(len(name.encode()) + len(str(next(iter(value.values()))).encode()) for name, value in item.items())


def by_size(bench, say, repetitions):
    found = []
    for backend, action in WAYS:
        for size in SIZES:
            say(f"{backend} {action}, {size:,} bytes")
            case = Case("ours", backend, "https", action, count_for(size, bench.quick))
            runs = [run(bench, case, size=size) for _ in range(repetitions)]
            counts = runs[-1][1]
            found.append({"backend": backend, "action": action, "size": size,
                          "cpu_us": statistics.median(figure.cpu_us for figure, _ in runs), "requests": runs[-1][0].requests,
                          "bytes_in": counts["bytes_in"] / case.count, "bytes_out": counts["bytes_out"] / case.count})
            if (backend, action) == ("aws", "consume"):
                found[-1]["row_bytes"] = row_bytes(bench)
    return found


def by_latency(bench, say, repetitions):
    found = []
    for backend, action in WAYS:
        for concurrency in CONCURRENCIES:
            for latency in LATENCIES:
                say(f"{backend} {action}, {latency} ms, {concurrency} in flight")
                # At 20 ms and 64 in flight some thousand a second is what can be had.
                count = 64 if bench.quick else 3_200 if latency and concurrency == 64 else 12_800 if concurrency == 64 else 25_600
                case = Case("ours", backend, "https", action, count)
                runs = [run(bench, case, ["--concurrency", concurrency], setting=f"set?latency_ms={latency}") for _ in range(repetitions)]
                found.append({"backend": backend, "action": action, "latency_ms": latency, "concurrency": concurrency,
                              "rate": statistics.median(figure.rate for figure, _ in runs),
                              "cpu_us": statistics.median(figure.cpu_us for figure, _ in runs)})
    return found


def measure(bench, repetitions, say):
    return {"by_size": by_size(bench, say, repetitions), "by_latency": by_latency(bench, say, repetitions)}
