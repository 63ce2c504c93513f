"""What is measured against what: who, which backend, over what, doing what, with how many messages."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from measure import run as runs

SIZE = 600  # bytes of a message
PEERS = Path(__file__).resolve().parents[1] / "peers"


@dataclass(frozen=True)
class Case:
    who: str  # ours, wrk, python-sample, python, node, go
    backend: str  # azure, aws, sqlite
    scheme: str  # http, https, or file
    action: str  # send, consume
    count: int

    @property
    def name(self):
        return f"{self.who}-{self.backend}-{self.scheme}-{self.action}"


@dataclass
class Figure:
    cpu_us: float  # of the client, per message
    rate: float  # messages a second
    rss_mib: float
    requests: float  # per message, as the stub counted


def counts_for(quick):
    """Messages per run: seconds of work each, so that start and handshakes are lost in it."""
    ours = {"azure": 100_000, "aws": 300_000, "sqlite": 50_000}
    peers = {"python-sample": {"azure": 600, "aws": 600}, "python": {"azure": 1_500, "aws": 6_000},
             "node": {"azure": 4_000, "aws": 8_000}, "go": {"azure": 10_000, "aws": 30_000}}
    if quick:
        ours = dict.fromkeys(ours, 640)
        peers = {who: dict.fromkeys(counts, 64) for who, counts in peers.items()}
    return ours, peers


def all_cases(quick, peers_there):
    ours, peers = counts_for(quick)
    schemes = ("https",) if quick else ("http", "https")
    cases = [Case("ours", backend, scheme, action, ours[backend])
             for backend in ("azure", "aws") for scheme in schemes for action in ("send", "consume")]
    cases += [Case("ours", "sqlite", "file", action, ours["sqlite"]) for action in ("send", "consume")]
    cases += [Case("wrk", backend, scheme, "send", 0) for backend in ("azure", "aws") for scheme in schemes]
    cases += [Case(who, backend, "https", action, peers[who][backend])
              for backend in ("azure", "aws") for who in peers_there for action in ("send", "consume")]
    return cases


def peer_commands(home, python):
    """Those that are installed, by name, with what runs them."""
    found = {}
    if python:
        for way in ("sample", "best"):
            found["python-sample" if way == "sample" else "python"] = ([python, PEERS / "python/peer.py"], way)
    if (home / "node.stamp").exists() and shutil.which("node"):
        found["node"] = (["node", home / "node/peer.js"], "best")
    if (home / "go.stamp").exists():
        found["go"] = ([home / "go/peer"], "best")
    return found


def expect(what, found, wanted, case):
    """The stub's word against the client's: a client that claims more than it did fails the bench."""
    if found != wanted:
        raise runs.Failed(f"{case.name}: {what}: the stub counted {found}, {wanted} were to come")


def check(case, counts):
    if case.action == "send":
        expect("messages sent", counts["sent"], case.count, case)
        return
    expect("messages deleted", counts["deleted"], case.count, case)
    expect("rows with a key of their own", counts["distinct_rows"], case.count, case)


def figure(case, ran, requests):
    said = json.loads(ran.out.strip().splitlines()[-1])
    if case.who == "ours":
        done = said["sent"] if case.action == "send" else said["acknowledged"]
        expect("messages by its own summary", done, case.count, case)
        return Figure(ran.cpu * 1e6 / case.count, said["rate"], ran.rss_mib, requests / case.count)
    # A peer leaves its start-up out, which our own figures hold: the comparison is never in our favour.
    if said["cpu_seconds"] > ran.cpu * 1.05 + 0.02:
        raise runs.Failed(f"{case.name} claims more CPU than the kernel saw")
    return Figure(said["cpu_seconds"] * 1e6 / case.count, case.count / said["seconds"], ran.rss_mib, requests / case.count)
