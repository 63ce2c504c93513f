"""AWS as the original sample does it: one message after the other, by boto3."""

import boto3

import body


def send(count):
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="messages")["QueueUrl"]
    for seq in range(1, count + 1):
        sqs.send_message(QueueUrl=url, MessageBody=body.make(seq))


def consume(count):
    sqs = boto3.client("sqs")
    table = boto3.resource("dynamodb").Table("results")
    url = sqs.get_queue_url(QueueName="messages")["QueueUrl"]
    for _ in range(count):
        message = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1, VisibilityTimeout=60)["Messages"][0]
        table.put_item(Item=body.row(message["Body"], message["MessageId"]))
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
