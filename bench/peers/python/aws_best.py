"""AWS as fast as boto3 goes: threads, and batches of everything that has batches."""

from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

import body

THREADS = 8


def clients():
    config = Config(max_pool_connections=THREADS)
    sqs = boto3.client("sqs", config=config)
    return sqs, boto3.client("dynamodb", config=config), sqs.get_queue_url(QueueName="messages")["QueueUrl"]


def send(count):
    sqs, _, url = clients()

    def work(first):
        entries = [{"Id": str(seq), "MessageBody": body.make(seq)} for seq in range(first, min(first + 10, count + 1))]
        assert not sqs.send_message_batch(QueueUrl=url, Entries=entries).get("Failed")

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(1, count + 1, 10)))


def consume(count):
    sqs, dynamodb, url = clients()

    def write(rows):
        requests = [{"PutRequest": {"Item": {name: {"S": value} for name, value in row.items()}}} for row in rows]
        while requests:
            unprocessed = dynamodb.batch_write_item(RequestItems={"results": requests}).get("UnprocessedItems") or {}
            requests = unprocessed.get("results")

    def work(share):
        while share > 0:
            messages = []
            while len(messages) < min(20, share):  # two receives fill most of a write
                wanted = min(10, share - len(messages))
                found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=wanted, VisibilityTimeout=60).get("Messages")
                if not found:
                    break
                messages += found
            if not messages:
                return
            share -= len(messages)
            write([body.row(message["Body"], message["MessageId"]) for message in messages])
            for first in range(0, len(messages), 10):
                sqs.delete_message_batch(QueueUrl=url, Entries=[
                    {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                    for number, message in enumerate(messages[first:first + 10])])

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, [count // THREADS + (thread < count % THREADS) for thread in range(THREADS)]))
