"""--metrics-port: what both programs tell, and what hostile callers can't do to them."""

import json
import resource
import selectors
import signal
import socket

from browser import chromium
from edw import Case, main, wait_for
from endpoint import Endpoint, documented, free_port

STORES = ("--queue", "sqlite:edw.db#messages", "--table", "sqlite:edw.db#results")


class EndpointCase(Case):
    def begin(self, program, *arguments, **options):
        """A program in flight that serves its metrics, and the way to ask it."""
        port = free_port()
        running = self.start(program, *arguments, "--metrics-port", port, **options)
        endpoint = Endpoint(port)
        wait_for(lambda: endpoint.up() or running.process.poll() is not None, "the endpoint")
        self.assertIsNone(running.process.poll(), running.err)
        return running, endpoint.wait_ready()

    def fill(self, count, run="a"):
        self.producer("--queue", "sqlite:edw.db#messages", "--count", count, "--run", run)


class Telling(EndpointCase):
    def test_the_document_names_what_is_told(self):
        self.fill(50)
        for program, running in (("consumer", self.begin("consumer", *STORES)),
                                 ("producer", self.begin("producer", *STORES[:2], "--rate", 20, "--manifest", "none"))):
            with self.subTest(program):
                endpoint = running[1].wait_ready()
                metrics = endpoint.metrics()
                wanted = documented(program)
                self.assertEqual(metrics.types, {name: kind for name, (kind, _) in wanted.items()})
                for name, labels, _ in metrics.samples:
                    allowed = wanted[metrics.family(name)][1] | {"le"}
                    self.assertLessEqual(set(labels), allowed, name)

    def test_a_consumer_counts_each_step_of_its_messages(self):
        self.fill(200)
        running, endpoint = self.begin("consumer", *STORES)
        wait_for(lambda: endpoint.metrics().sum("edw_acknowledged_messages_total", error_type="") == 200, "200 acknowledged")
        metrics = endpoint.metrics()
        for name in ("messaging_client_consumed_messages_total", "edw_processed_messages_total",
                     "edw_persisted_messages_total", "messaging_process_duration_seconds_count", "edw_end_to_end_seconds_count"):
            self.assertEqual(metrics.sum(name), 200, name)
        self.assertGreater(metrics.sum("messaging_client_operation_duration_seconds_count", messaging_operation_name="receive"), 0)
        self.assertGreater(metrics.sum("messaging_client_operation_duration_seconds_count", messaging_operation_name="ack"), 0)
        self.assertGreater(metrics.sum("db_client_operation_duration_seconds_count", db_operation_name="upsert"), 0)
        self.assertEqual(metrics.sum("edw_build_info", program="consumer"), 1)
        self.assertGreater(metrics.sum("process_resident_memory_bytes"), 1e6)
        running.send(signal.SIGTERM)
        self.assertEqual(running.wait().code, 0)

    def test_what_fails_is_counted_by_its_reason(self):
        self.fill(3)
        running, endpoint = self.begin("consumer", *STORES, "--process", "exec=false", "--max-receives", 2,
                                       "--retry-delay", "10ms", "--workers", 1)
        wait_for(lambda: endpoint.metrics().sum("edw_dead_lettered_messages_total", reason="failed") == 3, "3 dead letters")
        metrics = endpoint.metrics()
        self.assertEqual(metrics.sum("edw_dead_lettered_messages_total"), 3)
        self.assertEqual(metrics.sum("edw_abandoned_messages_total", reason="failed"), 3)
        self.assertEqual(metrics.sum("edw_processed_messages_total", error_type="failed"), 6)
        self.assertEqual(metrics.sum("messaging_client_sent_messages_total", messaging_destination_name="messages-poison",
                                     error_type=""), 3)
        running.send(signal.SIGTERM)
        running.wait()

    def test_a_producer_counts_what_it_sends(self):
        running, endpoint = self.begin("producer", *STORES[:2], "--rate", 50, "--manifest", "none")
        wait_for(lambda: endpoint.metrics().sum("messaging_client_sent_messages_total", error_type="") >= 60, "60 sent")
        metrics = endpoint.metrics()
        self.assertGreaterEqual(metrics.sum("edw_send_latency_seconds_count"), 59)  # all but the first are paced
        self.assertEqual(metrics.sum("edw_build_info", program="producer"), 1)
        self.assertEqual(endpoint.ask("/scaling")[0], 404)
        running.send(signal.SIGTERM)
        self.assertEqual(running.wait().code, 0)


class Health(EndpointCase):
    def test_ready_while_working_and_not_while_draining(self):
        self.fill(2)
        running, endpoint = self.begin("consumer", *STORES, "--process", "sleep=20s", "--grace", 15)
        endpoint.wait_ready()
        wait_for(lambda: endpoint.metrics().sum("edw_in_flight_messages") == 2, "both messages in flight")
        running.send(signal.SIGTERM)
        wait_for(lambda: not endpoint.ready(), "the program to be not ready")
        status, text = endpoint.ask("/readyz")
        self.assertEqual((status, "draining" in text), (503, True))
        self.assertEqual(endpoint.ask("/healthz"), (200, "alive\n"))
        self.assertEqual(endpoint.metrics().sum("edw_draining"), 1)
        running.wait()

    def test_scaling_tells_estimates_as_such(self):
        self.fill(3000)
        running, endpoint = self.begin("consumer", *STORES, "--process", "sleep=100ms", "--concurrency", 4)
        wait_for(lambda: json.loads(endpoint.ask("/scaling")[1])["seconds_to_drain"] > 0, "an estimate")
        scaling = json.loads(endpoint.ask("/scaling")[1])
        self.assertEqual(scaling["estimated"], ["seconds_to_drain", "oldest_age_seconds"])
        self.assertEqual(scaling["messages"]["total"], 3000)
        self.assertGreater(scaling["oldest_age_seconds"], 0)
        self.assertAlmostEqual(scaling["seconds_to_drain"], 3000 / scaling["rate"], delta=1)
        running.send(signal.SIGTERM)
        running.wait()

    def test_a_status_page_for_people(self):
        self.fill(20)
        running, endpoint = self.begin("consumer", *STORES)
        wait_for(lambda: endpoint.metrics().sum("edw_acknowledged_messages_total") == 20, "20 acknowledged")
        with chromium(self.folder) as page:
            page.open_url(f"http://127.0.0.1:{endpoint.port}/status")
            self.assertEqual(page.ask("return document.querySelector('#state').textContent"), "ready")
            facts = dict(page.ask("return [...document.querySelectorAll('dt')].map(d => [d.textContent, d.nextSibling.textContent])"))
            self.assertEqual(facts["finished"], "20")
            self.assertEqual(facts["address"], "sqlite:edw.db#messages")
            # Nothing else was loaded, and nothing sticks out on a telephone.
            self.assertEqual(page.ask("return performance.getEntriesByType('resource').map(r => r.name)"
                                      ".filter(n => !n.endsWith('/favicon.ico'))"), [])
            page.resize(400, 800)
            self.assertTrue(page.ask("return document.documentElement.scrollWidth <= innerWidth"))
        running.send(signal.SIGTERM)
        running.wait()


class BadInput(EndpointCase):
    def test_a_port_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            for program in ("consumer", "producer"):
                ended = self.run_program(program, *(STORES if program == "consumer" else STORES[:2]), "--metrics-port", port, code=2)
                self.assertEqual(ended.sentences, [f"{program}: --metrics-port: port {port} is taken by another program: "
                                                   "end that one, or choose another port"])
        self.assertFalse((self.folder / "edw.db").exists())

    def test_options_that_make_no_sense(self):
        for arguments, words in ((("--metrics-port", "0"), "--metrics-port"), (("--metrics-port", "70000"), "--metrics-port"),
                                 (("--metrics-address", "127.0.0.1"), "--metrics-port does not say"),
                                 (("--metrics-port", "9", "--metrics-address", "here"), "--metrics-address: \"here\" is no IP address")):
            ended = self.run_program("consumer", *STORES, *arguments, code=2)
            self.assertIn(words, ended.err)
            self.assertEqual(len(ended.sentences), 1)

    def test_what_is_too_large_or_no_request_is_refused(self):
        running, endpoint = self.begin("consumer", *STORES)
        answers = {
            b"GET /metrics HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20000 + b"\r\n\r\n": b"431",
            b"GET /" + b"x" * 20000 + b" HTTP/1.1\r\nHost: a\r\n\r\n": b"431",
            b"GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100000: b"413",
            b"GET /metrics HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n": b"413",
            b"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n": b"405",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10 + b"\r\n\r\n": b"400",
            b"GET /../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n": b"404",
            b"HEAD /metrics HTTP/1.0\r\n\r\n": b"200",
        }
        for request, status in answers.items():
            with self.subTest(request[:40]):
                self.assertEqual(endpoint.raw(request).split(b" ", 2)[1:2], [status])
        self.assertNotIn(b"# TYPE", endpoint.raw(b"HEAD /metrics HTTP/1.0\r\n\r\n"))
        metrics = endpoint.metrics()
        self.assertEqual(metrics.sum("edw_endpoint_refused_total", reason="too_large"), 4)
        self.assertEqual(metrics.sum("edw_endpoint_refused_total", reason="malformed"), 1)
        running.send(signal.SIGTERM)
        self.assertEqual(running.wait().code, 0)

    def test_slow_scrapers_keep_nobody_out(self):
        self.fill(300)
        running, endpoint = self.begin("consumer", *STORES, "--process", "sleep=20ms", "--concurrency", 4)
        slow = []
        try:
            for _ in range(400):
                connection = socket.create_connection(("127.0.0.1", endpoint.port), 30)
                connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\nX-Slow: ")
                slow.append(connection)
            # They neither finish nor leave; all the same messages are done and probes answered.
            wait_for(lambda: endpoint.metrics().sum("edw_acknowledged_messages_total", error_type="") == 300, "300 acknowledged")
            self.assertEqual(endpoint.ask("/healthz"), (200, "alive\n"))
            self.assertGreater(endpoint.metrics().sum("edw_endpoint_refused_total", reason="crowded"), 0)
        finally:
            for connection in slow:
                connection.close()
        running.send(signal.SIGTERM)
        self.assertEqual(running.wait().code, 0)

    def test_ten_thousand_probes_at_once(self):
        # Every one of them holds a descriptor here.
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.assertGreaterEqual(most, 10_200, "raise the hard limit of open files (ulimit -Hn) to 10,200")
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.fill(500)
        running, endpoint = self.begin("consumer", *STORES, "--process", "sleep=20ms", "--concurrency", 4)
        answers = probe_all(endpoint.port, 10_000)
        # Who connects and then says nothing for long may be sent away for the next one; nobody waits in vain.
        self.assertEqual(len(answers), 10_000)
        self.assertGreater(answers.count(b"200"), 5_000)
        self.assertEqual(endpoint.ask("/healthz"), (200, "alive\n"))
        wait_for(lambda: endpoint.metrics().sum("edw_acknowledged_messages_total", error_type="") == 500, "500 acknowledged")
        self.assertEqual(endpoint.metrics().sum("edw_leases_lost_total"), 0)
        self.assertLess(endpoint.metrics().sum("process_open_fds"), 400)
        running.send(signal.SIGTERM)
        self.assertEqual(running.wait().code, 0)


def probe_all(port, count):
    """The statuses of so many health probes, all sent before any answer is read."""
    selector = selectors.DefaultSelector()
    request = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answers = []
    for _ in range(count):
        connection = socket.socket()
        connection.setblocking(False)
        connection.connect_ex(("127.0.0.1", port))
        selector.register(connection, selectors.EVENT_WRITE)
    try:
        while selector.get_map():
            ready = selector.select(60)
            assert ready, f"{len(selector.get_map())} probes got no answer within a minute"
            for key, events in ready:
                connection = key.fileobj
                try:
                    if events & selectors.EVENT_WRITE:
                        connection.send(request)
                        selector.modify(connection, selectors.EVENT_READ)
                        continue
                    got = connection.recv(4096)
                    answers.append(got.split(b" ", 2)[1] if got else b"closed")
                except OSError as error:
                    answers.append(str(error).encode())
                selector.unregister(connection)
                connection.close()
    finally:
        for key in list(selector.get_map().values()):
            key.fileobj.close()
        selector.close()
    return answers


if __name__ == "__main__":
    main()
