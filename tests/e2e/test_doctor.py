"""`producer doctor` and `consumer doctor`: what they find, how they say it, and that a live queue never notices."""

import base64
import json
import time

import boto3
import botocore.config
import edw
import stores

HTTPS = "EDW_TEST_AZURITE_HTTPS"


class DoctorCase(edw.Case):
    def doctor(self, program, store, *arguments, code=0, env=None):
        """The findings as JSON."""
        return self.run_program(program, "doctor", "--queue", store.queue, "--table", store.table, *arguments,
                                "--output", "json", code=code, env={**store.env, **(env or {})}).json

    def verdicts(self, found, target="queue"):
        return {check["step"]: check["verdict"] for check in found["checks"] if check["target"] == target}

    def check(self, found, step, target="queue"):
        return next(check for check in found["checks"] if (check["target"], check["step"]) == (target, step))


class OnSqlite(DoctorCase):
    def test_makes_no_file(self):
        for program in ("producer", "consumer"):
            with self.subTest(program):
                ended = self.run_program(program, "doctor")
                self.assertIn("does not exist yet, and can be made", ended.out)
                self.assertEqual([path.name for path in self.folder.iterdir() if path.name.startswith("edw")], [])

    def test_leaves_a_file_as_it_was(self):
        store = stores.Sqlite(self.folder)
        self.producer("--count", "3", "--queue", store.queue, env=store.env)
        before = sorted(store.bodies())
        for program in ("producer", "consumer"):
            with self.subTest(program):
                found = self.doctor(program, store)
                self.assertTrue(found["ok"])
                self.assertEqual(set(self.verdicts(found).values()), {"ok"})
        self.assertEqual(sorted(store.bodies()), before)
        self.assertEqual(self.consumer("--drain", "--queue", store.queue, "--table", store.table).json["acknowledged"], 3)

    def test_fails_a_file_of_another_program(self):
        (self.folder / "edw.db").write_text("no database at all, but text of some length\n" * 40)
        ended = self.run_program("consumer", "doctor", code=1)
        self.assertRegex(ended.out, r"file +failed")
        self.assertIn("mending", ended.out)

    def test_fails_a_folder_that_is_not_there(self):
        ended = self.run_program("consumer", "doctor", "--queue", "sqlite:no/such.db#q", "--table", "sqlite:no/such.db#t", code=1)
        self.assertIn("make it, or name another file", ended.out)

    def test_fails_dead_letters_that_go_round(self):
        store = stores.Sqlite(self.folder)
        found = self.doctor("consumer", store, "--dead-letter", store.queue, code=1)
        self.assertEqual(self.check(found, "address", "dead letters")["verdict"], "failed")


class Usage(DoctorCase):
    def test_is_exit_2(self):
        for arguments in (["--queue", "nonsense"], ["--queue", "sqlite:a#b", "--probes"], ["--queue", "azure:work", "--table", "azure:rows"]):
            with self.subTest(arguments):
                self.run_program("consumer", "doctor", *arguments, code=2)

    def test_help_teaches(self):
        for program in ("producer", "consumer"):
            text = self.run_program(program, "doctor", "--help").out
            for word in ("missing", "untested", "--probe", "--output", "Exit code"):
                self.assertIn(word, text)
            self.assertLessEqual(max(map(len, text.splitlines())), 130)


class OnAzurite(DoctorCase):
    def ready(self, **options):
        store = stores.Azure(**options)
        store.create()
        return store

    def test_finds_everything_in_order(self):
        store = self.ready()
        for program in ("producer", "consumer"):
            with self.subTest(program):
                found = self.doctor(program, store)
                self.assertTrue(found["ok"])
                self.assertEqual(set(self.verdicts(found).values()), {"ok"})
                self.assertEqual(set(self.verdicts(found, "table").values()), {"ok"})

    def test_says_so_as_text(self):
        store = self.ready()
        ended = self.run_program("producer", "doctor", "--queue", store.queue, env=store.env)
        self.assertRegex(ended.out, r"send +ok +allowed: an invisible message was put and deleted")
        self.assertIn("nothing needs mending", ended.out)

    def test_a_live_queue_is_untouched(self):
        store = self.ready()
        queue = store.queues.get_queue_client(store.queue_name)
        self.producer("--count", "3", "--queue", store.queue, env=store.env)
        consumer = self.start("consumer", "--queue", store.queue, "--table", store.table, "--output", "json", env=store.env)
        edw.wait_for(lambda: store.count() == 3, "the three messages are rows")
        for _ in range(5):
            self.doctor("producer", store)
            self.doctor("consumer", store)
        consumer.send(15)
        summary = consumer.wait().json
        self.assertEqual((summary["received"], summary["acknowledged"]), (3, 3))
        self.assertEqual(store.count(), 3)
        self.assertEqual(queue.get_queue_properties().approximate_message_count, 0)

    def test_receive_counts_stay(self):
        store = self.ready()
        store.put("one")
        self.doctor("producer", store)
        self.doctor("consumer", store)
        peeked = store.peek(store.queue_name)
        self.assertEqual([(message.content, message.dequeue_count) for message in peeked], [("one", 0)])
        self.assertTrue(self.doctor("consumer", store, "--probe")["ok"])
        self.assertEqual(edw.wait_for(lambda: store.peek(store.queue_name), "it is back")[0].dequeue_count, 1)
        self.assertEqual(store.rows(), [])

    def test_names_an_absent_queue_and_table(self):
        found = self.doctor("consumer", stores.Azure(), code=1)
        self.assertEqual(self.check(found, "queue")["verdict"], "failed")
        self.assertEqual(self.check(found, "table", "table")["verdict"], "failed")
        self.assertEqual(self.check(found, "queue", "dead letters")["verdict"], "untested")

    def test_names_a_wrong_key(self):
        store = self.ready()
        key = base64.b64encode(b"another key").decode()
        wrong = store.connection.replace(store.parts["AccountKey"], key)
        found = self.doctor("producer", store, code=1, env={"AZURE_STORAGE_CONNECTION_STRING": wrong})
        self.assertEqual(self.check(found, "credential")["verdict"], "failed")
        self.assertIn("AccountKey", self.check(found, "credential")["detail"])
        self.assertNotIn(key, json.dumps(found))

    def test_names_a_dead_address(self):
        store = stores.Azure()
        dead = ";".join(f"{name}=http://127.0.0.1:9/edwtest" if name.endswith("Endpoint") else f"{name}={value}"
                        for name, value in store.parts.items())
        found = self.doctor("producer", store, code=1, env={"AZURE_STORAGE_CONNECTION_STRING": dead})
        self.assertEqual(self.check(found, "connection")["verdict"], "failed")

    def test_names_an_untrusted_certificate(self):
        found = self.doctor("producer", stores.Azure(connection=HTTPS), code=1)
        self.assertIn("--ca-file", self.check(found, "connection")["detail"])


class OnAzuriteByToken(DoctorCase):
    """The login of an az that hands out what Azurite takes for a token: it checks claims, not signatures."""

    def token(self, audience="https://storage.azure.com"):
        def part(value):
            return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
        now = int(time.time())
        claims = {"iss": "https://sts.windows.net/tenant/", "aud": audience, "iat": now - 60, "nbf": now - 60,
                  "exp": now + 3600, "oid": "0000-1111", "idtyp": "user"}
        return ".".join([part({"alg": "RS256", "typ": "JWT"}), part(claims), "bm90LXNpZ25lZA"])

    def signed_in(self, token):
        az = self.folder / "az"
        az.write_text("#!/bin/sh\nprintf '%s' '" + json.dumps({"accessToken": token, "expires_on": int(time.time()) + 3600}) + "'\n")
        az.chmod(0o755)
        store = stores.Azure(connection=HTTPS)
        store.create()
        endpoints = ";".join(f"{name}={store.parts[name]}" for name in ("QueueEndpoint", "TableEndpoint"))
        store.env = {"AZURE_STORAGE_CONNECTION_STRING": endpoints, "SSL_CERT_FILE": edw.setting("EDW_TEST_CA_FILE"),
                     "PATH": f"{self.folder}:{self.env['PATH']}", "AZURE_TOKEN_CREDENTIALS": "dev"}
        return store

    def test_finds_the_login_and_shows_its_life_but_not_the_token(self):
        token = self.token()
        store = self.signed_in(token)
        for program in ("producer", "consumer"):
            with self.subTest(program):
                found = self.doctor(program, store)
                self.assertEqual(set(self.verdicts(found).values()), {"ok"})
                self.assertIn("the login of the Azure CLI", self.check(found, "credential")["detail"])
                self.assertRegex(self.check(found, "token")["detail"], r"valid for another (59|60) minutes")
                self.assertIn("its certificate is trusted", self.check(found, "connection")["detail"])
                self.assertNotIn(token.split(".")[1], json.dumps(found))

    def test_names_a_token_for_another_audience(self):
        found = self.doctor("producer", self.signed_in(self.token("https://graph.microsoft.com")), code=1)
        self.assertEqual(self.check(found, "credential")["verdict"], "failed")
        self.assertEqual(self.check(found, "send")["verdict"], "untested")

    def test_says_what_to_do_where_nobody_is_logged_in(self):
        store = self.signed_in(self.token())
        (self.folder / "az").write_text("#!/bin/sh\necho 'ERROR: Please run az login' >&2\nexit 1\n")
        found = self.doctor("producer", store, code=1)
        credential = self.check(found, "credential")
        self.assertEqual(credential["verdict"], "failed")
        self.assertIn("az login", credential["detail"])


class OnMoto(DoctorCase):
    def ready(self, **options):
        store = stores.Aws(**options)
        store.url = store.create()
        return store

    def user(self, store, *statements):
        """The environment of a user who may do only this; moto checks signatures and policies."""
        iam = boto3.client("iam", endpoint_url=store.endpoint, region_name="us-east-1", config=botocore.config.Config(proxies={}),
                           aws_access_key_id=store.env["AWS_ACCESS_KEY_ID"], aws_secret_access_key=store.env["AWS_SECRET_ACCESS_KEY"])
        name = edw.unique("user-")
        iam.create_user(UserName=name)
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(statements), "Resource": "*"}]}
        iam.put_user_policy(UserName=name, PolicyName="some", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

    def state(self, store):
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]
        return store.sqs.get_queue_attributes(QueueUrl=store.url, AttributeNames=names)["Attributes"]

    def test_finds_what_it_may_and_touches_nothing(self):
        for fifo in (False, True):
            with self.subTest(fifo=fifo):
                store = self.ready(fifo=fifo)
                store.put("one")
                before = self.state(store)
                # This moto refuses a FIFO batch as a whole for what is wrong with its entry.
                sending = self.verdicts(self.doctor("producer", store))["send"]
                self.assertEqual(sending, "untested" if fifo else "ok")
                found = self.verdicts(self.doctor("consumer", store))
                self.assertEqual({step: found[step] for step in ("receive", "delete", "extend")},
                                 {"receive": "untested", "delete": "ok", "extend": "ok"})
                self.assertEqual(self.state(store), before)
                received = store.sqs.receive_message(QueueUrl=store.url, AttributeNames=["ApproximateReceiveCount"])["Messages"]
                self.assertEqual([(m["Body"], m["Attributes"]["ApproximateReceiveCount"]) for m in received], [("one", "1")])
                self.assertEqual(store.rows(), [])

    def test_goes_further_with_a_probe(self):
        store = self.ready()
        found = self.doctor("consumer", store, "--probe")
        self.assertEqual(self.verdicts(found)["receive"], "ok")
        self.assertEqual(store.rows(), [])
        self.doctor("producer", store, "--probe")
        self.assertEqual(self.state(store)["ApproximateNumberOfMessages"], "1")

    def test_names_a_wrong_secret(self):
        store = self.ready()
        found = self.doctor("producer", store, code=1, env={"AWS_SECRET_ACCESS_KEY": "not-the-secret"})
        self.assertEqual(self.check(found, "credential")["verdict"], "failed")
        self.assertIn("AWS_SECRET_ACCESS_KEY", self.check(found, "credential")["detail"])
        self.assertNotIn("not-the-secret", json.dumps(found))

    def test_names_the_actions_that_a_policy_lacks(self):
        store = self.ready()
        may_look = self.user(store, "sqs:GetQueueUrl", "sqs:GetQueueAttributes", "dynamodb:DescribeTable")
        found = self.doctor("consumer", store, code=1, env=may_look)
        for step, action in {"receive": "ReceiveMessage", "delete": "DeleteMessage", "extend": "ChangeMessageVisibility"}.items():
            check = self.check(found, step)
            self.assertEqual(check["verdict"], "missing", check)
            self.assertIn(f'"Action":["sqs:{action}"]', check["remedy"])
        self.assertEqual(self.check(found, "write", "table")["verdict"], "missing")
        self.assertIn("dynamodb:BatchWriteItem", self.check(found, "write", "table")["remedy"])
        found = self.doctor("producer", store, code=1, env=may_look)
        self.assertEqual(self.check(found, "send")["verdict"], "missing")
        self.assertEqual(self.check(found, "read", "table")["verdict"], "missing")

    def test_what_it_names_is_enough(self):
        """The policy of the documentation, and no more: everything is found, and the programs run with it."""
        store = self.ready()
        actions = ["sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage",
                   "sqs:ChangeMessageVisibility", "dynamodb:DescribeTable", "dynamodb:BatchWriteItem", "dynamodb:Scan"]
        # moto asks for the name of the call; IAM has no action for the batches of SQS.
        batches = ["sqs:SendMessageBatch", "sqs:DeleteMessageBatch", "sqs:ChangeMessageVisibilityBatch"]
        env = self.user(store, *actions, *batches)
        for program in ("producer", "consumer"):
            self.assertTrue(self.doctor(program, store, env=env)["ok"])

    def test_warns_where_a_redrive_policy_and_max_receives_disagree(self):
        store, dead = self.ready(), self.ready()
        arn = dead.sqs.get_queue_attributes(QueueUrl=dead.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})
        store.sqs.set_queue_attributes(QueueUrl=store.url, Attributes={"RedrivePolicy": policy})
        found = self.doctor("consumer", store)
        self.assertIn("before --max-receives 5", found["warnings"][0]["warning"])
        self.assertIn(arn, self.check(found, "redrive", "dead letters")["detail"])
        self.assertEqual(self.doctor("consumer", store, "--max-receives", "3")["warnings"], [])


if __name__ == "__main__":
    edw.main()
