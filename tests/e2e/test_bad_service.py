"""What a service, a disk or a message can get wrong: a sentence, an exit code, nothing lost."""

import http.server
import resource
import signal
import socket
import subprocess
import threading

import edw
import stores

KEY = "bm90IGEgcmVhbCBrZXk="  # "not a real key"


def connection_string(port, scheme="http"):
    return (f"AccountName=edwtest;AccountKey={KEY};QueueEndpoint={scheme}://127.0.0.1:{port}/edwtest;"
            f"TableEndpoint={scheme}://127.0.0.1:{port}/edwtest;")


class Pretender:
    """A server that answers every request with the same bytes, and closes."""

    def __init__(self, reply):
        self.requests = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                outer.requests += 1
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.wfile.write(reply)
                self.close_connection = True

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


REPLIES = {
    "truncated": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<?xml version",
    "not XML and not JSON": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nbread jam",
    "XML of something else": b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n<html></html>"[:-1],
    "no HTTP": b"220 mail.example ESMTP\r\n",
    "nothing": b"",
    "a redirect elsewhere": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    "an error without a body": b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
}


class Case(edw.Case):
    def complains(self, command, *words, env=None, limit=edw.LIMIT):
        """It ends with 1 or 2, and says one of the words in each group in its own sentence or its log."""
        ended = self.run_program(*command, env=env, code=(1, 2), limit=limit)
        self.assertLessEqual(len(ended.sentences), 1, str(ended))
        for word in words:
            self.assertIn(word, ended.err, str(ended))
        return ended


class Replies(Case):
    def test_that_are_nonsense_from_azure(self):
        for what, reply in REPLIES.items():
            with self.subTest(what):
                server = Pretender(reply)
                self.addCleanup(server.close)
                env = {"AZURE_STORAGE_CONNECTION_STRING": connection_string(server.port)}
                self.complains(["producer", "--count", "3", "--queue", "azure:queue", "--run", edw.unique()], env=env)
                self.complains(["consumer", "--drain", "--queue", "azure:queue", "--table", "sqlite:edw.db#results"], env=env)
                self.assertGreater(server.requests, 0)

    def test_that_are_nonsense_from_aws(self):
        for what, reply in REPLIES.items():
            with self.subTest(what):
                server = Pretender(reply)
                self.addCleanup(server.close)
                env = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.port}", "AWS_REGION": "us-east-1",
                       "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "not-a-real-secret"}
                self.complains(["producer", "--count", "3", "--queue", "aws:queue", "--run", edw.unique()], env=env)
                self.complains(["consumer", "--drain", "--queue", "aws:queue", "--table", "sqlite:edw.db#results"], env=env)
                self.assertGreater(server.requests, 0)


class Connections(Case):
    def free_port(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    def test_an_endpoint_where_nobody_listens(self):
        port = self.free_port()
        env = {"AZURE_STORAGE_CONNECTION_STRING": connection_string(port)}
        self.complains(["producer", "--count", "3", "--queue", "azure:queue"], f"127.0.0.1:{port}", env=env)
        env = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_REGION": "us-east-1",
               "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "not-a-real-secret"}
        self.complains(["producer", "--count", "3", "--queue", "aws:queue"], f"127.0.0.1:{port}", env=env)

    def test_a_host_that_does_not_exist(self):
        env = {"AZURE_STORAGE_CONNECTION_STRING": connection_string(1).replace("127.0.0.1:1", "no-such-host.invalid")}
        self.complains(["producer", "--count", "3", "--queue", "azure:queue"], "no-such-host.invalid", env=env)

    def test_a_certificate_that_is_not_trusted(self):
        store = stores.Azure(connection="EDW_TEST_AZURITE_HTTPS")
        store.create()
        self.complains(["producer", "--count", "3", "--queue", store.queue], "certificate", "--ca-file", env=store.env)
        self.assertEqual(store.queues.get_queue_client(store.queue_name).get_queue_properties().approximate_message_count, 0)

    def test_a_certificate_of_another_host(self):
        store = stores.Azure(connection="EDW_TEST_AZURITE_HTTPS")
        store.create()
        env = {"AZURE_STORAGE_CONNECTION_STRING": store.connection.replace("127.0.0.1", "127.0.0.2")}
        self.complains(["producer", "--count", "3", "--queue", store.queue, "--ca-file", edw.setting("EDW_TEST_CA_FILE")],
                       "127.0.0.2", env=env)


class Disk(Case):
    def test_a_full_one_loses_nothing_that_was_acknowledged(self):
        def little_room():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # as a full disk: writes fail, nobody is killed
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

        ended = self.run_program("producer", "--count", 2_000, "--run", "a", "--size", 4_000, code=(1, 2),
                                 preexec_fn=little_room, restore_signals=False)
        self.assertIn("disk", ended.err, str(ended))
        self.consumer("--drain")
        found = self.audit("a").json
        self.assertEqual((found["missing"], found["corrupt"], found["duplicated"]), (0, 0, 0))
        self.assertGreater(found["expected"], 0)

    def test_a_consumer_on_a_full_one_loses_nothing(self):
        self.producer("--count", 500, "--run", "a", "--size", 4_000)
        room = (self.folder / "edw.db").stat().st_size + (64 << 10)

        def little_room():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

        crowded = self.start("consumer", "--drain", "--lease", 5, preexec_fn=little_room, restore_signals=False)
        edw.wait_for(lambda: "disk" in crowded.err or crowded.process.poll() is not None, "a word about the disk")
        crowded.send(signal.SIGTERM)
        crowded.wait()
        self.consumer("--drain")
        self.assert_clean(self.audit("a"), 500)

    def test_stdout_on_a_full_one_is_not_taken_for_done(self):
        with open("/dev/full", "w") as full:
            ended = subprocess.run([edw.BIN / "producer", "--version"], stdout=full, env=self.env, check=False)
            self.assertNotEqual(ended.returncode, 0)


class Messages(Case):
    def among_good_ones(self, store, text):
        """A message that cannot be processed costs no other its row, and is not lost itself."""
        self.env.update(store.env)
        where = ["--queue", store.queue, "--table", store.table]
        self.producer("--count", 10, "--run", "a", "--queue", store.queue)
        store.put(text)
        self.producer("--count", 10, "--run", "b", "--queue", store.queue)
        consumer = self.start("consumer", *where, "--create", "--output", "json")
        edw.wait_for(lambda: store.count() >= 20, "20 rows")
        edw.wait_for(lambda: "JSON" in consumer.err, "a word about the message", 30)
        consumer.send(signal.SIGTERM)
        ended = consumer.wait()
        self.assertIn(ended.code, (0, 1), str(ended))
        for run in ("a", "b"):
            self.assert_clean(self.audit(run, "--table", store.table), 10)

    def test_one_that_is_not_json_on_the_embedded_queue(self):
        store = stores.Sqlite(self.folder)
        self.among_good_ones(store, "this is not JSON")
        kept = store.bodies() + store.bodies("messages-poison")  # with the reason beside it, once it is a dead letter
        self.assertEqual(len(kept), 1)
        self.assertIn("this is not JSON", kept[0])

    def test_one_that_is_not_json_on_azure(self):
        store = stores.Azure()
        store.create()
        self.among_good_ones(store, "this is not JSON")
        names = (store.queue_name, f"{store.queue_name}-poison")
        edw.wait_for(lambda: any("this is not JSON" in message.content for name in names for message in store.peek(name)),
                     "the message, in its queue or the dead letters'")

    def test_one_that_is_not_json_on_sqs(self):
        store = stores.Aws()
        store.create()
        self.among_good_ones(store, "[1, 2")

    def test_a_json_value_that_is_no_object(self):
        self.among_good_ones(stores.Sqlite(self.folder), "42")


if __name__ == "__main__":
    edw.main()
