"""Side by side with the samples: their environment variables, messages and table keys, either way round."""

import datetime
import json

import edw
import stores

STAMP = "%Y-%m-%d %H:%M:%S.%f"


def sample_body(number):
    """What the samples' producers write."""
    stamp = datetime.datetime.now(datetime.timezone.utc).strftime(STAMP)
    return json.dumps({"msg": f"Scale Test Message : COUNT {number}", "srcStamp": stamp})


class Variables(edw.Case):
    def three_commands(self, count=50):
        self.producer("--count", count, "--run", "a")
        self.consumer("--drain")
        self.assert_clean(self.audit("a"), count)

    def azure(self):
        store = stores.Azure()
        store.create()
        self.env.update(AZURE_STORAGE_ACCOUNT_NAME="edwtest", AZURE_QUEUE_NAME=store.queue_name,
                        AZURE_TABLE_NAME=store.table_name, **store.env)
        return store

    def test_of_the_azure_sample_alone(self):
        store = self.azure()
        self.three_commands()
        self.assertEqual(store.count(), 50)

    def test_of_the_aws_sample_alone(self):
        store = stores.Aws(fifo=True)
        url = store.create()
        self.env.update({**store.env, "SQS_QUEUE_URL": url, "DYNAMODB_TABLE": store.table_name})
        self.three_commands()
        self.assertEqual(store.count(), 50)

    def test_a_queue_url_of_the_real_host_keeps_to_the_endpoint_override(self):
        store = stores.Aws()
        account = store.create().split("/")[-2]
        del store.env["AWS_REGION"]
        self.env.update({**store.env, "AWS_REGION": "us-east-1", "DYNAMODB_TABLE": store.table_name,
                         "SQS_QUEUE_URL": f"https://sqs.us-east-1.amazonaws.com/{account}/{store.queue_name}"})
        self.three_commands()

    def test_an_endpoint_for_each_service(self):
        store = stores.Aws()
        store.create()
        endpoint = store.env.pop("AWS_ENDPOINT_URL")
        self.env.update({**store.env, "AWS_ENDPOINT_URL_SQS": endpoint, "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
                         "AWS_ENDPOINT_URL": "http://127.0.0.1:1", "EDW_QUEUE": store.queue, "EDW_TABLE": store.table})
        self.three_commands()

    def test_explicit_addresses_win_over_them(self):
        store = self.azure()
        table = stores.Sqlite(self.folder)
        self.producer("--count", 5, "--run", "a", "--queue", table.queue)
        self.consumer("--drain", "--queue", table.queue, "--table", table.table)
        self.assert_clean(self.audit("a", "--table", table.table), 5)
        self.assertEqual(store.count(), 0)


class TheirMessages(edw.Case):
    def consumed(self, store):
        """Three of the samples' messages, one of them twice under its own id's row: the rows that ours makes of them."""
        self.env.update(store.env)
        bodies = [sample_body(number) for number in range(1, 4)]
        for body in bodies:
            store.put(body)
        handled = self.consumer("--drain", "--queue", store.queue, "--table", store.table).json
        self.assertEqual(handled["persisted"], 3)
        rows = sorted(store.rows(), key=lambda row: row["data"])
        for row, body in zip(rows, map(json.loads, bodies), strict=True):
            self.assertEqual((row["data"], row["srcStamp"]), (body["msg"], body["srcStamp"]))
            datetime.datetime.strptime(row["srcStamp"], STAMP)
            self.assertGreaterEqual(float(row["messageProcessingTime"]), 0)
        self.assertEqual(len({row["PartitionKey"] + row["RowKey"] for row in rows}), 3)
        return rows

    def test_from_azure_become_the_samples_rows(self):
        store = stores.Azure()
        store.create()
        for row in self.consumed(store):
            datetime.datetime.strptime(row["dateStamp"], STAMP)

    def test_from_sqs_become_the_samples_rows(self):
        store = stores.Aws(fifo=True)
        store.create()
        for row in self.consumed(store):
            datetime.datetime.strptime(row["destStamp"], STAMP)


class OurMessages(edw.Case):
    def assert_readable(self, text, number):
        """What a consumer of the samples does with a message's text."""
        body = json.loads(text)
        self.assertEqual(list(body)[:2], ["msg", "srcStamp"])
        self.assertEqual(body["msg"], f"Scale Test Message : COUNT {number}")
        stamp = datetime.datetime.strptime(body["srcStamp"], STAMP).replace(tzinfo=datetime.timezone.utc)
        self.assertLess(abs(datetime.datetime.now(datetime.timezone.utc) - stamp), datetime.timedelta(minutes=5))

    def test_on_azure_are_read_by_a_consumer_of_theirs(self):
        store = stores.Azure()
        self.env.update(store.env)
        self.producer("--count", 1, "--queue", store.queue, "--create")
        client = store.queues.get_queue_client(store.queue_name)
        message = client.receive_message(visibility_timeout=60)
        self.assert_readable(message.content, 1)
        client.delete_message(message)

    def test_on_sqs_are_read_by_a_consumer_of_theirs(self):
        store = stores.Aws(fifo=True)
        url = store.create()
        self.env.update(store.env)
        self.producer("--count", 1, "--queue", store.queue)
        message = store.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"][0]
        self.assert_readable(message["Body"], 1)
        store.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


class TheirTable(edw.Case):
    def test_of_dynamodb_takes_a_redelivery_as_one_row(self):
        store = stores.Aws()
        url = store.create("id", "messageProcessingTime")
        self.env.update(store.env)
        self.producer("--count", 20, "--run", "a", "--queue", store.queue)
        # Each message once more, as a redelivery would bring it.
        for message in store.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)["Messages"]:
            store.put(message["Body"])
        handled = self.consumer("--drain", "--queue", store.queue, "--table", store.table).json
        self.assertGreaterEqual(handled["acknowledged"], 30)  # a busy emulator may bring one more than once
        rows = store.rows()
        self.assertEqual(len(rows), 20)
        for row in rows:
            seq = stores.number(row["seq"])
            self.assertEqual(row["id"], f"{seq // 32 % 256:02x}-a/{seq:012}")
            self.assertEqual(row["messageProcessingTime"], row["srcStamp"])
        self.assert_clean(self.audit("a", "--table", store.table), 20)

    def test_of_azure_takes_a_redelivery_as_one_row(self):
        store = stores.Azure()
        store.create()
        self.env.update(store.env)
        self.producer("--count", 20, "--run", "a", "--queue", store.queue)
        for message in store.queues.get_queue_client(store.queue_name).peek_messages(20):
            store.put(message.content)
        self.consumer("--drain", "--queue", store.queue, "--table", store.table)
        self.assertEqual(store.count(), 20)
        self.assert_clean(self.audit("a", "--table", store.table), 20)


if __name__ == "__main__":
    edw.main()
