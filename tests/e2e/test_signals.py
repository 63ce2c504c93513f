"""SIGTERM and SIGINT: finish or hand back what is held, say what was done, and end; a second one at once."""

import json
import signal
import socket
import threading

import edw
import stores


class BlackHole:
    """A server that takes connections and never says a word."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.reached = threading.Event()
        self._held = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        try:
            while True:
                self._held.append(self.socket.accept()[0])
                self.reached.set()
        except OSError:
            pass  # closed: the test is over

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for connection in self._held:
            connection.close()


class FirstSignal(edw.Case):
    def setUp(self):
        super().setUp()
        self.store = stores.Sqlite(self.folder)

    def stopped(self, running, number):
        running.send(number)
        ended = running.wait(40)
        self.assertEqual(ended.code, 0, str(ended))
        return ended.json

    def test_ends_a_producer_with_its_summary(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number.name):
                run = number.name.lower()
                running = self.start("producer", "--rate", 500, "--run", run, "--output", "json")
                edw.wait_for(lambda: self.store.path.exists() and len(self.bodies(run)) > 50, "50 messages")
                summary = self.stopped(running, number)
                self.assertEqual(summary["sent"], len(self.bodies(run)))
                self.assertEqual(summary["unknown"], 0)
                self.consumer("--drain")
                self.assert_clean(self.audit(run), summary["sent"])

    def bodies(self, run):
        try:
            return [text for text in self.store.bodies() if json.loads(text)["run"] == run]
        except Exception:  # the schema is being made
            return []

    def test_ends_a_consumer_and_loses_nothing(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number.name):
                run = number.name.lower()
                before = self.store.count()
                self.producer("--count", 5_000, "--run", run)
                running = self.start("consumer", "--output", "json")
                edw.wait_for(lambda: self.store.count() - before >= 200, "200 rows")
                summary = self.stopped(running, number)
                self.assertEqual(summary["persisted"], self.store.count() - before)
                self.assertEqual(summary["acknowledged"], summary["persisted"])
                # What it held is handed back: the next consumer need not wait for a lease to end.
                self.consumer("--drain", limit=30)
                self.assert_clean(self.audit(run), 5_000)

    def test_ends_an_idle_consumer(self):
        for store in (self.store, stores.Azure(), stores.Aws()):
            with self.subTest(type(store).__name__):
                running = self.start("consumer", "--queue", store.queue, "--table", store.table, "--create", "--output", "json",
                                     "--log-level", "info", env=store.env)
                edw.wait_for(lambda: "consuming" in running.err, "a word that it has begun")
                self.assertEqual(self.stopped(running, signal.SIGTERM)["received"], 0)


class SilentService(edw.Case):
    def setUp(self):
        super().setUp()
        self.hole = BlackHole()
        self.addCleanup(self.hole.close)
        endpoint = f"http://127.0.0.1:{self.hole.port}/edwtest"
        self.env["AZURE_STORAGE_CONNECTION_STRING"] = (
            f"AccountName=edwtest;AccountKey=bm90IGEgcmVhbCBrZXk=;QueueEndpoint={endpoint};TableEndpoint={endpoint};")

    def test_a_signal_ends_a_consumer_that_is_still_opening_its_queue(self):
        running = self.start("consumer", "--queue", "azure:queue", "--table", "sqlite:edw.db#results", "--create")
        edw.wait_for(self.hole.reached.is_set, "a request")
        running.send(signal.SIGTERM)
        ended = running.wait(30)
        self.assertIn(ended.code, (0, 1), str(ended))  # by itself: as PID 1 of a container it would not be killed

    def test_a_second_signal_ends_a_producer_at_once(self):
        running = self.start("producer", "--queue", "azure:queue", "--run", "a")
        edw.wait_for(self.hole.reached.is_set, "a request")
        running.send(signal.SIGTERM)
        edw.wait_for(lambda: "stopping" in running.err or running.process.poll() is not None, "a word about stopping")
        running.send(signal.SIGTERM)
        ended = running.wait(5)
        self.assertIn(ended.code, (1, 2, -signal.SIGTERM), str(ended))


if __name__ == "__main__":
    edw.main()
