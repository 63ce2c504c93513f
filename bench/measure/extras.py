"""What is asked once of our own programs: memory, start, threads, latency, allocations, system calls, disk."""

import concurrent.futures
import os
import re
import shutil
import statistics
import time

from measure import cases, run as runs
from measure.cases import Case


def memory(bench, in_flight):
    """MiB resident at the most, by Azure over https, the dearer of the two."""
    case = Case("ours", "azure", "https", "consume", cases.counts_for(bench.quick)[0]["azure"])
    bench.fill("azure", case.count)
    return bench.ours(case, bench.to_consume, ["--concurrency", in_flight]).rss_mib


def first_request(bench, scheme):
    """Milliseconds from exec until the stub has the first request, the best of several."""
    best = []
    for _ in range(2 if bench.quick else 15):
        bench.to_send.ask("reset")
        ran = bench.ours(Case("ours", "azure", scheme, "send", 1), bench.to_send)
        best.append((bench.to_send.ask("counts")["first_request_ns"] - ran.begun) / 1e6)
    return statistics.median(best)


def threads(bench):
    """CPU of a message at two event loops over that at one."""
    cores = []
    for count in (1, 2):
        case = Case("ours", "azure", "https", "consume", cases.counts_for(bench.quick)[0]["azure"])
        bench.fill("azure", case.count)
        cores.append(bench.ours(case, bench.to_consume, ["--threads", count], pin=[]).cpu)
    return cores[1] / cores[0]


def latency(bench, backend, action, in_flight):
    """Messages a second at 20 ms of latency over those at none."""
    rates = []
    for milliseconds in (0, 20):
        # So long that the connections, each with its handshake, are no part of the rate.
        count = 64 if bench.quick else max(50 * in_flight, 400_000)
        case = Case("ours", backend, "https", action, count)
        service = bench.to_send if action == "send" else bench.to_consume
        if action == "send":
            service.ask("reset")
        else:
            bench.fill(backend, case.count)
        service.ask(f"set?latency_ms={milliseconds}")
        try:
            ran = bench.ours(case, service, ["--concurrency", in_flight])
        finally:
            service.ask("set?latency_ms=0")
        rates.append(cases.figure(case, ran, 0).rate)
    return rates[1] / rates[0]


def per_message(bench, backend, action, count_of):
    """The growth of what `count_of` counts from n to 3 n messages, over 2 n: what a run costs once falls out."""
    small = 64 if bench.quick else 1000
    found = []
    for count in (small, 3 * small):
        case = Case("ours", backend, "https", action, count)
        if action == "consume":
            bench.fill(backend, count)
        else:
            bench.to_send.ask("reset")
        found.append(count_of(case, bench.to_consume if action == "consume" else bench.to_send))
    return (found[1] - found[0]) / (2 * small)


def allocations(bench, backend, action):
    path = bench.folder / "allocations"

    def count(case, service):
        bench.ours(case, service, env={"LD_PRELOAD": str(bench.bin.parent / "lib/libcount_allocations.so"), "COUNT_ALLOCATIONS": str(path)})
        return int(path.read_text())

    return per_message(bench, backend, action, count)


def system_calls(bench, backend, action):
    path = bench.folder / "strace"
    if not shutil.which("strace"):
        raise runs.Failed("strace is missing; scripts/install-test.sh installs it")

    def count(case, service):
        bench.ours(case, service, pin=["strace", "-f", "-c", "-o", str(path)])
        total = re.search(r"^\s*100\.00\s+\S+\s+(?:\d+\s+)?(\d+)(?:\s+\d+)?\s+total", path.read_text(), re.MULTILINE)
        return int(total.group(1))

    return per_message(bench, backend, action, count)


def syncs(folder, seconds=0.5):
    """fdatasync a second of the disk below the database, one write of 4 KiB each."""
    handle = os.open(folder / "sync", os.O_CREAT | os.O_WRONLY)
    try:
        done, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            os.pwrite(handle, b"x" * 4096, 0)
            os.fdatasync(handle)
            done += 1
    finally:
        os.close(handle)
    return done / seconds


def embedded(bench):
    """Messages a second from send to row: producer and consumer at once on one file."""
    count = cases.counts_for(bench.quick)[0]["sqlite"]
    for path in bench.folder.glob("bench.db*"):
        path.unlink()
    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor() as both:
        for ended in [both.submit(bench.ours, Case("ours", "sqlite", "file", action, count), pin=[]) for action in ("send", "consume")]:
            ended.result()
    return count / (time.monotonic() - begun)


def measure(bench, repetitions, say):
    """Every figure by name, each the median of so many."""
    def median(work, *arguments):
        return statistics.median(work(bench, *arguments) for _ in range(repetitions))

    found = {}
    plan = {"rss_64_mib": (memory, 64), "rss_1024_mib": (memory, 1024), "first_request_http_ms": (first_request, "http"),
            "first_request_https_ms": (first_request, "https"), "threads_2": (threads,), "latency_20": (latency, "azure", "send", 2048),
            "latency_20_azure": (latency, "azure", "consume", 8192), "latency_20_aws": (latency, "aws", "consume", 16384), "sqlite_rate": (embedded,)}
    for name, (work, *arguments) in plan.items():
        say(name)
        found[name] = median(work, *arguments) if name[:5] != "first" else work(bench, *arguments)
    found["syncs"] = syncs(bench.folder)
    for backend in ("azure", "aws"):
        for action in ("send", "consume"):
            say(f"allocations and system calls, {backend} {action}")
            found[f"allocations_{backend}_{action}"] = allocations(bench, backend, action)
            found[f"system_calls_{backend}_{action}"] = system_calls(bench, backend, action)
    return found
