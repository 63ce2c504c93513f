"""What a user can get wrong before anything is sent: exit 2 and one sentence that names the option and its origin."""

import base64
import re
import sqlite3

import edw
import stores

WRONG_KEY = base64.b64encode(b"not the key of this account at all").decode()


class BadInput(edw.Case):
    def refused(self, command, *words, env=None):
        """The command ends with exit 2, nothing on stdout, and one sentence that holds these words."""
        said = ""
        with self.subTest(" ".join(map(str, command)), env=sorted(env or {})):
            ended = self.run_program(*command, env=env, code=2, limit=20)
            said = "".join(ended.sentences)
            self.assertEqual(ended.out, "", str(ended))
            self.assertEqual(len(ended.sentences), 1, str(ended))
            for word in words:
                self.assertIn(word, said)
        return said

    def assert_nothing_sent(self):
        self.assertEqual(list(self.folder.glob("runs/*.json")), [])


class CommandLine(BadInput):
    def test_options(self):
        for arguments, *words in [
            (["--nonsense"], "--nonsense"),
            (["--count"], "--count"),
            (["--count", "abc"], "--count", "abc"),
            (["--count", "0"], "--count"),
            (["--count", "-5"], "--count"),
            (["--count", "99999999999999999999999"], "--count"),
            (["--rate", "-1"], "--rate"),
            (["--rate", "nan"], "--rate"),
            (["--duration", "soon"], "--duration", "soon"),
            (["--concurrency", "0"], "--concurrency"),
            (["--threads", "0"], "--threads"),
            (["--log-level", "loud"], "--log-level", "loud"),
            (["--log-format", "xml"], "--log-format", "xml"),
            (["--output", "yaml"], "--output", "yaml"),
            (["--encoding", "rot13"], "--encoding", "rot13"),
            (["--run", "no spaces"], "--run"),
            (["--run", "x" * 65], "--run"),
            (["--run", "../up"], "--run"),
            (["--ca-file", "absent.pem"], "--ca-file", "absent.pem"),
            (["nonsense"], "nonsense"),
        ]:
            self.refused(["producer", *arguments], *words)
        self.assert_nothing_sent()

    def test_options_of_the_consumer(self):
        for arguments, *words in [
            (["--nonsense"], "--nonsense"),
            (["--concurrency", "0"], "--concurrency"),
            (["--lease", "0"], "--lease"),
            (["--lease", "soon"], "--lease", "soon"),
            (["--max-receives", "0"], "--max-receives"),
            (["--grace", "-1"], "--grace"),
            (["--count", "abc"], "--count", "abc"),
            (["nonsense"], "nonsense"),
        ]:
            self.refused(["consumer", *arguments], *words)

    def test_options_of_the_audit(self):
        self.refused(["producer", "audit"], "--run")
        self.refused(["producer", "audit", "--run", "never"], "runs/never.json", "--manifest")
        self.refused(["producer", "audit", "--run", "a", "--count", "5", "--manifest", "x.json"], "--count", "--manifest")
        (self.folder / "x.json").write_text("{}")
        self.refused(["producer", "audit", "--run", "a", "--manifest", "x.json"], "x.json")

    def test_contradictions(self):
        for arguments, *words in [
            (["--count", "5", "--duration", "5s"], "--count", "--duration"),
            (["--run", "a", "--resume", "--manifest", "none"], "--resume", "--manifest"),
            (["--resume"], "--resume", "--run"),
            (["--group-id", "g"], "--group-id"),
        ]:
            self.refused(["producer", *arguments], *words)
        self.assert_nothing_sent()

    def test_addresses(self):
        for uri in ("nonsense", "ftp://host/name", "sqlite:", "sqlite:a.db", "azure:", "azure://", "azure://account", "aws:",
                    "aws://region", "https://example.org/name", "azure:a/b/c", "https://user:password@a.queue.core.windows.net/q",
                    "sqlite:a.db#", "\x01"):
            said = self.refused(["producer", "--count", "1", "--queue", uri], "--queue")
            self.assertNotIn("password@", said)
            self.refused(["consumer", "--queue", "sqlite:a.db#b", "--table", uri], "--table")
        self.assert_nothing_sent()

    def test_names_that_the_cloud_forbids(self):
        azure, aws = stores.Azure().env, stores.Aws().env
        for uri in ("azure:Capitals", "azure:ab", "azure:two--hyphens", "azure:-first", "azure:" + "x" * 64):
            self.refused(["producer", "--count", "1", "--queue", uri, "--create"], "--queue", uri.split(":")[1], env=azure)
        for uri in ("azure:1digit", "azure:hy-phen", "azure:ab", "azure:" + "x" * 64):
            self.refused(["consumer", "--queue", "sqlite:a.db#q", "--table", uri, "--create"], "--table", uri.split(":")[1], env=azure)
        for uri in ("aws:no.dots", "aws:" + "x" * 81):
            self.refused(["producer", "--count", "1", "--queue", uri, "--create"], "--queue", uri.split(":")[1], env=aws)
        for uri in ("aws:ab", "aws:with space", "aws:" + "x" * 256):
            self.refused(["consumer", "--queue", "sqlite:a.db#q", "--table", uri, "--create"], "--table", uri.split(":")[1], env=aws)

    def test_options_that_the_backend_lacks(self):
        fifo, standard = stores.Aws(fifo=True), stores.Aws()
        fifo.create(), standard.create()
        send = ["producer", "--count", "1", "--queue"]
        self.refused([*send, fifo.queue, "--delay", "5s"], "--delay", env=fifo.env)
        self.refused([*send, standard.queue, "--delay", "16m"], "--delay", env=standard.env)
        self.refused([*send, standard.queue, "--ttl", "60s"], "--ttl", env=standard.env)
        self.refused([*send, standard.queue, "--group-id", "g"], "--group-id", env=standard.env)

    def test_bodies_too_large_for_the_backend(self):
        azure, aws = stores.Azure(), stores.Aws()
        azure.create(), aws.create()
        for store, size in ((azure, 65_537), (aws, 1_048_577)):
            self.refused(["producer", "--count", "1", "--run", "a", "--queue", store.queue, "--size", size], "--size", str(size), env=store.env)
        self.assertEqual(azure.queues.get_queue_client(azure.queue_name).get_queue_properties().approximate_message_count, 0)
        self.refused(["producer", "--count", "1", "--run", "a", "--queue", azure.queue, "--size", 65_540, "--encoding", "base64"],
                     "--size", env=azure.env)
        self.assert_nothing_sent()
        self.producer("--count", 1, "--run", "fits", "--queue", azure.queue, "--size", 65_536, env=azure.env)


class Environment(BadInput):
    def test_variables_are_named_as_the_origin(self):
        self.refused(["producer"], "EDW_COUNT", "abc", env={"EDW_COUNT": "abc"})
        self.refused(["producer", "--count", "1"], "EDW_QUEUE", env={"EDW_QUEUE": "nonsense"})
        self.refused(["consumer"], "EDW_LEASE", env={"EDW_LEASE": "soon"})

    def test_both_samples_sets_at_once(self):
        both = {"AZURE_STORAGE_ACCOUNT_NAME": "account", "AZURE_QUEUE_NAME": "queue", "AZURE_TABLE_NAME": "table",
                "SQS_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/queue", "DYNAMODB_TABLE": "table"}
        self.refused(["producer", "--count", "1"], "AZURE_QUEUE_NAME", "SQS_QUEUE_URL", env=both)
        self.refused(["consumer"], "AZURE_QUEUE_NAME", "SQS_QUEUE_URL", env=both)

    def test_a_table_forgotten_beside_a_queue(self):
        azure = stores.Azure()
        self.refused(["consumer", "--queue", azure.queue], "--queue", "--table", env=azure.env)
        self.refused(["consumer", "--table", azure.table], "--table", "--queue", env=azure.env)
        self.refused(["consumer"], "EDW_QUEUE", "--table", env={**azure.env, "EDW_QUEUE": azure.queue})
        self.refused(["consumer"], "AZURE_QUEUE_NAME", "AZURE_TABLE_NAME",
                     env={"AZURE_STORAGE_ACCOUNT_NAME": "account", "AZURE_QUEUE_NAME": "queue"})
        self.refused(["consumer"], "SQS_QUEUE_URL", "DYNAMODB_TABLE",
                     env={"SQS_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/queue"})
        self.assertFalse((self.folder / "edw.db").exists())

    def test_connection_strings(self):
        good = stores.Azure()
        for change, *words in [
            (("AccountKey=", "AccountKey=***"), "AccountKey"),
            (("AccountName=", "AccountNaming="), "AccountNaming"),
            (("QueueEndpoint=http", "QueueEndpoint=gopher"), "QueueEndpoint"),
        ]:
            broken = good.connection.replace(*change)
            said = self.refused(["producer", "--count", "1", "--queue", good.queue], "AZURE_STORAGE_CONNECTION_STRING", *words,
                                env={"AZURE_STORAGE_CONNECTION_STRING": broken})
            self.assertNotIn(good.parts["AccountKey"], said)
        for text in ("nonsense", ";;;", "="):
            self.refused(["producer", "--count", "1", "--queue", good.queue], "AZURE_STORAGE_CONNECTION_STRING",
                         env={"AZURE_STORAGE_CONNECTION_STRING": text})
        self.refused(["producer", "--count", "1", "--queue", "azure://another/queue"], "another", "AZURE_STORAGE_CONNECTION_STRING",
                     env=good.env)

    def test_an_expired_shared_access_signature(self):
        good = stores.Azure()
        good.create()
        signature = "sv=2025-11-05&ss=qt&srt=sco&sp=rwdlacup&se=2020-01-01T00:00:00Z&sig=" + "A" * 43 + "%3D"
        text = re.sub(r"AccountKey=[^;]*", f"SharedAccessSignature={signature}", good.connection)
        self.refused(["producer", "--count", "1", "--queue", good.queue], "SharedAccessSignature", "expired",
                     env={"AZURE_STORAGE_CONNECTION_STRING": text})
        self.assert_nothing_sent()

    def test_the_wrong_secret_is_named(self):
        azure, aws = stores.Azure(), stores.Aws()
        azure.create(), aws.create()
        wrong = {"AZURE_STORAGE_CONNECTION_STRING": azure.connection.replace(azure.parts["AccountKey"], WRONG_KEY)}
        self.refused(["producer", "--count", "1", "--queue", azure.queue], "AZURE_STORAGE_CONNECTION_STRING", "AccountKey", env=wrong)
        self.refused(["consumer", "--queue", azure.queue, "--table", azure.table, "--drain"], "AZURE_STORAGE_CONNECTION_STRING", env=wrong)
        wrong = {**aws.env, "AWS_SECRET_ACCESS_KEY": "wrong" * 8}
        self.refused(["producer", "--count", "1", "--queue", aws.queue], "AWS_ACCESS_KEY_ID", env=wrong)
        self.refused(["consumer", "--queue", aws.queue, "--table", aws.table, "--drain"], "AWS_ACCESS_KEY_ID", env=wrong)
        self.assert_nothing_sent()


class ConfigurationFile(BadInput):
    def test_unreadable_files(self):
        self.refused(["producer", "--config", "absent.toml"], "--config", "absent.toml")
        self.refused(["producer", "--config", "/"], "--config")
        self.refused(["producer"], "EDW_CONFIG", "absent.toml", env={"EDW_CONFIG": "absent.toml"})
        (self.folder / "broken.toml").write_text("count = = 5\n")
        self.refused(["producer", "--config", "broken.toml"], "broken.toml")
        (self.folder / "binary.toml").write_bytes(bytes(range(256)))
        self.refused(["producer", "--config", "binary.toml"], "binary.toml")

    def test_keys_and_values(self):
        del self.env["EDW_LOG_LEVEL"]  # it would win over the file
        for text, *words in [
            ("nonsense = 1\n", "nonsense"),
            ('count = "abc"\n', "count", "abc"),
            ("count = -1\n", "count"),
            ("count = [1]\n", "count"),
            ('log-level = "loud"\n', "log-level", "loud"),
        ]:
            (self.folder / "edw.toml").write_text(text)
            self.refused(["producer", "--config", "edw.toml"], "edw.toml", *words)


class WhatIsNotThere(BadInput):
    def test_a_queue_or_table_is_absent_and_create_is_named(self):
        for store in (stores.Azure(), stores.Aws(), stores.Aws(fifo=True)):
            other = stores.Sqlite(self.folder)
            self.refused(["producer", "--count", "1", "--queue", store.queue], store.queue_name, "--create", env=store.env)
            self.refused(["consumer", "--queue", store.queue, "--table", other.table, "--drain"], store.queue_name, "--create",
                         env=store.env)
            self.refused(["consumer", "--queue", other.queue, "--table", store.table, "--drain"], store.table_name, "--create",
                         env=store.env)
        self.assert_nothing_sent()

    def test_a_table_of_an_audit_is_absent(self):
        for store in (stores.Azure(), stores.Aws()):
            self.refused(["producer", "audit", "--run", "a", "--count", "1", "--table", store.table], store.table_name, env=store.env)


class DatabaseFiles(BadInput):
    def test_one_that_is_no_database(self):
        (self.folder / "edw.db").write_bytes(b"this is a letter to a friend\n" * 200)
        self.refused(["producer", "--count", "1"], "edw.db")
        self.refused(["consumer", "--drain"], "edw.db")
        self.assertTrue((self.folder / "edw.db").read_bytes().startswith(b"this is a letter"))
        self.assert_nothing_sent()

    def test_one_of_another_program(self):
        with sqlite3.connect(self.folder / "edw.db") as connection:
            connection.execute("CREATE TABLE notes (text)")
        connection.close()
        self.refused(["producer", "--count", "1"], "edw.db", "another")

    def test_a_damaged_one(self):
        self.producer("--count", 200, "--run", "a", "--size", 4000)
        path = self.folder / "edw.db"
        whole = path.read_bytes()
        path.write_bytes(whole[:4096] + b"\xa5" * (len(whole) - 4096))
        ended = self.run_program("consumer", "--drain", code=(1, 2))
        self.assertEqual(len(ended.sentences), 1, str(ended))
        self.assertIn("edw.db", ended.sentences[0])

    def test_a_folder_that_is_absent(self):
        self.refused(["producer", "--count", "1", "--queue", "sqlite:nowhere/edw.db#q"], "nowhere")

    def test_one_that_another_program_holds(self):
        self.producer("--count", 5, "--run", "a")
        holder = sqlite3.connect(self.folder / "edw.db", isolation_level=None)
        self.addCleanup(holder.close)
        holder.execute("BEGIN EXCLUSIVE")
        ended = self.run_program("producer", "--count", 5, "--run", "b", code=(1, 2))
        self.assertIn("edw.db", "".join(ended.sentences) + ended.err)
        self.assertIn("locked", "".join(ended.sentences) + ended.err)
        holder.execute("ROLLBACK")
        self.consumer("--drain")
        self.assert_clean(self.audit("a"), 5)


class RunIds(BadInput):
    def test_one_used_twice(self):
        self.producer("--count", 5, "--run", "a")
        self.refused(["producer", "--count", "5", "--run", "a"], "a", "runs/a.json", "--resume")
        self.assertEqual(len(stores.Sqlite(self.folder).bodies()), 5)

    def test_a_resume_of_nothing(self):
        self.refused(["producer", "--count", "5", "--run", "never", "--resume"], "never", "--resume")


if __name__ == "__main__":
    edw.main()
