"""Runs cases against the stubs."""

import os
import re
import shutil

from measure import cases, floor, run as runs, stub


class Bench:
    """Two stubs, so that what is sent and what waits to be consumed never mix; a client has a core of its own."""

    def __init__(self, binaries, folder, peers, quick):
        self.bin, self.folder, self.peers, self.quick = binaries, folder, peers, quick
        cores = sorted(os.sched_getaffinity(0))
        taskset = shutil.which("taskset")
        self.client = [taskset, "-c", str(cores[-1])] if taskset and len(cores) > 1 else []
        server = [taskset, "-c", str(cores[0])] if self.client else []
        self.to_send = stub.Stub(binaries / "stub_cloud", folder / "send-ca.pem", server)
        self.to_consume = stub.Stub(binaries / "stub_cloud", folder / "consume-ca.pem", server)
        self.filled = None  # backend and number of messages of what waits to be consumed

    def stop(self):
        for one in (self.to_send, self.to_consume):
            one.stop()

    def environment(self, service, scheme):
        env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "EDW_LOG_LEVEL": "error"}
        return env | (service.env(scheme) if service else {})

    def ours(self, case, service=None, more=(), pin=None, env=None, size=cases.SIZE):
        """One run of our program."""
        if case.backend == "sqlite":
            queue, table = "sqlite:bench.db#messages", "sqlite:bench.db#results"
        else:
            queue, table = f"{case.backend}:messages", f"{case.backend}:results"
        command = [self.bin / ("producer" if case.action == "send" else "consumer"), "--queue", queue, "--count", case.count,
                   "--output", "json", *more]
        command += ["--size", size, "--run", "bench"] if case.action == "send" else ["--table", table]
        if case.action == "send":
            shutil.rmtree(self.folder / "runs", ignore_errors=True)
        return runs.run(command, self.environment(service, case.scheme) | (env or {}), self.folder,
                        self.client if pin is None else pin)

    def fill(self, backend, count):
        """The queue that consumers take from: filled once, handed out again each time."""
        if self.filled != (backend, count):
            self.to_consume.ask("reset")
            self.ours(cases.Case("ours", backend, "http", "send", count), self.to_consume)
            self.filled = (backend, count)
        self.to_consume.ask("rewind")

    def once(self, case):
        """One figure, held against what the stub counted."""
        if case.who == "wrk":
            return floor.measure(self, case)
        if case.backend == "sqlite":
            return self.sqlite(case)
        service = self.to_send if case.action == "send" else self.to_consume
        if case.action == "send":
            service.ask("reset")
        else:
            self.fill(case.backend, max(case.count, cases.counts_for(self.quick)[0][case.backend]))
        if case.who == "ours":
            ran = self.ours(case, service)
        else:
            command, way = self.peers[case.who]
            ran = runs.run([*command, case.backend, way, case.action, case.count], self.environment(service, case.scheme),
                           self.folder, self.client)
        counts = service.ask("counts")
        cases.check(case, counts)
        return cases.figure(case, ran, counts["requests"])

    def sqlite(self, case):
        if case.action == "send":
            for path in self.folder.glob("bench.db*"):
                path.unlink()
        elif not (self.folder / "bench.db").exists():
            self.ours(cases.Case("ours", "sqlite", "file", "send", case.count))
        return cases.figure(case, self.ours(case), 0)


def chosen(all_cases, pattern):
    return [case for case in all_cases if not pattern or re.search(pattern, case.name)]
