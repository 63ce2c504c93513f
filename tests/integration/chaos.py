"""Eight consumers, one of them killed every 200 ms, and in the end nothing is lost.

A run is drawn from a seed, printed first and taken from EDW_CHAOS_SEED; EDW_CHAOS_COUNT is how many messages. What the
scheduler does is not in the seed's hands: the same seed draws the same faults, not the same interleaving.
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import edw  # noqa: E402
import stores  # noqa: E402,F401

CONSUMERS = 8
KILL_EVERY = 0.2  # seconds


def seed():
    return int(os.environ.get("EDW_CHAOS_SEED") or random.SystemRandom().randrange(1 << 32))


def count_of(default):
    return int(os.environ.get("EDW_CHAOS_COUNT") or default)


class FaultProxy:
    """tests/integration/proxy.py in front of some URLs."""

    def __init__(self, urls, cloud, rate, seed):
        to = [word for url in urls for word in ("--to", url)]
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "proxy.py"), "--cloud", cloud, "--rate", str(rate), "--seed", str(seed), *to],
            stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line, "the fault proxy did not start: see above"
        self.ports = json.loads(line)["ports"]

    def counts(self):
        """How often each fault happened; ends the proxy."""
        self.process.terminate()
        counts = json.loads(self.process.stdout.read())
        self.process.wait(10)
        return counts

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Herd:
    """Programs that are killed one after another at random, and started again at once."""

    def __init__(self, case, chance):
        self.case, self.chance = case, chance
        self.kills = 0
        self.gave_up = 0  # ended by themselves: their first contact with the service failed
        self._stopping = threading.Event()
        self._slots = []
        self._failure = None
        self._thread = None
        self._spared = False

    def add(self, number, start, share=1, first=None):
        """`start(attempt)` gives a Running; `share` is how often it is the victim beside the others, `first` after how
        many kills it is for certain."""
        for _ in range(number):
            self._slots.append({"start": start, "attempt": 1, "running": start(1), "share": share, "first": first, "kills": 0})

    def kills_of(self, index):
        return self._slots[index]["kills"]

    def unleash(self):
        self._thread = threading.Thread(target=self._hunt)
        self._thread.start()

    def _hunt(self):
        try:
            while not self._stopping.wait(KILL_EVERY):
                for slot in self._slots:
                    self._look_after(slot)
                victims = [slot for slot in self._slots if slot["running"] is not None]
                due = [slot for slot in victims if slot["first"] == self.kills]
                victim = due[0] if due else self.chance.choices(victims, [slot["share"] for slot in victims])[0]
                victim["running"].process.kill()
                if victim["running"].process.wait() == -signal.SIGKILL:
                    self.kills += 1
                    victim["kills"] += 1
                    self._again(victim)
        except BaseException as error:  # for the test's own thread to raise
            self._failure = error

    def _look_after(self, slot):
        if slot["running"] is None or slot["running"].process.poll() is None:
            return
        ended = slot["running"].wait()
        if ended.code == 0:
            slot["running"] = None
            return
        # The first contact with a service tells whether the set-up is right: no reply, or somebody else's page, ends it.
        assert ended.code in (1, 2) and ended.err.strip(), f"ended by itself: {ended}"
        self.gave_up += 1
        self._again(slot)

    def _again(self, slot):
        slot["running"].stop()
        slot["attempt"] += 1
        slot["running"] = slot["start"](slot["attempt"])

    def spare(self):
        """No more kills; what runs keeps running, and what ended by itself is started again."""
        self._stopping.set()
        self._thread.join()
        self._spared = True
        self.check()

    def ask_to_end(self):
        """SIGTERM to all; how each of them ended."""
        for slot in self._slots:
            slot["running"].send(signal.SIGTERM)
        return [slot["running"].wait(60) for slot in self._slots]

    def check(self):
        if self._spared:
            for slot in self._slots:
                self._look_after(slot)
        if self._failure:
            raise self._failure

    def end(self):
        """No more kills, and nothing is left running."""
        self._stopping.set()
        if self._thread:
            self._thread.join()
        for slot in self._slots:
            if slot["running"] is not None and slot["running"].process.poll() is None:
                slot["running"].stop()


class Chaos(edw.Case):
    """What every backend is put through. A test gives `store` (direct) and `env` (through the proxy, if any)."""

    lease = 5

    def setUp(self):
        super().setUp()
        self.seed = seed()
        self.chance = random.Random(self.seed)
        self.say(f"seed {self.seed} (EDW_CHAOS_SEED={self.seed} draws the same faults)")
        self.began = time.monotonic()

    def say(self, text):
        print(f"[{type(self).__name__}] {text}", flush=True)

    def consumers(self, *options):
        return lambda attempt: self.start(
            "consumer", "--queue", self.store.queue, "--table", self.store.table, "--create", "--lease", self.lease,
            "--max-receives", 1000, "--log-level", "error", "--log-format", "json", *options)

    def hunted(self):
        herd = Herd(self, self.chance)
        self.addCleanup(herd.end)
        return herd

    def until(self, done, state, herd, limit):
        """Looks every second, for a look is not free; says now and then how far it is."""
        deadline = time.monotonic() + limit
        told = time.monotonic()
        while not done():
            herd.check()
            if time.monotonic() > deadline:
                self.fail(f"not settled after {limit} s: {state()}")
            if time.monotonic() - told > 10:
                told = time.monotonic()
                self.say(state())
            threading.Event().wait(1)

    def drain(self, limit):
        """A consumer that nobody kills takes what is left."""
        ended = self.run_program("consumer", "--queue", self.store.queue, "--table", self.store.table, "--lease", self.lease,
                                 "--max-receives", 1000, "--drain", "--output", "json", "--log-level", "error",
                                 code=(0, 1), limit=limit)
        return ended

    def assert_nothing_lost(self, run):
        """Audit clean, by our own words and by the backend's rows; nothing left in the queue, nothing given up."""
        audit = self.producer("audit", "--run", run, "--table", self.store.table, env=self.store.env, code=(0, 1))
        found = audit.json
        self.say("audit: " + " ".join(f"{key} {found[key]}" for key in
                                      ("expected", "found", "missing", "duplicated", "corrupt", "unexpected", "dead_lettered")))
        self.assertEqual(audit.code, 0, str(audit))
        self.assertEqual(found["found"], found["expected"], str(audit))
        self.assertEqual([found[key] for key in ("missing", "duplicated", "corrupt", "unexpected", "dead_lettered")], [0] * 5)
        return found


class ThroughFaults(Chaos):
    """The same with a fault proxy between the programs and the service; the test looks past it."""

    rate = 0.08  # of all requests meet a fault
    kill_for = 20  # seconds
    settle_for = 250  # seconds, on a machine that does other things too
    lease = 12
    concurrency = 8  # of each: more than an emulator serves within a lease would be lost leases and nothing else

    def proxy(self, urls):
        self.faults = FaultProxy(urls, self.cloud, self.rate, self.seed)
        self.addCleanup(self.faults.stop)
        return self.faults

    def sending(self, count):
        """A producer that has got past its first contact with the service."""
        while True:
            producer = self.start("producer", "--queue", self.store.queue, "--run", "a", "--create", "--count", count,
                                  "--rate", count / self.kill_for, "--output", "json", "--log-level", "error")

            def begun():
                return (self.folder / "runs/a.json").exists()
            edw.wait_for(lambda: begun() or producer.process.poll() is not None, "a manifest, or the producer's end")
            if begun():
                return producer
            self.assertIn(producer.wait().code, (1, 2))

    def through(self):
        count = count_of(self.messages)
        began = time.monotonic()
        producer = self.sending(count)
        herd = self.hunted()
        herd.add(CONSUMERS, self.consumers("--concurrency", self.concurrency))
        herd.unleash()
        self.until(lambda: producer.process.poll() is not None and time.monotonic() - began > self.kill_for,
                   lambda: f"{self.left()} in the queue, {herd.kills} kills", herd, self.settle_for)
        sent = producer.wait()
        self.assertIn(sent.code, (0, 1), str(sent))
        herd.spare()
        killing = time.monotonic() - began
        # Nobody is killed any more, but the faults go on.
        self.until(lambda: self.left() == 0, lambda: f"{self.left()} in the queue, no more kills", herd, self.settle_for)
        for ended in herd.ask_to_end():
            self.assertIn(ended.code, (0, 1), str(ended))
        counts = self.faults.counts()
        self.say(f"{sent.json['sent']} sent, {sent.json['failed']} failed, {sent.json['unknown']} unknown; {herd.kills} kills, "
                 f"{herd.gave_up} gave up by themselves; {killing:.0f} s of kills, {time.monotonic() - began:.0f} s in all")
        self.say("faults: " + " ".join(f"{kind} {number}" for kind, number in counts.items()))
        found = self.assert_nothing_lost("a")
        self.assertEqual(found["expected"], sent.json["sent"])
        self.assertGreater(found["expected"], count * 0.5)
        self.assertGreater(herd.kills, 20, "too few to show anything")
        self.assertEqual(self.left(), 0, "the queue is empty")
        never = [kind for kind, number in counts.items() if number == 0 and kind not in ("broken", "gave_up")]
        self.assertEqual(never, [], "each kind of fault happened")
