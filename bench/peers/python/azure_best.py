"""Azure as fast as the vendor's clients go: threads, 32 messages a receive, rows by transaction."""

import itertools
import os
from concurrent.futures import ThreadPoolExecutor

from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueServiceClient

import body

THREADS = 16


def clients():
    text = os.environ["AZURE_STORAGE_CONNECTION_STRING"]
    return (QueueServiceClient.from_connection_string(text).get_queue_client("messages"),
            TableServiceClient.from_connection_string(text).get_table_client("results"))


def send(count):
    def work(thread):
        queue, _ = clients()
        for seq in range(thread + 1, count + 1, THREADS):
            queue.send_message(body.make(seq))

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))


def consume(count):
    def work(share):
        queue, table = clients()
        while share > 0:
            wanted = min(32, share)
            messages = list(queue.receive_messages(max_messages=wanted, messages_per_page=wanted, visibility_timeout=60))
            if not messages:
                return
            share -= len(messages)
            rows = sorted((body.row(message.content, message.id) for message in messages), key=lambda row: row["PartitionKey"])
            for _, group in itertools.groupby(rows, key=lambda row: row["PartitionKey"]):
                table.submit_transaction([("upsert", row, {"mode": "replace"}) for row in group])
            for message in messages:
                queue.delete_message(message)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, [count // THREADS + (thread < count % THREADS) for thread in range(THREADS)]))
