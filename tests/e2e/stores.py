"""The backends as the tests' own eyes see them, through other people's clients: Python's sqlite3, the vendors' SDKs.

Each has `queue`, `table`: what --queue and --table take; `env`: what the programs need to know besides; and the
calls by which a test looks at, adds to, or tampers with what is there.
"""

import copy
import json
import sqlite3

import boto3
import botocore.config
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableServiceClient, UpdateMode
from azure.storage.queue import QueueServiceClient

import edw

AZURE_VERSION = "2025-11-05"  # the newest that this Azurite knows


class Sqlite:
    """Rows and messages of one database file. Its columns are the format's; tests/e2e is told when that changes."""

    def __init__(self, folder, name="edw.db"):
        self.path = folder / name
        self.queue, self.table = f"sqlite:{self.path}#messages", f"sqlite:{self.path}#results"
        self.env = {}

    def create(self):
        pass

    def _execute(self, mode, sql, *values):
        connection = sqlite3.connect(f"{self.path.as_uri()}?mode={mode}", uri=True, timeout=30)
        try:
            with connection:
                return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def _query(self, sql, *values):
        """Read only: a look must not checkpoint what running programs write."""
        return self._execute("ro", sql, *values)

    def _change(self, sql, *values):
        """Only while no program runs."""
        self._execute("rw", sql, *values)

    def count(self, name="results"):
        """How many rows; 0 where there is no table yet."""
        if not self.path.exists():
            return 0
        try:
            return self._query("SELECT count(*) FROM rows JOIN tables ON tbl = id WHERE name = ?", name)[0][0]
        except sqlite3.OperationalError:
            return 0

    def left(self):
        """How many messages, in all queues."""
        return self._query("SELECT count(*) FROM messages")[0][0]

    def bodies(self, name="messages"):
        return [row[0] for row in self._query("SELECT body FROM messages m JOIN queues q ON m.queue = q.id WHERE name = ?", name)]

    def put(self, text, name="messages"):
        """A message by a foreign hand."""
        identity = edw.unique()
        self._change("INSERT INTO messages (queue, inserted_at, id, body) SELECT id, 0, ?, ? FROM queues WHERE name = ?", identity, text, name)
        self._change("INSERT INTO leases (queue, visible_at, seq, receipt, receive_count) SELECT queue, 0, seq, -1, 0 FROM messages WHERE id = ?",
                     identity)

    def rows(self, name="results"):
        found = self._query("SELECT partition, row, data FROM rows JOIN tables ON tbl = id WHERE name = ?", name)
        return [{"PartitionKey": partition, "RowKey": row, **json.loads(data)} for partition, row, data in found]

    def delete(self, row):
        self._change("DELETE FROM rows WHERE partition = ? AND row = ?", row["PartitionKey"], row["RowKey"])

    def write(self, row):
        values = {name: value for name, value in row.items() if name not in ("PartitionKey", "RowKey")}
        self._change("INSERT OR REPLACE INTO rows (tbl, partition, row, data) SELECT id, ?, ?, ? FROM tables WHERE name = 'results'",
                     row["PartitionKey"], row["RowKey"], json.dumps(values))


class Azure:
    def __init__(self, folder=None, connection="EDW_TEST_AZURITE"):
        self.connection = edw.setting(connection)
        self.queue_name, self.table_name = edw.unique("q-"), edw.unique("t")
        self.queue, self.table = f"azure:{self.queue_name}", f"azure:{self.table_name}"
        self.env = {"AZURE_STORAGE_CONNECTION_STRING": self.connection}
        trust = {"connection_verify": edw.setting("EDW_TEST_CA_FILE")} if connection.endswith("HTTPS") else {}
        self.queues = QueueServiceClient.from_connection_string(self.connection, api_version=AZURE_VERSION, **trust)
        self.tables = TableServiceClient.from_connection_string(self.connection, **trust)

    @property
    def parts(self):
        """The connection string's keys and values."""
        return dict(part.split("=", 1) for part in self.connection.strip(";").split(";"))

    def create(self):
        self.queues.create_queue(self.queue_name)
        self.tables.create_table(self.table_name)

    def _table(self):
        return self.tables.get_table_client(self.table_name)

    def count(self):
        return len(self.rows())

    def put(self, text):
        self.queues.get_queue_client(self.queue_name).send_message(text)

    def peek(self, name):
        """The visible messages of a queue that may not exist."""
        try:
            return self.queues.get_queue_client(name).peek_messages(32)
        except ResourceNotFoundError:
            return []

    def rows(self):
        return [dict(entity) for entity in self._table().list_entities()]

    def delete(self, row):
        self._table().delete_entity(row["PartitionKey"], row["RowKey"])

    def write(self, row):
        self._table().upsert_entity(row, mode=UpdateMode.REPLACE)


class Aws:
    def __init__(self, folder=None, fifo=False):
        self.endpoint = edw.setting("EDW_TEST_MOTO")
        self.queue_name, self.table_name = edw.unique("q-") + (".fifo" if fifo else ""), edw.unique("t-")
        self.queue, self.table = f"aws:{self.queue_name}", f"aws:{self.table_name}"
        self.fifo = fifo
        key_id, secret = edw.setting("EDW_TEST_MOTO_KEY_ID"), edw.setting("EDW_TEST_MOTO_SECRET")
        self.env = {"AWS_ENDPOINT_URL": self.endpoint, "AWS_REGION": "us-east-1",
                    "AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret}
        clients = {
            "endpoint_url": self.endpoint, "region_name": "us-east-1", "aws_access_key_id": key_id,
            "aws_secret_access_key": secret, "config": botocore.config.Config(proxies={}),
        }
        self.sqs = boto3.client("sqs", **clients)
        self.dynamodb = boto3.client("dynamodb", **clients)
        self._rows = boto3.resource("dynamodb", **clients).Table(self.table_name)

    def create(self, hash_key="PartitionKey", range_key="RowKey"):
        """The queue, and the table with these keys. Returns the queue's URL."""
        keys = {hash_key: "HASH", range_key: "RANGE"}
        self.dynamodb.create_table(
            TableName=self.table_name, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()])
        attributes = {"FifoQueue": "true"} if self.fifo else {}
        return self.sqs.create_queue(QueueName=self.queue_name, Attributes=attributes)["QueueUrl"]

    def count(self):
        return len(self.rows())

    def put(self, text):
        url = self.sqs.get_queue_url(QueueName=self.queue_name)["QueueUrl"]
        fifo = {"MessageGroupId": "messageGroup1", "MessageDeduplicationId": edw.unique()} if self.fifo else {}
        self.sqs.send_message(QueueUrl=url, MessageBody=text, **fifo)

    def rows(self):
        found, page = [], self._rows.scan()
        while True:
            found += page["Items"]
            if "LastEvaluatedKey" not in page:
                return found
            page = self._rows.scan(ExclusiveStartKey=page["LastEvaluatedKey"])

    def delete(self, row):
        self._rows.delete_item(Key={name: row[name] for name in ("PartitionKey", "RowKey")})

    def write(self, row):
        self._rows.put_item(Item=row)


def changed(row, **values):
    """The row as it would be with these values; the row itself stays."""
    other = copy.deepcopy(dict(row))
    other.update(values)
    return other


def number(value):
    """A number as any of the clients gives it."""
    return int(value[0] if isinstance(value, tuple) else value)


def like(value, number):
    """Another number, of the type that this client gave."""
    return value._replace(value=number) if isinstance(value, tuple) else type(value)(number)
