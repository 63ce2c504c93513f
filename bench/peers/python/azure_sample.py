"""Azure as the reference sample does it: one message after the other, by the vendor's clients."""

import os
import uuid

from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueServiceClient

import body


def clients():
    text = os.environ["AZURE_STORAGE_CONNECTION_STRING"]
    return (QueueServiceClient.from_connection_string(text).get_queue_client("messages"),
            TableServiceClient.from_connection_string(text).get_table_client("results"))


def send(count):
    queue, _ = clients()
    for seq in range(1, count + 1):
        queue.send_message(body.make(seq))


def consume(count):
    queue, table = clients()
    for _ in range(count):
        message = queue.receive_message(visibility_timeout=60)
        row = body.row(message.content, message.id)
        row["PartitionKey"] = str(uuid.uuid4())
        table.create_entity(row)
        queue.delete_message(message)
